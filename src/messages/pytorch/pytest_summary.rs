//! pytest's short summary, cut at the terminal's width within the words: `FAILED tests/a.py::test_x - torch.OutOfMemoryErr...`.

use crate::evidence::{Incident, Memory, MessageId, Program};
use crate::messages::{Match, Message, capture, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytestSummary,
    printed_by: "pytest src/_pytest/terminal.py, _get_line_with_reprcrash_message; whole on CI systems and with -vv",
    framework: Program::Pytorch,
    // With the dash before them, so that none begins the signature of a whole message: what is followed is handed over at the first.
    signatures: &[
        " - torch.OutO",
        " - torch.cuda.OutO",
        " - torch.AcceleratorE",
        " - RuntimeError: CUDA ",
        " - jaxlib.",
        " - jax.errors.J",
        " - MemoryErr",
    ],
    head: r"-(?:torch|runtimeerror|jax|memoryerr)[a-z_.:]{0,80}\.\.\.",
    accepts: Some(accepts),
    reach: 200,
    more: Some(more),
    texts: &[
        "FAILED tests/test_a.py::test_x - torch.OutOfMemoryErr...",
        "ERROR tests/test_a.py::test_x[fp16] - torch.OutOfMemoryError: CUDA out of mem...",
        "FAILED tests/test_a.py::TestA::test_x - RuntimeError: CUDA out o...",
        "FAILED tests/test_a.py::test_x - torch.AcceleratorError: CUDA error: out of me...",
        "FAILED tests/test_a.py::test_x - MemoryErr...",
    ],
    silent: &[
        // What may be cut from something else is no failure.
        "FAILED tests/test_a.py::test_x - RuntimeError: CUDA error: device-side ass...",
        "FAILED tests/test_a.py::test_x - RuntimeError: CUDA...",
        "FAILED tests/test_a.py::test_x - torch.AcceleratorError: CUDA e...",
        "FAILED tests/test_a.py::test_x - Mem...",
        "XFAIL tests/test_a.py::test_x - torch.OutOfMemoryErr...",
        "SKIPPED [1] tests/test_a.py:3: torch.OutOfMemoryErr...",
        "it printed torch.OutOfMemoryErr...",
    ],
    ..Message::EMPTY
};

/// How messages begin, squeezed and in small letters, how much of one tells it from others, and whose it is.
const BEGINNINGS: [(&str, usize, Program, Memory); 12] = {
    use Memory::{Device, Host};
    use Program::{Jax, Pytorch, System};
    [
        (
            "torch.outofmemoryerror:cudaoutofmemory",
            10,
            Pytorch,
            Device,
        ),
        ("torch.outofmemoryerror:hipoutofmemory", 10, Pytorch, Device),
        ("torch.outofmemoryerror:xpuoutofmemory", 10, Pytorch, Device),
        (
            "torch.cuda.outofmemoryerror:cudaoutofmemory",
            15,
            Pytorch,
            Device,
        ),
        (
            "torch.cuda.outofmemoryerror:hipoutofmemory",
            15,
            Pytorch,
            Device,
        ),
        (
            "torch.acceleratorerror:cudaerror:outofmemory",
            35,
            Pytorch,
            Device,
        ),
        ("runtimeerror:cudaoutofmemory", 19, Pytorch, Device),
        ("runtimeerror:cudaerror:outofmemory", 25, Pytorch, Device),
        (
            "jaxlib._jax.xlaruntimeerror:resource_exhausted:outofmemory",
            41,
            Jax,
            Device,
        ),
        (
            "jaxlib.xla_extension.xlaruntimeerror:resource_exhausted:outofmemory",
            50,
            Jax,
            Device,
        ),
        (
            "jax.errors.jaxruntimeerror:resource_exhausted:outofmemory",
            40,
            Jax,
            Device,
        ),
        ("memoryerror:unabletoallocate", 9, System, Host),
    ]
};

/// What the words behind the id begin, where they stand in a line of the summary and are cut before they are whole.
fn begun(hit: &Match<'_>) -> Option<(Program, Memory)> {
    const LINE: &str = r"(?:FAILED|ERROR)[!-~]{1,200}\.(?:py|pyx|txt|md|rst)(?:::[!-~]{1,300})?$";
    let words = hit.folded.get(1..hit.head)?.strip_suffix("...")?;
    let begins = |(whole, least, ..): &&(&str, usize, Program, Memory)| {
        whole.starts_with(words) && words.len() >= *least
    };
    let (_, _, program, memory) = BEGINNINGS.iter().find(begins)?;
    capture(LINE, tail(hit.before, 600)).map(|_| (*program, *memory))
}

fn accepts(hit: &Match<'_>) -> bool {
    begun(hit).is_some()
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if let Some((program, memory)) = begun(hit) {
        incident.framework = program;
        incident.memory = memory;
    }
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn words_cut_at_any_letter_that_tells_are_found() {
        let whole = "torch.OutOfMemoryError: CUDA out of memory";
        for end in 10..whole.len() {
            let words = whole.get(..end).unwrap().trim_end();
            let line = format!("FAILED tests/test_a.py::test_x - {words}...");
            assert_eq!(failures(&line), ["pytest-summary"], "{line}");
        }
    }
}
