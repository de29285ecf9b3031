//! The same while the inputs grow: a failure is told as soon as it comes, and what another rank says of it later is told as a
//! repeat. What was told stays told, so that the first telling stands for all, whichever rank wrote it.

use std::collections::BTreeMap;
use std::mem;

use super::Jobs;
use crate::evidence::{Elsewhere, Incident, Tells};
use crate::incidents;
use crate::log::Log;
use crate::place::Place;
use crate::text::Member;

/// The failures of jobs that were told so far.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    /// The job of each input that is of one, by its number, and its place in it.
    members: BTreeMap<usize, (usize, Member)>,
    /// How often an input began anew: what it says then is of another run.
    runs: BTreeMap<usize, u32>,
    told: Vec<Told>,
}

/// A failure that was told, and what ranks said of it later.
#[derive(Debug)]
struct Told {
    job: usize,
    run: u32,
    tellings: Vec<Telling>,
}

/// What one file said of a failure.
#[derive(Debug)]
struct Telling {
    at: usize,
    attempt: u32,
    incident: Incident,
}

/// What an input says of a failure that another one of its job has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Retold {
    /// Where, by which rank, and what.
    pub told: Elsewhere,
    /// Where the failure was told.
    pub first: Place,
    /// How often the failure was seen by now.
    pub times: usize,
}

impl Growing {
    /// The jobs among inputs of these names.
    pub(crate) fn of<'a>(sources: impl IntoIterator<Item = &'a str>) -> Self {
        let jobs = (0..).zip(Jobs::of(sources).members);
        let members = jobs.flat_map(|(job, members)| {
            let place = move |(at, member)| (at, (job, member));
            members.into_iter().map(place)
        });
        Self {
            members: members.collect(),
            ..Self::default()
        }
    }

    /// Input number `at` has begun anew.
    pub(crate) fn begin_anew(&mut self, at: usize) {
        *self.runs.entry(at).or_default() += 1;
    }

    /// Takes out of what input number `at` has told the failures that other inputs of its job told before.
    pub(crate) fn take_retold(&mut self, at: usize, log: &mut Log) -> Vec<Retold> {
        let Some((job, member)) = self.members.get(&at).cloned() else {
            return Vec::new();
        };
        if !member.sure && !names_itself(log, &member) {
            return Vec::new();
        }
        let run = self.runs.get(&at).copied().unwrap_or_default();
        let mut retold = Vec::new();
        for incident in mem::take(&mut log.incidents) {
            // What several ranks wrote in one file is told as it stands there.
            let alone = incident.rank.is_some() && incident.shares.is_empty();
            let telling = alone.then(|| Telling {
                at,
                attempt: member.attempt,
                incident: incident.clone(),
            });
            match telling.and_then(|telling| self.add(job, run, telling)) {
                Some(again) => retold.push(again),
                None => log.incidents.push(incident),
            }
        }
        retold
    }

    /// Adds a telling to the failure that it is of; `None` where it is the first.
    fn add(&mut self, job: usize, run: u32, telling: Telling) -> Option<Retold> {
        let of_the_run = |told: &&mut Told| told.job == job && told.run == run;
        let mut all = self.told.iter_mut().filter(of_the_run);
        if let Some(retold) = all.find_map(|told| told.alike(&telling)) {
            return Some(retold);
        }
        let mut all = self.told.iter().filter(|t| t.job == job && t.run == run);
        if let Some(retold) = all.find_map(|told| told.followed(&telling)) {
            return Some(retold);
        }
        self.told.push(Told {
            job,
            run,
            tellings: vec![telling],
        });
        None
    }
}

impl Told {
    fn alike(&mut self, telling: &Telling) -> Option<Retold> {
        let first = self.tellings.first()?;
        if !incidents::failed_alike(&first.incident, &telling.incident) {
            return None;
        }
        let same = |known: &Telling| {
            known.attempt == telling.attempt
                && known.at != telling.at
                && incidents::told_twice(&known.incident, &telling.incident)
        };
        if self.tellings.iter().any(same) {
            return self.retold(telling, Tells::Twice);
        }
        self.tellings.push(Telling {
            incident: telling.incident.clone(),
            ..*telling
        });
        self.retold(telling, Tells::Again)
    }

    fn followed(&self, telling: &Telling) -> Option<Retold> {
        let first = self.tellings.first()?;
        let follows = first.attempt == telling.attempt
            && incidents::follows(&first.incident, &telling.incident);
        follows
            .then(|| self.retold(telling, Tells::Follows))
            .flatten()
    }

    fn retold(&self, telling: &Telling, tells: Tells) -> Option<Retold> {
        let first = self.tellings.first()?;
        Some(Retold {
            told: Elsewhere {
                place: telling.incident.place.clone(),
                rank: telling.incident.rank,
                tells,
            },
            first: first.incident.place.clone(),
            times: self.tellings.len(),
        })
    }
}

/// True where the lines so far name the rank of the path and no other.
fn names_itself(log: &Log, member: &Member) -> bool {
    log.ranks.iter().eq([&member.rank])
}
