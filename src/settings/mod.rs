//! Recognizes in a log what is set already: allocator options, versions, platform, training switches.

use crate::evidence::{Settings, Traceback};
use crate::text::Line;

/// Literals, one of which stands in every line that [`read`] could read.
pub const SIGNATURES: &[&str] = &[];

/// Reads one line; one that shows no setting is passed over.
pub fn read(_line: &Line, _into: &mut Settings) {}

/// What the frames of a stack show to be on: checkpointing, `no_grad`, `DeepSpeed`, the Trainer.
pub fn read_stack(_traceback: &Traceback, _into: &mut Settings) {}
