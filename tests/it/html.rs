//! The page of HTML: one file, whole, with everything that was found.

use crate::known::NAMED;
use whyoom::report::{self, Options, sanitize};
use whyoom::{Diagnosis, diagnose};

fn page(diagnoses: &[Diagnosis]) -> String {
    let mut out = Vec::new();
    (report::output("html").unwrap().write)(diagnoses, &Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What a browser shows of a page: its text without tags.
fn shown(page: &str) -> String {
    let body = page.split("</style>").nth(1).unwrap();
    let words = body
        .split('<')
        .skip(1)
        .filter_map(|part| part.split_once('>'));
    let text: String = words.map(|(_, words)| words).collect();
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

fn check(run: &[Diagnosis]) {
    let page = page(run);
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(
        page.contains("default-src 'none'"),
        "it may load and run nothing"
    );
    for address in ["http:", "https:", "src=", "@import", "url("] {
        let head = page.split("</style>").next().unwrap();
        assert!(!head.contains(address), "{address} asks for something");
    }
    // Each failure has its part of the page; to look for all of it in all of the page would take as long as all other tests.
    let parts: Vec<String> = page
        .split("<article id=\"failure-")
        .skip(1)
        .map(|part| shown(&format!("</style><article {part}")))
        .collect();
    let failures = run.iter().flat_map(|d| &d.incidents);
    assert_eq!(parts.len(), failures.clone().count());
    for (explained, text) in failures.zip(&parts) {
        let title = explained.causes[0].finding.title().replace('`', "");
        assert!(text.contains(&title), "{title}");
        let place = explained.incident.place.to_string();
        assert!(text.contains(&*sanitize::visible(&place)), "{place}");
        for line in explained.fixes.iter().flat_map(|f| f.offer.how.lines()) {
            assert!(text.contains(&*sanitize::visible(line)), "{line}");
        }
        for (_, fact) in explained.incident.facts.iter() {
            assert!(
                text.contains(&*sanitize::visible(&fact.text)),
                "{}",
                fact.text
            );
        }
    }
    for name in [
        "article", "ol", "ul", "li", "table", "tr", "td", "p", "pre", "svg", "details", "figure",
        "main",
    ] {
        let open =
            page.matches(&format!("<{name}>")).count() + page.matches(&format!("<{name} ")).count();
        assert_eq!(
            open,
            page.matches(&format!("</{name}>")).count(),
            "<{name}>"
        );
    }
    // A runner of CI that shows the page takes such a line, even of the style, for its command.
    let opens = |line: &str| line.trim_start().starts_with("::");
    assert!(!page.lines().any(opens), "{page}");
    let failures: usize = run.iter().map(|d| d.incidents.len()).sum();
    assert_eq!(page.matches("<article id=\"failure-").count(), failures);
    let listed = if failures > 1 { failures } else { 0 };
    assert_eq!(page.matches("<li><a href=\"#failure-").count(), listed);
}

#[test]
fn it_is_one_file_with_the_verdict_every_fix_and_every_figure() {
    for one in NAMED.chunks(1) {
        check(one);
    }
    check(&NAMED);
}

#[test]
fn a_list_of_several_failures_says_where_each_was_read() {
    let message = b"RuntimeError: CUDA out of memory. Tried to allocate 6.00 GiB\n";
    let run = [diagnose("a.log", message), diagnose("b<b>.log", message)];
    let page = page(&run);
    let list = page.split("<ol>").nth(1).unwrap();
    let list = list.split("</ol>").next().unwrap();
    for place in ["a.log:1", "b&lt;b&gt;.log:1"] {
        assert!(list.contains(place), "{place}: {list}");
    }
}

#[test]
fn it_draws_what_grows_below_the_size_of_the_device() {
    let steps = (0..40).map(|n| format!("step {n}: allocated {}.00 GiB\n", 2 + n / 2));
    let message = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of \
        23.64 GiB of which 1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and 412.00 MiB is \
        reserved by PyTorch but unallocated.\n";
    let text = steps.collect::<String>() + message;
    let page = page(&[diagnose("train.log", text.as_bytes())]);
    assert!(
        page.contains("<details open>\n<summary>Memory over time: allocated grows"),
        "{page}"
    );
    assert!(page.contains(">23.6 GiB</text>"), "the top is the GPU");
    let line = page.split("class=\"drawn\" points=\"").nth(1).unwrap();
    let line = line.split('"').next().unwrap();
    assert!(line.split(' ').count() > 15, "{line}");
}

#[test]
fn an_input_that_was_not_read_is_named_with_its_reason() {
    let mut cut = diagnose("cut.log", b"");
    cut.complete = false;
    cut.problem = Some("the disk <went> away".to_owned());
    let page = page(&[cut]);
    assert!(page.contains("No out-of-memory failure found in cut.log"));
    assert!(page.contains("Not all was read: the disk &lt;went&gt; away"));
}
