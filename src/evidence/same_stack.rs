//! What was found of a stack, kept for the next question: findings and fixes ask the same of a failure a dozen times, and a log
//! repeats its failures.

use std::cell::RefCell;
use std::thread::LocalKey;

use super::traceback::{Frame, Traceback};

/// The last answer that depends on nothing but the files, the functions and the code of a stack, and these.
pub(crate) struct SameStack<T: Clone + 'static>(RefCell<Option<(Vec<Frame>, T)>>);

impl<T: Clone> SameStack<T> {
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(None))
    }

    /// The answer for a stack, which is worked out where the last one was another.
    pub(crate) fn ask(
        last: &'static LocalKey<Self>,
        stack: &Traceback,
        answer: impl FnOnce() -> T,
    ) -> T {
        let known = last.with(|Self(last)| {
            let last = last.borrow();
            let (frames, answer) = last.as_ref()?;
            is_same(frames, &stack.frames).then(|| answer.clone())
        });
        known.unwrap_or_else(|| {
            let answer = answer();
            let new = Some((stack.frames.clone(), answer.clone()));
            last.with(|Self(last)| last.replace(new));
            answer
        })
    }
}

/// True where both stand at the same places, whatever the lines.
fn is_same(one: &[Frame], other: &[Frame]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(a, b)| a.file == b.file && a.function == b.function && a.code == b.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static LAST: SameStack<usize> = const { SameStack::new() };
    }

    fn stack(file: &str, function: &str, code: &str, at: u64) -> Traceback {
        let frame = Frame {
            file: file.to_owned(),
            line: 1,
            function: function.to_owned(),
            code: code.to_owned(),
            at,
        };
        Traceback {
            frames: vec![frame],
            ..Traceback::default()
        }
    }

    #[test]
    fn a_stack_that_differs_in_a_word_is_asked_again() {
        let mut asked = 0;
        for (stack, times) in [
            (stack("a.py", "f", "x", 1), 1),
            (stack("a.py", "f", "x", 9), 1),
            (stack("b.py", "f", "x", 1), 2),
            (stack("b.py", "g", "x", 1), 3),
            (stack("b.py", "g", "y", 1), 4),
            (Traceback::default(), 5),
            (stack("a.py", "f", "x", 1), 6),
        ] {
            let answer = SameStack::ask(&LAST, &stack, || {
                asked += 1;
                asked
            });
            assert_eq!(answer, times);
        }
    }
}
