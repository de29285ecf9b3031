//! What somebody typed at Python's prompt: its stacks name `<stdin>` and show no code.

use super::pieces::Piece;

/// So many lines of one statement are looked through.
const MOST: usize = 60;

/// The lines of the statement right above: "`>>> `" begins it, "`... `" goes on.
pub(super) fn typed(above: &[Piece<'_>]) -> Vec<String> {
    let mut lines = Vec::new();
    for piece in above.iter().rev().take(MOST) {
        let text = piece.text.trim_start();
        if let Some(first) = text.strip_prefix(">>>") {
            lines.push(first.trim().to_owned());
            lines.reverse();
            return lines;
        }
        let Some(more) = text.strip_prefix("...") else {
            break;
        };
        lines.push(more.trim().to_owned());
    }
    Vec::new()
}
