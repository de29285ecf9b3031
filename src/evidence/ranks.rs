//! Ranks of a job in words.

/// So many runs of numbers are named: every second rank of thousands is read by nobody.
const MOST_RUNS: usize = 12;

/// Numbers as people write them: "0-3, 7"; of very many runs the first ones, and how many numbers there are.
pub fn runs(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            Some((_, last)) if *last == number => {}
            _ => runs.push((number, number)),
        }
    }
    let words = runs.into_iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    let mut words: Vec<String> = words.collect();
    if words.len() > MOST_RUNS {
        words.truncate(MOST_RUNS);
        words.push(format!("... ({} in all)", numbers.len()));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_run_and_a_list_without_end_is_none() {
        assert_eq!(runs(&[0, 1, 2, 2, 3, 7]), "0-3, 7");
        assert_eq!(runs(&[3, 1, 2]), "3, 1-2");
        let odd: Vec<u32> = (0..5000).map(|n| n * 2).collect();
        assert!(runs(&odd).ends_with(", 20, 22, ... (5000 in all)"));
        assert_eq!(runs(&odd[..12]).matches(", ").count(), 11);
    }
}
