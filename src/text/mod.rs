//! Bytes to lines that formats can match: escapes, carriage returns and log prefixes off, ranks kept as labels.

mod squeeze;

pub use squeeze::Squeezed;

/// One line as a person would have read it, and what its prefixes told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its number in the raw input, from 1.
    pub number: u64,
    /// Its text: no escapes, no prefix, no line ending.
    pub text: String,
    /// The rank that a prefix names.
    pub rank: Option<u32>,
    /// What else a prefix names: pod, service, actor, stream. Lines of one lane belong together.
    pub lane: String,
}

/// The lines of one writer, untangled from those of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// The writer, as its prefixes name it; empty where lines have none.
    pub name: String,
    /// Its rank.
    pub rank: Option<u32>,
    /// Its lines, in the order of the input.
    pub lines: Vec<Line>,
}

/// Cleans raw bytes, the first line of which is number `first_line` of the input.
pub fn clean(raw: &[u8], first_line: u64) -> Vec<Line> {
    String::from_utf8_lossy(raw)
        .lines()
        .zip(first_line..)
        .map(|(text, number)| Line {
            number,
            text: text.to_owned(),
            ..Line::default()
        })
        .collect()
}

/// Sorts lines by their writer; writers in the order of their first line.
pub fn lanes(lines: Vec<Line>) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for line in lines {
        let found = lanes
            .iter_mut()
            .find(|lane| lane.rank == line.rank && lane.name == line.lane);
        match found {
            Some(lane) => lane.lines.push(line),
            None => lanes.push(Lane {
                name: line.lane.clone(),
                rank: line.rank,
                lines: vec![line],
            }),
        }
    }
    lanes
}
