//! Styles by meaning. Colour is never needed to understand a report.

use owo_colors::Style;

/// Plain unless [`colored`](Styles::colored), so tests need no stripping.
#[derive(Clone, Copy, Debug, Default)]
pub struct Styles {
    /// What happened, at the head of a failure.
    pub headline: Style,
    /// The cause and how sure it is.
    pub verdict: Style,
    /// Headings.
    pub heading: Style,
    /// The part of the memory that is the problem.
    pub problem: Style,
    /// What to type.
    pub command: Style,
    /// What a fix wins, where that is enough.
    pub enough: Style,
    /// Where something was read, and all that is there to look up.
    pub aside: Style,
}

impl Styles {
    /// The sixteen colours that every terminal has in a shade that suits its background.
    pub fn colored() -> Self {
        Self {
            headline: Style::new().red().bold(),
            verdict: Style::new().bold(),
            heading: Style::new().bold(),
            problem: Style::new().red(),
            command: Style::new().cyan(),
            enough: Style::new().green(),
            aside: Style::new().dimmed(),
        }
    }
}
