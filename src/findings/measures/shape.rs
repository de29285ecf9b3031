//! Requests that alone exceed the device: what kind of shape made them.

use crate::bytes::{Bytes, MIB, TIB};
use crate::evidence::{Flag, Phase};
use crate::findings::measures::by_stack;
use crate::findings::measures::{one_request, pools, room};
use crate::findings::{Case, Confidence, Verdict};

/// No tensor is this many times the device: the size comes from a wrong dimension or from memory that was never written.
const ABSURD: u64 = 64;

/// True where the size itself cannot be meant: the allocator says so, it exceeds any need, or a broadcast made it.
pub(crate) fn corrupt(case: &Case<'_>) -> bool {
    let absurd = case.balance.tried.is_some_and(|tried| {
        let total = case.balance.total.map_or(16 * TIB, Bytes::high);
        tried.low() > total.saturating_mul(ABSURD)
    });
    let broadcast = broadcast(case);
    room::larger_than_device(case)
        && (case.incident.flagged(Flag::CorruptSize)
            // All against all of a whole data set is as large as it is meant to be.
            || !by_stack::attends(case) && (absurd && !one_request::pairwise(case) || broadcast))
}

/// True where an operation between tensors made a result many times larger than all that is on the device: its inputs were
/// broadcast against each other, and nothing in the line asks for that.
fn broadcast(case: &Case<'_>) -> bool {
    const ELEMENTWISE: [&str; 8] = [
        " - ", " + ", " * ", " / ", " == ", "mse_loss", "l1_loss", "where(",
    ];
    let grown = case
        .balance
        .tried
        .zip(case.balance.live)
        .is_some_and(|(tried, live)| tried.low() > live.high().max(MIB).saturating_mul(16));
    let line = case
        .incident
        .frame
        .as_ref()
        .map_or("", |frame| frame.code.as_str());
    // A product of matrices is as large as it is meant to be; what is scaled behind it broadcasts nothing.
    let product = ["@", "matmul", "bmm(", "einsum"]
        .iter()
        .any(|word| line.contains(word));
    grown
        && !product
        && !one_request::pairwise(case)
        && ELEMENTWISE.iter().any(|operation| line.contains(operation))
}

/// "373 GiB is 100000 x 100000 numbers of 4 bytes", where a square explains the size.
pub(crate) fn square(tried: Bytes) -> String {
    let side = (tried.mid() / 4).isqrt();
    format!(" {tried} is about {side} x {side} numbers of 4 bytes.")
}

/// True where the line that failed moves something to the device, and nothing was there before.
pub(crate) fn dataset(case: &Case<'_>) -> bool {
    const MOVES: [&str; 6] = [
        ".to(",
        ".cuda(",
        "as_tensor(",
        "from_numpy(",
        "torch.tensor(",
        "torch.load(",
    ];
    let moves = case
        .incident
        .traceback
        .frames
        .last()
        .is_some_and(|f| MOVES.iter().any(|word| f.code.contains(word)));
    // A model may be larger than the card, too, and is no data.
    let names = ["model", "net."];
    let named = case.incident.traceback.frames.last().is_some_and(|f| {
        let code = f.code.to_ascii_lowercase();
        names.iter().any(|name| code.contains(name)) && !code.contains("data")
    });
    let module = named || case.incident.traceback.mentions("_apply");
    moves
        && !module
        && matches!(
            case.incident.phase,
            None | Some(Phase::Load | Phase::Dataloader)
        )
}

/// The verdict that all of them share.
pub(crate) fn verdict(case: &Case<'_>) -> Option<Verdict> {
    if !room::larger_than_device(case) {
        return None;
    }
    if pools::too_large(case) {
        return too_large_for_a_pool(case);
    }
    let (Some(tried), Some(total)) = (case.balance.tried, case.balance.total) else {
        if let Some(tried) = case
            .balance
            .tried
            .filter(|_| !case.incident.flagged(Flag::CorruptSize))
        {
            let because = format!(
                "{tried} was requested in one piece, and no GPU has so much. Freeing memory cannot help."
            );
            return Some(Verdict::new(Confidence::Proven, because));
        }
        let because = "More than an exbibyte was requested: the size is corrupt, as after a wrong shape or a failed collective.";
        return Some(Verdict::new(Confidence::Proven, because.to_owned()));
    };
    let because = format!(
        "{tried} was requested in one piece, and the GPU has {total}. Freeing memory cannot help."
    );
    Some(Verdict::new(Confidence::Proven, because))
}

fn too_large_for_a_pool(case: &Case<'_>) -> Option<Verdict> {
    let tried = case.balance.tried?;
    let most = match (case.balance.limit, pools::planned(case)) {
        (Some(limit), _) => format!("the pool may hold {limit} in all"),
        (None, Some(planned)) => {
            format!("XLA plans with {planned}, four fifths of the GPU")
        }
        (None, None) => format!("the GPU has {} in all", pools::whole_device(case)?),
    };
    let because =
        format!("{tried} was requested in one piece, and {most}. Freeing memory cannot help.");
    Some(Verdict::new(Confidence::Proven, because))
}
