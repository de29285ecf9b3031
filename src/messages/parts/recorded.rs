//! Whether a line is the record of a failure: by its level, by the exception that it belongs to, or by the line above it.
//!
//! The words for a full GPU are what anybody would choose, so that they count only there.

use crate::evidence::Key;
use crate::messages::{Field, Match, capture, standing, start, tail};

/// What such a sentence says of sizes: what was needed, what was there, and what must not be passed.
pub(in crate::messages) const FIGURES: &[Field] = &[
    Field(Key::Tried, r"required{size}"),
    Field(Key::Tried, r"required:{size}"),
    Field(Key::Tried, r"requires{size}"),
    Field(Key::Tried, r"need{size}"),
    Field(Key::Tried, r"needs{size}"),
    Field(Key::Tried, r"needed:{size}"),
    Field(Key::Tried, r"needed{size}"),
    Field(Key::Tried, r"least{size}"),
    Field(Key::Tried, r"requested{size}"),
    Field(Key::Tried, r"requested:{size}"),
    Field(Key::Tried, r"{size}needed"),
    Field(Key::Tried, r"{size}areneeded"),
    Field(Key::Tried, r"{size}isneeded"),
    Field(Key::Tried, r"{size}required"),
    Field(Key::Tried, r"{size}arerequired"),
    Field(Key::Tried, r"{size}requested"),
    Field(Key::Tried, r"allocationof{size}"),
    Field(Key::Tried, r"^{size}butonly"),
    Field(Key::Free, r"free:{size}"),
    Field(Key::Free, r"free{size}"),
    Field(Key::Free, r"available:{size}"),
    Field(Key::Free, r"available{size}"),
    Field(Key::Free, r"remaining:{size}"),
    Field(Key::Free, r"has{size}"),
    Field(Key::Free, r"have{size}"),
    Field(Key::Free, r"only{size}"),
    Field(Key::Free, r"{size}free"),
    Field(Key::Free, r"{size}available"),
    Field(Key::Free, r"{size}isfree"),
    Field(Key::Free, r"{size}isavailable"),
    Field(Key::Free, r"{size}left"),
    Field(Key::Free, r",{size}ofdevicememory"),
    Field(Key::Free, r",{size}ofgpumemory"),
    Field(Key::Limit, r"limitof{size}"),
    Field(Key::Limit, r"limit:{size}"),
    Field(Key::Limit, r"limit{size}"),
    Field(Key::Limit, r"budgetof{size}"),
    Field(Key::Limit, r"maximumof{size}"),
];

/// A level, a class or a mark in the line itself, before the words.
const OWN: &str = r#"(?:^|[^A-Za-z])(?:(?-i:ERROR|CRITICAL|FATAL|SEVERE)(?:[^A-Za-z]|$)|(?-i:Error|error|Fatal|fatal)(?:error)?(?:\(?\d{1,5}\)?)?(?:in[^:]{1,80}|launching[^:]{1,80})?:)|\[(?:error|fatal|critical|E)\]|level["']?[=:]["']?(?:error|fatal)|^[EF]\d{4}|failed[.:,]|(?:couldnot|cannot|can't|unableto|failedto)[^:]{3,80}:$|(?:^|:)panic:|what\(\):|["'](?:message|error|msg|detail)["']:["']|(?:[a-z]_?(?:error|exception)|[a-z](?-i:Error|Exception))\($|^\*{2,}"#;
/// A line that says only that something failed: what failed stands in the next one.
const ABOVE: &str = r"(?i)^(?:[^A-Za-z]{0,60})(?:fatal error|unhandled exception|exception|runtime error|thread '[^']{1,60}' panicked|terminate called|execution could not continue|error)\b.{0,160}$";

/// True where the words are told as a failure.
pub(in crate::messages) fn failure(hit: &Match<'_>) -> bool {
    /// With white space: a class is one word.
    const CLASS: &str = r"^[\s>|]*(?:Caused by: )?[A-Za-z_.]{1,100}(?:error|exception): |(?-i:(?:^|\s)[a-z_.]{0,60}[A-Z][A-Za-z]{2,40}(?:Error|Exception): )";
    let before = tail(hit.line_before(), 300);
    let raised = capture(CLASS, start(hit.line_text, 400)).is_some() || standing::raised(hit);
    capture(OWN, before).is_some() || raised || below_one(hit)
}

/// True where the words begin their line, and the line above it says that something failed.
pub(in crate::messages) fn below_one(hit: &Match<'_>) -> bool {
    let opens = !hit.line_before().contains(|c: char| c.is_alphabetic());
    let above = hit.lines_above().map(str::trim).find(|l| !l.is_empty());
    opens && above.is_some_and(|line| capture(ABOVE, line).is_some())
}
