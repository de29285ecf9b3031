//! Puts frames together to stacks, across what other writers print between them.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Found;
use super::frame::{self, Place};
use super::pieces::Piece;
use super::prompt;
use crate::evidence::{Frame, Shown, Traceback};

/// What begins a stack. Few lines hold it, and all are asked.
static HEAD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("(most recent call last)"));
/// What chains one stack to the next.
static CHAIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("above exception"));

/// How many lines of others may stand between two frames: a progress bar, a few log lines.
const STRANGERS: usize = 12;
/// How many lines a terminal can break one frame into.
const WRAPS: usize = 3;

/// Reads stacks from pieces, in order.
#[derive(Default)]
pub(super) struct Reader {
    found: Vec<Found>,
    open: Option<Open>,
    /// True behind "During handling of the above exception", until the next stack begins.
    chained: bool,
    /// What was typed at a prompt right above the stack.
    typed: Vec<String>,
}

/// A stack that may go on.
struct Open {
    found: Found,
    /// How far its last frame is indented.
    indent: usize,
    /// The piece of its last frame's line, to know the one below it.
    at: usize,
    strangers: usize,
}

impl Reader {
    /// All stacks.
    pub(super) fn read(mut self, pieces: &[Piece<'_>]) -> Vec<Found> {
        let mut at = 0;
        while let Some(piece) = pieces.get(at) {
            at += self.take(piece, at, pieces).max(1);
        }
        self.close();
        self.found
    }

    /// Takes a piece; says how many it took.
    fn take(&mut self, piece: &Piece<'_>, at: usize, pieces: &[Piece<'_>]) -> usize {
        let text = piece.text.as_ref();
        let tells = piece.tells;
        if tells && is_head(text) {
            self.close();
            self.begin(piece);
            self.typed = prompt::typed(pieces.get(..at).unwrap_or_default());
            return 1;
        }
        if tells && is_chain(text) {
            self.close();
            self.chained = true;
            return 1;
        }
        let frame = tells.then(|| self.frame(piece, at, pieces)).flatten();
        if let Some(length) = frame {
            return length;
        }
        if let Some(open) = &mut self.open
            && open.ends_at(piece, at)
        {
            self.close();
        }
        1
    }

    /// Takes a frame, where one begins here; says how many pieces it is broken into.
    fn frame(&mut self, piece: &Piece<'_>, at: usize, pieces: &[Piece<'_>]) -> Option<usize> {
        let whole = frame::parse(&piece.text);
        let (mut frame, length) = match whole {
            Some(place) if !place.function.is_empty() || !is_cut(&piece.text) => {
                (of(&place, piece), 1)
            }
            _ => joined(piece, at, pieces).or_else(|| whole.map(|p| (of(&p, piece), 1)))?,
        };
        if self.open.is_none() {
            self.begin(piece);
        }
        if frame.file == "<stdin>" {
            let line = usize::try_from(frame.line).unwrap_or_default();
            let typed = line.checked_sub(1).and_then(|line| self.typed.get(line));
            frame.code = typed.cloned().unwrap_or_default();
        }
        let open = self.open.as_mut()?;
        open.found.traceback.frames.push(frame);
        open.found.last = pieces.get(at + length - 1).map_or(piece.index, |p| p.index);
        open.indent = piece.indent();
        open.at = at + length - 1;
        open.strangers = 0;
        Some(length)
    }

    fn begin(&mut self, piece: &Piece<'_>) {
        self.open = Some(Open {
            found: Found {
                first: piece.index,
                last: piece.index,
                traceback: Traceback {
                    frames: Vec::new(),
                    shown: Vec::new(),
                    chained: std::mem::take(&mut self.chained),
                },
            },
            indent: piece.indent(),
            at: usize::MAX - 1,
            strangers: 0,
        });
    }

    /// Ends the stack; one without a frame was only a head.
    fn close(&mut self) {
        if let Some(open) = self
            .open
            .take()
            .filter(|o| !o.found.traceback.frames.is_empty())
        {
            self.found.push(open.found);
        }
    }
}

