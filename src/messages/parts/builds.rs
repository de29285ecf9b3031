//! What shows in a line that compilers are at work there.

/// What compiles, by the end of its name.
const COMPILERS: [&str; 9] = [
    "nvcc", "hipcc", "c++", "g++", "gcc", "clang", "cicc", "ptxas", "cc1plus",
];

/// True for a line of a build: the command of a compiler, and what ninja (`src/build.cc`, `src/status_printer.cc`), `CMake`, make and
/// setuptools (`error: command '…' failed`) print around one.
pub(in crate::messages) fn compiles(line: &str) -> bool {
    let line = unnumbered(line);
    let failed = line
        .strip_prefix("error: command '")
        .and_then(|rest| rest.split_once('\''));
    let made = line.starts_with("make") || line.starts_with("gmake");
    line.starts_with("ninja: build stopped")
        || line.starts_with("FAILED: ") && line.contains(".o")
        || line.starts_with('[') && line.contains("] Building ") && line.contains(" object ")
        || made && line.ends_with(".o] Error 137")
        || line.starts_with("CMake Error at ") && line.contains(".cu.o")
        || failed.is_some_and(|(command, _)| is_compiler(command))
        || is_command(line)
}

/// Without what `BuildKit` writes before a line, `#15 812.4 `, and without what pip indents.
pub(in crate::messages) fn unnumbered(line: &str) -> &str {
    let line = line.trim();
    let counted = line.strip_prefix('#').and_then(|rest| {
        let (step, rest) = rest.split_once(' ')?;
        let (time, rest) = rest.split_once(' ')?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        (digits(step) && digits(time)).then_some(rest.trim_start())
    });
    counted.unwrap_or(line)
}

/// `[31/73] /usr/local/cuda/bin/nvcc … -c …`.
fn is_command(line: &str) -> bool {
    let counted = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "));
    let command = counted
        .filter(|(count, _)| count.contains('/') && !count.contains(' '))
        .map_or(line, |(_, command)| command);
    let Some((program, rest)) = command.split_once(' ') else {
        return false;
    };
    is_compiler(program) && rest.contains("-c ")
}

/// True for the path of a compiler: `/usr/bin/x86_64-linux-gnu-g++-13`.
pub(in crate::messages) fn is_compiler(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || ".-".contains(c));
    COMPILERS.iter().any(|compiler| name.ends_with(compiler))
}
