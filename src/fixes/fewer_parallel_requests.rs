//! Each request that may run beside the others has a cache of its own.

use super::offering::contexts;
use super::{Enough, Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Flag, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerParallelRequests,
    cost: "more requests wait for their turn",
    page: include_str!("fewer-parallel-requests.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.incident.flagged(Flag::ForWeights) {
        return None;
    }
    if let Some(offer) = that_fit(s).or_else(|| in_turn(s)) {
        return Some(offer);
    }
    // The work space knows the requests by their cache alone.
    if s.finding == FindingId::ComputeBuffer {
        return None;
    }
    let how = match s.program() {
        // One at a time is the least.
        _ if s.number(SettingKind::Parallel) == Some(1) => return None,
        Program::Ollama => "OLLAMA_NUM_PARALLEL=1 OLLAMA_MAX_LOADED_MODELS=1  # for ollama serve",
        // A context of the library is for one request (`n_seq_max`) unless asked for more.
        Program::LlamaCpp if s.llama_in_python() => return None,
        Program::LlamaCpp if s.incident.flagged(Flag::ForCache) => "-np 1",
        _ => return None,
    };
    let enough = if s.no_cache_fits() {
        Enough::No
    } else {
        Enough::Unknown
    };
    Some(Offer {
        enough,
        ..Offer::unmeasured(how)
    })
}

/// As many of Ollama's requests as the cache has room for, each with its context as it is; one where even that is too much, or
/// nothing tells.
fn in_turn(s: &Situation<'_>) -> Option<Offer> {
    let (now, each) = s.slots()?;
    let fits = contexts::that_fits(s).map(|tokens| tokens / each);
    let to = fits.unwrap_or(1).clamp(1, now - 1);
    let how = format!(
        "OLLAMA_NUM_PARALLEL={to}  # for ollama serve; now {now}, each with a cache for {each} tokens"
    );
    let too_few = s.no_cache_fits() || fits == Some(0);
    let enough = if too_few { Enough::No } else { Enough::Unknown };
    Some(Offer {
        enough,
        ..Offer::unmeasured(how)
    })
}

/// As many as the cache has blocks of states for, by the engine's own message.
fn that_fit(s: &Situation<'_>) -> Option<Offer> {
    let fits = s.number(SettingKind::SequencesThatFit)?;
    let now = s.number(SettingKind::Sequences)?;
    let how = format!(
        "--max-num-seqs {fits}  # now {now}\n# the most that the cache holds, by the message"
    );
    (s.program() == Program::Vllm && fits > 0).then(|| Offer {
        enough: Enough::Yes,
        ..Offer::unmeasured(how)
    })
}
