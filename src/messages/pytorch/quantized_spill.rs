//! "Some modules are dispatched on the CPU or the disk": even quantized weights do not fit beside what is on the GPUs.

use crate::evidence::{Flag, Incident, MessageId, Phase, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::QuantizedSpill,
    printed_by: "huggingface/transformers: quantizers/quantizer_bnb_4bit.py, quantizer_bnb_8bit.py; modeling_utils.py before 4.38",
    framework: Program::Pytorch,
    signatures: &["Some modules are dispatched on the CPU or the disk"],
    head: r"SomemodulesaredispatchedontheCPUorthedisk\.Makesureyou\s?haveenoughGPURAM",
    accepts: Some(standing::raised),
    reach: 200,
    more: Some(more),
    texts: &[
        "ValueError: Some modules are dispatched on the CPU or the disk. Make sure you have enough GPU RAM to fit the quantized \
             model. If you want to dispatch the model on the CPU or the disk while keeping these modules in 32-bit, you need to set \
             `llm_int8_enable_fp32_cpu_offload=True` and pass a custom `device_map` to `from_pretrained`.",
        "ValueError: Some modules are dispatched on the CPU or the disk. Make sure you have enough GPU RAM to fit the quantized \
             model.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.phase = Some(Phase::Load);
    incident.flags.insert(Flag::ForWeights);
    incident.flags.insert(Flag::Estimate);
    told::setting(
        hit,
        incident,
        (SettingKind::Quantized, "quantized model"),
        "",
    );
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn a_warning_about_offloaded_layers_is_no_failure() {
        let text = "Some parameters are on the meta device because they were offloaded to the cpu.";
        assert!(failures(text).is_empty());
    }
}
