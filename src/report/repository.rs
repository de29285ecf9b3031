//! Where in the repository a failure is shown: the user's line where the stack tells it, else the log.

use std::path::Path;

use super::checkout;
use crate::evidence::{Frame, Incident};
use crate::place::Place;

/// A file and a line as CI systems want them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Relative to the repository, with forward slashes; never empty.
    pub(super) path: String,
    /// The line, from 1.
    pub(super) line: u64,
}

/// The user's own line in the repository; where the stack does not name it, or it is not there, the place in the log.
pub(super) fn spot(incident: &Incident, root: Option<&Path>) -> Spot {
    in_code(incident, root).unwrap_or_else(|| in_log(&incident.place, root))
}

/// The user's own line in the repository.
pub(super) fn in_code(incident: &Incident, root: Option<&Path>) -> Option<Spot> {
    let frame = incident.frame.as_ref()?;
    Some(Spot {
        path: code(frame, root)?,
        line: u64::from(frame.line.max(1)),
    })
}

/// A line of a log.
pub(super) fn in_log(place: &Place, root: Option<&Path>) -> Spot {
    Spot {
        path: log(&place.source, root),
        line: place.line.max(1),
    }
}

/// A frame's file in the repository. Where the repository is at hand, only a file that is there counts: the longest end of
/// the printed path that names one.
fn code(frame: &Frame, root: Option<&Path>) -> Option<String> {
    let file = frame.file.as_str();
    let parts = checkout::parts(file);
    if parts.is_empty() || parts.iter().any(|p| *p == ".." || p.starts_with('<')) {
        return None;
    }
    let Some(root) = root else {
        let relative = (!checkout::is_absolute(file)).then(|| parts.join("/"));
        return relative.or_else(|| checkout::inside(file));
    };
    let ends = (0..parts.len()).filter_map(|skip| parts.get(skip..));
    let mut paths = checkout::inside(file)
        .into_iter()
        .chain(ends.map(|end| end.join("/")));
    paths.find(|path| root.join(path).is_file())
}

/// The path of a file below the root; `None` where it is not there.
pub(super) fn below(file: &str, root: &Path) -> Option<String> {
    let file = Path::new(file).canonicalize().ok()?;
    let path = file.strip_prefix(root.canonicalize().ok()?).ok()?;
    Some(path.to_string_lossy().into_owned())
}

/// The log's path: below the repository's root if it is there, and never absolute.
fn log(source: &str, root: Option<&Path>) -> String {
    let below = root.and_then(|root| below(source, root));
    let path = below.unwrap_or_else(|| source.to_owned());
    let mut parts = checkout::parts(&path);
    parts.retain(|part| *part != "..");
    let path = parts.join("/");
    match path.as_str() {
        "" => "log".to_owned(),
        "<stdin>" => "stdin".to_owned(),
        _ => path,
    }
}

/// A path as a relative URI: everything but unreserved characters and slashes is encoded (RFC 3986, section 2).
pub(super) fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Memory, MessageId, Program};

    fn incident(source: &str, file: Option<&str>) -> Incident {
        let place = Place {
            source: source.to_owned(),
            line: 12,
        };
        let mut incident = Incident::new(
            place,
            Memory::Device,
            Program::Pytorch,
            MessageId::PytorchCuda,
        );
        incident.frame = file.map(|file| Frame {
            file: file.to_owned(),
            line: 7,
            function: "main".to_owned(),
            code: String::new(),
            at: 3,
        });
        incident
    }

    fn path(file: &str, root: Option<&Path>) -> String {
        spot(&incident("logs/train.log", Some(file)), root).path
    }

    #[test]
    fn without_the_repository_relative_paths_and_known_checkouts_are_taken_and_others_are_not() {
        assert_eq!(path(r".\src\train.py", None), "src/train.py");
        assert_eq!(path("/builds/nlp/bert/src/train.py", None), "src/train.py");
        for other in ["/home/ada/train.py", "../train.py", "<string>", ""] {
            assert_eq!(path(other, None), "logs/train.log", "{other}");
        }
    }

    #[test]
    fn with_the_repository_the_longest_end_that_is_a_file_counts() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("src")).unwrap();
        for file in ["src/train.py", "train.py"] {
            std::fs::write(root.path().join(file), "").unwrap();
        }
        let path = |file| path(file, Some(root.path()));
        assert_eq!(path("/workspace/src/train.py"), "src/train.py");
        assert_eq!(path("/other/train.py"), "train.py");
        assert_eq!(path("/other/eval.py"), "logs/train.log");
        assert_eq!(path("/a/../src/train.py"), "logs/train.log");
    }

    #[test]
    fn a_log_is_named_relative_to_the_repository() {
        let root = tempfile::tempdir().unwrap();
        let log = root.path().join("a b.log");
        std::fs::write(&log, "").unwrap();
        let incident = |source| incident(source, None);
        let found = spot(&incident(log.to_str().unwrap()), Some(root.path()));
        assert_eq!(
            found,
            Spot {
                path: "a b.log".to_owned(),
                line: 12
            }
        );
        assert_eq!(
            spot(&incident("/var/log/../x.log"), None).path,
            "var/log/x.log"
        );
        assert_eq!(spot(&incident("<stdin>"), None).path, "stdin");
    }

    #[test]
    fn a_uri_holds_nothing_that_needs_encoding() {
        assert_eq!(uri("logs/a b%:#.log"), "logs/a%20b%25%3A%23.log");
        assert_eq!(uri("训.py"), "%E8%AE%AD.py");
    }
}
