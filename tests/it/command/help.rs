//! What the program says of itself, and to who mistypes a command.

use super::run;

#[test]
fn the_short_help_fits_a_screen_and_names_only_what_there_is() {
    let short = run(&["-h"], b"");
    let long = run(&["--help"], b"").out;
    assert_eq!((short.code, short.err.as_str()), (Some(0), ""));
    let lines: Vec<&str> = short.out.lines().collect();
    assert!(lines.len() <= 24, "{} lines", lines.len());
    assert!(
        lines.iter().all(|line| line.chars().count() <= 80),
        "{}",
        short.out
    );
    let words = short.out.split_whitespace();
    for flag in words.filter(|word| word.starts_with("--") && word.len() > 2) {
        assert!(long.contains(flag), "{flag}");
    }
    let commands = short.out.split("Commands:\n").nth(1).unwrap();
    for line in commands.lines().take_while(|line| !line.is_empty()) {
        let name = line.split_whitespace().next().unwrap();
        assert!(long.contains(&format!("\n  {name} ")), "{name}");
    }
}

#[test]
fn the_long_help_is_in_groups() {
    let help = run(&["--help"], b"").out;
    let at = |heading: &str| {
        help.find(heading)
            .unwrap_or_else(|| panic!("{heading}\n{help}"))
    };
    for (heading, flag) in [
        ("\nInput:\n", "--files-from"),
        ("\nReport:\n", "--format"),
        ("\nCI:\n", "--fail-on"),
        ("\nFollow:\n", "--follow"),
    ] {
        let group = &help[at(heading) + 2..];
        let group = group.split("\n\n").next().unwrap_or(group);
        let rest = help[at(heading)..].find(flag);
        assert!(rest.is_some(), "{flag} is not behind {heading}: {group}");
    }
}

#[test]
fn who_mistypes_a_command_is_told_the_nearest() {
    for (arguments, says) in [
        (&["explian"][..], "did you mean `whyoom explain`?"),
        (&["dmeo", "leak"], "did you mean `whyoom demo`?"),
        #[cfg(not(feature = "mcp"))]
        (
            &["mcp"],
            "`cargo install --path . --features mcp` builds it",
        ),
        (
            &["--color", "never", "demo"],
            "`demo` is a command and comes first",
        ),
    ] {
        let run = run(arguments, b"");
        assert_eq!(run.code, Some(2), "{arguments:?}");
        assert_eq!(run.out, "", "{arguments:?}");
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        assert!(run.err.contains(says), "{}", run.err);
    }
    // A path that is not there and looks like no command is an input that could not be read.
    for path in ["train", "missing.log", "./explian"] {
        assert_eq!(run(&[path], b"").code, Some(3), "{path}");
    }
}
