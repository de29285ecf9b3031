//! The batch of a program: what the log shows of it, what the program calls it, and half of it.

use crate::bytes::human;
use crate::evidence::{
    Family, FindingId, Flag, Key, MessageId, Phase, Program, Setting, SettingKind,
};
use crate::fixes::situation::{Own, Trainer};
use crate::fixes::{Offer, Situation};

/// What it costs where nothing is trained.
pub(in crate::fixes) const SERVING: &str = "fewer requests or tokens at once";

/// How many requests and tokens an engine takes at once: half of what the log shows, less where it tells how much less is enough,
/// and no number where it shows none.
pub(in crate::fixes) fn engine(s: &Situation<'_>) -> Option<Offer> {
    let (requests, tokens) = names(s.program())?;
    let now = (
        s.number(SettingKind::Sequences),
        s.number(SettingKind::TokensAtOnce),
    );
    // The sampler's trial and graphs grow with the requests, a trial run of the model with the tokens.
    let by_requests = s.in_phase(&[Phase::GraphCapture])
        || now.0.is_some() && now.1.is_none()
        || one_state_a_request(s);
    // The message itself says how many fit; SGLang's says how many rows are left, and not how many there are.
    if s.has(SettingKind::SequencesThatFit) && s.incident.format != MessageId::SglangPool {
        return None;
    }
    // What fills the cache is requests, whatever goes through at once.
    if s.incident.format == MessageId::SglangPool {
        let rows = s.has(SettingKind::SequencesThatFit);
        let fewer = if rows {
            "fewer than the max_running_requests that its start prints"
        } else {
            "half of what it is now"
        };
        let how = format!("{requests} N  # N: {fewer}");
        return Some(Offer::unmeasured(how).costing(SERVING));
    }
    let counted = [FindingId::EngineBudget, FindingId::LongestContext].contains(&s.finding);
    // Beside its share, what helps first is a smaller one, unless the number of requests is what was tried.
    let prefills = s.program() == Program::Sglang && s.incident.traceback.runs("forward_extend");
    if s.finding == FindingId::BesideTheShare && !(by_requests && now.0.is_some() || prefills) {
        return None;
    }
    let how = match (by_requests, now) {
        (true, (Some(n), _)) if n > 1 => format!("{requests} {}  # half of {n}", n / 2),
        (true, _) => format!("{requests} N  # N: half of what it is now"),
        (false, (_, Some(n))) if n > 1 => tokens_that_fit(s, tokens, n),
        // What the engine only counted is answered by its share and its context first.
        _ if counted && s.incident.facts.get(Key::ActivationPeak).is_none() => return None,
        _ => format!("{tokens} N  # N: half of what it is now"),
    };
    let how = how.replace(": #", "  #");
    Some(Offer::unmeasured(how).costing(SERVING))
}

/// Hybrid models keep a state for each request: what `SGLang` and `LMDeploy` had no room for.
fn one_state_a_request(s: &Situation<'_>) -> bool {
    const STATES: [MessageId; 2] = [MessageId::SglangMemory, MessageId::LmdeployMemory];
    STATES.contains(&s.incident.format) && s.incident.flagged(Flag::ForCache)
}

/// What an engine calls the most requests and the most tokens that it takes at once.
const fn names(program: Program) -> Option<(&'static str, &'static str)> {
    Some(match program {
        Program::Vllm => ("--max-num-seqs", "--max-num-batched-tokens"),
        Program::Sglang => ("--max-running-requests", "--chunked-prefill-size"),
        Program::TensorrtLlm => ("max_batch_size:", "max_num_tokens:"),
        Program::Tgi => ("--max-batch-size", "--max-batch-prefill-tokens"),
        // text-embeddings-inference: router/src/main.rs.
        Program::Tei => ("--max-batch-requests", "--max-batch-tokens"),
        Program::Lmdeploy => ("--max-batch-size", "--max-prefill-token-num"),
        Program::MlcLlm => ("--max-num-sequence", "--prefill-chunk-size"),
        _ => return None,
    })
}

