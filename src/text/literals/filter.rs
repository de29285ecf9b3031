//! Which places in many bytes can begin a window: 64 at once.
//!
//! This is Hyperscan's "Teddy", as the `aho-corasick` crate explains it (`src/packed/teddy/README.md`): each window is in one of
//! 32 buckets, and a table tells for each of its bytes in which buckets it can stand there. What is in one at all four places
//! can begin a window. AVX2 has tables of 16 entries, so a byte can be there if both of its halves can; both cases of a letter
//! have the same lower half, and the upper halves of both are let through. AVX-512 has tables of 32 entries, which tell
//! by five bits what AVX2 needs two tables for, and it finds more than twice as fast.

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

use super::plan::View;
use super::tables::Tables;

/// So many more places may be noted than a part has bytes.
pub(super) const SLACK: usize = 256;

/// Writes each index of the part that can begin a window, in no order; returns how many there are. There must be room for all
/// of its indices and [`SLACK`] more. The tables are for what one of [`views`] sees.
#[cfg(target_arch = "x86_64")]
pub(super) fn filter(tables: &Tables, part: &[u8], places: &mut [u32]) -> usize {
    match tables.view {
        View::Fives => V4::try_new().map_or(0, |simd| {
            simd.vectorize(avx512::Pass {
                simd,
                tables,
                part,
                places,
            })
        }),
        View::Halves => V3::try_new().map_or(0, |simd| {
            simd.vectorize(avx2::Pass {
                simd,
                tables,
                part,
                places,
            })
        }),
    }
}

/// What this processor can see of a byte, the fastest first.
#[cfg(target_arch = "x86_64")]
pub(super) fn views() -> impl Iterator<Item = View> {
    let fives = V4::try_new().map(|_| View::Fives);
    let halves = V3::try_new().map(|_| View::Halves);
    fives.into_iter().chain(halves)
}

/// No other processor can yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn filter(tables: &Tables, _: &[u8], _: &mut [u32]) -> usize {
    match tables.view {
        View::Fives | View::Halves => 0,
    }
}

/// No other processor can yet.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn views() -> impl Iterator<Item = View> {
    [View::Fives, View::Halves].into_iter().filter(|_| false)
}

/// Bytes that are looked at together.
#[cfg(target_arch = "x86_64")]
const STEP: usize = STEP_INDEX as usize;
#[cfg(target_arch = "x86_64")]
const STEP_INDEX: u32 = 64;
/// With those that the last of them needs behind it.
#[cfg(target_arch = "x86_64")]
const BLOCK: usize = STEP + super::buckets::WIDTH - 1;

/// How a processor looks a block up.
#[cfg(target_arch = "x86_64")]
trait Looks {
    /// A bit for each place of a block that can begin a window.
    fn places(&self, block: &[u8; BLOCK]) -> u64;

    /// The place of a bit.
    fn index(bit: u32) -> u32;

