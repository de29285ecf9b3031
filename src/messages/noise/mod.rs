//! What looks like a failure and is none.

pub(super) mod quoted_code;
pub(super) mod recovered;
pub(super) mod searched_text;
pub(super) mod shared_memory;
