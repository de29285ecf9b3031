//! What comes out of the pass, however the input is cut.

use proptest::prelude::*;

use super::*;

/// What came out, with the numbers: enough to compare two passes.
type Out = Vec<(bool, u64, Vec<u8>)>;

fn literals() -> &'static Literals {
    static SOME: LazyLock<Literals> = LazyLock::new(|| {
        Literals::new([
            ("out of memory", FAILURE),
            ("allocated", TELEMETRY),
            ("reserved", TELEMETRY),
            ("memory.used", TELEMETRY),
        ])
    });
    &SOME
}

fn keep(out: &mut Out, found: &Found<'_>) {
    out.push(match found {
        Found::Window(line, raw, _) => (true, *line, raw.to_vec()),
        Found::Telemetry(line, raw) | Found::Setting(line, raw) | Found::Sign(line, raw) => {
            (false, *line, raw.to_vec())
        }
    });
}

fn pass(bytes: &[u8], cuts: &[usize]) -> Out {
    let mut out = Out::new();
    let mut sink = |found: Found<'_>| keep(&mut out, &found);
    let mut scanner = Scanner::with(Some(literals()));
    let mut rest = bytes;
    for cut in cuts {
        let (now, later) = rest.split_at((*cut).min(rest.len()));
        scanner.push(now, &mut sink);
        rest = later;
    }
    scanner.push(rest, &mut sink);
    assert_eq!(scanner.finish(&mut sink), bytes.len() as u64);
    out
}

/// The same in blocks of this size behind the first cut, searched by as many threads.
fn pass_in_blocks(bytes: &[u8], cuts: &[usize], size: usize, threads: usize) -> Out {
    let mut out = Out::new();
    let mut sink = |found: Found<'_>| keep(&mut out, &found);
    let mut scanner = Scanner::with(Some(literals()));
    let (first, mut rest) = bytes.split_at(cuts.first().map_or(0, |c| (*c).min(bytes.len())));
    scanner.push(first, &mut sink);
    let mut cutter = scanner.cutter_of(size);
    let mut blocks = Vec::new();
    for cut in cuts {
        let (now, later) = rest.split_at((*cut).min(rest.len()));
        cutter.push(now, &mut Vec::new, &mut |block| blocks.push(block));
        rest = later;
    }
    cutter.push(rest, &mut Vec::new, &mut |block| blocks.push(block));
    blocks.push(cutter.finish());
    let share = blocks.len().div_ceil(threads);
    std::thread::scope(|scope| {
        for part in blocks.chunks_mut(share) {
            scope.spawn(|| part.iter_mut().for_each(Block::search));
        }
    });
    for block in &blocks {
        scanner.take(block, &mut sink);
    }
    assert_eq!(scanner.finish(&mut sink), bytes.len() as u64);
    out
}

