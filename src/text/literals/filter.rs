//! Which places in many bytes can begin a window: 64 at once, by the halves of their bytes.
//!
//! This is Hyperscan's "Teddy", as the `aho-corasick` crate explains it (`src/packed/teddy/README.md`): each window is in one of
//! 32 buckets, and a byte can be the n-th one of a bucket if both of its halves can. Both cases of a letter have the same
//! lower half, and the upper halves of both are let through, so case costs nothing.

use super::nibbles::Nibbles;

/// Appends each index that can begin a window, of the first `starts` indices; false where the processor cannot.
#[cfg(target_arch = "x86_64")]
pub(super) fn filter(nibbles: &Nibbles, part: &[u8], places: &mut Vec<u32>) {
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.vectorize(avx2::Pass {
            simd,
            nibbles,
            part,
            places,
        });
    }
}

/// True where [`filter`] does something.
#[cfg(target_arch = "x86_64")]
pub(super) fn can() -> bool {
    pulp::x86::V3::try_new().is_some()
}

/// No other processor can yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn filter(_: &Nibbles, _: &[u8], _: &mut Vec<u32>) {}

/// No other processor can yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn can() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::__m256i;

    use pulp::x86::V3;
    use pulp::{NullaryFnOnce, cast};

    use super::super::nibbles::{Halves, Nibbles, SET, WIDTH};

    /// Bytes that one instruction looks at.
    const LANES: usize = 32;
    /// Two such parts are looked at together, so that each table is loaded once for both.
    const BOTH: usize = STEP as usize;
    const STEP: u32 = 64;
    /// With the bytes that the last of them needs behind it.
    const BLOCK: usize = BOTH + WIDTH - 1;

    /// One pass over some bytes.
    pub(super) struct Pass<'a> {
        pub(super) simd: V3,
        pub(super) nibbles: &'a Nibbles,
        pub(super) part: &'a [u8],
        pub(super) places: &'a mut Vec<u32>,
    }

    impl NullaryFnOnce for Pass<'_> {
        type Output = ();

        #[inline(always)]
        #[expect(
            clippy::inline_always,
            reason = "a function that is called from one compiled for AVX2 is compiled for it only where it becomes part of it"
        )]
        fn call(self) {
            let Self {
                simd,
                nibbles,
                part,
                places,
            } = self;
            let tables = Tables::of(simd, nibbles);
            let mut at = 0u32;
            let mut rest = part;
            while let Some(block) = rest.first_chunk::<BLOCK>() {
                tables.note(block, at, places);
                rest = rest.get(BOTH..).unwrap_or(&[]);
                at += STEP;
            }
            // The end, with zeros behind it: what they seem to complete is refused when the literal is compared.
            let mut last = [0; BOTH + BLOCK];
            let pairs = last.iter_mut().zip(rest);
            pairs.for_each(|(to, from)| *to = *from);
            let [first, second] = [0, BOTH].map(|from| last.get(from..).unwrap_or(&[]));
            for (block, at) in [(first, at), (second, at + STEP)] {
                if let Some(block) = block.first_chunk::<BLOCK>() {
                    tables.note(block, at, places);
                }
            }
        }
    }

    /// The tables of eight buckets at one place: for the lower and for the upper halves of bytes.
    type Pair = [__m256i; 2];
    /// The lower and the upper halves of some bytes.
    type Split = [__m256i; 2];

    struct Tables {
        simd: V3,
        pairs: [[Pair; SET]; WIDTH],
    }

    impl Tables {
        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn of(simd: V3, nibbles: &Nibbles) -> Self {
            let twice = |half: [u8; 16]| cast::<[[u8; 16]; 2], __m256i>([half, half]);
            let pair = |set: &Halves| [twice(set.low), twice(set.high)];
            Self {
                simd,
                pairs: nibbles
                    .places
                    .each_ref()
                    .map(|sets: &[Halves; SET]| sets.each_ref().map(pair)),
            }
        }

        /// Appends the places in one block that can begin a window.
        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn note(&self, block: &[u8; BLOCK], at: u32, places: &mut Vec<u32>) {
            let (avx, avx2) = (self.simd.avx, self.simd.avx2);
            let mut fits = [[avx._mm256_set1_epi8(-1); 2]; SET];
            // No adapters of iterators: what is not made one with this function is not compiled for AVX2.
            let mut from = 0;
            while from < WIDTH {
                let first = block.get(from..).and_then(<[u8]>::first_chunk);
                let second = block.get(from + LANES..).and_then(<[u8]>::first_chunk);
                let (Some(first), Some(second), Some(pairs)) =
                    (first, second, self.pairs.get(from))
                else {
                    return;
                };
                let (first, second) = (self.split(first), self.split(second));
                let mut set = 0;
                while let (Some([one, other]), Some(pair)) = (fits.get_mut(set), pairs.get(set)) {
                    *one = avx2._mm256_and_si256(*one, self.fit(pair, first));
                    *other = avx2._mm256_and_si256(*other, self.fit(pair, second));
                    set += 1;
                }
                from += 1;
            }
            let [mut one, mut other] = [avx._mm256_setzero_si256(); 2];
            let mut set = 0;
            while let Some([first, second]) = fits.get(set) {
                one = avx2._mm256_or_si256(one, *first);
                other = avx2._mm256_or_si256(other, *second);
                set += 1;
            }
            let mut left = u64::from(self.some(other)) << LANES | u64::from(self.some(one));
            while left != 0 {
                places.push(at + left.trailing_zeros());
                left &= left - 1;
            }
        }

        /// The halves of some bytes, each in a byte of its own.
        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn split(&self, bytes: &[u8; LANES]) -> Split {
            let avx2 = self.simd.avx2;
            let half = self.simd.avx._mm256_set1_epi8(0x0f);
            let bytes = cast::<[u8; LANES], __m256i>(*bytes);
            let upper = avx2._mm256_srli_epi16::<4>(bytes);
            [
                avx2._mm256_and_si256(bytes, half),
                avx2._mm256_and_si256(upper, half),
            ]
        }

        /// For each byte the buckets in which it can stand.
        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn fit(&self, [lower, upper]: &Pair, [low, high]: Split) -> __m256i {
            let avx2 = self.simd.avx2;
            avx2._mm256_and_si256(
                avx2._mm256_shuffle_epi8(*lower, low),
                avx2._mm256_shuffle_epi8(*upper, high),
            )
        }

        /// A bit for each byte that is not zero.
        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn some(&self, bytes: __m256i) -> u32 {
            let avx2 = self.simd.avx2;
            let none = avx2._mm256_cmpeq_epi8(bytes, self.simd.avx._mm256_setzero_si256());
            !avx2._mm256_movemask_epi8(none).cast_unsigned()
        }
    }
}
