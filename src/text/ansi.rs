//! Terminal escapes off (ECMA-48, and what terminals make of its broken forms).
//!
//! A sequence ends with its line at the latest. One that is cut there loses only its introducer, because swallowing the
//! text behind it, as a terminal would, could swallow a message.

use std::str::Chars;
use std::sync::LazyLock;

use memchr::memmem::Finder;

const ESC: char = '\u{1b}';
const BELL: char = '\u{7}';
/// "String terminator" in one byte.
const ST: char = '\u{9c}';

/// The escape character as JSON, Python, shells and terminals spell it.
const SPELLED: [&str; 6] = ["\\u001b", "\\u001B", "\\x1b", "\\033", "\\e", "^["];

/// The colour reset, with or without its escape character.
static RESET: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("[0m"));

/// For each byte whether it is odd. A search asks here for one byte after the other.
static ODD: LazyLock<[bool; 256]> =
    LazyLock::new(|| std::array::from_fn(|byte| u8::try_from(byte).is_ok_and(is_odd)));

/// True where a line holds nothing that [`strip`] would change.
pub(super) fn is_plain(line: &[u8]) -> bool {
    // No early exit: this way the compiler checks many bytes at a time.
    let odd = line.iter().fold(false, |odd, byte| odd | is_odd(*byte));
    !odd && RESET.find(line).is_none()
}

/// True for bytes that begin what needs a closer look. 0xC2 begins U+0080 to U+00BF: eight-bit controls and the no-break
/// space; 0xEF begins the byte order mark.
fn is_odd(byte: u8) -> bool {
    !matches!(byte, b'\t' | b' '..=b'~' | 0x80..=0xc1 | 0xc3..=0xee | 0xf0..)
}

/// The text without escapes and control characters; tabs and carriage returns stay.
pub(super) fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let table = &*ODD;
    let odd = |byte: u8| table.get(usize::from(byte)).is_some_and(|odd| *odd);
    let mut rest = text;
    loop {
        let plain = rest.bytes().position(odd).unwrap_or(rest.len());
        let (kept, odd) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        out.push_str(kept);
        let mut chars = odd.chars();
        let Some(c) = chars.next() else { break };
        match c {
            ESC => escape(&mut chars, &mut out),
            '\u{9b}' => control_sequence(&mut chars, &mut out),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => control_string(&mut chars),
            // Keras redraws its bar with as many backspaces as the bar is long.
            '\u{8}' => {
                if !out.ends_with('\r') {
                    out.pop();
                }
            }
            '\t' | '\r' => out.push(c),
            '\u{a0}' => out.push(' '),
            '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
        rest = chars.as_str();
    }
    orphans(out)
}

/// Takes the next character where it fits.
fn next_if(chars: &mut Chars<'_>, fits: impl Fn(char) -> bool) -> Option<char> {
    let mut ahead = chars.clone();
    let c = ahead.next().filter(|c| fits(*c))?;
    *chars = ahead;
    Some(c)
}

/// What follows an escape character.
fn escape(chars: &mut Chars<'_>, out: &mut String) {
    match chars.clone().next() {
        Some('[') => {
            chars.next();
            control_sequence(chars, out);
        }
        Some(']' | 'P' | '_' | '^' | 'X') => {
            chars.next();
            control_string(chars);
        }
        // Character sets and the like: intermediates, then one final.
        Some(' '..='/') => {
            while next_if(chars, |c| matches!(c, ' '..='/')).is_some() {}
            next_if(chars, |c| matches!(c, '0'..='~'));
        }
        Some('0'..='~') => {
            chars.next();
        }
        _ => {}
    }
}

/// The rest of a control sequence: parameters, intermediates, one final.
fn control_sequence(chars: &mut Chars<'_>, out: &mut String) {
    let mut ahead = chars.clone();
    let mut first = true;
    let mut number = 0_u32;
    while let Some(c) = next_if(&mut ahead, |c| matches!(c, ' '..='?')) {
        match c.to_digit(10) {
            Some(digit) if first => number = number.saturating_mul(10).saturating_add(digit),
            _ => first = false,
        }
    }
    match next_if(&mut ahead, |c| matches!(c, '@'..='~')) {
        // To the first column, which is a carriage return.
        Some('G') if number <= 1 => out.push('\r'),
        // Windows' console host writes runs of spaces as a move to the right.
        Some('C') => out.push(' '),
        Some(_) => {}
        // Cut: only the introducer goes.
        None => return,
    }
    *chars = ahead;
}

