//! The KV cache grows with every token of every sequence.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Phase};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ShorterGeneration,
    cost: "shorter answers, or fewer at once",
    page: include_str!("shorter-generation.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.in_phase(&[Phase::Load, Phase::Backward, Phase::Optimizer]) {
        return None;
    }
    if s.speaks() {
        return Some(spoken());
    }
    if s.finding == FindingId::NoFigures {
        return None;
    }
    // Engines and llama.cpp make their cache in advance: what is generated takes no more of it.
    s.torch().then(|| Offer::unmeasured(call(s)))
}

/// coqui-ai/TTS: TTS/api.py (`tts_to_file`), tts/models/xtts.py (`inference`).
pub(super) fn spoken() -> Offer {
    let how = "tts.tts_to_file(..., split_sentences=True)  # and shorter sentences; model.inference(..., enable_text_splitting=True)";
    Offer::unmeasured(how).titled("Speak shorter pieces of text")
}

/// The call with half of what the program's own line has, or with what to set.
fn call(s: &Situation<'_>) -> String {
    const NAMES: [&str; 4] = [
        "max_new_tokens",
        "max_length",
        "num_beams",
        "num_return_sequences",
    ];
    let set = NAMES
        .iter()
        .filter_map(|name| Some((*name, typed(s, name).filter(|now| *now > 1)?)));
    let (halved, was): (Vec<String>, Vec<String>) = set
        .map(|(name, now)| (format!("{name}={}", now / 2), now.to_string()))
        .unzip();
    if halved.is_empty() && s.incident.traceback.cache_grows_by_cat().is_some() {
        return "for i in range(N):  # N: fewer tokens than now, in your own loop".to_owned();
    }
    if halved.is_empty() {
        return "model.generate(..., max_new_tokens=N)  # N: fewer than now".to_owned();
    }
    format!(
        "model.generate(..., {})  # half of {}",
        halved.join(", "),
        was.join(", ")
    )
}

/// What the line of a frame sets, as in `max_new_tokens=4096`.
fn typed(s: &Situation<'_>, name: &str) -> Option<u64> {
    let frames = s.incident.traceback.frames.iter();
    frames.rev().find_map(|frame| {
        let (before, after) = frame.code.split_once(name)?;
        let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let value = after.trim_start().strip_prefix('=')?.trim_start();
        let end = value
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(value.len());
        value.get(..end)?.parse().ok().filter(|_| whole)
    })
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn what_the_line_sets_is_halved() {
        for (code, line) in [
            (
                "out = model.generate(ids, max_new_tokens=4096, num_beams=8)",
                "model.generate(..., max_new_tokens=2048, num_beams=4)  # half of 4096, 8",
            ),
            (
                "out = model.generate(ids, num_beams=1, max_new_tokens=n)",
                "model.generate(..., max_new_tokens=N)  # N: fewer than now",
            ),
        ] {
            let trial = CaseBuilder::new().frame("chat.py", 9, code);
            assert_eq!(trial.line(&FIX), line);
        }
    }
}
