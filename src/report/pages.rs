//! Where the pages of `whyoom explain --html` are served, so that a report can lead to them.

use std::str::FromStr;

use crate::evidence::OWN;

/// The address of the folder that holds the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages(String);

impl FromStr for Pages {
    type Err = &'static str;

    fn from_str(address: &str) -> Result<Self, Self::Err> {
        let known = ["https://", "http://", "file:///"];
        if !known.iter().any(|scheme| address.starts_with(scheme)) {
            return Err("an address that begins with https://, http:// or file:/// is meant");
        }
        // It stands in links of a terminal, which end at a control character, and in attributes.
        let plain = |c: char| c.is_ascii_graphic() && !"\"'<>\\^`{|}?#".contains(c);
        if !address.chars().all(plain) {
            return Err(
                "spaces, signs other than ASCII and those that end a link must be encoded as %20",
            );
        }
        Ok(Self(address.trim_end_matches('/').to_owned()))
    }
}

impl Pages {
    /// The page of an id; `None` for a rule of the user's own, which has none there.
    pub fn of(&self, id: &str) -> Option<String> {
        (!id.starts_with(OWN)).then(|| format!("{}/{id}.html", self.0))
    }

    /// Words that a terminal shows as a link to the page of an id (OSC 8, as VTE and iTerm2 describe it).
    pub(super) fn link(&self, id: &str, words: &str) -> String {
        self.of(id).map_or_else(
            || words.to_owned(),
            |page| format!("\u{1b}]8;;{page}\u{1b}\\{words}\u{1b}]8;;\u{1b}\\"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_link_is_taken() {
        let page = |address: &str| {
            address
                .parse::<Pages>()
                .map(|pages| pages.of("oom").unwrap())
        };
        assert_eq!(
            page("https://a.example/b/").as_deref(),
            Ok("https://a.example/b/oom.html")
        );
        for bad in [
            "javascript:alert(1)",
            "ftp://a",
            "https://a\u{1b}\\b",
            "https://a b",
            "https://a\"b",
        ] {
            assert!(page(bad).is_err(), "{bad:?}");
        }
    }
}
