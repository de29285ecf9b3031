//! Memory snapshots: the failures of a real card explained, files of every protocol and wrapping, damage, and files that want
//! to run code.

mod allocator;
mod bombs;
mod cases;
mod hostile;
mod made;
mod memory_viz;
mod moments;
mod next;
mod parts;
mod piles;
mod ranks;
mod situations;
mod together;
