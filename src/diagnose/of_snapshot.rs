//! A memory snapshot explained: its refused requests as failures, and who held the other GPUs.

use super::{Diagnosis, explain};
use crate::evidence::{HeldAt, Settings};
use crate::snapshot::{self, Snapshot, Trouble, account};
use crate::text;

/// Fills a diagnosis with what a snapshot says.
pub(super) fn explain_snapshot(diagnosis: &mut Diagnosis, snapshot: &Snapshot, own: &[String]) {
    diagnosis.bytes = snapshot.bytes;
    let hostile = matches!(&snapshot.trouble, Some(Trouble::Refused { .. }));
    let remark = if hostile && !snapshot.has_segments && !snapshot.has_traces {
        "a pickle that runs code when Python loads it"
    } else {
        "a PyTorch memory snapshot"
    };
    diagnosis.remark = Some(remark.to_owned());
    if let Some(trouble) = &snapshot.trouble {
        diagnosis.complete = false;
        diagnosis.problem = Some(trouble.to_string());
    }
    for account in account::all(snapshot, &diagnosis.source, own) {
        match snapshot::incident(snapshot, account, own) {
            Ok(mut incident) => {
                let member = text::member(&diagnosis.source).filter(|member| member.sure);
                incident.rank = member.map(|member| member.rank);
                let explained = explain(incident, &Settings::default(), &[]);
                diagnosis.incidents.push(explained);
            }
            Err(account) => diagnosis.holdings.push(account.holdings),
        }
    }
    // A GPU that nothing happened on is not worth a word beside one that failed.
    let failed = !diagnosis.incidents.is_empty();
    let matters = |at: HeldAt, bytes: u64| at != HeldAt::End || bytes > 0;
    diagnosis
        .holdings
        .retain(|held| matters(held.at, held.reserved) && !(failed && held.allocated == 0));
}
