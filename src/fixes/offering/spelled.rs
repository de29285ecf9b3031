//! A switch as the log writes its neighbours: as a flag where flags were typed, as a line of a file where a file was printed.

use crate::evidence::SettingKind;
use crate::fixes::{Offer, Situation};

/// Programs that take each of their arguments as a flag and as a line of a file alike (`transformers/hf_argparser.py`; LLaMA-Factory,
/// `hparams/parser.py`; ms-swift, `cli/main.py`).
const BOTH: [&str; 2] = ["llama-factory", "ms-swift"];

/// What tells how a run was started.
const TYPED: [SettingKind; 5] = [
    SettingKind::BatchSize,
    SettingKind::SequenceLength,
    SettingKind::GradientAccumulation,
    SettingKind::EvalBatchSize,
    SettingKind::ImageSize,
];

/// The offer, spelled so.
pub(super) fn as_in_the_log(s: &Situation<'_>, offer: Offer) -> Offer {
    if !s.trained_by(&BOTH) {
        return offer;
    }
    let written = |kind: &SettingKind| {
        let setting = s.incident.settings.get(*kind)?;
        let flag = setting.written.starts_with("--");
        (flag || setting.written.ends_with(": {}")).then_some(flag)
    };
    let Some(flags) = TYPED.iter().find_map(written) else {
        return offer;
    };
    let (first, rest) = offer.how.split_once('\n').unwrap_or((&offer.how, ""));
    let (code, note) = first.split_once("  #").unwrap_or((first, ""));
    let Some(code) = respelled(code, flags) else {
        return offer;
    };
    let sign = if note.is_empty() { "" } else { "  #" };
    let gap = if rest.is_empty() { "" } else { "\n" };
    Offer {
        how: format!("{code}{sign}{note}{gap}{rest}"),
        ..offer
    }
}

/// `name: value` as `--name value`, or the other way.
fn respelled(code: &str, as_flag: bool) -> Option<String> {
    let (name, value) = if as_flag {
        code.split_once(": ")?
    } else {
        code.strip_prefix("--")?.split_once(' ')?
    };
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let one = !value.is_empty() && !value.contains(' ');
    let flag = || {
        if as_flag {
            format!("--{name} {value}")
        } else {
            format!("{name}: {value}")
        }
    };
    (named && one).then(flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_and_one_value_are_spelled_as_their_neighbours() {
        assert_eq!(
            respelled("finetuning_type: lora", true).as_deref(),
            Some("--finetuning_type lora")
        );
        assert_eq!(
            respelled("--attn_impl flash_attn", false).as_deref(),
            Some("attn_impl: flash_attn")
        );
        assert_eq!(respelled("a GPU of 48 GiB", true), None);
        assert_eq!(respelled("--quant_method bnb --quant_bits 4", false), None);
    }
}
