//! The inputs of one job, put together: launchers keep a file for each rank, and a failure of the job stands in many.
//!
//! Only a path can say that two inputs are of one job; what their texts have in common proves nothing. Where the number in a
//! path may be something else than a rank, the lines must name ranks too.

mod as_they_come;
mod skew;
mod with_snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use crate::diagnose::alone;
use crate::evidence::{Differs, Earlier, Elsewhere, Incident, OneDevice, Order, Side, Tells};
use crate::findings::Confidence;
use crate::incidents;
use crate::log::Log;
use crate::place::Place;
use crate::sorting;
use crate::text::{Member, member};

pub(crate) use as_they_come::{Growing, Retold};
pub(crate) use skew::join_gpus;
pub use with_snapshot::join_snapshots;

/// Which inputs belong together, told before any is read.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    /// The inputs of each job, by their places in the list of inputs; none of less than two.
    members: Vec<Vec<(usize, Member)>>,
    /// The jobs that end with an input.
    ended: BTreeMap<usize, Vec<usize>>,
    /// For each number of inputs read, the first input that waits for a later one.
    waiting: Vec<usize>,
}

impl Jobs {
    /// The jobs among inputs of these names.
    pub(crate) fn of<'a>(sources: impl IntoIterator<Item = &'a str>) -> Self {
        let mut jobs: BTreeMap<(String, bool), Vec<(usize, Member)>> = BTreeMap::new();
        let mut count = 0;
        for (at, source) in sources.into_iter().enumerate() {
            count = at + 1;
            if let Some(member) = member(source) {
                let job = (member.job.clone(), member.sure);
                jobs.entry(job).or_default().push((at, member));
            }
        }
        let jobs: Vec<_> = jobs.into_values().filter(|job| job.len() > 1).collect();
        let mut ended: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut waiting = vec![usize::MAX; count + 1];
        for (index, job) in jobs.iter().enumerate() {
            let (Some((first, _)), Some((last, _))) = (job.first(), job.last()) else {
                continue;
            };
            ended.entry(*last).or_default().push(index);
            if let Some(least) = waiting.get_mut(*last) {
                *least = (*least).min(*first);
            }
        }
        let mut least = usize::MAX;
        for waits in waiting.iter_mut().rev() {
            least = least.min(*waits);
            *waits = least;
        }
        Self {
            members: jobs,
            ended,
            waiting,
        }
    }

    /// How many of the first `read` inputs need not wait for others of their job, nor for one before them that does.
    pub(crate) fn ready(&self, read: usize) -> usize {
        self.waiting
            .get(read)
            .map_or(read, |first| read.min(*first))
    }

    /// Joins the jobs that end with the last of the `read` inputs. An input may be an archive of many logs: `place` tells where
    /// among the logs those of an input begin.
    pub(crate) fn join_ended(
        &self,
        logs: &mut [Log],
        read: usize,
        place: &dyn Fn(usize) -> Option<usize>,
    ) {
        let ended = read.checked_sub(1).and_then(|last| self.ended.get(&last));
        let ended = ended.into_iter().flatten();
        for job in ended.filter_map(|index| self.members.get(*index)) {
            let place = |(at, member): &(usize, Member)| Some((place(*at)?, member.clone()));
            let job: Vec<_> = job.iter().filter_map(place).collect();
            join_one(logs, &job);
        }
    }
}

/// Joins what the inputs of each job say of one failure.
pub fn join(logs: &mut [Log]) {
    let jobs = Jobs::of(logs.iter().map(|log| log.source.as_str()));
    for job in &jobs.members {
        join_one(logs, job);
    }
}

/// A failure and the input that tells it.
struct Told {
    at: usize,
    attempt: u32,
    incident: Incident,
}

impl Told {
    /// True where nothing allows that the other came first.
    fn surely_before(&self, other: &Self) -> bool {
        self.attempt < other.attempt || self.incident.when.surely_before(&other.incident.when)
    }
}

/// Several tellings of one failure; the one that stands for all is the first.
struct Cluster {
    tellings: Vec<Told>,
    /// What another rank's library or launcher said after it.
    followed: Vec<Told>,
}

