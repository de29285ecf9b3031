//! What fixes ask of llama.cpp and its kin, which take a buffer for each part of a model.

use crate::bytes::{Bytes, MIB};
use crate::evidence::{
    Accelerator, FindingId, FixId, Flag, Key, Memory, Phase, Program, SettingKind,
};
use crate::fixes::offering::contexts::context;
use crate::fixes::{Offer, Situation};

impl Situation<'_> {
    /// How much the buffers of a model exceed what was free before the first of them; `None` where that is not known.
    pub(in crate::fixes) fn missing(&self) -> Option<Bytes> {
        const PARTS: [Key; 3] = [Key::Weights, Key::KvCache, Key::ComputeBuffer];
        let facts = &self.incident.facts;
        if !self.incident.framework.buffers() {
            return None;
        }
        let tried = facts
            .get(Key::Tried)
            .or_else(|| self.incident.flagged(Flag::AtWork).then_some(Bytes::ZERO))?;
        // The program's own plan counts what was still to come, too.
        if let Some(planned) = facts.get(Key::Deficit) {
            let alone = !self.incident.flagged(Flag::SeveralDevices);
            return Some(planned).filter(|_| alone);
        }
        let held = PARTS.into_iter().filter_map(|key| facts.get(key));
        let needed = held.fold(tried, Bytes::plus);
        let short = if let Some(free) = facts.get(Key::FreeAtStart) {
            needed.minus(free)
        } else if let Some(seen) = self.incident.at_failure.as_ref() {
            // What it had by then is not free any more.
            tried.minus(Bytes::exact(seen.free))
        } else {
            // A twentieth of the GPU is the desktop's and the context's.
            needed.minus(facts.get(Key::Total)?.percent(95))
        };
        (short.low() > 0).then_some(short)
    }

    /// What llama.cpp will ask for behind the cache: scores of all words for 512 tokens, and what a layer works in. No line tells it
    /// before it is reserved.
    pub(in crate::fixes) fn work_to_come(&self) -> u64 {
        const USUAL: u64 = 512 * MIB;
        let facts = &self.incident.facts;
        let known = [Key::ComputeBuffer, Key::Projected, Key::Deficit];
        let known = known.into_iter().any(|key| facts.get(key).is_some());
        let waits = self.incident.flagged(Flag::ForCache) && !known;
        if waits { USUAL } else { 0 }
    }

    /// The cache of a model, and what of it has room beside all else; `None` where that is not known.
    pub(in crate::fixes) fn cache_left(&self) -> Option<(u64, u64)> {
        let facts = &self.incident.facts;
        let cache = if self.incident.flagged(Flag::ForCache) {
            facts.get(Key::Tried)
        } else {
            facts
                .get(Key::KvCache)
                .or_else(|| facts.get(Key::ProjectedCache))
        }?
        .mid();
        let left = cache.saturating_sub(self.missing()?.high());
        Some((cache, left))
    }

    /// True where so little of the cache has room that no shorter context, and none in fewer bits, is enough.
    pub(in crate::fixes) fn no_cache_fits(&self) -> bool {
        const LEAST: u64 = 1024;
        let tokens = self.number(SettingKind::ContextSize);
        self.cache_left()
            .zip(tokens)
            .is_some_and(|((cache, left), tokens)| {
                u128::from(tokens) * u128::from(left) < u128::from(LEAST) * u128::from(cache)
            })
    }

    /// For how many requests at once Ollama keeps a cache, where it is more than one, and for how many tokens each: it asks llama.cpp
    /// for all of them together (ollama/ollama, llm/server.go).
    pub(in crate::fixes) fn slots(&self) -> Option<(u64, u64)> {
        const WHOLE: [&str; 3] = ["n_ctx", "KvSize", "--ctx-size"];
        let requests = self.number(SettingKind::Parallel).filter(|n| *n > 1)?;
        let context = self.incident.settings.get(SettingKind::ContextSize)?;
        let tokens: u64 = context.value.parse().ok()?;
        let each = if WHOLE.contains(&context.name.as_str()) {
            tokens / requests
        } else {
            tokens
        };
        (self.program() == Program::Ollama && each > 0).then_some((requests, each))
    }

    /// What each of several requests has of a context, where that is enough for one.
    pub(in crate::fixes) fn of_each(&self, tokens: u64) -> Option<u64> {
        match self.slots() {
            Some((requests, _)) => {
                Some(tokens / requests / 256 * 256).filter(|tokens| *tokens >= 1024)
            }
            None => Some(tokens),
        }
    }

    /// "5425 MiB must go", where llama.cpp's own plan says how much.
    pub(in crate::fixes) fn must_go(&self) -> Option<String> {
        let buffers = self.incident.framework.buffers();
        let deficit = self.incident.facts.fact(Key::Deficit)?;
        buffers.then(|| format!("{} must go", deficit.text))
    }

    /// True where the cache of a model is a part of what did not fit, as far as is known: of weights that do not fit it is none,
    /// and of unnamed work only where it is made whole in advance.
    pub(in crate::fixes) fn cache_is_a_part(&self) -> bool {
        let made_ahead = self.program().reserves_its_cache() || self.must_go().is_some();
        // While an engine loads, no cache is there yet.
        let loads = self.finding == FindingId::Weights
            && self.program().takes_a_share()
            && self.in_phase(&[Phase::Load]);
        let known =
            self.incident.framework.buffers() && self.incident.facts.get(Key::KvCache).is_some();
        !loads && (self.finding != FindingId::MoreThanTheDevice || made_ahead || known)
    }

    /// True where llama.cpp is called from Python: its settings are then arguments of `Llama(…)` (abetlen/llama-cpp-python,
    /// `llama_cpp/llama.py`).
    pub(in crate::fixes) fn llama_in_python(&self) -> bool {
        self.program() == Program::LlamaCpp && self.has(SettingKind::LlamaInPython)
    }

    /// What llama.cpp's own fitting takes. It is a part of its programs, not of its library (common/fit.cpp).
    pub(in crate::fixes) fn fitted_by_llama(&self) -> Option<String> {
        if self.llama_in_python() {
            return None;
        }
        if self.must_go().is_some() {
            return Some("--fit on  # without -ngl, -ts and -ot: it then chooses by itself what the CPU computes".to_owned());
        }
        let missing = || Some(self.missing()?.high().div_ceil(MIB));
        // What it leaves by itself, and what was missing.
        Some(match missing() {
            Some(missing) => format!(
                "--fit on --fit-target {}  # MiB that stay free: the default of 1024, and what was missing",
                (1024 + missing).div_ceil(256) * 256
            ),
            None => {
                "--fit on  # without -ngl and -c; --fit-target N leaves more than 1024 MiB free"
                    .to_owned()
            }
        })
    }
}

