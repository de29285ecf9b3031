//! Orders the fixes of a finding: surely enough first, then by how often each made such failures pass when they were run
//! again (`fixtures/fleet`), then as the finding prefers them.

use crate::evidence::{
    ClueKind, Counter, FindingId, FixId, KnownWork, MessageId, Now, Phase, Program, SettingKind,
    TrendVerdict,
};
use crate::fixes::offering::one_tensor::by_one_tensor;
use crate::fixes::offering::{of_buffers, once, pairs, spelled};
use crate::fixes::situation::{Own, own_in_the_way};
use crate::fixes::{
    Enough, Fix, Offer, Situation, batches, bigger_gpu, bounds, by_line, counted, cpp,
    item_or_detach, older_gpu, places, programs, told, weighed,
};
use crate::sorting;

/// A fix with its offer.
#[derive(Clone)]
pub struct Ranked {
    /// The fix.
    pub fix: &'static Fix,
    /// What it says here.
    pub offer: Offer,
}

impl Ranked {
    /// What to do, beginning with a verb.
    pub fn title(&self) -> &str {
        self.offer.title.as_deref().unwrap_or(self.fix.title())
    }
}

/// The offers of these fixes, best first. The order given is the order among equals; fixes that do not apply are left out.
pub(crate) fn rank(fixes: &[&'static Fix], situation: &Situation<'_>) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = fixes
        .iter()
        .filter_map(|fix| {
            let offer = (fix.offer)(situation)?;
            let offer = older_gpu::suited(fix.id, situation, offer);
            let offer = spelled::as_in_the_log(situation, offer);
            let offer = by_line::named(fix.id, situation, offer);
            let offer = weighed::told(fix.id, situation, offer);
            let mut offer = counted::sized(fix.id, situation, offer);
            bounds::complete(&mut offer, fix.id, situation);
            Some(Ranked { fix, offer })
        })
        .collect();
    let first = measured_first(situation);
    sorting::by_key(&mut ranked, |r| {
        let at = first.iter().position(|id| *id == r.fix.id);
        at.unwrap_or(first.len())
    });
    in_order(&mut ranked);
    let moves = told::moves(situation);
    ranked.retain(|r| !moves.out.contains(&r.fix.id));
    sorting::by_key(&mut ranked, |r| {
        let at = moves.first.iter().position(|id| *id == r.fix.id);
        let last = moves.last.contains(&r.fix.id)
            || r.fix.id == FixId::BiggerGpu && !moves.last.is_empty();
        (
            last,
            at.unwrap_or(moves.first.len()),
            r.fix.id == FixId::BiggerGpu && last,
        )
    });
    places::answer(situation, fixes, &mut ranked);
    cpp::suited(situation, &mut ranked);
    if let Some(now) = situation.gpus() {
        spare_others(&mut ranked, now);
    }
    once::said(programs::own(situation, ranked))
}

/// True where a line of the program runs an evaluation with its graph.
fn evaluates_with_graph(s: &Situation<'_>) -> bool {
    let mut clues = s.incident.clues.iter();
    clues.any(|clue| clue.kind == ClueKind::EvalWithGraph)
}

