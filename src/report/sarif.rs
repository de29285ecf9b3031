//! SARIF 2.1.0 as GitHub's code scanning takes it (docs.github.com, "SARIF support for code scanning"): the first location
//! of a result is the user's own line, its place in the log is related, and its fingerprint stays from run to run.
//!
//! A failure of the baseline stays in the log, as unchanged and suppressed from outside (3.27.23, 3.27.24): left out, it would
//! look as if it were fixed. Code scanning itself heeds neither and knows what is new by the fingerprints.

use super::changes::change;
use super::distinct::{Distinct, best_first};
use super::repository::{Spot, in_log, spot, uri};
use super::sanitize::visible;
use super::{Options, Output, Readings, json as report_json, margin, view};
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::evidence::Clue;
use crate::findings::{Cause, Confidence, Finding, Judged};
use crate::place::Place;
use serde_json::{Value, json};
use serde_sarif::sarif;
use std::collections::BTreeMap;
use std::io::Write;

pub(super) static OUTPUT: Output = Output {
    name: "sarif",
    about: "SARIF 2.1.0, for code scanning",
    write,
    streams: false,
    follows: false,
    readings: Readings::Nothing,
};

/// GitHub keeps so many results of a run, and shows so many locations of a result.
const RESULTS: usize = 5000;
const LOCATIONS: usize = 100;
/// So many places in logs are named in all, so that the file stays far below the 10 MB, packed, that GitHub takes.
const PLACES: usize = 20_000;
/// The most characters that GitHub takes for a description.
const DESCRIPTION: usize = 1024;
/// So many fixes stand in a message.
const FIXES: usize = 3;

fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let mut failures = best_first(diagnoses, options);
    let more = failures.len().saturating_sub(RESULTS);
    failures.truncate(RESULTS);
    let places = (PLACES / failures.len().max(1)).clamp(1, LOCATIONS - 1);
    let rules = rules(&failures, options);
    let driver = sarif::ToolComponent::builder()
        .name("whyoom")
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(
            rules
                .iter()
                .map(|one| rule(one, options))
                .collect::<Vec<_>>(),
        )
        .build();
    let results: Vec<sarif::Result> = failures
        .iter()
        .filter_map(|one| result(one, &rules, places, options))
        .collect();
    let run = sarif::Run::builder()
        .tool(sarif::Tool::builder().driver(driver).build())
        .automation_details(sarif::RunAutomationDetails::builder().id("whyoom/").build())
        .invocations(vec![invocation(diagnoses, more, options)])
        .results(results)
        .build();
    let log = sarif::Sarif::builder()
        .schema("https://json.schemastore.org/sarif-2.1.0.json")
        .version(json!("2.1.0"))
        .runs(vec![run])
        .build();
    report_json::write_indented(&log, out)
}

/// A finding that is reported, the least sure that it is anywhere, and whether it counts anywhere.
struct Rule {
    finding: &'static Finding,
    confidence: Confidence,
    counts: bool,
}

/// How bad, as every output has it: what fails the run is an error, and nothing else is.
fn level(counts: bool) -> sarif::ResultLevel {
    if counts {
        sarif::ResultLevel::Error
    } else {
        sarif::ResultLevel::Note
    }
}

/// The findings that are reported, each once.
fn rules(failures: &[Distinct<'_>], options: &Options) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for one in failures {
        let Some(best) = one.first.causes.first() else {
            continue;
        };
        let confidence = best.verdict.confidence;
        let counts = options.compared.gate.counts(one.first);
        match rules
            .iter_mut()
            .find(|r| r.finding.id.name() == best.finding.id.name())
        {
            Some(rule) => {
                rule.confidence = rule.confidence.min(confidence);
                rule.counts |= counts;
            }
            None => rules.push(Rule {
                finding: best.finding,
                confidence,
                counts,
            }),
        }
    }
    rules
}

