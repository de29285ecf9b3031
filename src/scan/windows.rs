//! Literals, in order, to neighbourhoods and notes.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};
use memchr::{memchr, memchr_iter, memrchr};

use super::around::{self, AFTER_BYTES, After, BEFORE_BYTES};
use super::{FAILURE, Found, NAME, SETTING, SIGN};
use crate::readings::{self, TABLE_HEADS};
use crate::settings;
use crate::text::literals::Hit;

/// The largest neighbourhood. Failures that follow each other without a gap are handed over in parts of this size, since
/// reading one takes several times its size.
const LARGEST: usize = 512 << 10;
/// How much of a line is kept on either side of a literal that makes it a note.
const NOTE_BYTES: usize = 2 << 10;

/// So many other lines may stand between two rows of a table; behind a head of one column, none.
const PATIENCE: usize = 4096;

/// What all [`TABLE_HEADS`] end in, and few other lines hold.
static UNIT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("[MiB]"));

/// Puts neighbourhoods together as literals come in. All indices are into the bytes that are held.
#[derive(Debug, Default)]
pub(super) struct Windows {
    open: Option<Open>,
    /// The bytes before this index have been handed over in windows.
    closed: usize,
    /// The bytes before this index have been handed over in notes: of telemetry, of settings, of signs.
    noted: [usize; 3],
    /// No name before this index has a number near it.
    silent: usize,
    /// Line ends before this index are counted in `lines`.
    counted: usize,
    /// How many bytes of the input are gone.
    dropped: u64,
    lines: u64,
    /// The table of bare numbers that is being followed.
    table: Option<Table>,
}

/// A table whose rows hold no literal: each line behind its head that may be a row is handed over.
#[derive(Clone, Copy, Debug)]
struct Table {
    /// Where the next line begins.
    at: usize,
    /// How many commas a row has.
    commas: usize,
    /// How many lines may still come that are no rows.
    patience: usize,
}

/// A neighbourhood of which the end is not known yet.
#[derive(Debug)]
struct Open {
    start: usize,
    first_line: u64,
    after: After,
}

