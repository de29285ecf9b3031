//! Places of libraries whose answer is one line: what to type there stands before all else. One row a place.

use super::{batches, sides};
use crate::evidence::{FindingId, FixId, KnownWork, Phase};
use crate::fixes::{Enough, Fix, Offer, Ranked, Situation};

/// What to type where a library is known to do this work.
struct Answer {
    work: KnownWork,
    /// The fix that it is: the first of these that the finding lists. One that lists none has another answer.
    fixes: &'static [FixId],
    title: &'static str,
    how: &'static str,
    cost: Option<&'static str>,
    /// What does not exist there, or cannot be changed.
    not: &'static [FixId],
}

static ANSWERS: &[Answer] = &[
    // facebookresearch/sam2 (sam2/sam2_video_predictor.py, `init_state`).
    Answer {
        work: KnownWork::FollowsVideo,
        // The frames themselves are one large request.
        fixes: &[FixId::Offload, FixId::ChunkTheOperation],
        title: "Keep the frames and what was found in them in host memory",
        how: "predictor.init_state(video_path, offload_video_to_cpu=True, offload_state_to_cpu=True)\n# or shorter clips, one after the other",
        cost: Some("a little slower a frame; needs host memory"),
        not: &[
            FixId::LowerBatchSize,
            FixId::LowPrecisionWeights,
            FixId::GradientCheckpointing,
            FixId::MemoryEfficientOptimizer,
            FixId::SdpaAttention,
            FixId::SmallerInputs,
        ],
    },
    // AutoGPTQ/AutoGPTQ (modeling/_base.py, `quantize`), casper-hansen/AutoAWQ (models/base.py, `quantize`), vllm-project/llm-compressor
    // (`oneshot`).
    Answer {
        work: KnownWork::QuantizesLayers,
        fixes: &[FixId::LowerBatchSize],
        title: "Calibrate on fewer and shorter samples, kept in host memory",
        how: "model.quantize(examples, cache_examples_on_gpu=False)  # AutoGPTQ; and half of the examples\n# AutoAWQ: n_parallel_calib_samples=1, max_calib_samples=64, max_calib_seq_len=512\n# llm-compressor: num_calibration_samples=128, max_seq_length=1024",
        cost: Some("slower, and weights that fit the data a little worse"),
        not: &[
            FixId::GradientCheckpointing,
            FixId::MixedPrecision,
            FixId::MemoryEfficientOptimizer,
            FixId::TrainAdapters,
            FixId::SdpaAttention,
            FixId::ChunkTheOperation,
        ],
    },
    // openai/whisper (README.md: what each size of the model takes; transcribe.py: `--model`).
    Answer {
        work: KnownWork::WritesSpeech,
        fixes: &[
            FixId::QuantizeWeights,
            FixId::LowPrecisionWeights,
            FixId::LowerBatchSize,
        ],
        title: "Load a smaller model",
        how: "whisper --model turbo AUDIO  # whisper.load_model(\"turbo\"): about 6 GB; medium 5, small 2, base 1\n# large takes about 10; faster-whisper with compute_type=\"int8\" needs a third of it",
        cost: Some("more wrong words"),
        not: &[
            FixId::LowerBatchSize,
            FixId::ShorterGeneration,
            FixId::StaticKvCache,
            FixId::SdpaAttention,
            FixId::MixedPrecision,
            FixId::ShorterSequence,
        ],
    },
    // arcee-ai/mergekit (mergekit/options.py).
    Answer {
        work: KnownWork::MergesModels,
        fixes: &[FixId::Offload],
        title: "Merge on the CPU",
        how: "leave out --cuda  # of mergekit-yaml: tensors are merged in host memory then\n# --lazy-unpickle and --low-cpu-memory keep that small; --read-to-gpu and --gpu-rich need more of the GPU",
        cost: Some("time"),
        not: &[
            FixId::LowerBatchSize,
            FixId::GradientCheckpointing,
            FixId::MixedPrecision,
            FixId::LowPrecisionWeights,
        ],
    },
    // ACEsuit/mace (mace/calculators/foundations_models.py: `default_dtype`, `enable_cueq`, names of models) and its kin.
    Answer {
        work: KnownWork::ComputesForces,
        fixes: &[
            FixId::SmallerInputs,
            FixId::ChunkTheOperation,
            FixId::LowerBatchSize,
        ],
        title: "Compute fewer atoms at once, or in float32",
        how: "a smaller cell, or default_dtype=\"float32\" of the calculator\n# then a smaller model: mace_mp(model=\"small\"), and enable_cueq=True; memory grows with atoms times neighbours",
        cost: Some("digits of the forces"),
        not: &[
            FixId::LowerBatchSize,
            FixId::GradientCheckpointing,
            FixId::MixedPrecision,
            FixId::LowPrecisionWeights,
        ],
    },
    // aqlaboratory/openfold (run_pretrained_openfold.py, openfold/config.py: `long_sequence_inference`).
    Answer {
        work: KnownWork::FoldsProtein,
        fixes: &[
            FixId::ChunkTheOperation,
            FixId::ShorterSequence,
            FixId::Offload,
        ],
        title: "Fold it in smaller pieces",
        how: "--long_sequence_inference  # of run_pretrained_openfold.py: chunks, and parts in host memory\n# or fewer residues: memory grows with the square of them",
        cost: Some("time"),
        not: &[
            FixId::LowerBatchSize,
            FixId::GradientCheckpointing,
            FixId::MixedPrecision,
            FixId::SdpaAttention,
        ],
    },
    Answer {
        work: KnownWork::FollowsPixels,
        fixes: &[FixId::SmallerInputs, FixId::ChunkTheOperation],
        title: "Find cells in parts of the picture, or in a smaller one",
        how: "model.eval(img[y:y + 4096, x:x + 4096], ...)  # one part after the other, overlapping\n# this step takes the whole picture, whatever batch_size is; CellposeModel(gpu=False) does it in host memory",
        cost: Some("seams to join, or time"),
        not: &[
            FixId::LowerBatchSize,
            FixId::GradientCheckpointing,
            FixId::MixedPrecision,
            FixId::LowPrecisionWeights,
            FixId::SdpaAttention,
        ],
    },
    // obss/sahi; the scale stands in the pipeline of the tests, which inference takes (mmdet/apis/inference.py).
    Answer {
        work: KnownWork::DetectsInOne,
        fixes: &[FixId::SmallerInputs],
        title: "Look at a smaller picture, or at parts of it",
        how: "a smaller scale in Resize of test_pipeline  # of the config; img_scale in mm 2.x\n# or tiles of 1024 x 1024, one after the other, with the results put together (SAHI does so)",
        cost: Some("small objects, or time"),
        not: &[FixId::LowerBatchSize, FixId::GradientCheckpointing],
    },
    // RVC-Project (configs/config.py, `device_config`: what it takes by itself on GPUs of 4 GB and less).
    Answer {
        work: KnownWork::ConvertsVoices,
        fixes: &[FixId::ShorterSequence, FixId::SmallerInputs],
        title: "Convert shorter parts of the recording",
        how: "x_pad=1, x_query=5, x_center=30, x_max=32  # in configs/config.py: what it takes at 4 GB\n# or cut the recording before, and use rmvpe or crepe on the CPU",
        cost: Some("a little slower"),
        not: &[
            FixId::LowerBatchSize,
            FixId::GradientCheckpointing,
            FixId::MixedPrecision,
        ],
    },
    // facebookresearch/esm (scripts/extract.py: 4096 and 1022 unless told).
    Answer {
        work: KnownWork::EmbedsProteins,
        fixes: &[FixId::LowerBatchSize],
        title: "Put fewer residues through at once",
        how: "--toks_per_batch 1024  # of extract.py, 4096 unless told; in own code fewer sequences at once\n# one sequence alone too long: --truncation_seq_length N, 1022 unless told",
        cost: None,
        // Its attention is the library's own.
        not: &[FixId::SdpaAttention],
    },
    // Wan-Video/Wan2.2 (generate.py): Wan2.1 has no --convert_model_dtype.
    Answer {
        work: KnownWork::DrawsVideo,
        fixes: &[FixId::Offload],
        title: "Keep what is idle in host memory, and weights in two bytes",
        how: "--offload_model True --t5_cpu --convert_model_dtype  # then --size 832*480\n# and a shorter video: --frame_num N, N = 4n + 1, 81 unless told",
        cost: Some("slower: parts of the model move at each step"),
        not: &[
            FixId::LowerBatchSize,
            FixId::GradientCheckpointing,
            FixId::MixedPrecision,
            FixId::LowPrecisionWeights,
            FixId::SmallerInputs,
        ],
    },
    // yenchenlin/nerf-pytorch (run_nerf.py: 4096 rays of a step, 32768 at once, 65536 points through the network).
    Answer {
        work: KnownWork::CastsRays,
        fixes: &[FixId::LowerBatchSize],
        title: "Draw fewer rays at once",
        how: "--N_rand 1024  # rays of a step, 4096 unless told\n# whole pictures: --chunk 8192 --netchunk 16384",
        cost: None,
        not: &[FixId::GradientCheckpointing],
    },
    // transformers (models/qwen2_vl/image_processing_qwen2_vl.py: `max_pixels`; each 28 x 28 pixels become a token).
    Answer {
        work: KnownWork::SeesPictures,
        fixes: &[FixId::SmallerInputs],
        title: "Give the model smaller pictures",
        how: "AutoProcessor.from_pretrained(NAME, max_pixels=640*28*28)  # Qwen-VL and its kin\n# or shrink each picture before: image.thumbnail((1024, 1024)); videos: fewer frames",
        cost: Some("details of the picture"),
        not: &[FixId::StaticKvCache, FixId::ShorterGeneration],
    },
    // streamlit/streamlit (lib/streamlit/runtime/caching, `cache_resource`).
    Answer {
        work: KnownWork::RerunsScript,
        fixes: &[FixId::DropReferences],
        title: "Load the model once, and not at every click",
        how: "@st.cache_resource  # above the function that loads and returns the model\n# Streamlit runs the script again at every click, and each session loads its own",
        cost: Some("nothing"),
        not: &[],
    },
    Answer {
        work: KnownWork::AnswersRequest,
        fixes: &[FixId::DropReferences],
        title: "Load the model once, and not for every request",
        how: "model = load_model()  # at the top of the program, or at its start-up; the function that answers only uses it\n# and one worker of the server a GPU: each loads its own",
        cost: Some("nothing"),
        not: &[],
    },
    Answer {
        work: KnownWork::CopiesStates,
        fixes: &[FixId::LoadCheckpointOnCpu],
        title: "Read the checkpoint on the CPU",
        how: "ckpt = torch.load(path, map_location=\"cpu\")  # then optimizer.load_state_dict(ckpt[...]); del ckpt\n# the states of a checkpoint that lies on the GPU are there twice while the optimizer takes them over",
        cost: Some("host memory for one checkpoint"),
        not: &[FixId::LowPrecisionWeights],
    },
    // princeton-vl/RAFT (README.md, demo.py, evaluate.py, train.py).
    Answer {
        work: KnownWork::CorrelatesFrames,
        fixes: &[FixId::SmallerInputs],
        title: "Give it smaller frames",
        how: "frames of half the width and height: the table of all pairs of pixels becomes a sixteenth\n# training: a smaller --image_size; demo.py and evaluate.py of RAFT: --alternate_corr makes no table",
        cost: Some("details; without the table, time"),
        not: &[FixId::LowerBatchSize, FixId::SdpaAttention],
    },
    Answer {
        work: KnownWork::SpreadsLabels,
        fixes: &[FixId::OutputsToCpu],
        title: "Prepare the predictions in host memory",
        how: "post_pred(y.cpu())  # for each y of the prediction; and post_label(y.cpu())\n# one-hot labels of a whole volume need a copy of it for each class",
        cost: None,
        not: &[FixId::LowerBatchSize, FixId::GradientCheckpointing],
    },
    // torch/nn/parallel/data_parallel.py, `gather` onto `output_device`.
    Answer {
        work: KnownWork::GathersOnFirst,
        fixes: &[FixId::ShardAcrossGpus],
        title: "Give each GPU a process of its own",
        how: "torchrun --nproc-per-node=N train.py  # model = DistributedDataParallel(model, device_ids=[local_rank])\n# DataParallel puts the outputs of all GPUs onto the first; or compute the loss in forward, and return it alone",
        cost: Some("a few lines of the program"),
        not: &[],
    },
    // pytorch/tutorials (intermediate_source/mario_rl_tutorial.py).
    Answer {
        work: KnownWork::RemembersOnGpu,
        fixes: &[FixId::DropReferences],
        title: "Keep what the agent remembers in host memory",
        how: "self.memory.append((state.cpu(), next_state.cpu(), action, reward, done))\n# .to(device) where a batch is drawn from it; or a smaller deque(maxlen=N)",
        cost: Some("a copy for each batch"),
        not: &[FixId::LowerBatchSize],
    },
    // SAM's encoder takes 1024 x 1024 pixels of each picture (facebookresearch/segment-anything, modeling/sam.py).
    Answer {
        work: KnownWork::EncodesPictures,
        fixes: &[FixId::LowerBatchSize],
        title: "Encode one picture at a time",
        how: "outputs = [sam([one], multimask_output=False)[0] for one in batched_input]\n# one picture at a time; or a smaller encoder: sam_model_registry[\"vit_b\"]",
        cost: None,
        not: &[],
    },
];

