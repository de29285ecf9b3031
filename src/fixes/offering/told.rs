//! What the log and its writer tell moves fixes: what was tried stands last, what the sum of the weights calls for stands first.

use super::colocated::of_others;
use super::typed::{flag, typed, untold_batch};
use super::{batches, by_words, elsewhere};
use crate::evidence::{FindingId, FixId, KnownWork, Phase, SettingKind, Tuning, of_each_weight};
use crate::fixes::Situation;
use crate::fixes::situation::Own;

/// Fixes that stand first, and fixes that stand last.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::fixes) struct Moves {
    /// In this order.
    pub(in crate::fixes) first: Vec<FixId>,
    /// Behind all others but other hardware.
    pub(in crate::fixes) last: Vec<FixId>,
    /// Left out: nothing calls for them.
    pub(in crate::fixes) out: Vec<FixId>,
}

/// The moves of a failure.
pub(in crate::fixes) fn moves(s: &Situation<'_>) -> Moves {
    if !s.torch() {
        return of_others(s);
    }
    let mut moves = Moves::default();
    if another_is_there(s) {
        moves.first = vec![FixId::ChooseAnotherGpu];
        return moves;
    }
    if s.incident
        .settings
        .get(SettingKind::Resumes)
        .is_some_and(|told| told.value == "told")
    {
        moves.first = vec![FixId::LoadCheckpointOnCpu];
    }
    if s.blind() {
        moves.first = by_stack(s);
        // Half of what the log shows makes most failures pass, whatever they were.
        if batches::halved(s).is_some() {
            moves.first.push(FixId::LowerBatchSize);
        }
        if batches::taken(s) && !moves.first.contains(&FixId::LowerBatchSize) {
            moves.first.push(FixId::LowerBatchSize);
        }
        // It wins no memory.
        moves.last.push(FixId::UseNewerPytorch);
        // What is typed there comes before what nothing names.
        if !s.has(SettingKind::BatchSize) && flag(s, SettingKind::SequenceLength) {
            moves.first.push(FixId::ShorterSequence);
        }
        return moves;
    }
    if s.finding == FindingId::Unexplained {
        moves.first = vec![FixId::LowerBatchSize, FixId::GradientCheckpointing];
    }
    if spent(s) {
        moves.last.push(FixId::LowerBatchSize);
    }
    if too_many_weights(s).is_some() {
        moves.last.push(FixId::LowerBatchSize);
        moves.first = order(s);
    } else if s.has(SettingKind::WholeModel) && one_sample(s) {
        moves.first = order(s);
    } else if alone(s) && typed_for_one(s) {
        moves.first = vec![FixId::Offload, FixId::ShardAcrossGpus];
    } else if one_sample(s) && stage(s).is_some_and(|stage| stage < 3)
        || alone(s)
        || unlaunched(s)
        || in_one_piece(s)
    {
        moves.first = vec![FixId::ShardAcrossGpus, FixId::Offload];
    }
    if of_one_request(s, &mut moves) {
        return moves;
    }
    if s.incident.traceback.runs("_ddp_init_helper") {
        before_any_batch(&mut moves);
    }
    by_what_is_known(s, &mut moves);
    moves
}

/// True where one request is larger than the GPU, and it is known what it is: all logits, or all weights once more.
fn of_one_request(s: &Situation<'_>, moves: &mut Moves) -> bool {
    if s.finding == FindingId::LargerThanDevice && s.makes_all_logits() && s.sequences() {
        moves.first = vec![FixId::ChunkedCrossEntropy, FixId::ShorterSequence];
        moves.out = vec![FixId::ChunkTheOperation];
        return true;
    }
    if s.states_in_one_piece() {
        moves.first = vec![FixId::Offload, FixId::ShardAcrossGpus, FixId::TrainAdapters];
        moves.out = vec![
            FixId::ChunkTheOperation,
            FixId::LowerBatchSize,
            FixId::FixTheShape,
            FixId::SdpaAttention,
        ];
        return true;
    }
    false
}

/// What changes the training, and not what samples need.
const NOT_OF_SAMPLES: [FixId; 4] = [
    FixId::LowerBatchSize,
    FixId::GradientCheckpointing,
    FixId::MemoryEfficientOptimizer,
    FixId::MixedPrecision,
];

