//! The user's own messages, findings and advice, from a settings file. What they mean is judged where they are used.

use toml::Value;

use super::config::File;
use super::patterns::{Entry, tables};
use crate::diagnose::{Advice, AdviceRule, MessageRule, Rules, When};
use crate::error::Error;

/// The keys of something to do.
const TO_DO: [&str; 4] = ["title", "paste", "url", "cost"];

/// Reads `[[message]]` and `[[advice]]`, each from the file that `find` names.
pub(super) fn read<'a>(
    find: impl Fn(&str) -> Option<(&'a File, &'a Value)>,
) -> Result<Rules, Error> {
    let (own, said) = (find("message"), find("advice"));
    let (own_tables, said_tables) = (tables(own, "message")?, tables(said, "advice")?);
    let messages: Result<Vec<_>, _> = own_tables.iter().map(message).collect();
    let advice: Result<Vec<_>, _> = said_tables.iter().map(advised).collect();
    Rules::new(&messages?, &advice?).map_err(|wrong| {
        let (home, tables) = if wrong.key.starts_with("message") {
            (own, &own_tables)
        } else {
            (said, &said_tables)
        };
        match home {
            Some((file, _)) => {
                let path = in_file(&wrong.key, tables);
                file.wrong(&path, &format!("key `{path}`: {}", wrong.reason))
            }
            None => Error::Setting {
                place: wrong.key,
                reason: wrong.reason,
            },
        }
    })
}

/// A path whose first number counts these tables, as the file counts them: some of them may be passed over.
fn in_file(path: &str, tables: &[Entry<'_>]) -> String {
    let named = || {
        let (first, rest) = path.split_once(']')?;
        let (_, number) = first.split_once('[')?;
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        Some(tables.get(place)?.name().to_owned() + rest)
    };
    named().unwrap_or_else(|| path.to_owned())
}

fn message(entry: &Entry<'_>) -> Result<MessageRule, Error> {
    entry.only(&[
        "id", "literals", "pattern", "unit", "program", "memory", "cause", "finding", "fix",
    ])?;
    let text = |key| Ok(entry.text(key)?.map(str::to_owned));
    let fixes = tables(entry.inner("fix"), &format!("{}.fix", entry.name()))?;
    let fix = fixes.iter().map(|fix| {
        fix.only(&TO_DO)?;
        to_do(fix)
    });
    Ok(MessageRule {
        id: text("id")?.unwrap_or_default(),
        literals: entry.texts("literals")?,
        pattern: text("pattern")?,
        unit: text("unit")?,
        program: text("program")?,
        memory: text("memory")?,
        cause: text("cause")?,
        finding: text("finding")?,
        fix: fix.collect::<Result<_, Error>>()?,
    })
}

fn advised(entry: &Entry<'_>) -> Result<AdviceRule, Error> {
    let known: Vec<&str> = ["id", "when"].into_iter().chain(TO_DO).collect();
    entry.only(&known)?;
    let when = match entry.table("when")? {
        None => When::default(),
        Some(when) => {
            when.only(&["message", "cause", "finding", "program"])?;
            let text = |key| Ok::<_, Error>(when.text(key)?.map(str::to_owned));
            When {
                message: text("message")?,
                cause: text("cause")?,
                finding: text("finding")?,
                program: text("program")?,
            }
        }
    };
    Ok(AdviceRule {
        id: entry.text("id")?.map(str::to_owned),
        when,
        advice: to_do(entry)?,
    })
}

fn to_do(entry: &Entry<'_>) -> Result<Advice, Error> {
    let text = |key| Ok::<_, Error>(entry.text(key)?.map(str::to_owned));
    Ok(Advice {
        title: text("title")?.unwrap_or_default(),
        paste: text("paste")?,
        url: text("url")?,
        cost: text("cost")?,
    })
}