/// Lines of all kinds, with absurdly long ones among them.
fn log() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        8 => (1usize..200).prop_map(|n| "an ordinary line of a log, of no interest\n".repeat(n)),
        2 => (1usize..9000).prop_map(|n| "word ".repeat(n)),
        2 => (1usize..30_000).prop_map(|n| "x".repeat(n)),
        4 => Just("step 3 allocated 2 GiB reserved 3 GiB\n".to_owned()),
        4 => Just("CUDA Out of Memory. Tried\n".to_owned()),
        2 => (1usize..400).prop_map(|n| format!("Traceback (most recent call last):\n{}", "  File \"a.py\", line 1\n".repeat(n))),
        2 => (1usize..300).prop_map(|n| format!("index, memory.used [MiB]\n{}", "0, 11018\nstep\n1, 512\n".repeat(n))),
        1 => (1usize..300).prop_map(|n| "2, 512\n".repeat(n)),
        1 => (1usize..900).prop_map(|n| "out of memory and more \n".repeat(n)),
        1 => (16_384usize..40_000).prop_map(|n| format!("{} Out of\",\"stream\":\"\"}}\n{{\"log\":\" memory\"}}\n", "x".repeat(n))),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_comes_out_does_not_depend_on_the_chunks(log in log(), cuts in prop::collection::vec(1usize..300_000, 0..40)) {
        prop_assert_eq!(pass(&log, &[]), pass(&log, &cuts));
    }

    #[test]
    fn blocks_that_threads_search_give_the_same(
        log in log(),
        cuts in prop::collection::vec(1usize..300_000, 0..9),
        size in 1usize..200_000,
        threads in 1usize..5,
    ) {
        // Blocks of a few bytes of a long log would take long.
        let size = size.max(log.len() / 2000);
        prop_assert_eq!(pass(&log, &[]), pass_in_blocks(&log, &cuts, size, threads));
    }

    #[test]
    fn literals_on_the_borders_of_blocks_are_found_once(
        size in 1usize..64,
        between in "[ -~\n]{0,70}",
        upper in any::<bool>(),
    ) {
        let message = if upper { "OUT OF MEMORY" } else { "out of memory" };
        let log = format!("{between}{message}{between}reserved {between}\n").repeat(9);
        let parts = pass_in_blocks(log.as_bytes(), &[], size, 2);
        prop_assert_eq!(pass(log.as_bytes(), &[]), parts);
    }

    #[test]
    fn all_searches_find_every_literal_of_the_program(
        parts in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), "[ -~\n]{0,9}"), 0..60),
        from in 0usize..50,
    ) {
        let all: Vec<_> = super::literals().collect();
        let parts = parts.into_iter().map(|(literal, upper, other)| {
            let literal = literal.get(&all);
            if upper { literal.to_uppercase() + &other } else { other + literal }
        });
        let text: String = parts.collect();
        let by_search = LITERALS.all(text.as_bytes(), from.min(text.len())..text.len());
        prop_assert!(by_search.iter().all(|hits| Some(hits) == by_search.first()));
    }

    #[test]
    fn every_literal_comes_out_and_lines_keep_their_numbers(log in log()) {
        let text = String::from_utf8(log).unwrap();
        let out = pass(text.as_bytes(), &[]);
        let windows: Vec<_> = out.iter().filter(|o| o.0).collect();
        let failures: usize = windows.iter().map(|w| String::from_utf8_lossy(&w.2).to_lowercase().matches("out of memory").count()).sum();
        prop_assert_eq!(failures, text.to_lowercase().matches("out of memory").count());
        for (_, line, raw) in windows {
            let first = String::from_utf8_lossy(raw).lines().next().unwrap_or("").to_owned();
            prop_assert!(text.lines().nth(usize::try_from(line - 1).unwrap()).unwrap().contains(&first));
        }
        for (_, line, raw) in out.iter().filter(|o| !o.0) {
            let line = text.lines().nth(usize::try_from(line - 1).unwrap()).unwrap();
            prop_assert!(line.contains(&*String::from_utf8_lossy(raw)));
        }
    }
}

#[test]
fn windows_and_the_buffer_stay_small_whatever_comes() {
    let mut scanner = Scanner::with(Some(literals()));
    let mut largest = 0;
    for i in 0..60 {
        let chunk = if i % 2 == 0 {
            "out of memory ".repeat(5000)
        } else {
            "reserved ".repeat(9000)
        };
        scanner.push(chunk.as_bytes(), &mut |found| {
            let (Found::Window(_, raw, _)
            | Found::Telemetry(_, raw)
            | Found::Setting(_, raw)
            | Found::Sign(_, raw)) = found;
            largest = largest.max(raw.len());
        });
    }
    assert!(largest <= 512 << 10, "{largest}");
    assert!(scanner.held.len() <= 3 << 20, "{}", scanner.held.len());
}

#[test]
fn the_neighbourhood_holds_the_stack_and_what_follows() {
    let text = format!(
        "{}Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nRuntimeError: CUDA out of memory\n{}",
        "before\n".repeat(3000),
        "after\n".repeat(3000)
    );
    let out = pass(text.as_bytes(), &[]);
    let window = String::from_utf8_lossy(&out[0].2);
    assert_eq!((out.len(), out[0].1), (1, 2960));
    assert_eq!(
        (
            window.matches("before").count(),
            window.matches("after").count()
        ),
        (41, 80)
    );
}

#[test]
fn a_line_with_telemetry_comes_out_once() {
    let out = pass(b"a\nstep 1 allocated 2 GiB reserved 3 GiB\nb", &[]);
    assert_eq!(
        out,
        [(false, 2, b"step 1 allocated 2 GiB reserved 3 GiB".to_vec())]
    );
}

#[test]
fn no_literal_of_the_program_is_too_short_to_be_found() {
    let notes = readings::SIGNATURES
        .iter()
        .chain(readings::NAMES)
        .copied()
        .chain(settings::signatures());
    let all = messages::ALL
        .iter()
        .flat_map(|format| format.signatures)
        .copied()
        .chain(notes);
    for literal in all {
        let literals = Literals::new([(literal, 0)]);
        let mut hits = Vec::new();
        literals.find(literal.as_bytes(), 0..1, &mut hits);
        assert_eq!(hits.len(), 1, "{literal}");
    }
}
