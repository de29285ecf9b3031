//! What a memory snapshot shows beyond the figures of a message: what piles up, in what pieces idle memory lies, and that the
//! rest of the GPU is not its program's.

use crate::bytes::{GIB, MIB, human};
use crate::evidence::{Accumulates, FindingId, Holdings, MemoryKind, Owner};
use crate::findings::measures::idle;
use crate::findings::{Case, Confidence, Verdict};

/// So many hundredths of the allocator's memory lie idle in no healthy run.
const IDLE: u64 = 5;

/// What a snapshot tells of the failure.
pub(crate) fn holdings<'a>(case: &Case<'a>) -> Option<&'a Holdings> {
    case.incident.holdings.as_deref()
}

/// The line that piles up most, where what piles up is why memory ran out: a quarter of what the allocator holds.
pub(crate) fn piles_up<'a>(case: &Case<'a>) -> Option<(&'a Owner, Accumulates)> {
    let held = holdings(case)?;
    let matters = held.accumulated() >= held.reserved / 4;
    let owner = held.accumulating().filter(|_| matters)?;
    owner.accumulates.map(|piled| (owner, piled))
}

/// The finding that fits what piles up: rows of the finding's id and whether the record shows it.
pub(crate) fn holder(case: &Case<'_>) -> Option<FindingId> {
    let held = holdings(case)?;
    let (owner, _) = piles_up(case)?;
    let lines = held.owners.iter().filter(|o| o.accumulates.is_some());
    let lines = lines.count();
    let hook = |text: &str| text.contains("hook");
    let by_hook = owner.frame.as_ref().is_some_and(|f| hook(&f.function)) || hook(&owner.through);
    let trains = held.kinds.iter().any(|(kind, _)| {
        matches!(
            kind,
            MemoryKind::Optimizer | MemoryKind::Gradients | MemoryKind::Backward
        )
    });
    Some(match owner.kind {
        _ if by_hook => FindingId::Hooks,
        MemoryKind::Parameters | MemoryKind::Optimizer => FindingId::KeptObjects,
        // A backward pass lets the graph go; without one, many lines of a forward pass kept together are a graph.
        MemoryKind::Activations if lines > 2 && !trains => FindingId::KeptGraph,
        MemoryKind::Activations | MemoryKind::Program => FindingId::KeptOutputs,
        _ => FindingId::UnknownGrowth,
    })
}

