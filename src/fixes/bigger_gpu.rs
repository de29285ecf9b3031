//! What must be live at once is more than this GPU has.

use super::{Fix, Offer, Situation, gpus};
use crate::bytes::{Bytes, GIB, human};
use crate::evidence::{Accelerator, FixId, Memory};

pub(crate) static FIX: Fix = Fix {
    id: FixId::BiggerGpu,
    cost: "money",
    page: include_str!("bigger-gpu.md"),
    offer,
};

/// The sizes that there are, in GiB.
const SIZES: [u64; 14] = [12, 16, 24, 32, 40, 48, 64, 80, 96, 128, 141, 180, 192, 288];

/// True where what is needed is hardly more than the card has.
fn near(s: &Situation<'_>, needed: u64) -> bool {
    s.balance
        .total
        .is_some_and(|total| needed < total.high() / 100 * 112)
}

/// A larger GPU of the same machine, which a table in the log shows to be idle.
pub(in crate::fixes) fn larger_and_free(s: &Situation<'_>) -> Option<Offer> {
    let free = s.incident.free_gpu().filter(|_| !s.distributed())?;
    let total = s.balance.total?;
    let how = gpus::of_a_table(s, "CUDA_VISIBLE_DEVICES", free);
    let offer =
        Offer::unmeasured(how).titled(format!("Run on GPU {}, which is larger", free.index));
    (free.total.low() > total.high() / 4 * 5).then(|| offer.costing("nothing"))
}

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.incident.memory != Memory::Device {
        return None;
    }
    if let Some(offer) = larger_and_free(s) {
        return Some(offer);
    }
    let needed = s
        .balance
        .total
        .zip(s.balance.shortfall)
        .map(|(total, short)| total.plus(short));
    let how = match needed {
        _ if s.accelerator() == Accelerator::Mps => "a Mac with more memory".to_owned(),
        // A card of nearly the same size is none to look for.
        Some(needed) if near(s, needed.high()) => {
            let least = needed.high().saturating_add(needed.high() / 10);
            match SIZES.into_iter().find(|size| size * GIB / 100 * 95 > least) {
                Some(size) => format!(
                    "a GPU of {size} GiB or more\n# only {} was missing for this request, but what follows may need more",
                    human(s.balance.shortfall.map_or(0, Bytes::high))
                ),
                None => "several GPUs, with the model split over them".to_owned(),
            }
        }
        Some(needed) => format!(
            "a GPU with more than {}\n# that much for this one request; what follows may need more",
            human(needed.high())
        ),
        None => "a GPU with more memory, or several with the model split over them".to_owned(),
    };
    Some(Offer::unmeasured(how))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::evidence::Key;

    #[test]
    fn the_size_named_covers_what_was_short() {
        let how = CaseBuilder::new()
            .fact(Key::Tried, 200)
            .fact(Key::Total, 800)
            .fact(Key::Free, 100)
            .line(&FIX);
        assert_eq!(how, "a GPU with more than 90 GiB");
    }

    #[test]
    fn host_memory_is_not_the_gpus() {
        assert_eq!(CaseBuilder::new().host().ask(&FIX), None);
    }
}