/// Puts the answer of the place first, in place of what its fix says elsewhere.
pub(super) fn answer(s: &Situation<'_>, fixes: &[&'static Fix], ranked: &mut Vec<Ranked>) {
    let work = s.incident.traceback.known_work().filter(|_| s.torch());
    // What answers a request does all else as any program does.
    let work = work.filter(|w| *w != KnownWork::AnswersRequest || s.in_phase(&[Phase::Load]));
    // A batch that a training shows is halved under its own name.
    let trains = s.in_phase(&[Phase::Forward, Phase::Backward]) && batches::halved(s).is_some();
    let work = work.filter(|w| *w != KnownWork::EncodesPictures || !trains);
    let Some(answer) = ANSWERS.iter().find(|answer| work == Some(answer.work)) else {
        return;
    };
    let listed = |id: &FixId| fixes.iter().find(|fix| fix.id == *id);
    let Some(fix) = answer.fixes.iter().find_map(listed) else {
        return;
    };
    let said = ranked.iter().position(|r| r.fix.id == fix.id);
    let said = said.map(|at| ranked.remove(at));
    // A size that the log shows, or the program's own name of it, comes before a library's.
    let own = (answer.work == KnownWork::SeesPictures)
        .then(|| {
            let named = || s.own_switch(|switches| switches.image).offer();
            sides::smaller(s).or_else(named)
        })
        .flatten();
    let how = own.map_or(answer.how.to_owned(), |own| own.how);
    let mut offer = Offer::unmeasured(how).titled(answer.title.to_owned());
    offer.cost = answer.cost;
    if let Some(said) = said {
        offer.gain = said.offer.gain;
        offer.enough = said.offer.enough;
    }
    ranked.retain(|r| !answer.not.contains(&r.fix.id));
    // What is surely enough may stand before it, and what parts the workers that share the GPU.
    let shared = usize::from(s.finding == FindingId::RanksOnOneGpu).min(ranked.len());
    let at = ranked
        .iter()
        .take_while(|r| r.offer.enough == Enough::Yes && offer.enough != Enough::Yes)
        .count()
        .max(shared);
    ranked.insert(at, Ranked { fix, offer });
}

#[cfg(test)]
mod tests {
    use super::super::super::case_builder::CaseBuilder;
    use crate::evidence::FindingId;

    #[test]
    fn each_place_puts_its_line_first() {
        let fixes = [
            &crate::fixes::sdpa_attention::FIX,
            &crate::fixes::lower_batch_size::FIX,
            &crate::fixes::offload::FIX,
            &crate::fixes::drop_references::FIX,
        ];
        let rows = [
            (
                "/v/sam2/sam2_video_predictor.py",
                "propagate_in_video",
                FindingId::MoreThanTheDevice,
                "offload_video_to_cpu=True",
            ),
            (
                "/opt/esm/esm/model/esm2.py",
                "forward",
                FindingId::AttentionScores,
                "--toks_per_batch",
            ),
            (
                "/v/streamlit/runtime/scriptrunner/exec_code.py",
                "code_to_exec",
                FindingId::EarlierModels,
                "@st.cache_resource",
            ),
        ];
        for (file, function, finding, how) in rows {
            let first = CaseBuilder::new()
                .finding(finding)
                .frame_in(file, function)
                .first(&fixes);
            assert!(first.contains(how), "{file}: {first}");
        }
    }
}