/// What says little of this failure is left out, and the place that failed has the first word.
fn by_what_is_known(s: &Situation<'_>, moves: &mut Moves) {
    // Of a failure that does not tell whether it trains, or what, these say little.
    if moves.first.is_empty() {
        moves.out = match s.finding {
            FindingId::MoreThanTheDevice => {
                vec![FixId::ShardAcrossGpus, FixId::MemoryEfficientOptimizer]
            }
            FindingId::Activations => vec![FixId::MemoryEfficientOptimizer],
            _ => Vec::new(),
        };
    }
    if s.encodes_images() {
        moves.out.push(FixId::GradientCheckpointing);
    }
    // A buffer has the type that its line gives it, whatever runs beside it.
    let whole = s.finding == FindingId::MoreThanTheDevice;
    if whole && s.incident.traceback.makes_a_store().is_some() {
        moves.out.extend([
            FixId::MixedPrecision,
            FixId::LowPrecisionWeights,
            FixId::GradientCheckpointing,
        ]);
    }
    // A window of a volume is a batch of its own.
    let joins = s.incident.traceback.joins_windows();
    if of_samples(s) == Some(FixId::Offload) || joins {
        moves.out = NOT_OF_SAMPLES.to_vec();
    }
    if let Some(first) = of_samples(s).or_else(|| by_place(s)) {
        moves.first.retain(|id| *id != first);
        moves.first.insert(0, first);
    }
}

/// What makes room for samples that a training draws.
fn of_samples(s: &Situation<'_>) -> Option<FixId> {
    let fix = if s.decodes_images() {
        FixId::TileTheImage
    } else {
        FixId::Offload
    };
    s.draws_samples().then_some(fix)
}

/// True where there are more GPUs than the full one: another costs nobody's work.
fn another_is_there(s: &Situation<'_>) -> bool {
    let held = [
        FindingId::OtherProcess,
        FindingId::StaleProcess,
        FindingId::NoRoomForContext,
    ];
    let several = s.finding == FindingId::OtherProcess && s.number(SettingKind::Gpus) > Some(1);
    let free = held.contains(&s.finding) && s.incident.free_gpu().is_some();
    s.now.is_none() && !s.distributed() && (several || free)
}

/// The buckets of `DistributedDataParallel` are as large as the gradients, and no batch has run when they are made
/// (torch/nn/parallel/distributed.py).
fn before_any_batch(moves: &mut Moves) {
    moves.first = vec![FixId::LowPrecisionWeights, FixId::ShardAcrossGpus];
    moves.out = vec![
        FixId::LowerBatchSize,
        FixId::GradientCheckpointing,
        FixId::ShorterSequence,
        FixId::SmallerInputs,
        FixId::MixedPrecision,
        FixId::MemoryEfficientOptimizer,
    ];
}

/// What helps where weights, gradients and states are too many. Who has several GPUs, or has trained adapters before, wants all
/// weights; else adapters are what people come to.
fn order(s: &Situation<'_>) -> Vec<FixId> {
    let gpus = s.number(SettingKind::Gpus).unwrap_or(0);
    let script = s
        .incident
        .settings
        .get(SettingKind::WholeModel)
        .is_some_and(|told| told.value == "script");
    let adapters_known = s.has(SettingKind::Adapters) && s.has(SettingKind::WholeModel) && !script;
    // A script that trains all weights keeps the activations of all layers, unless it is told not to.
    let kept = s.in_phase(&[Phase::Backward]) && !s.has(SettingKind::Checkpointing);
    if script && kept && matches!(s.own_switch(|own| own.checkpointing), Own::Switch(_)) {
        return vec![
            FixId::GradientCheckpointing,
            FixId::MemoryEfficientOptimizer,
            FixId::TrainAdapters,
        ];
    }
    // Who has split all that can be split over the GPUs wants all weights trained: what is left waits in host memory.
    let split = stage(s) == Some(3) || s.has(SettingKind::Fsdp);
    if split && (gpus > 1 || s.distributed()) && !adapters_known {
        return vec![
            FixId::Offload,
            FixId::MemoryEfficientOptimizer,
            FixId::TrainAdapters,
        ];
    }
    // A rank of ZeRO has others beside it.
    let ranks = gpus != 1 && stage(s).is_some() && s.incident.rank.is_some();
    if gpus > 1 || ranks || adapters_known {
        vec![
            FixId::ShardAcrossGpus,
            FixId::TrainAdapters,
            FixId::MemoryEfficientOptimizer,
            FixId::Offload,
        ]
    } else {
        vec![
            FixId::TrainAdapters,
            FixId::MemoryEfficientOptimizer,
            FixId::ShardAcrossGpus,
            FixId::Offload,
        ]
    }
}

