//! What the program knows: its formats, causes and fixes, as a table or as JSON.

mod search;

use std::borrow::Cow;

use serde::Serialize;

use super::wrap::{Sheet, columns, plain, styled};
use super::{Look, words};
use crate::error::Error;
use crate::{findings, fixes, messages};

pub use search::{Found, find};

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
    messages::READ.iter().map(entry).collect()
}

/// The words that have a page and are no cause, finding or fix.
pub fn words() -> Vec<Entry> {
    let ids: Vec<&str> = words::PAGES.iter().map(|(word, _)| *word).collect();
    entries(&ids)
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

/// Every id that has a page, in the order of a reader: words, causes with their findings, fixes.
pub fn ids() -> Vec<&'static str> {
    let words = words::PAGES.iter().map(|(word, _)| *word);
    let causes = findings::Cause::ALL.into_iter().flat_map(|cause| {
        let own = findings::all().filter(move |f| f.cause == cause);
        std::iter::once(cause.name()).chain(own.map(|f| f.id.name()))
    });
    let mut ids: Vec<&str> = Vec::new();
    for id in words
        .chain(causes)
        .chain(fixes::ALL.iter().map(|f| f.id.name()))
    {
        // A cause of one finding bears its name.
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// The ids of pages in groups with their headings: words, each cause with its findings, fixes.
pub(super) fn groups(ids: &[&'static str]) -> Vec<(String, Vec<&'static str>)> {
    let is_word = |id: &str| words::PAGES.iter().any(|(word, _)| *word == id);
    let is_fix = |id: &str| fixes::ALL.iter().any(|f| f.id.name() == id);
    let of = |wanted: &dyn Fn(&str) -> bool| ids.iter().copied().filter(|id| wanted(id)).collect();
    let mut groups = vec![("Words".to_owned(), of(&is_word))];
    for cause in findings::Cause::ALL {
        let own = |id: &str| {
            let finding = || findings::all().any(|f| f.cause == cause && f.id.name() == id);
            id == cause.name() || finding()
        };
        groups.push((super::view::cause(cause).to_owned(), of(&own)));
    }
    groups.push(("Fixes".to_owned(), of(&is_fix)));
    groups
}

/// The pages that belong to one, under a heading: the fixes of a finding with its cause, the findings that a fix helps.
pub(super) fn related(id: &str) -> Option<(&'static str, Vec<&'static str>)> {
    if let Some(finding) = findings::all().find(|f| f.id.name() == id) {
        let fixes = finding.fixes.iter().map(|fix| fix.id.name());
        let cause = Some(finding.cause.name()).filter(|cause| *cause != id);
        return Some((
            "Its cause and its fixes",
            cause.into_iter().chain(fixes).collect(),
        ));
    }
    let helps = |f: &&'static findings::Finding| f.fixes.iter().any(|fix| fix.id.name() == id);
    let helped: Vec<&str> = findings::all().filter(helps).map(|f| f.id.name()).collect();
    (!helped.is_empty()).then_some(("What it helps with", helped))
}

/// The other words for a page.
pub(super) fn other_words(id: &str) -> Vec<&'static str> {
    let others = words::others().filter(|(_, leads)| *leads == id);
    others.map(|(word, _)| word).collect()
}

/// The page of this very id, as Markdown with its title for a heading.
pub(super) fn page_of(id: &str) -> Option<Cow<'static, str>> {
    let finding = findings::all().find(|f| f.id.name() == id).map(|f| f.page);
    let fix = || {
        fixes::ALL
            .iter()
            .find(|f| f.id.name() == id)
            .map(|f| f.page)
    };
    let word = || {
        words::PAGES
            .iter()
            .find(|(word, _)| *word == id)
            .map(|w| w.1)
    };
    let page = finding.or_else(fix).or_else(word).map(Cow::Borrowed);
    page.or_else(|| {
        let cause = findings::Cause::ALL.into_iter().find(|c| c.name() == id);
        cause.map(|cause| Cow::Owned(cause.page()))
    })
}

/// The entries of these ids.
pub fn entries(ids: &[&'static str]) -> Vec<Entry> {
    let entry = |id: &&'static str| {
        let page = page_of(id)?;
        let title = page.lines().next()?.trim_start_matches('#').trim();
        let title = title.strip_prefix(&format!("{id}: ")).unwrap_or(title);
        Some(Entry {
            id,
            of: None,
            title: title.to_owned(),
        })
    };
    ids.iter().filter_map(entry).collect()
}

/// The page that has this id or goes by this word, as Markdown.
pub fn page(word: &str) -> Result<String, Error> {
    match find(word)? {
        Found::Page(id) => Ok(page_of(id).unwrap_or_default().into_owned()),
        Found::Mentions(ids) if ids.len() == 1 => {
            let page = ids.first().and_then(|id| page_of(id));
            let page = page.unwrap_or_default();
            Ok(format!("This page speaks of `{word}`.\n\n{page}"))
        }
        Found::Mentions(ids) => Ok(format!(
            "No page is called `{word}`. These speak of it:\n\n{}\n",
            entries(&ids)
                .iter()
                .map(|e| format!("- `{}`: {}", e.id, e.title))
                .collect::<Vec<_>>()
                .join("\n")
        )),
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
    fn every_other_word_leads_to_a_page_and_hides_none() {
        let ids = ids();
        for (word, id) in words::others() {
            assert!(ids.contains(&id), "{word} leads to {id}, which has no page");
            assert!(!ids.contains(&word), "{word} has a page of its own");
            assert_eq!(words::as_id(word), word, "nobody can type {word}");
        }
    }

    #[test]
    fn words_are_found_however_they_are_typed_and_unknown_ones_by_the_pages_that_speak_of_them() {
        for (typed, id) in [
            ("OOM", "oom"),
            ("out of memory", "oom"),
            ("CUBLAS_STATUS_ALLOC_FAILED", "library-starved"),
            ("PYTORCH_CUDA_ALLOC_CONF", "expandable-segments"),
            ("/dev/shm", "shm"),
            ("expandable_segments", "expandable-segments"),
        ] {
            assert!(
                matches!(find(typed), Ok(Found::Page(found)) if found == id),
                "{typed}"
            );
        }
        let Ok(Found::Mentions(pages)) = find("memory_allocated") else {
            panic!("pages speak of it");
        };
        assert!(
            pages
                .iter()
                .all(|id| page_of(id).unwrap().contains("memory_allocated"))
        );
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
