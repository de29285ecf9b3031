//! What held the memory has gone since: only the GPUs themselves can tell, so that no log offers this.

use super::{Fix, Offer, Situation, stop_other_process, watched};
use crate::evidence::FixId;

pub(crate) static FIX: Fix = Fix {
    id: FixId::RunItAgain,
    cost: "nothing",
    page: include_str!("run-it-again.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    watched::nobody_left(s.gpus()?, &stop_other_process::by_the_log(s)?)
}
