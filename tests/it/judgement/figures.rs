//! A message of the native allocator, rendered from figures by the rules of its versions.

use std::fmt::Write;

/// The figures of one message.
#[derive(Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) tried: u64,
    pub(crate) total: u64,
    pub(crate) free: u64,
    pub(crate) allocated: u64,
    pub(crate) idle: u64,
    pub(crate) own: u64,
    pub(crate) others: &'static [(u32, u64)],
    pub(crate) limit: u64,
    pub(crate) private: u64,
}

/// As `format_size` in c10/core/Allocator.h prints it.
fn size(mib: u64) -> String {
    if mib > 1024 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "two decimals of GiB are asked for"
        )]
        return format!("{:.2} GiB", mib as f64 / 1024.0);
    }
    if mib == 0 {
        "0 bytes".to_owned()
    } else {
        format!("{mib}.00 MiB")
    }
}

impl Figures {
    /// The sentence style of 2.5 and later.
    pub(crate) fn sentence(self) -> String {
        let mut text = format!(
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {}. GPU 0 has a total capacity of {} of which {} is free. ",
            size(self.tried),
            size(self.total),
            size(self.free)
        );
        for (pid, held) in self.others {
            let _ = write!(text, "Process {pid} has {} memory in use. ", size(*held));
        }
        if self.own > 0 {
            let _ = write!(
                text,
                "Including non-PyTorch memory, this process has {} memory in use. ",
                size(self.own)
            );
        }
        if self.limit > 0 {
            let _ = write!(text, "{} allowed; ", size(self.limit));
        }
        let _ = write!(
            text,
            "Of the allocated memory {} is allocated by PyTorch, ",
            size(self.allocated)
        );
        if self.private > 0 {
            let _ = write!(
                text,
                "with {} allocated in private pools (e.g., CUDA Graphs), ",
                size(self.private)
            );
        }
        text + &format!(
            "and {} is reserved by PyTorch but unallocated.",
            size(self.idle)
        )
    }

    /// The parenthesis style of 1.4 to 2.0.
    pub(crate) fn parenthesis(self) -> String {
        let allowed = if self.limit > 0 {
            format!("{} allowed; ", size(self.limit))
        } else {
            String::new()
        };
        format!(
            "RuntimeError: CUDA out of memory. Tried to allocate {} (GPU 0; {} total capacity; {} already allocated; {} free; {allowed}{} reserved in total by PyTorch)",
            size(self.tried),
            size(self.total),
            size(self.allocated),
            size(self.free),
            size(self.allocated + self.idle)
        )
    }
}
