//! "This model does not fit on the devices": mistral.rs counts before it loads.

use crate::bytes::{Bytes, MIB};
use crate::evidence::{Flag, Incident, Key, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message, cached};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MistralrsMapping,
    printed_by: "EricLBuehler/mistral.rs mistralrs-core/src/pipeline/loaders/auto_device_map.rs (get_device_layers); whole MiB",
    framework: Program::MistralRs,
    signatures: &[
        "This model does not fit on the devices",
        "and exceeds total capacity by",
        "Auto device mapping params:",
    ],
    head: r"Thismodeldoesnotfitonthedevices\[[!-~]{0,400}?\],andexceedstotalcapacityby\d+MB",
    reach: 900,
    more: Some(more),
    examples: &[
        Example(
            "Error: This model does not fit on the devices [\"cuda[0] (avail: 9120MB)\", \"cpu (avail: 5310MB)\"], and exceeds total \
                   capacity by 3712MB. Auto device mapping params: text[max_seq_len: 32768, max_batch_size: 4]",
            &[(Key::Deficit, "3712MB"), (Key::Free, "9120MB")],
        ),
        Example(
            "Error: This model does not fit on the devices [\"cuda[0] (avail: 7639MB)\", \"cuda[1] (avail: 7001MB)\"], and exceeds \
                   total capacity by 512MB. Auto device mapping params: vision[max_seq_len: 4096, max_batch_size: 1]",
            &[(Key::Deficit, "512MB")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const DEVICE: &str = r"(cuda|metal)\[\d{1,2}\]\(avail:(\d{1,9})MB\)";
    let floored = |digits: &str| Bytes::floored(digits.parse().ok()?, MIB);
    let list = hit.text.to_owned();
    let found: Vec<String> = cached(DEVICE)
        .map(|p| {
            p.captures_iter(&list)
                .filter_map(|f| Some(f.get(2)?.as_str().to_owned()))
                .collect()
        })
        .unwrap_or_default();
    if let [only] = found.as_slice()
        && let Some(size) = floored(only)
    {
        told::add(hit, incident, Key::Free, size, format!("{only}MB"));
    }
    if found.len() > 1 {
        incident.flags.insert(Flag::SeveralDevices);
    }
    let over = hit.capture(r"totalcapacityby(\d{1,9})MB");
    if let Some((digits, size)) = over.and_then(|d| Some((d.clone(), floored(&d)?))) {
        told::add(hit, incident, Key::Deficit, size, format!("{digits}MB"));
    }
    let mut keep = |kind, name: &str, value: Option<String>| {
        if let Some(value) = value {
            told::setting(hit, incident, (kind, name), value);
        }
    };
    keep(
        SettingKind::SequenceLength,
        "max_seq_len",
        hit.capture(r"max_seq_len:(\d{1,9})"),
    );
    keep(
        SettingKind::Sequences,
        "max_batch_size",
        hit.capture(r"max_batch_size:(\d{1,6})"),
    );
}