fn rule(rule: &Rule, options: &Options) -> sarif::ReportingDescriptor {
    let finding = rule.finding;
    let text = |text: &str| {
        sarif::MultiformatMessageString::builder()
            .text(text)
            .build()
    };
    let precision = precision(finding.cause, rule.confidence);
    let properties = sarif::PropertyBag::builder()
        .tags(vec![
            "gpu".to_owned(),
            "memory".to_owned(),
            finding.cause.name().to_owned(),
        ])
        .additional_properties(BTreeMap::from([
            ("precision".to_owned(), json!(precision)),
            // Code scanning sorts by this where a result has no level; "recommendation" is the least.
            (
                "problem.severity".to_owned(),
                json!(if rule.counts {
                    "error"
                } else {
                    "recommendation"
                }),
            ),
        ]))
        .build();
    let mut descriptor = sarif::ReportingDescriptor::builder()
        .id(finding.id.name())
        .short_description(text(&finding.title()))
        .full_description(text(&description(finding)))
        .help(
            sarif::MultiformatMessageString::builder()
                .text(finding.page)
                .markdown(finding.page)
                .build(),
        )
        .default_configuration(
            sarif::ReportingConfiguration::builder()
                .level(json!(level(rule.counts)))
                .build(),
        )
        .properties(properties)
        .build();
    descriptor.help_uri = options
        .pages
        .as_ref()
        .and_then(|pages| pages.of(finding.id.name()));
    descriptor
}

/// The first paragraph of the finding's page.
fn description(finding: &Finding) -> String {
    let title = finding.title();
    let paragraphs = finding.page.split("\n\n").map(str::trim);
    let first = paragraphs
        .into_iter()
        .find(|p| !p.is_empty() && !p.starts_with('#'))
        .unwrap_or(&title);
    first.replace('\n', " ").chars().take(DESCRIPTION).collect()
}

/// How sure, in the words of code scanning.
fn precision(cause: Cause, confidence: Confidence) -> &'static str {
    match (cause, confidence) {
        (Cause::Unknown, _) => "low",
        (_, Confidence::Proven) => "very-high",
        (_, Confidence::Likely) => "high",
        (_, Confidence::Possible) => "medium",
    }
}

/// One failure, with at most so many places of logs.
fn result(
    one: &Distinct<'_>,
    rules: &[Rule],
    places: usize,
    options: &Options,
) -> Option<sarif::Result> {
    let root = options.repo_root.as_deref();
    let best = one.first.causes.first()?;
    let counts = options.compared.gate.counts(one.first);
    let index = rules
        .iter()
        .position(|r| r.finding.id.name() == best.finding.id.name())?;
    let mut place = location(&spot(&one.first.incident, root));
    let frame = one.first.incident.frame.as_ref();
    if let Some(frame) = frame.filter(|frame| !frame.function.is_empty()) {
        let name = sarif::LogicalLocation::builder()
            .name(visible(&frame.function))
            .kind("function")
            .build();
        place.logical_locations = Some(vec![name]);
    }
    let related = (0i64..).zip(in_logs(one).take(places)).map(|(id, told)| {
        let (words, place) = told;
        let mut related = location(&in_log(place, root));
        related.id = Some(id);
        related.message = Some(message(&format!("{words}: {place}")));
        related
    });
    let mut result = sarif::Result::builder()
        .rule_id(best.finding.id.name())
        .rule_index(i64::try_from(index).unwrap_or(0))
        .level(level(counts))
        .message(message(&words(one, options)))
        .locations(vec![place])
        .related_locations(related.collect::<Vec<_>>())
        .partial_fingerprints(BTreeMap::from([(
            "primaryLocationLineHash".to_owned(),
            one.fingerprint.clone(),
        )]))
        .occurrence_count(i64::try_from(one.count()).unwrap_or(i64::MAX))
        .properties(about(one, best))
        .build();
    result.fixes = change(one.first).map(|clue| vec![replacement(clue)]);
    if let Some(known) = one.known(options) {
        result.baseline_state = Some(json!(if known { "unchanged" } else { "new" }));
        // Of a run all results have suppressions or none has (3.27.23).
        result.suppressions = Some(known.then(suppression).into_iter().collect());
    }
    Some(result)
}

/// Where the logs tell of it, and what they say there: first where each job says it, then what its other ranks say.
fn in_logs<'a>(one: &'a Distinct<'_>) -> impl Iterator<Item = (String, &'a Place)> {
    let seen = || one.seen.iter().map(|explained| &explained.incident);
    let own = seen().map(|incident| ("Read here".to_owned(), &incident.place));
    let others = seen().flat_map(|incident| &incident.elsewhere);
    own.chain(others.map(|elsewhere| (view::tells(elsewhere), &elsewhere.place)))
}

/// What a person decided outside of the program: the baseline.
fn suppression() -> sarif::Suppression {
    sarif::Suppression::builder()
        .kind(json!("external"))
        .justification(view::KNOWN)
        .build()
}

