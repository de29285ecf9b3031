//! What a census alone makes of a failure: what the pass would have needed to its end, and in what pieces idle memory lay.

mod kept;

use serde_json::{Value, json};

const MIB: u64 = 1 << 20;
const ROOM: u64 = 8192 * MIB;

/// A census of a forward pass in training, at 16 rows: 1 GiB of weights, and this much that it had kept when it asked for 20 MiB more.
fn census(kept: u64, progress: &Value, shapes: &Value) -> Value {
    let allocated = (1024 + kept) * MIB;
    json!({
        "whyoom_census": 1,
        "event": {"kind": "observer", "device": 0, "requested": 20 * MIB, "free": ROOM - allocated, "number": 1},
        "process": {"pid": 7},
        "devices": [{
            "index": 0, "total": ROOM, "free": ROOM - allocated, "allocated": allocated, "rounding": 0, "rest": 0, "foreign": 0,
            "stats": {"reserved_bytes.all.current": allocated, "allocated_bytes.all.peak": allocated},
            "owners": [
                {"owner": "unnamed", "bytes": kept * MIB, "tensors": 64, "shapes": shapes},
                {"owner": "parameters", "name": "model", "bytes": 1024 * MIB, "tensors": 8, "dtypes": {"float32": 1024 * MIB}},
            ],
        }],
        "models": [{"trainable_bytes": 1024 * MIB, "trained": true}],
        "optimizers": [{"class": "SGD", "parameters": 8, "with_states": 0, "momentum": 0.0}],
        "work": {
            "frames": [{"file": "train.py", "line": 9, "function": "forward", "user": true, "self": "Block",
                        "tensors": [{"name": "x", "shape": [16, 128, 512], "bytes": 4 * MIB}]}],
            "steps": {"step": 3}, "progress": progress, "grad": true, "training": true,
        },
    })
}

/// Full: nothing is left for the request.
fn full(progress: &Value, shapes: &Value) -> Value {
    let mut census = census(7160, progress, shapes);
    census["devices"][0]["free"] = json!(0);
    census["event"]["free"] = json!(0);
    census
}

fn rows(shape: &[u64]) -> Value {
    json!({"shape": shape, "dtype": "float32", "tensors": 9, "bytes": 900 * MIB})
}

fn told(census: &Value) -> Value {
    // The first key tells what it is.
    let text = census.to_string();
    let rest = text.replacen("\"whyoom_census\":1", "\"read\":1", 1);
    let raw = rest.replacen('{', "{\"whyoom_census\":1,", 1);
    let diagnosis = whyoom::diagnose("census.json", raw.as_bytes());
    super::cases::report(&diagnosis)["incidents"][0].clone()
}

/// What half the batch frees, in MiB, and whether it is said to be enough.
fn half(incident: &Value) -> (u64, u64, String) {
    let fixes = incident["fixes"].as_array().unwrap();
    let fix = fixes.iter().find(|fix| fix["fix"] == "lower-batch-size");
    let fix = fix.unwrap();
    let end = |key: &str| fix["gain"][key].as_u64().unwrap() / MIB;
    let enough = fix["enough"].as_str().unwrap_or_default().to_owned();
    (end("low"), end("high"), enough)
}

#[test]
fn blocks_of_one_kind_need_as_much_as_those_that_are_done() {
    let progress = json!([{"class": "Block", "index": 6, "count": 8}]);
    let incident = told(&full(&progress, &json!([rows(&[16, 128, 512])])));
    let (low, high, enough) = half(&incident);
    // 7180 MiB for six to seven of eight blocks.
    assert_eq!((low, high, enough.as_str()), (4102, 4786, "yes"));
}

#[test]
fn stages_of_a_convolutional_model_keep_less_and_less() {
    let progress = json!([{"class": "Conv2d", "index": 1, "count": 3}, {"class": "Bottleneck", "index": 3, "count": 6},
                          {"class": "Sequential", "index": 2, "count": 4}]);
    let shapes = json!([rows(&[16, 256, 72, 72]), rows(&[16, 512, 36, 36])]);
    let (low, high, _) = half(&told(&full(&progress, &shapes)));
    // One, a half, and half of a quarter are done, of one, a half, a quarter and an eighth.
    assert_eq!((low, high), (4038, 4142));
}

#[test]
fn a_body_beside_its_head_is_no_stage() {
    let shapes = json!([rows(&[16, 256, 72, 72]), rows(&[16, 512, 36, 36])]);
    let mut progress = json!([{"class": "Bottleneck", "index": 3, "count": 6}, {"class": "Sequential", "index": 2, "count": 4},
                              {"class": "Sequential", "index": 0, "count": 2}]);
    let in_body = half(&told(&full(&progress, &shapes)));
    assert_eq!((in_body.0, in_body.1), (4038, 4142));
    progress[2]["index"] = json!(1);
    assert_eq!(half(&told(&full(&progress, &shapes))).1, 3590);
}

