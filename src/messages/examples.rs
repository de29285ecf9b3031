//! Runs every example of every message, as it is and as viewers, terminals and loggers bend it.

use super::{ALL, Example, Matcher, Message, Recognized, Role, patterns};
use crate::evidence::MessageId;
use crate::text;
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// Messages that need lines as the program printed them, and so cannot be read when a logger made one line of many.
const NEEDS_LINES: [&str; 5] = [
    "device-short",
    "python-memory-error",
    "killed-line",
    "nvidia-smi-processes",
    "device-said",
];

/// What the matcher finds in a text.
pub(super) fn read(text: &str) -> Vec<Recognized> {
    let matcher = Matcher::new("test");
    let lanes = text::lanes(text::clean(text.as_bytes(), 1));
    lanes.iter().flat_map(|lane| matcher.find(lane)).collect()
}

/// The ids of the failures that the matcher finds in a text.
pub(super) fn failures(text: &str) -> Vec<&'static str> {
    read(text)
        .into_iter()
        .filter(|s| s.role == Role::Failure)
        .map(|s| s.incident.format.name())
        .collect()
}

/// The one thing that the matcher finds in a text.
pub(super) fn one(text: &str) -> Recognized {
    let mut found = read(text);
    assert_eq!(found.len(), 1, "{text}: {found:#?}");
    found.remove(0)
}

fn each(mut check: impl FnMut(&'static Message, &Example)) {
    for message in ALL {
        for example in message.examples() {
            check(message, &example);
        }
    }
}

/// Checks that a text is read as its example says: by this message alone, with these facts and, where `all`, no others.
fn says(message: &Message, example: &Example, text: &str) {
    let sighting = one(text);
    assert_eq!(sighting.incident.format, message.id, "{text}");
    for (key, printed) in example.1 {
        let fact = sighting.incident.facts.fact(*key);
        let got = fact.map(|f| f.text.as_str());
        assert!(
            got.is_some_and(|got| got.eq_ignore_ascii_case(printed)),
            "{}: {key:?} is {got:?}, not {printed:?}, in {text}",
            message.id
        );
    }
}

/// Breaks every line after so many characters, as a terminal does.
fn wrap(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        for (index, c) in line.chars().enumerate() {
            if index > 0 && index % width == 0 {
                out.push('\n');
            }
            out.push(c);
        }
        out.push('\n');
    }
    out
}

/// Where the file of an id may be: under its whole name, or in the folder that its first word names.
fn homes(id: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/messages");
    let folders = std::fs::read_dir(&root).unwrap();
    let named = |folder: PathBuf| {
        let own = folder.file_name().unwrap().to_str().unwrap();
        let rest = id.strip_prefix(own).and_then(|rest| rest.strip_prefix('-'));
        let stems = [Some(id), rest].into_iter().flatten();
        let files = stems.map(|stem| folder.join(format!("{}.rs", stem.replace('-', "_"))));
        files.collect::<Vec<_>>()
    };
    folders
        .flat_map(|entry| named(entry.unwrap().path()))
        .collect()
}

#[test]
fn every_message_has_examples_and_its_file_name_as_its_id() {
    let mut ids: Vec<_> = ALL.iter().map(|f| f.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ALL.len());
    for message in ALL {
        assert!(message.examples().count() >= 2, "{}", message.id);
        assert!(
            (1..=7).contains(&message.signatures.len()),
            "{}",
            message.id
        );
        assert!(
            patterns::compile(message.head).is_some()
                && message
                    .fields
                    .iter()
                    .all(|f| patterns::compile(f.1).is_some()),
            "{}: a pattern is broken",
            message.id
        );
        assert!(
            homes(message.id.name()).iter().any(|file| file.exists()),
            "{}: no folder of src/messages has a file of that name",
            message.id
        );
    }
}

#[test]
fn every_example_holds_a_signature_of_its_format_in_raw_bytes() {
    each(|message, example| {
        let text = example.0.to_ascii_lowercase();
        assert!(
            message
                .signatures
                .iter()
                .any(|s| text.contains(&s.to_ascii_lowercase())),
            "{}: {}",
            message.id,
            example.0
        );
    });
}

#[test]
fn every_example_reads_as_it_says() {
    each(|message, example| says(message, example, example.0));
}

#[test]
fn what_only_has_the_words_of_a_message_is_no_failure() {
    for message in ALL {
        for text in message.silent {
            assert!(failures(text).is_empty(), "{}: {text}", message.id);
        }
    }
}

