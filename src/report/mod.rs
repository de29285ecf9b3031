//! A diagnosis in words or in a machine's format. One file a format; nothing is decided here.

pub mod json;
pub mod terminal;
