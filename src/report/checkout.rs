//! Where a CI system checks a repository out: what stands before a path of the repository in a stack that it printed.

/// Folders that hold a checkout, as the systems lay them out; `*` is any one folder. Of two that fit, the longer counts.
///
/// GitHub: docs.github.com, "Variables reference", `GITHUB_WORKSPACE`; `__w` inside containers. GitLab: docs.gitlab.com,
/// "Predefined variables", `CI_PROJECT_DIR`. Jenkins: `JENKINS_HOME/workspace`. Buildkite: buildkite.com/docs, agent
/// option `build-path`. `CircleCI`: circleci.com/docs, `working_directory`. Azure: learn.microsoft.com, `Build.SourcesDirectory`.
const CHECKOUTS: &[&[&str]] = &[
    &["home", "runner", "work", "*", "*"],
    &["Users", "runner", "work", "*", "*"],
    &["runner", "_work", "*", "*"],
    &["actions-runner", "_work", "*", "*"],
    &["github", "workspace"],
    &["__w", "*", "*"],
    &["a", "*", "*"],
    &["builds", "*", "*"],
    &["var", "lib", "jenkins", "workspace", "*"],
    &["var", "jenkins_home", "workspace", "*"],
    &["home", "jenkins", "agent", "workspace", "*"],
    &["var", "lib", "buildkite-agent", "builds", "*", "*", "*"],
    &["buildkite", "builds", "*", "*", "*"],
    &["home", "circleci", "project"],
    &["root", "project"],
    &["home", "vsts", "work", "*", "s"],
    &["azp", "_work", "*", "s"],
    &["__w", "*", "s"],
];

/// The parts of a path with either slash; a drive, `.`, what people cut out (`...`) and empty parts are left out.
pub(super) fn parts(path: &str) -> Vec<&str> {
    path.split(['/', '\\'])
        .filter(|part| !matches!(*part, "" | "." | "..." | "…") && !is_drive(part))
        .collect()
}

fn is_drive(part: &str) -> bool {
    part.len() == 2 && part.ends_with(':') && part.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// True for `/a`, `C:\a` and `\\host\a`.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.split(['/', '\\']).next().is_some_and(is_drive)
}

/// The path inside the repository, with forward slashes; `None` where the path is in no checkout that we know.
pub(super) fn inside(path: &str) -> Option<String> {
    if !is_absolute(path) {
        return None;
    }
    let parts = parts(path);
    let fits = |folders: &&&[&str]| {
        let pairs = folders.iter().zip(&parts);
        parts.len() > folders.len() && pairs.into_iter().all(|(f, p)| *f == "*" || f == p)
    };
    let depth = CHECKOUTS
        .iter()
        .filter(fits)
        .map(|f| f.len())
        .max()
        .filter(|_| !parts.contains(&".."))?;
    Some(parts.get(depth..)?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_of_every_system_is_taken_off() {
        for path in [
            "/home/runner/work/bert/bert/src/train.py",
            "/__w/bert/bert/src/train.py",
            r"D:\a\bert\bert\src\train.py",
            "/builds/nlp/bert/src/train.py",
            "/var/lib/jenkins/workspace/nightly@2/src/train.py",
            "/var/lib/buildkite-agent/builds/agent-7/org/bert/src/train.py",
            "/home/circleci/project/src/train.py",
            "/home/vsts/work/1/s/src/train.py",
        ] {
            assert_eq!(inside(path).as_deref(), Some("src/train.py"), "{path}");
        }
    }

    #[test]
    fn other_folders_are_no_checkouts() {
        for path in [
            "train.py",
            "/home/ada/bert/train.py",
            "/builds/nlp",
            "/builds/nlp/bert/../../../etc/passwd",
            "a/bert/bert/train.py",
        ] {
            assert_eq!(inside(path), None, "{path}");
        }
    }
}
