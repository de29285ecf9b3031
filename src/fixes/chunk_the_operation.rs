//! An operation that needs one huge result can work on slices and keep only what is needed.

use super::offering::one_tensor::works_on_a_large_tensor;
use super::offering::{arrays, pairs};
use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FindingId, FixId, Flag, Memory, MessageId, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ChunkTheOperation,
    cost: "a little time",
    page: include_str!("chunk-the-operation.md"),
    offer,
};

/// In how many pieces a piece is a quarter of the room: what a piece needs beside its result has to fit, too.
fn pieces(s: &Situation<'_>) -> Option<u64> {
    const MOST: u64 = 1024;
    let tried = s.balance.tried?.high();
    let idle = s.balance.idle.map_or(0, Bytes::low);
    // A pool without a limit says nothing of the device; where that was watched, its free part was all there was.
    let watched = s.incident.at_failure.as_ref().map(|at| at.free);
    let free = s.balance.headroom.map(Bytes::low).or(watched)?;
    let room = free.saturating_add(idle) / 4;
    let pieces = tried.div_ceil(room.max(1)).max(2);
    pieces.checked_next_power_of_two().map(|n| n.min(MOST))
}

/// The same as text; `N` where the figures do not tell.
fn count(s: &Situation<'_>) -> String {
    pieces(s).map_or_else(|| "N".to_owned(), |n| n.to_string())
}

/// What is too large for the host's memory in one piece: a table, a buffer of steps, an array.
fn in_host_memory(s: &Situation<'_>) -> Option<Offer> {
    let stack = &s.incident.traceback;
    if let Some(offer) = arrays::of_steps(s) {
        return Some(offer);
    }
    let how = if stack.mentions("pandas/") || stack.runs("read_csv(") {
        "pandas.read_csv(..., chunksize=100_000)\n# or read less: usecols=[...], and smaller numbers: dtype={...: \"float32\"}"
    } else if s.incident.format == MessageId::NumpyMemoryError {
        // An array that a library makes for itself is not the program's to cut up.
        let own = stack.frames.is_empty() && s.switches().is_none()
            || !stack.frames.is_empty() && stack.ends_in_own_code();
        return own.then(|| arrays::too_large(s));
    } else {
        return None;
    };
    Some(Offer::unmeasured(how))
}

/// Half of the pieces that the program cuts its work into, where it does and the log tells their size.
fn smaller_chunks(s: &Situation<'_>) -> Option<Offer> {
    let trains = [Phase::Load, Phase::Backward, Phase::Optimizer, Phase::Save];
    if !s.torch() || s.in_phase(&trains) {
        return None;
    }
    // facebookresearch/esm (esm/esmfold/v1/esmfold.py).
    if s.incident.traceback.mentions("esmfold/") && !s.has(SettingKind::ChunkSize) {
        let how = "model.set_chunk_size(128)  # then 64, 32; scripts/fold.py: --chunk-size 128";
        return Some(Offer::unmeasured(how));
    }
    let now = s.incident.settings.get(SettingKind::ChunkSize)?;
    let count: u64 = now.value.parse().ok()?;
    let half = count / 2;
    let how = format!(
        "{}  # half of the {count} in the log",
        now.with(&half.to_string())
    );
    let offer = Offer::unmeasured(how).titled(format!("Work in smaller pieces, {count} → {half}"));
    (half > 0).then_some(offer)
}

/// The line that makes a buffer too large for the GPU, with the buffer in host memory.
fn buffer_on_the_host(s: &Situation<'_>) -> Option<Offer> {
    const TOO_LARGE: [FindingId; 2] = [FindingId::LargerThanDevice, FindingId::LargeRequest];
    let frame = s.incident.traceback.makes_a_buffer()?;
    let store =
        s.finding == FindingId::MoreThanTheDevice && s.incident.traceback.makes_a_store().is_some();
    if !s.torch() || !store && !TOO_LARGE.contains(&s.finding) {
        return None;
    }
    let (before, rest) = frame.code.split_once("device=")?;
    let end = rest.find([',', ')']).unwrap_or(rest.len());
    let how = format!(
        "{}device=\"cpu\"{}{}\n# and part.to(device) for what a step needs; or fewer rows, or dtype=torch.uint8 for pictures",
        before.trim_start(),
        rest.get(end..).unwrap_or_default(),
        s.at_here()
    );
    let title = "Make the buffer in host memory".to_owned();
    Some(
        Offer::unmeasured(how)
            .titled(title)
            .costing("a copy for each part that is used"),
    )
}

