//! What a person says is the case, held against a report. A claim is written by hand and never blessed.

use serde_json::Value;

/// Keys of a claimed incident that stand in the report under the same name.
const SAME: [&str; 13] = [
    "caught",
    "line",
    "memory",
    "framework",
    "format",
    "device",
    "rank",
    "ranks",
    "phase",
    "repeats",
    "step",
    "test",
    "who",
];
/// All that a claimed incident may hold.
const KNOWN: [&str; 10] = [
    "frame",
    "facts",
    "processes",
    "cause",
    "finding",
    "confidence",
    "first_fix",
    "never_fix",
    "values",
    "never_types",
];

/// Everything in which a report falls short of the claim, one sentence each.
pub(crate) fn shortcomings(claim: &Value, report: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for key in ["about", "origin"] {
        if claim[key].as_str().is_none_or(str::is_empty) {
            wrong.push(format!("the claim says nothing under `{key}`"));
        }
    }
    let claimed = claim["incidents"].as_array().cloned().unwrap_or_default();
    let found = report["incidents"].as_array().cloned().unwrap_or_default();
    let count = claim.get("count").cloned();
    let count = count.unwrap_or_else(|| Value::from(claimed.len()));
    if !one_of(&count, &Value::from(found.len())) {
        wrong.push(format!("incidents: {count} claimed, {} found", found.len()));
    }
    for (index, (claimed, found)) in claimed.iter().zip(&found).enumerate() {
        let gaps = incident(claimed, found);
        wrong.extend(
            gaps.into_iter()
                .map(|gap| format!("incident {}: {gap}", index + 1)),
        );
    }
    for series in claim["telemetry"].as_array().into_iter().flatten() {
        let found = report["telemetry"].as_array().unwrap();
        if !found.iter().any(|f| contains(f, series)) {
            wrong.push(format!("telemetry: {series} claimed, found {found:?}"));
        }
    }
    wrong
}

fn incident(claimed: &Value, found: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, want) in claimed.as_object().unwrap() {
        let got = match key.as_str() {
            key if SAME.contains(&key) => found[key].clone(),
            "frame" => frame(&found["frame"]),
            "cause" | "finding" | "confidence" => found["causes"][0][key].clone(),
            "first_fix" => found["fixes"][0]["fix"].clone(),
            key if KNOWN.contains(&key) => continue,
            key => {
                wrong.push(format!("`{key}` is nothing that a claim can hold"));
                continue;
            }
        };
        if !one_of(want, &got) {
            wrong.push(format!("{key}: {want} claimed, {got} found"));
        }
    }
    for (key, want) in claimed["facts"].as_object().into_iter().flatten() {
        let got = &found["facts"][key]["text"];
        if want != got {
            wrong.push(format!("fact {key}: {want} claimed, {got} found"));
        }
    }
    for process in claimed["processes"].as_array().into_iter().flatten() {
        let got = found["processes"].as_array().unwrap();
        if !got.iter().any(|g| contains(g, process)) {
            wrong.push(format!("process {process} claimed, found {got:?}"));
        }
    }
    for fix in claimed["never_fix"].as_array().into_iter().flatten() {
        let offered = found["fixes"].as_array().unwrap();
        if offered.iter().any(|f| &f["fix"] == fix) {
            wrong.push(format!("fix {fix} is offered and cannot help"));
        }
    }
    wrong.extend(values(claimed, found));
    wrong
}

/// What the fixes say to type. A number among it is worked out, so that the claim has its sum.
fn values(claimed: &Value, found: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let fixes = found["fixes"].as_array().cloned().unwrap_or_default();
    let typed = |fix: &Value| fix["how"].as_str().unwrap_or("").to_owned();
    for value in claimed["values"].as_array().into_iter().flatten() {
        let types = value["types"].as_str().unwrap_or("");
        if value["sum"].as_str().is_none_or(str::is_empty) {
            wrong.push(format!("the claim has no `sum` for {types:?}"));
        }
        let all: Vec<String> = fixes
            .iter()
            .filter(|f| f["fix"] == value["fix"])
            .map(typed)
            .collect();
        if types.is_empty() || !all.iter().any(|how| how.contains(types)) {
            wrong.push(format!(
                "{}: {types:?} claimed, {all:?} found",
                value["fix"]
            ));
        }
    }
    for words in claimed["never_types"].as_array().into_iter().flatten() {
        let words = words.as_str().unwrap_or("");
        if let Some(fix) = fixes.iter().find(|f| typed(f).contains(words)) {
            wrong.push(format!(
                "{words:?} is never to be typed here, {fix} says it"
            ));
        }
    }
    wrong
}

/// A claimed list names alternatives; anything else must be met as it is. Where the report itself holds a list, the claim is it.
fn one_of(want: &Value, got: &Value) -> bool {
    match want {
        Value::Array(any) if !got.is_array() => any.contains(got),
        want => want == got,
    }
}

/// True where an object has all that another has.
fn contains(whole: &Value, part: &Value) -> bool {
    part.as_object()
        .unwrap()
        .iter()
        .all(|(key, value)| &whole[key] == value)
}

/// A frame as `file:line`.
fn frame(found: &Value) -> Value {
    match (found["file"].as_str(), found["line"].as_u64()) {
        (Some(file), Some(line)) => Value::String(format!("{file}:{line}")),
        _ => Value::Null,
    }
}
