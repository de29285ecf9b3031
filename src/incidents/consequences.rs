//! Lines that tell only what followed from a failure, each attached to its own.

use super::ECHO_REACH;
use crate::evidence::Incident;
use crate::messages;
use crate::text::Lane;

/// No more of them than a person would look up.
pub(super) const MOST_CONSEQUENCES: usize = 8;

/// Attaches to the last failure before it each line that tells only what followed from one.
pub(crate) fn attach(incidents: &mut [Incident], lanes: &[Lane]) {
    let Some(first) = incidents.iter().map(|incident| incident.place.line).min() else {
        return;
    };
    let lines = || lanes.iter().flat_map(|lane| &lane.lines);
    if !messages::some_follow(lines().map(|line| line.text.as_str())) {
        return;
    }
    let lines = lines();
    let mut numbers: Vec<u64> = lines
        .filter(|line| line.number > first && messages::only_follows(&line.text))
        .map(|line| line.number)
        .collect();
    numbers.sort_unstable();
    let headed = attach_titles(incidents, lanes);
    numbers.retain(|number| !headed.contains(number));
    let mut places: Vec<(u64, usize)> = incidents
        .iter()
        .map(|incident| incident.place.line)
        .zip(0..)
        .collect();
    places.sort_unstable();
    for number in numbers {
        let before = places.partition_point(|(line, _)| *line < number);
        let last = before.checked_sub(1).and_then(|at| places.get(at));
        let Some(incident) = last.and_then(|(_, index)| incidents.get_mut(*index)) else {
            continue;
        };
        if incident.consequences.len() < MOST_CONSEQUENCES {
            incident.consequences.push(number);
        }
    }
}

/// Attaches each line that tells what followed and has the stack of the failure below it, as one that logs an exception writes it. Their
/// numbers.
fn attach_titles(incidents: &mut [Incident], lanes: &[Lane]) -> Vec<u64> {
    let mut headed = Vec::new();
    for lane in lanes {
        let pairs = lane.lines.iter().zip(lane.lines.iter().skip(1));
        let titles = pairs.filter(|(title, below)| {
            messages::only_follows(&title.text)
                && below.text.trim_start().starts_with("Traceback (")
        });
        for (title, _) in titles {
            let below = |at: u64| at > title.number && at - title.number <= ECHO_REACH;
            let own = incidents
                .iter_mut()
                .filter(|incident| below(incident.place.line))
                .min_by_key(|incident| incident.place.line);
            if let Some(incident) = own.filter(|incident| stack_below(incident, title.number)) {
                incident.consequences.insert(0, title.number);
                incident.consequences.truncate(MOST_CONSEQUENCES);
                headed.push(title.number);
            }
        }
    }
    headed
}

/// True where the stack of a failure begins right below a line.
fn stack_below(incident: &Incident, title: u64) -> bool {
    const HEAD: u64 = 3;
    let first = incident.traceback.frames.first();
    first.is_some_and(|frame| frame.at > title && frame.at - title <= HEAD)
}
