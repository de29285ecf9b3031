//! Rules as a user writes them, made into what is looked for and said. Each text of theirs stands in reports, so it has a
//! length, and no character in it acts on a terminal.

use std::collections::BTreeSet;

use super::{Advice, AdviceRule, For, Kind, Listed, MessageRule, Rules, Said, When, Wrong, pages};
use crate::bytes;
use crate::evidence::{FindingId, Memory, MessageId, OWN, Program};
use crate::findings::{self, Cause};
use crate::fixes::{self, Ranked};
use crate::messages::{self, Own, Owns};
use crate::spelling::nearest;

/// The shortest text that is looked for: shorter ones stand in every other line.
const SHORTEST_LITERAL: usize = 6;
/// The longest texts, in bytes, and the most of each kind.
const LITERAL: usize = 200;
const LITERALS: usize = 16;
const PATTERN: usize = 4000;
const NAME: usize = 40;
const SENTENCE: usize = 300;
const PASTE: usize = 4000;
const FIXES: usize = 10;

/// All rules.
pub(super) fn rules(messages: &[MessageRule], advice: &[AdviceRule]) -> Result<Rules, Wrong> {
    let mut names = Names::default();
    let mut rules = Rules::default();
    let mut own = Vec::new();
    most("message", messages.len(), Owns::MOST)?;
    most("advice", advice.len(), Owns::MOST)?;
    for (number, rule) in (1..).zip(messages) {
        let at = At(format!("message[{number}]"));
        own.push(message(&at, rule, &mut names, &mut rules)?);
    }
    for (number, rule) in (1..).zip(advice) {
        let at = At(format!("advice[{number}]"));
        let name = rule
            .id
            .clone()
            .unwrap_or_else(|| format!("advice-{number}"));
        let name = names.own(&at, &name)?;
        let kind = kind(&at, &rule.when, &names)?;
        let ranked = offer(&at, &rule.advice, name)?;
        rules.listed.push(Listed {
            id: name,
            message: false,
            program: None,
            cause: None,
            fix: true,
            title: rule.advice.title.trim().to_owned(),
            page: pages::advice(rule),
        });
        rules.advice.push(For { kind, ranked });
    }
    rules.messages = (!own.is_empty()).then(|| Owns::new(own));
    Ok(rules)
}

/// A place among the rules: `message[2]`.
struct At(String);

impl At {
    fn wrong(&self, key: &str, reason: impl Into<String>) -> Wrong {
        Wrong {
            key: format!("{}.{key}", self.0),
            reason: reason.into(),
        }
    }

    /// A text of one line, or of several for what is to be typed.
    fn text(&self, key: &str, text: &str, longest: usize, lines: bool) -> Result<(), Wrong> {
        let acts = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\t'));
        if text.trim().is_empty() {
            Err(self.wrong(key, "it is empty"))
        } else if text.len() > longest {
            let reason = format!("it has {} bytes, {longest} are allowed", text.len());
            Err(self.wrong(key, reason))
        } else if text.contains(acts) {
            Err(self.wrong(key, "it holds a control character"))
        } else {
            Ok(())
        }
    }

    /// One of the words that are known.
    fn known<T: Copy>(&self, key: &str, word: &str, all: &[(&str, T)]) -> Result<T, Wrong> {
        if let Some((_, meant)) = all.iter().find(|(name, _)| *name == word) {
            return Ok(*meant);
        }
        let names = all.iter().map(|(name, _)| *name);
        let hint = match nearest(word, names.clone()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if all.len() < 10 => {
                format!("; these are: {}", names.collect::<Vec<_>>().join(", "))
            }
            None => String::new(),
        };
        Err(self.wrong(key, format!("`{word}` is none{hint}")))
    }

    fn cause(&self, key: &str, word: &str) -> Result<Cause, Wrong> {
        self.known(key, word, &Cause::ALL.map(|cause| (cause.name(), cause)))
    }

    fn program(&self, key: &str, word: &str) -> Result<Program, Wrong> {
        let all: Vec<_> = Program::ALL.iter().map(|p| (p.name(), *p)).collect();
        self.known(key, word, &all)
    }
}

