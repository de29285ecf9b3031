//! Exit code 137 as people and comments of CI systems mark it up: "Exit code: **137**", "exited with code `137`".

use crate::evidence::{Memory, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MarkedExit137,
    printed_by: "whoever writes Markdown: comments of CI systems, tickets",
    memory: Memory::Host,
    framework: Program::System,
    // No digits: viewers of logs colour numbers.
    signatures: &[
        "exit code: **",
        "exit code:**",
        "exit code**",
        "exit code **",
        "exit code: `",
        "exit code `",
        "with code `",
    ],
    head: r"(?:(?:exited|ended|failed|died|crashed|stopped|finished|completed|terminated|killed|returned)(?:with|an?|the|non-?zero){0,3})?(?:exit|error|status|return)?(?:code|status)[*`:=]{0,5}137[*`]{0,3}",
    accepts: Some(accepts),
    reach: 100,
    more: Some(|_, incident| told::signal(incident, &[])),
    texts: &[
        "Step \"build\" failed. Exit code: **137**",
        "The container exited with code `137`.",
        "- **Exit code:** 137",
        "exit code: `137`",
    ],
    silent: &[
        // A page that explains the code is no failure.
        "**Exit code 137** means that the container got SIGKILL.",
        "When memory runs out, the container exits with code `137`.",
        "See the section on exit code `137`.",
        "| exit code | `137` | killed |",
        "Retry on exit code: `137` only",
    ],
    ..Message::EMPTY
};

/// A field of its own, or the end of a sentence about what happened. What goes on behind it, and what only says "exits", explains the code.
fn accepts(hit: &Match<'_>) -> bool {
    let own = hit.text.get(..hit.head).unwrap_or_default();
    let before = hit.line_before();
    let marked = own.contains(['*', '`']) || before.ends_with(['*', '`']);
    let told = hit.capture(r"^([a-z]+ed)with").is_some();
    let field = own.contains(':') && opens(before);
    let ends = hit.line_after().chars().all(|c| ".,;!)*`_\"}".contains(c));
    marked && ends && (told || field)
}

/// True where a field may begin: at the start of a line, of an item or of a sentence.
fn opens(before: &str) -> bool {
    let before = before.trim_end_matches(['*', '`', '_']);
    before.is_empty() || before.ends_with(['.', '-', ',', ';', '|', '>', '!', '"'])
}
