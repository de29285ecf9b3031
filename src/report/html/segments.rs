//! The allocator's segments as strips: where memory is in use and where it lies idle.

use std::fmt::Write as _;

use crate::bytes::{human, sum};
use crate::evidence::HeldSegment;

const WIDE: u64 = 1000;
const ROW: u64 = 14;

/// The picture; nothing where no segment is known.
pub(super) fn map(segments: &[HeldSegment], of: u64) -> String {
    let Some(largest) = segments.iter().map(|segment| segment.size).max() else {
        return String::new();
    };
    let mut strips = String::new();
    let at = |bytes: u64| {
        let along = u128::from(bytes) * u128::from(WIDE) / u128::from(largest.max(1));
        u64::try_from(along).unwrap_or(WIDE).min(WIDE)
    };
    for (row, segment) in (0u64..).zip(segments) {
        let top = row * ROW;
        let kind = match (segment.private, segment.small) {
            (true, _) => ", of a private pool",
            (_, true) => ", of small requests",
            _ => "",
        };
        let stream = match segment.stream {
            0 => String::new(),
            stream => format!(", stream {stream:#x}"),
        };
        let used = sum(segment.used.iter().map(|(_, size)| *size));
        let _ = write!(
            strips,
            "<g><title>{}, {} in use{kind}{stream}</title><rect class=\"idle\" y=\"{top}\" width=\"{}\" height=\"{}\"/>",
            human(segment.size),
            human(used),
            at(segment.size).max(2),
            ROW - 3
        );
        let class = if segment.private { "private" } else { "part" };
        for (start, size) in &segment.used {
            let left = at(*start);
            let width = at(start.saturating_add(*size)).saturating_sub(left).max(1);
            let _ = write!(
                strips,
                "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{}\"/>",
                ROW - 3
            );
        }
        strips += "</g>\n";
    }
    let high = u64::try_from(segments.len()).unwrap_or(1) * ROW;
    let shown = u64::try_from(segments.len()).unwrap_or(u64::MAX);
    let which = if shown < of {
        format!("The {shown} largest of {of} segments")
    } else {
        "All segments".to_owned()
    };
    format!(
        "<details open>\n<summary>Segments</summary>\n<figure>\n<svg class=\"segments\" viewBox=\"0 0 {WIDE} {high}\" role=\"img\" \
         aria-label=\"Segments of the allocator\">\n{strips}</svg>\n<figcaption>{which}, the longest of {}: in use and idle</figcaption>\n\
         </figure>\n</details>\n",
        human(largest)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_shows_what_is_in_use_where_it_lies() {
        let segment = |size, private, used| HeldSegment {
            size,
            stream: 0,
            small: false,
            private,
            used,
        };
        let all = [
            segment(2000, false, vec![(0, 500), (1000, 1000)]),
            segment(1000, true, vec![]),
        ];
        let picture = map(&all, 3);
        for part in [
            "2 KiB, 1.5 KiB in use</title><rect class=\"idle\" y=\"0\" width=\"1000\" height=\"11\"/>",
            "<rect class=\"part\" x=\"500\" y=\"0\" width=\"500\" height=\"11\"/>",
            "of a private pool</title><rect class=\"idle\" y=\"14\" width=\"500\"",
            "The 2 largest of 3 segments",
        ] {
            assert!(picture.contains(part), "{part}\n{picture}");
        }
        assert_eq!(map(&[], 0), "");
    }
}
