//! When something was printed, as far as the times in a log tell.

/// The clock that a time was read from. Times of different clocks cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Universal time: the print names its zone, or counts seconds from 1970.
    Universal,
    /// Date and time without a zone: comparable among the processes of one job.
    Local,
    /// Month, day and time without a year.
    Yearless,
}

/// A printed time, with its rounding, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The clock.
    pub clock: Clock,
    /// The earliest that prints so.
    pub low: i64,
    /// The latest that prints so.
    pub high: i64,
}

/// Between which printed times something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// The last time printed up to it.
    pub after: Option<Moment>,
    /// The first time printed from it on.
    pub before: Option<Moment>,
}

impl When {
    /// True where all that the prints allow is earlier.
    pub fn surely_before(&self, other: &Self) -> bool {
        matches!((self.before, other.after), (Some(a), Some(b)) if a.clock == b.clock && a.high < b.low)
    }

    /// The same event, told by another file too: the narrower of both ends.
    pub fn and(self, other: Self) -> Self {
        let narrower = |a: Option<Moment>, b: Option<Moment>, later: bool| match (a, b) {
            (Some(a), Some(b)) if a.clock == b.clock && (b.low > a.low) == later => Some(b),
            (a, b) => a.or(b),
        };
        Self {
            after: narrower(self.after, other.after, true),
            before: narrower(self.before, other.before, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(clock: Clock, low: i64, high: i64) -> When {
        let moment = Some(Moment { clock, low, high });
        When {
            after: moment,
            before: moment,
        }
    }

    #[test]
    fn only_what_no_rounding_can_turn_around_is_earlier() {
        let second = at(Clock::Local, 1_000_000, 1_999_999);
        assert!(second.surely_before(&at(Clock::Local, 2_000_000, 2_000_999)));
        assert!(!second.surely_before(&at(Clock::Local, 1_500_000, 1_500_999)));
        assert!(!second.surely_before(&at(Clock::Universal, 9_000_000, 9_000_999)));
        assert!(!second.surely_before(&When::default()));
    }

    #[test]
    fn two_prints_of_one_event_narrow_it_down() {
        let wide = When {
            after: Some(Moment {
                clock: Clock::Local,
                low: 1,
                high: 1,
            }),
            before: None,
        };
        let narrow = at(Clock::Local, 5, 6);
        assert_eq!(wide.and(narrow), narrow);
        assert_eq!(narrow.and(wide), narrow);
    }
}