/// What machines may want to know of a result.
fn about(one: &Distinct<'_>, best: &Judged) -> sarif::PropertyBag {
    let confidence = best.verdict.confidence;
    let fixes: Vec<&str> = one.first.fixes.iter().map(|f| f.fix.id.name()).collect();
    let who: Vec<String> = one
        .first
        .incident
        .who
        .iter()
        .map(|(part, name)| format!("{} {name}", part.name()))
        .collect();
    let properties: [(&str, Value); 5] = [
        ("who", json!(who)),
        ("cause", json!(best.finding.cause.name())),
        ("confidence", json!(confidence.name())),
        (
            "precision",
            json!(precision(best.finding.cause, confidence)),
        ),
        ("fixes", json!(fixes)),
    ];
    let properties = properties.map(|(key, value)| (key.to_owned(), value));
    sarif::PropertyBag::builder()
        .additional_properties(BTreeMap::from(properties))
        .build()
}

/// The verdict, then what to do. GitHub shows the first sentence alone where space is short.
fn words(one: &Distinct<'_>, options: &Options) -> String {
    let mut words = vec![view::summary(one.first)];
    let most = options.fixes.unwrap_or(FIXES);
    for (number, ranked) in (1..).zip(one.first.fixes.iter().take(most)) {
        if number == 1 {
            words.push("Do this:".to_owned());
        }
        let title = view::sentence(ranked.fix.title());
        words.push(format!("{number}. {title}\n{}", ranked.offer.how));
    }
    words.join("\n")
}

/// A message in plain text. `[words](target)` would be a link there (SARIF 2.1.0, 3.11.6), and a log must make none.
fn message(text: &str) -> sarif::Message {
    let lines: Vec<String> = text
        .lines()
        .map(|line| visible(line).replace("](", "] ("))
        .collect();
    sarif::Message::builder().text(lines.join("\n")).build()
}

/// A line of the program as it should be. Of several lines the first stands in the place of the old one.
fn replacement(clue: &Clue) -> sarif::Fix {
    let line = i64::try_from(clue.line).unwrap_or(i64::MAX);
    let (changed, new) = clue.patch.as_ref().map_or((line, String::new()), |patch| {
        let line = i64::try_from(patch.line).unwrap_or(i64::MAX);
        (line, patch.new.join("\n"))
    });
    let artifact = sarif::ArtifactLocation::builder()
        .uri(uri(&clue.path))
        .build();
    // Without columns a region is all of its lines, their breaks left out (3.30.2).
    let region = sarif::Region::builder()
        .start_line(changed)
        .end_line(changed)
        .build();
    let content = sarif::ArtifactContent::builder().text(new).build();
    let replaced = sarif::Replacement::builder()
        .deleted_region(region)
        .inserted_content(content)
        .build();
    let change = sarif::ArtifactChange::builder()
        .artifact_location(artifact)
        .replacements(vec![replaced])
        .build();
    sarif::Fix::builder()
        .description(message(&format!("Change {}", clue.place())))
        .artifact_changes(vec![change])
        .build()
}

fn location(spot: &Spot) -> sarif::Location {
    let artifact = sarif::ArtifactLocation::builder()
        .uri(uri(&spot.path))
        .build();
    let region = sarif::Region::builder()
        .start_line(i64::try_from(spot.line).unwrap_or(i64::MAX))
        .start_column(1)
        .build();
    let physical = sarif::PhysicalLocation::builder()
        .artifact_location(artifact)
        .region(region)
        .build();
    sarif::Location::builder()
        .physical_location(physical)
        .build()
}

/// Whether all was read, what was not, how many results had no room, and what came close to full.
fn invocation(diagnoses: &[Diagnosis], more: usize, options: &Options) -> sarif::Invocation {
    let mut notes: Vec<sarif::Notification> = diagnoses
        .iter()
        .filter(|d| !d.complete)
        .map(|d| {
            let problem = d.problem.as_deref().unwrap_or("cut short");
            sarif::Notification::builder()
                .level(json!("error"))
                .message(message(&format!(
                    "Not all was read: {}: {problem}",
                    d.source
                )))
                .build()
        })
        .collect();
    let all_read = notes.is_empty();
    if more > 0 {
        let words = format!("{more} more failures are left out: GitHub keeps {RESULTS}.");
        let note = sarif::Notification::builder().level(json!("warning"));
        notes.push(note.message(message(&words)).build());
    }
    for near in &options.compared.near {
        let level = if options.compared.gate.counts_margin() {
            "error"
        } else {
            "warning"
        };
        let words = margin::sentence(near);
        let note = sarif::Notification::builder().level(json!(level));
        notes.push(note.message(message(&words)).build());
    }
    sarif::Invocation::builder()
        .execution_successful(all_read)
        .tool_execution_notifications(notes)
        .build()
}
