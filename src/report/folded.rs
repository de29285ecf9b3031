//! The stacks that hold memory, one a line with its bytes: what flame graph tools read (`inferno`, `flamegraph.pl`, speedscope).

use std::io::Write;

use super::sanitize::visible;
use super::{Options, Output, Readings};
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::evidence::Holdings;

pub(super) static OUTPUT: Output = Output {
    name: "folded",
    about: "Of memory snapshots: a call stack a line with the bytes it holds, for flame graphs",
    write,
    streams: true,
    follows: false,
    readings: Readings::Nothing,
};

fn write(diagnoses: &[Diagnosis], _: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let all: Vec<&Holdings> = diagnoses.iter().flat_map(Diagnosis::all_holdings).collect();
    let several = all.iter().any(|held| held.device != 0);
    for held in all {
        for stack in &held.stacks {
            let gpu = if several {
                format!("GPU {};", held.device)
            } else {
                String::new()
            };
            let line = format!("{gpu}{} {}\n", visible(&stack.frames), stack.bytes);
            out.write_all(line.as_bytes()).map_err(Error::Write)?;
        }
    }
    Ok(())
}
