//! Another process holds the memory.

use crate::bytes::{Bytes, GIB, human};
use crate::evidence::{AtFailure, FindingId, Flag, Kin, Memory, MessageId, Process, Program};
use crate::findings::measures::pools::Stop;
use crate::findings::measures::siblings;
use crate::findings::measures::{budgets, buffers, foreign, pools, record};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OtherProcess,
    cause: Cause::Contention,
    page: include_str!("other-process.md"),
    fixes: fixes![
        load_checkpoint_on_cpu,
        stop_other_process,
        run_it_again,
        choose_another_gpu,
        set_device_by_local_rank,
        lower_engine_memory_share,
        fewer_gpu_layers,
        jax_no_preallocate,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if pools::pooled(case)
        && let Some(at) = pools::rivals_took(case)
        && pools::stop(case).is_some_and(|(stop, _)| stop == Stop::Driver)
    {
        let tried = case.balance.tried?;
        return seen(at, Some(tried));
    }
    if pools::pooled(case) {
        let says = if case.incident.framework == Program::Julia {
            "That is not what fills the GPU: something else holds the rest."
        } else if case.incident.framework == Program::Tensorflow && case.balance.live.is_none() {
            "It takes nearly all that is free as it opens a GPU: something else held the rest."
        } else if case.incident.flagged(Flag::DriverRefused) {
            "JAX's pool might have grown by more than twice that, but the driver refused every size down to it: something else holds the GPU."
        } else {
            "It might have grown by more than that, but the driver refused: something else holds the GPU."
        };
        let settle = "`nvidia-smi` while it runs: who else is listed on this GPU?";
        return pools::verdict(case, Stop::Driver, says, settle);
    }
    beside_pools(case)
}

/// The same where no framework's pool stands between.
fn beside_pools(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.format == MessageId::VllmStartup {
        return before_it_started(case);
    }
    if case.incident.format == MessageId::SglangUnbalanced {
        return Some(budgets::unbalanced(case));
    }
    if buffers::refused(case)
        && let Some(verdict) = buffers::others(case)
    {
        return Some(verdict);
    }
    if let Some((held, card)) = record::hidden(case) {
        return Some(beside_the_record(case, held, card));
    }
    let Some((confidence, held)) = foreign::foreign_holds(case) else {
        return match foreign::rivals_seen(case) {
            Some(at) => seen(at, None),
            None => listed(case),
        };
    };
    let balance = case.balance;
    let free = balance.free?;
    let asked = balance.tried.map_or_else(
        || "The text does not say how much was requested.".to_owned(),
        |tried| format!("{tried} was requested and"),
    );
    let mine = balance
        .reserved
        .map_or_else(String::new, |r| format!(" PyTorch has {r} itself."));
    if confidence == Confidence::Proven {
        let because = format!("{asked} {free} is free, while other processes hold {held}.{mine}");
        return Some(possible_siblings(case, Verdict::new(confidence, because)));
    }
    let because = format!(
        "{asked} {free} is free.{mine} At least {held} of the GPU is held by something that the message does not name."
    );
    let settle = "`nvidia-smi` while it runs: who else is listed on this GPU?";
    Some(possible_siblings(
        case,
        Verdict::settled_by(confidence, because, settle),
    ))
}

/// Of a message without any figures: what a table of `nvidia-smi` in the log lists. The failed program may be listed, too: the kernel
/// of a notebook outlives its failures.
fn listed(case: &Case<'_>) -> Option<Verdict> {
    let (balance, incident) = (case.balance, case.incident);
    let bare = balance.tried.is_none() && balance.free.is_none() && balance.live.is_none();
    if !bare || incident.memory != Memory::Device || incident.flagged(Flag::Library) {
        return None;
    }
    let large = |p: &&Process| p.gpu.is_some() && !p.own && !p.same_job && p.bytes.low() >= GIB;
    let processes = incident.processes.iter().filter(large);
    let most = processes.max_by_key(|p| p.bytes.low())?;
    let (pid, device) = (most.pid?, most.gpu?);
    let because = format!(
        "The message has no figures. By the table in line {}, process {pid} held {} of GPU {device}. If it is not the failed program, it \
         is in the way; if it is, its own work filled the GPU.",
        most.line, most.bytes,
    );
    let settle = format!(
        "`ps -o pid,user,etime,args -p {pid}`: is it the failed program, or a notebook that ran it?"
    );
    Some(Verdict::settled_by(Confidence::Possible, because, &settle))
}

/// Less sure where the holders can be this job's own.
fn possible_siblings(case: &Case<'_>, mut verdict: Verdict) -> Verdict {
    if siblings::of(case).is_some_and(|siblings| siblings.likely) {
        verdict.confidence = Confidence::Possible;
    }
    verdict
}

/// A snapshot does not say how large the GPU is; but there is no GPU as small as what it knows of.
fn beside_the_record(case: &Case<'_>, held: u64, card: u64) -> Verdict {
    let figure = |bytes: Option<Bytes>| bytes.unwrap_or(Bytes::ZERO);
    let because = format!(
        "PyTorch holds {} and {} is free. No GPU is that small: the next size is {}, so that at least {} is held outside of \
         PyTorch's allocator, by another process or library.",
        figure(case.balance.reserved),
        figure(case.balance.free),
        human(card),
        human(held),
    );
    let settle = "`nvidia-smi` while it runs: how large is the GPU, and who else is listed on it?";
    Verdict::settled_by(Confidence::Possible, because, settle)
}

/// vLLM looks at the device when it has only opened it: what is not free by then is others', but for its context.
fn before_it_started(case: &Case<'_>) -> Option<Verdict> {
    let balance = case.balance;
    let (tried, free, total) = (balance.tried?, balance.free?, balance.total?);
    let context = Bytes::exact(GIB + GIB / 2);
    let held = total.minus(free).minus(context);
    let because = format!(
        "For itself vLLM wants {tried}, and {free} of {total} was free when it started. It had nothing there yet but a CUDA \
         context."
    );
    let confidence = if held.surely_at_least(total.percent(5)) {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Some(Verdict::settled_by(
        confidence,
        because,
        "`nvidia-smi` before it starts: who holds the GPU? An engine that ended badly can leave a process behind",
    ))
}

/// Of a failure whose message does not say who held the device: what was seen of the device while the program ran.
fn seen(at: &AtFailure, tried: Option<Bytes>) -> Option<Verdict> {
    let asked = tried.map_or_else(
        || "The message has no figures, but".to_owned(),
        |tried| format!("{tried} was requested, and"),
    );
    let largest = at.rivals().next()?;
    let whose = match largest.kin {
        Some(Kin::Program | Kin::Child) => ", which your program started,",
        _ => "",
    };
    let who = match at.rivals().count() {
        1 => format!("process {}{whose} held", largest.pid),
        _ => format!("other processes, above all {}{whose} held", largest.pid),
    };
    let because = format!(
        "{asked} the GPU was watched: {} of {} was free, and {who} {}.",
        human(at.free),
        human(at.total),
        human(AtFailure::sum(at.rivals())),
    );
    // With much left free, the request may be what is too large.
    if tried.is_none() && at.free > at.total / 8 {
        let settle = "how much the line that fails asks for: would an empty GPU have it?";
        return Some(Verdict::settled_by(Confidence::Possible, because, settle));
    }
    Some(Verdict::new(Confidence::Likely, because))
}
