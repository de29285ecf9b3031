//! What every report says in words, worked out once: the headline, the verdict, what a fix wins.

use super::Options;
use super::wrap::columns;
use crate::bytes::{Bytes, human};
use crate::diagnose::{Diagnosis, Explained};
use crate::evidence::{
    Elsewhere, Flag, Incident, Memory, MessageId, Part as Who, Phase, SettingKind, Tells, runs,
};
use crate::findings::{Cause, Judged};
use crate::fixes::{Enough, Offer};

/// What is said of a failure that an earlier run had too.
pub const KNOWN: &str = "Known: the baseline has this failure, so it does not count.";

/// Why a failure does not fail the run and is an error in no output; `None` where it does, or where only an earlier run had it.
pub fn uncounted(explained: &Explained, options: &Options) -> Option<&'static str> {
    let incident = &explained.incident;
    if options.compared.gate.counts(explained) {
        None
    } else if incident.caught {
        Some(
            "The program caught it and went on, so it does not count (--fail-on any,caught counts it).",
        )
    } else if incident.only_signal() {
        Some("Only SIGKILL is known, so it does not count (--fail-on any,killed counts it).")
    } else {
        Some("--fail-on leaves it out, so it does not count.")
    }
}

/// The title, the verdict and why, in one sentence of plain text.
pub fn one_sentence(explained: &Explained) -> String {
    let headline = headline(explained, usize::MAX);
    let best = explained.causes.first();
    let why = best.map(|best| {
        let words = format!("{}: {}", verdict(best), best.finding.title());
        words
            .chars()
            .take(1)
            .flat_map(char::to_lowercase)
            .chain(words.chars().skip(1))
            .collect::<String>()
    });
    why.map_or_else(
        || format!("{headline}."),
        |why| format!("{headline}; {why}."),
    )
}

/// Whose memory ran out.
pub fn memory(explained: &Explained) -> &'static str {
    match explained.incident.memory {
        _ if explained.incident.only_signal() => "Process killed",
        Memory::Device => "GPU out of memory",
        Memory::Host => "Host out of memory",
    }
}

/// The headline and the verdict with its arithmetic, as sentences.
pub fn summary(explained: &Explained) -> String {
    let headline = headline(explained, usize::MAX);
    explained.causes.first().map_or_else(
        || format!("{headline}."),
        |best| {
            let (verdict, title) = (verdict(best), best.finding.title());
            format!("{headline}. {verdict}: {title}. {}", best.verdict.because)
        },
    )
}

/// "GPU out of memory in train.py:87 (backward), rank 3, GPU 0", in so many columns if that can be: then the file goes
/// without its folders.
pub fn headline(explained: &Explained, room: usize) -> String {
    let file = explained
        .incident
        .frame
        .as_ref()
        .map_or("", |frame| frame.file.as_str());
    let whole = headline_with(explained, file);
    if columns(&whole) <= room {
        return whole;
    }
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    headline_with(explained, name)
}

fn headline_with(explained: &Explained, file: &str) -> String {
    let incident = &explained.incident;
    let mut ranks = incident.ranks();
    ranks.sort_unstable();
    // Several ranks sit on several devices: naming the first one's would mislead.
    let noun = incident.accelerator.noun();
    let (who, rank) = if ranks.len() > 1 {
        (
            format!("The {noun}s"),
            Some(format!("ranks {}", runs(&ranks))),
        )
    } else {
        let gpu = incident
            .device
            .map_or_else(|| format!("The {noun}"), |index| format!("{noun} {index}"));
        (gpu, incident.rank.map(|rank| format!("rank {rank}")))
    };
    let who = match incident.memory {
        Memory::Device => who,
        Memory::Host => "The host".to_owned(),
    };
    let phase = match incident.phase {
        Some(Phase::Eval) if incident.flagged(Flag::Infers) => " in inference",
        told => told.map_or("", phase),
    };
    let node = incident.settings.get(SettingKind::Node);
    let node = node.filter(|_| incident.phase.is_none());
    let phase = node.map_or_else(
        || phase.to_owned(),
        |node| format!(" in the node {}", node.value),
    );
    let place = incident.frame.as_ref().map(|frame| match frame.line {
        0 => file.to_owned(),
        line => format!("{file}:{line}"),
    });
    let test = incident
        .who
        .get(Who::Test)
        .map(|test| format!("test {test}"));
    let told = Some(incident.who.words()).filter(|words| !words.is_empty());
    let places: Vec<String> = place
        .into_iter()
        .chain(test)
        .chain(rank)
        .chain(told)
        .collect();
    let colon = if places.is_empty() { "" } else { ": " };
    let places = places.join(", ");
    if incident.only_signal() {
        // That memory was the reason, nobody says.
        let what = match explained.incident.format {
            MessageId::RunnerLost => "The runner was lost",
            MessageId::RayActorDied => "A process of Ray died",
            _ => "A process was killed",
        };
        return format!("{what}{phase}{colon}{places}");
    }
    format!("{who} ran out of memory{phase}{colon}{places}")
}

