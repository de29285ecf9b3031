//! Which phase of the run a reading is of.

/// True where a line is of an evaluation, whose memory is another phase's: one of its first words says so, and no number
/// of its own makes it a metric ("val 10.48").
pub(super) fn evaluates(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut from = 0;
    for _ in 0..3 {
        let Some(tail) = bytes.get(from..) else {
            return false;
        };
        let skip = tail.iter().take_while(|b| !b.is_ascii_alphabetic()).count();
        let word = tail.get(skip..).unwrap_or_default();
        let length = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let (word, behind) = word.split_at_checked(length).unwrap_or_default();
        let metric = matches!(
            behind,
            [b' ' | b':' | b'=', b'0'..=b'9', ..] | [b':', b' ', b'0'..=b'9', ..]
        );
        if !metric && names_evaluation(word) {
            return true;
        }
        from += skip + length;
    }
    false
}

fn names_evaluation(word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else {
        return false;
    };
    match first {
        b'e' | b'E' => matches!(rest, b"val" | b"valuation"),
        b'v' | b'V' => matches!(rest, b"al" | b"alid" | b"alidation"),
        b't' | b'T' => rest == b"est",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_an_evaluation_is_told_from_one_with_its_metric() {
        for text in [
            "eval step 20: memory 5 GB",
            "Epoch(val) [1][5/50] memory: 5",
            "[INFO] Validation: gpu 5 GB",
        ] {
            assert!(evaluates(text), "{text}");
        }
        for text in [
            "epoch 0 | train 10.5429 | val 10.4838 | GPU mem 12.89 GB",
            "step 5 val: 2.1 mem 3 GB",
            "",
        ] {
            assert!(!evaluates(text), "{text}");
        }
    }
}
