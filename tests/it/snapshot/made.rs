//! Makes pickles as Python's pickler of each protocol and PyTorch's C++ writer do, from one small description.

/// A value of a snapshot.
#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(u64),
    Text(String),
    List(Vec<Value>),
    Pair(u64, u64),
    Dict(Vec<(&'static str, Value)>),
}

use Value::{Bool, Dict, Int, List, None as Nothing, Pair, Text};

fn text(words: &str) -> Value {
    Text(words.to_owned())
}

/// A frame.
pub(super) fn frame(file: &str, line: u64) -> Value {
    Dict(vec![
        ("name", text("work")),
        ("filename", text(file)),
        ("line", Int(line)),
    ])
}

/// An event.
pub(super) fn event(action: &str, address: u64, size: u64, line: u64) -> Value {
    let key = if action == "oom" {
        "device_free"
    } else {
        "addr"
    };
    Dict(vec![
        ("action", text(action)),
        (key, Int(address)),
        ("size", Int(size)),
        ("stream", Int(0)),
        ("time_us", Int(1_795_199_930_000_000 + line)),
        ("compile_context", text("N/A")),
        ("user_metadata", Nothing),
        ("frames", List(vec![frame("train.py", line)])),
    ])
}

/// A segment of blocks: address, size, whether it is in use.
pub(super) fn segment(address: u64, blocks: &[(u64, bool)]) -> Value {
    let mut at = address;
    let mut made = Vec::new();
    for (size, used) in blocks {
        made.push(Dict(vec![
            ("address", Int(at)),
            ("size", Int(*size)),
            ("requested_size", Int(*size)),
            (
                "state",
                text(if *used {
                    "active_allocated"
                } else {
                    "inactive"
                }),
            ),
            ("frames", List(vec![frame("train.py", 7)])),
        ]));
        at += size;
    }
    Dict(vec![
        ("device", Int(0)),
        ("address", Int(address)),
        ("total_size", Int(at - address)),
        ("allocated_size", Int(0)),
        ("active_size", Int(0)),
        ("requested_size", Int(0)),
        ("stream", Int(0)),
        ("segment_type", text("large")),
        ("segment_pool_id", Pair(0, 0)),
        ("is_expandable", Bool(false)),
        ("blocks", List(made)),
        ("frames", List(vec![])),
    ])
}

/// A snapshot of segments and the events of the first device.
pub(super) fn snapshot(segments: Vec<Value>, events: Vec<Value>) -> Value {
    Dict(vec![
        ("segments", List(segments)),
        ("device_traces", List(vec![List(events)])),
        ("external_annotations", List(vec![])),
    ])
}

/// A pickle of this protocol.
pub(super) fn pickle(value: &Value, protocol: u8) -> Vec<u8> {
    let mut out = Vec::new();
    if protocol >= 2 {
        out.extend([0x80, protocol]);
    }
    let mut memo = 0;
    write(value, protocol, &mut memo, &mut out);
    out.push(b'.');
    out
}

fn memoize(protocol: u8, memo: &mut u32, out: &mut Vec<u8>) {
    match protocol {
        0 => out.extend(format!("p{memo}\n").bytes()),
        1..=3 => {
            out.push(b'r');
            out.extend(memo.to_le_bytes());
        }
        _ => out.push(0x94),
    }
    *memo += 1;
}

fn write(value: &Value, protocol: u8, memo: &mut u32, out: &mut Vec<u8>) {
    match value {
        Nothing => out.push(b'N'),
        Bool(b) if protocol < 2 => out.extend(format!("I0{}\n", u8::from(*b)).bytes()),
        Bool(b) => out.push(if *b { 0x88 } else { 0x89 }),
        Int(n) if protocol == 0 => out.extend(format!("L{n}L\n").bytes()),
        Int(n @ 0..=255) => out.extend([b'K', u8::try_from(*n).unwrap()]),
        Int(n) if protocol == 1 => out.extend(format!("L{n}L\n").bytes()),
        Int(n) => {
            out.extend([0x8a, 9]);
            out.extend(n.to_le_bytes());
            out.push(0);
        }
        Text(text) => {
            match protocol {
                0 => out.extend(format!("V{text}\n").bytes()),
                1..=3 => {
                    out.push(b'X');
                    out.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
                    out.extend(text.bytes());
                }
                _ => {
                    out.extend([0x8c, u8::try_from(text.len()).unwrap()]);
                    out.extend(text.bytes());
                }
            }
            memoize(protocol, memo, out);
        }
        Pair(a, b) => {
            if protocol < 2 {
                out.push(b'(');
            }
            write(&Int(*a), protocol, memo, out);
            write(&Int(*b), protocol, memo, out);
            out.push(if protocol < 2 { b't' } else { 0x86 });
            memoize(protocol, memo, out);
        }
        List(items) => write_list(items, protocol, memo, out),
        Dict(items) => write_dict(items, protocol, memo, out),
    }
}

fn write_list(items: &[Value], protocol: u8, memo: &mut u32, out: &mut Vec<u8>) {
    out.extend(if protocol == 0 { &b"(l"[..] } else { b"]" });
    memoize(protocol, memo, out);
    let marks = protocol > 0 && items.len() != 1;
    if marks && !items.is_empty() {
        out.push(b'(');
    }
    for item in items {
        write(item, protocol, memo, out);
        if !marks {
            out.push(b'a');
        }
    }
    if marks && !items.is_empty() {
        out.push(b'e');
    }
}

fn write_dict(items: &[(&str, Value)], protocol: u8, memo: &mut u32, out: &mut Vec<u8>) {
    out.extend(if protocol == 0 { &b"(d"[..] } else { b"}" });
    memoize(protocol, memo, out);
    let marks = protocol > 0;
    if marks {
        out.push(b'(');
    }
    for (key, value) in items {
        write(&text(key), protocol, memo, out);
        write(value, protocol, memo, out);
        if !marks {
            out.push(b's');
        }
    }
    if marks {
        out.push(b'u');
    }
}

/// The same as JSON.
pub(super) fn json(value: &Value) -> serde_json::Value {
    match value {
        Nothing => serde_json::Value::Null,
        Bool(b) => (*b).into(),
        Int(n) => (*n).into(),
        Text(text) => text.as_str().into(),
        Pair(a, b) => vec![*a, *b].into(),
        List(items) => items.iter().map(json).collect(),
        Dict(items) => {
            let pairs = items
                .iter()
                .map(|(key, value)| ((*key).to_owned(), json(value)));
            serde_json::Value::Object(pairs.collect())
        }
    }
}
