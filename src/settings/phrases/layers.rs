//! How many layers are on GPUs, and what one takes, as llama.cpp and Ollama log it.

use crate::bytes;
use crate::evidence::SettingKind;

/// "offloaded 65/65 layers to GPU" (llama.cpp, src/llama-model.cpp); "layers.model=41 layers.offload=5" (Ollama, llm/memory.go).
pub(super) fn gpu_layers(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    let logged = |name: &str| {
        let (_, after) = text.split_once(name)?;
        after.split(|c: char| !c.is_ascii_digit()).next()
    };
    if let (Some(all), Some(on)) = (logged("layers.model="), logged("layers.offload="))
        && on.len().max(all.len()) <= 5
        && on.parse::<u32>().is_ok_and(|on| on > 0)
    {
        keep(
            SettingKind::GpuLayers,
            "layers.offload",
            &format!("{on}/{all}"),
        );
        if let Some(layer) = layer_bytes(text, all) {
            let name = "memory.weights.repeating";
            keep(SettingKind::LayerBytes, name, &layer.to_string());
        }
    }
    let Some((before, _)) = text.split_once(" layers to GPU") else {
        return;
    };
    let count = before
        .rsplit_once("offloaded ")
        .map_or("", |(_, count)| count);
    let number = |n: &str| n.len() <= 5 && n.parse::<u32>().is_ok();
    if count
        .split_once('/')
        .is_some_and(|(on, all)| number(on) && number(all))
    {
        keep(SettingKind::GpuLayers, "offloaded", count);
    }
}

/// `memory.required.kv="1.0 GiB" … memory.weights.repeating="4.2 GiB"` (Ollama, llm/memory.go): of all but the output's layer.
fn layer_bytes(text: &str, all: &str) -> Option<u64> {
    let size = |name: &str| {
        let (_, after) = text.split_once(name)?;
        let (number, unit) = after.split('"').next()?.split_once(' ')?;
        bytes::parse(number, unit)
    };
    let weights = size("memory.weights.repeating=\"")?;
    let sum = weights.plus(size("memory.required.kv=\"")?).high();
    let layers = all.parse::<u64>().ok()?.checked_sub(1)?;
    sum.checked_div(layers).filter(|layer| *layer > 0)
}
