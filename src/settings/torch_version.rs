//! The version of `PyTorch` as installers, environment reports and banners print it.

use crate::evidence::SettingKind;

/// Words after which a version is one that some text talks about, not the one that runs.
const TALK: [&str; 6] = [
    "built for",
    "built with",
    "compiled with",
    "requires",
    "deprecated",
    "removed in",
];

/// Hands over the version where a line shows it.
pub(super) fn read(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    if let Some(version) = installed(text).or_else(|| printed(text)) {
        keep(SettingKind::TorchVersion, "torch", version);
    }
}

/// `pip`: "Requirement already satisfied: torch>=2.0 in … (2.1.0+cu118)".
fn installed(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("Requirement already satisfied: torch")?;
    if !rest.starts_with([' ', '=', '>', '<', '!', '~', '[']) {
        return None;
    }
    let last = rest.rsplit_once('(').and_then(|(_, last)| version(last));
    last.or_else(|| rest.strip_prefix("==").and_then(version))
}

/// "torch==2.3.1" on its own, "torch-2.4.0", "PyTorch version: 2.1.0+cu118", "torch 2.4.0".
fn printed(text: &str) -> Option<&str> {
    const LINKS: [&str; 9] = [
        " version: ",
        "_version: ",
        ".__version__: ",
        " version ",
        ": ",
        "==",
        "-",
        "=",
        " ",
    ];
    let lower = text.to_ascii_lowercase();
    for (at, _) in lower.match_indices("torch") {
        let (before, after) = (lower.get(..at)?, text.get(at + "torch".len()..)?);
        let before = before.strip_suffix("py").unwrap_or(before);
        let own_word =
            !before.ends_with(|c: char| c.is_ascii_alphanumeric() || "-_./\\".contains(c));
        let link = LINKS.iter().find(|l| {
            after
                .get(..l.len())
                .is_some_and(|a| a.eq_ignore_ascii_case(l))
        });
        let (true, Some(link)) = (own_word, link) else {
            continue;
        };
        let found = after.get(link.len()..).and_then(version);
        if let Some(found) = found.filter(|v| stated(before, link, v, &lower)) {
            return Some(found);
        }
    }
    None
}

/// True where the version is stated as that of the running program.
fn stated(before: &str, link: &str, version: &str, line: &str) -> bool {
    let before = before.trim_end();
    let previous = before
        .rsplit(|c: char| c.is_whitespace())
        .next()
        .unwrap_or("");
    let full = version.matches('.').count() >= 2;
    if previous == "have" {
        return full;
    }
    if TALK.iter().any(|talk| line.contains(talk)) {
        return false;
    }
    match link {
        // A requirement in a list of other things does not say what was installed.
        "==" => before.is_empty(),
        " " => full && (!previous.ends_with(|c: char| c.is_alphanumeric()) || previous == "using"),
        _ => true,
    }
}

/// A version at the start of the text: "2.1.0+cu118", "2.4".
fn version(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '+'));
    let version = text.get(..end.unwrap_or(text.len()))?.trim_end_matches('.');
    let mut parts = version.split('.');
    let number = |part: Option<&str>| {
        part.is_some_and(|p| (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
    };
    // All versions that exist begin with 0, 1 or 2; a larger number is a size or a time.
    let real = version.starts_with(['0', '1', '2']) && number(parts.next()) && number(parts.next());
    real.then_some(version)
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_shows;
    use super::*;

    #[test]
    fn a_version_is_read_where_it_is_stated() {
        for (text, value) in [
            ("PyTorch version: 2.1.0+cu118", Some("2.1.0+cu118")),
            ("torch 2.4.0", Some("2.4.0")),
            ("torch==2.3.1", Some("2.3.1")),
            (
                "Ultralytics 8.2.0 Python-3.10.9 torch-1.13.1+cu116 CUDA:0",
                Some("1.13.1+cu116"),
            ),
            (
                "Successfully installed sympy-1.12 torch-2.4.0 triton-3.0.0",
                Some("2.4.0"),
            ),
            (
                "Requirement already satisfied: torch>=2.0 in /usr/lib (from x>=1.0) (2.1.0)",
                Some("2.1.0"),
            ),
            (
                "Requirement already satisfied: torch==2.3.1 in /usr/lib",
                Some("2.3.1"),
            ),
            (
                "foo 1.0 requires torch==2.0.1, but you have torch 2.1.0 which is incompatible.",
                Some("2.1.0"),
            ),
            ("Torch: 2.3.0+cu121. CUDA: 8.0.", Some("2.3.0+cu121")),
        ] {
            assert_shows(text, SettingKind::TorchVersion, value);
        }
    }

    #[test]
    fn a_version_that_is_only_talked_about_is_not_read() {
        for text in [
            "Collecting torch==2.3.1",
            "foo 1.0 requires torch==2.0.1",
            "deprecated since PyTorch 2.1.0",
            "available from PyTorch 2.5.1 on",
            "xFormers was built for: PyTorch 2.1.0+cu121 with CUDA 1201",
            "Requirement already satisfied: torchvision==0.16.0 in /usr/lib",
            "pytorch-lightning 2.1.0",
            "site-packages/torch-2.x",
            "torch 2.",
        ] {
            assert_shows(text, SettingKind::TorchVersion, None);
        }
    }
}
