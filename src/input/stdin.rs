//! Standard input.

use std::io::{Read, Stdin};

/// Opens it. Locking for each chunk costs nothing beside the read itself.
pub(super) fn open() -> impl Read {
    let stdin: Stdin = std::io::stdin();
    stdin
}
