//! An engine's account of its own budget, which stands above its failure and often in the lines of another of its processes.

use crate::evidence::Incident;
use crate::messages::{Recognized, Role};

/// True where it is such an account.
pub(crate) fn is_budget(sighting: &Recognized) -> bool {
    sighting.role == Role::Evidence && sighting.incident.framework.serves()
}

/// Gives each engine's failure the figures that stand between the failure before it and itself, nearest first.
pub(crate) fn join_budgets(incidents: &mut [Incident], mut accounts: Vec<Incident>) {
    accounts.sort_by_key(|account| std::cmp::Reverse(account.place.line));
    let mut before = 0;
    for incident in incidents.iter_mut().filter(|i| i.framework.serves()) {
        let line = incident.place.line;
        for account in &accounts {
            let same = account.framework == incident.framework;
            let rank =
                account.rank.is_none() || incident.rank.is_none() || account.rank == incident.rank;
            if same && rank && (before..=line).contains(&account.place.line) {
                for (key, fact) in account.facts.iter() {
                    incident.facts.insert(key, fact.clone());
                }
            }
        }
        before = line;
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnose::{Explained, diagnose};
    use crate::evidence::Key;

    const FAILURE: &str = "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when \
        initializing the engine.";

    fn weights(text: &str) -> Vec<Option<String>> {
        let incidents = diagnose("t", text.as_bytes()).incidents;
        let fact = |e: &Explained| Some(e.incident.facts.fact(Key::Weights)?.text.clone());
        incidents.iter().map(fact).collect()
    }

    #[test]
    fn a_workers_account_belongs_to_the_failure_of_another_process() {
        let text = format!(
            "(Worker_TP0 pid=510) Model loading took 14.99 GiB and 6.2 seconds\n(EngineCore_DP0 pid=387) {FAILURE}"
        );
        assert_eq!(weights(&text), [Some("14.99 GiB".to_owned())]);
    }

    #[test]
    fn what_follows_the_failure_is_the_next_starts() {
        let text = format!("{FAILURE}\nModel loading took 7.00 GiB and 6.2 seconds");
        assert_eq!(weights(&text), [None]);
    }
}
