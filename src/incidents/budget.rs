//! An engine's account of its own budget, which stands above its failure, often far above and in the lines of another of its
//! processes.

use crate::evidence::{Family, Incident, Key, Memory, MessageId, Program};
use crate::messages::{Recognized, Role};
use crate::sorting;

/// True where it is such an account.
pub(crate) fn is_budget(sighting: &Recognized) -> bool {
    let incident = &sighting.incident;
    sighting.role == Role::Evidence
        && (tells_of_itself(incident.framework)
            || incident.format == MessageId::XlaRematerialization)
}

/// True for programs that say of themselves what they have: engines, interfaces that draw, and TensorFlow of its devices.
fn tells_of_itself(program: Program) -> bool {
    program.serves() || program.family() == Family::ImageInterface || program == Program::Tensorflow
}

/// Gives an engine's failure the figures of the last start above it, nearest first.
pub(crate) fn join_budgets(incident: &mut Incident, accounts: &[Incident]) {
    // Whatever runs on XLA, the plan is XLA's.
    let program = if incident.framework == Program::Jax {
        Program::Jax
    } else {
        incident.program()
    };
    if !tells_of_itself(program) && program != Program::Jax {
        return;
    }
    let had = incident.facts.get(Key::Total).is_some();
    // What such an interface says is of its GPU.
    let draws = program.family() == Family::ImageInterface;
    if draws && incident.memory == Memory::Host {
        return;
    }
    // What PyTorch says of itself is no budget, and what the engine's cache is left is not what the device has free.
    let own = incident.framework == program;
    let wanted =
        |key: Key| own || WITH_PYTORCH.contains(&key) && !(draws && had && key == Key::Total);
    let of_it = |account: &&Incident| {
        let rank =
            account.rank.is_none() || incident.rank.is_none() || account.rank == incident.rank;
        let device = program != Program::Tensorflow
            || account.device.is_none()
            || incident.device.is_none()
            || account.device == incident.device;
        account.framework == program && rank && device
    };
    let above = |account: &&Incident| account.place.line <= incident.place.line;
    let mine = accounts.iter().filter(of_it);
    let mut mine: Vec<&Incident> = mine.filter(above).collect();
    // The page that such an interface writes for a report has the GPU below the failure; its size was the same before.
    let sizes = |account: &&Incident| {
        draws && account.facts.get(Key::Total).is_some() && account.facts.iter().count() == 1
    };
    if !mine
        .iter()
        .any(|account| account.facts.get(Key::Total).is_some())
    {
        let below = accounts.iter().filter(of_it);
        mine.extend(below.filter(|account| !above(account)).find(sizes));
    }
    sorting::by_key(&mut mine, |account| std::cmp::Reverse(account.place.line));
    let mut told = Vec::new();
    for account in mine {
        // Lines that say the same again are those of a start before.
        if account.facts.iter().any(|(key, _)| told.contains(&key)) {
            break;
        }
        for (key, fact) in account.facts.iter() {
            told.push(key);
            // The allocator's own report is exact.
            let exact = program == Program::Tensorflow && incident.facts.get(key).is_some();
            if wanted(key) && !exact {
                incident.facts.insert(key, fact.clone());
            }
        }
        for setting in account.settings.iter() {
            if !incident.settings.has(setting.kind) {
                incident.settings.insert(setting.clone());
            }
        }
    }
}

/// What an engine says of itself that holds for a failure of `PyTorch` below it.
const WITH_PYTORCH: [Key; 3] = [Key::Weights, Key::ActivationPeak, Key::Total];

#[cfg(test)]
mod tests {
    use crate::diagnose::{Explained, diagnose};
    use crate::evidence::Key;

    /// `PyTorch`'s message below an engine.
    const REFUSED: &str = "(EngineCore_DP0 pid=387) torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 700.00 MiB. GPU 0 \
        has a total capacity of 79.25 GiB of which 300.00 MiB is free.";

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
    fn it_holds_for_pytorchs_message_too_however_far_below() {
        let between = "GET /health 200\n".repeat(5000);
        let text = format!(
            "Model loading took 70.10 GiB and 60 seconds\nAvailable KV cache memory: 1.25 GiB\n{between}{REFUSED}"
        );
        assert_eq!(weights(&text), [Some("70.10 GiB".to_owned())]);
        let facts = &diagnose("t", text.as_bytes()).incidents[0].incident.facts;
        assert_eq!(facts.fact(Key::Free).unwrap().text, "300.00 MiB");
    }

    #[test]
    fn what_follows_the_failure_is_the_next_starts() {
        let text = format!("{FAILURE}\nModel loading took 7.00 GiB and 6.2 seconds");
        assert_eq!(weights(&text), [None]);
    }
}
