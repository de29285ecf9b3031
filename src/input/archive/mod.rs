//! Inputs of every kind, down to their texts. The members of an archive are inputs of their own, in the order in which they
//! lie in it. All is read as a stream and nothing is written anywhere, so a member's name is only a name.

mod content;
#[cfg(feature = "archives")]
mod descriptor;
#[cfg(feature = "archives")]
mod steps;
#[cfg(feature = "archives")]
mod tar;
#[cfg(feature = "archives")]
mod zip;

use std::cell::Cell;
use std::io::{self, ErrorKind, Read};

use super::limits::{Budget, Limits};
use super::{Counted, Outcome, Part, text};
use content::{Content, Kind};

/// So many first bytes tell what an input is.
#[cfg(unix)]
pub(super) use content::BLOCK;

/// True where something begins so that it is packed, or an archive, in whatever way.
#[cfg(unix)]
pub(super) fn is_packed(first: &[u8]) -> bool {
    content::is_packed(first)
}

/// How many archives one inside the other are read.
const DEEPEST: usize = 2;

/// A member of an archive.
#[cfg(feature = "archives")]
enum Member<'a> {
    /// Its content.
    Read(&'a mut dyn Read),
    /// Why it is not read.
    Unread(&'a str),
}

/// Takes the members of an archive with their names. An error means that the archive is not to be read further.
#[cfg(feature = "archives")]
type Each<'a> = &'a mut dyn FnMut(&str, Member<'_>) -> io::Result<()>;

/// Reads an input, whatever it is, and hands over its text, or those of its members. `promised` is the size that a file had
/// when it was opened.
pub(super) fn read(
    name: &str,
    input: &mut dyn Read,
    promised: Option<u64>,
    take: &mut dyn FnMut(Part<'_>),
) {
    read_within(Limits::USUAL, name, input, promised, take);
}

fn read_within(
    limits: Limits,
    name: &str,
    input: &mut dyn Read,
    promised: Option<u64>,
    take: &mut dyn FnMut(Part<'_>),
) {
    let budget = Budget::new(limits);
    let mut walk = Walk {
        budget: &budget,
        promised,
        take,
    };
    walk.content(name, input, 0);
}

/// What goes along on the way through an input.
struct Walk<'a> {
    budget: &'a Budget,
    promised: Option<u64>,
    take: &'a mut dyn FnMut(Part<'_>),
}

impl Walk<'_> {
    /// Reads what the input holds, or a member, so many archives deep.
    fn content(&mut self, name: &str, input: &mut dyn Read, depth: usize) {
        let budget = self.budget;
        let own = Cell::new(0);
        let count = if depth == 0 { budget.raw() } else { &own };
        let promised = self.promised.filter(|_| depth == 0);
        let shrank = || {
            let short = promised.is_some_and(|size| count.get() < size);
            short.then(|| "it became shorter while it was read".to_owned())
        };
        let counted = Counted {
            input,
            count: |more| count.set(count.get().saturating_add(more)),
        };
        let problem = match content::of(counted, budget) {
            Content::Text(mut input) => {
                (self.take)(Part::Begins(name));
                let mut outcome = text(&mut input, &mut |chunk| (self.take)(Part::Text(chunk)));
                outcome.bytes = count.get();
                outcome.problem = outcome.problem.or_else(shrank);
                (self.take)(Part::Ends(outcome));
                return;
            }
            Content::Archive(..) if depth >= DEEPEST => {
                Some("it is an archive in an archive in an archive".to_owned())
            }
            Content::Archive(kind, mut input) => {
                let held = self.archive(name, kind, &mut input, depth);
                let empty = held == Ok(false);
                let failed = held.err().or_else(shrank);
                failed.or_else(|| empty.then(|| "the archive holds no files".to_owned()))
            }
            Content::Unread(what) => Some(format!("it is {what}, which cannot be read")),
        };
        if let Some(problem) = problem {
            self.tell(name, Outcome::failed(count.get(), problem));
        }
    }

    /// Reads the members of an archive; true if there are any. An error says in words why reading ended early.
    #[cfg(feature = "archives")]
    fn archive(
        &mut self,
        name: &str,
        kind: Kind,
        input: &mut content::Input<'_>,
        depth: usize,
    ) -> Result<bool, String> {
        let budget = self.budget;
        let mut empty = true;
        let mut jobs = steps::Jobs::default();
        let mut each = |member: &str, content: Member<'_>| {
            empty = false;
            budget.member()?;
            let name = format!("{name}!{member}");
            match content {
                Member::Read(input) if jobs.hold(member) => self.pass_over(&name, input),
                Member::Read(input) => {
                    self.content(&name, input, depth + 1);
                    jobs.add(member);
                }
                Member::Unread(why) => self.tell(&name, Outcome::failed(0, why.to_owned())),
            }
            let exceeded = budget.exceeded();
            exceeded.map_or(Ok(()), |words| Err(io::Error::other(words)))
        };
        let read = match kind {
            Kind::Zip => zip::each(input, budget, &mut each),
            Kind::Tar => tar::each(input, &mut each),
        };
        read.map_err(|error| stopped(&error)).map(|()| !empty)
    }

    /// The same in a build that unpacks nothing.
    #[cfg(not(feature = "archives"))]
    #[expect(clippy::unused_self, reason = "the same signature in every build")]
    fn archive(
        &mut self,
        _: &str,
        kind: Kind,
        _: &mut content::Input<'_>,
        _: usize,
    ) -> Result<bool, String> {
        let what = match kind {
            Kind::Zip => "a zip archive",
            Kind::Tar => "a tar archive",
        };
        Err(format!("it is {what}, which this build does not read"))
    }

    /// Reads a member of which all stands in another one; only what is wrong with it is told.
    #[cfg(feature = "archives")]
    fn pass_over(&mut self, name: &str, input: &mut dyn Read) {
        if let Err(error) = io::copy(input, &mut io::sink()) {
            self.tell(name, Outcome::failed(0, stopped(&error)));
        }
    }

    /// Hands over an input without text.
    fn tell(&mut self, name: &str, outcome: Outcome) {
        (self.take)(Part::Begins(name));
        (self.take)(Part::Ends(outcome));
    }
}

