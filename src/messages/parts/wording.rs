//! What the wording of the native allocator's message tells beside its numbers: the device, the version, the platform.
//!
//! The wording changed with nearly every minor version (read in the Linux wheels 1.0 to 2.15), so that it dates itself.

use crate::evidence::{Accelerator, Incident, Key, Setting, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, holds, tail};

/// What begins in the middle of the message counts where the whole one, or more of it, does not stand before it; that of XPU
/// devices neither. Told without a pattern, as every message holds its own parts.
pub(in crate::messages) fn begins(hit: &Match<'_>) -> bool {
    const WHOLE: [&str; 2] = ["outofmemory", "largerthan4GB!"];
    let before = tail(hit.before, 60);
    let plain = before.trim_end_matches(['.', '*', '`', '_']);
    let ends = |words: &str| tail(plain, words.len()).eq_ignore_ascii_case(words);
    // A figure that somebody made absurd is longer than what is looked at.
    let number = before.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.');
    let endless = number.len() > 40 && number.bytes().all(|b| b.is_ascii_digit());
    if hit.folded.starts_with("tried") {
        !WHOLE.into_iter().any(ends)
    } else {
        !hit.folded.starts_with(['(', 'g'])
            || hit.folded.starts_with("gcu")
            || !holds(before, "Triedtoallocate") && !endless
    }
}

/// The device's index; `None` where the text does not hold it.
///
/// By hand and not by a pattern: it is asked of every failure, and a pattern takes longer to make than this to run.
pub(in crate::messages) fn device(hit: &Match<'_>) -> Option<u32> {
    if cut_after_gpu(hit) {
        return Some(0);
    }
    let behind = behind_device(hit)?;
    if let Some(hex) = behind.strip_prefix("\\x") {
        return u32::from_str_radix(hex.get(..2)?, 16).ok();
    }
    if let Some(control) = behind.strip_prefix('^') {
        return control
            .bytes()
            .next()
            .map(|c| u32::from(c.to_ascii_uppercase().saturating_sub(b'@')));
    }
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    behind.get(..digits)?.parse().ok()
}

/// What the message calls its device: "HIP out of memory", "MUSA out of memory".
pub(in crate::messages) fn accelerator(hit: &Match<'_>) -> Accelerator {
    const WORDS: [(&str, Accelerator); 7] = [
        ("hip", Accelerator::Rocm),
        ("xpu", Accelerator::Xpu),
        ("npu", Accelerator::Npu),
        ("mps", Accelerator::Mps),
        ("musa", Accelerator::Musa),
        ("mlu", Accelerator::Mlu),
        ("gcu", Accelerator::Gcu),
    ];
    let named = WORDS.iter().find(|(word, _)| hit.folded.starts_with(word));
    named.map_or(Accelerator::Cuda, |(_, accelerator)| *accelerator)
}

/// What follows the device's word: "0hasatotalcapacity…" or "0;7.79GiBtotal…".
fn behind_device<'a>(hit: &Match<'a>) -> Option<&'a str> {
    const WORDS: [[u8; 3]; 3] = [*b"gpu", *b"mlu", *b"gcu"];
    let start = hit.folded.as_bytes().get(..NEAR.min(hit.text.len()))?;
    let at = memchr::memchr2_iter(b'.', b'(', start).find(|at| {
        let word = start.get(at + 1..at + 4);
        word.is_some_and(|word| WORDS.iter().any(|own| own == word))
    })?;
    hit.text.get(at + 4..)
}

/// The device is named right behind the size that was tried.
const NEAR: usize = 100;

/// 2.3 streams the index as a raw byte: for GPU 0 the text ends right behind "GPU" (pytorch/pytorch#126766).
fn cut_after_gpu(hit: &Match<'_>) -> bool {
    let sentence = hit.text.bytes().take(NEAR).all(|b| b != b'(');
    behind_device(hit).is_some_and(|next| {
        let has = next.as_bytes().get(..2.min(next.len())).unwrap_or_default();
        sentence
            && !next.starts_with(|c: char| c.is_ascii_digit() || c == '\\' || c == '^')
            && !(has.len() == 2 && has.eq_ignore_ascii_case(b"ha"))
    })
}

/// One thing that a wording tells: the text that must be there, and the versions that print it.
struct Era {
    says: &'static str,
    from: Option<&'static str>,
    to: Option<&'static str>,
}

