//! Lines that a terminal cut at its width: only the first part of each has the prefix, and the rest belongs to its writer.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Line;

/// Terminals are not narrower.
const NARROWEST: usize = 60;
/// So many lines must end at one column, and none behind it, before that is taken for a width.
const ENOUGH: usize = 3;

/// What TensorRT-LLM says above the table of its components, the lines of which have no prefix
/// (`tensorrt_llm/_torch/pyexecutor/py_executor_creator.py`).
static ABOVE_A_TABLE: LazyLock<Finder<'static>> =
    LazyLock::new(|| Finder::new("Executor creation failed due to insufficient GPU memory"));
/// It has no more lines.
const TABLE: u64 = 40;
/// A terminal cuts PyTorch's message into no more rows.
const ROWS: usize = 12;

/// The first words of PyTorch's message. All lines around a failure are asked for them.
static SAID: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("Tried to allocate"));

/// Gives each line without a label that continues a labelled one the label of that. `widths` are those of the raw lines, one
/// for each line, in characters; nothing continues a raw line that stands alone, so none are needed there.
pub(super) fn adopt(lines: &mut [Line], widths: &[usize]) {
    let width = widths.iter().copied().max().filter(|w| *w >= NARROWEST);
    // A space at the end of a row is lost when the text is copied.
    let full = |width: usize, own: usize| own == width || own + 1 == width;
    let width = width.filter(|width| widths.iter().filter(|w| full(*width, **w)).count() >= ENOUGH);
    let with = |words: &Finder<'_>| {
        let holds = |line: &Line| words.find(line.text.as_bytes()).is_some();
        let with = (0..).zip(lines.iter()).filter(|(_, line)| holds(line));
        with.map(|(at, _)| at).collect::<Vec<usize>>()
    };
    let (said, tables) = (with(&SAID), with(&ABOVE_A_TABLE));
    if width.is_none() && said.is_empty() && tables.is_empty() {
        return;
    }
    // Each line of a message that another one goes on.
    let goes_on = |at: usize| lines.get(at + 1).is_some_and(continues);
    let parts = |at: usize| (at..).take_while(|at| goes_on(*at)).take(ROWS);
    let messages: Vec<usize> = said.into_iter().flat_map(parts).collect();
    let mut before: Option<(u64, Option<u32>, String)> = None;
    // Where the table ends that belongs to a record.
    let mut end = 0;
    for (at, (line, own)) in lines.iter_mut().zip(widths).enumerate() {
        let bare = line.rank.is_none() && line.lane.is_empty();
        if let Some((number, rank, lane)) = before.take()
            && bare
            && line.number == number + 1
        {
            (line.rank, line.lane) = (rank, lane);
        }
        let labelled = line.rank.is_some() || !line.lane.is_empty();
        if tables.binary_search(&at).is_ok() {
            end = line.number + TABLE;
        } else if !bare {
            end = 0;
        }
        let message = messages.binary_search(&at).is_ok();
        let cut = width.is_some_and(|width| full(width, *own)) || message || line.number < end;
        before = (labelled && cut).then(|| (line.number, line.rank, line.lane.clone()));
    }
}

/// True where a line can only be the rest of PyTorch's message, whatever the width: it tells figures and does not begin to.
fn continues(line: &Line) -> bool {
    const REST: [&str; 7] = [
        " allocated by PyTorch",
        " reserved by PyTorch",
        " memory in use",
        "B is free.",
        "B of which ",
        "but unallocated",
        "PYTORCH_CUDA_ALLOC_CONF=",
    ];
    line.rank.is_none()
        && line.lane.is_empty()
        && !line.text.contains("Tried to allocate")
        && REST.iter().any(|words| line.text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::super::clean;

    fn ranks(log: &str) -> Vec<Option<u32>> {
        clean(log.as_bytes(), 1)
            .iter()
            .map(|line| line.rank)
            .collect()
    }

    /// A text as a terminal of so many columns shows it.
    fn wrapped(text: &str, width: usize) -> String {
        let chars: Vec<char> = text.chars().collect();
        let rows = chars
            .chunks(width)
            .map(|row| row.iter().collect::<String>());
        rows.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_rest_of_a_wrapped_line_is_its_writers() {
        let log = wrapped(&format!("[rank3]: {}", "word ".repeat(60)), 80);
        assert_eq!(
            ranks(&format!("{log}\nother")),
            [Some(3), Some(3), Some(3), Some(3), None]
        );
    }

    #[test]
    fn a_row_that_lost_its_last_space_is_full_too() {
        let log = format!("[rank3]: {}", "seven letters a row ".repeat(12));
        let rows = wrapped(&log, 61);
        let copied: Vec<&str> = rows.lines().map(str::trim_end).collect();
        assert!(copied.iter().any(|row| row.len() == 60));
        assert!(ranks(&copied.join("\n")).iter().all(|r| *r == Some(3)));
    }

    #[test]
    fn the_rest_of_a_message_is_its_writers_at_any_width() {
        let log = "[rank1]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 8.36 GiB. Of the allocated memory 4\n\
            0.30 GiB is allocated by PyTorch, and 4.91 GiB is reserved by PyTorch but unallocated.\n\
            something else\n";
        assert_eq!(ranks(log), [Some(1), Some(1), None]);
    }

    #[test]
    fn every_row_of_a_message_is_its_writers_beside_longer_lines() {
        let said = "[rank1]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.25 GiB. GPU 1 has a total capacity of \
            31.50 GiB of which 1.10 GiB is free. Including non-PyTorch memory, this process has 30.40 GiB memory in use. Of the \
            allocated memory 27.90 GiB is allocated by PyTorch, and 1.60 GiB is reserved by PyTorch but unallocated.";
        let log = format!("{}\nother\n{}", wrapped(said, 90), "y".repeat(200));
        let rows = wrapped(said, 90).lines().count();
        assert_eq!(ranks(&log).iter().filter(|r| **r == Some(1)).count(), rows);
    }

    #[test]
    fn without_a_common_width_nothing_is_a_continuation() {
        let line = format!("[rank3]: {}", "x".repeat(80));
        assert_eq!(
            ranks(&format!("{line}\nother\n{line}\nother")),
            [Some(3), None, Some(3), None]
        );
        let longer = "y".repeat(200);
        let log = format!("{line}\nother\n{line}\nother\n{line}\nother\n{longer}");
        assert_eq!(ranks(&log).iter().filter(|r| r.is_some()).count(), 3);
    }
}
