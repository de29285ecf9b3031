//! Makes what the targets start from, out of the fixtures and of the examples that formats and prefixes carry:
//! `corpus/TARGET/`, and `corpus/TARGET.dict` with the words that matter.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use whyoom::catalogue;

/// A seed is no larger: small ones are quick, and mutations of long ones hit little.
const LARGEST: usize = 16 << 10;

const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity \
    of 23.64 GiB of which 1.00 GiB is free.\n";

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = here.join("corpus");
    let texts = texts(here);
    for (name, text) in &texts {
        put(&corpus.join("text"), name, text);
    }
    dictionary(&corpus.join("text.dict"), words());
    archives(&corpus.join("archives"), &texts);
    config(here, &corpus.join("config"));
    snapshots(here, &corpus.join("snapshot"));
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

/// Logs of fixtures, examples of messages, and a message behind each prefix.
fn texts(here: &Path) -> Vec<(String, Vec<u8>)> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(here.join("../../fixtures/cases")).unwrap() {
        let folder = entry.unwrap().path();
        let mut log = fs::read(folder.join("log.txt")).unwrap();
        // The failure stands at the end.
        log.drain(..log.len().saturating_sub(LARGEST));
        texts.push((
            folder.file_name().unwrap().to_string_lossy().into_owned(),
            log,
        ));
    }
    for format in catalogue::messages() {
        for (number, example) in format.examples().enumerate() {
            texts.push((
                format!("format-{}-{number}", format.id),
                example.0.as_bytes().to_vec(),
            ));
        }
    }
    for (number, (prefix, example)) in catalogue::prefixes().enumerate() {
        let lines = format!("{example}Traceback (most recent call last):\n{example}{MESSAGE}");
        texts.push((format!("prefix-{prefix}-{number}"), lines.into_bytes()));
    }
    texts.sort();
    texts
}

/// What the one pass looks for.
fn words() -> BTreeSet<String> {
    let prefixes = catalogue::prefixes().map(|(_, text)| text);
    let own = [
        "\r",
        "\x1b[0m",
        "\x1b[K",
        "::error::",
        "##[group]",
        "GiB",
        "MiB",
        "Traceback (most recent call last):\n",
        "  File \"a.py\", line 1, in f\n",
    ];
    catalogue::literals()
        .chain(prefixes)
        .chain(own)
        .map(str::to_owned)
        .collect()
}

/// A dictionary of libFuzzer: a quoted word a line.
fn dictionary(path: &Path, words: BTreeSet<String>) {
    let mut file = fs::File::create(path).unwrap();
    for word in words.iter().filter(|word| word.len() < 100) {
        let quoted: String = word
            .bytes()
            .map(|byte| match byte {
                b'"' | b'\\' => format!("\\{}", char::from(byte)),
                b' '..=b'~' => char::from(byte).to_string(),
                _ => format!("\\x{byte:02X}"),
            })
            .collect();
        writeln!(file, "\"{quoted}\"").unwrap();
    }
}

/// The packed fixtures, and some of the texts, packed in every way that this machine has a program for.
fn archives(folder: &Path, texts: &[(String, Vec<u8>)]) {
    let packed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/packed");
    for file in fs::read_dir(packed).unwrap().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        put(folder, &name, &fs::read(file.path()).unwrap());
    }
    let scratch = std::env::temp_dir().join(format!("whyoom-seeds-{}", std::process::id()));
    fs::create_dir_all(&scratch).unwrap();
    let some: Vec<_> = texts
        .iter()
        .filter(|(_, text)| text.len() < 2000)
        .step_by(25)
        .collect();
    for (name, text) in &some {
        fs::write(scratch.join(name), text).unwrap();
        put(folder, name, text);
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gz.write_all(text).unwrap();
        put(folder, &format!("{name}.gz"), &gz.finish().unwrap());
        let wide = String::from_utf8_lossy(text);
        let wide = [0xfeff]
            .into_iter()
            .chain(wide.encode_utf16())
            .flat_map(u16::to_le_bytes);
        put(folder, &format!("{name}.utf16"), &wide.collect::<Vec<_>>());
        let from = scratch.join(name);
        for (program, arguments) in [("zstd", &["-qc"][..]), ("xz", &["-c"]), ("bzip2", &["-c"])] {
            let output = Command::new(program).args(arguments).arg(&from).output();
            if let Ok(output) = output
                && output.status.success()
            {
                put(folder, &format!("{name}.{program}"), &output.stdout);
            }
        }
    }
    let names: Vec<&str> = some.iter().take(3).map(|(name, _)| name.as_str()).collect();
    for (program, arguments) in [
        ("tar", &["-c"][..]),
        ("tar", &["-cz"]),
        ("tar", &["-c", "--format=ustar"]),
        ("tar", &["-c", "--format=v7"]),
        ("zip", &["-q", "-"]),
        ("zip", &["-q", "-0", "-"]),
    ] {
        let output = Command::new(program)
            .args(arguments)
            .args(&names)
            .current_dir(&scratch)
            .output();
        if let Ok(output) = output
            && output.status.success()
        {
            let name = [program, &arguments.concat()]
                .concat()
                .replace(['-', '='], "_");
            put(folder, &name, &output.stdout);
        }
    }
    fs::remove_dir_all(&scratch).unwrap();
}

