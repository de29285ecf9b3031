//! Every spelling of a memory reading in `fixtures/readings.txt`: what it counts, how many bytes with which rounding, and
//! whether it can fall. And what only looks like one.

use std::fs;
use std::path::Path;

use whyoom::bytes::{Bytes, GIB, MIB};
use whyoom::evidence::{Counter, Series};

/// One print, and what is read from it.
struct Row {
    print: String,
    expected: Vec<String>,
}

fn table() -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/readings.txt");
    let text = fs::read_to_string(path).unwrap();
    let row = |block: &str| {
        let (told, print): (Vec<&str>, Vec<&str>) =
            block.lines().partition(|line| line.starts_with("=> "));
        let told = told.iter().filter_map(|line| line.strip_prefix("=> "));
        Row {
            print: print.join("\n"),
            expected: told.map(str::to_owned).collect(),
        }
    };
    let blocks = text.trim_end().split("\n\n");
    blocks
        .filter(|b| !b.starts_with("# Every"))
        .map(row)
        .collect()
}

/// The series of a log in which all lines of the print stand twice, so that each reading is a series of two.
fn twice(print: &str) -> Vec<Series> {
    whyoom::diagnose("log.txt", format!("{print}\n{print}\n").as_bytes()).series
}

fn kind(series: &Series) -> &'static str {
    match series.counter {
        Counter::PeakAllocated | Counter::PeakReserved if series.running_peak => "running",
        Counter::PeakAllocated | Counter::PeakReserved => "window",
        _ => "gauge",
    }
}

/// All byte counts that print as this number.
fn bytes(number: &str, unit: &str) -> Bytes {
    let unit = match unit {
        "GiB" => GIB,
        "MiB" => MIB,
        "GB" => 1_000_000_000,
        "MB" => 1_000_000,
        _ => 1,
    };
    let (digits, decimals) = whyoom::bytes::digits(number).unwrap();
    Bytes::rounded(digits, decimals, unit).unwrap()
}

/// True where a series is what one line of the table says.
fn is(series: &Series, told: &str) -> bool {
    let [counter, number, unit, expected] = told.split(' ').collect::<Vec<_>>()[..] else {
        return false;
    };
    let bytes = bytes(number, unit);
    let same = series.points.iter().all(|point| point.bytes == bytes);
    same && series.counter.name() == counter && kind(series) == expected
}

#[test]
fn every_spelling_is_read_with_its_counter_its_rounding_and_its_kind() {
    let table = table();
    assert!(table.len() > 90, "{}", table.len());
    let mut wrong = Vec::new();
    for row in &table {
        let found = twice(&row.print);
        let expected: Vec<_> = row
            .expected
            .iter()
            .filter(|told| *told != "nothing")
            .collect();
        let pairs = || found.iter().zip(&expected);
        if row.expected.is_empty()
            || found.len() != expected.len()
            || !pairs().all(|(s, told)| is(s, told))
        {
            let shown = found
                .iter()
                .map(|s| format!("{} {:?} {}", s.counter.name(), s.points[0].bytes, kind(s)));
            wrong.push(format!(
                "{}\n  found {:?}",
                row.print,
                shown.collect::<Vec<_>>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rows_of_bare_numbers_are_read_behind_their_head_only_and_for_as_long_as_they_come() {
    let rows = (0..400).map(|i| format!("0, {}, 40960\nstep {i} loss 2.1\n", 10_000 + i));
    let rows = rows.collect::<Vec<_>>().concat();
    let log = format!("0, 9000, 40960\nindex, memory.used [MiB], memory.total [MiB]\n{rows}");
    let series = whyoom::diagnose("log.txt", log.as_bytes()).series;
    assert_eq!(series.len(), 1);
    assert_eq!((series[0].count, series[0].device), (400, Some(0)));
    let lines: Vec<u64> = series[0].points.iter().map(|p| p.line).take(2).collect();
    assert_eq!(lines, [3, 5]);
}
