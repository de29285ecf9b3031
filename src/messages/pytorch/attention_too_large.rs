//! "Not enough memory, use lower resolution": attention that works in up to 64 pieces counted that one piece has no room.

use crate::evidence::{Incident, Key, MessageId, Program, SettingKind};
use crate::messages::{Example, Field, Match, Message, capture, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::AttentionTooLarge,
    printed_by: "stable-diffusion-webui: modules/sd_hijack_optimizations.py (split_cross_attention_forward); ComfyUI: \
                 comfy/ldm/modules/attention.py (attention_split); their GB are GiB",
    framework: Program::Pytorch,
    signatures: &["Not enough memory, use lower resolution"],
    head: r"Notenoughmemory,uselowerresolution\(maxapprox\.\d{2,6}x\d{2,6}\)",
    accepts: Some(standing::reported),
    reach: 200,
    fields: &[
        Field(Key::Tried, r"Need:{size}free"),
        Field(Key::Free, r"Have:{size}free"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: Not enough memory, use lower resolution (max approx. 1472x1472). Need: 7.1GB free, Have:6.3GB free",
            &[(Key::Tried, "7.1 GB"), (Key::Free, "6.3 GB")],
        ),
        Example(
            "!!! Exception during processing !!! Not enough memory, use lower resolution (max approx. 640x640). Need: 1.1GB free, \
             Have:0.9GB free",
            &[(Key::Tried, "1.1 GB"), (Key::Free, "0.9 GB")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if let Some(side) = capture(r"maxapprox\.(\d{2,6})x", hit.text) {
        crate::messages::parts::told::setting(
            hit,
            incident,
            (SettingKind::LargestSide, "max approx."),
            side,
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn code_that_raises_it_is_no_failure() {
        let code = "raise RuntimeError(f'Not enough memory, use lower resolution (max approx. {max_res}x{max_res}). '";
        assert!(failures(code).is_empty());
    }
}
