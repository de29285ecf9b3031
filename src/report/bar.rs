//! A part of a whole, drawn.

/// The filled and the empty cells of a bar. Something that is there shows, however small; the whole is never passed.
pub(super) fn bar(part: u64, whole: u64, cells: usize, unicode: bool) -> (String, String) {
    let (full, sliver, empty) = if unicode {
        ("█", "▏", "░")
    } else {
        ("#", "|", ".")
    };
    let wide = |n: usize| u128::try_from(n).unwrap_or(u128::MAX);
    let whole = u128::from(whole.max(1));
    // To the nearest cell.
    let filled = (u128::from(part) * wide(cells) * 2 + whole) / (whole * 2);
    let filled = usize::try_from(filled).unwrap_or(cells).min(cells);
    if filled == 0 && part > 0 && cells > 0 {
        return (sliver.to_owned(), empty.repeat(cells - 1));
    }
    (full.repeat(filled), empty.repeat(cells - filled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draw(part: u64, whole: u64) -> String {
        let (full, empty) = bar(part, whole, 10, false);
        full + &empty
    }

    #[test]
    fn parts_round_to_the_nearest_cell_and_the_smallest_still_shows() {
        assert_eq!(draw(0, 100), "..........");
        assert_eq!(draw(1, 100), "|.........");
        assert_eq!(draw(5, 100), "#.........");
        assert_eq!(draw(44, 100), "####......");
        assert_eq!(draw(100, 100), "##########");
    }

    #[test]
    fn more_than_the_whole_fills_it() {
        assert_eq!(draw(u64::MAX, 1), "##########");
        assert_eq!(draw(1, 0), "##########");
    }

    proptest! {
        #[test]
        fn every_bar_takes_all_its_cells(part: u64, whole: u64, cells in 0usize..100) {
            let (full, empty) = bar(part, whole, cells, true);
            prop_assert_eq!(full.chars().count() + empty.chars().count(), cells);
        }
    }
}
