//! Numbers of processes, and what their order tells.

/// So near to each other lie the numbers of processes that one launcher starts one after the other.
const NEAR: u32 = 8;

/// The pairs of neighbours among these numbers that lie as near to each other as ranks or workers of one job do.
pub fn side_by_side(pids: impl IntoIterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut sorted: Vec<u32> = pids.into_iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let pairs = sorted.windows(2).filter_map(|pair| match pair {
        [a, b] => Some((*a, *b)),
        _ => None,
    });
    pairs.filter(|(a, b)| b - a <= NEAR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_told_from_strangers_in_any_order() {
        assert_eq!(side_by_side([4107, 90, 4101, 4101]), [(4101, 4107)]);
        assert!(side_by_side([1, 10]).is_empty());
        assert!(side_by_side([7]).is_empty());
    }
}