impl Windows {
    /// Takes the next literal.
    pub(super) fn take(&mut self, bytes: &[u8], hit: Hit, sink: &mut dyn FnMut(Found<'_>)) {
        self.advance(bytes, hit.start, sink);
        if hit.tag == FAILURE {
            self.count(bytes, hit.start);
            self.failure(bytes, hit, sink);
        } else {
            self.note(bytes, hit, sink);
        }
    }

    /// Hands the open neighbourhood over if it ends at or before `limit`.
    pub(super) fn advance(&mut self, bytes: &[u8], limit: usize, sink: &mut dyn FnMut(Found<'_>)) {
        self.rows(bytes, limit, false, sink);
        self.walk(bytes, limit, sink);
    }

    fn walk(&mut self, bytes: &[u8], limit: usize, sink: &mut dyn FnMut(Found<'_>)) {
        let Some(open) = &mut self.open else { return };
        if let Some(end) = open.after.walk(bytes, limit) {
            self.close(bytes, end, sink);
        }
    }

    /// Hands over the rows of a table that end before `limit`, and at the end of the input the one that ends there.
    fn rows(&mut self, bytes: &[u8], limit: usize, last: bool, sink: &mut dyn FnMut(Found<'_>)) {
        while let Some(table) = self.table {
            let rest = bytes.get(table.at..limit).unwrap_or(&[]);
            let (line, next) = match memchr(b'\n', rest) {
                Some(length) => (rest.get(..length).unwrap_or(&[]), table.at + length + 1),
                None if rest.len() > NOTE_BYTES || last => (rest, limit),
                None => return,
            };
            // No row is that long, and a line that is must not be waited for.
            if line.len() > NOTE_BYTES {
                self.table = None;
                return;
            }
            // A line that holds a literal was handed over for that.
            let row = table.holds(line) && self.noted.first().is_none_or(|at| *at <= table.at);
            self.table = table.after(next, row).filter(|_| next < limit || !last);
            if row {
                // What ends before the row comes before it, however far the pass has got.
                self.walk(bytes, table.at, sink);
                self.count(bytes, table.at);
                sink(Found::Telemetry(self.lines + 1, line));
            }
        }
    }

    /// Hands the open neighbourhood over at the end of the input.
    pub(super) fn finish(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Found<'_>)) {
        self.advance(bytes, bytes.len(), sink);
        self.rows(bytes, bytes.len(), true, sink);
        self.close(bytes, bytes.len(), sink);
    }

    /// Where the last literal ends that announces a failure in the open neighbourhood.
    pub(super) fn failing(&self) -> Option<usize> {
        self.open.as_ref().map(|open| open.after.literal())
    }

    /// Hands the open neighbourhood over as if the input ended at `limit`, though it goes on.
    pub(super) fn settle(&mut self, bytes: &[u8], limit: usize, sink: &mut dyn FnMut(Found<'_>)) {
        self.advance(bytes, limit, sink);
        self.close(bytes, limit, sink);
    }

    /// How many of the first bytes nothing can need any more, all literals before `scanned` having been taken. They are
    /// taken to be gone from here on.
    pub(super) fn let_go(&mut self, bytes: &[u8], scanned: usize) -> usize {
        let history = scanned.saturating_sub(BEFORE_BYTES);
        let count = self.open.as_ref().map_or(history, |o| history.min(o.start));
        self.count(bytes, count);
        self.counted -= count;
        self.dropped += count as u64;
        self.closed = self.closed.saturating_sub(count);
        self.noted = self.noted.map(|noted| noted.saturating_sub(count));
        self.silent = self.silent.saturating_sub(count);
        self.table = self.table.and_then(|table| {
            let at = table.at.checked_sub(count)?;
            Some(Table { at, ..table })
        });
        if let Some(open) = &mut self.open {
            open.start -= count;
            open.after = open.after.moved(count);
        }
        count
    }

    fn failure(&mut self, bytes: &[u8], hit: Hit, sink: &mut dyn FnMut(Found<'_>)) {
        let after = After::new(hit.end);
        let start = match &mut self.open {
            Some(open) if hit.end + AFTER_BYTES - open.start <= LARGEST => {
                open.after = after;
                return;
            }
            Some(open) => {
                let low = open.after.line_end(bytes, hit.start);
                let cut = around::stack(bytes, low, hit.start)
                    .unwrap_or_else(|| line_start(bytes, low, hit.start));
                self.close(bytes, cut, sink);
                cut
            }
            None => around::before(bytes, self.closed, hit.start),
        };
        let between = bytes.get(start..hit.start).unwrap_or(&[]);
        self.open = Some(Open {
            start,
            first_line: 1 + self.lines - lines_in(between),
            after,
        });
    }

    fn close(&mut self, bytes: &[u8], end: usize, sink: &mut dyn FnMut(Found<'_>)) {
        let Some(open) = self.open.take() else { return };
        self.closed = end;
        if let Some(window) = bytes.get(open.start..end) {
            let offset = self.dropped + open.start as u64;
            sink(Found::Window(open.first_line, window, offset));
        }
    }

    fn note(&mut self, bytes: &[u8], hit: Hit, sink: &mut dyn FnMut(Found<'_>)) {
        let [telemetry, setting, sign] = &mut self.noted;
        let noted = match hit.tag {
            SETTING => setting,
            SIGN => sign,
            _ => telemetry,
        };
        if hit.start < *noted || hit.tag == NAME && hit.start < self.silent {
            return;
        }
        if hit.tag == SETTING && settings::stands_in_id(bytes, hit.start..hit.end) {
            return;
        }
        let low = (*noted).max(hit.start.saturating_sub(NOTE_BYTES));
        let before = bytes.get(low..hit.start).unwrap_or(&[]);
        let start = match memrchr(b'\n', before) {
            Some(at) => low + at + 1,
            None if low == 0 || low == *noted => low,
            // Between two drawings of a bar, as long as one is in reach; else between two words.
            None => match memchr(b'\r', before) {
                Some(at) => low + at + 1,
                None => around::after_gap(bytes, low, hit.start),
            },
        };
        let high = bytes.len().min(hit.end + NOTE_BYTES);
        let after = bytes.get(hit.end..high).unwrap_or(&[]);
        let end = match memchr(b'\n', after) {
            Some(length) => hit.end + length,
            None if after.len() < NOTE_BYTES => high,
            None => match memrchr(b'\r', after) {
                Some(length) => hit.end + length,
                None => around::before_gap(bytes, hit.end, high),
            },
        };
        if hit.tag == NAME && !named(bytes.get(start..end).unwrap_or(&[]), hit.start - start) {
            self.silent = end;
            return;
        }
        *noted = end;
        self.count(bytes, hit.start);
        let number = self.lines + 1;
        if let Some(line) = bytes.get(start..end) {
            sink(match hit.tag {
                SETTING => Found::Setting(number, line),
                SIGN => Found::Sign(number, line),
                _ => {
                    self.table = Table::below(line, end + 1).or(self.table);
                    Found::Telemetry(number, line)
                }
            });
        }
    }

    /// Counts the line ends before `to`, unless that is done.
    fn count(&mut self, bytes: &[u8], to: usize) {
        if let Some(new) = bytes.get(self.counted..to) {
            self.lines += lines_in(new);
            self.counted = to;
        }
    }
}

impl Table {
    /// The table whose head this line is.
    fn below(head: &[u8], at: usize) -> Option<Self> {
        let named = |name: &&str| memmem::find(head, name.as_bytes()).is_some();
        let known = UNIT.find(head).is_some() && TABLE_HEADS.iter().any(named);
        if !known && !readings::heads_own_table(head) {
            return None;
        }
        let commas = memchr_iter(b',', head).count();
        Some(Self {
            at,
            commas,
            patience: if commas > 0 { PATIENCE } else { 0 },
        })
    }

    /// True where a line may be a row: as many cells as the head, and a number at its end or before its unit.
    fn holds(&self, line: &[u8]) -> bool {
        let line = line.trim_ascii_end();
        let last = line
            .last()
            .is_some_and(|b| b.is_ascii_digit() || *b == b']');
        let digits = || line.iter().all(u8::is_ascii_digit);
        match self.commas {
            0 => last && digits(),
            commas => last && memchr_iter(b',', line).count() >= commas,
        }
    }

    /// The table after one more line; `None` where it is over.
    fn after(self, at: usize, row: bool) -> Option<Self> {
        let patience = if row {
            PATIENCE.min(self.commas * PATIENCE)
        } else {
            self.patience.checked_sub(1)?
        };
        Some(Self {
            at,
            patience,
            ..self
        })
    }
}

/// True where the name at `at` can be that of a reading.
fn named(line: &[u8], at: usize) -> bool {
    let (before, behind) = line.split_at_checked(at).unwrap_or((line, &[]));
    readings::names_a_number(before, behind)
}

/// The start of the line of `at`, not before `low`.
fn line_start(bytes: &[u8], low: usize, at: usize) -> usize {
    let before = bytes.get(low..at).unwrap_or(&[]);
    memrchr(b'\n', before).map_or(low, |length| low + length + 1)
}

/// How many line ends there are.
fn lines_in(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
