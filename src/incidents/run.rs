//! One failure that is told again and again, with nothing else between: it is kept once, with the places of the others. A loop
//! that fails a hundred thousand times prints the same line as often.

use super::Folder;
use crate::evidence::{Incident, Traceback};

/// A failure, and those right behind it that are the same but for where they stand.
#[derive(Debug)]
pub(crate) struct Run {
    first: Incident,
    /// The line and the offset of each of the others.
    again: Vec<(u64, Option<u64>)>,
}

impl Run {
    /// Failures, of which those that are alike and stand one behind the other are put together.
    pub(crate) fn of(incidents: Vec<Incident>) -> Vec<Self> {
        let mut runs: Vec<Self> = Vec::new();
        // The last run's failure in the place of the last that was put there.
        let mut last: Option<Incident> = None;
        for incident in incidents {
            let run = runs
                .last_mut()
                .filter(|run| may_repeat(&run.first, &incident));
            if let Some(run) = run {
                let last = last.get_or_insert_with(|| run.first.clone());
                move_to(last, (incident.place.line, incident.offset));
                if *last == incident {
                    run.again.push((incident.place.line, incident.offset));
                    continue;
                }
            }
            last = None;
            runs.push(Self {
                first: incident,
                again: Vec::new(),
            });
        }
        runs
    }
}

/// True where they can be the same: the bare line of a message, with nothing around it that it has lines of.
fn may_repeat(one: &Incident, other: &Incident) -> bool {
    one.format == other.format
        && one.lead == other.lead
        && other.kill.is_none()
        && other.frame.is_none()
        && other.consequences.is_empty()
        && other.traceback == Traceback::default()
}

/// Puts a failure elsewhere, with all that was read from its own line.
fn move_to(incident: &mut Incident, (line, offset): (u64, Option<u64>)) {
    let from = incident.place.line;
    let facts = incident.facts.lines_mut();
    let processes = incident.processes.iter_mut().map(|p| &mut p.line);
    let settings = incident.settings.iter_mut().map(|s| &mut s.line);
    for own in facts.chain(processes).chain(settings) {
        if *own == from {
            *own = line;
        }
    }
    incident.place.line = line;
    incident.offset = offset;
}

impl Folder {
    /// Takes failures in the order of the input, as if each came by itself.
    pub(crate) fn push_run(&mut self, run: Run) {
        /// Of fewer, each is taken by itself. And so many may still change what is known of the failure: figures that it lacks,
        /// another rank's share.
        const FEW: usize = 4;
        let Run { first, again } = run;
        let mut rest = again.as_slice();
        let mut next = first;
        let mut before: Option<(usize, Incident)> = None;
        while let Some((place, others)) = rest.split_first() {
            let mut after = next.clone();
            move_to(&mut after, *place);
            let line = next.place.line;
            let known = self.push(next);
            if let (Some(at), Some((same, mut counted))) = (known, before.take())
                && at == same
            {
                counted.echoes.push(line);
                counted.repeats += 1;
                if self.incidents.get(at) == Some(&counted) {
                    // It is known by its key, wherever it stands, and one more of it only counts.
                    return self.count(at, rest);
                }
            }
            let seen = again.len() - rest.len();
            if rest.len() > FEW && seen < FEW {
                before = known.and_then(|at| Some((at, self.incidents.get(at)?.clone())));
            }
            next = after;
            rest = others;
        }
        self.push(next);
    }

    /// Takes so many more of a failure that only count.
    fn count(&mut self, at: usize, places: &[(u64, Option<u64>)]) {
        if let Some(earlier) = self.incidents.get_mut(at) {
            earlier.echoes.extend(places.iter().map(|(line, _)| *line));
            earlier.repeats += places.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::messages::Matcher;
    use crate::text;

    /// Lines that repeat, with figures, with one and without, of a search, of a rank, of two libraries.
    const LINES: [&str; 8] = [
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.20 \
         GiB is free. Of the allocated memory 70.40 GiB is allocated by PyTorch, and 100.00 MiB is reserved by PyTorch but unallocated.",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.20 \
         GiB is free. Of the allocated memory 70.40 GiB is allocated by PyTorch, and 100.00 MiB is reserved by PyTorch but unallocated.",
        "skipping batch 7: CUDA out of memory. Tried to allocate 3.00 GiB",
        "OOM with batch size 8: CUDA out of memory.",
        "RuntimeError: CUDA error: out of memory",
        "[rank1]: RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "CUDA driver error: out of memory",
    ];

    fn incidents(log: &[(usize, usize, usize)]) -> Vec<Incident> {
        let mut raw = String::new();
        for (line, times, gap) in log {
            let line = LINES.get(*line).unwrap();
            raw += &format!("{line}\n{}", "\n".repeat(*gap)).repeat(*times);
        }
        let lanes = text::lanes(text::clean(raw.as_bytes(), 1));
        let found = lanes.iter().flat_map(|lane| Matcher::new("t").find(lane));
        let mut incidents: Vec<Incident> = found.map(|recognized| recognized.incident).collect();
        incidents.sort_by_key(|incident| incident.place.line);
        incidents
    }

    #[test]
    fn lines_that_repeat_are_one_run() {
        let runs = Run::of(incidents(&[(0, 50, 0), (1, 3, 2), (0, 20, 60)]));
        let lengths: Vec<usize> = runs.iter().map(|run| run.again.len() + 1).collect();
        assert_eq!(lengths, [50, 3, 20]);
        let mut folder = Folder::default();
        for run in runs {
            folder.push_run(run);
        }
        assert_eq!(
            folder
                .finish()
                .iter()
                .map(|i| i.repeats)
                .collect::<Vec<_>>(),
            [70, 3]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn a_run_is_taken_as_each_by_itself(
            log in prop::collection::vec((0..LINES.len(), 1usize..24, prop::sample::select(&[0, 0, 1, 39, 60, 410][..])), 0..12),
        ) {
            let incidents = incidents(&log);
            let (mut each, mut runs) = (Folder::default(), Folder::default());
            for incident in incidents.clone() {
                each.push(incident);
            }
            for run in Run::of(incidents) {
                runs.push_run(run);
            }
            prop_assert_eq!(each.finish(), runs.finish());
        }
    }
}
