//! Sizes that are known only to within the rounding of the text that they came from.
//!
//! `PyTorch` prints two decimals in powers of 1024 (`format_size`, c10/core/Allocator.h), so `2.94 GiB` stands for
//! anything from 2.935 to 2.945 GiB: 10 MiB of doubt. Every size here is the interval of all byte counts that would
//! have printed the same digits, so that a comparison which is true for the whole interval is true of the real number.

use std::fmt;

/// One KiB, in bytes.
pub const KIB: u64 = 1 << 10;
/// One MiB, in bytes.
pub const MIB: u64 = 1 << 20;
/// One GiB, in bytes.
pub const GIB: u64 = 1 << 30;
/// One TiB, in bytes.
pub const TIB: u64 = 1 << 40;

/// A number of bytes, as the interval `low..=high` that is certain to hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bytes {
    low: u64,
    high: u64,
}

impl Bytes {
    /// Nothing at all, exactly.
    pub const ZERO: Self = Self { low: 0, high: 0 };

    /// A size that is known to the byte.
    pub const fn exact(bytes: u64) -> Self {
        Self {
            low: bytes,
            high: bytes,
        }
    }

    /// Everything from `low` to `high`, in whichever order they are given.
    pub const fn between(low: u64, high: u64) -> Self {
        if low <= high {
            Self { low, high }
        } else {
            Self {
                low: high,
                high: low,
            }
        }
    }

    /// The interval of a *rounded* print: `digits` with `decimals` of them behind the point, in `unit` bytes.
    ///
    /// `294, 2, GIB` is "2.94 GiB". With no decimals and a unit of one byte, it is exact. `None` where it overflows.
    pub fn rounded(digits: u64, decimals: u32, unit: u64) -> Option<Self> {
        let scale = 10u128.checked_pow(decimals)?;
        if unit == 1 && decimals == 0 {
            return Some(Self::exact(digits));
        }
        let twice = u128::from(digits).checked_mul(2)?;
        let unit = u128::from(unit);
        let low = twice
            .saturating_sub(1)
            .checked_mul(unit)?
            .div_ceil(scale * 2);
        let high = (twice + 1).checked_mul(unit)? / (scale * 2);
        let high = u64::try_from(high).unwrap_or(u64::MAX);
        // "2.4 bytes": no whole number of bytes prints so, and the nearest ones are as good as any.
        Some(Self::between(u64::try_from(low).ok()?, high))
    }

    /// The interval of a print that was *floored* to whole units, as `torch.cuda.memory_summary()` does.
    pub fn floored(count: u64, unit: u64) -> Option<Self> {
        let low = count.checked_mul(unit)?;
        Some(Self {
            low,
            high: low.checked_add(unit.saturating_sub(1))?,
        })
    }

    /// The least that it can be.
    pub const fn low(self) -> u64 {
        self.low
    }

    /// The most that it can be.
    pub const fn high(self) -> u64 {
        self.high
    }

    /// The middle: for what people read, and for "likely"; never for "proven".
    pub const fn mid(self) -> u64 {
        self.low + (self.high - self.low) / 2
    }

    /// Both ends added.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            low: self.low.saturating_add(other.low),
            high: self.high.saturating_add(other.high),
        }
    }

    /// All that is left when `other` is taken away; never below zero.
    pub const fn minus(self, other: Self) -> Self {
        Self {
            low: self.low.saturating_sub(other.high),
            high: self.high.saturating_sub(other.low),
        }
    }

    /// The smaller of the two, end by end.
    pub fn min(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.min(other.high),
        }
    }

    /// The larger of the two, end by end.
    pub fn max(self, other: Self) -> Self {
        Self {
            low: self.low.max(other.low),
            high: self.high.max(other.high),
        }
    }

    /// What both readings allow, or `None` where they contradict each other.
    pub fn meet(self, other: Self) -> Option<Self> {
        let low = self.low.max(other.low);
        let high = self.high.min(other.high);
        (low <= high).then_some(Self { low, high })
    }

    /// This many hundredths of it.
    pub fn percent(self, hundredths: u64) -> Self {
        let part = |n: u64| {
            u64::try_from(u128::from(n) * u128::from(hundredths) / 100).unwrap_or(u64::MAX)
        };
        Self {
            low: part(self.low),
            high: part(self.high),
        }
    }

    /// True of every pair of values in the two intervals: certainly larger.
    pub const fn surely_over(self, other: Self) -> bool {
        self.low > other.high
    }

    /// True of every pair of values in the two intervals: certainly at least as large.
    pub const fn surely_at_least(self, other: Self) -> bool {
        self.low >= other.high
    }

    /// True at the middles: likely larger.
    pub const fn likely_over(self, other: Self) -> bool {
        self.mid() > other.mid()
    }

    /// Near 2^64: an unsigned sentinel or underflow ("17179869184.00 GiB"), and no size.
    ///
    /// NVML says "not available" with all ones under WDDM (nvml.h), and an unset cudaMallocAsync limit prints the same.
    pub const fn is_sentinel(self) -> bool {
        self.high >= u64::MAX - TIB
    }
}