/// What takes the request of a known piece of work away.
fn by_known_work(s: &Situation<'_>) -> Option<FixId> {
    match s.incident.traceback.known_work()? {
        KnownWork::CachesLatents => Some(FixId::LowerBatchSize),
        KnownWork::PastesMasks | KnownWork::GrowsGaussians => Some(FixId::SmallerInputs),
        KnownWork::RestoresPicture if s.in_phase(&[Phase::Eval]) => Some(FixId::SmallerInputs),
        KnownWork::CapturesLayers => Some(FixId::NoGraphs),
        // What is kept smaller from the start; the checkpoint of the states is no file of the user's to load.
        KnownWork::ResumesOptimizer => Some(FixId::MemoryEfficientOptimizer),
        _ => None,
    }
}

/// What takes the request itself away at a place that is known.
fn by_place(s: &Situation<'_>) -> Option<FixId> {
    let stack = &s.incident.traceback;
    // All photos go to the GPU before the first step (graphdeco-inria/gaussian-splatting, utils/camera_utils.py).
    let photos = stack
        .frames
        .iter()
        .any(|frame| ["loadCam", "cameraList_from_camInfos"].contains(&frame.function.as_str()));
    let encodes = stack
        .frames
        .iter()
        .any(|frame| frame.function == "encode" && frame.file.contains("sentence_transformers"));
    let no_graph = s.in_phase(&[Phase::Eval, Phase::Generate]) || s.has(SettingKind::NoGrad);
    let pieces = s.has(SettingKind::ChunkSize) || stack.mentions("esmfold/");
    let off = s.finding == FindingId::Weights && s.has(SettingKind::QuantizedOff);
    // One sample goes through, and blocks that wait in host memory cost time alone.
    let transformer = ["flux", "sd3", "lumina"]
        .iter()
        .any(|model| stack.mentions(model));
    let swaps = s.trained_by(&["musubi", "diffusion-pipe"])
        || s.trained_by(&["kohya"]) && transformer
        || s.number(SettingKind::Offload) > Some(1);
    let swaps = swaps && one_sample(s) && s.in_phase(&[Phase::Forward, Phase::Backward]);
    let checkpoints = s.has(SettingKind::Checkpointing);
    let points = s.has(SettingKind::SampleSize) && s.switches().is_none();
    let whole = [FindingId::Weights, FindingId::DuplicateWeights].contains(&s.finding);
    if let Some(fix) = by_known_work(s) {
        return Some(fix);
    }
    match () {
        // Splitting is on, and the model was made before it.
        () if stage(s) == Some(3) && stack.runs("_configure_distributed_model") => {
            Some(FixId::ShardAcrossGpus)
        }
        // People name a model, and load no checkpoint themselves.
        () if s.has(SettingKind::LongSample) && s.sequences() => Some(FixId::ShorterSequence),
        // What is larger than the GPU is an edge's share of all edges.
        () if s.finding == FindingId::LargerThanDevice && elsewhere::whole_graph(s) => {
            Some(FixId::LowerBatchSize)
        }
        () if s.whisper() && whole => Some(FixId::QuantizeWeights),
        () if photos => Some(FixId::Offload),
        () if encodes => Some(FixId::LowerBatchSize),
        () if stack.gathers_logits() || stack.joins_windows() => Some(FixId::OutputsToCpu),
        () if pieces && no_graph => Some(FixId::ChunkTheOperation),
        () if off => Some(FixId::QuantizeWeights),
        // Volumes are trained one at a time, and its layers have the switch.
        () if stack.mentions("nets/swin_unetr") && !checkpoints => {
            Some(FixId::GradientCheckpointing)
        }
        // Whose states are not split over GPUs that hold the same weights.
        () if s.trained_by(&["megatron"]) && s.in_phase(&[Phase::Optimizer]) => {
            Some(FixId::ShardAcrossGpus)
        }
        // Its states grow with the scene.
        () if s.draws_gaussians() && s.in_phase(&[Phase::Optimizer]) => Some(FixId::SmallerInputs),
        () if swaps && checkpoints => Some(FixId::Offload),
        // What is typed comes before what is written into code.
        () if points && one_sample(s) => Some(FixId::SmallerInputs),
        () if s.switches().is_none()
            && (one_sample(s) || untold_batch(s))
            && typed(s).is_some() =>
        {
            typed(s)
        }
        () => by_words::first(s, spent(s)),
    }
}

