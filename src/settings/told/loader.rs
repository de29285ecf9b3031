//! The batch without its name: `DataLoader(train_ds, 64, shuffle=True)`, "I use bs=10", "my batch of 10 crops".

use super::Keep;
use super::work::is_said;
use crate::evidence::SettingKind as K;

/// The second argument of `DataLoader` is the batch (torch/utils/data/dataloader.py).
pub(super) fn loader(lower: &str, keep: Keep<'_>) {
    let Some((before, rest)) = lower.split_once("dataloader(") else {
        return;
    };
    if before.trim_start().starts_with('#') || before.ends_with("def ") {
        return;
    }
    let Some((data, second)) = split_first(rest) else {
        return;
    };
    let digits = second.bytes().take_while(u8::is_ascii_digit).count();
    let (count, behind) = second.split_at(digits);
    let alone = behind.trim_start().starts_with([',', ')']);
    if !alone || !(1..=6).contains(&digits) || count.starts_with('0') {
        return;
    }
    let words = || {
        let named = before.split('=').next().unwrap_or_default();
        [named, data].into_iter().flat_map(|text| {
            text.split(|c: char| !c.is_ascii_alphabetic())
                .filter(|word| !word.is_empty())
        })
    };
    let evaluates = |word: &str| {
        ["val", "valid", "validation", "test", "eval", "dev"].contains(&word)
            || word.starts_with("valid") && word.ends_with("loader")
    };
    let kind = if words().any(evaluates) {
        K::EvalBatchSize
    } else {
        K::BatchSize
    };
    keep(kind, "batch_size", count);
}

/// "120 batches of size 10" of a program; "bs=10" and "a batch of 10" of a person.
pub(super) fn in_short(lower: &str, keep: Keep<'_>) {
    const SHORT: [&str; 3] = [" bs=", " bs = ", " batch of "];
    const SIZED: [&str; 2] = ["batches of size ", "batch of size "];
    let said = SHORT.iter().filter(|_| is_said(lower));
    let mut names = SIZED.iter().chain(said);
    let found = names.find_map(|name| lower.split_once(name));
    let Some((before, after)) = found else {
        return;
    };
    let other = ["total", "global", "effective", "eval", "val", "test"];
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let (count, behind) = after.split_at(digits);
    // "a batch of 1.5 GB", "bs=10x4".
    let part = behind.starts_with(|c: char| c.is_ascii_alphanumeric() || "./%-".contains(c))
        && !behind.starts_with(". ")
        && behind != ".";
    if (1..=4).contains(&digits) && !part && !other.iter().any(|word| before.ends_with(word)) {
        keep(K::BatchSize, "batch size", count);
    }
}

/// The first argument of a call, and what stands behind its comma.
fn split_first(rest: &str) -> Option<(&str, &str)> {
    let mut depth = 0_i32;
    for (at, c) in rest.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return None,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                return Some((rest.get(..at)?, rest.get(at + 1..)?.trim_start()));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(K, String)> {
        let mut found = Vec::new();
        loader(text, &mut |kind, _, value| {
            found.push((kind, value.to_owned()));
        });
        found
    }

    #[test]
    fn a_batch_in_few_words_is_read_where_a_person_or_a_loader_tells_it() {
        let short = |text: &str| {
            let mut found = None;
            in_short(text, &mut |_, _, value| found = Some(value.to_owned()));
            found
        };
        for (text, value) in [
            ("i use bs=10 on a 3090", Some("10")),
            ("my batch of 10 crops does not fit.", Some("10")),
            ("train loader: 120 batches of size 10", Some("10")),
            ("we use an effective batch of 10", None),
            ("loss of a batch of 10", None),
            ("my batch of 1.5 gb", None),
        ] {
            assert_eq!(short(text).as_deref(), value, "{text}");
        }
    }

    #[test]
    fn the_second_argument_of_a_loader_is_its_batch() {
        for (text, kind, value) in [
            (
                "train_loader = dataloader(train_ds, 64, shuffle=true)",
                K::BatchSize,
                "64",
            ),
            (
                "loader = torch.utils.data.dataloader(subset(ds, range(0, 9)), 8)",
                K::BatchSize,
                "8",
            ),
            (
                "val_loader = dataloader(val_ds, 32)",
                K::EvalBatchSize,
                "32",
            ),
            ("dl = dataloader(data['test'], 32)", K::EvalBatchSize, "32"),
        ] {
            assert_eq!(told(text), [(kind, value.to_owned())], "{text}");
        }
        for text in [
            "loader = dataloader(ds, batch_size=64)",
            "loader = dataloader(ds, sizes[0])",
            "loader = dataloader(ds)",
            "# loader = dataloader(ds, 64)",
            "dataloader worker (pid 64) is killed",
            "loader = dataloader(ds, 64 * n)",
        ] {
            assert_eq!(told(text), [], "{text}");
        }
    }
}
