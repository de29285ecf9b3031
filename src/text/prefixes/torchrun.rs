//! `[default0]:`: the tee of torchrun (torch/distributed/elastic/multiprocessing), ⟨role⟩⟨local rank⟩. Only the role names that
//! launchers set by themselves, since `[epoch3]:` has the same form.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "torchrun",
    starts: "[",
    when: When::Always,
    strip,
    examples: &[
        ("[default0]:", Some(0), ""),
        ("[trainer3]:", Some(3), ""),
        ("[worker1]: ", Some(1), ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.one_of(&["[default", "[trainer", "[worker", "[role"])?;
    let rank = cursor.number()?;
    cursor.lit("]:")?;
    // The tee writes no space, and log viewers add one. Two are the indentation of a frame.
    if cursor.rest.bytes().take_while(|b| *b == b' ').count() % 2 == 1 {
        cursor.maybe(" ");
    }
    Some(Stripped::at(cursor).of_rank(rank))
}