/// What the program was doing, behind "ran out of memory".
const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Load => " while loading",
        Phase::Forward => " in the forward pass",
        Phase::Backward => " in the backward pass",
        Phase::Optimizer => " in the optimizer step",
        Phase::Eval => " in evaluation",
        Phase::Generate => " while generating",
        Phase::GraphCapture => " while capturing a CUDA graph",
        Phase::Communication => " in communication",
        Phase::Compile => " while compiling",
        Phase::Dataloader => " in the data loader",
        Phase::Save => " while saving",
        Phase::TrialRun => " in its trial run",
    }
}

/// The places in other inputs of the job that tell of the same failure.
pub fn elsewhere(incident: &Incident) -> Vec<String> {
    let again = incident
        .elsewhere
        .iter()
        .filter(|e| e.tells == Tells::Again);
    again.map(|e| e.place.to_string()).collect()
}

/// What a place in another input of the job says: "The same failure, rank 3".
pub fn tells(elsewhere: &Elsewhere) -> String {
    let words = match elsewhere.tells {
        Tells::Again => "The same failure",
        Tells::Twice => "The same failure, in another file",
        Tells::Follows => "Followed from it",
    };
    let rank = elsewhere.rank.map(|rank| format!(", rank {rank}"));
    format!("{words}{}", rank.unwrap_or_default())
}

/// So many places of other inputs fit in a message of one line.
const NAMED_PLACES: usize = 3;

/// "The same failure: b.log:4 (rank 1), c.log:4 (rank 2), ... Followed from it: d.log:1 (rank 3)." Empty where no other input
/// of the job tells of it.
pub fn other_places(incident: &Incident) -> String {
    let said = |follows: bool| {
        let all = incident.elsewhere.iter();
        let mut all = all.filter(|e| (e.tells == Tells::Follows) == follows);
        let named = all.by_ref().take(NAMED_PLACES);
        let mut places: Vec<String> = named
            .map(|e| match e.rank {
                Some(rank) => format!("{} (rank {rank})", e.place),
                None => e.place.to_string(),
            })
            .collect();
        let end = if all.next().is_some() {
            places.push("...".to_owned());
            ""
        } else {
            "."
        };
        let what = if follows {
            "Followed from it"
        } else {
            "The same failure"
        };
        (!places.is_empty()).then(|| format!("{what}: {}{end}", places.join(", ")))
    };
    let both = [said(false), said(true)].into_iter().flatten();
    both.collect::<Vec<_>>().join(" ")
}

/// The words with a full stop, where they end without any sign.
pub fn sentence(words: &str) -> String {
    let stop = if words.ends_with(['.', '?', '!', ')']) {
        ""
    } else {
        "."
    };
    format!("{words}{stop}")
}

/// The cause as a sentence begins: "Host memory".
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Fragmentation => "Fragmentation",
        Cause::Exhaustion => "Exhaustion",
        Cause::Leak => "Leak",
        Cause::Contention => "Contention",
        Cause::Cap => "Cap",
        Cause::Oversized => "Oversized request",
        Cause::HostMemory => "Host memory",
        Cause::Unknown => "Unknown",
    }
}

