//! Bytes that are no clean UTF-8: other encodings, binary data, what was cut, and lines without an end.

use super::{MESSAGE, run};

#[test]
fn binary_data_is_called_so_and_the_message_in_it_is_found() {
    let run_clean = run(&[], b"\0\x01\x02\xff\xfe\n");
    assert_eq!(run_clean.code, Some(0));
    assert!(run_clean.out.contains("binary data"), "{}", run_clean.out);
    let raw = [b"\0\xff\n", MESSAGE.as_bytes(), b"\n\0\0"].concat();
    assert_eq!(run(&[], &raw).code, Some(1));
}

#[test]
fn invalid_utf_8_around_and_inside_does_no_harm() {
    let raw = [b"caf\xe9 \xf0\x28\n", MESSAGE.as_bytes(), b" \xe9\n"].concat();
    let report = run(&["-f", "json"], &raw).json();
    assert_eq!(report["incidents"][0]["line"], 2);
}

#[test]
fn utf_16_reads_as_the_same_text_with_a_mark_and_without() {
    for (mark, bytes) in [
        ("\u{feff}", u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ("", u16::to_be_bytes),
    ] {
        let text = format!("{mark}first line\r\n{MESSAGE}\r\n");
        let raw: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
        let report = run(&["-f", "json"], &raw).json();
        assert_eq!(report["incidents"][0]["line"], 2);
        assert_eq!(report["inputs"][0]["bytes"], raw.len());
    }
}

#[test]
fn a_line_of_ten_megabytes_does_not_hide_the_message_behind_it() {
    let mut raw = vec![b'x'; 10 << 20];
    raw.push(b'\n');
    raw.extend_from_slice(MESSAGE.as_bytes());
    assert_eq!(run(&["-q"], &raw).code, Some(1));
}

#[test]
fn a_message_cut_anywhere_is_read_as_far_as_it_goes() {
    for cut in (0..MESSAGE.len()).step_by(37) {
        let run = run(&["-f", "json"], &MESSAGE.as_bytes()[..cut]);
        assert!(matches!(run.code, Some(0 | 1)), "cut at {cut}: {}", run.err);
    }
}