/// One volume goes through at once, and nothing is learned from it: MONAI's `monai/inferers/utils.py`.
fn over_windows(s: &Situation<'_>) -> Option<Offer> {
    let no_graph = s.in_phase(&[Phase::Eval]) || s.has(SettingKind::NoGrad);
    if !s.torch() || !no_graph || !s.incident.traceback.runs("conv3d") {
        return None;
    }
    let how = format!(
        "y = monai.inferers.sliding_window_inference(x, (96, 96, 96), 1, model){}\n# windows of the volume, one after the other; or cut it into overlapping blocks by hand",
        s.at_here()
    );
    let title = "Run the model over windows of the volume".to_owned();
    Some(Offer::unmeasured(how).titled(title))
}

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.incident.memory == Memory::Host {
        return in_host_memory(s);
    }
    if let Some(offer) = smaller_chunks(s) {
        return Some(offer);
    }
    if let Some(offer) = buffer_on_the_host(s).or_else(|| over_windows(s)) {
        return Some(offer);
    }
    let at = s.at_here();
    if let Some(offer) = pairs::offer(s, &count(s)) {
        return Some(offer);
    }
    // Where nothing points to the operation it is worth a try only if no other way is left: Numba keeps no cache, and has no batch.
    let general = [FindingId::NoFigures, FindingId::MoreThanTheDevice].contains(&s.finding);
    let moves = s.finding == FindingId::LargerThanDevice && s.in_phase(&[Phase::Load]);
    let general = general && !works_on_a_large_tensor(s);
    let general =
        general && !matches!(s.program(), Program::Numba | Program::Faiss) && !pairs::in_jax(s);
    // A pipeline is called once: its own switches cut what happens inside.
    let inside = s.torch() && s.diffusers_pipeline();
    if general || s.draws_gaussians() || moves || inside {
        return None;
    }
    let how = match s.program() {
        // What the index itself takes is as much however few ask it.
        Program::Faiss if s.incident.flagged(Flag::ForWeights) => return None,
        Program::Faiss => {
            format!("for part in numpy.array_split(queries, N): index.search(part, k){at}")
        }
        Program::Jax => "y = jax.lax.map(f, x, batch_size=1024)".to_owned(),
        Program::Cupy => format!("for part in cupy.array_split(x, {}): ...{at}", count(s)),
        Program::Rapids => format!(
            "ddf = ddf.repartition(partition_size=\"256MB\")  # dask_cudf\n# or read and reduce the table in pieces{at}"
        ),
        Program::Tensorflow if s.finding != FindingId::Pairwise => return None,
        Program::Tensorflow => format!("for part in tf.split(x, {}): ...{at}", count(s)),
        Program::Julia => "for part in Iterators.partition(axes(x, 2), 1024) ... end".to_owned(),
        Program::Numba => format!("for part in numpy.array_split(x, {}): ...{at}", count(s)),
        _ if s.torch() => parts_of_a_tensor(s),
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

/// The operation on one part after the other. All parts together are as large as before, so that they must not meet on the GPU.
fn parts_of_a_tensor(s: &Situation<'_>) -> String {
    let parts = pieces(s).map_or_else(|| "split(1024)".to_owned(), |n| format!("chunk({n})"));
    let at = s.at_here();
    if s.in_phase(&[Phase::Forward, Phase::Backward]) {
        return format!(
            "y = torch.cat([f(part) for part in x.{parts}]){at}\n# inside: reduce (min, topk, sum) before anything of full size is kept"
        );
    }
    format!(
        "y = torch.cat([f(part).cpu() for part in x.{parts}]){at}\n# or keep less of each part: its min, topk or sum"
    )
}