#[test]
fn a_pass_that_is_recomputed_later_tells_nothing_of_what_it_will_need() {
    let progress = json!([{"class": "Block", "index": 6, "count": 8}]);
    let mut census = in_pieces(3000, &progress);
    census["work"]["grad"] = json!(false);
    let incident = told(&census);
    let (_, _, because) = first(&incident);
    assert!(!because.contains("All of the pass needs"), "{because}");
}

#[test]
fn the_heads_of_attention_are_no_stages() {
    let progress = json!([{"class": "Block", "index": 6, "count": 8}]);
    let shapes = json!([
        rows(&[16, 8, 128, 64]),
        rows(&[16, 8, 128, 128]),
        rows(&[16, 128, 8, 64])
    ]);
    assert_eq!(half(&told(&full(&progress, &shapes))).0, 4102);
}

#[test]
fn states_that_the_optimizer_has_yet_to_make_take_room() {
    let progress = json!([{"class": "Block", "index": 6, "count": 8}]);
    let mut census = full(&progress, &json!([rows(&[16, 128, 512])]));
    census["optimizers"][0]["class"] = json!("AdamW");
    census["models"][0]["trainable_bytes"] = json!(512 * MIB);
    // States of 1 GiB and gradients of half of that: 5.4 GiB for half of what needs up to 9.3.
    let incident = told(&census);
    assert_eq!(half(&incident).2, "yes");
    census["models"][0]["trainable_bytes"] = json!(1800 * MIB);
    let incident = told(&census);
    assert_ne!(half(&incident).2, "yes", "{incident:#}");
}

/// Much is idle in pieces, and 400 MiB are refused in the middle of this pass.
fn in_pieces(kept: u64, progress: &Value) -> Value {
    let mut census = census(kept, progress, &json!([rows(&[16, 128, 512])]));
    let free = (7168 - kept - 30) * MIB;
    let device = &mut census["devices"][0];
    device["stats"]["reserved_bytes.all.current"] = json!(ROOM - 30 * MIB);
    device["free"] = json!(30 * MIB);
    device["pools"] = json!([
        {"pool": "large", "stream": 0, "bytes": ROOM, "free": free, "pieces": 41, "largest": [190 * MIB, 90 * MIB]},
        {"pool": "small", "stream": 0, "bytes": 2 * MIB, "free": MIB, "pieces": 3, "largest": [MIB]},
    ]);
    census["event"]["free"] = json!(30 * MIB);
    census["event"]["requested"] = json!(400 * MIB);
    census
}

fn first(incident: &Value) -> (&str, &str, &str) {
    let cause = &incident["causes"][0];
    let word = |key: &str| cause[key].as_str().unwrap_or_default();
    (word("cause"), word("confidence"), word("because"))
}

#[test]
fn pieces_of_idle_memory_are_told_with_the_largest() {
    let incident = told(&in_pieces(3000, &json!([])));
    let causes = incident["causes"].as_array().unwrap();
    let cause = causes
        .iter()
        .find(|cause| cause["cause"] == "fragmentation");
    let because = cause.unwrap()["because"].as_str().unwrap();
    let words = "In this pool and stream 4 GiB lies in 41 pieces, the largest of 190 MiB.";
    assert!(because.contains(words), "{because}");
}

#[test]
fn idle_memory_that_would_not_last_to_the_end_of_the_pass_is_exhaustion() {
    let progress = json!([{"class": "Block", "index": 2, "count": 8}]);
    let incident = told(&in_pieces(3000, &progress));
    let (cause, confidence, because) = first(&incident);
    assert_eq!(
        (cause, confidence),
        ("exhaustion", "likely"),
        "{incident:#}"
    );
    assert!(because.contains("All of the pass needs about"), "{because}");
}

/// The same census with this row more, which has so much of what was kept.
fn with_row(row: &Value) -> Value {
    let mut census = full(&json!([]), &json!([rows(&[16, 128, 512])]));
    let bytes = row["bytes"].as_u64().unwrap();
    let owners = census["devices"][0]["owners"].as_array_mut().unwrap();
    owners[0]["bytes"] = json!(7160 * MIB - bytes);
    owners.push(row.clone());
    census
}

fn finding(incident: &Value) -> &str {
    incident["causes"][0]["finding"].as_str().unwrap()
}

fn first_fix(incident: &Value) -> (&str, &str) {
    let word = |key: &str| incident["fixes"][0][key].as_str().unwrap();
    (word("fix"), word("how"))
}