fn join_one(logs: &mut [Log], job: &[(usize, Member)]) {
    if !job.iter().all(|(_, member)| member.sure)
        && !confirmed(logs, job)
        && !confirmed_by_records(logs, job)
    {
        return;
    }
    set_beside(logs, job);
    let mut told = Vec::new();
    for (at, member) in job {
        let Some(log) = logs.get_mut(*at) else {
            return;
        };
        for incident in mem::take(&mut log.incidents) {
            // A file that several ranks wrote is none of one rank, and was put in order when it was read.
            if incident.rank.is_none() || !incident.shares.is_empty() {
                log.incidents.push(incident);
                continue;
            }
            told.push(Told {
                at: *at,
                attempt: member.attempt,
                incident,
            });
        }
    }
    let mut clusters = clusters(told);
    attach_followed(logs, job, &mut clusters);
    let mut joined: Vec<Told> = clusters.into_iter().map(|c| merge(c, logs)).collect();
    tell_order(&mut joined);
    for told in joined {
        if let Some(log) = logs.get_mut(told.at) {
            log.incidents.push(told.incident);
            sorting::by_key(&mut log.incidents, |incident| incident.place.line);
        }
    }
}

/// True where the lines of some file name the rank of its path and those of none name another. A rank 0 confirms nothing:
/// each of several jobs has one.
fn confirmed(logs: &[Log], job: &[(usize, Member)]) -> bool {
    let mut named = false;
    for (at, member) in job {
        let Some(log) = logs.get(*at) else {
            return false;
        };
        if log.ranks.iter().any(|rank| *rank != member.rank) {
            return false;
        }
        named |= member.rank > 0 && !log.ranks.is_empty();
    }
    named
}

/// True where these are memory snapshots, and the number of each name is that of its GPU: it is a rank then, and no step or process.
fn confirmed_by_records(logs: &mut [Log], job: &[(usize, Member)]) -> bool {
    let of_gpu = |(at, member): &(usize, Member)| {
        let held = logs.get(*at).and_then(skew::held);
        held.is_some_and(|held| held.device == member.rank)
    };
    if !job.iter().all(of_gpu) {
        return false;
    }
    for (at, member) in job {
        let failed = logs.get_mut(*at).map(|log| log.incidents.iter_mut());
        let failed = failed.into_iter().flatten();
        failed.for_each(|incident| incident.rank = Some(member.rank));
    }
    true
}

/// Puts what memory snapshots say of the ranks beside each other, with the first of them.
fn set_beside(logs: &mut [Log], job: &[(usize, Member)]) {
    let ranks = job.iter().filter_map(|(at, member)| {
        let held = skew::held(logs.get(*at)?)?;
        Some((member.rank, held))
    });
    let found = skew::skew(Side::Rank, ranks);
    if let Some(found) = found
        && let Some(log) = job.first().and_then(|(at, _)| logs.get_mut(*at))
    {
        log.skew = Some(found);
    }
}

/// Which tellings are of one failure. What only follows from one is looked at last.
fn clusters(mut told: Vec<Told>) -> Vec<Cluster> {
    sorting::by_key(&mut told, |t| {
        let incident = &t.incident;
        let poor = incident.traceback.frames.is_empty();
        (t.attempt, incident.rank, poor, t.at, incident.place.line)
    });
    let (late, roots): (Vec<_>, Vec<_>) = told
        .into_iter()
        .partition(|t| incidents::speaks_after(&t.incident));
    let mut clusters: Vec<Cluster> = Vec::new();
    for telling in roots.into_iter().chain(late) {
        let alike = |c: &&mut Cluster| {
            let first = c.tellings.first();
            first.is_some_and(|f| incidents::failed_alike(&f.incident, &telling.incident))
        };
        if let Some(cluster) = clusters.iter_mut().find(alike) {
            cluster.tellings.push(telling);
        } else if let Some(root) = clusters.iter_mut().find(|c| follows(c, &telling)) {
            root.followed.push(telling);
        } else {
            clusters.push(Cluster {
                tellings: vec![telling],
                followed: Vec::new(),
            });
        }
    }
    clusters
}

fn follows(cluster: &Cluster, telling: &Told) -> bool {
    let first = cluster.tellings.first();
    first.is_some_and(|first| {
        first.attempt == telling.attempt && incidents::follows(&first.incident, &telling.incident)
    })
}

/// Attaches the files in which nothing failed and a line tells what followed.
fn attach_followed(logs: &[Log], job: &[(usize, Member)], clusters: &mut [Cluster]) {
    let failed: BTreeSet<usize> = clusters
        .iter()
        .flat_map(|c| c.tellings.iter().chain(&c.followed))
        .map(|t| t.at)
        .collect();
    let Some(first) = clusters.first_mut().and_then(|c| c.tellings.first_mut()) else {
        return;
    };
    for (at, member) in job.iter().filter(|(at, _)| !failed.contains(at)) {
        let Some((log, line)) = logs.get(*at).and_then(|log| Some((log, log.followed?))) else {
            continue;
        };
        let place = Place {
            source: log.source.clone(),
            line,
        };
        let only = log.ranks.first().copied();
        let followed = Elsewhere {
            place,
            rank: only.or(Some(member.rank)),
            tells: Tells::Follows,
        };
        incidents::attach(&mut first.incident, followed);
    }
}

