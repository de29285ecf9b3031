//! What an interface to image models says of the GPU and of the model that it loads.

use crate::bytes::Bytes;
use crate::evidence::{Family, Flag, Incident, Key, Memory, SettingKind};
use crate::findings::{Case, Confidence, Verdict};

/// So many hundredths of the GPU leave little for the work.
const FULL: u64 = 85;

/// The model that was loaded last, as the lines tell: its size, and how that is known.
fn model(incident: &Incident) -> Option<(Bytes, String)> {
    let named = incident.settings.get(SettingKind::DrawnModel);
    let named = named.and_then(|model| {
        let size = Bytes::exact(model.value.parse().ok()?);
        Some((size, format!("{} has {size} of weights", model.name)))
    });
    let loaded = incident.facts.get(Key::Weights);
    let loaded = loaded.map(|size| (size, format!("the model that it loaded takes {size}")));
    match (named, loaded) {
        (Some(named), Some(loaded)) if loaded.0.low() > named.0.high() => Some(loaded),
        (named, loaded) => named.or(loaded),
    }
}

/// True where the weights alone take nearly all of the GPU, or more.
pub(crate) fn is_full(incident: &Incident) -> bool {
    let total = incident.facts.get(Key::Total);
    incident.program().family() == Family::ImageInterface
        && model(incident)
            .zip(total)
            .is_some_and(|((size, _), total)| size.surely_over(total.percent(FULL)))
}

/// Of a failure without figures: the weights by the program's own lines.
pub(crate) fn weights(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    let other = [Flag::NotMemory, Flag::Pinned].iter();
    let other = other.into_iter().any(|flag| incident.flagged(*flag));
    if !is_full(incident)
        || other
        || incident.memory != Memory::Device
        || case.balance.free.is_some()
    {
        return None;
    }
    let ((size, told), total) = model(incident).zip(incident.facts.get(Key::Total))?;
    let name = incident.program().title();
    let rest = if size.surely_over(total) {
        "They cannot lie there as a whole.".to_owned()
    } else {
        format!("That leaves {} for the work.", total.minus(size))
    };
    let because = format!("By {name}'s own lines the GPU has {total}, and {told}. {rest}");
    let settle = "its next lines, \"loaded partially\" or \"loaded completely\": how much of the model is on the GPU?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
