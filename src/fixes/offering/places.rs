//! Places of libraries whose answer is one line: what to type there stands before all else. One row a place.

use super::sides;
use crate::evidence::{FixId, KnownWork, Phase};
use crate::fixes::{Enough, Fix, Offer, Ranked, Situation};

/// What to type where a library is known to do this work.
struct Answer {
    work: KnownWork,
    /// The fix that it is; a finding that does not list it has another answer.
    fix: FixId,
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
        fix: FixId::Offload,
        title: "Keep the frames and what was found in them in host memory",
        how: "predictor.init_state(video_path, offload_video_to_cpu=True, offload_state_to_cpu=True)\n# or shorter clips, one after the other",
        cost: Some("a little slower a frame; needs host memory"),
        not: &[
            FixId::LowerBatchSize,
            FixId::LowPrecisionWeights,
            FixId::GradientCheckpointing,
            FixId::MemoryEfficientOptimizer,
        ],
    },
    // facebookresearch/esm (scripts/extract.py: 4096 and 1022 unless told).
    Answer {
        work: KnownWork::EmbedsProteins,
        fix: FixId::LowerBatchSize,
        title: "Put fewer residues through at once",
        how: "--toks_per_batch 1024  # of extract.py, 4096 unless told; in own code fewer sequences at once\n# one sequence alone too long: --truncation_seq_length N, 1022 unless told",
        cost: None,
        // Its attention is the library's own.
        not: &[FixId::SdpaAttention],
    },
    // yenchenlin/nerf-pytorch (run_nerf.py: 4096 rays of a step, 32768 at once, 65536 points through the network).
    Answer {
        work: KnownWork::CastsRays,
        fix: FixId::LowerBatchSize,
        title: "Draw fewer rays at once",
        how: "--N_rand 1024  # rays of a step, 4096 unless told\n# whole pictures: --chunk 8192 --netchunk 16384",
        cost: None,
        not: &[FixId::GradientCheckpointing],
    },
    // transformers (models/qwen2_vl/image_processing_qwen2_vl.py: `max_pixels`; each 28 x 28 pixels become a token).
    Answer {
        work: KnownWork::SeesPictures,
        fix: FixId::SmallerInputs,
        title: "Give the model smaller pictures",
        how: "AutoProcessor.from_pretrained(NAME, max_pixels=640*28*28)  # Qwen-VL and its kin\n# or shrink each picture before: image.thumbnail((1024, 1024)); videos: fewer frames",
        cost: Some("details of the picture"),
        not: &[FixId::StaticKvCache, FixId::ShorterGeneration],
    },
    // streamlit/streamlit (lib/streamlit/runtime/caching, `cache_resource`).
    Answer {
        work: KnownWork::RerunsScript,
        fix: FixId::DropReferences,
        title: "Load the model once, and not at every click",
        how: "@st.cache_resource  # above the function that loads and returns the model\n# Streamlit runs the script again at every click, and each session loads its own",
        cost: Some("nothing"),
        not: &[],
    },
    Answer {
        work: KnownWork::AnswersRequest,
        fix: FixId::DropReferences,
        title: "Load the model once, and not for every request",
        how: "model = load_model()  # at the top of the program, or at its start-up; the function that answers only uses it\n# and one worker of the server a GPU: each loads its own",
        cost: Some("nothing"),
        not: &[],
    },
    Answer {
        work: KnownWork::CopiesStates,
        fix: FixId::LoadCheckpointOnCpu,
        title: "Read the checkpoint on the CPU",
        how: "ckpt = torch.load(path, map_location=\"cpu\")  # then optimizer.load_state_dict(ckpt[...]); del ckpt\n# the states of a checkpoint that lies on the GPU are there twice while the optimizer takes them over",
        cost: Some("host memory for one checkpoint"),
        not: &[FixId::LowPrecisionWeights],
    },
    // princeton-vl/RAFT (README.md, demo.py, evaluate.py, train.py).
    Answer {
        work: KnownWork::CorrelatesFrames,
        fix: FixId::SmallerInputs,
        title: "Give it smaller frames",
        how: "frames of half the width and height: the table of all pairs of pixels becomes a sixteenth\n# training: a smaller --image_size; demo.py and evaluate.py of RAFT: --alternate_corr makes no table",
        cost: Some("details; without the table, time"),
        not: &[FixId::LowerBatchSize, FixId::SdpaAttention],
    },
    Answer {
        work: KnownWork::SpreadsLabels,
        fix: FixId::OutputsToCpu,
        title: "Prepare the predictions in host memory",
        how: "post_pred(y.cpu())  # for each y of the prediction; and post_label(y.cpu())\n# one-hot labels of a whole volume need a copy of it for each class",
        cost: None,
        not: &[FixId::LowerBatchSize, FixId::GradientCheckpointing],
    },
    // torch/nn/parallel/data_parallel.py, `gather` onto `output_device`.
    Answer {
        work: KnownWork::GathersOnFirst,
        fix: FixId::ShardAcrossGpus,
        title: "Give each GPU a process of its own",
        how: "torchrun --nproc-per-node=N train.py  # model = DistributedDataParallel(model, device_ids=[local_rank])\n# DataParallel puts the outputs of all GPUs onto the first; or compute the loss in forward, and return it alone",
        cost: Some("a few lines of the program"),
        not: &[],
    },
    // pytorch/tutorials (intermediate_source/mario_rl_tutorial.py).
    Answer {
        work: KnownWork::RemembersOnGpu,
        fix: FixId::DropReferences,
        title: "Keep what the agent remembers in host memory",
        how: "self.memory.append((state.cpu(), next_state.cpu(), action, reward, done))\n# .to(device) where a batch is drawn from it; or a smaller deque(maxlen=N)",
        cost: Some("a copy for each batch"),
        not: &[FixId::LowerBatchSize],
    },
    // SAM's encoder takes 1024 x 1024 pixels of each picture (facebookresearch/segment-anything, modeling/sam.py).
    Answer {
        work: KnownWork::EncodesPictures,
        fix: FixId::LowerBatchSize,
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
    let Some(answer) = ANSWERS.iter().find(|answer| work == Some(answer.work)) else {
        return;
    };
    let Some(fix) = fixes.iter().find(|fix| fix.id == answer.fix) else {
        return;
    };
    let said = ranked.iter().position(|r| r.fix.id == answer.fix);
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
    // What is surely enough may stand before it.
    let at = ranked
        .iter()
        .take_while(|r| r.offer.enough == Enough::Yes && offer.enough != Enough::Yes)
        .count();
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
