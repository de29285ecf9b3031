//! Buffers of compiled code that hold a number for each word of a vocabulary: their shape stands in the line that asks for them.

use crate::evidence::Frame;

/// `vocab_size` in the configurations of GPT-2 and its padded copies, BERT, T5, Llama 2 and 3, Mistral, Falcon, Gemma, Phi, Qwen,
/// `DeepSeek`, BLOOM, Whisper and Mamba.
const SIZES: [u64; 28] = [
    30_522, 32_000, 32_001, 32_064, 32_128, 32_768, 50_257, 50_264, 50_265, 50_280, 50_304, 50_368,
    50_432, 51_200, 51_865, 51_866, 65_024, 100_352, 102_400, 128_256, 129_280, 131_072, 151_936,
    152_064, 200_064, 250_880, 256_000, 262_144,
];

/// Those of what most people train: Llama 2 and 3, GPT-2 and its padded copies, Qwen, `DeepSeek`, Gemma, BLOOM. None is a power of two,
/// of which anything can be a multiple.
pub(super) const COMMON: [u64; 10] = [
    32_000, 50_257, 50_304, 102_400, 128_256, 129_280, 151_936, 152_064, 250_880, 256_000,
];

/// `buf113 = empty_strided_cuda((64, 512, 50304), (25755648, 50304, 1), torch.float32)` (torch/_inductor/codegen/wrapper.py): rows of
/// a vocabulary. A matrix of weights has the vocabulary first.
pub(super) fn rows_of_words(frame: &Frame) -> bool {
    const ASKS: [&str; 2] = ["empty_strided_cuda((", "empty_strided(("];
    let shape = ASKS.iter().find_map(|ask| {
        let (_, rest) = frame.code.split_once(ask)?;
        rest.split_once(')').map(|(shape, _)| shape)
    });
    let Some((rows, words)) = shape.and_then(|shape| shape.rsplit_once(',')) else {
        return false;
    };
    let words = words
        .trim()
        .parse()
        .is_ok_and(|words| SIZES.contains(&words));
    let rows: Option<u64> = rows
        .split(',')
        .try_fold(1_u64, |all, n| all.checked_mul(n.trim().parse().ok()?));
    words && rows.is_some_and(|rows| rows > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_with_a_number_for_each_word_is_told_from_weights_and_from_sounds() {
        let rows = |code: &str| {
            rows_of_words(&Frame {
                file: "/tmp/torchinductor_u/ab/cab.py".to_owned(),
                line: 512,
                function: "call".to_owned(),
                code: code.to_owned(),
                at: 1,
            })
        };
        let asks =
            |shape: &str| format!("buf9 = empty_strided_cuda(({shape}), (1, 1), torch.float32)");
        assert!(rows(&asks("64, 512, 50304")));
        assert!(rows(&asks("32768, 151936")));
        for other in ["50304, 768", "8, 64, 44100", "1, 50304", "s0, 50304", ""] {
            assert!(!rows(&asks(other)), "{other}");
        }
        assert!(!rows("y = x.reshape((64, 512, 50304))"));
    }
}
