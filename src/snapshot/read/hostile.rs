//! Pickles that run a program when Python loads them, by their first bytes. They are read so that they are refused by name: to
//! pass over them as "binary data" would tell nobody.

use memchr::memmem::find_iter;

/// Modules that no data needs: they reach a shell, another program, Python's own compiler, the network, files, or another pickle
/// (those that picklescan, src/picklescan/scanner.py, and fickling, fickling/fickle.py, call unsafe, less what models in use hold).
const MODULES: [&[u8]; 45] = [
    b"_pickle",
    b"_posixsubprocess",
    b"asyncio",
    b"bdb",
    b"cPickle",
    b"cProfile",
    b"code",
    b"codeop",
    b"commands",
    b"ctypes",
    b"doctest",
    b"ensurepip",
    b"ftplib",
    b"http.client",
    b"httplib",
    b"imp",
    b"importlib",
    b"marshal",
    b"nt",
    b"os",
    b"pdb",
    b"pickle",
    b"pip",
    b"pipes",
    b"posix",
    b"profile",
    b"pty",
    b"pydoc",
    b"requests",
    b"requests.api",
    b"runpy",
    b"shutil",
    b"smtplib",
    b"socket",
    b"ssl",
    b"subprocess",
    b"telnetlib",
    b"tempfile",
    b"timeit",
    b"trace",
    b"urllib",
    b"urllib.request",
    b"urllib2",
    b"venv",
    b"webbrowser",
];
/// Modules that data needs too, and what of them runs or fetches what it is given. The first two are how Python 3 and 2 call what
/// is always there.
const CALLS: [(&[u8], &[&[u8]]); 6] = [
    (b"builtins", BUILTINS),
    (b"__builtin__", BUILTINS),
    (b"io", &[b"open", b"open_code"]),
    (b"_io", &[b"open", b"open_code", b"FileIO"]),
    (b"operator", OPERATORS),
    (b"_operator", OPERATORS),
];
const BUILTINS: &[&[u8]] = &[
    b"eval",
    b"exec",
    b"execfile",
    b"compile",
    b"open",
    b"__import__",
    b"getattr",
    b"breakpoint",
    b"apply",
];
const OPERATORS: &[&[u8]] = &[b"attrgetter", b"methodcaller"];

/// True for the beginning of a pickle that names a function of one of them.
pub(super) fn runs_a_program(first: &[u8]) -> bool {
    let by_line = |before: &[u8]| named(first, before, &|name| line(name).map(|(name, _)| name));
    match first {
        [0x80, 2..=5, ..] => {
            by_line(b"c") || by_line(b"i") || named(first, b"", &text_on_the_stack)
        }
        // Without a header it might be a text: the instruction has to stand where only one can.
        [b'c', ..] | [b'(', b'c', ..] => {
            let all = first.strip_prefix(b"(").unwrap_or(first);
            all.get(1..)
                .and_then(line)
                .is_some_and(|(module, rest)| line(rest).is_some_and(|(n, _)| runs(module, n)))
        }
        [b'(', b'S' | b'V', ..] => by_line(b"\ni") || by_line(b"\nc"),
        _ => false,
    }
}

/// True where a module stands behind these bytes, followed by its name's end, and `name` reads one of its functions from there.
fn named<'a>(first: &'a [u8], before: &[u8], name: &dyn Fn(&'a [u8]) -> Option<&'a [u8]>) -> bool {
    let some = CALLS.into_iter().map(|(module, _)| module);
    MODULES.into_iter().chain(some).any(|module| {
        let starts = if before.is_empty() {
            let length = u8::try_from(module.len()).unwrap_or(u8::MAX);
            vec![
                [&[0x8c, length], module].concat(),
                [&[b'X', length, 0, 0, 0], module].concat(),
            ]
        } else {
            vec![[before, module, b"\n"].concat()]
        };
        starts.iter().any(|start| {
            find_iter(first, start)
                .filter_map(|at| first.get(at + start.len()..))
                .filter_map(name)
                .any(|name| runs(module, name))
        })
    })
}

/// True where this function of this module runs a program. Names are those of Python: a word.
fn runs(module: &[u8], name: &[u8]) -> bool {
    let word = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.');
    let known = MODULES.contains(&module)
        || CALLS
            .iter()
            .any(|(of, names)| *of == module && names.contains(&name));
    known && !name.is_empty() && name.iter().all(word)
}

/// A line, and what follows it.
fn line(raw: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', raw)?;
    Some((raw.get(..end)?, raw.get(end + 1..)?))
}

/// Stands for a name that only the memo has.
const MEMOIZED: &[u8] = b"memoized";

/// The name that `STACK_GLOBAL` takes from the stack together with the module before it.
fn text_on_the_stack(raw: &[u8]) -> Option<&[u8]> {
    let (length, rest) = match memoized(raw) {
        [0x8c, length, rest @ ..] | [b'X', length, 0, 0, 0, rest @ ..] => (*length, rest),
        // A name that was written before, as `timeit.timeit` has it.
        [b'h', _, 0x93, ..] | [b'j', _, _, _, _, 0x93, ..] => return Some(MEMOIZED),
        _ => return None,
    };
    let (name, rest) = rest.split_at_checked(usize::from(length))?;
    matches!(memoized(rest), [0x93, ..]).then_some(name)
}

/// What follows the instruction that memoizes, where one stands here.
fn memoized(raw: &[u8]) -> &[u8] {
    match raw {
        [0x94, rest @ ..] | [b'q', _, rest @ ..] | [b'r', _, _, _, _, rest @ ..] => rest,
        _ => raw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pickle_that_runs_a_program_is_known_in_every_protocol() {
        for raw in [
            &b"cposix\nsystem\np0\n(Vecho\np1\ntp2\nRp3\n."[..],
            b"(cos\nsystem\nS'ls'\no.",
            b"(S'ls'\nios\nsystem\n.",
            b"\x80\x02cposix\nsystem\nq\x00X\x04\x00\x00\x00echoq\x01\x85q\x02Rq\x03.",
            b"\x80\x04\x95\x1f\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04echo\x94\x85R.",
            b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
            b"cio\nopen\n(Vx\nVw\ntR.",
            b"ccommands\nPopen\n(lVx\natR.",
            b"\x80\x04\x8c\x06shutil\x94\x8c\x06rmtree\x94\x93\x8c\x01x\x85R.",
            b"\x80\x03curllib.request\nurlopen\nX\x01\x00\x00\x00x\x85R.",
            b"curllib\nurlopen\n(Vx\ntR.",
            b"\x80\x04\x8c\x06timeit\x94h\x00\x93\x94\x8c\x011\x85R.",
            b"\x80\x02coperator\nattrgetter\nU\x06system\x85R.",
        ] {
            assert!(runs_a_program(raw), "{}", raw.escape_ascii());
        }
    }

    #[test]
    fn data_and_texts_are_none() {
        for raw in [
            &b"\x80\x04\x95}\x94\x8c\x02os\x94\x8c\x05linux\x94s."[..],
            b"\x80\x04\x8c\x08builtins\x94\x8c\x03set\x94\x93\x94]R.",
            b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n",
            b"\x80\x02c_io\nBytesIO\n",
            b"\x80\x04\x8c\x08operator\x94\x8c\x03add\x94\x93.",
            b"ccode\nof the caller\n",
            b"cos\nthe cosine of an angle\n",
            b"cos x\nsystem\n",
            b"(see nt\nand so on\n",
            b"",
        ] {
            assert!(!runs_a_program(raw), "{}", raw.escape_ascii());
        }
    }
}
