//! A dyno of Heroku that is over its memory: at R14 it swaps and runs on, at R15, twice the quota, it is ended.

use crate::evidence::{Incident, Keeper, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::HerokuQuota,
    printed_by: "Heroku's platform, in the log of an app (devcenter.heroku.com, \"Heroku Error Codes\", R14 and R15)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["(Memory quota "],
    head: r"ErrorR1[45]\(Memoryquota(?:vastly)?exceeded\)",
    accepts: Some(accepts),
    reach: 120,
    more: Some(more),
    examples: &[Example(
        "heroku[worker.1]: Process running mem=1029M(201.0%)\nheroku[worker.1]: Error R15 (Memory quota vastly exceeded)",
        &[(Key::ProcessInUse, "1029 M")],
    )],
    texts: &["2026-01-02T03:04:05+00:00 heroku[web.2]: Error R15 (Memory quota vastly exceeded)"],
    ..Message::EMPTY
};

/// As the platform writes it, and not as prose explains it.
fn accepts(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    let goes_on = hit.line_after().starts_with(|c: char| c.is_alphanumeric());
    !goes_on && (before.is_empty() || before.ends_with(':'))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::limit(incident, &[Keeper::Heroku]);
    incident.caught = hit.says("R14");
    let near = tail(hit.before, 200);
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, near),
        r"Processrunningmem=(\d{1,7})(M)\(",
    );
    told::name_in(near, incident, Part::Worker, r"heroku\[([\w.-]{1,60})\]:$");
}
