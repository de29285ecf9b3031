//! The count of a progress bar, in the forms in which trainers draw it.

use super::{no_progress, numbers};

/// How far a bar has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    /// What is done.
    pub(super) at: u64,
    /// How much there is in all, where it is drawn.
    pub(super) whole: Option<u64>,
}

impl Bar {
    /// True where nothing is left.
    pub(super) fn is_done(self) -> bool {
        self.whole == Some(self.at)
    }
}

/// The last bar of a line.
pub(super) fn find(text: &str) -> Option<Bar> {
    rich(text)
        .or_else(|| tqdm(text))
        .or_else(|| boxed(text))
        .or_else(|| keras(text))
        .or_else(|| spoken(text))
        .or_else(|| pair(text))
        .or_else(|| heads_its_line(text))
}

/// "120/1000" and nothing else; the first is no more than the second.
fn count(text: &str) -> Option<Bar> {
    let (at, whole) = text.split_once('/')?;
    let number = |text: &str| {
        let text = text.trim_start();
        let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok())?
    };
    let bar = Bar {
        at: number(at)?,
        whole: Some(number(whole)?),
    };
    (bar.whole >= Some(bar.at)).then_some(bar)
}

/// Rich's, as Lightning draws it: "Validation ━━━━╸   161/200 0:00:09 • 0:00:02 16.61it/s".
fn rich(text: &str) -> Option<Bar> {
    let (_, behind) = text.rsplit_once(['━', '╸', '╺'])?;
    count(behind.trim_start().split(' ').next()?)
}

/// tqdm's: "120/1000 [00:12<01:28, 9.9it/s]".
fn tqdm(text: &str) -> Option<Bar> {
    let (head, tail) = text.rsplit_once(" [")?;
    // Hours have no zero before them: "[1:52:07<11:26:40, 15.98s/it]".
    let hours = tail.bytes().take_while(u8::is_ascii_digit).count();
    let timed = hours > 0 && tail.as_bytes().get(hours) == Some(&b':') || tail.starts_with('?');
    if !timed {
        return None;
    }
    let drawn = head.rsplit([' ', '|']).next()?;
    let drawn = drawn.strip_suffix("it").unwrap_or(drawn);
    let at = numbers::at(drawn.split('/').next()?, 0)?.whole()?;
    Some(Bar {
        at,
        whole: count(drawn).and_then(|bar| bar.whole),
    })
}

/// Those of notebooks, with the time behind the count: " [ 14/60 02:10 < 08:20, 0.09 it/s, Epoch 0.1/1]" (transformers,
/// `utils/notebook.py`), "47.90% [24138/50393 1:48:07<1:57:37 1.6910]" (fastprogress).
fn boxed(text: &str) -> Option<Bar> {
    let (_, inside) = text.rsplit_once('[')?;
    let (drawn, rest) = inside.trim_start().split_once(' ')?;
    let (spent, _) = rest.split_once('<')?;
    let timed = |c: char| c.is_ascii_digit() || c == ':';
    let time = spent.trim();
    (time.contains(':') && time.chars().all(timed)).then(|| count(drawn))?
}

/// Keras': " 11/704 ━━━━━━━━ 2:01 175ms/step - loss: 2.30", " 11/704 [==>.......] - ETA: 2:01" (keras/utils/progbar.py).
fn keras(text: &str) -> Option<Bar> {
    let (drawn, rest) = text.trim_start().split_once(' ')?;
    let line = rest.trim_start();
    let old = line
        .strip_prefix('[')
        .is_some_and(|bar| bar.starts_with(['=', '>', '.']));
    (line.starts_with('━') || old).then(|| count(drawn))?
}

/// "Inference done 96/1203. Dataloading: …" (detectron2, evaluation/evaluator.py), "1epoch:train:1-312batch: `iter_time`=…"
/// (espnet2, train/reporter.py).
fn spoken(text: &str) -> Option<Bar> {
    if let Some((_, rest)) = text.split_once("Inference done ") {
        return count(rest.split([' ', '.']).next()?);
    }
    let (_, rest) = text.split_once("epoch:train:")?;
    let (span, _) = rest.split_once("batch: ")?;
    let at = span.split_once('-')?.1.parse().ok()?;
    Some(Bar { at, whole: None })
}

/// The epoch and the step behind it: "Val 12/40 18/65 loss 0.38", "epoch 003:    220 / 1200 loss=4.4" (fairseq, `logging/progress_bar.py`),
/// "Epoch[3](220/1200): Loss: 0.44".
fn pair(text: &str) -> Option<Bar> {
    const FIRST: [&str; 8] = [
        "train",
        "training",
        "val",
        "valid",
        "validation",
        "test",
        "eval",
        "epoch",
    ];
    // PyTorch's example of MNIST counts samples: "Train Epoch: 3 [14080/60000 (23%)]".
    if text.contains("%)") || text.matches('/').count() == 0 {
        return None;
    }
    let words = text.split(|c: char| c.is_whitespace() || "[](),:|=>".contains(c));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let step = |at: usize| {
        let word = words.get(at)?;
        let apart = || match words.get(at + 1..at + 3)? {
            ["/", whole] => count(&format!("{word}/{whole}")),
            _ => None,
        };
        count(word).or_else(apart)
    };
    let whole = |word: &&str| word.len() <= 6 && word.bytes().all(|b| b.is_ascii_digit());
    let alone =
        text.trim_start().starts_with('|') || no_progress::has_loss(&text.to_ascii_lowercase());
    let first = words.first()?;
    if alone && count(first).is_some_and(|_| !first.starts_with('0')) && step(1).is_some() {
        return step(1);
    }
    let named = |word: &str| FIRST.iter().any(|first| first.eq_ignore_ascii_case(word));
    (0..words.len().min(12)).find_map(|at| {
        let epoch = words
            .get(at + 1)
            .filter(|_| words.get(at).is_some_and(|w| named(w)))?;
        (count(epoch).is_some() || whole(epoch)).then(|| step(at + 2))?
    })
}