/// No more of a kind than this.
fn most(key: &str, count: usize, most: usize) -> Result<(), Wrong> {
    if count <= most {
        return Ok(());
    }
    Err(Wrong {
        key: key.to_owned(),
        reason: format!("there are {count}, {most} are allowed"),
    })
}

/// The names that the rules take.
#[derive(Default)]
struct Names(BTreeSet<&'static str>);

impl Names {
    /// A name as reports show it, which no other rule has.
    fn own(&mut self, at: &At, name: &str) -> Result<&'static str, Wrong> {
        at.text("id", name, NAME, false)?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        if !name.chars().all(plain) {
            let reason = "only small letters, digits, hyphens, underscores and points are allowed";
            return Err(at.wrong("id", reason));
        }
        let whole = format!("{OWN}{name}");
        if self.0.contains(whole.as_str()) {
            return Err(at.wrong("id", format!("another rule is called `{name}`")));
        }
        let whole: &'static str = whole.leak();
        self.0.insert(whole);
        Ok(whole)
    }

    /// A name that is built in or of these rules.
    fn known(
        &self,
        at: &At,
        key: &str,
        name: &str,
        built_in: &[&'static str],
    ) -> Result<String, Wrong> {
        let own = self.0.iter().copied();
        let all: Vec<_> = built_in
            .iter()
            .copied()
            .chain(own)
            .map(|n| (n, n))
            .collect();
        at.known(key, name, &all).map(str::to_owned)
    }
}

fn message(
    at: &At,
    rule: &MessageRule,
    names: &mut Names,
    rules: &mut Rules,
) -> Result<Own, Wrong> {
    let name = names.own(at, &rule.id)?;
    literals(at, &rule.literals)?;
    let pattern = match &rule.pattern {
        None => None,
        Some(text) => {
            at.text("pattern", text, PATTERN, true)?;
            let compiled = messages::own_pattern(text);
            Some(compiled.map_err(|reason| at.wrong("pattern", reason))?)
        }
    };
    let unit = match &rule.unit {
        None => 1,
        Some(label) => bytes::unit(label)
            .ok_or_else(|| at.wrong("unit", format!("`{label}` is no unit of memory")))?,
    };
    let memory = rule.memory.as_deref().map_or(Ok(Memory::Device), |word| {
        let all = [
            ("gpu", Memory::Device),
            ("device", Memory::Device),
            ("host", Memory::Host),
        ];
        at.known("memory", word, &all)
    })?;
    let program = rule.program.as_deref();
    let program = program.map_or(Ok(Program::System), |word| at.program("program", word))?;
    let (cause, said) = said(at, rule, name)?;
    rules.listed.push(Listed {
        id: name,
        message: true,
        program: Some(program.name()),
        cause: cause.map(Cause::name),
        fix: false,
        title: pages::title(rule),
        page: pages::message(rule, cause),
    });
    let fixes = said.fixes.iter().zip(&rule.fix);
    rules.listed.extend(fixes.map(|(ranked, advice)| Listed {
        id: ranked.fix.id.name(),
        message: false,
        program: None,
        cause: None,
        fix: true,
        title: advice.title.trim().to_owned(),
        page: pages::message(rule, cause),
    }));
    rules.said.push(said);
    Ok(Own {
        id: MessageId::Own(name),
        memory,
        program,
        literals: rule.literals.clone(),
        pattern,
        unit,
    })
}

fn literals(at: &At, literals: &[String]) -> Result<(), Wrong> {
    if literals.is_empty() {
        return Err(at.wrong("literals", "it needs a text to look for"));
    }
    if literals.len() > LITERALS {
        let reason = format!("there are {}, {LITERALS} are allowed", literals.len());
        return Err(at.wrong("literals", reason));
    }
    for literal in literals {
        at.text("literals", literal, LITERAL, false)?;
        if literal.trim().len() < SHORTEST_LITERAL {
            let reason = format!(
                "`{literal}` is too short: with fewer than {SHORTEST_LITERAL} letters it stands in too many lines"
            );
            return Err(at.wrong("literals", reason));
        }
    }
    Ok(())
}

/// What the rule says of its message.
fn said(at: &At, rule: &MessageRule, name: &'static str) -> Result<(Option<Cause>, Said), Wrong> {
    let cause = rule.cause.as_deref().map(|word| at.cause("cause", word));
    let cause = cause.transpose()?;
    let finding = match (cause, &rule.finding) {
        (None, None) => None,
        (Some(cause), Some(sentence)) => {
            at.text("finding", sentence, SENTENCE, false)?;
            Some(findings::own_finding(
                name,
                cause,
                pages::message(rule, Some(cause)),
            ))
        }
        (Some(_), None) => {
            return Err(at.wrong(
                "finding",
                "it is missing: a cause needs a sentence that says why",
            ));
        }
        (None, Some(_)) => {
            return Err(at.wrong("cause", "it is missing: a finding belongs to a cause"));
        }
    };
    if rule.fix.len() > FIXES {
        let reason = format!("there are {}, {FIXES} are allowed", rule.fix.len());
        return Err(at.wrong("fix", reason));
    }
    let mut offers = Vec::new();
    for (number, advice) in (1..).zip(&rule.fix) {
        let at = At(format!("{}.fix[{number}]", at.0));
        let name = match rule.fix.len() {
            1 => name,
            _ => format!("{name}/{number}").leak(),
        };
        offers.push(offer(&at, advice, name)?);
    }
    let said = Said {
        of: MessageId::Own(name),
        finding,
        fixes: offers,
    };
    Ok((cause, said))
}

/// What to do, as a fix.
fn offer(at: &At, advice: &Advice, name: &'static str) -> Result<Ranked, Wrong> {
    at.text("title", &advice.title, SENTENCE, false)?;
    if let Some(paste) = &advice.paste {
        at.text("paste", paste, PASTE, true)?;
    }
    if let Some(cost) = &advice.cost {
        at.text("cost", cost, SENTENCE, false)?;
    }
    if let Some(url) = &advice.url {
        at.text("url", url, SENTENCE, false)?;
        let known = ["https://", "http://"].iter().any(|s| url.starts_with(s));
        if !known || url.contains(|c: char| !c.is_ascii_graphic()) {
            let reason =
                "an address that begins with https:// or http:// and has no spaces is meant";
            return Err(at.wrong("url", reason));
        }
    }
    let read = advice.url.as_deref();
    let how = match (advice.paste.as_deref().map(str::trim_end), read) {
        (Some(paste), Some(url)) => format!("{paste}\n# Read {url}"),
        (Some(paste), None) => paste.to_owned(),
        (None, Some(url)) => format!("Read {url}"),
        (None, None) => {
            return Err(at.wrong(
                "paste",
                "it is missing: `paste`, `url` or both must say more than the title",
            ));
        }
    };
    let title = advice.title.trim();
    Ok(fixes::own_advice(name, title, how, advice.cost.as_deref()))
}

/// For which failures advice is.
fn kind(at: &At, when: &When, names: &Names) -> Result<Kind, Wrong> {
    let at = At(format!("{}.when", at.0));
    let built_in = |key: &str, name: &Option<String>, all: &[&'static str]| {
        let known = name.as_deref().map(|name| names.known(&at, key, name, all));
        known.transpose()
    };
    let messages: Vec<_> = MessageId::ALL.iter().map(|id| id.name()).collect();
    let findings: Vec<_> = FindingId::ALL.iter().map(|id| id.name()).collect();
    let kind = Kind {
        message: built_in("message", &when.message, &messages)?,
        finding: built_in("finding", &when.finding, &findings)?,
        cause: when
            .cause
            .as_deref()
            .map(|word| at.cause("cause", word))
            .transpose()?,
        program: when
            .program
            .as_deref()
            .map(|word| at.program("program", word))
            .transpose()?,
    };
    if kind.message.is_none()
        && kind.finding.is_none()
        && kind.cause.is_none()
        && kind.program.is_none()
    {
        let reason = "it must name a message, a cause, a finding or a program";
        return Err(Wrong {
            key: at.0,
            reason: reason.to_owned(),
        });
    }
    Ok(kind)
}
