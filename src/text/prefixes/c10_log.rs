//! `[W812 16:00:28.643448608 CUDACachingAllocator.cpp:3933] `: the log lines of PyTorch's C++ (c10/util/Logging.cpp), and their
//! older form without a time.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "c10-log",
    starts: "[",
    when: When::Always,
    strip,
    examples: &[
        (
            "[W812 16:00:28.643448608 CUDACachingAllocator.cpp:3933] ",
            None,
            "",
        ),
        ("[E ProcessGroupNCCL.cpp:475] ", None, ""),
        ("[I1231 01:02:03.4 a/b/c.h:1] ", None, ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.lit("[")?;
    cursor.one_of(&["I", "W", "E", "F"])?;
    if cursor.digits(3, 4).is_some() {
        cursor.lit(" ")?;
        cursor.clock()?;
    }
    cursor.lit(" ")?;
    cursor.name(200).filter(|file| file.contains('.'))?;
    cursor.lit(":")?;
    cursor.number()?;
    cursor.lit("]")?;
    cursor.gap()?;
    Some(Stripped::at(cursor))
}
