//! What the program knows: its formats, causes and fixes, as a table or as JSON.

use serde::Serialize;

use super::Look;
use super::wrap::{Sheet, columns, plain, styled};
use crate::error::Error;
use crate::spelling::nearest;
use crate::{findings, fixes, messages};

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its id.
    pub id: &'static str,
    /// What it belongs to: a framework, or a cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<&'static str>,
    /// What it is.
    pub title: String,
}

/// The messages that are read.
pub fn formats() -> Vec<Entry> {
    let entry = |format: &&messages::Message| Entry {
        id: format.id.name(),
        of: Some(format.framework.name()),
        title: format.printed_by.to_owned(),
    };
    messages::ALL.iter().map(entry).collect()
}

/// The findings, by cause in the order of the documentation.
pub fn causes() -> Vec<Entry> {
    let of = |cause: findings::Cause| {
        let found = findings::all().filter(move |f| f.cause == cause);
        found.map(|finding| Entry {
            id: finding.id.name(),
            of: Some(finding.cause.name()),
            title: finding.title(),
        })
    };
    findings::Cause::ALL.into_iter().flat_map(of).collect()
}

/// The fixes.
pub fn fixes() -> Vec<Entry> {
    let entry = |fix: &&fixes::Fix| Entry {
        id: fix.id.name(),
        of: None,
        title: fix.title().to_owned(),
    };
    fixes::ALL.iter().map(entry).collect()
}

/// An aligned table; titles wrap in their own column.
pub fn table(entries: &[Entry], look: &Look) -> String {
    let widest = |text: fn(&Entry) -> &'static str| {
        entries.iter().map(|e| columns(text(e))).max().unwrap_or(0)
    };
    let id = widest(|e| e.id);
    let of = widest(|e| e.of.unwrap_or_default());
    let indent = id + 2 + if of > 0 { of + 2 } else { 0 };
    let mut sheet = Sheet::new(look);
    for entry in entries {
        let gap = |text: &str, width: usize| "\u{a0}".repeat(width.saturating_sub(columns(text)));
        let mut spans = vec![
            styled(entry.id, look.styles.command),
            plain(gap(entry.id, id + 2)),
        ];
        if of > 0 {
            let text = entry.of.unwrap_or_default();
            spans.push(styled(text, look.styles.aside));
            spans.push(plain(gap(text, of + 2)));
        }
        spans.push(plain(entry.title.as_str()));
        sheet.flow(0, indent, &spans);
    }
    sheet.finish().replace('\u{a0}', " ")
}

/// The same as JSON.
pub fn json(entries: &[Entry]) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(entries).map_err(|e| Error::Write(e.into()))?;
    Ok(text + "\n")
}

/// Pages on how to do something, by id.
const GUIDES: [(&str, &str); 1] = [("record", include_str!("record.md"))];

/// The page of a cause, a finding, a fix or a guide, as Markdown with its id for a heading.
pub fn page(id: &str) -> Result<String, Error> {
    if let Some(finding) = findings::all().find(|f| f.id.name() == id) {
        return Ok(finding.page.to_owned());
    }
    if let Some(fix) = fixes::ALL.iter().find(|f| f.id.name() == id) {
        return Ok(fix.page.to_owned());
    }
    if let Some((_, page)) = GUIDES.iter().find(|(guide, _)| *guide == id) {
        return Ok((*page).to_owned());
    }
    let mut causes = findings::Cause::ALL.into_iter();
    match causes.find(|cause| cause.name() == id) {
        Some(cause) => Ok(cause.page()),
        None => Err(unknown(id)),
    }
}

/// An error that names the nearest id, where one is near.
fn unknown(id: &str) -> Error {
    let ids = findings::Cause::ALL
        .into_iter()
        .map(findings::Cause::name)
        .chain(findings::all().map(|f| f.id.name()))
        .chain(fixes::ALL.iter().map(|f| f.id.name()))
        .chain(GUIDES.map(|(guide, _)| guide));
    Error::UnknownId {
        id: id.to_owned(),
        nearest: nearest(id, ids).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_put_right_and_nonsense_is_not_guessed_at() {
        let words = |id| page(id).unwrap_err().to_string();
        assert!(words("fragmentatoin").contains("did you mean `fragmentation`?"));
        assert!(!words("zzzzzz").contains("did you mean"));
    }

    #[test]
    fn columns_align_and_long_titles_stay_in_theirs() {
        let look = Look {
            width: 60,
            ..Look::default()
        };
        let entries = [
            Entry {
                id: "split-segments",
                of: Some("fragmentation"),
                title: "idle memory lies in partly used segments".to_owned(),
            },
            Entry {
                id: "shm",
                of: Some("host-memory"),
                title: "shared memory is full".to_owned(),
            },
        ];
        insta::assert_snapshot!(table(&entries, &look), @r"
        split-segments  fragmentation  idle memory lies in partly
                                       used segments
        shm             host-memory    shared memory is full
        ");
    }
}
