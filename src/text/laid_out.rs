//! Records of exported logs that take a line for each field, as `aws logs get-log-events`, `jq` and `journalctl -o json-pretty`
//! print them: put on one line, which is read as any record is, under the number of the line that holds its text.

use std::borrow::Cow;

use super::partial::Whole;
use super::prefixes;

/// No record has more fields.
const MOST: usize = 64;
/// The fields that hold a text, in any export.
const TEXTS: [&[u8]; 5] = [
    b"\"message\"",
    b"\"MESSAGE\"",
    b"\"line\"",
    b"\"@message\"",
    b"\"textPayload\"",
];

/// Puts the records together; all other lines stay as they are.
pub(super) fn join(lines: Vec<Whole<'_>>) -> Vec<Whole<'_>> {
    let begins = |line: &Whole<'_>| line.1.trim_ascii() == b"{";
    if !lines.iter().any(begins) {
        return lines;
    }
    let mut joined = Vec::with_capacity(lines.len());
    let mut rest = lines.into_iter().peekable();
    while let Some(line) = rest.next() {
        if !begins(&line) {
            joined.push(line);
            continue;
        }
        let mut parts = vec![line];
        while let Some(part) = rest.next_if(|part| is_field(&part.1)) {
            parts.push(part);
            if parts.len() > MOST {
                break;
            }
        }
        parts.extend(rest.next_if(|part| matches!(part.1.trim_ascii(), b"}" | b"},")));
        match record(&parts) {
            Some(whole) => joined.push(whole),
            None => joined.extend(parts),
        }
    }
    joined
}

fn is_field(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"\"")
}

/// The record on one line, if it is one of an export.
fn record<'a>(parts: &[Whole<'a>]) -> Option<Whole<'a>> {
    let holds_text = |part: &&Whole<'_>| {
        let line = part.1.trim_ascii_start();
        TEXTS.iter().any(|field| line.starts_with(field))
    };
    let (number, _) = parts.iter().find(holds_text)?;
    let fields: Vec<&[u8]> = parts.iter().map(|part| part.1.trim_ascii()).collect();
    let mut whole = fields.concat();
    if whole.ends_with(b",") {
        whole.pop();
    }
    let known = prefixes::is_exported(std::str::from_utf8(&whole).ok()?);
    known.then_some((*number, Cow::Owned(whole)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    const LOG: [&str; 5] = [
        "step 7",
        "Traceback (most recent call last):",
        "  File \"/home/user/train.py\", line 87, in main",
        "    loss.backward()",
        "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 23.64 GiB total capacity; 21.40 GiB already \
         allocated; 1.00 GiB free; 21.80 GiB reserved in total by PyTorch)",
    ];

    /// The line of the failure's text, and that of its message.
    fn read(text: &str) {
        let diagnosis = crate::diagnose("export.json", text.as_bytes());
        let [explained] = &diagnosis.incidents[..] else {
            panic!("{} failures in {text}", diagnosis.incidents.len())
        };
        let incident = &explained.incident;
        let frame = incident.frame.as_ref().unwrap();
        assert_eq!((frame.line, frame.function.as_str()), (87, "main"));
        assert_eq!(incident.facts.iter().count(), 5);
        let line = text.lines().position(|line| line.contains("out of memory"));
        assert_eq!(incident.place.line, line.unwrap() as u64 + 1);
    }

    #[test]
    fn events_that_take_a_line_for_each_field_are_read_with_their_stack() {
        let events = LOG.map(|line| {
            json!({"logStreamName": "train/1", "timestamp": 1_700_000_000_000u64, "message": line,
                "ingestionTime": 1_700_000_000_001u64, "eventId": "36"})
        });
        let all = json!({"events": events, "searchedLogStreams": []});
        read(&serde_json::to_string_pretty(&all).unwrap());
        let journal = LOG.map(|line| {
            format!(
                "{{\n\t\"__CURSOR\" : \"s=1\",\n\t\"_PID\" : \"71\",\n\t\"MESSAGE\" : {},\n\t\"__REALTIME_TIMESTAMP\" : \"17\"\n}}\n",
                json!(line)
            )
        });
        read(&journal.concat());
    }

    #[test]
    fn what_a_program_lays_out_itself_stays_as_it_is() {
        for text in [
            "{\n  \"message\": \"a\",\n  \"loss\": 2\n}\nb",
            "{\n{\n  \"message\": \"cut",
            "{\n}\n{\n  \"a\": {\n    \"message\": \"b\"\n  }\n}",
        ] {
            let lines = crate::text::clean(text.as_bytes(), 1);
            let same: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
            assert_eq!(same.join("\n"), text);
        }
    }
}