/// "Fragmentation, proven"; an open case has no sureness to name.
pub fn verdict(judged: &Judged) -> String {
    let words = cause(judged.finding.cause);
    if judged.finding.cause == Cause::Unknown {
        return words.to_owned();
    }
    let confidence = judged.verdict.confidence.name();
    match judged.verdict.measured {
        Some(m) if m.of >= LEAST_MEASURED => format!(
            "{words}, {confidence} ({} % of {} measured failures like this)",
            m.percent(),
            m.of
        ),
        _ => format!("{words}, {confidence}"),
    }
}

/// Of fewer a frequency says nothing to a person.
const LEAST_MEASURED: u32 = 20;

/// True of a line beside what is to be typed. `#SBATCH` and its like are to be typed.
pub fn is_remark(line: &str) -> bool {
    line.trim_start().starts_with("# ")
}

/// What a fix wins here: "frees up to 61.5 GiB, enough". `None` where the log does not tell.
pub fn worth(offer: &Offer) -> Option<String> {
    let won = offer.gain.filter(|gain| gain.high() > 0);
    let gain = won.map(|won| {
        if offer.at_least && won.low() > 0 {
            format!("frees at least {}", human(won.low()))
        } else {
            gain(won)
        }
    });
    let words = match (gain, offer.enough) {
        (Some(gain), Enough::Yes) => format!("{gain}, enough"),
        (Some(gain), Enough::No) => format!("{gain}, not enough alone"),
        (Some(gain), Enough::Unknown) => gain,
        (None, Enough::Yes) => "enough".to_owned(),
        (None, Enough::No) => "not enough alone".to_owned(),
        (None, Enough::Unknown) => return None,
    };
    Some(words)
}

/// "frees 61.5 GiB" where both ends are near, "frees up to" where the lower end says next to nothing.
fn gain(gain: Bytes) -> String {
    let (low, high) = (gain.low(), gain.high());
    if high - low <= high / 50 {
        format!("frees {gain}")
    } else if low <= high / 10 {
        format!("frees up to {}", human(high))
    } else {
        format!("frees {} to {}", human(low), human(high))
    }
}

/// "1 input", "3 inputs".
pub fn count(number: impl TryInto<u64>, noun: &str) -> String {
    match number.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

/// So many inputs that were not read to their end are named.
const NAMED_UNREAD: usize = 8;

/// The inputs that were not read to their end, each with what kept it from that; of many the first ones, and how many more
/// there are.
pub fn unread(diagnoses: &[Diagnosis]) -> (Vec<(&str, &str)>, usize) {
    let mut all: Vec<(&str, &str)> = diagnoses
        .iter()
        .filter(|d| !d.complete)
        .map(|d| {
            (
                d.source.as_str(),
                d.problem.as_deref().unwrap_or("cut short"),
            )
        })
        .collect();
    let more = match all.len() {
        n if n > NAMED_UNREAD => n + 1 - NAMED_UNREAD,
        _ => 0,
    };
    all.truncate(all.len() - more);
    (all, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_had_not_come_to_its_end_is_a_least() {
        let offer = |at_least| Offer {
            title: None,
            how: String::new(),
            gain: Some(Bytes::exact(6 << 30)),
            at_least,
            enough: Enough::Yes,
            cost: None,
        };
        assert_eq!(worth(&offer(false)).unwrap(), "frees 6 GiB, enough");
        assert_eq!(worth(&offer(true)).unwrap(), "frees at least 6 GiB, enough");
    }

    #[test]
    fn of_many_unread_inputs_some_are_named_and_the_others_counted() {
        let unread_of = |count| {
            let mut all: Vec<Diagnosis> = (0..count).map(|_| crate::diagnose("x", b"")).collect();
            for one in &mut all {
                one.complete = false;
            }
            let (named, more) = unread(&all);
            (named.len(), more)
        };
        assert_eq!(unread_of(8), (8, 0));
        assert_eq!(unread_of(30), (7, 23));
    }
}
