//! The KV cache is sized for the longest context that is allowed, and models allow far more than most use.

use super::offering::contexts::{context, longest, that_fits};
use super::offering::of_buffers::embeds;
use super::{Enough, Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Flag, Memory, MessageId, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SmallerContext,
    cost: "longer prompts are refused or cut",
    page: include_str!("smaller-context.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if !s.cache_is_a_part() {
        return None;
    }
    // Weights do not know the context.
    let elsewhere = s.incident.memory == Memory::Host && !s.incident.framework.buffers();
    let weights = s.incident.flagged(Flag::ForWeights) && s.incident.framework != Program::Exllama;
    // What has no room for any cache is not helped by a smaller one.
    let none_fits = s.finding == FindingId::Weights && s.program() == Program::MlcLlm;
    // Transformers makes its cache as it goes, and there is none while it loads.
    let loads = s.in_phase(&[Phase::Load]) && s.loads_by_transformers();
    if weights || elsewhere || none_fits || loads {
        return None;
    }
    // What is free in a pool is no context.
    let fits = longest(s).filter(|_| s.incident.format != MessageId::SglangPool);
    let shorter = s
        .incident
        .framework
        .buffers()
        .then(|| that_fits(s))
        .flatten();
    let shorter = shorter.and_then(|tokens| s.of_each(tokens));
    let tokens = fits.or(shorter).or_else(|| half(s));
    // What the engine counted before any request is not told by a guess.
    let tokens = tokens.map(|n| n.to_string()).or_else(|| open(s))?;
    let how = typed(s, &tokens)?;
    let open = how.contains(" N") || how.contains("=N");
    let each = s.slots().map(|(_, each)| each).or_else(|| context(s));
    let now = each.filter(|_| shorter.is_some() || open);
    let how = match (now, s.must_go().filter(|_| open)) {
        (Some(now), Some(words)) => format!("{how}  # N: shorter than {now}: {words}"),
        (None, Some(words)) => format!("{how}  # N: shorter than now: {words}"),
        (Some(now), None) if how.contains('#') => format!("{how}\n# now {now}"),
        (Some(now), None) => format!("{how}  # now {now}"),
        (None, None) if open => {
            format!("{how}\n# N: as long as your requests need, and shorter than now")
        }
        (None, None) => how,
    };
    Some(match fits {
        Some(_) => Offer {
            title: None,
            how: format!("{how}\n# the most that the cache holds, by the message"),
            gain: None,
            at_least: false,
            enough: Enough::Yes,
            cost: None,
        },
        None if s.no_cache_fits() => Offer {
            enough: Enough::No,
            ..Offer::unmeasured(how)
        },
        None => Offer::unmeasured(how),
    })
}

/// The program's own word for the longest context.
fn typed(s: &Situation<'_>, tokens: &str) -> Option<String> {
    Some(match s.program() {
        Program::Vllm => format!("--max-model-len {tokens}"),
        Program::Sglang => format!("--context-length {tokens}"),
        Program::TensorrtLlm => format!("--max_seq_len {tokens}"),
        Program::Tgi => format!("--max-total-tokens {tokens}"),
        Program::ModularMax => format!("--max-length {tokens}"),
        Program::Lmdeploy => format!("--session-len {tokens}"),
        Program::MlcLlm => format!("--overrides \"context_window_size={tokens}\""),
        // Without it the work space holds a score for each token of the context, and no sum here knows its size.
        Program::LlamaCpp if s.llama_in_python() && !s.has(SettingKind::FlashAttention) => {
            format!("n_ctx={tokens}, flash_attn=True")
        }
        Program::LlamaCpp if s.llama_in_python() => format!("n_ctx={tokens}"),
        Program::LlamaCpp => format!("-c {tokens}"),
        Program::Ollama => {
            format!("OLLAMA_CONTEXT_LENGTH={tokens}  # or /set parameter num_ctx {tokens}")
        }
        // theroyallab/tabbyAPI: config_sample.yml, backends.
        Program::Exllama if s.incident.traceback.mentions("backends/exllamav") => {
            format!("max_seq_len: {tokens}, cache_size: {tokens}  # under model: in config.yml")
        }
        Program::Exllama if s.incident.traceback.mentions("exllamav2/cache.py") => {
            format!("ExLlamaV2Cache(model, max_seq_len={tokens})")
        }
        Program::Exllama => format!("-l {tokens}  # max_seq_len in code and in TabbyAPI"),
        // Its Parameters tab: Transformers makes its cache as it goes.
        Program::TextGenerationWebui if s.loads_by_transformers() => {
            format!(
                "truncation_length: {tokens}  # in the Parameters tab, and a smaller max_new_tokens"
            )
        }
        Program::TextGenerationWebui => format!("--ctx-size {tokens}"),
        // koboldcpp.py: the longest text of a model for embeddings, which is read in one piece.
        Program::Koboldcpp if embeds(s) => format!("--embeddingsmaxctx {tokens}"),
        Program::Koboldcpp => format!("--contextsize {tokens}"),
        Program::LmStudio => format!("Context Length: {tokens}  # in the model's load settings"),
        Program::LocalAi => format!("context_size: {tokens}  # in the model's YAML file"),
        Program::Jan => format!("Context Size: {tokens}  # in the model's settings; Fit: on"),
        Program::Gpt4all => format!("Context Length: {tokens}  # in the model's settings"),
        _ => return None,
    })
}

/// Half of the longest sequence that the log shows to be allowed, where nothing tells more.
fn half(s: &Situation<'_>) -> Option<u64> {
    let now = s
        .number(SettingKind::SequenceLength)
        .filter(|_| !s.incident.framework.buffers())?;
    Some((now / 2).max(1))
}

/// The value left open: only as long as the requests need, and shorter than now.
fn open(s: &Situation<'_>) -> Option<String> {
    let counted = [FindingId::EngineBudget, FindingId::LongestContext].contains(&s.finding);
    let serving =
        s.in_phase(&[Phase::Generate, Phase::GraphCapture]) && s.program().takes_a_share();
    (!counted && !serving).then(|| "N".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::evidence::Key;
    use crate::evidence::Program;

    fn loaded(context: &str) -> CaseBuilder {
        let mut trial = CaseBuilder::new()
            .fact(Key::Tried, 80)
            .fact(Key::Weights, 160)
            .fact(Key::FreeAtStart, 220)
            .set(SettingKind::ContextSize, context);
        trial.incident.framework = Program::LlamaCpp;
        trial.incident.flags.insert(Flag::ForCache);
        trial
    }

    #[test]
    fn the_cache_gives_what_is_missing_and_what_the_work_will_take() {
        assert_eq!(loaded("32768").line(&FIX), "-c 22528  # now 32768");
    }

    #[test]
    fn a_context_is_never_made_longer() {
        let mut small = loaded("4096");
        small.incident.facts = crate::evidence::Facts::default();
        assert_eq!(small.line(&FIX), "-c 2048  # now 4096");
        let mut unknown = CaseBuilder::new();
        unknown.incident.framework = Program::LlamaCpp;
        assert_eq!(unknown.line(&FIX), "-c N");
    }
}
