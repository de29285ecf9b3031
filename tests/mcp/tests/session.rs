//! A session as an agent has it: the client starts the program, lists its tools and calls each.

use std::path::PathBuf;

use rmcp::model::CallToolRequestParams;
use rmcp::service::RunningService;
use rmcp::transport::TokioChildProcess;
use rmcp::{RoleClient, ServiceExt};
use serde_json::{Value, json};

const MOST: usize = 2000;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The program, built with its feature before.
fn program() -> PathBuf {
    let built = root().join("target/debug/whyoom");
    std::env::var_os("WHYOOM").map_or(built, PathBuf::from)
}

/// Starts the program as the entry for an agent's list of servers does.
async fn client() -> RunningService<RoleClient, ()> {
    let entry = std::fs::read(root().join("integrations/agent/mcp.json")).unwrap();
    let entry: Value = serde_json::from_slice(&entry).unwrap();
    let entry = &entry["mcpServers"]["whyoom"];
    assert_eq!(entry["command"], "whyoom");
    let arguments = entry["args"].as_array().unwrap().iter();
    let mut command = tokio::process::Command::new(program());
    command
        .args(arguments.map(|word| word.as_str().unwrap()))
        .current_dir(root());
    ().serve(TokioChildProcess::new(command).unwrap())
        .await
        .unwrap()
}

/// What a tool answers, and whether it says that this is an error.
async fn call(
    client: &RunningService<RoleClient, ()>,
    tool: &'static str,
    arguments: Value,
) -> (String, bool) {
    let arguments = arguments.as_object().unwrap().clone();
    let request = CallToolRequestParams::new(tool).with_arguments(arguments);
    let answer = serde_json::to_value(client.call_tool(request).await.unwrap()).unwrap();
    let text = answer["content"][0]["text"].as_str().unwrap().to_owned();
    assert!(text.len() <= MOST, "{} bytes: {text}", text.len());
    (text, answer["isError"] == json!(true))
}

#[tokio::test(flavor = "current_thread")]
async fn an_agent_is_told_the_tools_and_how_to_use_them() {
    let client = client().await;
    let tools = client.list_all_tools().await.unwrap();
    let mut names: Vec<_> = tools.iter().map(|tool| tool.name.to_string()).collect();
    names.sort();
    assert_eq!(names, ["diagnose", "explain", "live", "snapshot"]);
    let told = serde_json::to_value(client.peer_info().unwrap()).unwrap();
    assert!(told.to_string().contains("Quote its verdict"), "{told}");
    client.cancel().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_log_is_diagnosed_by_its_path_and_by_its_text_with_the_lines_to_quote() {
    let client = client().await;
    let path = "fixtures/cases/h200-oversized-shape-bug/log.txt";
    let log = std::fs::read(root().join(path)).unwrap();
    let text = String::from_utf8(log).unwrap();
    for arguments in [json!({"path": path}), json!({"text": text})] {
        let (answer, wrong) = call(&client, "diagnose", arguments).await;
        assert!(!wrong, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let first = &answer["shown"][0];
        assert_eq!(
            (&first["cause"], &first["confidence"]),
            (&json!("oversized"), &json!("proven"))
        );
        // The offset and the line lead to the message.
        let offset = usize::try_from(first["offset"].as_u64().unwrap()).unwrap();
        assert!(
            text[offset..]
                .lines()
                .next()
                .unwrap()
                .contains("Tried to allocate")
        );
        let line = usize::try_from(first["line"].as_u64().unwrap()).unwrap();
        assert_eq!(text[..offset].matches('\n').count() + 1, line);
        assert!(first["fixes"][0]["how"].is_string(), "{first}");
    }
    client.cancel().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn every_answer_is_short_and_says_what_it_leaves_out() {
    let client = client().await;
    let (answer, _) = call(&client, "diagnose", json!({"path": "fixtures/cases"})).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let shown = answer["shown"].as_array().unwrap().len() as u64;
    assert!(
        shown > 0 && answer["failures"].as_u64().unwrap() > 100,
        "{answer}"
    );
    assert_eq!(
        answer["left_out"].as_u64().unwrap() + shown,
        answer["failures"].as_u64().unwrap()
    );
    let case = std::fs::read_dir(root().join("fixtures/cases")).unwrap();
    for folder in case.map(|entry| entry.unwrap().path()) {
        let (answer, wrong) =
            call(&client, "diagnose", json!({"path": folder.join("log.txt")})).await;
        let _: Value = serde_json::from_str(&answer).unwrap();
        assert!(!wrong, "{answer}");
    }
    client.cancel().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_snapshot_names_the_lines_that_hold_the_memory() {
    let client = client().await;
    let path = "fixtures/snapshots/leak-models-across-folds/snapshot.pickle.gz";
    let (answer, wrong) = call(&client, "snapshot", json!({"path": path})).await;
    assert!(!wrong, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert!(
        answer["owners"][0]["at"].as_str().unwrap().contains(".py:"),
        "{answer}"
    );
    assert_eq!(answer["failure"]["cause"], "leak");
    let (problem, wrong) = call(&client, "snapshot", json!({"path": "README.md"})).await;
    assert!(wrong && problem.contains("no memory snapshot"), "{problem}");
    client.cancel().await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn pages_are_explained_and_wrong_use_is_told_as_such() {
    let client = client().await;
    for id in ["oom", "expandable-segments", "exhaustion", "out of memory"] {
        let (page, wrong) = call(&client, "explain", json!({"id": id})).await;
        assert!(!wrong && page.starts_with("# "), "{page}");
    }
    let (answer, wrong) = call(&client, "explain", json!({"id": "fragmentatoin"})).await;
    assert!(wrong && answer.contains("fragmentation"), "{answer}");
    let (answer, wrong) = call(&client, "diagnose", json!({})).await;
    assert!(wrong && answer.contains("text or path"), "{answer}");
    // What never ends, and the agent's own pipe, are no logs.
    for path in ["/dev/zero", "-"] {
        let (answer, wrong) = call(&client, "diagnose", json!({"path": path})).await;
        assert!(wrong && answer.contains("neither a file nor a folder"), "{answer}");
    }
    // Whether there are GPUs or not, there is an answer.
    let (answer, _) = call(&client, "live", json!({})).await;
    assert!(!answer.is_empty());
    client.cancel().await.unwrap();
}
