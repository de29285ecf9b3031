//! Orders the fixes of a finding: surely enough first, then as the finding prefers them.

use super::{Enough, Fix, Offer, Situation};

/// A fix with its offer.
pub struct Ranked {
    /// The fix.
    pub fix: &'static Fix,
    /// What it says here.
    pub offer: Offer,
}

/// The offers of these fixes, best first. The order given is the order among equals; fixes that do not apply are left out.
pub fn rank(fixes: &[&'static Fix], situation: &Situation<'_>) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = fixes
        .iter()
        .filter_map(|fix| (fix.offer)(situation).map(|offer| Ranked { fix, offer }))
        .collect();
    in_order(&mut ranked);
    ranked
}

/// Surely enough first, surely too little last; else the order stays.
pub(super) fn in_order(ranked: &mut [Ranked]) {
    ranked.sort_by_key(|r| r.offer.enough == Enough::No);
    ranked.sort_by_key(|r| r.offer.enough != Enough::Yes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Balance, FindingId, FixId, Incident, Memory, MessageId, Program};
    use crate::place::Place;

    fn fix(id: FixId, offer: fn(&Situation<'_>) -> Option<Offer>) -> Fix {
        Fix {
            id,
            cost: "",
            page: "",
            offer,
        }
    }

    fn offer(enough: Enough) -> Offer {
        Offer {
            how: String::new(),
            gain: None,
            enough,
        }
    }

    #[test]
    fn surely_enough_stands_first_and_too_little_last_and_else_the_order_is_kept() {
        let fixes: [&'static Fix; 6] = [
            fix(FixId::LowerBatchSize, |_| Some(offer(Enough::No))),
            fix(FixId::Offload, |_| Some(offer(Enough::Unknown))),
            fix(FixId::BiggerGpu, |_| None),
            fix(FixId::LargerShm, |_| Some(offer(Enough::Yes))),
            fix(FixId::FewerBins, |_| Some(offer(Enough::Unknown))),
            fix(FixId::FewerWorkers, |_| Some(offer(Enough::Yes))),
        ]
        .map(|fix| &*Box::leak(Box::new(fix)));
        let place = Place {
            source: String::new(),
            line: 1,
        };
        let incident = Incident::new(
            place,
            Memory::Device,
            Program::Pytorch,
            MessageId::PytorchCuda,
        );
        let ranked = rank(
            &fixes,
            &Situation {
                incident: &incident,
                balance: &Balance::of(&incident),
                finding: FindingId::Unexplained,
            },
        );
        let ids: Vec<_> = ranked.iter().map(|r| r.fix.id).collect();
        assert_eq!(
            ids,
            [
                FixId::LargerShm,
                FixId::FewerWorkers,
                FixId::Offload,
                FixId::FewerBins,
                FixId::LowerBatchSize
            ]
        );
    }
}