/// The verdict that it is a leak, with the line and its sum.
pub(crate) fn leak(case: &Case<'_>) -> Option<Verdict> {
    let held = holdings(case)?;
    let (owner, piled) = piles_up(case)?;
    let place = owner.frame.as_ref().map_or_else(
        || "One place of the program".to_owned(),
        |frame| {
            let name = frame.file.rsplit(['/', '\\']).next();
            format!("{}:{}", name.unwrap_or(&frame.file), frame.line)
        },
    );
    let others = held.accumulated().saturating_sub(piled.bytes);
    let others = if others > 0 {
        format!(" Other lines keep {} in the same way.", human(others))
    } else {
        String::new()
    };
    let because = format!(
        "The memory of {place} stays from round to round: {} in each of {} rounds, {} of the {} in use.{others}",
        human(piled.per_round),
        piled.rounds,
        human(piled.bytes),
        human(held.allocated),
    );
    // A healthy run idles a few percent; more, and enough for the request, is another story.
    let joined = idle::idle_reaches(case).is_some() && idle::idle_share(case) >= IDLE;
    let most = held.accumulated() >= held.allocated / 2 && piled.rounds >= 5;
    let confidence = if most && !joined {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let settle =
        "let go of it after each round (del, or .cpu() before it is kept): does memory stay level?";
    Some(Verdict::settled_by(confidence, because, settle))
}

/// The verdict that an attempt which was refused is still held while the program tries again.
pub(crate) fn tried_again(case: &Case<'_>) -> Option<Verdict> {
    let held = holdings(case)?;
    let retried = held.retried.as_ref()?;
    let because = format!(
        "A request was refused before, at {}, and {} of the {} in use is what that attempt made: inside `except`, the exception still \
         holds the failed call's frames and their tensors.",
        retried.place,
        human(retried.bytes),
        human(held.allocated)
    );
    let settle = "move the retry behind the except block: does it fit then?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

/// True where a loss over classes holds most, though the request was none of its line: a backward pass has no line.
pub(crate) fn held_by_the_loss(case: &Case<'_>) -> bool {
    let loss = |owner: &&Owner| owner.through.starts_with("cross_entropy in ");
    let most = holdings(case).and_then(|held| held.owners.first().map(|owner| (held, owner)));
    most.is_some_and(|(held, owner)| loss(&owner) && owner.bytes >= held.allocated / 4)
}

/// "It lies in 44 pieces, the largest of 1.4 GiB." Empty without a snapshot or a census.
pub(crate) fn pieces(case: &Case<'_>) -> String {
    let of_snapshot = holdings(case).map(|held| {
        let idle = &held.idle;
        (idle.usable, idle.pieces, idle.largest)
    });
    let Some((bytes, pieces, largest)) = of_snapshot
        .or_else(|| in_census(case))
        .filter(|(_, pieces, _)| *pieces > 0)
    else {
        return String::new();
    };
    let pieces = match pieces {
        1 => "one piece".to_owned(),
        n => format!("{n} pieces"),
    };
    format!(
        " In this pool and stream {} lies in {pieces}, the largest of {}.",
        human(bytes),
        human(largest)
    )
}

/// Free bytes, pieces and the largest of the pool for large requests, where there is one only: a census does not tell the stream.
fn in_census(case: &Case<'_>) -> Option<(u64, u64, u64)> {
    let pools = &case.incident.census.as_ref()?.pools;
    let mut large = pools
        .iter()
        .filter(|pool| !pool.small && !pool.private && !pool.expandable);
    let one = large.next()?;
    let small = case.balance.tried?.high() <= MIB;
    (large.next().is_none() && !small).then_some((one.free, one.pieces, one.largest))
}

/// True where the idle memory that counts belongs to other streams.
pub(crate) fn of_other_streams(case: &Case<'_>) -> Option<u64> {
    let idle = holdings(case)?.idle;
    let (tried, free) = (case.balance.tried?, case.balance.free?);
    let own = free.high().saturating_add(idle.usable);
    let with = own.saturating_add(idle.other_streams);
    (own < tried.low() && with >= tried.low()).then_some(idle.other_streams)
}

/// How much more than all that could be made free rounds before needed after the same request: then idle memory in one piece
/// would have served this request, and not the next ones. A quarter more is told apart from what differs between rounds.
pub(crate) fn outgrown(case: &Case<'_>) -> Option<u64> {
    let next = holdings(case)?.next?;
    let (tried, reachable) = (case.balance.tried?, case.balance.reachable()?.high());
    let needed = tried.low().saturating_add(next.low);
    let far = reachable.saturating_add(reachable / 4);
    (needed > far).then(|| needed.saturating_sub(reachable))
}

/// The same as a sentence; empty where it is not so.
pub(crate) fn not_for_long(case: &Case<'_>) -> String {
    outgrown(case).map_or_else(String::new, |missing| {
        format!(
            " It would not have been for long: by rounds before, the program was to need {} more than that.",
            human(missing)
        )
    })
}

/// What NVIDIA and AMD cards have as their drivers count it, in hundredths of GiB from the least to the most. Between these
/// there is no card.
const CARDS: [(u64, u64); 25] = [
    (370, 400),
    (475, 500),
    (560, 600),
    (760, 800),
    (950, 1000),
    (1060, 1100),
    (1150, 1200),
    (1450, 1600),
    (1940, 2000),
    (2150, 2250),
    (2350, 2400),
    (3120, 3200),
    (3930, 4000),
    (4420, 4500),
    (4700, 4800),
    (6150, 6400),
    (7840, 8000),
    (9300, 9600),
    (11900, 12800),
    (13950, 14400),
    (17700, 18300),
    (18600, 19200),
    (25500, 25600),
    (26700, 27000),
    (28700, 28900),
];

/// The least that a CUDA context takes.
const CONTEXT: u64 = 256 * MIB;

/// What is in use on the GPU outside of the allocator, at the least, where the record does not say how large the GPU is: the
/// smallest card that can hold all that is known, less what a context and its libraries may take.
pub(crate) fn hidden(case: &Case<'_>) -> Option<(u64, u64)> {
    holdings(case)?;
    let balance = case.balance;
    if balance.total.is_some() {
        return None;
    }
    let known = balance
        .reserved?
        .high()
        .saturating_add(balance.free?.high());
    let hundredths = |n: u64| n.saturating_mul(GIB) / 100;
    let (least, _) = CARDS
        .iter()
        .find(|(_, most)| known.saturating_add(CONTEXT) <= hundredths(*most))?;
    let card = hundredths(*least);
    let rest = card.saturating_sub(known);
    // Contexts, NCCL and libraries take up to this on any card.
    let usual = (GIB + GIB / 2).max(card / 50);
    (rest > usual && balance.tried?.surely_over(balance.free?)).then(|| (rest - CONTEXT, card))
}