/// As a log printed it, where the interval is that of one print; else as [`human`] shows its middle.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_printed() {
            Some(text) => f.write_str(&text),
            None => f.write_str(&human(self.mid())),
        }
    }
}

impl Bytes {
    /// The print that stands for just this interval: "33.55 GiB", "800.00 MiB".
    fn as_printed(self) -> Option<String> {
        const UNITS: [(u64, &str); 3] = [(GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")];
        let mut prints = UNITS
            .iter()
            .flat_map(|unit| [2, 1].map(|decimals| (unit, decimals)));
        prints.find_map(|((unit, label), decimals)| {
            let scale = 10u64.pow(decimals);
            let scaled = u128::from(self.mid()) * u128::from(scale) + u128::from(unit / 2);
            let digits = u64::try_from(scaled / u128::from(*unit)).ok()?;
            let same = Self::rounded(digits, decimals, *unit) == Some(self);
            let (whole, part) = (digits / scale, digits % scale);
            let places = usize::try_from(decimals).ok()?;
            // Nobody writes millions of KiB.
            (same && whole < 100_000).then(|| format!("{whole}.{part:0places$} {label}"))
        })
    }
}

/// The sum of sizes; one that no number can hold is the largest number.
pub fn sum(sizes: impl Iterator<Item = u64>) -> u64 {
    sizes.fold(0, u64::saturating_add)
}

/// A byte count for people: "33.6 GiB", "384 MiB", "680 KiB", "12 bytes".
pub fn human(bytes: u64) -> String {
    match bytes {
        0..KIB => format!("{bytes} bytes"),
        KIB..MIB => tenths(bytes, KIB, "KiB"),
        MIB..GIB => tenths(bytes, MIB, "MiB"),
        _ => tenths(bytes, GIB, "GiB"),
    }
}

/// One decimal, rounded; none from a hundred on, where it would only be noise.
fn tenths(bytes: u64, unit: u64, label: &str) -> String {
    let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
    if tenths >= 1000 || tenths % 10 == 0 {
        format!("{} {label}", (tenths + 5) / 10)
    } else {
        format!("{}.{} {label}", tenths / 10, tenths % 10)
    }
}

/// Reads a printed number ("2.94", "1,234", "44.5") as its digits and how many of them stand behind the point.
///
/// A comma before three digits groups thousands, any other comma is a decimal one. `None` for anything else.
pub fn digits(text: &str) -> Option<(u64, u32)> {
    let text = text.trim();
    let plain = if grouped(text) {
        text.replace(',', "")
    } else {
        text.replace(',', ".")
    };
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    if whole.is_empty() && part.is_empty()
        || !whole
            .bytes()
            .chain(part.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    // More than nine decimals carry nothing: a byte of a TiB is the twelfth, and no framework prints it.
    let part = part.get(..part.len().min(9))?;
    let digits = format!("{whole}{part}").parse().ok()?;
    Some((digits, u32::try_from(part.len()).ok()?))
}

/// "8,000,000,000": groups of three behind every comma.
fn grouped(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or(text);
    let mut groups = whole.split(',');
    let first = groups.next().is_some_and(|g| (1..=3).contains(&g.len()));
    whole.contains(',')
        && first
        && groups.all(|g| g.len() == 3)
        && (text.contains('.') || whole.matches(',').count() > 1)
}

/// The bytes in one printed unit, powers of 1024 whatever the label says; `None` for an unknown label.
///
/// `PyTorch`'s "MB" in old summaries, Metal's "GB" and Paddle's "GB" all mean powers of 1024.
pub fn unit(label: &str) -> Option<u64> {
    Some(match label.to_ascii_lowercase().as_str() {
        "b" | "byte" | "bytes" => 1,
        "k" | "kb" | "kib" => KIB,
        "m" | "mb" | "mib" => MIB,
        "g" | "gb" | "gib" => GIB,
        "t" | "tb" | "tib" => TIB,
        "pb" | "pib" => 1 << 50,
        _ => return None,
    })
}

/// A printed size with its unit, as the interval of all that prints so: `parse("2.94", "GiB")`.
pub fn parse(number: &str, label: &str) -> Option<Bytes> {
    let (digits, decimals) = digits(number)?;
    Bytes::rounded(digits, decimals, unit(label)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `PyTorch`'s own `format_size` (c10/core/Allocator.h), to print what we then read.
    fn format_size(n: u64) -> String {
        #[expect(clippy::cast_precision_loss, reason = "it is what the C++ does")]
        let n_f = n as f64;
        match n {
            0..=1024 => format!("{n} bytes"),
            1025..=1_048_576 => format!("{:.2} KiB", n_f / 1024.0),
            1_048_577..=1_073_741_824 => format!("{:.2} MiB", n_f / 1_048_576.0),
            _ => format!("{:.2} GiB", n_f / 1_073_741_824.0),
        }
    }

    proptest! {
        #[test]
        fn the_interval_of_a_print_holds_the_printed_number(n in 0u64..(1 << 50)) {
            let text = format_size(n);
            let (number, label) = text.split_once(' ').unwrap();
            let read = parse(number, label).unwrap();
            prop_assert!(read.low() <= n && n <= read.high(), "{text}: {read:?} without {n}");
        }

        #[test]
        fn the_interval_of_a_floored_cell_holds_the_number(n in 0u64..(1 << 50), shift in prop::sample::select(vec![0u32, 10, 20, 30])) {
            let read = Bytes::floored(n >> shift, 1 << shift).unwrap();
            prop_assert!(read.low() <= n && n <= read.high());
        }

        #[test]
        fn no_number_and_no_label_panics(number in "\\PC*", label in "\\PC*") {
            let _ = parse(&number, &label);
        }
    }

    proptest! {
        #[test]
        fn no_print_makes_an_interval_upside_down(digits in any::<u64>(), decimals in 0u32..12, shift in 0u32..50) {
            if let Some(read) = Bytes::rounded(digits, decimals, 1 << shift) {
                prop_assert!(read.low() <= read.high());
            }
        }
    }

    #[test]
    fn two_printed_decimals_leave_half_a_hundredth_either_side() {
        let read = parse("2.00", "GiB").unwrap();
        assert_eq!((read.low(), read.high()), (2_142_114_939, 2_152_852_357));
    }

    #[test]
    fn equal_digits_do_not_prove_that_one_is_at_least_the_other() {
        let read = parse("2.00", "GiB").unwrap();
        assert!(!read.surely_at_least(read));
    }

    #[test]
    fn commas_group_thousands_or_stand_for_the_point() {
        assert_eq!(digits("8,000,000,000"), Some((8_000_000_000, 0)));
        assert_eq!(digits("1900,00"), Some((190_000, 2)));
        assert_eq!(digits("1.2.3"), None);
        assert_eq!(digits(""), None);
    }

    #[test]
    fn all_ones_are_a_sentinel() {
        assert!(parse("17179869184.00", "GiB").unwrap().is_sentinel());
        assert!(!parse("141.00", "GiB").unwrap().is_sentinel());
    }

    #[test]
    fn a_figure_is_shown_as_it_was_printed_and_a_sum_with_the_digits_that_are_known() {
        let printed = |number, unit| parse(number, unit).unwrap();
        for (number, unit) in [
            ("33.55", "GiB"),
            ("800.00", "MiB"),
            ("1.5", "GiB"),
            ("512.25", "KiB"),
        ] {
            assert_eq!(
                printed(number, unit).to_string(),
                format!("{number} {unit}")
            );
        }
        let sum = printed("33.55", "GiB").plus(printed("16.25", "GiB"));
        assert_eq!(sum.to_string(), "49.8 GiB");
        assert_eq!(Bytes::exact(402_653_184).to_string(), "384 MiB");
    }

    #[test]
    fn people_read_one_decimal_below_a_hundred() {
        assert_eq!(human(36_023_435_264), "33.5 GiB");
        assert_eq!(human(150_108_897_280), "140 GiB");
        assert_eq!(human(402_653_184), "384 MiB");
        assert_eq!(human(12), "12 bytes");
    }
}
