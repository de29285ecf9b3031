//! A shell's bare "Killed": all that is left of a process that got SIGKILL.

use crate::evidence::{Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Example, Match, Message, capture};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::KilledLine,
    printed_by: "bash jobs.c, zsh Src/jobs.c",
    memory: Memory::Host,
    framework: Program::System,
    // The word is rare in logs that do not speak of an end, so that a look around it costs little.
    signatures: &["Killed"],
    head: r"Killed",
    accepts: Some(accepts),
    reach: 100,
    more: Some(more),
    examples: &[
        Example("epoch 1 step 130 loss 2.31\nKilled", &[]),
        Example(" 30%|###       | 12/40 [00:10<00:24,  1.15it/s]Killed", &[]),
        Example(
            "./train.sh: line 12:  4711 Killed                  python train.py --batch 8",
            &[],
        ),
        Example("zsh: killed     python train.py", &[]),
    ],
    ..Message::EMPTY
};

/// Alone on its line, behind a progress bar that was not done, or in the words in which a shell names the job. The line's
/// white space counts here.
fn accepts(hit: &Match<'_>) -> bool {
    const JOB: &str = r"^(?:[!-~]{1,200}: line \d+:\s*\d+ Killed\s{2,}[!-~]|zsh: killed\s{2,}[!-~]|\[\d+\]\s*[+-]?\s*\d*\s+Killed\s{2,}[!-~])";
    const BAR: &str = r"(?:it/s|s/it)[ -\\^-~]{0,80}\]\s*Killed$";
    let line = hit
        .line_text
        .trim_start_matches(['>', ' ', '\t'])
        .trim_end();
    line.eq_ignore_ascii_case("Killed")
        || [JOB, BAR].iter().any(|form| capture(form, line).is_some())
}

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.flags.extend([Flag::OomKiller, Flag::Sigkill]);
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn the_word_in_a_sentence_is_no_failure() {
        for text in [
            "Killed the old workers, starting new ones",
            "3 workers Killed",
            "INFO killed",
            "Killed: 0, finished: 12",
        ] {
            assert!(failures(text).is_empty(), "{text}");
        }
    }
}
