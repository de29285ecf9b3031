//! What the memory was being used for when the device was too small: one row a kind of work, most telling first.

use crate::evidence::{Family, FindingId, Frame, KnownWork, Phase, SettingKind};
use crate::findings::measures::by_load::{
    builds_again, left_by_cells, loads_for_a_request, restores_tensors, resumes,
};
use crate::findings::measures::{by_size, by_weights, exhaustion, record, vocabulary};
use crate::findings::{Case, Confidence, Verdict};

/// A kind of work: the finding's id, and whether the stack shows it.
struct Kind {
    finding: FindingId,
    shows: fn(&Case<'_>) -> bool,
}

/// The first row that fits names the finding; the last one always fits.
const KINDS: [Kind; 14] = [
    Kind {
        finding: FindingId::Saving,
        shows: |c| phase(c, Phase::Save),
    },
    Kind {
        finding: FindingId::OptimizerTemporaries,
        shows: |c| says(c, &["_multi_tensor_", "_foreach_"]),
    },
    Kind {
        finding: FindingId::OptimizerStates,
        shows: |c| phase(c, Phase::Optimizer) || resumes(c),
    },
    Kind {
        finding: FindingId::TrialRun,
        shows: |c| phase(c, Phase::TrialRun),
    },
    Kind {
        finding: FindingId::DuplicateWeights,
        shows: |c| {
            const LOADS: &[&str] = &["torch.load", "load_state_dict", "load_checkpoint"];
            // `from_pretrained` fills a model of meta tensors, so that nothing is there twice.
            let samples = c.incident.traceback.known_work() == Some(KnownWork::LoadsSamples);
            let copies = c.incident.traceback.known_work() == Some(KnownWork::CopiesStates);
            !copies && says(c, &["deepcopy", "merge_and_unload"])
                || c.incident.traceback.reads_an_adapter()
                || !samples
                    && phase(c, Phase::Load)
                    && (says(c, LOADS) || restores_tensors(c))
                    && !says(c, &["from_pretrained", "_into_meta_model"])
        },
    },
    Kind {
        finding: FindingId::EarlierModels,
        shows: |c| {
            by_weights::more_than_the_model(c)
                || left_by_cells(c)
                || loads_for_a_request(c)
                || builds_again(c)
        },
    },
    Kind {
        finding: FindingId::Weights,
        shows: |c| phase(c, Phase::Load),
    },
    Kind {
        finding: FindingId::KvCache,
        shows: makes_a_cache,
    },
    // An engine's cache is there before it serves: what fails then stands beside it.
    Kind {
        finding: FindingId::BesideTheShare,
        shows: |c| c.incident.program().takes_a_share(),
    },
    Kind {
        finding: FindingId::Logits,
        shows: |c| makes_logits(c) || record::held_by_the_loss(c) || are_logits_by_size(c),
    },
    Kind {
        finding: FindingId::AttentionScores,
        shows: attends,
    },
    Kind {
        finding: FindingId::GraphKeptInEval,
        shows: |c| {
            let thrown_away = phase(c, Phase::Eval) || detached_afterwards(c);
            thrown_away
                && !c.incident.evaluates_by_word_alone()
                && !c.incident.only_answers()
                && !c.incident.traceback.answers_by_its_script()
                && !c.incident.settings.has(SettingKind::NoGrad)
                && !c.incident.traceback.joins_windows()
                // Forces are gradients of an energy, of an evaluation too (ACEsuit/mace: modules/utils.py).
                && !c.incident.traceback.runs("autograd.grad(")
                && !matches!(
                    c.incident.traceback.known_work(),
                    Some(KnownWork::RestoresPicture | KnownWork::SpreadsLabels)
                )
                && !c.incident.in_a_loop_without_graph()
        },
    },
    Kind {
        finding: FindingId::Activations,
        // What serves or draws has no backward pass to keep anything for.
        shows: |c| {
            let infers = matches!(
                c.incident.program().family(),
                Family::Engine | Family::ImageInterface | Family::Arrays
            );
            // Nor does what runs without a graph.
            let no_graph = c.incident.settings.has(SettingKind::NoGrad);
            !infers
                && !c.incident.traceback.infers()
                && !c.incident.only_answers()
                && match c.incident.phase {
                    Some(Phase::Forward) => !no_graph,
                    // Gradients are reduced while the rest of the backward pass is still kept.
                    Some(Phase::Communication) => {
                        says(c, &["_engine_run_backward", "run_backward"])
                    }
                    phase => phase == Some(Phase::Backward),
                }
        },
    },
    Kind {
        finding: FindingId::MoreThanTheDevice,
        shows: |_| true,
    },
];

/// True where no stack says otherwise, and the request is as large as the logits.
fn are_logits_by_size(case: &Case<'_>) -> bool {
    case.incident.traceback.frames.is_empty() && by_size::logits(case).is_some()
}

/// True where the operation that failed works on numbers for each word of the vocabulary.
fn makes_logits(case: &Case<'_>) -> bool {
    const WORDS: [&str; 15] = [
        // megatron/core/transformer/module.py: what the last stage gives back.
        "float16_to_fp32",
        "cross_entropy",
        "logits = logits",
        "shift_logits",
        "log_softmax",
        "logsumexp",
        "lm_head",
        "logits.float",
        "logits.to(",
        "* logits",
        "entropy_from_logits",
        "logprobs_from_logits",
        "log_probs_from_logits",
        "output_layer",
        "joint_net",
    ];
    // Two classes for each box or pixel are no vocabulary.
    let binary = |f: &&Frame| {
        ["binary_cross_entropy", "BCE"]
            .iter()
            .any(|word| f.code.contains(word) || f.function.contains(word))
    };
    if inner(case).any(|f| binary(&f)) {
        return false;
    }
    inner(case).any(|f| {
        let softmax = f.code.contains("softmax(") && f.code.contains("logit");
        // Megatron's and others' own losses: tensor_parallel/cross_entropy.py.
        softmax
            || vocabulary::rows_of_words(f)
            || f.file.ends_with("cross_entropy.py")
            || (f.function == "_convert_to_fp32" && speaks(case))
            || WORDS
                .iter()
                .any(|word| f.code.contains(word) || f.function.contains(word))
    })
}

/// True where a language model is trained. Accelerate turns what a model gives back into four bytes a number
/// (accelerate/utils/operations.py): of a language model these are the logits.
fn speaks(case: &Case<'_>) -> bool {
    const TRAINERS: [&str; 5] = [
        "axolotl",
        "llama-factory",
        "ms-swift",
        "unsloth",
        "openrlhf",
    ];
    let settings = &case.incident.settings;
    let trainer = settings.get(SettingKind::Trainer);
    // What goes into a model by this name are tokens.
    let tokens = |f: &Frame| f.code.contains("input_ids") || f.path().contains("trl/trainer/");
    case.incident.traceback.frames.iter().any(tokens)
        || settings.has(SettingKind::SequenceLength)
        || trainer.is_some_and(|trainer| TRAINERS.contains(&trainer.value.as_str()))
}

/// True where the operation that failed multiplies queries with keys, or works on their scores. A softmax alone is none: it
/// stands in every classifier.
pub(crate) fn attends(case: &Case<'_>) -> bool {
    const FUSED: &str = "scaled_dot_product_attention";
    const WORDS: [&str; 5] = [
        FUSED,
        "_prepare_attention_mask",
        "add_decomposed_rel_pos",
        "attn_weights",
        "attention_scores",
    ];
    const TRANSPOSED: [&str; 5] = [
        "transpose(-2, -1)",
        "transpose(-1, -2)",
        "transpose(2, 3)",
        "swapaxes(-1, -2)",
        ".mT",
    ];
    const PRODUCT: [&str; 5] = [" @ ", "matmul(", "bmm(", "einsum(", "baddbmm("];
    // Of windows of a fixed size the table grows with the picture, not with its square (microsoft/Swin-Transformer).
    let windows = ["swin", "Swin", "window_attention", "WindowAttention"];
    if windows
        .iter()
        .any(|word| case.incident.traceback.mentions(word))
    {
        return false;
    }
    // A pipeline of diffusers calls the fused one, which keeps no table.
    let fused = case.incident.traceback.mentions("diffusers/pipelines/");
    inner(case).any(|f| {
        let has = |words: &[&str]| words.iter().any(|word| f.code.contains(word));
        let product = has(&PRODUCT)
            && (has(&TRANSPOSED) || has(&["q, k", "query, key", "(q ", "bhid,bhjd", "q,k"]));
        let softmax =
            f.code.contains("softmax(") && (about_attention(f) || by_size::scores(case).is_some());
        let words = WORDS.get(usize::from(fused)..).unwrap_or_default();
        // The fused kernels keep no table either, unless a mask or the type keeps them from it: then it is what was asked for.
        let plain =
            f.code.contains(FUSED) && !f.code.contains("mask=") && !f.code.contains("bias=");
        let large = || {
            let (tried, total) = (case.balance.tried, case.balance.total);
            tried
                .zip(total)
                .is_none_or(|(tried, total)| tried.high() > total.low() / 20)
        };
        let named = words.iter().any(|word| {
            (f.code.contains(word) || f.function == *word) && (!plain || *word != FUSED || large())
        });
        named || product || softmax
    })
}

/// True where a frame's own words speak of attention.
fn about_attention(frame: &Frame) -> bool {
    const WORDS: [&str; 6] = ["attn", "attention", "score", "energy", "dots", "sim "];
    let code = frame.code.to_ascii_lowercase();
    let file = frame
        .file
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or("")
        .to_ascii_lowercase();
    let place = [frame.function.to_ascii_lowercase(), file];
    WORDS.iter().any(|word| code.contains(word))
        || place
            .iter()
            .any(|text| text.contains("attn") || text.contains("attention"))
}

/// The three innermost frames: the operation itself, and not the module around it.
fn inner<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Frame> {
    case.incident.traceback.frames.iter().rev().take(3)
}

/// True where a cache of keys and values grows, or an engine makes its own.
fn makes_a_cache(case: &Case<'_>) -> bool {
    const MAKES: &[&str] = &[
        "initialize_kv_cache",
        "_allocate_kv_cache",
        "_allocate_kv_cache_tensors",
        "init_memory_pool",
        "_create_buffers",
        "create_state_tensors",
        // torchtune/modules/transformer.py and attention.py.
        "setup_caches",
        "setup_cache",
    ];
    const GROWS: &[&str] = &["past_key_values", "kv_cache", "cache_utils", "DynamicCache"];
    let frames = &case.incident.traceback.frames;
    // The tower of a model that sees works before any token is made.
    if case.incident.traceback.known_work() == Some(KnownWork::SeesPictures) {
        return false;
    }
    let makes = frames.iter().any(|f| MAKES.contains(&f.function.as_str()));
    let engine = case.incident.program().takes_a_share();
    let grows = says(case, GROWS) && !case.incident.traceback.trains();
    let by_cat = case.incident.traceback.cache_grows_by_cat().is_some();
    makes || by_cat || !engine && (phase(case, Phase::Generate) || grows)
}

pub(super) fn phase(case: &Case<'_>, phase: Phase) -> bool {
    case.incident.phase == Some(phase)
}

/// True where any frame of the stack holds one of the words.
fn says(case: &Case<'_>, words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| case.incident.traceback.runs(word) || in_a_library(case, word))
}

/// True where the user's own line detaches what a model gives back, or takes it to the host as an array: a graph was built on the
/// way, and nothing will go back through it.
fn detached_afterwards(case: &Case<'_>) -> bool {
    let frame = case.incident.frame.as_ref();
    let runs = case.incident.phase == Some(Phase::Forward) || case.incident.phase.is_none();
    runs && frame.is_some_and(|frame| {
        let code = frame.code.as_str();
        let call = code.find('(');
        let detached = [").detach()", ".detach().cpu()", ".cpu().detach().numpy()"];
        let at = detached.iter().filter_map(|d| code.find(d)).min();
        call.zip(at).is_some_and(|(call, at)| call < at)
    })
}

/// True where the frame of an installed package stands in a file of this name. Users name their own files as they like.
fn in_a_library(case: &Case<'_>, word: &str) -> bool {
    let frames = &case.incident.traceback.frames;
    frames
        .iter()
        .any(|f| f.file.contains("-packages") && f.file.contains(word))
}

/// The verdict of the finding with this id: exhaustion, where this is the kind of work that the stack shows.
pub(crate) fn verdict(case: &Case<'_>, finding: FindingId) -> Option<Verdict> {
    // Its own row first, since most rows do not fit.
    let (before, rest) = KINDS.split_at(KINDS.iter().position(|kind| kind.finding == finding)?);
    let fits = |kind: &Kind| (kind.shows)(case);
    if !rest.first().is_some_and(fits) || before.iter().any(fits) {
        return None;
    }
    let found = exhaustion::exhausted(case)?;
    let settle = match case.incident.program().family() {
        Family::Engine => {
            "the engine's lines above it: what do the weights take, and how large are its share and its largest batch?"
        }
        Family::ImageInterface => {
            "the program's own lines at its start: how much VRAM does it see, and what does it load?"
        }
        Family::Arrays => {
            "`nvidia-smi -l 1` while it starts: how far does it grow, and with how many atoms, rows or cells?"
        }
        _ if case.incident.outside_python() && !case.incident.settings.has(SettingKind::InR) => {
            "`nvidia-smi -l 1` while it runs: how far does it grow, and at which call?"
        }
        // Who held what is told beside it, which a summary does not know.
        _ if case.incident.holdings.is_some() => {
            "look at the lines that held most: was all of that needed at this moment?"
        }
        _ => {
            "`print(torch.cuda.memory_summary())` just before the line that fails shows what is live by then"
        }
    };
    let because = match finding {
        FindingId::EarlierModels => {
            let request = "The function that answers a request loads the model: those of earlier requests can still be there.";
            let left = "A restart of the kernel helps, as is said beside it: what earlier cells or runs made is still there.";
            let left = if loads_for_a_request(case) {
                request
            } else if left_by_cells(case) {
                left
            } else {
                "An earlier round had fitted, and its model is let go of only when this one has its name."
            };
            let why = by_weights::sum(case).unwrap_or_else(|| left.to_owned());
            [found.because, why].join(" ")
        }
        _ => found.because,
    };
    let verdict = Verdict::settled_by(found.confidence, because, settle);
    // The stack suggests what the memory is for; it proves nothing of it.
    let finding = found.confidence.min(Confidence::Likely);
    Some(verdict.measured(found.measured).finding(finding))
}