/// One failure out of all its tellings.
fn merge(cluster: Cluster, logs: &mut [Log]) -> Told {
    let Cluster { tellings, followed } = cluster;
    let mut tellings = once_a_rank(tellings);
    let (at, order) = first_of(&tellings);
    let mut first = tellings.remove(at);
    if tellings.is_empty() && followed.is_empty() && first.incident.elsewhere.is_empty() {
        return first;
    }
    let differs = differing(&first, &tellings, logs);
    let pair = pairs(&first, &tellings).next();
    let place = first.incident.place.clone();
    let incident = &mut first.incident;
    let rest = tellings.into_iter().map(|t| (t, Tells::Again));
    let followed = followed.into_iter().map(|t| (t, Tells::Follows));
    for (telling, tells) in rest.chain(followed) {
        if let Some(log) = logs.get_mut(telling.at) {
            log.joined.push(place.clone());
        }
        incidents::add(incident, telling.incident, tells);
    }
    incident.order = order;
    incident.one_device = pair;
    incident.differs = differs;
    first
}

/// Each failure of a rank once: what standard error and torchrun's error file say both is one.
fn once_a_rank(tellings: Vec<Told>) -> Vec<Told> {
    let mut once: Vec<Told> = Vec::new();
    for telling in tellings {
        let same = |known: &&mut Told| {
            known.attempt == telling.attempt
                && known.at != telling.at
                && incidents::told_twice(&known.incident, &telling.incident)
        };
        match once.iter_mut().find(same) {
            Some(known) => {
                let incident = &mut known.incident;
                incident.when = incident.when.and(telling.incident.when);
                incidents::add(incident, telling.incident, Tells::Twice);
            }
            None => once.push(telling),
        }
    }
    once
}

/// The first failure, and what shows that it is; where nothing does, the one of the lowest rank.
fn first_of(tellings: &[Told]) -> (usize, Order) {
    let others = |at: usize| tellings.iter().enumerate().filter(move |(i, _)| *i != at);
    let first = tellings
        .iter()
        .enumerate()
        .find(|(at, telling)| others(*at).all(|(_, other)| telling.surely_before(other)));
    match first {
        Some((at, telling)) => {
            let again = others(at).all(|(_, other)| telling.attempt < other.attempt);
            (at, if again { Order::Attempts } else { Order::Times })
        }
        None => (0, Order::Unknown),
    }
}

/// Ranks whose own message speaks for another cause than the first's.
fn differing(first: &Told, tellings: &[Told], logs: &[Log]) -> Vec<Differs> {
    let word = |told: &Told| {
        let series = logs.get(told.at).map(|log| log.series.as_slice());
        alone(&told.incident, series.unwrap_or_default())
    };
    if tellings.is_empty() {
        return Vec::new();
    }
    let own = word(first).map(|best| best.finding.id);
    let odd = tellings.iter().filter_map(|telling| {
        let best = word(telling)?;
        let sure = best.verdict.confidence != Confidence::Possible;
        (sure && Some(best.finding.id) != own).then_some(Differs {
            rank: telling.incident.rank,
            finding: best.finding.id,
        })
    });
    // More would say that nothing is usual.
    odd.take(3).collect()
}

/// Two ranks that sit on one device.
fn pairs<'a>(first: &'a Told, rest: &'a [Told]) -> impl Iterator<Item = OneDevice> + 'a {
    let all = move || std::iter::once(first).chain(rest);
    all().enumerate().flat_map(move |(i, a)| {
        all()
            .skip(i + 1)
            .filter_map(|b| incidents::on_one_device(&a.incident, &b.incident))
    })
}

/// Where ranks failed in different ways, tells each which of them was first.
fn tell_order(joined: &mut [Told]) {
    let (at, order) = first_of(joined);
    let Some(first) = joined.get(at) else { return };
    let earlier = Earlier {
        rank: first.incident.rank,
        place: first.incident.place.clone(),
        order,
    };
    for (_, told) in joined.iter_mut().enumerate().filter(|(i, _)| *i != at) {
        told.incident.earlier = Some(earlier.clone());
    }
}