/// Half of the tokens; where the weights are known, as many as the room beside them holds, and a tenth less.
fn tokens_that_fit(s: &Situation<'_>, name: &str, now: u64) -> String {
    let half = || format!("{name} {}  # half of {now}", now / 2);
    let room = || {
        let (live, free, tried) = (s.balance.live?, s.balance.free?, s.balance.tried?);
        let batch = live.minus(s.incident.facts.get(Key::Weights)?);
        let (has, needs) = (batch.plus(free).low(), batch.plus(tried).high());
        let fits = u128::from(now) * u128::from(has) * 9 / (u128::from(needs.max(1)) * 10);
        let step = if now > 8192 { 1024 } else { 256 };
        let fits = u64::try_from(fits).ok()? / step * step;
        (s.in_phase(&[Phase::TrialRun]) && fits >= now / 4 && fits < now)
            .then_some((fits, has, needs))
    };
    match room() {
        Some((fits, has, needs)) => format!(
            "{name} {fits}  # now {now}\n# a batch of {now} needs {} beside the weights, and {} is there",
            human(needs),
            human(has)
        ),
        None => half(),
    }
}

/// The batch that the log shows, and half of it.
pub(in crate::fixes) fn halved(s: &Situation<'_>) -> Option<(u64, u64)> {
    let evaluating = learns_nothing(s);
    let trains = s.torch() || s.program().family() == Family::Trainer;
    let (_, now) = shown(s, evaluating).filter(|_| trains)?;
    (now > 1).then(|| (now, now.div_ceil(2)))
}

/// True where samples go through that nothing is learned from. verl asks its model for the probabilities of what it generated, in
/// batches of their own (`verl/workers/actor/dp_actor.py`, `compute_log_prob`).
fn learns_nothing(s: &Situation<'_>) -> bool {
    let asks = s.trained_by(&["verl"]) && s.incident.traceback.runs("compute_log_prob");
    asks || s.in_phase(&[Phase::Eval, Phase::Generate])
}

/// True where the program that runs the loop has a word of its own for it, or the log shows the batch.
pub(in crate::fixes) fn own(s: &Situation<'_>) -> bool {
    s.switches()
        .is_some_and(|switches| switches.batch.is_some())
        || shown(s, false).is_some()
}

/// The next halving where the log shows the batch, under its own name; `None` for a batch of one.
pub(in crate::fixes) fn training(s: &Situation<'_>) -> Option<String> {
    if s.own_switch(|switches| switches.batch) == Own::Missing {
        return None;
    }
    let evaluating = learns_nothing(s);
    if evaluating && s.own_switch(|switches| switches.eval_batch) == Own::Missing {
        return None;
    }
    let Some((setting, now)) = shown(s, evaluating) else {
        if let Some(now) = by_shape(s) {
            let line = named(s, evaluating, &now.div_ceil(2).to_string());
            return Some(format!(
                "{line}  # half of {now}, the first side of the refused tensor"
            ));
        }
        let line = named(s, evaluating, "N");
        let gap = if line.contains('#') { "; N:" } else { "  #" };
        let note = "half of what it is\n# halve again until it fits";
        return Some(format!("{line}{gap} {note}"));
    };
    if now < 2 {
        return None;
    }
    let half = now.div_ceil(2);
    // NVlabs/stylegan3 (train.py): what `--batch` gives all GPUs goes through in parts of `--batch-gpu`.
    if s.trained_by(&["stylegan"]) && setting.name == "batch" {
        let gpus = s.number(SettingKind::Gpus).unwrap_or(1).max(1);
        let part = (now / gpus).div_ceil(2).max(1);
        return Some(named(s, evaluating, &part.to_string()));
    }
    // What a program prints of itself as JSON is typed as the program wants it.
    let printed = setting.written.starts_with('"')
        && s.switches()
            .is_some_and(|switches| switches.batch.is_some_and(|own| !own.starts_with('"')));
    let line = if setting.written.is_empty() || printed && !evaluating {
        named(s, evaluating, &half.to_string())
    } else {
        setting.with(&half.to_string())
    };
    let note = if !evaluating && now == half * 2 {
        format!("\n# half of the {now} in the log; accumulate 2 steps for the same effective batch")
    } else {
        format!("\n# about half of the {now} in the log")
    };
    Some(line + &note + &without_dynamic(s))
}

