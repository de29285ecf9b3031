//! What piles up, on the tree of the calls that lead to it.

use std::process::Command;

use serde_json::Value;

use super::cases::folders;

fn told(snapshot: &std::path::Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_whyoom"))
        .arg("--no-config")
        .args(arguments)
        .arg(snapshot.join("snapshot.pickle.gz"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Every node holds at least what its calls do; gives the lines that pile up below.
fn leaves(pile: &Value, found: &mut Vec<(u64, u64)>) {
    let bytes = |pile: &Value| pile["bytes"].as_u64().unwrap();
    let none = Vec::new();
    let calls = pile["calls"].as_array().unwrap_or(&none);
    assert!(bytes(pile) >= calls.iter().map(bytes).sum(), "{pile:#}");
    if let Some(stays) = pile.get("accumulates") {
        let per_round = stays["per_round"].as_u64().unwrap();
        found.push((pile["line"].as_u64().unwrap(), per_round));
    }
    for call in calls {
        leaves(call, found);
    }
}

#[test]
fn every_line_that_piles_up_stands_on_the_tree() {
    let mut seen = 0;
    for folder in folders() {
        let report: Value = serde_json::from_str(&told(&folder, &["--format", "json"])).unwrap();
        let held = &report["incidents"][0]["snapshot"];
        let owners = held["owners"].as_array().unwrap();
        let piled = owners
            .iter()
            .filter(|owner| owner.get("accumulates").is_some());
        let mut lines: Vec<(u64, u64)> = piled
            .filter_map(|owner| {
                let line = owner["frame"]["line"].as_u64()?;
                Some((line, owner["accumulates"]["per_round"].as_u64()?))
            })
            .collect();
        let mut found = Vec::new();
        for pile in held["piles_up"].as_array().unwrap() {
            leaves(pile, &mut found);
        }
        lines.sort_unstable();
        found.sort_unstable();
        lines.dedup();
        found.dedup();
        assert_eq!(lines, found, "{}", folder.display());
        seen += found.len();
    }
    assert!(seen > 4);
}

#[test]
fn calls_one_behind_the_other_are_one_line() {
    let folder = folders()
        .into_iter()
        .find(|f| f.ends_with("leak-models-across-folds"));
    let folder = folder.unwrap();
    let text = told(&folder, &["--verbose"]);
    let tree = text.split("What piles up").nth(1).unwrap();
    insta::assert_snapshot!(tree.lines().take(9).collect::<Vec<_>>().join("\n"), @r"
    , by the calls that lead to it:
        <module>, leak_models_across_folds.py:17: 81.2 GiB, +11.6 GiB a round in 7
          rounds
        <module>, leak_models_across_folds.py:11 > build, nets.py:65: 46.4 GiB
          __init__, nets.py:44 > <genexpr>, nets.py:44: 40.5 GiB
            __init__, nets.py:33: 27 GiB, +3.4 GiB a round in 8 rounds
            __init__, nets.py:32: 13.5 GiB
              __init__, nets.py:14: 10.1 GiB, +1.3 GiB a round in 8 rounds
              __init__, nets.py:15: 3.4 GiB, +432 MiB a round in 8 rounds
    ");
    assert!(!told(&folder, &[]).contains("What piles up"));
    let page = told(&folder, &["--format", "html"]);
    assert!(
        page.contains("<p>What piles up, by the calls that lead to it:</p>\n<ul>\n<li>"),
        "{page}"
    );
}
