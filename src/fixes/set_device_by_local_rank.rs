//! Ranks that never choose a device all open a context and allocate on GPU 0.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SetDeviceByLocalRank,
    cost: "nothing",
    page: include_str!("set-device-by-local-rank.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    (s.torch() && (s.finding == FindingId::RanksOnOneGpu || s.distributed())).then(|| {
        Offer::unmeasured("torch.cuda.set_device(int(os.environ[\"LOCAL_RANK\"]))\n# first of all, before any other CUDA call; and torch.load(..., map_location=\"cpu\")")
    })
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::evidence::SettingKind;

    #[test]
    fn it_is_for_jobs_of_several_processes() {
        assert_eq!(
            CaseBuilder::new()
                .finding(FindingId::OtherProcess)
                .ask(&FIX),
            None
        );
        assert!(
            CaseBuilder::new()
                .finding(FindingId::RanksOnOneGpu)
                .ask(&FIX)
                .is_some()
        );
        assert!(
            CaseBuilder::new()
                .set(SettingKind::Fsdp, "")
                .ask(&FIX)
                .is_some()
        );
    }
}
