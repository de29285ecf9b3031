//! The eight causes, each with its page.

use crate::evidence::named;

named! {
    /// The eight causes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Cause {
        /// Enough is there, in pieces that cannot be joined.
        Fragmentation => "fragmentation",
        /// The work needs more than the device has.
        Exhaustion => "exhaustion",
        /// Live memory grows with time and should not.
        Leak => "leak",
        /// Somebody else holds the memory.
        Contention => "contention",
        /// A limit below the device stopped it.
        Cap => "cap",
        /// One request exceeds the device or the limit.
        Oversized => "oversized",
        /// The host's memory ran out.
        HostMemory => "host-memory",
        /// The evidence does not settle it.
        Unknown => "unknown",
    }
}

impl Cause {
    /// The page of the cause for `explain`, in Markdown: what it is, and its findings.
    pub fn page(self) -> String {
        let head = match self {
            Self::Fragmentation => include_str!("fragmentation/cause.md"),
            Self::Exhaustion => include_str!("exhaustion/cause.md"),
            Self::Leak => include_str!("leak/cause.md"),
            Self::Contention => include_str!("contention/cause.md"),
            Self::Cap => include_str!("cap/cause.md"),
            Self::Oversized => include_str!("oversized/cause.md"),
            Self::HostMemory => include_str!("host_memory/cause.md"),
            Self::Unknown => include_str!("unknown/cause.md"),
        };
        let own = super::all().filter(|finding| finding.cause == self);
        let rows: Vec<String> = own
            .map(|f| format!("- `{}`: {}", f.id, f.title()))
            .collect();
        format!("{head}\n## Findings\n\n{}\n", rows.join("\n"))
    }
}