#[test]
fn what_a_hook_stores_counts_by_its_tensors_wherever_they_lie() {
    let mut census = with_row(&json!({
        "owner": "container", "name": "kept", "container": "dict", "items": 1, "file": "a.py", "line": 9, "user": true,
        "bytes": 3500 * MIB, "tensors": 15, "shapes": [{"shape": [64, 256, 14, 14], "dtype": "float32", "tensors": 15, "bytes": 3500 * MIB}],
    }));
    census["work"]["steps"] = json!({"i": 15});
    census["work"]["hooks"] =
        json!([{"function": "save", "file": "a.py", "line": 3, "uses": ["kept", "append"]}]);
    assert_eq!(finding(&told(&census)), "hooks");
    census["work"]["steps"] = json!({"i": 40});
    assert_ne!(finding(&told(&census)), "hooks");
}

#[test]
fn a_checkpoint_beside_its_model_is_let_go_of_by_name() {
    let row = |name: &str, tensors: u64| json!({"owner": "container", "name": name, "container": "dict", "items": 2, "user": true, "bytes": 1024 * MIB, "tensors": tensors});
    let incident = told(&with_row(&row("state", 8)));
    assert_eq!(finding(&incident), "duplicate-weights");
    let (fix, how) = first_fix(&incident);
    assert_eq!(fix, "load-checkpoint-on-cpu");
    assert!(how.ends_with("and del state"), "{how}");
    assert_ne!(
        finding(&told(&with_row(&row("state", 3)))),
        "duplicate-weights"
    );
}

#[test]
fn models_of_earlier_cells_are_let_go_of_by_name() {
    let mut census = with_row(
        &json!({"owner": "copies", "name": "model_1", "copy_of": "model", "copies": 1, "bytes": 2000 * MIB, "tensors": 24,
                "optimizer_states": 900 * MIB}),
    );
    let second = json!({"owner": "copies", "name": "model_2", "copy_of": "model", "copies": 1, "bytes": 2000 * MIB, "tensors": 24,
                        "optimizer_states": 900 * MIB});
    let owners = census["devices"][0]["owners"].as_array_mut().unwrap();
    owners[0]["bytes"] = json!(3160 * MIB);
    owners.push(second);
    let incident = told(&census);
    assert_eq!(finding(&incident), "kept-objects");
    let (fix, how) = first_fix(&incident);
    assert_eq!(fix, "drop-references");
    assert!(how.starts_with("del model_1, model_2"), "{how}");
}

/// A name with the graphs of so many passes.
fn graphs(name: &str, container: &Value, items: u64, passes: u64) -> Value {
    with_row(
        &json!({"owner": "global", "name": name, "container": container, "items": items, "user": true, "bytes": MIB, "tensors": items.max(1),
                "graph_tensors": items.max(1), "graph": {"nodes": 40 * passes, "passes": passes}}),
    )
}

#[test]
fn losses_that_are_added_up_before_their_backward_pass_get_one_each() {
    let mut census = graphs("loss", &Value::Null, 0, 4);
    census["work"]["steps"] = json!({"micro": 4});
    let incident = told(&census);
    assert_eq!(finding(&incident), "kept-graph");
    assert_eq!(first_fix(&incident).0, "backward-each-micro-batch");
}

#[test]
fn a_list_of_losses_is_no_leak_where_one_pass_is_there() {
    let mut census = graphs("losses", &json!("list"), 40, 40);
    census["devices"][0]["owners"][2]["owner"] = json!("container");
    assert_ne!(finding(&told(&census)), "kept-graph");
    census["devices"][0]["owners"][0]["shapes"][0]["tensors"] = json!(80);
    assert_eq!(finding(&told(&census)), "kept-graph");
}

#[test]
fn the_history_of_lbfgs_is_states_of_an_optimizer() {
    let mut census = with_row(
        &json!({"owner": "library", "name": "old_dirs", "container": "list", "items": 40, "function": "LBFGS.step", "user": false,
                "bytes": 5000 * MIB, "tensors": 40}),
    );
    census["optimizers"][0]["class"] = json!("LBFGS");
    let incident = told(&census);
    assert_eq!(finding(&incident), "optimizer-states");
    let (fix, how) = first_fix(&incident);
    assert_eq!(fix, "memory-efficient-optimizer");
    assert!(how.starts_with("history_size=20"), "{how}");
}

#[test]
fn a_batch_that_stands_behind_the_length_is_found_by_the_programs_own_tensors() {
    let mut census = full(
        &json!([{"class": "Block", "index": 6, "count": 8}]),
        &json!([rows(&[900, 24, 512])]),
    );
    let owners = census["devices"][0]["owners"].as_array_mut().unwrap();
    for name in ["out", "targets", "lengths"] {
        owners.push(
            json!({"owner": "global", "name": name, "user": true, "bytes": 0, "tensors": 1,
                   "shapes": [{"shape": [24, 60], "dtype": "float32", "tensors": 1, "bytes": 0}]}),
        );
    }
    let incident = told(&census);
    let fixes = incident["fixes"].as_array().unwrap();
    let fix = fixes.iter().find(|fix| fix["fix"] == "lower-batch-size");
    let how = fix.unwrap()["how"].as_str().unwrap();
    assert!(how.starts_with("batch_size=12"), "{how}");
}

