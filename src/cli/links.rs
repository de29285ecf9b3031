//! Where the CI system shows the job and the code, by the variables that its documents name.

use std::ffi::OsString;

use crate::report::Links;

/// The page of a job, where a variable has it whole: docs.gitlab.com ("Predefined variables"), jenkins.io, circleci.com/docs,
/// docs.travis-ci.com, docs.drone.io, woodpecker-ci.org. Each is heeded only in a job of its system.
const PAGES: [(&str, &str); 6] = [
    ("GITLAB_CI", "CI_JOB_URL"),
    ("JENKINS_URL", "BUILD_URL"),
    ("CIRCLECI", "CIRCLE_BUILD_URL"),
    ("TRAVIS", "TRAVIS_JOB_WEB_URL"),
    ("DRONE", "DRONE_BUILD_LINK"),
    ("CI_SYSTEM_NAME", "CI_PIPELINE_URL"),
];

/// What the variables tell.
pub(super) fn of(variable: &dyn Fn(&str) -> Option<OsString>) -> Links {
    let told = |name: &str| {
        let value = variable(name)?.into_string().ok()?;
        let plain = value.bytes().all(|byte| byte.is_ascii_graphic());
        (plain && !value.is_empty()).then_some(value)
    };
    let links = |job: Option<String>, code: Option<String>| Links {
        job: job.filter(|page| is_address(page)),
        code: code.filter(|page| is_address(page)),
        line: "#L",
    };
    if told("GITHUB_ACTIONS").is_some() {
        // docs.github.com, "Variables reference".
        let repository = || {
            let server = told("GITHUB_SERVER_URL")?;
            Some(format!("{server}/{}", told("GITHUB_REPOSITORY")?))
        };
        let job = || {
            Some(format!(
                "{}/actions/runs/{}",
                repository()?,
                told("GITHUB_RUN_ID")?
            ))
        };
        let code = || Some(format!("{}/blob/{}/", repository()?, told("GITHUB_SHA")?));
        return links(job(), code());
    }
    if told("BUILDKITE").is_some() {
        // buildkite.com/docs, "Environment variables".
        let job = || {
            Some(format!(
                "{}#{}",
                told("BUILDKITE_BUILD_URL")?,
                told("BUILDKITE_JOB_ID")?
            ))
        };
        return links(job(), None);
    }
    if told("TF_BUILD").is_some() {
        // learn.microsoft.com, "Predefined variables".
        let job = || {
            let (server, project) = (told("SYSTEM_COLLECTIONURI")?, told("SYSTEM_TEAMPROJECT")?);
            Some(format!(
                "{server}{project}/_build/results?buildId={}",
                told("BUILD_BUILDID")?
            ))
        };
        return links(job(), None);
    }
    let here = PAGES.iter().find(|(system, _)| told(system).is_some());
    let code = || {
        Some(format!(
            "{}/-/blob/{}/",
            told("CI_PROJECT_URL")?,
            told("CI_COMMIT_SHA")?
        ))
    };
    let code = told("GITLAB_CI").and_then(|_| code());
    links(here.and_then(|(_, page)| told(page)), code)
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)]) -> (Option<String>, Option<String>) {
        let links = of(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        });
        (links.job, links.code)
    }

    #[test]
    fn each_system_tells_the_page_of_its_job_in_its_own_variables() {
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "ours/fit"),
            ("GITHUB_RUN_ID", "31"),
            ("GITHUB_SHA", "5d0c"),
        ];
        let page = "https://github.com/ours/fit/actions/runs/31".to_owned();
        let code = "https://github.com/ours/fit/blob/5d0c/".to_owned();
        assert_eq!(told(&github), (Some(page), Some(code)));
        for (variables, page) in [
            (
                &[
                    ("GITLAB_CI", "true"),
                    ("CI_JOB_URL", "https://g.org/ours/-/jobs/7"),
                ][..],
                Some("https://g.org/ours/-/jobs/7"),
            ),
            (
                &[
                    ("BUILDKITE", "true"),
                    ("BUILDKITE_BUILD_URL", "https://b.org/3"),
                    ("BUILDKITE_JOB_ID", "0a1b"),
                ][..],
                Some("https://b.org/3#0a1b"),
            ),
            (
                &[
                    ("JENKINS_URL", "https://j.org/"),
                    ("BUILD_URL", "https://j.org/job/fit/4/"),
                ][..],
                Some("https://j.org/job/fit/4/"),
            ),
            // Outside of a job the name may be anything's.
            (&[("BUILD_URL", "https://j.org/job/fit/4/")][..], None),
            (
                &[("GITLAB_CI", "true"), ("CI_JOB_URL", "javascript:x")][..],
                None,
            ),
        ] {
            assert_eq!(told(variables).0.as_deref(), page);
        }
    }
}