impl Open {
    /// Takes a piece that is no frame; true where the stack ends before it.
    fn ends_at(&mut self, piece: &Piece<'_>, at: usize) -> bool {
        let text = piece.text.trim();
        if text.is_empty() || text.starts_with('╭') {
            return false;
        }
        if text.starts_with('╰')
            || piece.indent() <= self.indent && !piece.boxed && is_exception(text)
        {
            return true;
        }
        if self.belongs(piece, text, at) {
            self.found.last = piece.index;
            self.strangers = 0;
            return false;
        }
        self.strangers += 1;
        self.strangers > STRANGERS
    }

    /// Keeps a numbered line of source.
    fn show(&mut self, text: &str) {
        const MOST: usize = 80;
        let found = &mut self.found.traceback;
        let Some(frame) = found.frames.len().checked_sub(1) else {
            return;
        };
        if let Some((line, code)) = frame::numbered(text).filter(|_| found.shown.len() < MOST) {
            found.shown.push(Shown { frame, line, code });
        }
    }

    /// Takes source, marks and context of the last frame.
    fn belongs(&mut self, piece: &Piece<'_>, text: &str, at: usize) -> bool {
        self.show(&piece.text);
        let Some(last) = self.found.traceback.frames.last_mut() else {
            return false;
        };
        if let Some((line, code)) = frame::marked(text) {
            if last.line == 0 {
                last.line = line;
            }
            code.clone_into(&mut last.code);
            return true;
        }
        let is_mark = text.chars().all(|c| matches!(c, '^' | '~' | ' '));
        let is_context = piece.boxed || text.starts_with("[Previous line repeated");
        let is_numbered = text.starts_with(|c: char| c.is_ascii_digit()) && piece.indent() > 0;
        if is_mark || is_context || is_numbered && last.code.is_empty() && last.line == 0 {
            return true;
        }
        // Pasted without its indentation, only the line right below can be the source.
        let below = at == self.at + 1 && piece.indent() == self.indent && self.indent == 0;
        if piece.indent() <= self.indent && !below {
            return false;
        }
        if last.code.is_empty() {
            text.clone_into(&mut last.code);
        }
        true
    }
}

/// True for the line that begins a stack of Python, or that heads a box of Rich.
fn is_head(text: &str) -> bool {
    HEAD.find(text.as_bytes()).is_some() && !text.contains("Exception raised from")
}

/// True for the line between two stacks that are chained.
fn is_chain(text: &str) -> bool {
    CHAIN.find(text.as_bytes()).is_some()
        && (text.contains("During handling of the above exception")
            || text.contains("The above exception was the direct cause"))
}

/// True for the line of an exception: `torch.OutOfMemoryError: text`, or its name alone.
fn is_exception(text: &str) -> bool {
    const ENDS: [&str; 6] = [
        "Error",
        "Exception",
        "Interrupt",
        "Exit",
        "OutOfResources",
        "OutOfMemory",
    ];
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(text.len());
    let (name, after) = text.split_at_checked(end).unwrap_or(("", ""));
    (after.is_empty() || after.starts_with(':')) && ENDS.iter().any(|e| name.ends_with(e))
}

/// True where a line begins a frame and looks cut at the edge of a terminal or box.
fn is_cut(text: &str) -> bool {
    text.trim_end()
        .ends_with(|c: char| c.is_ascii_digit() || c == ',' || c == 'n')
        && text.len() >= 40
}

/// A frame that is broken over several pieces.
fn joined(piece: &Piece<'_>, at: usize, pieces: &[Piece<'_>]) -> Option<(Frame, usize)> {
    let text = piece.text.trim();
    let begins = frame::names_file(text)
        || piece.boxed
            && text.starts_with(['/', '~', '.', '<'])
            && !text.trim_end_matches(" in").contains(' ');
    if !begins {
        return None;
    }
    let mut whole = text.to_owned();
    for (next, length) in pieces.get(at + 1..)?.iter().zip(2..).take(WRAPS) {
        let more = next.text.trim();
        if frame::names_file(more) || next.boxed != piece.boxed || is_head(more) {
            return None;
        }
        whole.push_str(more);
        if let Some(place) = frame::parse(&whole).filter(|place| !place.function.is_empty()) {
            return Some((of(&place, piece), length));
        }
    }
    None
}

/// The frame at a place.
fn of(place: &Place<'_>, piece: &Piece<'_>) -> Frame {
    Frame {
        file: place.file.to_owned(),
        line: place.line,
        function: place.function.to_owned(),
        code: String::new(),
        at: piece.number,
    }
}
