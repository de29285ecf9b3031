//! What no client should do, and some do: junk, half a message, a call that is given up, a log that takes long. The messages are
//! written by hand, a line each.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The most bytes of what a tool answers.
const MOST: usize = 2000;
/// A machine that does other work at the same time answers later.
const SOON: Duration = Duration::from_secs(20);

/// A program that serves, and the lines that it answers.
struct Served {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let built = root.join("target/debug/whyoom");
        let program = std::env::var_os("WHYOOM").map_or(built, PathBuf::from);
        let mut child = Command::new(program)
            .arg("mcp")
            .args(arguments)
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (send, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let input = child.stdin.take();
        Self {
            child,
            input,
            lines,
        }
    }

    /// One that has been greeted.
    fn greeted(arguments: &[&str]) -> Self {
        Self::greeted_in(arguments, "2025-06-18")
    }

    /// One that has been greeted in this version of the protocol.
    fn greeted_in(arguments: &[&str], version: &str) -> Self {
        let mut served = Self::start(arguments);
        let about = json!({"name": "rough", "version": "0"});
        let begin = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": about});
        served.say(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": begin}));
        assert_eq!(served.answer(0)["result"]["serverInfo"]["name"], "whyoom");
        served.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        served
    }

    fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    fn say(&mut self, message: &Value) {
        self.raw(format!("{message}\n").as_bytes());
    }

    fn call(&mut self, id: u64, tool: &str, arguments: Value) {
        let params = json!({"name": tool, "arguments": arguments});
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}));
    }

    /// The answer to this call; what is said before it must be short, and no answer to `cancelled`.
    fn answer(&self, id: u64) -> Value {
        let until = Instant::now() + SOON;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).expect("an answer");
            let answer: Value = serde_json::from_str(&line).expect("a line is a message");
            assert!(line.len() <= 2 * MOST, "{} bytes: {line}", line.len());
            assert_ne!(answer["id"], json!(CANCELLED), "{line}");
            if answer["id"] == json!(id) {
                return answer;
            }
        }
    }

    /// It goes on serving.
    fn serves(&mut self, id: u64) {
        self.call(id, "explain", json!({"id": "oom"}));
        let page = &self.answer(id)["result"]["content"][0]["text"];
        assert!(page.as_str().unwrap().starts_with("# oom"), "{page}");
    }

    /// Its exit code once the client has left.
    fn left(mut self) -> i32 {
        drop(self.input.take());
        let until = Instant::now() + SOON;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().unwrap();
        panic!("it does not end");
    }
}

/// The call that is given up.
const CANCELLED: u64 = 7;

/// A log that takes long: many failures.
fn long_log() -> tempfile::NamedTempFile {
    let mut log = tempfile::NamedTempFile::new().unwrap();
    for step in 0..40_000 {
        let text = format!(
            "step {step}\nTraceback (most recent call last):\n  File \"/app/train_{step}.py\", line {step}, in <module>\n    \
             loss.backward()\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate {}.00 MiB. GPU 0 has a total capacity of \
             23.64 GiB of which 1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and 412.00 MiB is \
             reserved by PyTorch but unallocated.\n\n",
            2000 + step
        );
        log.write_all(text.as_bytes()).unwrap();
    }
    log
}

