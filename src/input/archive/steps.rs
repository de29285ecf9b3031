//! The steps of a job in GitHub's archive of a run: `0_build.txt` is the whole log of the job `build`, and right behind it
//! stands each step by itself, as `build/3_Run tests.txt` (cli/cli#11172, cli/cli#10551). Read as well, a failure in them
//! would count twice.

use std::collections::BTreeSet;

/// The jobs whose whole logs were members so far.
#[derive(Default)]
pub(super) struct Jobs(BTreeSet<String>);

/// No run of GitHub's has more jobs; what has, is no such archive.
const MOST: usize = 10_000;

impl Jobs {
    /// Takes the name of a member that was read.
    pub(super) fn add(&mut self, member: &str) {
        if let Some(job) = numbered(member).filter(|job| !job.contains('/') && self.0.len() < MOST)
        {
            self.0.insert(job.to_owned());
        }
    }

    /// True where all that a member says stood in one that was read.
    pub(super) fn hold(&self, member: &str) -> bool {
        let step = |(job, step): (&str, &str)| {
            !step.contains('/') && numbered(step).is_some() && self.0.contains(job)
        };
        member.split_once('/').is_some_and(step)
    }
}

/// What stands between the number and the ending of a name: `build` of `0_build.txt`.
fn numbered(name: &str) -> Option<&str> {
    let (number, rest) = name.strip_suffix(".txt")?.split_once('_')?;
    let counts = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    counts.then_some(rest).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_steps_of_a_job_whose_whole_log_came_before_are_held() {
        let mut jobs = Jobs::default();
        for (member, held) in [
            ("test (3.11)/1_Set up job.txt", false),
            ("0_test (3.11).txt", false),
            ("test (3.11)/1_Set up job.txt", true),
            ("test (3.11)/12_Run_all tests.txt", true),
            ("test (3.11)/system.txt", false),
            ("test (3.11)/logs/1_a.txt", false),
            ("lint/1_Set up job.txt", false),
            ("notes.txt", false),
            ("_.txt", false),
        ] {
            assert_eq!(jobs.hold(member), held, "{member}");
            jobs.add(member);
        }
    }
}