/// The rest of a string (title, link, Buildkite's time), which a bell or a string terminator ends.
fn control_string(chars: &mut Chars<'_>) {
    let mut ahead = chars.clone();
    while let Some(c) = ahead.next() {
        match c {
            BELL | ST => {
                *chars = ahead;
                return;
            }
            ESC => {
                if next_if(&mut ahead, |c| c == '\\').is_some() {
                    *chars = ahead;
                }
                return;
            }
            // No title or link holds a control character; a search past the next introducer could take quadratic time.
            c if c.is_control() => return,
            _ => {}
        }
    }
}

/// Takes out colours that lost their escape character on the way through a web form, on lines that also hold the reset
/// `[0m`. Without one, `[12m` may well be twelve minutes.
fn orphans(text: String) -> String {
    if RESET.find(text.as_bytes()).is_none() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        out.push(c);
        // Looking back at what is left finds those, too, that only came together by the loss of others.
        if c == 'm' {
            let body = out.strip_suffix('m').unwrap_or(&out);
            let start = body.trim_end_matches(|c: char| c.is_ascii_digit() || c == ';');
            if let Some(kept) = start.strip_suffix('[') {
                let spelled = SPELLED.iter().find_map(|escape| kept.strip_suffix(escape));
                let kept = spelled.unwrap_or(kept).len();
                out.truncate(kept);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_titles_links_and_charsets_go() {
        for (raw, text) in [
            ("\u{1b}[1;31mError\u{1b}[0m: x", "Error: x"),
            ("\u{1b}]0;title\u{7}text", "text"),
            (
                "\u{1b}]8;id=1;https://a.b\u{1b}\\link\u{1b}]8;;\u{1b}\\",
                "link",
            ),
            ("\u{1b}(Btext\u{1b}=", "text"),
            ("\u{1b}_bk;t=1700000000000\u{7}~~~ Running", "~~~ Running"),
            ("\u{1b}Pq#0;2\u{1b}\\after", "after"),
            ("\u{9b}31mred\u{9b}m", "red"),
            ("\u{9d}0;title\u{9c}text", "text"),
            ("\u{1b}[?25l\u{1b}[38;5;196mx\u{1b}[2Ky", "xy"),
        ] {
            assert_eq!(strip(raw), text, "{raw:?}");
        }
    }

    #[test]
    fn a_cut_escape_takes_no_text_with_it() {
        for (raw, text) in [
            ("\u{1b}]0;CUDA out of memory", "0;CUDA out of memory"),
            ("text\u{1b}", "text"),
            ("text\u{1b}[31", "text31"),
            ("\u{1b}[31\u{e4}", "31\u{e4}"),
            ("\u{1b}]0;a\u{1b}[31mCUDA", "0;aCUDA"),
        ] {
            assert_eq!(strip(raw), text, "{raw:?}");
        }
    }

    #[test]
    fn colours_without_their_escape_go_only_beside_a_reset() {
        assert_eq!(strip("[2m[36m(Actor pid=1)[0m text"), "(Actor pid=1) text");
        assert_eq!(strip("[12m30s<1h] step"), "[12m30s<1h] step");
        assert_eq!(strip("[3[0m1m"), "");
        assert_eq!(strip(r"\u001b[31mred\u001b[0m \x1b[1mb"), "red b");
    }

    #[test]
    fn a_move_to_the_first_column_is_a_carriage_return() {
        assert_eq!(strip("50%\u{1b}[1G60%\u{1b}[2G"), "50%\r60%");
    }

    #[test]
    fn backspaces_take_back_what_they_stand_behind() {
        assert_eq!(strip("1/9\u{8}\u{8}\u{8}2/9"), "2/9");
        assert_eq!(strip("a\r\u{8}b"), "a\rb");
    }

    #[test]
    fn a_line_is_plain_exactly_when_nothing_would_change() {
        for raw in ["a\tb", "größer | 5%", "│ box │"] {
            assert!(is_plain(raw.as_bytes()), "{raw:?}");
            assert_eq!(strip(raw), raw);
        }
        for raw in [
            "\u{1b}[m",
            "[1mx[0m",
            "a\rb",
            "\u{a0}x",
            "\u{9b}m",
            "\u{feff}x",
            "\u{7f}",
        ] {
            assert!(!is_plain(raw.as_bytes()), "{raw:?}");
        }
    }
}
