//! Carriage returns: what a terminal would show of a line that was drawn over again and again.
//!
//! A terminal shows the last drawing. A log must not be read so: a program dies while a bar stands on the line, and its
//! first words may be drawn over by another process. So a drawing is dropped only where it is a progress bar, or the
//! next one is the same text with other numbers; whatever else shares the line is a line by itself.

use std::sync::LazyLock;

use super::Words;

/// All drawings of a line but the blank ones, in order: each was true when it was drawn.
pub(super) fn all(line: &str) -> Vec<&str> {
    line.split('\r').filter(|d| !d.trim().is_empty()).collect()
}

/// The drawings of a line that a reader must see, in order. Never empty.
pub(super) fn shown(line: &str) -> Vec<&str> {
    let drawings = all(line);
    let mut shown: Vec<&str> = drawings
        .iter()
        .zip(drawings.iter().skip(1))
        .filter(|(drawing, next)| {
            is_message(drawing) || !(is_bar(drawing) || redraws(next, drawing))
        })
        .map(|(drawing, _)| *drawing)
        .collect();
    shown.push(drawings.last().copied().unwrap_or(""));
    shown
}

/// True for what tqdm, Rich, pip, Keras and their like draw.
fn is_bar(drawing: &str) -> bool {
    const PARTS: [&str; 14] = [
        "%|", "it/s", "s/it", "?it", "B/s", "% ━", "%━", "ETA", "eta ", "[=", "=>", "%]", "█", "━",
    ];
    PARTS.iter().any(|part| drawing.contains(part)) || drawing.trim_end().ends_with('%')
}

/// True for what no drawing over may take away.
fn is_message(drawing: &str) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| {
        Words::new(&[
            "Traceback",
            "Error",
            "ERROR",
            "Exception",
            "out of memory",
            "OutOfMemory",
            "Out of memory",
            "OOM",
            "  File \"",
        ])
    });
    WORDS.stand_in(drawing)
}

/// True where two drawings have the same letters, or the longer only has more of them at its end.
fn redraws(next: &str, drawing: &str) -> bool {
    let letters = |text: &'_ str| -> String {
        text.chars()
            .filter(|c| c.is_alphabetic())
            .take(200)
            .collect()
    };
    let (next, drawing) = (letters(next), letters(drawing));
    next.starts_with(&drawing) || (next.len() >= 4 && drawing.starts_with(&next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_drawing_of_a_bar_is_shown() {
        assert_eq!(
            shown(
                "  0%|  | 0/9 [00:00<?, ?it/s]\r 11%|# | 1/9 [00:01<00:08, 1.0s/it]\r 22%|## | 2/9"
            ),
            [" 22%|## | 2/9"]
        );
        assert_eq!(
            shown("step 1 loss 2.0\rstep 2 loss 1.9\r"),
            ["step 2 loss 1.9"]
        );
        assert_eq!(shown("⠋ Loading\r⠙ Loading"), ["⠙ Loading"]);
    }

    #[test]
    fn a_message_is_kept_wherever_it_stands_on_the_line() {
        assert_eq!(
            shown("\rEpoch 3:  10%|#|\rTraceback (most recent call last):"),
            ["Traceback (most recent call last):"]
        );
        assert_eq!(
            shown("RuntimeError: CUDA out of memory.\r 40%|####| 4/9"),
            ["RuntimeError: CUDA out of memory.", " 40%|####| 4/9"]
        );
        assert_eq!(
            shown(" 40%|####| 4/9 torch.OutOfMemoryError: CUDA out of memory.\r 50%|"),
            [
                " 40%|####| 4/9 torch.OutOfMemoryError: CUDA out of memory.",
                " 50%|"
            ]
        );
    }

    #[test]
    fn old_line_ends_of_one_carriage_return_are_line_ends() {
        assert_eq!(
            shown("loading weights\rmodel has 7 B parameters\r"),
            ["loading weights", "model has 7 B parameters"]
        );
    }

    #[test]
    fn a_line_of_nothing_but_returns_is_empty() {
        assert_eq!(shown("\r \r"), [""]);
    }
}
