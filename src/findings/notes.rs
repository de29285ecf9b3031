//! What else a person should know about a failure: advice of the message that is wrong here, settings that do nothing,
//! figures that this version does not print, which ranks failed.

use crate::bytes::Bytes;
use crate::evidence::{
    Flag, Memory, MessageId, Order, Phase, Program, SettingKind, Share, Tells, Tuning, Version,
    of_each_weight, runs, tuning_weights,
};
use crate::findings::measures::{foreign, idle, room};
use crate::findings::{Case, named};
use crate::fixes::train_adapters;
use crate::sorting;

/// The notes of a case, as sentences; each only where the log shows it.
pub(crate) fn notes(case: &Case<'_>) -> Vec<String> {
    const NOTES: [fn(&Case<'_>) -> Option<String>; 15] = [
        weights,
        whole_copy,
        small_rival,
        finder,
        next_time,
        older_than_its_option,
        ranks,
        first_step,
        consequences,
        straw,
        ignored_setting,
        unsupported_setting,
        collection_without_limit,
        conflicting_settings,
        hint,
    ];
    let notes = NOTES.iter().filter_map(|note| note(case));
    notes
        .chain(differing(case))
        .chain(after_another(case))
        .collect()
}

/// Another that holds too little to be the reason, and still more than was missing. Several can be ranks of the job.
fn small_rival(case: &Case<'_>) -> Option<String> {
    let balance = case.balance;
    let (others, short) = (balance.others?, balance.shortfall?);
    let strangers = case.incident.processes.iter();
    let one = strangers.filter(|p| !p.own && !p.same_job).count() == 1;
    let enough = short.high() > 0 && others.surely_at_least(short);
    (one && enough && foreign::foreign_holds(case).is_none()).then(|| {
        format!(
            "Another process holds {others} of this GPU, more than was missing. Without it this request would have fitted; the next \
             may not."
        )
    })
}

/// What training needs whatever the batch, where the log tells the number of weights and it is more than the device has.
fn weights(case: &Case<'_>) -> Option<String> {
    let tuning = Tuning::of(&case.incident.settings)?;
    let total = case.balance.total.or(case.balance.limit)?;
    let elsewhere = [Phase::Load, Phase::Eval, Phase::Generate, Phase::Save];
    let trains = case
        .incident
        .phase
        .is_none_or(|phase| !elsewhere.contains(&phase));
    if !trains || case.incident.memory != Memory::Device || tuning.needs.high() <= total.high() {
        return None;
    }
    let none = if tuning.needs.low() > total.high() {
        " No batch is small enough for that."
    } else {
        ""
    };
    Some(format!(
        "{}; the GPU has {total}.{none}",
        train_adapters::sum(tuning)
    ))
}

/// One request for all weights or gradients: nothing was split, whatever the batch.
fn whole_copy(case: &Case<'_>) -> Option<String> {
    // What a model reads or writes while it answers is no copy of it.
    let answers = matches!(case.incident.phase, Some(Phase::Eval | Phase::Generate));
    let tried = case.balance.tried.filter(|_| !answers)?;
    let (bytes, weights) = of_each_weight(&case.incident.settings, tried)?;
    let of = tuning_weights(weights);
    Some(format!(
        "{tried} is about {bytes} bytes for each of the {of} weights: all weights, or all their gradients, in one piece."
    ))
}

/// Ranks whose own message speaks for another cause.
fn differing(case: &Case<'_>) -> impl Iterator<Item = String> {
    let differs = case.incident.differs.iter();
    differs.filter_map(|differs| {
        let rank = differs.rank.map_or_else(String::new, |r| r.to_string());
        let title = named(differs.finding)?.title();
        Some(format!(
            "Rank {rank} differs: by its own message it is {title}."
        ))
    })
}

/// That the job failed in another way before.
fn after_another(case: &Case<'_>) -> Option<String> {
    let earlier = case.incident.earlier.as_ref()?;
    let rank = earlier
        .rank
        .map_or_else(|| "Another rank".to_owned(), |r| format!("Rank {r}"));
    let place = &earlier.place;
    Some(match earlier.order {
        Order::Unknown => format!(
            "{rank} of this job failed in another way ({place}). Which was first cannot be told: the logs carry no times that settle it."
        ),
        _ => format!("{rank} of this job had failed before, in another way ({place})."),
    })
}

/// A batch-size finder tries until memory runs out: the failure is its measurement.
fn finder(case: &Case<'_>) -> Option<String> {
    const FINDERS: [&str; 4] = [
        "find_executable_batch_size",
        "accelerate/utils/memory.py",
        "batch_size_scaling",
        "autobatch",
    ];
    // That it ends at zero is not what it looks for.
    if case.incident.flagged(Flag::EveryBatch) {
        return None;
    }
    let stack = &case.incident.traceback;
    FINDERS.iter().any(|name| stack.mentions(name)).then(|| {
        "A batch-size finder was running. It increases the batch until memory runs out, so this failure is expected.".to_owned()
    })
}

/// Without figures nothing can be told: how to have them next time, and what most people try first.
fn next_time(case: &Case<'_>) -> Option<String> {
    let (incident, balance) = (case.incident, case.balance);
    let figures = balance.free.is_some() || balance.live.is_some() || balance.limit.is_some();
    // `run` needs Unix.
    let watchable = incident.memory == Memory::Device
        && incident.accelerator.native()
        && !incident.settings.has(SettingKind::Windows);
    if figures || !watchable || incident.caught || incident.at_failure.is_some() {
        return None;
    }
    let run = "Next time, run it as `whyoom run -- COMMAND`: it watches the GPU and adds what this log lacks.";
    let guess = guess(case);
    Some(match guess.as_slice() {
        [] => run.to_owned(),
        guess => format!("{run} Until then, a guess: {}.", guess.join(", ")),
    })
}

/// What most people try first in training, less what the log shows to be on or to have no part in it.
fn guess(case: &Case<'_>) -> Vec<&'static str> {
    let (incident, settings) = (case.incident, &case.incident.settings);
    let trains = incident.framework == Program::Pytorch
        && incident.program() == Program::Pytorch
        && !incident.traceback.infers();
    // A program with words of its own is answered in them.
    if !trains || incident.phase == Some(Phase::Load) || settings.has(SettingKind::Trainer) {
        return Vec::new();
    }
    // Nothing is kept for a backward pass there.
    let answers = matches!(incident.phase, Some(Phase::Eval | Phase::Generate));
    // Where the log shows the batch, half of it is offered.
    let tries = [
        (
            "halve the batch size",
            !settings.has(SettingKind::BatchSize) && !incident.flagged(Flag::EveryBatch),
        ),
        (
            "recompute activations",
            !settings.has(SettingKind::Checkpointing) && !answers,
        ),
        (
            "use bf16",
            !settings.has(SettingKind::MixedPrecision) && !settings.has(SettingKind::HalfWeights),
        ),
    ];
    let open = tries.iter().filter(|(_, open)| *open);
    open.map(|(what, _)| *what).collect()
}

/// Before 1.10 the option is not read, and nothing says so (c10/cuda/CUDACachingAllocator.cpp).
fn older_than_its_option(case: &Case<'_>) -> Option<String> {
    let (oldest, newest) = case.incident.settings.torch_range();
    let old = oldest
        < Some(Version {
            major: 1,
            minor: 10,
        });
    let brackets = newest.is_some_and(|v| v <= Version { major: 2, minor: 0 });
    let idle = idle::idle_reaches(case).is_some();
    (old && brackets && idle && !case.incident.flagged(Flag::Hint)).then(|| {
        "max_split_size_mb needs PyTorch 1.10; this form of the message is older, or cut."
            .to_owned()
    })
}

/// Which rank failed first, and which of them differ.
fn ranks(case: &Case<'_>) -> Option<String> {
    let incident = case.incident;
    let first = incident.shares.first()?;
    let mut others: Vec<u32> = incident.ranks().into_iter().skip(1).collect();
    if others.is_empty() {
        return None;
    }
    if incident.order != Order::Lines {
        others.sort_unstable();
    }
    let mut all: Vec<u32> = incident.ranks();
    all.sort_unstable();
    let (rank, others) = (first.rank, runs(&others));
    let order = match incident.order {
        // What a library of another rank said before tells no more than that the crash had begun.
        Order::Lines
            if let Some(line) = incident.echoes.iter().find(|line| **line < first.line) =>
        {
            format!(
                "A CUDA library of another rank got no memory first (line {line}), then ranks {rank}, {others}."
            )
        }
        Order::Lines => format!(
            "Rank {rank} failed first (line {}), then {others}.",
            first.line
        ),
        Order::Times => {
            format!("Rank {rank} failed first by the times in the logs, before {others}.")
        }
        Order::Attempts => {
            format!("Rank {rank} failed alone at the first attempt, later {others}.")
        }
        Order::Unknown => {
            format!(
                "Ranks {} failed alike. Which was first cannot be told: the logs carry no times that settle it.",
                runs(&all)
            )
        }
    };
    Some(format!("{order} {}", compared(&incident.shares)))
}

/// Whether ranks held about as much; where fewer than half stand out, which.
fn compared(shares: &[Share]) -> String {
    let held = || shares.iter().filter_map(|s| Some((s.rank, s.allocated?)));
    let near =
        |a: Bytes, b: Bytes| a.percent(95).low() <= b.high() && b.percent(95).low() <= a.high();
    let mut sizes: Vec<Bytes> = held().map(|(_, bytes)| bytes).collect();
    sorting::by_key(&mut sizes, |bytes| bytes.mid());
    let usual = sizes.get(sizes.len() / 2).copied();
    let odd: Vec<(u32, Bytes)> = held()
        .filter(|(_, bytes)| usual.is_some_and(|usual| !near(*bytes, usual)))
        .collect();
    match (odd.as_slice(), usual) {
        ([], _) | (_, None) => {
            "All held about as much: it is a matter of size, not of one rank.".to_owned()
        }
        (odd, Some(usual)) if odd.len() < 4 && odd.len() * 2 < sizes.len() => {
            let odd: Vec<String> = odd
                .iter()
                .map(|(rank, bytes)| format!("rank {rank} held {bytes}"))
                .collect();
            format!(
                "Of them, {}, the others about {usual}: look for uneven batches, lengths or stages.",
                odd.join(", ")
            )
        }
        _ => "They held different amounts: look for uneven batches, lengths or stages.".to_owned(),
    }
}

/// Nothing had time to pile up.
fn first_step(case: &Case<'_>) -> Option<String> {
    case.incident.run.first.then(|| {
        format!(
            "It failed before the first step was done (line {}): nothing had time to grow, so it is a matter of size.",
            case.incident.run.line
        )
    })
}

/// Lines that look like failures of their own and only follow from this one.
fn consequences(case: &Case<'_>) -> Option<String> {
    let incident = case.incident;
    let lines: Vec<String> = incident.consequences.iter().map(u64::to_string).collect();
    let followed = incident
        .elsewhere
        .iter()
        .filter(|e| e.tells == Tells::Follows);
    let places: Vec<String> = followed.map(|e| e.place.to_string()).collect();
    let lines = match lines.as_slice() {
        [] => None,
        [one] => Some(format!("line {one}")),
        many => Some(format!("lines {}", many.join(", "))),
    };
    let one = incident.consequences.len() + places.len() == 1;
    let what: Vec<String> = lines.into_iter().chain(places).collect();
    if what.is_empty() {
        return None;
    }
    let follow = if one { "follows" } else { "follow" };
    let what = what.join(", ");
    let what = what
        .strip_prefix("line")
        .map_or_else(|| what.clone(), |rest| format!("Line{rest}"));
    let alone =
        incident.rank.is_none() && incident.ranks().len() < 2 && incident.framework.serves();
    let why = if alone {
        "what waits for this process says so when it is gone"
    } else {
        "other ranks waited for the dead one or were ended"
    };
    Some(format!("{what} only {follow} from this failure: {why}."))
}

/// 2.00 and 20.00 MiB are segment sizes (small pool; requests of 1 to 10 MiB): the tensor behind them is innocent.
fn straw(case: &Case<'_>) -> Option<String> {
    let tried = case
        .balance
        .tried
        .filter(|_| case.incident.format == MessageId::PytorchCuda)?;
    let size = match tried.mid() >> 20 {
        2 => "up to 1 MiB",
        20 => "1 to 10 MiB (or just under 20)",
        _ => return None,
    };
    (!room::had_room(case)).then(|| {
        format!("The line that failed is only the last straw: PyTorch asks for {tried} when a tensor of {size} needs a new segment.")
    })
}

/// 2.9 warns that the old name is deprecated, and ignores the new one (pytorch/pytorch issue 183387).
fn ignored_setting(case: &Case<'_>) -> Option<String> {
    let setting = case.incident.settings.get(SettingKind::AllocatorConfig)?;
    let torch = case.incident.settings.torch()?;
    (setting.name == "PYTORCH_ALLOC_CONF" && torch == Version { major: 2, minor: 9 }).then(|| {
        "PyTorch 2.9 ignores PYTORCH_ALLOC_CONF, whatever its warning says: set PYTORCH_CUDA_ALLOC_CONF.".to_owned()
    })
}

/// `PyTorch` warns once and goes on without it (c10/cuda/CUDAAllocatorConfig.h).
fn unsupported_setting(case: &Case<'_>) -> Option<String> {
    let warning = case
        .incident
        .settings
        .get(SettingKind::ExpandableUnsupported)?;
    Some(format!(
        "expandable_segments has no effect here: PyTorch warned that this platform does not support it (line {}).",
        warning.line
    ))
}

/// The key works only under a memory fraction (c10/cuda/CUDACachingAllocator.cpp, order of attempts).
fn collection_without_limit(case: &Case<'_>) -> Option<String> {
    let settings = &case.incident.settings;
    let set = settings
        .allocator()
        .get("garbage_collection_threshold")
        .is_some();
    let limited = case.balance.limit.is_some() || settings.has(SettingKind::MemoryFraction);
    (set && !limited).then(|| {
        "garbage_collection_threshold is set, but it does nothing without a memory fraction."
            .to_owned()
    })
}

/// Asserts before 2.5, reserved memory without bound later (pytorch/pytorch issues 123548 and 193400).
fn conflicting_settings(case: &Case<'_>) -> Option<String> {
    let settings = &case.incident.settings;
    let config = settings.allocator();
    (settings.expandable() && config.get("max_split_size_mb").is_some()).then(|| {
        "expandable_segments and max_split_size_mb are both set; they work against each other. Keep the first.".to_owned()
    })
}

/// Before 2.14 the hint is printed whatever the setting and whatever the figures.
fn hint(case: &Case<'_>) -> Option<String> {
    let settings = &case.incident.settings;
    let hinted = case.incident.flagged(Flag::Hint);
    let useless = idle::idle_reaches(case).is_none();
    (hinted && (useless || settings.expandable())).then(|| {
        "Ignore PyTorch's hint about fragmentation; it is printed with every failure.".to_owned()
    })
}
