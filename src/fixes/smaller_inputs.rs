//! Activations of convolutions grow with the area of what goes in.

use super::offering::known_places::{at_a_known_place, in_an_evaluation};
use super::offering::sides::{fewer, of_a_pipeline, simulates, sliding_crops, smaller};
use super::situation::Own;
use super::{Fix, Offer, Situation, batches};
use crate::evidence::{
    Family, FindingId, FixId, Flag, KnownWork, MessageId, Phase, Program, SettingKind,
};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SmallerInputs,
    cost: "detail; tiles keep it and cost time",
    page: include_str!("smaller-inputs.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let moved = s.incident.format == MessageId::MovedToHost;
    if s.finding == FindingId::AllAgainstAll && !moved {
        return None;
    }
    // What fills the GPU there are the results of the whole volume, whatever the patch (MIC-DKFZ/nnUNet issue 2912, by its author).
    let answers = moved || s.in_phase(&[Phase::Eval]);
    if answers && s.trained_by(&["nnunet", "nnunet-1"]) {
        return None;
    }
    // Nobody changes its code, and the program's own switch says how much goes through.
    if s.incident.only_answers() {
        return s.own_switch(|switches| switches.image).offer();
    }
    // A simulator beside PyTorch holds a world for each copy of it; no other input is the other library's.
    if s.finding == FindingId::OtherLibrary {
        return fewer(s).filter(|_| simulates(s));
    }
    if let Some(offer) = by_its_figures(s) {
        return Some(offer);
    }
    if s.finding == FindingId::PoolExhausted {
        return None;
    }
    if let Some(offer) = in_an_evaluation(s) {
        return Some(offer);
    }
    // A program's own word comes first.
    if s.told_of_pictures() && s.switches().is_none() {
        let how = "pictures of half the side take a quarter of the memory  # or cut them into tiles that overlap\n# many such programs have a switch for it: --tile 512, --tile_size";
        return Some(Offer::unmeasured(how).titled("Work in tiles, or on smaller pictures"));
    }
    // What lies in pieces is as large whatever goes through.
    if s.finding == FindingId::SplitSegments {
        return None;
    }
    if let Some(offer) = fewer(s) {
        return Some(offer);
    }
    if let Some(offer) = at_a_known_place(s) {
        return Some(offer);
    }
    if s.shows_a_demo()
        || s.cut_at_will() && s.own_switch(|switches| switches.image) == Own::General
    {
        return Some(part_at_a_time());
    }
    // Whose line it was is known, and its pictures have a switch.
    if moved {
        return s.own_switch(|switches| switches.image).offer();
    }
    // Of proteins the crop is a length.
    if s.trained_by(&["openfold"]) {
        return None;
    }
    of_pictures(s)
}

/// What the message or the program counted itself: the sides of one sample, the largest picture, a memory of steps.
fn by_its_figures(s: &Situation<'_>) -> Option<Offer> {
    if s.incident.traceback.known_work() == Some(KnownWork::MakesReplayBuffer) {
        // google/brax (training/agents/sac/train.py): unless it is told, as many as all steps of the training.
        let how = "max_replay_size=1_000_000  # Brax takes num_timesteps unless told; flashbax: max_length\n# all of the buffer lies on the GPU from the start";
        return Some(Offer::unmeasured(how).titled("Let the agent remember fewer steps"));
    }
    if let Some(sides) = batches::one_sample(s) {
        let half: Vec<String> = sides.iter().map(|side| (side / 2).to_string()).collect();
        let how = format!(
            "crops of {} for now {}  # sides of what goes in, as far as the refused tensor shows them\n# half of each side of a volume is an eighth of its memory, of a picture a quarter",
            half.join(" x "),
            sides
                .iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(" x ")
        );
        return Some(Offer::unmeasured(how));
    }
    if s.finding == FindingId::PoolExhausted {
        return None;
    }
    let side = s.number(SettingKind::LargestSide)?;
    let how = format!(
        "width and height {side} at most  # by the program's own count, with what was free then\n# an upscaler afterwards makes it large"
    );
    Some(Offer::unmeasured(how).titled(format!("Make pictures of {side} x {side} at most")))
}

/// Less of what goes through, by the program and by what it shows of its pictures.
fn of_pictures(s: &Situation<'_>) -> Option<Offer> {
    let pictures = s.images() || s.program().family() == Family::ImageInterface;
    if (s.sequences() && !pictures) || s.in_phase(&[Phase::Load, Phase::Optimizer]) {
        return None;
    }
    let how = match s.program() {
        Program::Onnxruntime if s.incident.flagged(Flag::Convolution) => {
            "a smaller image for session.run(...)  # half the side is a quarter of the memory"
        }
        // Models of videos: comfy/ldm/{wan,hunyuan_video,lightricks,cosmos}.
        Program::Comfyui if s.makes_a_video() => {
            "a smaller length (frames), then width and height  # of the node that makes the empty latent"
        }
        Program::Comfyui | Program::A1111 | Program::Forge | Program::Invokeai => {
            "a smaller width and height, and one image at a time\n# an upscaler afterwards makes it large"
        }
        Program::StableDiffusionCpp if s.incident.flagged(Flag::ForWeights) => return None,
        Program::StableDiffusionCpp => "-W 512 -H 512",
        _ if !s.torch() || !s.images() => return None,
        // mmseg/models/segmentors/encoder_decoder.py: an evaluation takes whole pictures unless it is told otherwise.
        _ if s.incident.traceback.runs("whole_inference") => return Some(sliding_crops()),
        _ if s.has(SettingKind::ImageSize)
            || s.own_switch(|switches| switches.image) != Own::General =>
        {
            let own = || s.own_switch(|switches| switches.image).offer();
            // Its patch has to fit its network, and both come from its plan.
            if s.trained_by(&["nnunet", "nnunet-1"]) {
                return own();
            }
            return smaller(s).or_else(own);
        }
        _ if s.blind() => return None,
        // A convolution over a graph works on its edges.
        _ if s.incident.traceback.mentions("torch_geometric/") => {
            let how = "NeighborLoader(data, num_neighbors=[10, 10], batch_size=1024)\n# a graph of each batch in DataLoader: smaller graphs, or fewer of them";
            return Some(Offer::unmeasured(how).titled("Feed sampled parts of the graph"));
        }
        _ if s.incident.traceback.infers() && s.diffusers_pipeline() => of_a_pipeline(s),
        _ if s.incident.traceback.mentions("diffusers/") && !s.has(SettingKind::Tiled) => {
            "pipe.vae.enable_tiling()  # and a smaller height and width"
        }
        _ => {
            "transforms.Resize(N)  # half the side is a quarter of the activations\n# or work in tiles and put the results together"
        }
    };
    Some(Offer::unmeasured(how))
}

/// Of a program that nobody changes.
fn part_at_a_time() -> Offer {
    let how = "a part of it at a time: minutes of a recording or a video, tiles of a picture, pages of a document\n# many programs have a switch for it: look for segment, chunk, tile or window in its --help";
    Offer::unmeasured(how).titled("Give the program one part at a time")
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn it_is_not_offered_where_only_sequences_go_through() {
        let language = CaseBuilder::new().frame("model.py", 3, "logits = self.lm_head(x)");
        assert_eq!(language.ask(&FIX), None);
        let images = CaseBuilder::new().frame("model.py", 3, "x = self.conv(x)");
        assert!(images.ask(&FIX).is_some());
    }
}
