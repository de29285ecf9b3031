//! What is collected over many batches has no need to stay on the GPU.

use super::offering::counted;
use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Phase, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::MoveOutputsToCpu,
    cost: "a copy per batch, and host memory for what is kept",
    page: include_str!("move-outputs-to-cpu.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let how = match s.program() {
        Program::Jax => "outputs.append(jax.device_get(y))".to_owned(),
        Program::Tensorflow => "outputs.append(y.numpy())".to_owned(),
        _ if !s.torch() => return None,
        // What is asked for in one piece is no collection.
        _ if s.finding == FindingId::WholeDataset && by_name(s).is_none() => return None,
        // Its own switch is another fix.
        _ if s.trainer() == Trainer::HuggingFace && s.in_phase(&[Phase::Eval]) => return None,
        _ => return Some(kept(s)),
    };
    Some(Offer::unmeasured(how))
}

/// Under the name that the census found to keep it, if it is one.
fn kept(s: &Situation<'_>) -> Offer {
    let at = s.in_its_loop();
    let Some((name, container)) = by_name(s) else {
        return Offer::unmeasured(format!("outputs.append(y.detach().cpu()){at}"));
    };
    let how = match container {
        "list" | "deque" => {
            format!(
                "{name}.append(y.detach().cpu())  # each tensor that it takes; to the GPU where it is used"
            )
        }
        "set" => format!("{name}.add(y.detach().cpu())"),
        _ => format!(
            "{name}[key] = y.detach().cpu()  # each tensor that it takes; to the GPU where it is used"
        ),
    };
    Offer::unmeasured(how).titled(format!("Keep what {name} takes on the CPU"))
}

fn by_name<'a>(s: &Situation<'a>) -> Option<(&'a str, &'a str)> {
    const KEPT: [FindingId; 3] = [
        FindingId::KeptOutputs,
        FindingId::Hooks,
        FindingId::WholeDataset,
    ];
    let census = s.incident.census.as_deref()?;
    let row = counted::named(census).filter(|row| KEPT.contains(&s.finding) && row.user)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let name = row.name.as_deref().filter(|name| name.chars().all(plain))?;
    // A dict of one list is no place to put a tensor into.
    let many = row.items.is_some_and(|items| items > 2);
    Some((name, row.container.as_deref().filter(|_| many)?))
}
