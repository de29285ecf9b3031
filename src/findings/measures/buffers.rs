//! Buffers straight from the driver, as `ggml` takes them, one for each part of a model: what was needed on the device in
//! all, and what it had.
//!
//! Nothing is given back in between, so that the buffers before the refused one and the refused one itself are what the
//! model needs at least. What was free before the first of them is what the program had.

use crate::bytes::{Bytes, human};
use crate::evidence::{Accelerator, AtFailure, Flag, Key, Memory, MessageId, Program, SettingKind};
use crate::findings::measures::foreign;
use crate::findings::{Case, Confidence, Verdict};

/// No NVIDIA GPU has more in one piece as of 2026: B300, 288 GB.
const LARGEST_CUDA: u64 = 288_000_000_000;
/// From so many hundredths of the device on, what others hold is no context.
const OTHERS: u64 = 25;

/// What the buffers come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The refused one alone is larger than the device.
    Larger,
    /// All together are more than the device has.
    Short,
    /// Together they fit into the device, and not into what was free when the program began.
    Others,
    /// The same, and models that the program loaded before hold the rest.
    Earlier,
    /// The figures do not tell.
    Unsettled,
}

/// True where a buffer of a model was refused.
pub(crate) fn refused(case: &Case<'_>) -> bool {
    case.incident.memory == Memory::Device && case.incident.framework.buffers()
}

/// A component of TensorRT-LLM, which prints what the others took, or a model that `ExLlama` could not place.
pub(crate) fn component(case: &Case<'_>, flag: Flag) -> Option<Verdict> {
    let incident = case.incident;
    if !incident.flagged(flag) {
        return None;
    }
    match incident.format {
        MessageId::TensorrtLlmExecutor => {}
        MessageId::ExllamaSplit => {
            let because = "ExLlama places layer after layer with its share of the cache, and had no GPU left before the last one.";
            let settle = "`nvidia-smi` before it starts: what is free on each GPU that it may use?";
            return Some(Verdict::settled_by(
                Confidence::Likely,
                because.to_owned(),
                settle,
            ));
        }
        _ => return None,
    }
    let left = case.balance.free?;
    let total = case
        .balance
        .total
        .map_or_else(String::new, |total| format!(" of {total}"));
    let wanted = match part(case) {
        "" => "what came next",
        part => part,
    };
    let taken = match beside(&held(case)) {
        Some(list) => format!(" {list} came before it."),
        None => String::new(),
    };
    let because =
        format!("{left}{total} was free, and there was no room in it for the {wanted}.{taken}");
    let others = incident
        .facts
        .get(Key::FreeAtStart)
        .zip(case.balance.total)
        .is_some_and(|(free, total)| total.minus(free).low() > total.percent(OTHERS).low());
    let confidence = if others {
        Confidence::Possible
    } else {
        Confidence::Likely
    };
    Some(Verdict::settled_by(
        confidence,
        because,
        "`nvidia-smi` before it starts: does anybody else hold a part of the GPU?",
    ))
}