/// The settings file of the README, and each flag and each pattern by itself.
fn config(here: &Path, folder: &Path) {
    let readme = fs::read_to_string(here.join("../../README.md")).unwrap();
    let blocks = readme
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    for (number, block) in blocks.enumerate() {
        put(folder, &format!("readme-{number}"), block.as_bytes());
    }
    let own = [
        "fail-on = [\"device\", \"leak\"]\nexit-zero = true\nmargin = \"5%\"\ntotal = \"24GiB\"\nwidth = 72\ncolor = \"never\"\n",
        "jobs = 2\nfixes = 3\nredact = false\nhidden = true\nformat = \"sarif\"\nrepo-root = \".\"\nbaseline = \"known.json\"\n",
        "[run]\ninterval = 0.5\nsave = \"oom\"\nretry-with-fix = 2\n[live]\nwatch = 2\nformat = \"json\"\n",
        "[[prefix]]\npattern = '^(?<lane>\\w+)\\|(?<rank>\\d+)\\| '\n",
        "[[telemetry]]\npattern = 'take (?<value>[\\d.]+)'\nunit = \"GiB\"\ncounter = \"reserved\"\n",
        "user-paths = [\"envs/ours/\", \"src\"]\n",
        "fail_on = 1\n",
        "[[telemetry]]\npattern = '('\n",
    ];
    for (number, text) in own.iter().enumerate() {
        put(folder, &format!("own-{number}"), text.as_bytes());
    }
    let keys = readme.split("--").skip(1).map(|rest| -> String {
        rest.chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '-')
            .collect()
    });
    let more = [
        "[[prefix]]",
        "[[telemetry]]",
        "pattern",
        "counter",
        "unit",
        "user-paths",
        "(?<rank>",
        "(?<lane>",
        "(?<value>",
        "(?<unit>",
        "(?<step>",
        "\\d+",
    ];
    let words = keys
        .filter(|key| key.len() > 2)
        .chain(more.map(str::to_owned));
    dictionary(
        &PathBuf::from(folder).with_extension("dict"),
        words.collect(),
    );
}

/// The beginnings of real snapshots, and pickles that want to run something.
fn snapshots(here: &Path, folder: &Path) {
    use std::io::Read;
    for entry in fs::read_dir(here.join("../../fixtures/snapshots")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let packed = fs::File::open(path.join("snapshot.pickle.gz")).unwrap();
        let mut raw = Vec::new();
        flate2::read::GzDecoder::new(packed)
            .read_to_end(&mut raw)
            .unwrap();
        for size in [1 << 10, 4 << 10, LARGEST] {
            put(
                folder,
                &format!("{name}-{size}"),
                &raw[..raw.len().min(size)],
            );
        }
        put(
            folder,
            &format!("{name}-end"),
            &[&[0], &raw[raw.len().saturating_sub(4 << 10)..]].concat(),
        );
    }
    for (number, raw) in [
        &b"\x00}\x94(\x8c\x06action\x94\x8c\x05alloc\x94\x8c\x04addr\x94K\x01\x8c\x04size\x94M\x00\x02\x8c\x06frames\x94]\x94uee."[..],
        b"\x00cos\nsystem\n(S'id'\ntR.",
        b"\x00\x8c\x05posix\x8c\x06system\x93)R.",
        b"(lp0\n(dp1\nVtotal_size\np2\nI2097152\nsVblocks\np3\n(lp4\nsa.",
        b"{\"segments\": [{\"device\": 0, \"address\": 0, \"total_size\": 2097152, \"blocks\": []}], \"device_traces\": [[]]}",
        b"\x00N)\x81N)}\x92NNb(NoN)RPx\nNQ\x82\x01\x83\x01\x00\x84\x01\x00\x00\x00\x97N\x98",
    ]
    .into_iter()
    .enumerate()
    {
        put(folder, &format!("own-{number}"), raw);
    }
    let words = [
        "action",
        "addr",
        "size",
        "stream",
        "time_us",
        "frames",
        "device_free",
        "pool_id",
        "name",
        "filename",
        "line",
        "blocks",
        "total_size",
        "device",
        "address",
        "segment_type",
        "segment_pool_id",
        "is_expandable",
        "state",
        "requested_size",
        "segments",
        "device_traces",
        "allocator_settings",
        "external_annotations",
        "active_allocated",
        "active_pending_free",
        "inactive",
        "alloc",
        "free_requested",
        "free_completed",
        "segment_alloc",
        "segment_free",
        "segment_map",
        "segment_unmap",
        "oom",
        "small",
    ];
    dictionary(
        &PathBuf::from(folder).with_extension("dict"),
        words.map(str::to_owned).into(),
    );
}
