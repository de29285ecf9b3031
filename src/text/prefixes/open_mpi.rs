//! `[1,0]<stderr>:`: `mpirun --tag-output` of Open MPI, ⟨job⟩,⟨rank⟩; version 5 puts the host before it.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "open-mpi",
    starts: "[",
    when: When::Always,
    strip,
    examples: &[
        ("[1,0]<stderr>:", Some(0), ""),
        ("[1,13]<stdout>: ", Some(13), ""),
        ("[1,mpirank:2,algo-1]<stderr>:", Some(2), ""),
        ("[prterun-node-1@1,2]<stderr>: ", Some(2), ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.lit("[")?;
    let mut ahead = cursor;
    if ahead.name(100).is_some_and(|host| host.contains('@')) {
        // The job's number belongs to the run that the name took.
        cursor = ahead;
    } else {
        cursor.number()?;
    }
    cursor.lit(",")?;
    // SageMaker has the launcher name what the numbers are, and the host.
    let labelled = cursor.maybe("mpirank:");
    let rank = cursor.number()?;
    if labelled && cursor.maybe(",") {
        cursor.name(100)?;
    }
    cursor.lit("]<std")?;
    cursor.one_of(&["err>:", "out>:", "diag>:"])?;
    if cursor.rest.bytes().take_while(|b| *b == b' ').count() % 2 == 1 {
        cursor.maybe(" ");
    }
    Some(Stripped::at(cursor).of_rank(rank))
}
