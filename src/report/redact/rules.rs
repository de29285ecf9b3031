//! What a name looks like in any text.

use std::net::IpAddr;

use regex::Regex;

/// The patterns. The first group, where there is one, is the name.
pub(super) struct Rules {
    pub(super) home: Regex,
    pub(super) url: Regex,
    pub(super) key: Regex,
    pub(super) mail: Regex,
    pub(super) login: Regex,
    pub(super) token: Regex,
    pub(super) address: Regex,
    pub(super) folder: Regex,
    pub(super) relative: Regex,
    pub(super) host: Regex,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            home: rule(r"(?i)[/\\](?:home|users)[/\\]+([^/\\\s:;,]+)"),
            url: rule(r"\b[a-z][a-z0-9+]{1,9}://(?:[^/\s@]*@)?([\w.-]+)"),
            key: rule(
                r#"(?i)(?:--[\w-]*(?:key|token|secret|password)[= ]|(?:key|token|secret|passw(?:or)?d)["']?\s*[=:]\s*["'])([^\s"']*\d[^\s"']{5,})"#,
            ),
            // `q@k.to(device)` is a product of matrices: the ends are those of mail, and not any word.
            mail: rule(
                r"[\w.+-]{2,}@[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|io|ai|dev|de|uk|fr|cn|jp|ch|nl|ca|eu)\b",
            ),
            login: rule(r"\b([A-Za-z][\w.-]+@[A-Za-z][\w.-]*):"),
            token: rule(
                r"\b(?:hf_\w{20,}|gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|sk-[\w-]{16,}|xox[abp]-[\w-]{10,}|AKIA[0-9A-Z]{16}|eyJ[\w-]+\.[\w-]+\.[\w-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-fA-F]{32,}|[A-Za-z0-9_-]{40,})",
            ),
            address: rule(
                r"\b(?:\d{1,3}(?:\.\d{1,3}){3}|(?:fe80|f[cd][0-9a-f]{2}|2[0-9a-f]{3}):[0-9a-f:]*[0-9a-f])\b",
            ),
            folder: rule(
                r#"(?:^|[^\w/.~\\-])((?:[A-Za-z]:[\\/]+|~?/|\.{1,2}/)(?:[^\s"'`:;,()\[\]{}<>|*?\\/]+[\\/]+)+|/(?:home|Users)/)"#,
            ),
            relative: rule(r"(?:^|[^\w/.\\-])((?:[\w.-]+/)+)[\w.-]+\.[a-z]{1,5}\b"),
            host: rule(
                r"\b(?:(?:[a-z0-9]+-)*(?:node|login|compute)-?\d{1,5}|ip(?:-\d{1,3}){4}|(?:[a-z0-9-]+\.)*[a-z]*[a-z0-9]*[0-9-][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:internal|local|lan|corp|com|org|edu|gov))\b",
            ),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "the patterns are constants, and every test of this module makes them all"
)]
fn rule(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of this file")
}

/// True for a key of a known maker, and for a long word that no person would choose.
pub(super) fn looks_random(token: &str) -> bool {
    let has = |test: fn(&u8) -> bool| token.as_bytes().iter().any(test);
    let word = token.len() >= 40 && !token.bytes().all(|b| b.is_ascii_hexdigit());
    let known = ["hf_", "gh", "glpat-", "sk-", "eyJ", "xox", "AKIA"];
    !word
        || known.iter().any(|head| token.starts_with(head))
        || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}

/// True for an address of one machine, and not for all of them or itself.
pub(super) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>()
        .is_ok_and(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

/// The text with this word replaced where no letter or digit touches it.
pub(super) fn replace_word(text: &str, word: &str, with: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some((head, tail)) = rest.split_once(word) {
        shown.push_str(head);
        let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let last = head.chars().next_back().or(before);
        let stands_alone = !touches(last) && !touches(tail.chars().next());
        shown.push_str(if stands_alone { with } else { word });
        before = word.chars().next_back();
        rest = tail;
    }
    shown.push_str(rest);
    shown
}
