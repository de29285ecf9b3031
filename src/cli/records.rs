//! `--records`: a filter for engines that hold many logs. Each line of standard input is a record, a JSON object with one
//! log; each line of standard output is an object with what that log says, in the same order.

use std::io::{BufRead, ErrorKind, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::exit::Exit;
use super::gates::GateArgs;
use super::interrupt::Interrupt;
use crate::diagnose::{Custom, Diagnosis};
use crate::error::Error;
use crate::input::{self, Control, Source};
use crate::log::Log;
use crate::report::{self, Options};
use crate::session::{Detail, Session, Task};

/// The longest record that is read: a log in one line of JSON. What is longer is named, not read.
const LONGEST: u64 = 1 << 30;
/// The room of a record that is kept for the next one; a longer one's is given back.
const ROOM: usize = 1 << 20;

/// Reads records to the end of standard input and answers each at once. After a request to stop, the whole records that were
/// read by then are answered.
pub(super) fn run(
    gates: &GateArgs,
    options: &Options,
    custom: &Arc<Custom>,
) -> Result<Exit, Error> {
    let interrupt = Interrupt::listen();
    let control = Control {
        stop: interrupt.stop.clone(),
        ..Control::default()
    };
    let session = Session {
        custom: Arc::clone(custom),
        detail: Detail::Nothing,
        task: Arc::new(Task::under(&control)),
        ..Session::default()
    };
    let mut records = input::lines(&control.stop)?;
    let mut out = std::io::stdout().lock();
    let mut worst = Exit::CLEAN;
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        line.shrink_to(ROOM);
        match (&mut records).take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) if line.trim_ascii().is_empty() => continue,
            Ok(_) => {}
            Err(_) if control.stop.asked() => break,
            Err(reason) => {
                return Err(Error::Read {
                    source: Source::Stdin.name(),
                    reason,
                });
            }
        }
        let (diagnosis, rest) = answer(&line, number, &session);
        let mut answer = report::json::record(&diagnosis, options);
        // What the engine keeps beside the log, as its repository or its day, comes back beside the answer.
        for (key, value) in rest.into_iter().filter(|(key, _)| key != "text") {
            answer.entry(key).or_insert(value);
        }
        worst = worst.or(gates.exit(std::slice::from_ref(&diagnosis), &options.compared));
        let text = report::json::line(&answer)?;
        match out.write_all(&text).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            other => other.map_err(Error::Write)?,
        }
    }
    if interrupt.exit().is_some() {
        super::complain("interrupted: the records were not read to their end");
    }
    Ok(interrupt.exit().unwrap_or(worst))
}

/// What one record says, and what it holds beside its log.
fn answer(line: &[u8], number: u64, session: &Session<'_>) -> (Diagnosis, Map<String, Value>) {
    let bad = |source: &str, problem: String| Diagnosis::of(Log::unread(source, problem), None);
    let record = match serde_json::from_slice(line) {
        Ok(Value::Object(record)) => record,
        Ok(_) => {
            let problem = format!("line {number} is no record: a JSON object is meant");
            return (bad("<stdin>", problem), Map::new());
        }
        Err(error) => {
            let problem = format!("line {number} is no record: {error}");
            return (bad("<stdin>", problem), Map::new());
        }
    };
    let word = |key: &str| record.get(key).and_then(Value::as_str);
    let named = word("source").map(str::to_owned);
    let diagnosis = match (word("text"), word("path")) {
        (Some(text), None) => {
            let source = named.unwrap_or_else(|| format!("record {number}"));
            let mut reader = session.reader(&source);
            reader.push(text.as_bytes());
            session.judge(reader.whole(), None)
        }
        (None, Some(path)) => {
            let source = named.unwrap_or_else(|| path.to_owned());
            let file = Source::File(PathBuf::from(path));
            let read = session.one(&file, &source);
            read.unwrap_or_else(|error| bad(&source, error.to_string()))
        }
        _ => {
            let problem = format!("line {number} is no record: `text` or `path` is meant");
            bad(&named.unwrap_or_else(|| "<stdin>".to_owned()), problem)
        }
    };
    (diagnosis, record)
}
