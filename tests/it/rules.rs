//! Messages, findings and advice of the user's own: read as the built-in ones are, shown as the user's, and held to limits.

use std::fs;
use std::path::Path;

use crate::process::{Run, command, finish};
use serde_json::{Value, json};

/// Two rules of a team that runs a program of its own.
const RULES: &str = include_str!("../../fixtures/rules/whyoom.toml");

/// What it prints.
const FAILED: &str = include_str!("../../fixtures/rules/acme.log");

/// A log of a program that failed of fragmentation, as our own card wrote it.
const FRAGMENTED: &str = include_str!("../../fixtures/cases/h200-swiss-cheese/log.txt");

/// Runs the program in a folder whose settings are these.
fn run(settings: &str, arguments: &[&str], input: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("whyoom.toml"), settings).unwrap();
    within(folder.path(), arguments, input)
}

fn within(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut command = command(arguments);
    command.current_dir(folder);
    finish(command, input.as_bytes())
}

fn ids<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    let members = list.as_array().unwrap().iter();
    members
        .map(|member| member[key].as_str().unwrap())
        .collect()
}

#[test]
fn a_message_of_the_users_own_is_a_failure_with_its_figures_its_finding_and_its_fixes() {
    assert_eq!(run("", &[], FAILED).code, Some(0));
    let run = run(RULES, &["-f", "json"], FAILED);
    assert_eq!(run.code, Some(1), "{}", run.err);
    let report = run.json();
    let failure = &report["incidents"][0];
    assert_eq!(report["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(failure["format"], "user:acme-pool");
    assert_eq!(
        (&failure["line"], &failure["device"]),
        (&json!(2), &json!(3))
    );
    let told = |key: &str| failure["facts"][key]["text"].as_str().unwrap().to_owned();
    assert_eq!(
        [told("tried"), told("free"), told("limit")],
        ["2.00 GiB", "0.50 GiB", "16.00 GiB"]
    );
    let cause = &failure["causes"][0];
    assert_eq!(
        (&cause["cause"], &cause["finding"], &cause["confidence"]),
        (&json!("cap"), &json!("user:acme-pool"), &json!("likely"))
    );
    assert_eq!(
        ids(&failure["fixes"], "fix")[..2],
        ["user:acme-pool/1", "user:acme-pool/2"]
    );
}

#[test]
fn every_output_shows_the_rule_and_whose_it_is() {
    // Folded stacks are those of a memory snapshot, a patch that of a source file.
    let outputs = whyoom::report::ALL
        .iter()
        .filter(|o| !["folded", "patch"].contains(&o.name));
    for output in outputs {
        let shown = run(RULES, &["-f", output.name], FAILED);
        assert_eq!(shown.code, Some(1), "{}: {}", output.name, shown.err);
        assert!(
            shown.out.contains("user:acme-pool"),
            "{}: {}",
            output.name,
            shown.out
        );
    }
    for format in ["terminal", "markdown", "json", "html"] {
        let shown = run(RULES, &["-f", format], FAILED).out;
        assert!(
            shown.contains("Raise the pool (yours)"),
            "{format}: {shown}"
        );
        assert!(shown.contains("acme --pool 24g"), "{format}: {shown}");
    }
}

#[test]
fn the_site_of_pages_has_none_for_a_rule_so_nothing_leads_there() {
    for format in ["json", "sarif", "html"] {
        let arguments = ["-f", format, "--pages", "https://pages.example"];
        let shown = run(RULES, &arguments, FAILED).out;
        assert!(!shown.contains("pages.example/user"), "{format}: {shown}");
    }
}

#[test]
fn advice_is_for_the_failures_that_it_names_and_stands_first() {
    let fixes = |settings: &str, input: &str| {
        let report = run(settings, &["-f", "json"], input).json();
        let failure = report["incidents"][0].clone();
        let fixes = ids(&failure["fixes"], "fix");
        let fixes: Vec<String> = fixes.into_iter().map(str::to_owned).collect();
        (fixes, failure)
    };
    let (built_in, before) = fixes("", FRAGMENTED);
    let (with, after) = fixes(RULES, FRAGMENTED);
    assert_eq!(with[0], "user:advice-1");
    assert_eq!(with[1..], built_in);
    // Nothing else of what is built in changes.
    let without_fixes = |mut failure: Value| {
        failure["fixes"] = Value::Null;
        failure
    };
    assert_eq!(without_fixes(after), without_fixes(before));
    let other = RULES.replace("\"fragmentation\"", "\"leak\"");
    assert_eq!(fixes(&other, FRAGMENTED).0, built_in);
}

#[test]
fn rules_change_nothing_of_what_is_built_in() {
    // Its words stand in a built-in message, which is the same with it.
    let greedy = r#"
[[message]]
id = "mine"
literals = ["CUDA out of memory", "Tried to allocate"]
cause = "leak"
finding = "It leaks"
"#;
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    for case in [
        "h200-swiss-cheese",
        "h200-exhaust-kv-cache",
        "h200-frag-mempool",
    ] {
        let log = cases.join(case).join("log.txt");
        assert!(log.is_file(), "{case}");
        let arguments = ["-f", "json", log.to_str().unwrap()];
        assert_eq!(
            run("", &arguments, "").json(),
            run(greedy, &arguments, "").json(),
            "{case}"
        );
    }
}

#[test]
fn without_a_cause_the_figures_decide_and_without_a_pattern_the_words_do() {
    let figures = "[[message]]\nid = \"m\"\nliterals = [\"AcmePool: no room\"]\nprogram = \"simulation\"\nunit = \"MiB\"\n\
                   pattern = 'no room for (?<tried>\\d+) of (?<total>\\d+)'\n";
    let log = "AcmePool: no room for 90000 of 81920\n";
    let report = run(figures, &["-f", "json"], log).json();
    let failure = &report["incidents"][0];
    assert_eq!(failure["causes"][0]["cause"], "oversized", "{failure}");
    let total = &failure["facts"]["total"];
    let bytes = |end: &str| total[end].as_u64().unwrap();
    assert!(
        bytes("low") <= 80 << 30 && 80 << 30 <= bytes("high"),
        "{total}"
    );
    let words = "[[message]]\nid = \"m\"\nliterals = [\"acmepool: NO room\"]\nmemory = \"host\"\n";
    let report = run(words, &["-f", "json"], FAILED).json();
    assert_eq!(report["incidents"][0]["memory"], "host");
}

#[test]
fn a_line_of_code_and_a_line_that_does_not_fit_are_no_failure() {
    let words = "[[message]]\nid = \"m\"\nliterals = [\"AcmePool: no room\"]\n";
    let log = "Traceback (most recent call last):\n  File \"/a/b.py\", line 3, in run\n    raise AcmeError(f\"AcmePool: no room for {n}\")\n\
               ValueError: something else\n";
    assert_eq!(run(words, &[], log).code, Some(0));
    let other = "AcmePool: no room for anybody\n";
    assert_eq!(run(RULES, &[], other).code, Some(0));
    assert_eq!(run(words, &[], other).code, Some(1));
}

#[test]
fn lists_and_pages_know_the_rules() {
    for (list, id) in [
        ("formats", "user:acme-pool"),
        ("causes", "user:acme-pool"),
        ("fixes", "user:acme-pool/2"),
        ("fixes", "user:advice-1"),
    ] {
        let listed = run(RULES, &["list", list, "-f", "json"], "").json();
        assert!(ids(&listed, "id").contains(&id), "{list}: {id}");
    }
    for id in ["user:acme-pool", "user:acme-pool/1", "user:advice-1"] {
        let page = run(RULES, &["explain", id], "");
        assert_eq!(page.code, Some(0), "{}", page.err);
        assert!(page.out.contains("a rule of your own"), "{}", page.out);
    }
    assert_eq!(run("", &["explain", "user:acme-pool"], "").code, Some(2));
}

/// A message with one key changed, or one more.
fn with(key: &str, value: &str) -> String {
    let mut keys = vec![
        ("id", "\"acme\""),
        ("literals", "[\"AcmePool: no room\"]"),
        ("cause", "\"cap\""),
        ("finding", "\"It is too small\""),
    ];
    keys.retain(|(known, _)| *known != key);
    keys.push((key, value));
    let lines = keys.iter().map(|(key, value)| format!("{key} = {value}\n"));
    format!("[[message]]\n{}", lines.collect::<String>())
}

/// Rules that mean nothing, each with what is said of it.
#[expect(clippy::too_many_lines, reason = "a table")]
fn meaningless() -> Vec<(String, &'static str)> {
    let long = format!("'{}'", "x".repeat(5000));
    let list = format!("[{}]", "\"AcmePool\", ".repeat(17));
    vec![
        (
            with("pattern", "'((a{1,500}){1,500}){1,500}'"),
            "line 6: key `message[1].pattern`: it is too large",
        ),
        (with("pattern", "'('"), "unclosed group"),
        (with("pattern", &long), "5000 bytes, 4000 are allowed"),
        (
            with("pattern", "'AcmePool (?<alocated>.*)'"),
            "did you mean `allocated`?",
        ),
        (
            with("literals", "[]"),
            "line 5: key `message[1].literals`: it needs a text",
        ),
        (with("literals", "[\"\"]"), "it is empty"),
        (with("literals", "[\"oom\"]"), "too short"),
        (with("literals", "\"AcmePool\""), "a list of texts is meant"),
        (with("literals", &list), "there are 17, 16 are allowed"),
        (
            with("literals", "[\"Acme\\u001b[31m\"]"),
            "a control character",
        ),
        (with("cause", "\"exhaustio\""), "did you mean `exhaustion`?"),
        (with("cause", "\"magic\""), "these are: fragmentation, "),
        (
            with("unit", "\"furlong\""),
            "`furlong` is no unit of memory",
        ),
        (with("program", "\"pytorhc\""), "did you mean `pytorch`?"),
        (with("memory", "\"disk\""), "these are: gpu, device, host"),
        (with("id", "\"Acme Pool\""), "only small letters"),
        (with("id", "\"user:acme\""), "only small letters"),
        (
            with("literal", "\"AcmePool\""),
            "line 6: unknown key `literal`; did you mean `literals`?",
        ),
        (with("fix", "[{ titel = \"x\" }]"), "did you mean `title`?"),
        (
            with("fix", "[{ title = \"x\" }]"),
            "key `message[1].fix[1].paste`: it is missing",
        ),
        (
            with("fix", "[{ title = \"x\", url = \"javascript:x\" }]"),
            "an address that begins with",
        ),
        (with("fix", "\"x\""), "tables are meant"),
        (with("finding", "\"It\\u0007\""), "a control character"),
        (with("finding", "7"), "a text is meant"),
        (
            with("id", "\"a\"") + &with("id", "\"a\""),
            "line 10: key `message[2].id`: another rule is called `a`",
        ),
        ("[[message]]\nid = \"a\"\n".to_owned(), "literals"),
        (
            "[[message]]\nid = \"a\"\nliterals = [\"AcmePool\"]\ncause = \"cap\"\n".to_owned(),
            "a cause needs a sentence",
        ),
        (
            "[[advice]]\ntitle = \"x\"\npaste = \"y\"\n".to_owned(),
            "it must name a message, a cause",
        ),
        (
            "[[advice]]\ntitle = \"x\"\npaste = \"y\"\nwhen = { cause = \"cap\", gpu = \"3\" }\n"
                .to_owned(),
            "unknown key `gpu`",
        ),
        (
            "[[advice]]\ntitle = \"x\"\npaste = \"y\"\nwhen = { message = \"pytorch-cudda\" }\n"
                .to_owned(),
            "did you mean `pytorch-cuda`?",
        ),
        (
            "[[advise]]\ntitle = \"x\"\n".to_owned(),
            "did you mean `advice`?",
        ),
        ("message = 3\n".to_owned(), "each begun by [[message]]"),
    ]
}

#[test]
fn a_rule_that_means_nothing_is_named_with_its_line_and_why() {
    for (settings, told) in meaningless() {
        for arguments in [&[][..], &["check-config"]] {
            let run = run(&settings, arguments, "all well\n");
            assert_eq!(run.code, Some(2), "{settings}: {}", run.out);
            assert!(
                run.err.contains("whyoom.toml: line "),
                "{settings}: {}",
                run.err
            );
            assert!(run.err.contains(told), "{settings}: {}", run.err);
        }
    }
    let fine = run(RULES, &["check-config"], "");
    assert_eq!(fine.code, Some(0), "{}", fine.err);
}

#[test]
fn what_a_rule_says_cannot_act_on_a_terminal_or_a_page() {
    let settings = with(
        "finding",
        "\"<b>bold</b> \u{202e} and ::error:: ##[add-mask]x\"",
    );
    for format in ["terminal", "markdown", "html", "sarif", "github"] {
        let shown = run(&settings, &["-f", format], FAILED).out;
        assert!(!shown.contains('\u{202e}'), "{format}: {shown}");
        assert!(!shown.contains("##[add-mask]"), "{format}: {shown}");
        // Markdown shows it as code.
        let raw = shown.contains("<b>bold") && !shown.contains("`<b>bold");
        assert!(
            format != "html" && format != "markdown" || !raw,
            "{format}: {shown}"
        );
    }
}

#[test]
fn a_watched_program_is_judged_by_the_rules_too() {
    let script = format!("echo '{FAILED}'; exit 1");
    let run = run(RULES, &["run", "--", "/bin/sh", "-c", &script], "");
    assert!(run.err.contains("Raise the pool (yours)"), "{}", run.err);
}

#[test]
fn the_readme_shows_these_rules() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let page = page.unwrap().replace("\r\n", "\n");
    assert!(page.contains(&format!("```toml\n{RULES}```\n")));
}
