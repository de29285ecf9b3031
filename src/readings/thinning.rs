//! A long series in bounded room: its first, its last and its extremes stay.

use crate::bytes::Bytes;

/// One reading as it was pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Raw {
    /// The step, going on where the program began to count anew; the ordinal where it printed none.
    pub(super) step: u64,
    /// How many readings of the series stood before it.
    pub(super) ordinal: u64,
    /// The reading.
    pub(super) bytes: Bytes,
    /// The line of the raw input.
    pub(super) line: u64,
}

/// The most that is kept of one series.
pub(super) const MOST: usize = 2048;

/// Readings, thinned as they come: of every `stride` the least and the greatest.
#[derive(Clone, Debug)]
pub(super) struct Thinned {
    kept: Vec<Raw>,
    bucket: Vec<Raw>,
    stride: usize,
}

impl Default for Thinned {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            bucket: Vec::new(),
            stride: 1,
        }
    }
}

impl Thinned {
    pub(super) fn push(&mut self, raw: Raw) {
        if self.stride == 1 {
            self.kept.push(raw);
        } else {
            self.bucket.push(raw);
            if self.bucket.len() >= self.stride {
                let bucket = std::mem::take(&mut self.bucket);
                self.kept.extend(extremes(&bucket));
            }
        }
        if self.kept.len() >= MOST {
            let (first, rest) = self.kept.split_at(1);
            let thinner = rest.chunks(4).flat_map(extremes);
            self.kept = first.iter().copied().chain(thinner).collect();
            self.stride = if self.stride == 1 { 4 } else { self.stride * 2 };
        }
    }

    /// What was kept, in order.
    pub(super) fn finish(mut self) -> Vec<Raw> {
        let last = self.bucket.last().copied();
        self.kept.extend(extremes(&self.bucket));
        if let Some(last) = last.filter(|l| self.kept.last() != Some(l)) {
            self.kept.push(last);
        }
        self.kept
    }
}

/// The least and the greatest of some readings, in their order.
fn extremes(of: &[Raw]) -> impl Iterator<Item = Raw> + use<> {
    let least = of
        .iter()
        .min_by_key(|r| (r.bytes.mid(), r.ordinal))
        .copied();
    let most = of
        .iter()
        .max_by_key(|r| (r.bytes.mid(), r.ordinal))
        .copied();
    let (a, b) = if least.map(|r| r.ordinal) <= most.map(|r| r.ordinal) {
        (least, most)
    } else {
        (most, least)
    };
    a.into_iter().chain(b.filter(|b| Some(*b) != a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_readings_keep_their_ends_and_their_extremes() {
        let mut thinned = Thinned::default();
        for n in 0..1_000_000u64 {
            let bytes = match n {
                777_777 => 1,
                333_333 => 1 << 40,
                _ => 1000 + n % 10,
            };
            thinned.push(Raw {
                step: n,
                ordinal: n,
                bytes: Bytes::exact(bytes),
                line: n + 1,
            });
        }
        let kept = thinned.finish();
        assert!(kept.len() <= 2 * MOST, "{}", kept.len());
        assert_eq!((kept[0].step, kept[kept.len() - 1].step), (0, 999_999));
        for step in [777_777, 333_333] {
            assert!(kept.iter().any(|r| r.step == step));
        }
        assert!(kept.windows(2).all(|w| w[0].ordinal < w[1].ordinal));
    }
}