/// What comes first for this program or this work, whatever was measured of others; `Some(&[])` where nothing does.
fn by_program(s: &Situation<'_>) -> Option<&'static [FixId]> {
    let finding = s.finding;
    if s.colocated() || s.wakes_beside_a_trainer() {
        return Some(&[FixId::LowerEngineMemoryShare]);
    }
    // An engine takes the type of the checkpoint, which has two bytes mostly.
    if finding == FindingId::Weights && s.program().takes_a_share() {
        return Some(&[
            FixId::LoadLessBeside,
            FixId::QuantizeWeights,
            FixId::ShardAcrossGpus,
        ]);
    }
    // Weights that fill the GPU leave no picture room enough, however small it is.
    if finding == FindingId::Weights && s.program() == Program::Comfyui {
        return Some(&[FixId::QuantizeWeights, FixId::Offload]);
    }
    // Requests that wait cost less than a context that is cut.
    if s.slots().is_some() {
        return Some(&[FixId::FewerParallelRequests]);
    }
    if let Some(first) = of_buffers::first_for_work(s) {
        return Some(first);
    }
    if pairs::in_jax(s) {
        return Some(&[FixId::ChunkTheOperation]);
    }
    // All of its model is on the GPU, or nothing.
    if s.program() == Program::WhisperCpp {
        return Some(&[FixId::QuantizeWeights]);
    }
    if s.interface_decodes() {
        return Some(&[FixId::TileTheImage]);
    }
    if s.weights_fill_the_interface() {
        return Some(&[FixId::Offload, FixId::SmallerInputs]);
    }
    // One volume or picture, whose sides stand in the message.
    if batches::one_sample(s).is_some() {
        return Some(&[FixId::SmallerInputs]);
    }
    if !s.torch() {
        return Some(&[]);
    }
    by_work(s)
}

/// The same of programs on `PyTorch`, by what they work on.
fn by_work(s: &Situation<'_>) -> Option<&'static [FixId]> {
    // Its batch goes through in parts, which changes nothing of the training (NVlabs/stylegan3, train.py).
    if s.trained_by(&["stylegan"]) {
        return Some(&[FixId::LowerBatchSize]);
    }
    // Its parts of the work are what its users can make smaller.
    if s.incident.only_answers() {
        return Some(&[FixId::LowerBatchSize, FixId::SmallerInputs, FixId::Offload]);
    }
    // The library did this in host memory, and says itself what helps (Megvii-BaseDetection/YOLOX, ultralytics/ultralytics).
    if s.incident.format == MessageId::MovedToHost && s.trained_by(&["yolox", "ultralytics"]) {
        return Some(&[FixId::LowerBatchSize, FixId::SmallerInputs]);
    }
    // Masks of one picture are one picture's, and a volume goes through in windows.
    let masks = s.incident.traceback.known_work() == Some(KnownWork::PastesMasks);
    let windows = s.predicts_one() && !s.incident.traceback.runs("conv3d");
    if masks || windows {
        return Some(&[FixId::SmallerInputs]);
    }
    // A program's own word for smaller parts comes before code; who runs it changes none.
    if s.cut_at_will() {
        return Some(&[FixId::SmallerInputs]);
    }
    if bigger_gpu::larger_and_free(s).is_some() {
        return Some(&[FixId::BiggerGpu]);
    }
    // In the first step nothing of earlier ones is kept: of 6 such failures, letting go of it mended none.
    if s.finding.leaks() && in_first_step(s) {
        return Some(&[FixId::LowerBatchSize]);
    }
    None
}

/// What comes first for weights and states, which stay whatever goes through.
fn of_what_stays(s: &Situation<'_>) -> Option<&'static [FixId]> {
    let weights = s.finding == FindingId::Weights;
    // A switch that the log shows to be off is the first to be turned on.
    if (weights || s.finding == FindingId::OptimizerStates) && s.has(SettingKind::OffloadOff) {
        return Some(&[FixId::Offload]);
    }
    // Each of several ranks reads all of the model, and each could keep a part of it.
    let own = matches!(s.own_switch(|switches| switches.shard), Own::Switch(_));
    let ranks = s.incident.shares.len() > 1 || s.incident.rank.is_some_and(|rank| rank > 0);
    let each = weights && s.in_phase(&[Phase::Load]) && (ranks || s.contexts_of_ranks());
    (each && own).then_some(&[FixId::ShardAcrossGpus, FixId::QuantizeWeights][..])
}

/// What made failures like this one pass most often, where that is another order than the finding's own.
fn measured_first(s: &Situation<'_>) -> &'static [FixId] {
    let first = by_program(s).or_else(|| by_one_tensor(s));
    if let Some(first) = first.or_else(|| of_what_stays(s)) {
        return first;
    }
    let finding = s.finding;
    match (finding, s.incident.phase) {
        // A pipeline's parts run one after the other, and need not be there together.
        (FindingId::Weights, _) if s.diffusers_pipeline() => &[FixId::Offload],
        _ if s.decodes_images() && (s.incident.traceback.infers() || s.shows_no_training()) => {
            &[FixId::TileTheImage, FixId::Offload]
        }
        (_, Some(Phase::Eval)) if s.diffusers_pipeline() => &[FixId::Offload, FixId::SmallerInputs],
        // One picture is the whole batch there.
        _ if s.incident.traceback.runs("whole_inference") => &[FixId::SmallerInputs],
        // One gradient for each sample: half as many samples 7 of 7, smaller pictures none, since the weights' shapes stay.
        _ if s.incident.traceback.mentions("torch/_functorch/vmap.py") => &[FixId::LowerBatchSize],
        // 21 of 22; half the batch 13 of 20, since weights, gradients and states stay.
        (FindingId::Activations, Some(Phase::Backward)) if s.images() && !s.sequences() => {
            &[FixId::GradientCheckpointing, FixId::SmallerInputs]
        }
        // In a library's forward pass growing segments 5 of 8, half the batch all of them; the setting comes next.
        (FindingId::SplitSegments, None | Some(Phase::Forward | Phase::Eval))
            if !s.incident.traceback.ends_in_own_code() && !in_pieces(s) =>
        {
            &[FixId::LowerBatchSize]
        }
        // Half the batch 20 of 22, growing segments 14: what fits once may be outgrown by a later step. The setting comes next.
        (FindingId::SplitSegments, Some(Phase::Backward)) if !cache_grew(s) => {
            &[FixId::LowerBatchSize]
        }
        // The line that failed adds up what grows.
        (FindingId::UnknownGrowth, _) if item_or_detach::added_up(s).is_some() => {
            &[FixId::ItemOrDetach]
        }
        // The request is small beside what the batch keeps.
        (finding, _) if finding.compares_all() && beside_a_batch(s) => &[FixId::LowerBatchSize],
        // Without a graph nothing of an evaluation but its numbers stays, whatever keeps them.
        (FindingId::KeptGraph, _) if evaluates_with_graph(s) => &[FixId::InferenceMode],
        // What all of the backward pass may still need is not to be let go of.
        (FindingId::KeptGraph, _) if counted::nothing_trains(s) => &[FixId::InferenceMode],
        (FindingId::KeptGraph, _) if counted::no_backward_yet(s) => {
            &[FixId::BackwardEachMicroBatch, FixId::LowerBatchSize]
        }
        // With a batch that can be halved, the one request is half as large, and its line stands in the log.
        (FindingId::LargeRequest, Some(Phase::Forward | Phase::Backward))
            if batches::halved(s).is_some() =>
        {
            &[FixId::LowerBatchSize]
        }
        // 28 of 28.
        (FindingId::KvCache, _) => &[FixId::LowerBatchSize],
        // A length that nothing tells is a guess, where a batch stands in the log.
        (FindingId::AttentionScores, Some(Phase::Forward | Phase::Backward))
            if batches::halved(s).is_some() && s.surely_before(2, 0) =>
        {
            &[FixId::LowerBatchSize]
        }
        (FindingId::AttentionScores, Some(Phase::Forward | Phase::Backward))
            if batches::halved(s).is_some() && !s.has(SettingKind::SequenceLength) =>
        {
            &[FixId::SdpaAttention, FixId::LowerBatchSize]
        }
        // All of 29; the chunked loss 18 of 25.
        (FindingId::Logits, _) => &[FixId::LowerBatchSize, FixId::ChunkedCrossEntropy],
        // ZeRO splits the states already; what is left of them has its place in host memory.
        (FindingId::OptimizerStates, _) if s.has(SettingKind::DeepSpeed) => &[FixId::Offload],
        // 6 of 10 and 4 of 8; half the batch none of 10, and one parameter after the other none of 4, since the states stay.
        (FindingId::OptimizerStates | FindingId::OptimizerTemporaries, _) => &[
            FixId::MemoryEfficientOptimizer,
            FixId::GradientCheckpointing,
            FixId::FusedOptimizer,
            FixId::OptimizerForeachFalse,
        ],
        _ => &[],
    }
}

/// True where all against all is a small part of what there is, and the library names no way around it.
pub(in crate::fixes) fn beside_a_batch(s: &Situation<'_>) -> bool {
    let parts = s.balance.live.zip(s.balance.tried);
    let small = parts.is_some_and(|(live, tried)| live.low() > tried.high().saturating_mul(4));
    small
        && batches::halved(s).is_some()
        && s.in_phase(&[Phase::Forward, Phase::Backward])
        && !["mmdet/", "torchvision/"]
            .iter()
            .any(|library| s.incident.traceback.mentions(library))
}

/// True where pieces are the likely reason: what lies idle grew, or is more than half of the GPU.
fn in_pieces(s: &Situation<'_>) -> bool {
    cache_grew(s) || s.balance.half_lies_idle()
}

/// True where readings show that what PyTorch keeps grew.
fn cache_grew(s: &Situation<'_>) -> bool {
    s.series.iter().any(|series| {
        series.counter == Counter::Reserved && series.trend.verdict == TrendVerdict::Grows
    })
}

/// True where the program counts its steps, and none had been finished.
fn in_first_step(s: &Situation<'_>) -> bool {
    /// A name of all steps, and not of one.
    const ALL: &str = "steps";
    let census = s.incident.census.as_deref();
    let counted = census.map_or(&[][..], |census| &census.work.steps);
    let mut counters = counted.iter().filter(|(name, _)| name != ALL).peekable();
    counters.peek().is_some() && counters.all(|(_, at)| *at == 0)
}

impl Ranked {
    /// What it costs here.
    pub fn cost(&self) -> &'static str {
        self.offer.cost.unwrap_or(self.fix.cost)
    }
}

/// Where fragmentation is possible and not the first answer, growing segments cost one run to try: last, before other hardware.
pub(crate) fn add_free_test(ranked: &mut Vec<Ranked>, situation: &Situation<'_>) {
    let fix: &'static Fix = &crate::fixes::expandable_segments::FIX;
    if ranked.iter().any(|r| r.fix.id == fix.id) || situation.has(SettingKind::Wsl) {
        return;
    }
    if let Some(offer) = (fix.offer)(situation) {
        let at = ranked.iter().position(|r| r.fix.id == FixId::BiggerGpu);
        ranked.insert(at.unwrap_or(ranked.len()), Ranked { fix, offer });
    }
}

/// A GPU that is free costs nobody's work: where it surely is enough, it comes before the end of a process.
fn spare_others(ranked: &mut Vec<Ranked>, now: &Now) {
    let sure = now.room.first().is_some_and(|r| r.enough && !r.unshown);
    if !sure || own_in_the_way(now).is_some() {
        return;
    }
    let at = |id: FixId| ranked.iter().position(|r| r.fix.id == id);
    if let (Some(stop), Some(another)) = (at(FixId::StopOtherProcess), at(FixId::ChooseAnotherGpu))
        && stop < another
    {
        let moved = ranked.remove(another);
        ranked.insert(stop, moved);
    }
}

/// Surely enough first, surely too little last; else the order stays.
fn in_order(ranked: &mut Vec<Ranked>) {
    sorting::by_key(ranked, |r| r.offer.enough == Enough::No);
    sorting::by_key(ranked, |r| r.offer.enough != Enough::Yes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Balance, Case, Incident, Memory, MessageId, Program};
    use crate::place::Place;

    fn fix(id: FixId, offer: fn(&Situation<'_>) -> Option<Offer>) -> Fix {
        Fix {
            id,
            cost: "",
            page: "",
            offer,
        }
    }

    fn offer(enough: Enough) -> Offer {
        Offer {
            title: None,
            how: String::new(),
            gain: None,
            at_least: false,
            enough,
            cost: None,
        }
    }

    #[test]
    fn surely_enough_stands_first_and_too_little_last_and_else_the_order_is_kept() {
        let fixes: [&'static Fix; 6] = [
            fix(FixId::LowerBatchSize, |_| Some(offer(Enough::No))),
            fix(FixId::Offload, |_| Some(offer(Enough::Unknown))),
            fix(FixId::BiggerGpu, |_| None),
            fix(FixId::LargerShm, |_| Some(offer(Enough::Yes))),
            fix(FixId::FewerBins, |_| Some(offer(Enough::Unknown))),
            fix(FixId::FewerWorkers, |_| Some(offer(Enough::Yes))),
        ]
        .map(|fix| &*Box::leak(Box::new(fix)));
        let place = Place {
            source: String::new(),
            line: 1,
        };
        let incident = Incident::new(
            place,
            Memory::Device,
            Program::Pytorch,
            MessageId::PytorchCuda,
        );
        let ranked = rank(
            &fixes,
            &Situation {
                case: Case {
                    incident: &incident,
                    balance: &Balance::of(&incident),
                    series: &[],
                    now: None,
                },
                finding: FindingId::Unexplained,
            },
        );
        let ids: Vec<_> = ranked.iter().map(|r| r.fix.id).collect();
        assert_eq!(
            ids,
            [
                FixId::LargerShm,
                FixId::FewerWorkers,
                FixId::Offload,
                FixId::FewerBins,
                FixId::LowerBatchSize
            ]
        );
    }
}