/// The batch that `SpeechBrain` takes where its dynamic batching is off: files of hyperparameters hold both (recipes).
fn without_dynamic(s: &Situation<'_>) -> String {
    let batch = s.number(SettingKind::BatchSize);
    let both = s.trained_by(&["speechbrain"]) && s.has(SettingKind::BatchTokens);
    match batch.filter(|batch| both && *batch > 1) {
        Some(batch) => format!(
            "\n# where dynamic_batching is off: batch_size: {}",
            batch.div_ceil(2)
        ),
        None => String::new(),
    }
}

/// The batch by the shape that TensorFlow printed of the refused tensor: the first of at least three sides. The kernels of a
/// convolution begin with their width and height.
fn by_shape(s: &Situation<'_>) -> Option<u64> {
    let sides = printed_shape(s)?;
    let (first, second) = (*sides.first()?, *sides.get(1)?);
    let kernel = sides.len() == 4 && first == second && first <= 11;
    // Height, width and colours of one picture.
    let picture = sides.len() == 3 && sides.get(2).is_some_and(|last| *last <= 4);
    (sides.len() >= 3 && (2..=4096).contains(&first) && !kernel && !picture).then_some(first)
}

/// The sides of the shape that TensorFlow printed of the refused tensor.
fn printed_shape(s: &Situation<'_>) -> Option<Vec<u64>> {
    let printed = s.incident.settings.get(SettingKind::RefusedShape)?;
    let sides = printed.value.strip_prefix('[')?.split_once(']')?.0;
    let sides: Option<Vec<u64>> = sides
        .split(',')
        .map(|side| side.trim().parse().ok())
        .collect();
    sides.filter(|_| s.program() == Program::Tensorflow)
}

/// The sides of a volume or a picture that went through alone, by the shape of the refused tensor: one sample, equal sides and the
/// channels, in whichever order.
pub(in crate::fixes) fn one_sample(s: &Situation<'_>) -> Option<Vec<u64>> {
    let shape = printed_shape(s)?;
    let (first, rest) = shape.split_first()?;
    let sides = match rest {
        [a, b, c, _] | [_, a, b, c] if a == b && b == c => [a, b, c].map(|side| *side).to_vec(),
        [a, b, _] | [_, a, b] if a == b => vec![*a, *b],
        _ => return None,
    };
    (*first == 1 && sides.iter().all(|side| *side >= 64)).then_some(sides)
}

