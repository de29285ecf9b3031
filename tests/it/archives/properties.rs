//! The same log says the same however it is packed.

use proptest::prelude::*;

use super::damage::read;
use super::packing::{self, STREAMS, Zip};

/// Every fourth log of the corpus.
fn logs() -> Vec<Vec<u8>> {
    let cases = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cases")).unwrap();
    let mut paths: Vec<_> = cases
        .map(|case| case.unwrap().path().join("log.txt"))
        .collect();
    paths.sort();
    paths
        .iter()
        .step_by(4)
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Reads packed bytes, which must hold one whole log with this text.
fn holds(raw: &[u8], text: &[u8], how: &str) {
    let logs = read(raw);
    assert_eq!(logs.len(), 1, "{how}");
    let (_, read, outcome) = &logs[0];
    assert_eq!(outcome.problem, None, "{how}");
    assert!(read == text, "{how}");
}

#[test]
fn a_log_comes_out_as_it_went_in_however_it_is_packed() {
    for text in logs() {
        // What comes out decides what is said: the rest does not know where it came from.
        let plain = read(&text);
        let text = &plain[0].1;
        for (end, pack) in STREAMS {
            holds(&pack(text), text, end);
        }
        let tar = packing::tar(&[("a.log", text)]);
        holds(&packing::zstd(&tar), text, "tar");
        for zip in Zip::all() {
            holds(&zip.pack(&[("a.log", text)]), text, &format!("{zip:?}"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_come_out_as_they_went_in(
        files in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..2000), 1..5),
        marks in any::<bool>()
    ) {
        // A text that begins like an archive or like UTF-16 is taken for one; in the middle it must not be.
        let text = |bytes: &[u8]| {
            let mark: &[u8] = if marks { b"PK\x07\x08" } else { b"" };
            [b"log ", bytes, mark, bytes].concat()
        };
        let files: Vec<Vec<u8>> = files.iter().map(|bytes| text(bytes)).collect();
        let named: Vec<(&str, &[u8])> = files.iter().map(|text| ("a.log", text.as_slice())).collect();
        let tar = packing::tar(&named);
        let mut packed: Vec<Vec<u8>> = STREAMS.iter().map(|(_, pack)| pack(&tar)).collect();
        packed.push(tar);
        packed.extend(Zip::all().map(|zip| zip.pack(&named)));
        for raw in packed {
            let texts: Vec<Vec<u8>> = read(&raw).into_iter().map(|(_, text, outcome)| {
                assert_eq!(outcome.problem, None);
                text
            }).collect();
            prop_assert_eq!(&texts, &files);
        }
    }
}
