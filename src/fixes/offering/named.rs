//! Switches by the names that a log or a program has for them.

use crate::evidence::SettingKind;
use crate::fixes::{Offer, Situation};

/// FSDP by flags of `accelerate launch`, by its file, or by the Trainer's `--fsdp` (accelerate/commands/launch.py,
/// `transformers/training_args.py`).
pub(in crate::fixes) fn fsdp_offload(s: &Situation<'_>) -> Option<String> {
    let told = s.incident.settings.get(SettingKind::Fsdp)?;
    let name = told.name.replace('-', "_");
    let typed = told.written.starts_with("--");
    match name.as_str() {
        "fsdp_sharding_strategy" if typed => {
            let sign = if told.written.contains('=') { "=" } else { " " };
            Some(format!("--fsdp_offload_params{sign}true"))
        }
        "fsdp_sharding_strategy" => {
            Some("fsdp_offload_params: true  # under fsdp_config".to_owned())
        }
        "fsdp" if typed && s.has(SettingKind::HuggingFace) => {
            Some("--fsdp \"full_shard auto_wrap offload\"".to_owned())
        }
        _ => None,
    }
}

/// Half of the length that was typed as a flag, where nothing else is known.
pub(in crate::fixes) fn half_of_the_length(s: &Situation<'_>) -> Option<Offer> {
    let told = s.incident.settings.get(SettingKind::SequenceLength)?;
    let now: u64 = told.value.parse().ok().filter(|now| *now > 1)?;
    let how = format!(
        "{}  # half of the {now} in the log",
        told.with(&(now / 2).to_string())
    );
    told.written
        .starts_with("--")
        .then(|| Offer::unmeasured(how))
}

/// The kernel of attention that keeps no matrix, as a trainer calls it.
pub(in crate::fixes) fn flash_kernel(s: &Situation<'_>) -> Option<Offer> {
    let switch = match s.switches()?.name {
        "ms-swift" => {
            "--attn_impl flash_attn  # pip install flash-attn; ms-swift 2: --use_flash_attn true"
        }
        "llama-factory" => "flash_attn: fa2  # pip install flash-attn; from Ampere on",
        "axolotl" => "flash_attention: true  # pip install flash-attn",
        _ => return None,
    };
    let how = format!(
        "{switch}\n# the fused call fell back to the matrix: a mask, or a type that its kernels do not take"
    );
    Some(Offer::unmeasured(how).titled("Give attention a kernel that keeps no matrix"))
}

/// A recording goes through in parts.
pub(in crate::fixes) fn in_segments() -> Offer {
    let how = "y = torch.cat([model(part) for part in x.split(N, dim=-1)], dim=-1)\n# segments of some seconds, one after the other; let them overlap where their ends are heard";
    Offer::unmeasured(how).titled("Cut the recording into segments")
}

/// True where the stack speaks of a model that must not see what follows: it masks, or writes text.
pub(in crate::fixes) fn masks_what_follows(s: &Situation<'_>) -> bool {
    const SIGNS: [&str; 8] = [
        "causal", "mask", "tril", "gpt", "llama", "decoder", "lm_head", "vocab",
    ];
    let stack = &s.incident.traceback;
    SIGNS.iter().any(|sign| stack.mentions(sign))
}

/// Half of the prompt whose length is told.
pub(in crate::fixes) fn of_the_prompt(s: &Situation<'_>) -> Option<Offer> {
    let now = s.number(SettingKind::SequenceLength)?;
    let half = now / 2;
    let how = format!(
        "tokenizer(prompt, truncation=True, max_length={half}, return_tensors=\"pt\")\n# or put what matters of it first, and leave the rest out"
    );
    Some(Offer::unmeasured(how).titled(format!("Give it a shorter prompt, {now} → {half}")))
}

/// How many residues of a protein openfold takes, where the log shows it (openfold/config.py: a multiple of 32).
pub(in crate::fixes) fn cropped(s: &Situation<'_>, offer: Offer) -> Offer {
    let crop = s.number(SettingKind::ImageSize).filter(|crop| *crop >= 128);
    match crop.filter(|_| s.trained_by(&["openfold"])) {
        Some(crop) => {
            let less = crop * 3 / 4 / 32 * 32;
            Offer {
                how: offer
                    .how
                    .replacen(": N ", &format!(": {less} "), 1)
                    .replacen("  #", &format!("  # now {crop};"), 1),
                ..offer
            }
        }
        None => offer,
    }
}
