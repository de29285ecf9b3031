//! Activations grow with the length, and attention without a flash kernel with its square.

use super::offering::named::{cropped, half_of_the_length, in_segments, of_the_prompt};
use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation, shorter_generation};
use crate::evidence::{Family, FindingId, FixId, KnownWork, Phase, Setting, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ShorterSequence,
    cost: "what is cut is not learned from",
    page: include_str!("shorter-sequence.md"),
    offer,
};

/// They have no data to cut.
const SERVES_OR_DRAWS: [Family; 3] = [Family::Engine, Family::Buffers, Family::ImageInterface];

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.speaks() && s.finding != FindingId::KvCache {
        return Some(shorter_generation::spoken());
    }
    let how = match s.program() {
        program if SERVES_OR_DRAWS.contains(&program.family()) => return None,
        _ if s.diffusers_pipeline() && s.incident.traceback.infers() => return None,
        // Patches of a picture: as many as the picture has.
        _ if s.incident.traceback.mentions("timm/models/") || s.attends_to_pictures() => {
            return None;
        }
        _ if !s.sequences() || s.in_phase(&[Phase::Load, Phase::Optimizer]) => return None,
        // What was typed is what is typed again: of a program's several commands each has names of its own.
        _ if told_whole(s) && half_of_the_length(s).is_some() => return half_of_the_length(s),
        _ if s.own_switch(|switches| switches.length) != Own::General => {
            let offer = s.own_switch(|switches| switches.length).offer()?;
            return Some(halved(s, cropped(s, offer)));
        }
        _ if s.incident.traceback.known_work() == Some(KnownWork::PairsResidues) => {
            let how = "crop_size = 256  # of the data's config: so many residues at once; then 128\n# a validation takes whole proteins unless it crops, too: crop = True, or chunk_size = 4 where the model has it";
            return Some(Offer::unmeasured(how).titled("Crop proteins to fewer residues"));
        }
        _ if s.blind() => return half_of_the_length(s),
        _ if of_a_recording(s) => return Some(in_segments()),
        _ if s.number(SettingKind::LongSample).is_some() => {
            let most = s.number(SettingKind::LongSample)?;
            let how = format!(
                "tokenizer(text, truncation=True, max_length={most})\n# a sample was longer than the {most} tokens that the model takes"
            );
            let title = format!("Cut samples to {most} tokens");
            return Some(Offer::unmeasured(how).titled(title));
        }
        _ if s.incident.traceback.mentions("sentence_transformers/") => {
            "model.max_seq_length = N  # of SentenceTransformer; N: half of what it is"
        }
        // Its encoder takes 30 seconds, however short a recording is (transformers/models/whisper/feature_extraction_whisper.py).
        _ if s.incident.traceback.mentions("modeling_whisper") => return None,
        // transformers (examples/pytorch/speech-recognition).
        _ if s.hears() && s.trainer() == Trainer::HuggingFace => {
            "--max_duration_in_seconds N  # of the example scripts: half of the longest recording\n# own code: dataset.filter(lambda row: row[\"length\"] < N * 16000)"
        }
        _ if s.answers_a_prompt() => return of_the_prompt(s),
        _ if own_knob(s).is_some() => return own_knob(s),
        _ if s.trainer() == Trainer::HuggingFace && half_of_the_length(s).is_some() => {
            return half_of_the_length(s);
        }
        _ if s.trainer() == Trainer::HuggingFace => {
            "tokenizer(text, truncation=True, max_length=N)\n# N: half of the longest; TRL: max_length (older: max_seq_length)"
        }
        _ if s.switches().is_none() && half_of_the_length(s).is_some() => {
            return half_of_the_length(s);
        }
        _ => {
            "x = x[:, :N]  # N: half of the longest\n# or sort by length, so that one long sample does not pad a whole batch"
        }
    };
    Some(halved(s, Offer::unmeasured(how)))
}

/// True where a writer tells how long a recording is.
fn of_a_recording(s: &Situation<'_>) -> bool {
    let told = s.incident.settings.get(SettingKind::SequenceLength);
    told.is_some_and(|told| told.name == "recording")
}

