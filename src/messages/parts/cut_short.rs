//! Figures behind which the line was cut: "4.00 GiB already allocated; 170.14 MiB fre". What stands before one tells which it is.

use super::told;
use crate::evidence::{Incident, Key};
use crate::messages::Match;

const CUT: [(Key, &str); 5] = [
    (
        Key::Free,
        r"alreadyallocated;(\d[\d.]*)([KMGT]iB)(?:f|fr|fre)?$",
    ),
    (
        Key::Free,
        r"ofwhich(\d[\d.]*)([KMGT]iB)(?:i|is|isf|isfr|isfre)?$",
    ),
    (
        Key::Allocated,
        r"totalcapacity;(\d[\d.]*)([KMGT]iB)(?:a[a-z]{0,14})?$",
    ),
    (
        Key::Allocated,
        r"allocatedmemory(\d[\d.]*)([KMGT]iB)(?:i[a-zA-Z]{0,20})?$",
    ),
    (
        Key::ReservedUnallocated,
        r"byPyTorch,and(\d[\d.]*)([KMGT]iB)(?:i[a-zA-Z]{0,30})?$",
    ),
];

pub(in crate::messages) fn figures(hit: &Match<'_>, incident: &mut Incident) {
    for (key, pattern) in CUT {
        if incident.facts.get(key).is_none() {
            told::size(hit, incident, (key, hit.own_line()), pattern);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Key;
    use crate::messages::examples::one;

    #[test]
    fn the_last_figure_of_a_line_that_was_cut_counts() {
        let read = |line: &str, key| {
            let facts = one(line).incident.facts;
            facts.fact(key).map(|fact| fact.text.clone())
        };
        let free = "RuntimeError: CUDA out of memory. Tried to allocate 96.00 MiB (GPU 0; 8.00 GiB total capacity; 6.10 GiB already \
                    allocated; 41.50 MiB fr";
        assert_eq!(read(free, Key::Free).as_deref(), Some("41.50 MiB"));
        let held = "RuntimeError: CUDA out of memory. Tried to allocate 96.00 MiB (GPU 0; 8.00 GiB total capacity; 7.60 GiB alrea";
        assert_eq!(read(held, Key::Allocated).as_deref(), Some("7.60 GiB"));
    }
}
