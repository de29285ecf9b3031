//! Activations of convolutions grow with the area of what goes in.

use super::situation::Own;
use super::{Fix, Offer, Situation};
use crate::evidence::{Family, FindingId, FixId, Flag, Phase, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SmallerInputs,
    cost: "detail; tiles keep it and cost time",
    page: include_str!("smaller-inputs.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let pictures = s.images() || s.program().family() == Family::ImageInterface;
    if (s.sequences() && !pictures) || s.in_phase(&[Phase::Load, Phase::Optimizer]) {
        return None;
    }
    let how = match s.program() {
        Program::Comfyui | Program::A1111 | Program::Forge | Program::Invokeai => {
            "a smaller width and height, and one image at a time\n# an upscaler afterwards makes it large"
        }
        Program::StableDiffusionCpp if s.incident.flagged(Flag::ForWeights) => return None,
        Program::StableDiffusionCpp => "-W 512 -H 512",
        _ if !s.torch() || s.finding == FindingId::NoFigures || !s.images() => return None,
        _ if s.own_switch(|switches| switches.image) != Own::General => {
            return s.own_switch(|switches| switches.image).offer();
        }

        _ if s.incident.traceback.mentions("diffusers/") => {
            "pipe.vae.enable_tiling()  # and a smaller height and width"
        }
        _ => {
            "transforms.Resize(N)  # half the side is a quarter of the activations\n# or work in tiles and put the results together"
        }
    };
    Some(Offer::unmeasured(how))
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