/// "17.1 GiB of weights and 4 GiB of cache".
fn beside(held: &[(&'static str, Bytes)]) -> Option<String> {
    let list: Vec<String> = held
        .iter()
        .map(|(name, bytes)| format!("{bytes} of {name}"))
        .collect();
    match list.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}

/// What the refused buffer was for; empty where the lines do not tell.
fn part(case: &Case<'_>) -> &'static str {
    const PARTS: [(Flag, &str); 3] = [
        (Flag::ForWeights, "weights"),
        (Flag::ForCache, "cache"),
        (Flag::ForWork, "work space"),
    ];
    let found = PARTS.iter().find(|(flag, _)| case.incident.flagged(*flag));
    let words = found.map_or("", |(_, words)| *words);
    let beside = case.incident.settings.get(SettingKind::Beside);
    match beside.map(|beside| beside.value.as_str()) {
        Some("draft") if words == "weights" => "the draft model's weights",
        Some("projector") if words == "weights" => "the projector's weights",
        _ => words,
    }
}

/// What the model had on the device when the next buffer was refused, by parts.
fn held(case: &Case<'_>) -> Vec<(&'static str, Bytes)> {
    const PARTS: [(&str, Key); 3] = [
        ("weights", Key::Weights),
        ("cache", Key::KvCache),
        ("work space", Key::ComputeBuffer),
    ];
    let facts = &case.incident.facts;
    let parts = PARTS.into_iter();
    parts
        .filter_map(|(name, key)| Some((name, facts.get(key)?)))
        .collect()
}

/// All that the model needs at least: what it had, and the refused buffer.
fn need(case: &Case<'_>) -> Option<Bytes> {
    let held = held(case).into_iter().map(|(_, bytes)| bytes);
    let seen = match case.balance.tried {
        Some(tried) => held.fold(tried, Bytes::plus),
        // What runs needs more than what is there, by something that is not said.
        None if case.incident.flagged(Flag::AtWork) => held.reduce(Bytes::plus)?,
        None => return None,
    };
    // The program's own plan counts what was still to come, too.
    let planned = case.incident.facts.get(Key::Projected);
    Some(planned.map_or(seen, |planned| planned.max(seen)))
}

/// What the buffers come to, and how sure that is; `None` where no buffer of a model was refused.
pub(crate) fn stop(case: &Case<'_>) -> Option<(Stop, Confidence)> {
    let incident = case.incident;
    if !refused(case)
        || incident.flagged(Flag::SingleAllocationLimit)
        || incident.flagged(Flag::Estimate)
    {
        return None;
    }
    let unsettled = Some((Stop::Unsettled, Confidence::Possible));
    let Some(need) = need(case) else {
        return unsettled;
    };
    let tried = case.balance.tried.unwrap_or(Bytes::ZERO);
    let total = case.balance.total;
    let at_work = incident.flagged(Flag::AtWork);
    let free = incident.facts.get(Key::FreeAtStart);
    let planned = incident.facts.get(Key::Deficit).is_some();
    if planned && incident.flagged(Flag::SeveralDevices) && free.is_none() {
        return Some((Stop::Short, Confidence::Likely));
    }
    if (total.is_none() || free.is_none())
        && let Some(stop) = watched(case, tried)
    {
        return Some(stop);
    }
    match (total, free) {
        (Some(total), _) if tried.surely_over(total) => Some((Stop::Larger, Confidence::Proven)),
        (None, None)
            if tried.low() > LARGEST_CUDA && case.incident.format == MessageId::GgmlBuffer =>
        {
            Some((Stop::Larger, Confidence::Likely))
        }
        // macOS recommends what the GPU should hold at most, and may give a little more.
        (Some(total), _) if need.surely_over(total) && at_work => {
            Some((Stop::Short, Confidence::Likely))
        }
        (Some(total), _) if need.surely_over(total) => Some((Stop::Short, Confidence::Proven)),
        (Some(total), Some(free)) if need.surely_over(free) => {
            let others = total.minus(free);
            if incident.flagged(Flag::EarlierModels) {
                return Some((Stop::Earlier, Confidence::Likely));
            }
            if others.low() >= total.percent(OTHERS).high() {
                return Some((Stop::Others, Confidence::Likely));
            }
            Some((Stop::Short, Confidence::Proven))
        }
        (None, Some(free)) if need.surely_over(free) => Some((Stop::Short, Confidence::Likely)),
        _ => unsettled,
    }
}

/// What the buffers come to where the log does not say what was free, and the GPU was watched: newer programs of llama.cpp print
/// their buffers only with `-lv 4`.
fn watched(case: &Case<'_>, tried: Bytes) -> Option<(Stop, Confidence)> {
    let at = case.incident.at_failure.as_ref()?;
    let total = Bytes::exact(at.total);
    let own = AtFailure::sum(at.holders.iter().filter(|holder| holder.own));
    let rivals = Bytes::exact(AtFailure::sum(at.rivals()));
    let need = tried.plus(Bytes::exact(own));
    if tried.surely_over(total) {
        Some((Stop::Larger, Confidence::Proven))
    } else if need.surely_over(total) {
        Some((Stop::Short, Confidence::Likely))
    } else if rivals.low() >= total.percent(OTHERS).high() && need.surely_over(total.minus(rivals))
    {
        Some((Stop::Others, Confidence::Likely))
    } else {
        None
    }
}

/// What was seen of the device, as a sentence; empty where it was not watched, or the log itself tells.
fn sight(case: &Case<'_>) -> String {
    let told = case.incident.facts.get(Key::FreeAtStart).is_some();
    let Some(at) = case.incident.at_failure.as_ref().filter(|_| !told) else {
        return String::new();
    };
    let own = AtFailure::sum(at.holders.iter().filter(|holder| holder.own));
    let others = match AtFailure::sum(at.rivals()) {
        0 => String::new(),
        others => format!(", and others held {}", human(others)),
    };
    format!(
        " The GPU was watched: of its {} the program held {} by then{others}.",
        human(at.total),
        human(own),
    )
}

/// "There was no room for 5.3 GiB of work space, beside 17.1 GiB of weights and 4 GiB of cache."
fn asked(case: &Case<'_>) -> String {
    let part = part(case);
    if case.incident.flagged(Flag::AtWork)
        && let Some(list) = beside(&held(case))
    {
        return format!("The GPU ran full in the middle of the work, beside {list}.");
    }
    let wanted = match (case.balance.tried, part) {
        (Some(tried), "") => tried.to_string(),
        (Some(tried), part) => format!("{tried} of {part}"),
        (None, "") => "a buffer".to_owned(),
        (None, part) => format!("a buffer of {part}"),
    };
    match beside(&held(case)) {
        None => format!("There was no room for {wanted}."),
        Some(list) => format!("There was no room for {wanted}, beside {list}."),
    }
}

/// What the device had, as a sentence.
fn room(case: &Case<'_>, need: Bytes) -> String {
    let free = case.incident.facts.get(Key::FreeAtStart);
    let facts = &case.incident.facts;
    let needed = match facts.get(Key::Deficit) {
        Some(deficit) if case.incident.flagged(Flag::SeveralDevices) => format!(
            " Its own plan, with what it leaves free, was {deficit} too large for all GPUs together."
        ),
        Some(deficit) => {
            format!(
                " Its own plan came to {need}; with what it leaves free, that is {deficit} too much."
            )
        }
        None if held(case).is_empty() => String::new(),
        None => format!(" That is {need} together."),
    };
    let had = match (free, case.balance.total) {
        (Some(free), Some(total)) => {
            format!(" Of the GPU's {total}, {free} was free when the program began.")
        }
        (Some(free), None) => format!(" {free} was free when the program began."),
        (None, Some(total)) if case.incident.accelerator == Accelerator::Mps => {
            format!(" macOS lets the GPU hold {total}.")
        }
        (None, Some(total)) => format!(" The GPU has {total}."),
        (None, None) => String::new(),
    };
    needed + &had + &sight(case)
}

/// The verdict of the finding that speaks of a part, where all together are too much.
pub(crate) fn short_of(case: &Case<'_>, part: Flag) -> Option<Verdict> {
    if !case.incident.flagged(part) {
        return None;
    }
    short(case)
}

/// The same whatever part it was.
pub(crate) fn short(case: &Case<'_>) -> Option<Verdict> {
    let (Stop::Short, confidence) = stop(case)? else {
        return None;
    };
    let because = format!("{}{}", asked(case), room(case, need(case)?));
    Some(Verdict::settled_unless_proven(
        confidence,
        because,
        "`nvidia-smi` before it starts: what do others hold?",
    ))
}

/// The verdict where others held what was missing.
pub(crate) fn others(case: &Case<'_>) -> Option<Verdict> {
    let (Stop::Others, confidence) = stop(case)? else {
        return None;
    };
    let because = format!(
        "{}{} Alone on the GPU it would have fit.",
        asked(case),
        room(case, need(case)?)
    );
    Some(Verdict::settled_by(
        confidence,
        because,
        "`nvidia-smi` before it starts: who else is listed on this GPU?",
    ))
}

/// The verdict where models that the program loaded before hold what was missing.
pub(crate) fn earlier(case: &Case<'_>) -> Option<Verdict> {
    let (Stop::Earlier, confidence) = stop(case)? else {
        return None;
    };
    let because = format!(
        "{}{} The models that the log shows to be loaded before it come to the rest: they are still there.",
        asked(case),
        room(case, need(case)?)
    );
    Some(Verdict::new(confidence, because))
}

/// The verdict where one buffer alone is larger than the device.
pub(crate) fn larger(case: &Case<'_>) -> Option<Verdict> {
    let (Stop::Larger, confidence) = stop(case)? else {
        return None;
    };
    let device = match case.balance.total {
        Some(total) => format!("the GPU has {total}"),
        None => "no GPU of NVIDIA's has so much (288 GB at the most)".to_owned(),
    };
    let because = format!("{} One buffer is one piece, and {device}.", asked(case));
    Some(Verdict::settled_unless_proven(
        confidence,
        because,
        "`nvidia-smi`: how much memory does the GPU have?",
    ))
}

const FULL: &str = "The GPU ran full in the middle of the work: what runs there needs room beside the model's buffers, and there was none left.";

/// The verdict where nothing tells what filled the device.
pub(crate) fn unsettled(case: &Case<'_>) -> Option<Verdict> {
    let (Stop::Unsettled, confidence) = stop(case)? else {
        return None;
    };
    if foreign::rivals_seen(case).is_some() || case.incident.flagged(Flag::Ambiguous) {
        return None;
    }
    let (because, settle) = if case.incident.flagged(Flag::AtWork) {
        (
            match case.balance.tried {
                Some(tried) => format!("{FULL} {tried} was refused."),
                None => FULL.to_owned(),
            },
            match case.incident.format {
                MessageId::MetalInsufficient => {
                    "the Memory tab of Activity Monitor once the model is loaded: what is left?"
                }
                _ => "`nvidia-smi` at that moment: how much is free once the model is loaded?",
            },
        )
    } else {
        (
            format!(
                "{}{} The text does not say whether the model is too large or others hold the GPU.",
                asked(case),
                need(case).map_or_else(String::new, |need| room(case, need))
            ),
            match case.incident.framework {
                Program::LlamaCpp if case.incident.program() != Program::LlamaCpp => {
                    "`nvidia-smi` before it starts, or the lines from \"using device\" on"
                }
                Program::LlamaCpp => {
                    "`nvidia-smi` before it starts, or the lines from \"using device\" on; since 2026 they come only with -lv 4"
                }
                Program::Ollama => {
                    "the lines above it, from \"using device\" on, or `nvidia-smi` before it starts"
                }
                _ => "`nvidia-smi` before it starts",
            },
        )
    };
    Some(Verdict::settled_by(confidence, because, settle))
}