/// Names for the length of a whole sample.
const WHOLE: [&str; 16] = [
    "max_len",
    "max_length",
    "max_source_length",
    "max_input_length",
    "context_length",
    "max_seq_length",
    "max_seq_len",
    "seq_length",
    "seq_len",
    "sequence_length",
    "sequence_len",
    "cutoff_len",
    "tokens_per_sample",
    "encoder_seq_length",
    "block_size",
    "model_max_length",
];

/// True for a length that a program sets for its samples, and not for what one of them has.
fn of_a_whole_sample(told: &Setting) -> bool {
    let name = told.name.replace(['-', ' '], "_").to_lowercase();
    WHOLE.contains(&name.as_str())
}

/// True where a program that is known was told the length of a whole sample.
fn told_whole(s: &Situation<'_>) -> bool {
    let told = s.incident.settings.get(SettingKind::SequenceLength);
    s.switches().is_some() && told.is_some_and(of_a_whole_sample)
}

/// The name of the program's own knob, as its log writes it. A step tells the length of its batch under these names, too.
fn own_knob(s: &Situation<'_>) -> Option<Offer> {
    const OF_A_STEP: [&str; 4] = ["seq_len", "seq_length", "sequence_length", "sequence_len"];
    let told = s.incident.settings.get(SettingKind::SequenceLength)?;
    let typed = !told.name.contains(' ');
    let knob = typed && of_a_whole_sample(told) && !OF_A_STEP.contains(&told.name.as_str());
    let how = format!("{}\n# or split the text into more samples", told.with("N"));
    knob.then(|| halved(s, Offer::unmeasured(how)))
}

/// The offer with half of the length that the log shows, where what it shows is the length of a whole sample.
fn halved(s: &Situation<'_>, offer: Offer) -> Offer {
    let told = s.incident.settings.get(SettingKind::SequenceLength);
    // Recordings are as long as their seconds.
    let seconds = offer.how.contains("duration");
    let whole = told.filter(|t| !seconds && of_a_whole_sample(t));
    let now = whole.and_then(|t| t.value.parse::<u64>().ok());
    let first = offer.how.lines().next().unwrap_or_default();
    let typed = first.split("  # ").next().unwrap_or_default();
    let (Some(now), Some(at)) = (now.filter(|now| *now > 1), the_n(typed)) else {
        return offer;
    };
    let rest = offer.how.get(first.len()..).unwrap_or_default();
    let (before, behind) = typed.split_at_checked(at).unwrap_or((typed, "N"));
    let behind = behind.get(1..).unwrap_or_default();
    let how = format!(
        "{before}{}{behind}  # half of the {now} in the log{rest}",
        now / 2
    );
    Offer { how, ..offer }
}

/// Where the number stands that is left open: an N by itself.
fn the_n(typed: &str) -> Option<usize> {
    let part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let bytes = typed.as_bytes();
    (0..bytes.len()).find(|at| {
        let alone = !part(at.checked_sub(1).and_then(|i| bytes.get(i))) && !part(bytes.get(at + 1));
        bytes.get(*at) == Some(&b'N') && alone
    })
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    fn attention() -> CaseBuilder {
        CaseBuilder::new().frame("model.py", 3, "scores = attention(q, k)")
    }

    #[test]
    fn half_of_the_length_that_the_log_shows_is_named() {
        let titan = attention().set(SettingKind::Trainer, "torchtitan").named(
            SettingKind::SequenceLength,
            "seq_len",
            "8192",
        );
        assert_eq!(
            titan.line(&FIX),
            "--training.seq_len 4096  # half of the 8192 in the log"
        );
        let answer = attention().named(SettingKind::SequenceLength, "max_completion_length", "512");
        assert_eq!(answer.line(&FIX), "x = x[:, :N]  # N: half of the longest");
    }

    #[test]
    fn it_is_offered_where_sequences_go_through() {
        assert_eq!(CaseBuilder::new().ask(&FIX), None);
        assert!(attention().ask(&FIX).is_some());
    }
}
