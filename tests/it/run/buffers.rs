//! llama.cpp as it logs since 2026, by itself without a word on its buffers: what the watched GPU adds to that.

use super::holders::explained;
use super::log;

/// Prints the log, after a recording in which this program holds the one thing and another process, which was there, the other.
fn script(case: &str, command: &str, own: u64, other: u64) -> String {
    let free = 143_155 - own - other;
    let stranger = match other {
        0 => String::new(),
        other => format!("$(holder 'python serve.py' 7 {other}),"),
    };
    let before = 143_155 - other;
    format!(
        r#"idle=$(moment "$(gpu 0 {before} "{}")")
        busy=$(moment "$(gpu 0 {free} "{stranger}$(holder '{command}' $$ {own})")")
        echo "$idle$idle$busy$busy$busy" > $PROBE
        sleep 0.5; cat {} >&2; exit 1"#,
        stranger.trim_end_matches(','),
        log(case),
    )
}

#[test]
fn what_another_process_holds_settles_why_a_buffer_was_refused() {
    let script = script("h200-llama-cpp-weights", "llama-server", 518, 121_365);
    let said = explained(&[], &script);
    assert_eq!(said.at("/causes/0/cause"), "contention", "{}", said.stderr);
    assert_eq!(said.first_fix().0, "stop-other-process");
    // 128 GiB of cache would not fit beside the weights on an empty GPU either.
    let script = self::script("h200-llama-cpp-cache", "llama-server", 14_131, 122_000);
    let said = explained(&[], &script);
    assert_eq!(said.at("/causes/0/cause"), "exhaustion", "{}", said.stderr);
}

#[test]
fn a_context_that_is_too_long_gets_a_value_from_what_was_free() {
    let script = script("h200-llama-cpp-cache", "llama-server -ngl 99", 14_131, 0);
    let said = explained(&[], &script);
    assert_eq!(said.at("/causes/0/finding"), "kv-cache", "{}", said.stderr);
    let (fix, how) = said.first_fix();
    assert_eq!(fix, "smaller-context");
    assert!(
        how.starts_with("-c ") && how.ends_with("# now 1048576"),
        "{how}"
    );
    let tokens: u64 = how.split(' ').nth(1).unwrap().parse().unwrap();
    // A token takes 128 KiB.
    assert!(tokens / 8 < 143_155 - 14_131, "{how}");
}