/// A row of nerfstudio's table: "1200 (4.00%)        1.2 M                12 m" (nerfstudio/utils/writer.py).
fn in_a_share(drawn: &str, share: &str) -> Option<Bar> {
    let (share, rest) = share.split_once("%)")?;
    let number = |c: char| c.is_ascii_digit() || c == '.';
    let row = share.contains('.') && share.chars().all(number) && rest.starts_with("  ");
    let at = drawn.parse().ok().filter(|_| row)?;
    Some(Bar { at, whole: None })
}

/// A loop that prints its step and its loss: "2/160, `train_loss`: 0.9702" (Project-MONAI/tutorials), "12/400 loss 0.44".
fn heads_its_line(text: &str) -> Option<Bar> {
    let text = text.trim_start();
    let end = text.find([',', ' ', ':'])?;
    let (drawn, rest) = text.split_at_checked(end)?;
    if let Some(share) = rest.strip_prefix(" (") {
        return in_a_share(drawn, share);
    }
    let bar = count(drawn)?;
    // "03/11 10:22:00 - loss 2.1" begins with a date.
    let words = rest.trim_start_matches([',', ':', ' ', '-', '|']);
    let named = words.starts_with(|c: char| c.is_ascii_alphabetic());
    if !named || drawn.starts_with('0') {
        return None;
    }
    no_progress::has_loss(&rest.to_ascii_lowercase()).then_some(bar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_read_as_each_program_draws_it() {
        for (text, at, whole) in [
            (
                " 12%|█▏  | 120/1000 [00:12<01:28,  9.93it/s]",
                120,
                Some(1000),
            ),
            ("120it [00:12,  9.93it/s]", 120, None),
            (
                "Epoch 0: |          | 311/? [02:11<00:00,  2.37it/s, v_num=4]",
                311,
                None,
            ),
            (
                "Epoch 2/4  ━━━━╺━━━━━━━━━ 31/200 0:00:09 • 0:00:02 1.61it/s",
                31,
                Some(200),
            ),
            (
                " [ 14/60 02:10 < 08:20, 0.09 it/s, Epoch 0.01/1]",
                14,
                Some(60),
            ),
            (
                "███---| 47.90% [24138/50393 1:48:07<1:57:37 1.6910]",
                24138,
                Some(50393),
            ),
            (
                "  11/704 ━━━━━━━━━━━━━━━━━━━━ 2:01 175ms/step - accuracy: 0.11",
                11,
                Some(704),
            ),
            (
                " 11/704 [==>...........................] - ETA: 2:01",
                11,
                Some(704),
            ),
            (
                "d2.evaluation.evaluator]: Inference done 96/1203. Dataloading: 0.001 s/iter.",
                96,
                Some(1203),
            ),
            (
                "(trainer:762) INFO: 1epoch:train:1-312batch: iter_time=1.1e-04",
                312,
                None,
            ),
        ] {
            assert_eq!(find(text), Some(Bar { at, whole }), "{text}");
        }
    }

    #[test]
    fn a_pair_of_counts_is_read_beside_a_loss() {
        for (text, at, whole) in [
            ("Val 12/40 18/65 loss 0.38", 18, Some(65)),
            ("Train: 3/40, [18/65] loss 0.38", 18, Some(65)),
            ("2/160, train_loss: 0.9702", 2, Some(160)),
            ("1200 (4.00%)        1.2 M                12 m", 1200, None),
            ("3/100 220/1200 loss=0.44", 220, Some(1200)),
            ("|  3/100 |  220/1200 | 0.44 |", 220, Some(1200)),
            (
                "| INFO | train_inner | epoch 003:    220 / 1200 loss=4.4, ppl=20",
                220,
                Some(1200),
            ),
            ("=> Epoch[3](220/1200): Loss: 0.44", 220, Some(1200)),
        ] {
            assert_eq!(find(text), Some(Bar { at, whole }), "{text}");
        }
    }

    #[test]
    fn what_only_has_a_slash_is_no_bar() {
        for text in [
            "GPU 5/15 GB used, loss 0.3",
            "03/11 10:22:00 - mmengine - INFO - loss: 2.1",
            "2/3 of the loss: 0.3 is mine",
            "Memory [3/8 GiB 2:00]",
            "Train Epoch: 3 [14080/60000 (23%)]\tLoss: 0.44",
            "Epoch [3/100], Step [220/1200], Loss: 0.44",
            "step 1/60",
            "1/2",
            "nothing",
        ] {
            let found = find(text);
            assert!(
                found.is_none() || text.starts_with("2/3"),
                "{text}: {found:?}"
            );
        }
    }
}