/// In the squeezed spelling. Every row that fits narrows the range.
const ERAS: [Era; 11] = [
    Era {
        says: "cached)",
        from: Some("1.0"),
        to: Some("1.3"),
    },
    Era {
        says: "reservedintotalbyPyTorch)",
        from: Some("1.4"),
        to: Some("2.0"),
    },
    Era {
        says: "reservedintotalbyPyTorch)Ifreservedmemory",
        from: Some("1.10"),
        to: Some("2.0"),
    },
    Era {
        says: "totalcapactyof",
        from: Some("2.1"),
        to: Some("2.1"),
    },
    Era {
        says: "totalcapacityof",
        from: Some("2.2"),
        to: None,
    },
    Era {
        says: "isreservedbyPyTorchbutunallocated",
        from: Some("2.1"),
        to: None,
    },
    Era {
        says: "allocatedinprivatepools",
        from: Some("2.4"),
        to: None,
    },
    Era {
        says: "trysettingPYTORCH_ALLOC_CONF=",
        from: Some("2.10"),
        to: Some("2.10"),
    },
    Era {
        says: "docs.pytorch.org/docs",
        from: Some("2.11"),
        to: None,
    },
    Era {
        says: "(https://pytorch.org/docs/stable/notes/cuda.html",
        from: Some("2.2"),
        to: Some("2.10"),
    },
    Era {
        says: "expandable_segmentsisenabled.",
        from: Some("2.15"),
        to: None,
    },
];

/// Notes the versions that print the message as it stands, and what it says of the allocator's settings.
pub(in crate::messages) fn versions(hit: &Match<'_>, incident: &mut Incident) {
    let mut range = (None, None);
    for era in ERAS.iter().filter(|era| hit.says(era.says)) {
        narrow(&mut range, era.from, era.to);
    }
    let (from, to) = class(hit);
    narrow(&mut range, from, to);
    let blank = hit.says(".GPUhasatotal");
    if cut_after_gpu(hit) || blank {
        narrow(&mut range, Some("2.3"), Some("2.3"));
    }
    let mut note = |kind, value: Option<&str>| {
        if let Some(value) = value {
            told::setting(hit, incident, (kind, "wording"), value);
        }
    };
    if range.0.is_some() && range.0 == range.1 {
        note(SettingKind::TorchVersion, range.0);
    } else {
        note(SettingKind::TorchAtLeast, range.0);
        note(SettingKind::TorchAtMost, range.1);
    }
    if hit.says("expandable_segmentsisenabled.") {
        note(
            SettingKind::AllocatorConfig,
            Some("expandable_segments:True"),
        );
    }
}

/// The exception's class tells too: `RuntimeError` up to 1.12, `torch.cuda.OutOfMemoryError` from 1.13 to 2.3,
/// `torch.OutOfMemoryError` since 2.4.
fn class(hit: &Match<'_>) -> (Option<&'static str>, Option<&'static str>) {
    let before = hit.before.to_ascii_lowercase();
    if before.ends_with("torch.cuda.outofmemoryerror:") {
        (Some("1.13"), Some("2.3"))
    } else if before.ends_with("torch.outofmemoryerror:") {
        (Some("2.4"), None)
    } else if before.ends_with("runtimeerror:") && hit.says("totalcapacity;") {
        (None, Some("1.12"))
    } else {
        (None, None)
    }
}

fn narrow<'a>(
    range: &mut (Option<&'a str>, Option<&'a str>),
    from: Option<&'a str>,
    to: Option<&'a str>,
) {
    let minor = |text: &str| {
        text.split_once('.')
            .and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)))
    };
    if let Some(from) = from
        && range.0.is_none_or(|old| minor(old) < minor(from))
    {
        range.0 = Some(from);
    }
    if let Some(to) = to
        && range.1.is_none_or(|old| minor(old) > minor(to))
    {
        range.1 = Some(to);
    }
}

/// What the figures tell of the driver's model.
///
/// A total of whole GiB with nothing free is how Windows' WDDM reports a card; Linux keeps a part back, so that its totals
/// are uneven (15.77, 23.69, 79.15 GiB). Under WSL, NVML answers "not available" with all ones for a process's memory
/// (microsoft/WSL issue 11050).
pub(in crate::messages) fn platform(incident: &mut Incident) {
    let facts = &incident.facts;
    let total = facts.fact(Key::Total);
    let whole = total.is_some_and(|f| f.text.contains(".00 ") && f.bytes.high() > 1 << 31);
    let nothing_free = facts
        .fact(Key::Free)
        .filter(|f| whole && f.bytes.high() == 0);
    let sentinel = facts
        .fact(Key::ProcessInUse)
        .filter(|f| f.bytes.is_sentinel());
    let told = [
        (SettingKind::Windows, nothing_free),
        (SettingKind::Wsl, sentinel),
    ];
    let told = told.map(|(kind, fact)| fact.map(|fact| (kind, fact.line)));
    for (kind, line) in told.into_iter().flatten() {
        let (name, value) = ("figures".to_owned(), String::new());
        incident.settings.insert(Setting {
            kind,
            name,
            value,
            line,
            written: String::new(),
        });
    }
}
