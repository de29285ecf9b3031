//! What is in use by file, by stream and by pool, in the JSON report of a snapshot.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::evidence::{HeldPart, PoolOf};

/// What one file asked for.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ByFile {
    /// The file of the user's own line, or of the innermost one; null where no stack was recorded, and for all files beyond the
    /// 100 largest.
    file: Option<String>,
    /// Bytes in use.
    bytes: u64,
    /// In so many blocks.
    blocks: u64,
}

/// What one stream holds.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ByStream {
    /// The stream's handle, 0 for the default stream; null for all beyond the 100 largest.
    stream: Option<i64>,
    /// Bytes in use.
    bytes: u64,
    /// In so many blocks.
    blocks: u64,
}

/// What one pool holds.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ByPool {
    /// The common pool of requests up to 1 MiB or of larger ones, or one that is private to a CUDA graph or a `MemPool`; null for
    /// all beyond the 100 largest.
    #[cfg_attr(test, schemars(extend("enum" = ["small", "large", "private", null])))]
    pool: Option<&'static str>,
    /// The number of a private pool; left out of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<(i64, i64)>,
    /// Bytes in use.
    bytes: u64,
    /// In so many blocks.
    blocks: u64,
}

impl From<&HeldPart<String>> for ByFile {
    fn from(part: &HeldPart<String>) -> Self {
        Self {
            file: part.of.clone(),
            bytes: part.bytes,
            blocks: part.blocks,
        }
    }
}

impl From<&HeldPart<i64>> for ByStream {
    fn from(part: &HeldPart<i64>) -> Self {
        Self {
            stream: part.of,
            bytes: part.bytes,
            blocks: part.blocks,
        }
    }
}

impl From<&HeldPart<PoolOf>> for ByPool {
    fn from(part: &HeldPart<PoolOf>) -> Self {
        let id = match part.of {
            Some(PoolOf::Private(one, other)) => Some((one, other)),
            _ => None,
        };
        let pool = part.of.map(|pool| match pool {
            PoolOf::Small => "small",
            PoolOf::Large => "large",
            PoolOf::Private(..) => "private",
        });
        Self {
            pool,
            id,
            bytes: part.bytes,
            blocks: part.blocks,
        }
    }
}
