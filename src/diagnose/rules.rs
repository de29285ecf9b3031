//! The user's own messages, findings and advice, and what they say of a failure.

mod checked;
mod pages;

use crate::evidence::{Case, MessageId, Program};
use crate::findings::{self, Cause, Finding, Judged};
use crate::fixes::Ranked;
use crate::messages::Owns;

/// A message of the user's own, as the user writes it. The fields are those of `[[message]]` in `whyoom.toml`.
#[derive(Clone, Debug, Default)]
pub struct MessageRule {
    /// Its name, shown as `user:NAME`.
    pub id: String,
    /// Texts, in any letter case, one of which stands in every line that is such a message.
    pub literals: Vec<String>,
    /// What the line must fit, where the literals are not enough: its named groups are the figures.
    pub pattern: Option<String>,
    /// The unit of figures that have none; bytes where it is not said.
    pub unit: Option<String>,
    /// The program that prints it, by its name in reports.
    pub program: Option<String>,
    /// Whose memory it is: `gpu` or `host`.
    pub memory: Option<String>,
    /// The cause that it stands for, if it always stands for the same.
    pub cause: Option<String>,
    /// What is the case then, as a sentence.
    pub finding: Option<String>,
    /// What helps.
    pub fix: Vec<Advice>,
}

/// Something to do, as the user writes it.
#[derive(Clone, Debug, Default)]
pub struct Advice {
    /// What to do, beginning with a verb.
    pub title: String,
    /// What to type.
    pub paste: Option<String>,
    /// Where to read on.
    pub url: Option<String>,
    /// What it costs.
    pub cost: Option<String>,
}

/// Advice for failures of a kind, built-in ones too: `[[advice]]` in `whyoom.toml`.
#[derive(Clone, Debug, Default)]
pub struct AdviceRule {
    /// Its name, shown as `user:NAME`; `advice-1` and so on where there is none.
    pub id: Option<String>,
    /// Which failures it is for: all that is said must hold.
    pub when: When,
    /// What to do.
    pub advice: Advice,
}

/// Which failures advice is for.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// The message, by its id.
    pub message: Option<String>,
    /// The likeliest cause.
    pub cause: Option<String>,
    /// The likeliest finding, by its id.
    pub finding: Option<String>,
    /// The program, by its name in reports.
    pub program: Option<String>,
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where: `message[2].pattern`, counted from 1.
    pub key: String,
    /// Why, as half a sentence.
    pub reason: String,
}

/// What a rule of the user's own is, for lists and pages.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name: `user:acme-pool`.
    pub id: &'static str,
    /// True where it is a message.
    pub message: bool,
    /// The program that prints it.
    pub program: Option<&'static str>,
    /// The cause that it names for its message.
    pub cause: Option<&'static str>,
    /// True where it holds something to do.
    pub fix: bool,
    /// What it is.
    pub title: String,
    /// Its page, in Markdown.
    pub page: String,
}

/// The user's own messages, findings and advice, checked. Make them once: their names and pages are kept for as long as the
/// program runs, as the built-in ones are.
///
/// ```
/// use whyoom::Reader;
/// use whyoom::own::{Custom, MessageRule, Rules};
///
/// let rule = MessageRule {
///     id: "acme-pool".to_owned(),
///     literals: vec!["AcmePool: no room".to_owned()],
///     cause: Some("cap".to_owned()),
///     finding: Some("The pool of acme is too small".to_owned()),
///     ..MessageRule::default()
/// };
/// let rules = Rules::new(&[rule], &[])?;
/// let custom = Custom::with_rules(Vec::new(), Vec::new(), Vec::new(), rules).into();
/// let mut reader = Reader::with("acme.log", &custom);
/// reader.push(b"AcmePool: no room for 2 GiB\n");
/// assert_eq!(reader.diagnose().incidents[0].causes[0].finding.id.name(), "user:acme-pool");
/// # Ok::<(), whyoom::own::Wrong>(())
/// ```
#[derive(Default)]
pub struct Rules {
    messages: Option<Owns>,
    said: Vec<Said>,
    advice: Vec<For>,
    listed: Vec<Listed>,
}

/// What the user says of a message of the user's own.
struct Said {
    of: MessageId,
    finding: Option<&'static Finding>,
    fixes: Vec<Ranked>,
}

/// Advice, and for which failures.
struct For {
    kind: Kind,
    ranked: Ranked,
}

/// A kind of failures: what is said must hold.
struct Kind {
    message: Option<String>,
    cause: Option<Cause>,
    finding: Option<String>,
    program: Option<Program>,
}

impl Rules {
    /// These rules; an error where one of them means nothing.
    pub fn new(messages: &[MessageRule], advice: &[AdviceRule]) -> Result<Self, Wrong> {
        checked::rules(messages, advice)
    }

    /// All of them, for lists: messages, findings and advice.
    pub fn listed(&self) -> &[Listed] {
        &self.listed
    }

    /// The page of one of them, by its whole name.
    pub fn page(&self, id: &str) -> Option<&str> {
        let listed = self.listed.iter().find(|listed| listed.id == id)?;
        Some(&listed.page)
    }

    /// The messages.
    pub fn messages(&self) -> Option<&Owns> {
        self.messages.as_ref()
    }

    /// What announces one of the messages.
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        let all = self.messages.iter().flat_map(Owns::all);
        all.flat_map(|own| own.literals.iter().map(String::as_str))
    }

    fn said(&self, case: &Case<'_>) -> Option<&Said> {
        self.said.iter().find(|s| s.of == case.incident.format)
    }

    /// Adds the user's word on a message of the user's own.
    pub(super) fn judge(&self, case: &Case<'_>, causes: &mut Vec<Judged>) {
        if let Some(finding) = self.said(case).and_then(|said| said.finding) {
            findings::tell_own(case, finding, causes);
        }
    }

    /// Puts the user's own advice before the rest: who wrote it knows the place.
    pub(super) fn advise(&self, case: &Case<'_>, causes: &[Judged], fixes: &mut Vec<Ranked>) {
        let best = causes.first().map(|best| best.finding);
        let said = self.said(case).map_or(&[][..], |said| &said.fixes);
        let fitting = self
            .advice
            .iter()
            .filter(|advice| advice.kind.fits(case, best));
        let own = said.iter().chain(fitting.map(|advice| &advice.ranked));
        fixes.splice(0..0, own.cloned().collect::<Vec<_>>());
    }
}

impl Kind {
    fn fits(&self, case: &Case<'_>, best: Option<&'static Finding>) -> bool {
        let incident = case.incident;
        let is = |wanted: &Option<String>, name: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == name)
        };
        let program = self
            .program
            .is_none_or(|program| program == incident.program() || program == incident.framework);
        program
            && is(&self.message, Some(incident.format.name()))
            && is(&self.finding, best.map(|best| best.id.name()))
            && self
                .cause
                .is_none_or(|cause| best.is_some_and(|best| best.cause == cause))
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "key `{}`: {}", self.key, self.reason)
    }
}

impl std::error::Error for Wrong {}
