//! What a fix writes into the program's own line, where its source was looked at.

use crate::evidence::{Clue, ClueKind, FixId, SettingKind};
use crate::fixes::{Offer, Situation};

/// The same offer with the line as it should be, where the source shows the line that is the reason.
pub(in crate::fixes) fn named(fix: FixId, s: &Situation<'_>, offer: Offer) -> Offer {
    let lines = s.incident.lines_of(s.finding);
    let hook = lines
        .first()
        .filter(|clue| clue.kind == ClueKind::StoringHook);
    if let (FixId::RemoveHooks, Some(hook)) = (fix, hook) {
        // The remark on its first line gives way; what else can be done stays.
        let (first, rest) = offer.how.split_once('\n').unwrap_or((&offer.how, ""));
        let code = first.split("  #").next().unwrap_or(first);
        let how = format!(
            "{code}  # of the hook that stores in {}\n{rest}",
            hook.place()
        );
        let how = how.trim_end().to_owned();
        return Offer { how, ..offer };
    }
    let line = lines.first().filter(|clue| clue.kind.mended_by(fix));
    let kept = [
        ClueKind::KeptOutputs,
        ClueKind::KeptGraph,
        ClueKind::KeptObjects,
    ];
    if let Some(clue) = line.filter(|clue| kept.contains(&clue.kind) && clue.patch.is_none()) {
        return at_the_line(fix, s, clue, offer);
    }
    let Some((clue, patch)) = line.and_then(|clue| Some((clue, clue.patch.as_ref()?))) else {
        return knob(fix, s, &offer).unwrap_or(offer);
    };
    let Some(new) = patch.new.first() else {
        return offer;
    };
    Offer {
        how: format!(
            "{}\n# {}, now: {}",
            new.trim(),
            clue.place(),
            patch.old.trim()
        ),
        ..offer
    }
}

/// The same offer for a line of which nobody can say how it is written then: what is typed goes there.
fn at_the_line(fix: FixId, s: &Situation<'_>, clue: &Clue, offer: Offer) -> Offer {
    let place = clue.place();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let named = !clue.name.is_empty() && clue.name.chars().all(plain);
    // A census knows the container, and says more.
    if !s.torch() || s.incident.census.is_some() {
        return offer;
    }
    let first = offer.how.lines().next().unwrap_or_default();
    let code = first.split("  #").next().unwrap_or(first);
    let how = match fix {
        FixId::DropReferences if named => {
            format!(
                "{}.clear()  # before {place}; or put only numbers or .cpu() copies into it",
                clue.name
            )
        }
        _ => format!("{code}  # the names are examples"),
    };
    Offer {
        how: format!("{how}\n# {place}, now: {}", clue.code),
        ..offer
    }
}

/// The same offer with the line that sets the knob, where the log itself shows no value for it.
fn knob(fix: FixId, s: &Situation<'_>, offer: &Offer) -> Option<Offer> {
    let clue = s.incident.knob_of(fix).filter(|_| s.torch())?;
    let shown: &[SettingKind] = match clue.kind {
        ClueKind::Batch => &[
            SettingKind::BatchSize,
            SettingKind::BatchTokens,
            SettingKind::GlobalBatchSize,
        ],
        ClueKind::EvalBatch => &[SettingKind::EvalBatchSize],
        ClueKind::Length => &[SettingKind::SequenceLength],
        _ => &[],
    };
    if shown.iter().any(|kind| s.has(*kind)) {
        return None;
    }
    let place = clue.place();
    let Some(value) = clue.value else {
        if let Some(new) = clue.patch.as_ref().and_then(|patch| patch.new.last()) {
            let more = match clue.kind {
                ClueKind::Adam if new.contains("bitsandbytes.") => {
                    "; pip install bitsandbytes, import bitsandbytes"
                }
                _ => "",
            };
            return Some(Offer {
                how: format!("{}\n# {place}, now: {}{more}", new.trim(), clue.code),
                ..offer.clone()
            });
        }
        return Some(Offer {
            how: format!("{}\n# {place}, now: {}", offer.how, clue.code),
            ..offer.clone()
        });
    };
    let half = value.div_ceil(2);
    // What a flag sets, the caller may have set otherwise.
    let how = if clue.name.starts_with("--") {
        format!(
            "{} {half}  # half of the default, {value}, in {place}",
            clue.name
        )
    } else {
        let new = clue.patch.as_ref()?.new.first()?;
        format!("{}  # {place}, now {value}", new.trim())
    };
    let what = match clue.kind {
        ClueKind::Length => "Cut sequences to half the length",
        ClueKind::Workers => "Start half as many workers",
        _ => "Halve the batch size",
    };
    Some(Offer {
        title: Some(format!("{what}, {value} → {half}")),
        how,
        ..offer.clone()
    })
}
