//! The layers that do not fit are computed by the CPU, with their weights in the host's memory.

use super::offering::of_buffers;
use super::{Fix, Offer, Situation};
use crate::bytes::{Bytes, human};
use crate::evidence::{FixId, Flag, Key, Memory, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerGpuLayers,
    cost: "slower: the CPU computes the rest; needs host memory",
    page: include_str!("fewer-gpu-layers.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // What is not on the GPU is in the host's memory.
    if s.incident.memory == Memory::Host {
        return None;
    }
    if let Some(offer) = of_buffers::more_experts_on_cpu(s) {
        return Some(offer);
    }
    let name = match s.program() {
        Program::LlamaCpp if s.llama_in_python() => "n_gpu_layers=",
        // The layers that were counted last are those of the draft model.
        Program::LlamaCpp if of_buffers::drafts(s) => "-ngld ",
        Program::LlamaCpp => "-ngl ",
        Program::Ollama => "/set parameter num_gpu ",
        Program::Koboldcpp => "--gpulayers ",
        Program::TextGenerationWebui if s.incident.framework.buffers() => "--gpu-layers ",
        Program::LmStudio => "GPU Offload: ",
        Program::LocalAi => "gpu_layers: ",
        Program::Jan | Program::Gpt4all => "GPU Layers: ",
        Program::WhisperCpp => {
            let how = "-ng  # all on the CPU: there is nothing in between";
            return Some(Offer::unmeasured(how));
        }
        _ => return None,
    };
    let fits = if s.incident.flagged(Flag::ForWeights) {
        weights_that_fit(s)
    } else {
        that_fit(s).or_else(|| planned(s))
    };
    if let Some((fits, now, layer)) = fits {
        let how = format!(
            "{name}{fits}  # now {now}; a layer takes about {}",
            human(layer)
        );
        let gain = (now - fits).saturating_mul(layer);
        return Some(Offer::winning(how, Some(Bytes::between(0, gain)), s));
    }
    let more = match s.program() {
        Program::LlamaCpp if s.llama_in_python() => "",
        Program::LlamaCpp if s.must_go().is_some() => {
            "; MoE: --n-cpu-moe N\n# without -ngl, llama.cpp finds N by itself"
        }
        Program::LlamaCpp => {
            "; MoE: --n-cpu-moe N\n# newer builds find N: --fit on, without -ngl and -c"
        }
        Program::Ollama => "\n# in a Modelfile: PARAMETER num_gpu N",
        Program::LocalAi => "\n# in the model's YAML file",
        Program::Jan | Program::Gpt4all => "\n# in the model's settings",
        _ => "",
    };
    // A start, where no size tells more: what the log has, less a quarter.
    if let Some(now) = now(s).filter(|now| *now >= 4 && s.must_go().is_none()) {
        let less = now - now / 4;
        let how = format!("{name}{less}  # {now} in the log: fewer until it fits{more}");
        return Some(Offer::unmeasured(how));
    }
    let fewer = match s.must_go() {
        Some(words) => format!("fewer layers than now: {words}"),
        None => "fewer layers than now".to_owned(),
    };
    Some(Offer::unmeasured(format!("{name}N  # N: {fewer}{more}")))
}

/// How many layers are on the GPU, where all are on one.
fn now(s: &Situation<'_>) -> Option<u64> {
    let setting = s.incident.settings.get(SettingKind::GpuLayers)?;
    let now: u64 = setting.value.split('/').next()?.parse().ok()?;
    (!s.incident.flagged(Flag::SeveralDevices)).then_some(now)
}

/// How many layers fit by the size of one: their weights were refused in one piece. A tenth of what was free is for the cache and
/// the work space, or what they took where that is more.
fn weights_that_fit(s: &Situation<'_>) -> Option<(u64, u64, u64)> {
    let facts = &s.incident.facts;
    let now = now(s)?;
    let zero = Bytes::ZERO;
    let weights = facts
        .get(Key::Tried)?
        .plus(facts.get(Key::Weights).unwrap_or(zero));
    let layer = weights.mid().checked_div(now)?;
    // Where only the size of the GPU is known, a twentieth of it is the desktop's and the context's.
    let free = facts
        .get(Key::FreeAtStart)
        .or_else(|| Some(facts.get(Key::Total)?.percent(95)))?;
    let rest = [Key::KvCache, Key::ComputeBuffer].into_iter();
    let rest = rest
        .filter_map(|key| facts.get(key))
        .fold(zero, Bytes::plus);
    // What the program's own plan has beside the weights.
    let planned = facts
        .get(Key::Projected)
        .map_or(zero, |all| all.minus(weights));
    let rest = rest.max(planned);
    let room = free
        .low()
        .checked_sub(rest.high().max(free.percent(10).high()))?;
    let fits = room.checked_div(layer)?;
    (fits < now).then_some((fits, now, layer))
}

/// How many layers fit, how many there are on the GPU, and how much one takes with its share of the cache, where what is missing
/// is known.
fn that_fit(s: &Situation<'_>) -> Option<(u64, u64, u64)> {
    let facts = &s.incident.facts;
    let now = now(s)?;
    let cache = if s.incident.flagged(Flag::ForCache) {
        facts.get(Key::Tried)
    } else {
        facts
            .get(Key::KvCache)
            .or_else(|| facts.get(Key::ProjectedCache))
    };
    let layers = facts.get(Key::Weights)?.plus(cache?);
    let layer = layers.mid().checked_div(now)?;
    // A layer more than the sum says: they are not all of one size.
    let gone = s.missing()?.high().checked_div(layer)?.checked_add(2)?;
    Some((now.checked_sub(gone).filter(|n| *n > 0)?, now, layer))
}

/// The same by the program's own plan of a layer: what holds all of the refused buffer goes, and a layer more.
fn planned(s: &Situation<'_>) -> Option<(u64, u64, u64)> {
    let now = now(s)?;
    let setting = s.incident.settings.get(SettingKind::LayerBytes)?;
    let layer: u64 = setting.value.parse().ok()?;
    let tried = s.incident.facts.get(Key::Tried)?;
    let gone = tried.high().checked_div(layer)?.checked_add(2)?;
    Some((now.checked_sub(gone).filter(|n| *n > 0)?, now, layer))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::evidence::Program;

    /// 64 layers of 0.3 GiB with their cache on a card that had 20 GiB free; the work space of 3 GiB misses 2.2.
    fn loaded() -> CaseBuilder {
        let mut trial = CaseBuilder::new()
            .fact(Key::Tried, 30)
            .fact(Key::Weights, 160)
            .fact(Key::KvCache, 32)
            .fact(Key::FreeAtStart, 200)
            .set(SettingKind::GpuLayers, "64/64");
        trial.incident.framework = Program::LlamaCpp;
        trial
    }

    #[test]
    fn as_many_layers_go_as_the_work_space_misses() {
        assert_eq!(
            loaded().line(&FIX),
            "-ngl 55  # now 64; a layer takes about 307 MiB"
        );
    }

    #[test]
    fn a_plan_of_ollama_tells_what_a_layer_takes() {
        let mut trial = CaseBuilder::new()
            .fact(Key::Tried, 10)
            .set(SettingKind::GpuLayers, "33/33")
            .set(SettingKind::LayerBytes, "209715200");
        trial.incident.framework = Program::Ollama;
        assert_eq!(
            trial.line(&FIX),
            "/set parameter num_gpu 26  # now 33; a layer takes about 200 MiB"
        );
    }

    #[test]
    fn without_the_figures_or_on_several_gpus_no_number_is_named() {
        let mut spread = loaded();
        spread.incident.flags.insert(Flag::SeveralDevices);
        let mut bare = CaseBuilder::new();
        bare.incident.framework = Program::LlamaCpp;
        for trial in [spread, bare] {
            assert!(trial.line(&FIX).starts_with("-ngl N"));
        }
        assert_eq!(loaded().host().ask(&FIX), None);
    }
}