#[test]
fn what_a_block_works_on_is_no_list_that_grows() {
    let mut census = with_row(&json!({
        "owner": "library", "name": "inputs", "container": "list", "items": 5, "file": "densenet.py", "line": 49, "user": false,
        "function": "_DenseLayer.bn_function", "bytes": 3000 * MIB, "tensors": 5, "shapes": [rows(&[64, 32, 80, 80])],
    }));
    census["work"]["steps"] = json!({"i": 5});
    census["work"]["grad"] = json!(false);
    let frame = json!({"file": "densenet.py", "line": 49, "function": "bn_function", "user": false, "self": "_DenseLayer", "tensors": []});
    assert_eq!(finding(&told(&census)), "kept-outputs");
    census["work"]["frames"] = json!([frame]);
    assert_ne!(finding(&told(&census)), "kept-outputs");
}

#[test]
fn a_list_that_grows_by_what_is_missing_is_likely_the_reason() {
    let row = |items: u64| {
        json!({"owner": "container", "name": "kept", "container": "list", "items": items, "user": true, "bytes": 1000 * MIB, "tensors": items,
               "shapes": [{"shape": [1024, 1024], "dtype": "float32", "tensors": items, "bytes": 1000 * MIB}]})
    };
    let mut census = with_row(&row(10));
    census["work"]["steps"] = json!({"step": 10});
    let incident = told(&census);
    assert_eq!(finding(&incident), "kept-outputs");
    assert_eq!(incident["causes"][0]["confidence"], "likely");
    // What has no item for each step may be anything.
    census["work"]["steps"] = json!({"step": 400});
    assert_ne!(finding(&told(&census)), "kept-outputs");
}

#[test]
fn a_rollout_that_keeps_its_graph_is_named_without_a_counter_of_steps() {
    let mut census = graphs("buffer", &json!("list"), 3, 3);
    census["devices"][0]["owners"][2]["owner"] = json!("container");
    census["devices"][0]["owners"][2]["tensors"] = json!(9);
    census["work"]["steps"] = json!({"it": 0});
    let incident = told(&census);
    assert_eq!(finding(&incident), "kept-graph");
    assert_eq!(incident["causes"][0]["confidence"], "likely");
    // Two views of a batch are one step.
    census["devices"][0]["owners"][2]["graph"]["passes"] = json!(2);
    census["devices"][0]["owners"][2]["items"] = json!(2);
    assert_ne!(finding(&told(&census)), "kept-graph");
}

/// Without a model.
fn only_data(row: &Value) -> Value {
    let mut census = with_row(row);
    let owners = census["devices"][0]["owners"].as_array_mut().unwrap();
    owners.retain(|row| row["owner"] != "parameters");
    census["models"] = json!([]);
    census["optimizers"] = json!([]);
    census["work"]["frames"] = json!([]);
    census
}

#[test]
fn a_list_without_a_model_is_named_and_no_activations() {
    let incident = told(&only_data(&json!({
        "owner": "container", "name": "history", "container": "list", "items": 69, "user": true, "bytes": 7000 * MIB, "tensors": 69,
    })));
    assert_eq!(finding(&incident), "whole-dataset");
    let because = incident["causes"][0]["because"].as_str().unwrap();
    assert!(because.contains("`history` (a list of 69)"), "{because}");
    let row = json!({"owner": "other-names", "bytes": 10 * MIB, "tensors": 1});
    let incident = told(&only_data(&row));
    assert_eq!(finding(&incident), "more-than-the-device");
    assert_ne!(incident["causes"][0]["confidence"], "proven");
}

/// A pass whose branches lie in a list: of so many levels, all below the device.
fn branches(function: &str) -> Value {
    let mut census = full(&json!([]), &json!([]));
    let owner = &mut census["devices"][0]["owners"][0];
    owner["owner"] = json!("container");
    owner["container"] = json!("list");
    owner["name"] = json!("skips");
    owner["items"] = json!(4);
    owner["tensors"] = json!(4);
    owner["user"] = json!(true);
    owner["file"] = json!("net.py");
    owner["line"] = json!(20);
    owner["function"] = json!(function);
    let frame = json!({"file": "net.py", "line": 20, "function": function, "user": true, "self": "UNet", "tensors": []});
    census["work"]["frames"] = json!([frame]);
    census
}

#[test]
fn the_branches_of_a_pass_end_with_it_and_are_no_leak() {
    let cause = |function: &str| told(&branches(function))["causes"][0]["cause"].clone();
    assert_ne!(cause("UNet.forward"), "leak");
    assert_eq!(cause("UNet.run_all"), "leak");
}
