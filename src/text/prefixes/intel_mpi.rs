//! `[0] `: `mpirun -l` of Intel MPI and MPICH.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "intel-mpi",
    starts: "[",
    when: When::Habit,
    strip,
    examples: &[("[0] ", Some(0), ""), ("[12] ", Some(12), "")],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.lit("[")?;
    let rank = cursor.number()?;
    cursor.lit("]")?;
    cursor.gap()?;
    Some(Stripped::at(cursor).of_rank(rank))
}
