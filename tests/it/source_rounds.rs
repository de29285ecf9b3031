//! What a program keeps from one round to the next, by its own source.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::source::{log, project};

#[test]
fn a_model_that_is_built_again_is_let_go_of_before() {
    let folder = project();
    let program = "import torch\nfor seed in range(9):\n    net = resnet50().cuda()\n    opt = torch.optim.SGD(net.parameters())\n    fit(net, opt)\n";
    fs::write(folder.path().join("repo/src/train.py"), program).unwrap();
    let text = log("/home/alice/repo/src/train.py").replace(
        "line 6, in <module>\n    loss = model(batch).mean()\n",
        "line 3, in <module>\n    net = resnet50().cuda()\n  File \"/usr/lib/python3/site-packages/torch/nn/modules/module.py\", line 1053, in cuda\n    return self._apply(lambda t: t.cuda(device))\n",
    );
    fs::write(folder.path().join("run.log"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    command.args(["--repo-root", "repo", "-f", "json", "run.log"]);
    let output = command
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let incident = &report["incidents"][0];
    assert_eq!(incident["causes"][0]["finding"], "earlier-models");
    assert_eq!(incident["fixes"][0]["fix"], "drop-references");
    let patch = incident["fixes"][0]["patch"].as_str().unwrap();
    assert!(patch.contains("+    net = None\n"), "{patch}");
}

#[test]
fn a_loop_without_a_graph_that_keeps_its_results_is_told_before_any_reading() {
    const KEEPS: &str = "import torch\n\ndef evaluate(model, data):\n    scores = []\n    with torch.no_grad():\n        for batch in data:\n            \
                         scores.append(model(batch).logits)\n    return torch.cat(scores)\n\nevaluate(model, data)\n";
    let fails = "Traceback (most recent call last):\n  File \"/home/alice/repo/src/train.py\", line 10, in <module>\n    evaluate(model, data)\n  File \
                 \"/home/alice/repo/src/train.py\", line 7, in evaluate\n    scores.append(model(batch).logits)\n  File \
                 \"/home/alice/venv/lib/python3.12/site-packages/torch/nn/modules/module.py\", line 1790, in _call_impl\n    return forward_call(*args, **kwargs)\n";
    let message = log("x").split_once("torch.Out").unwrap().1.to_owned();
    let folder = project();
    fs::write(folder.path().join("repo/src/train.py"), KEEPS).unwrap();
    fs::write(
        folder.path().join("run.log"),
        format!("{fails}torch.Out{message}"),
    )
    .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyoom"));
    let flags = ["--repo-root", "repo", "--format", "json", "run.log"];
    let output = command
        .args(flags)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let incident = &report["incidents"][0];
    assert_eq!(
        incident["causes"][0]["finding"], "kept-outputs",
        "{incident}"
    );
    assert_eq!(incident["causes"][0]["confidence"], "likely");
    let causes = incident["causes"].as_array().unwrap();
    assert!(
        causes.iter().all(|c| c["finding"] != "graph-kept-in-eval"),
        "{incident}"
    );
}
