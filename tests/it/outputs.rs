//! Every output over every fixture: what its readers ask of it, and the same exit code for all.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use crate::known::NAMED;
use serde_json::Value;
use whyoom::evidence::Part;
use whyoom::report::{self, Options};
use whyoom::{Diagnosis, Explained, Log, Reader, diagnose};

/// A traceback and its message, in a file of our choice.
fn log(file: &str, tried: &str) -> String {
    format!(
        "Traceback (most recent call last):\n  File \"{file}\", line 87, in main\n    loss.backward()\n\
         torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {tried}. GPU 0 has a total capacity of 23.64 GiB of \
         which 1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and 412.00 MiB is reserved by \
         PyTorch but unallocated.\n"
    )
}

fn write(format: &str, diagnoses: &[Diagnosis], options: &Options) -> String {
    let mut out = Vec::new();
    (report::output(format).unwrap().write)(diagnoses, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn read(format: &str, diagnoses: &[Diagnosis]) -> Value {
    serde_json::from_str(&write(format, diagnoses, &Options::default())).unwrap()
}

/// Each fixture by itself, all of them together, and an input that could not be read.
static RUNS: LazyLock<Vec<Vec<Diagnosis>>> = LazyLock::new(|| {
    let mut runs: Vec<Vec<Diagnosis>> = NAMED.chunks(1).map(<[_]>::to_vec).collect();
    runs.push(NAMED.clone());
    let rank = |rank| {
        let mut reader = Reader::new(&format!("rank_{rank}.log"));
        reader.push(log("a.py", "6.00 GiB").as_bytes());
        reader.whole()
    };
    let mut job: Vec<Log> = (0..40).map(rank).collect();
    whyoom::join(&mut job);
    let judge = |log| Diagnosis::of(log, None);
    runs.push(job.into_iter().map(judge).collect());
    let cut = Log::unread("cut.log", "the disk went away");
    runs.push(vec![judge(cut)]);
    runs
});

/// The schema of SARIF 2.1.0 (OASIS), as the crate that gives us its types carries it; looked up rather than copied.
fn sarif_schema() -> Value {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let rustc = String::from_utf8(rustc.stdout).unwrap();
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
    // Crates of other platforms may not be there.
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", host.unwrap()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let found = packages
        .iter()
        .find(|p| p["name"] == "serde-sarif")
        .unwrap();
    let manifest = PathBuf::from(found["manifest_path"].as_str().unwrap());
    let schema = fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    // Its pattern of a language has a bracket too many, which not every reader of patterns takes.
    serde_json::from_str(&schema.replace("{2}]?$", "{2}?$")).unwrap()
}

#[test]
fn sarif_is_valid_by_its_schema_and_useful_to_code_scanning() {
    let validator = jsonschema::validator_for(&sarif_schema()).unwrap();
    let mut results = 0;
    for run in RUNS.iter() {
        let sarif = read("sarif", run);
        let errors: Vec<String> = validator
            .iter_errors(&sarif)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let run = &sarif["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for rule in rules {
            let longest = rule["fullDescription"]["text"]
                .as_str()
                .unwrap()
                .chars()
                .count();
            assert!((1..=1024).contains(&longest), "{rule}");
            assert!(
                rule["help"]["markdown"].as_str().unwrap().len() > 200,
                "{rule}"
            );
        }
        for result in run["results"].as_array().unwrap() {
            results += 1;
            assert!(
                result["message"]["text"]
                    .as_str()
                    .is_some_and(|t| !t.is_empty())
            );
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_string());
            let related = result["relatedLocations"].as_array().unwrap();
            for place in result["locations"]
                .as_array()
                .unwrap()
                .iter()
                .chain(related)
            {
                let place = &place["physicalLocation"];
                assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
                let uri = place["artifactLocation"]["uri"].as_str().unwrap();
                let relative = !uri.starts_with('/') && !uri.contains([':', '\\', ' ', '<']);
                assert!(relative && !uri.is_empty(), "{uri}");
            }
        }
    }
    assert!(results > 20, "hardly a fixture has a failure");
}

#[test]
fn sarif_shows_the_failure_at_the_users_line_and_names_the_line_of_the_log_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/train.py"), "").unwrap();
    let run = [diagnose(
        "ci.log",
        log("/scratch/job-7/src/train.py", "6.00 GiB").as_bytes(),
    )];
    let options = Options {
        repo_root: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let sarif: Value = serde_json::from_str(&write("sarif", &run, &options)).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/train.py");
    assert_eq!(place["region"]["startLine"], 87);
    let beside = &result["relatedLocations"][0]["physicalLocation"];
    assert_eq!(beside["artifactLocation"]["uri"], "ci.log");
    assert_eq!(beside["region"]["startLine"], 4);
}

/// Two failures, the second of which an earlier run had; and what says so.
fn half_known() -> ([Diagnosis; 2], Options) {
    let run = ["new.py", "old.py"].map(|file| {
        let name = file.replace("py", "log");
        diagnose(&name, log(file, "6.00 GiB").as_bytes())
    });
    let mut options = Options::default();
    let known = report::fingerprint(&run[1].incidents[0]);
    options.compared.known = Some(BTreeSet::from([known]));
    (run, options)
}

#[test]
fn sarif_says_which_failures_the_baseline_has() {
    let (run, options) = half_known();
    let sarif: Value = serde_json::from_str(&write("sarif", &run, &options)).unwrap();
    let validator = jsonschema::validator_for(&sarif_schema()).unwrap();
    assert!(validator.is_valid(&sarif));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let states: Vec<_> = results.iter().map(|r| &r["baselineState"]).collect();
    assert_eq!(states, ["new", "unchanged"]);
    assert_eq!(results[0]["suppressions"], Value::Array(Vec::new()));
    assert_eq!(results[1]["suppressions"][0]["kind"], "external");
    let without = read("sarif", &run);
    for result in without["runs"][0]["results"].as_array().unwrap() {
        assert!(result.get("baselineState").is_none() && result.get("suppressions").is_none());
    }
}

#[test]
fn github_annotates_no_failure_of_the_baseline_and_counts_them() {
    let (run, options) = half_known();
    let text = write("github", &run, &options);
    let commands: Vec<&str> = text.lines().filter(|l| l.starts_with("::")).collect();
    let [_, _, error, notice] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    assert!(error.starts_with("::error file=new.py,"), "{error}");
    assert_eq!(
        *notice,
        "::notice title=whyoom::Failures that the baseline has: 1."
    );
    let page = report::github::summary(&run, &options, usize::MAX);
    let known = page.find("*Known: the baseline has this failure").unwrap();
    assert!(page.find("old.py").unwrap() < known && page.find("new.py").unwrap() < known);
    assert_eq!(page.matches("*Known").count(), 1);
}

#[test]
fn gitlab_junit_and_markdown_tell_what_is_known_from_what_is_new() {
    let (run, options) = half_known();
    let findings: Value = serde_json::from_str(&write("gitlab", &run, &options)).unwrap();
    let findings = findings.as_array().unwrap().iter();
    let severities: Vec<_> = findings.map(|f| &f["severity"]).collect();
    assert_eq!(severities, ["critical", "info"]);
    let xml = write("junit", &run, &options);
    let report = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    let suite = &report.test_suites[0];
    assert_eq!((suite.tests, suite.failures, suite.skipped), (2, 1, 1));
    assert!(
        xml.contains("<skipped message=\"Known: the baseline"),
        "{xml}"
    );
    let page = write("markdown", &run, &options);
    assert_eq!(page.matches("\n*Known: the baseline has").count(), 1);
}

#[test]
fn a_test_of_junit_fails_by_its_own_name_though_its_first_failure_is_known() {
    let (_, options) = half_known();
    let both = log("old.py", "6.00 GiB") + &"epoch\n".repeat(500) + &log("new.py", "7.00 GiB");
    let xml = write("junit", &[diagnose("both.log", both.as_bytes())], &options);
    let report = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    let suite = &report.test_suites[0];
    assert_eq!((suite.tests, suite.failures, suite.skipped), (2, 1, 1));
    let first = &suite.test_cases[0];
    let failed = matches!(first.status, quick_junit::TestCaseStatus::NonSuccess { .. });
    assert!(first.name.as_str() == "both.log" && failed, "{xml}");
}

#[test]
fn gitlab_gets_an_array_with_all_that_it_requires_and_no_fingerprint_twice() {
    for run in RUNS.iter() {
        let report = read("gitlab", run);
        let mut seen = BTreeSet::new();
        for finding in report.as_array().unwrap() {
            for field in ["description", "check_name", "fingerprint"] {
                assert!(
                    finding[field].as_str().is_some_and(|t| !t.is_empty()),
                    "{field}"
                );
            }
            let levels = ["info", "minor", "major", "critical", "blocker"];
            assert!(levels.contains(&finding["severity"].as_str().unwrap()));
            let path = finding["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with(['/', '.']) && !path.is_empty(), "{path}");
            assert!(finding["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
            assert!(seen.insert(finding["fingerprint"].to_string()), "{finding}");
        }
    }
    assert_eq!(
        write(
            "gitlab",
            &[diagnose("a.log", b"fine\n")],
            &Options::default()
        ),
        "[]\n"
    );
}

#[test]
fn ndjson_holds_the_incidents_of_json_one_a_line() {
    for run in RUNS.iter() {
        let lines = write("ndjson", run, &Options::default());
        let lines: Vec<Value> = lines
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(Value::from(lines), read("json", run)["incidents"]);
    }
}

#[test]
fn junit_fails_a_test_where_memory_ran_out_and_names_each_input_without_a_failed_test() {
    for run in RUNS.iter() {
        let xml = write("junit", run, &Options::default());
        // The crate's own reader: it refuses what is not well-formed.
        let report = quick_junit::Report::deserialize_from_str(&xml).unwrap();
        // What the program caught, or what is only a SIGKILL, fails no test unless it is asked for.
        let gate = Options::default().compared.gate;
        let told = |d: &Diagnosis| {
            let counted = d.incidents.iter().filter(|e| gate.counts(e));
            counted.count() + d.joined.len()
        };
        let failures: usize = run.iter().map(told).sum();
        let errors = run.iter().filter(|d| !d.complete).count();
        assert_eq!((report.failures, report.errors), (failures, errors));
        for diagnosis in run {
            let named = report.test_suites[0].test_cases.iter();
            let named = named.filter(|test| test.name.as_str() == diagnosis.source);
            let of_tests = |e: &Explained| e.incident.who.get(Part::Test).is_some();
            let told = &diagnosis.incidents;
            let only_tests = !told.is_empty() && told.iter().all(of_tests);
            assert_eq!(
                named.count(),
                usize::from(!only_tests),
                "{}",
                diagnosis.source
            );
        }
    }
}

#[test]
fn markdown_holds_the_verdict_the_sum_and_the_place() {
    for run in RUNS.iter() {
        let page = write("markdown", run, &Options::default());
        for explained in run.iter().flat_map(|d| &d.incidents) {
            assert!(page.contains(&explained.causes[0].finding.title()));
            assert!(page.contains(&format!("`{}`:", explained.incident.place)));
        }
        let fences = page
            .lines()
            .filter(|l| l.trim_start().starts_with("```"))
            .count();
        assert_eq!(fences % 2, 0, "{page}");
    }
}

#[test]
fn github_shows_at_most_ten_errors_one_for_each_distinct_failure_and_counts_the_rest() {
    let run: Vec<Diagnosis> = (0..60)
        .map(|n| {
            diagnose(
                "ci.log",
                log(&format!("part{}.py", n % 30), "6.00 GiB").as_bytes(),
            )
        })
        .collect();
    let text = write("github", &run, &Options::default());
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(
        (count("::error "), count("::warning "), count("::notice ")),
        (10, 0, 1)
    );
    assert!(text.contains("::20 more failures"), "{text}");
    let files: BTreeSet<_> = text.lines().filter(|l| l.starts_with("::error ")).collect();
    assert_eq!(files.len(), 10);
    let first = files.first().unwrap();
    assert!(
        first.starts_with("::error file=part0.py,line=87,title=GPU out of memory%3A "),
        "{first}"
    );
}

#[test]
fn the_page_of_the_job_is_cut_between_failures_and_says_so() {
    let run: Vec<Diagnosis> = (0..30)
        .map(|n| diagnose("ci.log", log(&format!("part{n}.py"), "6.00 GiB").as_bytes()))
        .collect();
    let whole = report::github::summary(&run, &Options::default(), usize::MAX);
    assert_eq!(whole.matches("\n### Do this").count(), 30);
    let cut = report::github::summary(&run, &Options::default(), whole.len() / 2);
    assert!(cut.len() <= whole.len() / 2);
    let shown = cut.matches("\n### Do this").count();
    assert!((10..20).contains(&shown));
    assert!(cut.ends_with(&format!(
        "{} more failures did not fit on this page; the log of the step has them.\n",
        30 - shown
    )));
    assert_eq!(report::github::summary(&run, &Options::default(), 10), "");
}

#[test]
fn annotations_say_what_to_do_in_words_and_what_to_type_below() {
    let run = [diagnose("ci.log", log("a.py", "6.00 GiB").as_bytes())];
    let best = &run[0].incidents[0].fixes[0];
    let words = format!("{}.\n{}", best.fix.title(), best.offer.how);
    let github = write("github", &run, &Options::default()).replace("%0A", "\n");
    assert!(github.contains(&format!("Do this: {words}")), "{github}");
    let sarif = read("sarif", &run);
    let sarif = sarif["runs"][0]["results"][0]["message"]["text"].as_str();
    assert!(sarif.unwrap().contains(&format!("1. {words}")), "{sarif:?}");
}
