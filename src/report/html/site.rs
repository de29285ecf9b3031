//! The pages of `explain` as files that link to one another, with a list of all that can be searched without a server.

use std::fmt::Write as _;

use super::markup::{inline, text};
use super::page;
use super::prose::prose;
use crate::report::catalogue;

/// Finds words in the pages as they are typed; without it the list is whole.
const SEARCH: &str = include_str!("search.js");

/// One file: its name and its text.
pub type File = (String, String);

/// All files of the site.
pub fn site() -> Vec<File> {
    let ids = catalogue::ids();
    let page = |id: &&'static str| {
        let markdown = catalogue::page_of(id)?;
        let target = |word: &str| {
            let leads = ids.contains(&word) && word != *id;
            leads.then(|| format!("{word}.html"))
        };
        let body = prose(&markdown, &target);
        let title = catalogue::entries(&[id]).pop()?.title;
        Some((
            format!("{id}.html"),
            format!(
                "{}<p><a href=\"index.html\">All pages</a> · <code>whyoom explain {id}</code></p>\n{body}{}{}",
                page::head(&format!("{id}: {title}")),
                related(id),
                page::foot()
            ),
        ))
    };
    let mut files: Vec<File> = ids.iter().filter_map(page).collect();
    files.push(("index.html".to_owned(), index(&ids)));
    files
}

/// Links to the pages that belong to one.
fn related(id: &str) -> String {
    let Some((heading, ids)) = catalogue::related(id) else {
        return String::new();
    };
    let entries = catalogue::entries(&ids).into_iter().map(|entry| {
        let title = inline(&entry.title);
        format!(
            "<li><a href=\"{0}.html\"><code>{0}</code></a> {title}</li>\n",
            entry.id
        )
    });
    let entries: Vec<String> = entries.collect();
    format!("<h2>{heading}</h2>\n<ul>\n{}</ul>\n", entries.concat())
}

/// The list of all pages, in groups.
fn index(ids: &[&'static str]) -> String {
    let head = page::head("whyoom: why GPU memory runs out, and what to change");
    // The list is searched by a script of its own, and by no other.
    let head = head.replace(
        "default-src 'none';",
        "default-src 'none'; script-src 'unsafe-inline';",
    );
    let mut index = format!(
        "{head}<h1>Why GPU memory runs out, and what to change</h1>\n\
         <p><input type=\"search\" id=\"search\" placeholder=\"Search all pages\" aria-label=\"Search all pages\" autofocus></p>\n\
         <p id=\"none\" hidden>No page speaks of that.</p>\n<ul id=\"found\"></ul>\n"
    );
    for (heading, group) in catalogue::groups(ids) {
        let _ = write!(index, "<section>\n<h2>{}</h2>\n<ul>\n", text(&heading));
        for entry in catalogue::entries(&group) {
            let words = catalogue::page_of(entry.id).unwrap_or_default();
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(
                index,
                "<li data-names=\"{0}\" data-words=\"{0} {1} {2}\"><a href=\"{1}.html\"><code>{1}</code></a> {3}</li>",
                text(&catalogue::other_words(entry.id).join(" ")),
                entry.id,
                text(&words.to_lowercase()),
                inline(&entry.title)
            );
        }
        index += "</ul>\n</section>\n";
    }
    let _ = write!(index, "<script>\n{SEARCH}</script>\n{}", page::foot());
    index
}