    /// Writes each place of some bytes; returns how many there are. No closures here, nor adapters of iterators: what is not
    /// made one with a function that is compiled for AVX2 is not compiled for it.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a function that is called from one compiled for AVX2 is compiled for it only where it becomes part of it"
    )]
    fn all(&self, bytes: &[u8], places: &mut [u32]) -> usize {
        let mut noted = 0;
        let mut at = 0;
        let mut rest = bytes;
        while let Some(block) = rest.first_chunk::<BLOCK>() {
            noted = self.note(block, at, places, noted);
            rest = rest.get(STEP..).unwrap_or(&[]);
            at += STEP_INDEX;
        }
        // Zeros stand behind the end: what they seem to complete is refused when the literal is compared.
        let mut last = [0; STEP + BLOCK];
        if let Some(end) = last.get_mut(..rest.len()) {
            end.copy_from_slice(rest);
        }
        let mut behind = last.as_slice();
        while let Some(block) = behind.first_chunk::<BLOCK>() {
            noted = self.note(block, at, places, noted);
            behind = behind.get(STEP..).unwrap_or(&[]);
            at += STEP_INDEX;
        }
        noted
    }

    /// Writes the places of one block; returns how many are written by now. A few are written without asking how many there
    /// are: a processor cannot foresee that.
    #[inline(always)]
    fn note(&self, block: &[u8; BLOCK], at: u32, places: &mut [u32], noted: usize) -> usize {
        const FEW: usize = 4;
        let mut left = self.places(block);
        let all = noted + left.count_ones() as usize;
        let mut to = noted;
        loop {
            if let Some(few) = places
                .get_mut(to..)
                .and_then(<[u32]>::first_chunk_mut::<FEW>)
            {
                for place in few {
                    *place = at + Self::index(left.trailing_zeros() & 63);
                    left &= left.wrapping_sub(1);
                }
            }
            to += FEW;
            if to >= all {
                return all;
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::__m512i;

    use pulp::x86::V4;
    use pulp::{NullaryFnOnce, cast};

    use super::super::buckets::WIDTH;
    use super::super::tables::{PAIRS, Tables, Words};
    use super::{BLOCK, Looks, STEP};

    /// One pass over some bytes.
    pub(super) struct Pass<'a> {
        pub(super) simd: V4,
        pub(super) tables: &'a Tables,
        pub(super) part: &'a [u8],
        pub(super) places: &'a mut [u32],
    }

    impl NullaryFnOnce for Pass<'_> {
        type Output = usize;

        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn call(self) -> usize {
            let words = |sets: &[Words; PAIRS]| sets.map(cast::<Words, __m512i>);
            let looked_up = LookedUp {
                simd: self.simd,
                words: self.tables.words.each_ref().map(words),
            };
            looked_up.all(self.part, self.places)
        }
    }

    struct LookedUp {
        simd: V4,
        words: [[__m512i; PAIRS]; WIDTH],
    }

    impl Looks for LookedUp {
        /// The even places, then the odd ones.
        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn places(&self, block: &[u8; BLOCK]) -> u64 {
            let bw = self.simd.avx512bw;
            // A word is looked up by its lowest five bits: as it is by its first byte, shifted by its second one.
            let (first, third) = (self.load(block, 0), self.load(block, 2));
            let second = bw._mm512_srli_epi16::<8>(first);
            let fourth = bw._mm512_srli_epi16::<8>(third);
            // A byte farther, of which as many stand in a block.
            let fifth = bw._mm512_srli_epi16::<8>(self.load(block, 3));
            let even = self.fit([first, second, third, fourth]);
            let odd = self.fit([second, third, fourth, fifth]);
            u64::from(odd) << (STEP / 2) | u64::from(even)
        }

        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn index(bit: u32) -> u32 {
            (bit << 1 | bit >> 5) & 63
        }
    }

    impl LookedUp {
        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn load(&self, block: &[u8; BLOCK], from: usize) -> __m512i {
            match block.get(from..).and_then(<[u8]>::first_chunk::<STEP>) {
                Some(bytes) => cast(*bytes),
                None => self.simd.avx512f._mm512_setzero_si512(),
            }
        }

        /// A bit for each word that is in a bucket at all places.
        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn fit(&self, bytes: [__m512i; WIDTH]) -> u32 {
            let (avx, bw) = (self.simd.avx512f, self.simd.avx512bw);
            let [first, second, third, fourth] = bytes;
            let [in_first, in_second, in_third, in_fourth] = &self.words;
            let mut any = avx._mm512_setzero_si512();
            let mut set = 0;
            while let (Some(one), Some(two), Some(three), Some(four)) = (
                in_first.get(set),
                in_second.get(set),
                in_third.get(set),
                in_fourth.get(set),
            ) {
                let all_of_three = avx._mm512_ternarylogic_epi32::<0x80>(
                    bw._mm512_permutexvar_epi16(first, *one),
                    bw._mm512_permutexvar_epi16(second, *two),
                    bw._mm512_permutexvar_epi16(third, *three),
                );
                // Those before, or those that are in all three and in the fourth.
                let last = bw._mm512_permutexvar_epi16(fourth, *four);
                any = avx._mm512_ternarylogic_epi32::<0xf8>(any, all_of_three, last);
                set += 1;
            }
            bw._mm512_test_epi16_mask(any, any)
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::__m256i;

    use pulp::x86::V3;
    use pulp::{NullaryFnOnce, cast};

    use super::super::buckets::WIDTH;
    use super::super::tables::{Halves, SETS, Tables};
    use super::{BLOCK, Looks};

    /// Bytes that one instruction looks at.
    const LANES: usize = 32;

    /// One pass over some bytes.
    pub(super) struct Pass<'a> {
        pub(super) simd: V3,
        pub(super) tables: &'a Tables,
        pub(super) part: &'a [u8],
        pub(super) places: &'a mut [u32],
    }

    /// The tables of eight buckets at one place: for the lower and for the upper halves of bytes.
    type Pair = [__m256i; 2];
    /// The lower and the upper halves of some bytes.
    type Split = [__m256i; 2];

    impl NullaryFnOnce for Pass<'_> {
        type Output = usize;

        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn call(self) -> usize {
            let twice = |half: [u8; 16]| cast::<[[u8; 16]; 2], __m256i>([half, half]);
            let pair = |set: &Halves| [twice(set.low), twice(set.high)];
            let pairs = |sets: &[Halves; SETS]| sets.each_ref().map(pair);
            let looked_up = LookedUp {
                simd: self.simd,
                pairs: self.tables.halves.each_ref().map(pairs),
            };
            looked_up.all(self.part, self.places)
        }
    }

    struct LookedUp {
        simd: V3,
        pairs: [[Pair; SETS]; WIDTH],
    }

    impl Looks for LookedUp {
        /// Both halves of a block are looked at together, so that each table is loaded once.
        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn places(&self, block: &[u8; BLOCK]) -> u64 {
            let (avx, avx2) = (self.simd.avx, self.simd.avx2);
            let mut fits = [[avx._mm256_set1_epi8(-1); 2]; SETS];
            let mut from = 0;
            while from < WIDTH {
                let first = block.get(from..).and_then(<[u8]>::first_chunk);
                let second = block.get(from + LANES..).and_then(<[u8]>::first_chunk);
                let (Some(first), Some(second), Some(pairs)) =
                    (first, second, self.pairs.get(from))
                else {
                    return 0;
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
            u64::from(self.some(other)) << LANES | u64::from(self.some(one))
        }

        #[inline(always)]
        #[expect(clippy::inline_always, reason = "see above")]
        fn index(bit: u32) -> u32 {
            bit
        }
    }

    impl LookedUp {
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