/// What the stack alone calls for, where the figures are missing.
fn by_stack(s: &Situation<'_>) -> Vec<FixId> {
    let stack = &s.incident.traceback;
    let runs = |words: &[&str]| words.iter().any(|word| stack.runs(word));
    // Boxes of all images of a batch are filled up to those of the fullest (ultralytics/utils/loss.py, `preprocess`).
    if s.trained_by(&["ultralytics"]) && runs(&["select_candidates_in_gts"]) {
        return vec![FixId::LowerBatchSize];
    }
    if runs(&[
        "bbox_overlaps",
        "_box_inter_union",
        "select_candidates_in_gts",
        "to_dense",
    ]) {
        vec![FixId::ChunkTheOperation]
    } else if runs(&["_cuda_deserialize", "restore_location"]) {
        vec![FixId::LoadCheckpointOnCpu]
    } else if s.in_phase(&[Phase::Optimizer]) {
        vec![FixId::MemoryEfficientOptimizer]
    } else {
        Vec::new()
    }
}

/// The stage of ZeRO, where the log tells it.
fn stage(s: &Situation<'_>) -> Option<u64> {
    s.incident
        .settings
        .get(SettingKind::DeepSpeed)?
        .value
        .parse()
        .ok()
}

/// True where sharding is asked for, and nothing has started the processes that would share.
fn unlaunched(s: &Situation<'_>) -> bool {
    let asked = s.has(SettingKind::Fsdp) || s.has(SettingKind::DeepSpeed) || one_sample(s);
    s.has(SettingKind::DataParallel) && asked
}

/// True where sharding is on and there is one GPU.
fn alone(s: &Situation<'_>) -> bool {
    let shards = s.has(SettingKind::Fsdp) || stage(s).is_some_and(|stage| stage > 0);
    shards && s.number(SettingKind::Gpus) == Some(1)
}

/// True where the launcher of ZeRO was told to use one GPU: whoever types so has one mostly, and its offload needs no second one.
fn typed_for_one(s: &Situation<'_>) -> bool {
    let told = s.incident.settings.get(SettingKind::Gpus);
    stage(s).is_some() && told.is_some_and(|told| !told.name.contains(' ') && told.name != "GPUs")
}

/// True where the request itself is all weights, or all their gradients: it gets smaller only where each GPU holds a part.
fn in_one_piece(s: &Situation<'_>) -> bool {
    let trains = s.in_phase(&[Phase::Backward, Phase::Optimizer, Phase::Communication]);
    let tried = s.balance.tried.filter(|_| trains);
    tried.is_some_and(|tried| of_each_weight(&s.incident.settings, tried).is_some())
}

/// The weights with all that training adds, where that is more than the device.
pub(in crate::fixes) fn too_many_weights(s: &Situation<'_>) -> Option<Tuning> {
    let tuning = Tuning::of(&s.incident.settings)?;
    let total = s.balance.total.or(s.balance.limit)?;
    // Over how many GPUs ZeRO 3 splits them, nothing tells: what goes through is the better guess.
    let split = stage(s) == Some(3) && s.number(SettingKind::Gpus).is_none();
    if split && s.in_phase(&[Phase::Forward, Phase::Backward]) {
        return None;
    }
    let trains = !s.in_phase(&[Phase::Eval, Phase::Generate, Phase::Load]);
    (trains && tuning.needs.high() > total.high()).then_some(tuning)
}

/// True where a smaller batch was tried, or the program takes one sample unless it is told otherwise, and the log tells nothing else.
fn spent(s: &Situation<'_>) -> bool {
    let unsaid = !s.has(SettingKind::BatchSize) && !s.has(SettingKind::BatchTokens);
    s.has(SettingKind::BatchTried)
        || unsaid && s.trained_by(&ONE_BY_DEFAULT) && !s.in_phase(&[Phase::Eval])
}

/// Programs that put one sample through at once by default: kohya-ss/sd-scripts (`library/train_util.py`, `--train_batch_size`),
/// kohya-ss/musubi-tuner (`docs/dataset_config.md`, `batch_size`), ostris/ai-toolkit (`toolkit/config_modules.py`, `TrainConfig`),
/// ms-swift (`Command-line-parameters.md`, `per_device_train_batch_size`), axolotl (`utils/schemas/config.py`, `micro_batch_size`).
const ONE_BY_DEFAULT: [&str; 5] = ["kohya", "ms-swift", "axolotl", "musubi", "ai-toolkit"];

/// True where the log shows a batch of one.
fn one_sample(s: &Situation<'_>) -> bool {
    s.number(SettingKind::BatchSize) == Some(1) || spent(s)
}