#[test]
fn junk_is_passed_over_or_answered_and_the_next_call_works() {
    let mut served = Served::greeted(&[]);
    let huge = vec![b'x'; 17 << 20];
    let junk: [&[u8]; 12] = [
        b"this is no JSON\n",
        b"{\"jsonrpc\": \"2.0\", \"id\": 3, \"meth\n",
        b"\xff\xfe\x00\n",
        b"\n\r\n\r\n",
        b"42\n",
        b"[]\n",
        b"{}\n",
        b"{\"jsonrpc\": \"1.0\", \"id\": 4, \"method\": \"tools/list\"}\n",
        b"{\"jsonrpc\": \"2.0\", \"id\": 5, \"method\": \"no/such\"}\n",
        b"{\"jsonrpc\": \"2.0\", \"id\": 6, \"method\": \"tools/call\", \"params\": 3}\n",
        &huge,
        b"\n",
    ];
    for (at, bytes) in (100..).zip(junk) {
        served.raw(bytes);
        if bytes.ends_with(b"\n") {
            served.serves(at);
        }
    }
    served.call(200, &"n".repeat(5000), json!({}));
    assert!(served.lines.recv_timeout(SOON).is_ok(), "it is answered");
    for (id, arguments) in (201..).zip([
        json!({"text": 3}),
        json!({"path": ["a"]}),
        json!({"path": ""}),
        json!({"path": "/no/such/log"}),
        json!({"path": "\u{0}"}),
        json!({"text": ""}),
        json!({"text": "\u{1b}[31m\u{0}\u{7}".repeat(10_000)}),
        json!({"path": "/proc/self/mem"}),
    ]) {
        served.call(id, "diagnose", arguments);
        served.answer(id);
    }
    let long = "/long".repeat(1000);
    for (id, (tool, key)) in (301..).zip([
        ("diagnose", "path"),
        ("snapshot", "path"),
        ("explain", "id"),
    ]) {
        served.call(id, tool, json!({key: long}));
        let answer = served.answer(id)["result"]["content"][0]["text"].clone();
        let answer = answer.as_str().unwrap();
        assert!(answer.len() <= MOST, "{} bytes: {answer}", answer.len());
    }
    served.serves(400);
    assert_eq!(served.left(), 0);
}

#[test]
fn a_client_of_another_time_is_told_which_version_is_spoken() {
    for version in ["2024-11-05", "1999-01-01", "2999-01-01", ""] {
        let mut served = Served::greeted_in(&[], version);
        served.serves(1);
        assert_eq!(served.left(), 0);
    }
}

#[test]
fn a_client_that_leaves_is_no_error_wherever_it_stands() {
    assert_eq!(Served::start(&[]).left(), 0);
    let mut half = Served::greeted(&[]);
    half.raw(b"{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"tools/ca");
    assert_eq!(half.left(), 0);
    // In the middle of a call: the answer is waited for some seconds, and then nobody is there to hear it.
    let log = long_log();
    let mut busy = Served::greeted(&[]);
    busy.call(1, "diagnose", json!({"path": log.path()}));
    assert_eq!(busy.left(), 0);
}

#[test]
fn a_call_that_is_given_up_holds_nothing_up_and_is_not_answered() {
    let log = long_log();
    let mut served = Served::greeted(&[]);
    served.call(CANCELLED, "diagnose", json!({"path": log.path()}));
    // Other questions are answered meanwhile.
    served.serves(8);
    let params = json!({"requestId": CANCELLED, "reason": "no longer needed"});
    served.say(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}));
    served.serves(9);
    served.call(
        10,
        "diagnose",
        json!({"text": "CUDA out of memory. Tried to allocate 2.00 GiB"}),
    );
    let answer = served.answer(10)["result"]["content"][0]["text"].to_string();
    assert!(answer.contains("failures"), "{answer}");
    assert_eq!(served.left(), 0);
}

#[test]
fn what_takes_too_long_is_answered_with_what_was_read_by_then() {
    let log = long_log();
    let mut served = Served::greeted(&["--within", "0"]);
    served.call(1, "diagnose", json!({"path": log.path()}));
    let answer = served.answer(1);
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.len() <= MOST, "{text}");
    assert!(
        text.contains("not_all_was_read") || text.contains("takes too long"),
        "{text}"
    );
    served.serves(2);
    assert_eq!(served.left(), 0);
}

#[test]
fn binary_data_is_answered_and_nothing_is_found_in_it() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut seed = 7u64;
    let mut bytes = Vec::with_capacity(8 << 20);
    while bytes.len() < 8 << 20 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        bytes.extend_from_slice(&seed.to_be_bytes());
    }
    file.write_all(&bytes).unwrap();
    let mut served = Served::greeted(&[]);
    served.call(1, "diagnose", json!({"path": file.path()}));
    let answer = served.answer(1)["result"]["content"][0]["text"].clone();
    let answer: Value = serde_json::from_str(answer.as_str().unwrap()).unwrap();
    assert_eq!(answer["failures"], 0, "{answer}");
    served.call(2, "snapshot", json!({"path": file.path()}));
    assert_eq!(served.answer(2)["result"]["isError"], true);
    assert_eq!(served.left(), 0);
}