/// What comes first for work space in the host's memory, and where the GPU ran full in the middle of the work, and nothing tells
/// what is missing: the part that takes most.
pub(in crate::fixes) fn first_for_work(s: &Situation<'_>) -> Option<&'static [FixId]> {
    /// Contexts up to here are short.
    const SHORT: u64 = 8192;
    let work = s.incident.flagged(Flag::ForWork);
    // Weights of fewer bits leave it as it is; a text that is embedded goes through in one piece.
    if work && (s.incident.memory == Memory::Host || embeds(s)) {
        return Some(&[FixId::SmallerContext]);
    }
    if s.finding != FindingId::BufferRefused || !s.incident.flagged(Flag::AtWork) {
        return None;
    }
    let facts = &s.incident.facts;
    let work = facts.get(Key::ComputeBuffer).map_or(0, Bytes::mid);
    let cache = facts.get(Key::KvCache).map(Bytes::mid);
    let large = match cache {
        Some(cache) => cache >= work.saturating_mul(2),
        None => context(s).is_some_and(|tokens| tokens > SHORT),
    };
    // On a Mac, layers that the CPU computes lie in the same memory.
    let shared = s.accelerator() == Accelerator::Mps;
    match cache {
        _ if large => Some(&[FixId::SmallerContext]),
        Some(_) => None,
        None if shared => Some(&[FixId::SmallerContext]),
        None => Some(&[FixId::FewerGpuLayers, FixId::SmallerContext]),
    }
}

/// True where `KoboldCpp` loaded its model for embeddings.
pub(in crate::fixes) fn embeds(s: &Situation<'_>) -> bool {
    let beside = s.incident.settings.get(SettingKind::Beside);
    beside.is_some_and(|beside| beside.value == "embeddings")
}

/// True where a draft model was being loaded beside the model.
pub(in crate::fixes) fn drafts(s: &Situation<'_>) -> bool {
    let beside = s.incident.settings.get(SettingKind::Beside);
    beside.is_some_and(|beside| beside.value == "draft") && s.incident.flagged(Flag::ForWeights)
}

/// Where the log shows that experts of some layers wait in host memory, more of them can (`TabbyAPI`, `config_sample.yml`; llama.cpp,
/// `--n-cpu-moe`).
pub(in crate::fixes) fn more_experts_on_cpu(s: &Situation<'_>) -> Option<Offer> {
    let setting = s.incident.settings.get(SettingKind::ExpertsOnCpu)?;
    let now: u64 = setting.value.parse().ok()?;
    let more = now + now.div_ceil(2);
    let how = match s.program() {
        Program::Exllama => format!("cpu_moe_offload_layers: {more}  # in config.yml"),
        Program::LlamaCpp => format!("--n-cpu-moe {more}"),
        Program::Koboldcpp => format!("--moecpu {more}"),
        _ => return None,
    };
    let note = if how.contains('#') { "; " } else { "  # " };
    let how = format!("{how}{note}now {now}: more, until it fits");
    Some(Offer::unmeasured(how).titled("Keep the experts of more layers in host memory"))
}
