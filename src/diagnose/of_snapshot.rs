//! What a memory snapshot says: its refused requests as failures, and who held the other GPUs.

use crate::evidence::HeldAt;
use crate::log::{Log, Outcome};
use crate::snapshot::{self, Snapshot, Trouble, account};
use crate::text;

/// The log that a snapshot is.
pub(super) fn log(source: &str, outcome: Outcome, snapshot: &Snapshot, own: &[String]) -> Log {
    let hostile = matches!(&snapshot.trouble, Some(Trouble::Refused { .. }));
    let remark = if hostile && !snapshot.has_segments && !snapshot.has_traces {
        "a pickle that runs code when Python loads it"
    } else {
        "a PyTorch memory snapshot"
    };
    let trouble = snapshot.trouble.as_ref().map(ToString::to_string);
    let mut log = Log {
        source: source.to_owned(),
        outcome: Outcome {
            problem: outcome.problem.or(trouble),
            // What the content was found to be says more than its first bytes.
            remark: Some(remark),
            ..outcome
        },
        ..Log::default()
    };
    for account in account::all(snapshot, source, own) {
        match snapshot::incident(snapshot, account, own) {
            Ok(mut incident) => {
                let member = text::member(source).filter(|member| member.sure);
                incident.rank = member.map(|member| member.rank);
                log.incidents.push(incident);
            }
            Err(account) => log.holdings.push(account.holdings),
        }
    }
    // A GPU that nothing happened on is not worth a word beside one that failed.
    let failed = !log.incidents.is_empty();
    let matters = |at: HeldAt, bytes: u64| at != HeldAt::End || bytes > 0;
    log.holdings
        .retain(|held| matters(held.at, held.reserved) && !(failed && held.allocated == 0));
    log
}
