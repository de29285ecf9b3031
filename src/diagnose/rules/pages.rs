//! The pages of rules of the user's own, in Markdown.

use super::{Advice, AdviceRule, MessageRule};
use crate::findings::Cause;

/// What whose rule it is.
const OWN: &str = "This is a rule of your own, from `whyoom.toml` or `config.toml`.";

/// The page of a message, with its finding for a heading where it has one.
pub(super) fn message(rule: &MessageRule, cause: Option<Cause>) -> String {
    let title = title(rule);
    let texts: Vec<String> = rule.literals.iter().map(|text| code(text)).collect();
    let fits = rule.pattern.as_ref().map(|pattern| {
        let lines: Vec<String> = pattern.lines().map(|line| format!("    {line}")).collect();
        format!("\nand fits this pattern:\n\n{}\n", lines.join("\n"))
    });
    let means = match cause {
        Some(cause) => format!("Its cause is `{}`, likely: the rule says so.", cause.name()),
        None => "The rule names no cause: the figures of the message decide.".to_owned(),
    };
    format!(
        "# {title}\n\n{OWN}\n\n## What it reads\n\nA line that holds {}{}\n## What it means\n\n{means}\n{}",
        texts.join(" or "),
        fits.unwrap_or_else(|| ".\n".to_owned()),
        to_do(&rule.fix)
    )
}

/// What a message stands for, where the rule says it; else what it looks like.
pub(super) fn title(rule: &MessageRule) -> String {
    match (&rule.finding, rule.literals.as_slice()) {
        (Some(sentence), _) => sentence.trim().trim_end_matches('.').to_owned(),
        (None, [one]) => format!("A line with \"{one}\""),
        (None, all) => format!(
            "A line with \"{}\" or the like",
            all.first().map_or("", |text| text)
        ),
    }
}

/// The page of advice.
pub(super) fn advice(rule: &AdviceRule) -> String {
    let when = &rule.when;
    let kinds = [
        ("message", &when.message),
        ("cause", &when.cause),
        ("finding", &when.finding),
        ("program", &when.program),
    ];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter_map(|(kind, name)| Some(format!("{kind} `{}`", name.as_ref()?)))
        .collect();
    format!(
        "# {}\n\n{OWN}\n\n## What it is for\n\nFailures with {}.\n{}",
        rule.advice.title.trim(),
        kinds.join(" and "),
        to_do(std::slice::from_ref(&rule.advice))
    )
}

fn to_do(fixes: &[Advice]) -> String {
    if fixes.is_empty() {
        return String::new();
    }
    let each = fixes.iter().map(|advice| {
        let paste = advice.paste.iter().flat_map(|paste| paste.lines());
        let url = advice.url.iter().map(|url| format!("Read {url}\n"));
        let cost = advice
            .cost
            .iter()
            .map(|cost| format!("It costs: {cost}.\n"));
        let words: Vec<String> = std::iter::once(format!("{}:\n", advice.title.trim()))
            .chain(paste.map(|line| format!("    {line}")))
            .chain(std::iter::once(String::new()))
            .chain(url)
            .chain(cost)
            .collect();
        words.join("\n")
    });
    format!("\n## What to do\n\n{}", each.collect::<Vec<_>>().join("\n"))
}

/// A text as code, whatever signs it holds.
fn code(text: &str) -> String {
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}