/// The batch that the log shows: that of one GPU before that of all; one that is counted in tokens or seconds where there is
/// no other.
fn shown<'a>(s: &'a Situation<'_>, evaluating: bool) -> Option<(&'a Setting, u64)> {
    let kinds: &[SettingKind] = if s.trained_by(&["isaac"]) {
        &[SettingKind::SampleSize, SettingKind::BatchSize]
    } else if s.trained_by(&["speechbrain"]) && !evaluating {
        // Where its dynamic batching is on, a batch is as long as this, and the other is not used.
        &[SettingKind::BatchTokens, SettingKind::BatchSize]
    } else if s.trained_by(&["espnet"]) {
        // It prints both, and `batch_type` tells which counts: where the other does, this is not read.
        &[SettingKind::BatchTokens, SettingKind::BatchSize]
    } else if evaluating {
        &[SettingKind::EvalBatchSize, SettingKind::BatchSize]
    } else {
        &[
            SettingKind::BatchSize,
            SettingKind::BatchTokens,
            SettingKind::GlobalBatchSize,
        ]
    };
    let settings = &s.incident.settings;
    // Elsewhere `max_tokens` is the length of an answer.
    let fairseq = s
        .switches()
        .is_some_and(|switches| switches.name.starts_with("fairseq"));
    // Its `batch_size` is that of evaluation, and what training takes stands in another section.
    let elsewhere = s.trained_by(&["spacy"]);
    let counts =
        |setting: &&Setting| fairseq || !setting.name.to_ascii_lowercase().ends_with("max-tokens");
    // A loop that has one batch size uses it for evaluation too.
    let both = s.trainer() == Trainer::Plain
        && s.switches().is_none_or(|switches| {
            switches.eval_batch.is_none() || switches.eval_batch == switches.batch
        });
    let mut settings = kinds
        .iter()
        .filter_map(|kind| settings.get(*kind))
        .filter(|setting| {
            let trains = || setting.name.to_ascii_lowercase().contains("train");
            let other = evaluating && setting.kind != SettingKind::EvalBatchSize;
            !other || both && !trains()
        })
        .filter(counts)
        .filter(|setting| !elsewhere || setting.written.contains('.'));
    let setting = settings.next()?;
    let whole = setting.value.split('.').next()?;
    Some((setting, whole.parse().ok()?))
}

/// What the program that runs the loop calls its batch.
fn named(s: &Situation<'_>, evaluating: bool, value: &str) -> String {
    let own = s.switches().and_then(|switches| {
        if evaluating {
            switches.eval_batch
        } else {
            switches.batch
        }
    });
    // Patches of one volume at a time (Project-MONAI/MONAI, inferers/utils.py, `sliding_window_inference`).
    if evaluating && own.is_none() && s.incident.traceback.mentions("monai/inferers/") {
        return format!("sw_batch_size={value}  # of sliding_window_inference");
    }
    match (own, s.trainer(), evaluating) {
        (Some(own), ..) => own.replace("{}", value),
        (_, Trainer::HuggingFace, true) => format!("per_device_eval_batch_size={value}"),
        (_, Trainer::HuggingFace, false) => format!("per_device_train_batch_size={value}"),
        (_, Trainer::DeepSpeed, false) => format!("\"train_micro_batch_size_per_gpu\": {value}"),
        _ => format!("batch_size={value}"),
    }
}

/// What `CTranslate2`'s callers give it.
pub(in crate::fixes) fn of_ctranslate2(s: &Situation<'_>) -> String {
    // faster_whisper/transcribe.py: its plain model takes a window at a time, and tries several candidates of it.
    let stack = &s.incident.traceback;
    if stack.runs("generate_with_fallback") {
        return "beam_size=1, best_of=1  # in transcribe(...); 5 of each unless told. Commands: --beam_size 1 --best_of 1".to_owned();
    }
    match s.number(SettingKind::BatchSize).filter(|now| *now > 1) {
        Some(now) => format!("batch_size={}  # half of {now}; and beam_size=1", now / 2),
        None => "batch_size=N, beam_size=1  # in transcribe(...), translate_batch(...); N: half of what it is".to_owned(),
    }
}

/// True where a detector's or classifier's trainer takes many pictures at once, unless the log shows one: half as many come before
/// smaller ones.
pub(in crate::fixes) fn taken(s: &Situation<'_>) -> bool {
    const TRAINERS: [&str; 10] = [
        "ultralytics",
        "yolov5",
        "yolov6",
        "yolov7",
        "yolox",
        "detectron2",
        "openmmlab",
        "timm",
        "basicsr",
        "rvc",
    ];
    let evaluates = s.in_phase(&[Phase::Eval, Phase::Load]) || s.has(SettingKind::MovedToHost);
    s.trained_by(&TRAINERS) && !evaluates && s.number(SettingKind::BatchSize) != Some(1)
}