/// What an error in the middle of an input is said to be.
pub(super) fn stopped(error: &io::Error) -> String {
    if error.kind() == ErrorKind::UnexpectedEof {
        "it is cut off".to_owned()
    } else {
        format!("reading stopped: {error}")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const SMALL: Limits = Limits {
        harmless: 10_000,
        ratio: 20,
        unpacked: 50_000,
        members: 3,
    };

    /// Of each log its name, how much text it has, and what is wrong with it.
    fn read_small(raw: &[u8]) -> Vec<(String, usize, Option<String>)> {
        let mut logs = Vec::new();
        read_within(SMALL, "a", &mut &*raw, None, &mut |part| match part {
            Part::Begins(name) => logs.push((name.to_owned(), 0, None)),
            Part::Text(text) => logs.last_mut().unwrap().1 += text.len(),
            Part::Ends(outcome) => logs.last_mut().unwrap().2 = outcome.problem,
        });
        logs
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let level = flate2::Compression::best();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = ::tar::Builder::new(Vec::new());
        for (name, text) in files {
            let mut header = ::tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            builder.append_data(&mut header, name, *text).unwrap();
        }
        builder.into_inner().unwrap()
    }

    const ZEROS: &[u8] = &[0; 200_000];

    #[test]
    fn what_unpacks_to_too_much_is_left_there_however_it_is_wrapped() {
        let once = gzip(ZEROS);
        let in_tar = pack(&[("bomb.gz", &once), ("b.log", b"text")]);
        for raw in [
            once,
            gzip(&gzip(ZEROS)),
            in_tar,
            gzip(&pack(&[("bomb", ZEROS)])),
        ] {
            let logs = read_small(&raw);
            assert!(
                logs.iter().map(|log| log.1).sum::<usize>() <= 60_000,
                "{logs:?}"
            );
            for (name, _, problem) in &logs {
                let problem = problem.as_deref().unwrap_or("");
                assert!(
                    problem.contains("it unpacks to more than"),
                    "{name}: {problem}"
                );
            }
            let archive = logs.last().unwrap();
            assert_eq!(archive.0, "a", "the input itself is named last");
        }
    }

    #[test]
    fn no_ratio_allows_more_than_the_most() {
        let mut noise = vec![0u8; 60_000];
        let mut seed = 1u32;
        for byte in &mut noise {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = seed.to_be_bytes()[0];
        }
        let logs = read_small(&gzip(&noise));
        assert!(
            logs[0].2.as_deref().unwrap().contains("more than 48.8 KiB"),
            "{logs:?}"
        );
    }

    #[test]
    fn members_beyond_the_most_are_named_as_unread_those_of_archives_inside_included() {
        let inner = pack(&[("1", b"x"), ("2", b"x"), ("3", b"x")]);
        let logs = read_small(&pack(&[("in.tar", &inner), ("b", b"x")]));
        let names: Vec<&str> = logs.iter().map(|log| log.0.as_str()).collect();
        assert_eq!(names, ["a!in.tar!1", "a!in.tar!2", "a!in.tar", "a"]);
        for log in &logs[2..] {
            assert_eq!(
                log.2.as_deref(),
                Some("reading stopped: it holds more than 3 members")
            );
        }
    }

    #[test]
    fn an_archive_that_became_shorter_while_it_was_read_is_named() {
        let raw = pack(&[("1", b"x")]);
        let mut problems = Vec::new();
        let size = Some(raw.len() as u64 + 1);
        read("a", &mut raw.as_slice(), size, &mut |part| {
            if let Part::Ends(outcome) = part {
                problems.push(outcome.problem);
            }
        });
        let shorter = "it became shorter while it was read".to_owned();
        assert_eq!(problems, [None, Some(shorter)]);
    }
}