#[test]
fn every_fact_of_an_example_is_in_its_text() {
    each(|_, example| {
        let squeezed: String = example.0.split_whitespace().collect();
        for (_, fact) in one(example.0).incident.facts.iter() {
            let digits = fact.text.split(' ').next().unwrap();
            assert!(squeezed.contains(digits), "{}", fact.text);
        }
    });
}

#[test]
fn a_wrap_at_any_width_changes_nothing() {
    each(|message, example| {
        for width in [17, 80, 100] {
            if !NEEDS_LINES.contains(&message.id.name()) {
                says(message, example, &wrap(example.0, width));
            }
        }
    });
}

#[test]
fn letter_case_changes_nothing() {
    each(|message, example| {
        // Alone on its line, the word in small letters is prose and no shell's.
        if message.id != MessageId::KilledLine {
            says(message, example, &example.0.to_ascii_lowercase());
        }
    });
}

#[test]
fn quoting_as_in_mail_changes_nothing() {
    each(|message, example| {
        let quoted = format!("> {}", example.0.replace('\n', "\n> "));
        if !NEEDS_LINES.contains(&message.id.name()) {
            says(message, example, &quoted);
        }
    });
}

#[test]
fn a_json_string_reads_like_its_text() {
    each(|message, example| {
        let json = serde_json::json!({"level": "info", "message": example.0}).to_string();
        if !NEEDS_LINES.contains(&message.id.name()) {
            says(message, example, &json);
        }
    });
}

#[test]
fn lines_before_and_after_change_nothing() {
    each(|message, example| {
        let text = format!("step 12 | loss 2.31\n{}\n\nstep 13 | loss 2.30", example.0);
        says(message, example, &text);
    });
}

#[test]
fn a_cut_anywhere_breaks_nothing() {
    // Of one example every third place, of the next the places beside them: messages share their words.
    let mut number = 0;
    each(|_, example| {
        number += 1;
        for (end, _) in example.0.char_indices().skip(number % 3).step_by(3) {
            let (head, rest) = example.0.split_at(end);
            read(head);
            read(rest);
        }
    });
}

#[test]
fn words_without_a_message_are_no_failure() {
    for text in [
        "How do I get rid of CUDA out of memory?",
        "# CUDA out of memory",
        "RuntimeError: CUDA out of memory when training a ViT on a 3090",
        "How to fix RuntimeError: CUDA out of memory.",
        "Emptying the cache does not help against a CUDA out of memory error.",
        "except torch.cuda.OutOfMemoryError:\n    torch.cuda.empty_cache()",
        "    raise torch.cuda.OutOfMemoryError",
        "if \"out of memory\" not in str(e): raise",
        "    if \"CUDA out of memory\" not in str(err):",
        "pytest.raises(RuntimeError, match=\"CUDA out of memory\")",
        "If reserved memory is >> allocated memory try setting max_split_size_mb to avoid fragmentation.",
        "If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True",
        "THCudaCheck FAIL file=/pytorch/torch/csrc/cuda/Module.cpp line=33 error=10 : invalid device ordinal",
        "java.lang.OutOfMemoryError: Java heap space",
        "W bfc_allocator.cc:371] Allocator (GPU_0_bfc) ran out of memory trying to allocate 180.32GiB",
        "torch.cuda.memory_stats()[\"allocated_bytes.all.current\"]",
        "WARNING: CUDA out of memory, retrying with batch size 4",
        "The pod was not OOMKilled, it exited with exit code 1",
        "RuntimeError: Invalid buffer size",
        "RuntimeError: CUDA error: device-side assert triggered",
        "There are some potential root causes. (1) The process is killed by SIGKILL by OOM killer due to high memory usage.",
    ] {
        let found = failures(text);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_mixture_of_messages_panics_or_overlaps(picks in prop::collection::vec((0usize..ALL.len(), 0usize..400), 1..5), glue in "\\PC{0,20}") {
        let mut text = String::new();
        for (index, cut) in picks {
            let examples: Vec<_> = ALL[index].examples().collect();
            let example = examples[cut % examples.len()].0;
            text.extend(example.chars().take(cut));
            text.push_str(&glue);
        }
        let found = read(&text);
        prop_assert!(found.windows(2).all(|w| w[0].first <= w[1].first));
    }
}
