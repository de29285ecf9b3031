//! What outlives its call, and what a first step is about to learn from.

use serde_json::json;

use super::{MIB, finding, first_fix, graphs, told, with_row};

#[test]
fn exceptions_that_are_kept_are_told_from_one_that_is_being_handled() {
    let row = |tensors: u64| {
        let row = json!({"owner": "exception", "name": "energy", "file": "score.py", "line": 16, "function": "score", "user": true,
            "bytes": 40 * MIB, "tensors": tensors, "graph_tensors": tensors, "graph": {"nodes": 650, "passes": tensors}});
        told(&with_row(&row))
    };
    let several = row(46);
    assert_eq!(finding(&several), "kept-objects");
    let (fix, how) = first_fix(&several);
    assert_eq!(fix, "drop-references");
    assert!(how.contains("str(error)"), "{how}");
    assert_eq!(finding(&row(1)), "exception-frames");
}

#[test]
fn before_the_first_step_of_an_optimizer_one_pass_may_learn_from_all_of_it() {
    let mut census = graphs("history", &json!("list"), 24, 24);
    census["devices"][0]["owners"][2]["owner"] = json!("container");
    census["devices"][0]["owners"][0]["shapes"][0]["tensors"] = json!(80);
    census["work"]["steps"] = json!({"epoch": 0});
    census["optimizers"][0]["class"] = json!("Adam");
    census["models"][0]["trainable_bytes"] = json!(512 * MIB);
    let incident = told(&census);
    assert_eq!(finding(&incident), "activations");
    let because = incident["causes"][0]["because"].as_str().unwrap();
    assert!(because.contains("24 forward passes"), "{because}");
    // A graph for each step that was counted is none of one step.
    census["work"]["steps"] = json!({"step": 24});
    assert_eq!(finding(&told(&census)), "kept-graph");
}
