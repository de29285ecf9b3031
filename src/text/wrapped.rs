//! Lines that a terminal cut at its width: only the first part of each has the prefix, and the rest belongs to its writer.

use super::Line;

/// Terminals are not narrower.
const NARROWEST: usize = 60;
/// So many lines must end at one column, and none behind it, before that is taken for a width.
const ENOUGH: usize = 3;

/// Gives each line without a label that continues a labelled one the label of that. `widths` are those of the raw lines, one
/// for each line, in characters; nothing continues a raw line that stands alone, so none are needed there.
pub(super) fn adopt(lines: &mut [Line], widths: &[usize]) {
    let Some(width) = widths.iter().copied().max().filter(|w| *w >= NARROWEST) else {
        return;
    };
    if widths.iter().filter(|w| **w == width).count() < ENOUGH {
        return;
    }
    let mut before: Option<(u64, Option<u32>, String)> = None;
    for (line, own) in lines.iter_mut().zip(widths) {
        if let Some((number, rank, lane)) = before.take() {
            let bare = line.rank.is_none() && line.lane.is_empty();
            if bare && line.number == number + 1 {
                (line.rank, line.lane) = (rank, lane);
            }
        }
        let labelled = line.rank.is_some() || !line.lane.is_empty();
        before = (labelled && *own == width).then(|| (line.number, line.rank, line.lane.clone()));
    }
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
