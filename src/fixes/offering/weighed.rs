//! What a model whose number of weights the log tells needs at each precision, while it is being loaded.

use crate::bytes::Bytes;
use crate::evidence::{FindingId, FixId, SettingKind, tuning_weights};
use crate::fixes::{Enough, Offer, Situation};

/// The same offer with the size of the weights under it, and the word that it is too little where it is.
pub(in crate::fixes) fn told(fix: FixId, s: &Situation<'_>, offer: Offer) -> Offer {
    let Some(weights) = weights(s) else {
        return offer;
    };
    let (bits, name) = match fix {
        FixId::LowPrecisionWeights => (16, "two bytes"),
        // bitsandbytes' nf4: four bits, a scale for each block of 64, and the layers that stay as they were.
        FixId::QuantizeWeights => (5, "four bits"),
        _ => return offer,
    };
    let needs = Bytes::exact(weights / 8 * bits);
    let total = s.balance.total.or(s.balance.limit);
    // "70B" stands for 68 to 72 billion: a tenth less decides.
    let too_large = total.is_some_and(|total| needs.percent(90).surely_over(total));
    let so = if too_large {
        ", more than the GPU has"
    } else {
        ""
    };
    let told = format!(
        "{}\n# {} weights in {name} are about {needs}{so}",
        offer.how,
        tuning_weights(weights)
    );
    Offer {
        how: told,
        enough: if too_large { Enough::No } else { offer.enough },
        ..offer
    }
}

/// How many weights a model has that is loaded onto one GPU.
fn weights(s: &Situation<'_>) -> Option<u64> {
    let loads = s.torch() && s.finding == FindingId::Weights && !s.distributed();
    let told = s
        .incident
        .settings
        .get(SettingKind::Parameters)
        .filter(|_| loads)?;
    told.value
        .parse()
        .ok()
        .filter(|weights| *weights >= 1_000_000_000)
}
