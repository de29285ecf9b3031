//! What the program is told by its surroundings: variables and terminals. Read once, here; all else is told by value.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::links;
use crate::diagnose::Custom;
#[cfg(unix)]
use crate::diagnose::Reader;
use crate::evidence::Visible;
use crate::report::redact::Redactor;
use crate::report::{Links, Look, Styles};

/// The narrowest layout; below it, lines are cut by the terminal and still whole in a file.
const NARROW: usize = 60;
/// The widest layout: longer lines are hard to read.
const WIDE: usize = 100;
/// Where nothing tells the width.
const USUAL: usize = 80;

/// The surroundings of the program.
pub(super) struct Environment {
    /// What the user adds to what is known, from settings files.
    pub(super) custom: Arc<Custom>,
    /// The folder of the user's own settings.
    settings: Option<PathBuf>,
    color: Wish,
    columns: Option<usize>,
    /// Whether the locale's character set holds more than ASCII.
    unicode: bool,
    /// The page of the job, where a runner of GitHub Actions names one.
    pub(super) job_page: Option<PathBuf>,
    /// Where a CI system has checked the repository out.
    pub(super) checkout: Option<PathBuf>,
    /// Where it shows the job and the code.
    pub(super) links: Links,
    /// Whether standard input is a terminal: somebody is there to paste.
    pub(super) stdin_is_terminal: bool,
    stdout_is_terminal: bool,
    /// Where Python looks for modules first.
    #[cfg(unix)]
    pub(super) python_path: Option<OsString>,
    /// Which GPUs a program started here sees.
    pub(super) visible: Visible,
}

/// What the variables wish for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Color,
    NoColor,
    /// Colour where there is a terminal.
    Terminal,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless a variable says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How text for people looks. The same for every command that prints some.
#[derive(Args, Debug)]
#[command(next_help_heading = "Report")]
pub(super) struct LookArgs {
    /// When to use colour; auto heeds `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR_FORCE` and `CLICOLOR`, in this order
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    color: Color,
    /// Columns to use, from 60 to 100 [default: the terminal's]
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
    /// Draw with ASCII only
    #[arg(long)]
    ascii: bool,
}

impl Environment {
    /// Reads the surroundings.
    pub(super) fn read() -> Self {
        Self {
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            ..Self::told_by(&variable)
        }
    }

    /// Takes names out of reports, and knows those of this user and this machine.
    #[expect(
        clippy::disallowed_methods,
        reason = "one line of the kernel's, and no input of the user's"
    )]
    pub(super) fn redactor() -> Redactor {
        let word = |name| variable(name).map(|value| value.to_string_lossy().into_owned());
        let users: Vec<String> = ["USER", "LOGNAME"].into_iter().filter_map(word).collect();
        // Linux tells it here (proc(5)); a shell does not always hand its variable on.
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname");
        let hosts = word("HOSTNAME").into_iter().chain(host);
        let hosts: Vec<String> = hosts.map(|name| name.trim().to_owned()).collect();
        Redactor::knowing(&users, &hosts)
    }

    /// Whether a line on standard error can be taken away again: it is a terminal, and not a dumb one.
    pub(super) fn stderr_redraws() -> bool {
        std::io::stderr().is_terminal() && variable("TERM").is_none_or(|term| term != "dumb")
    }

    /// What variables tell, with no terminal around.
    fn told_by(variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        // The first of these that is set counts (POSIX, "Locale").
        let text = |name| variable(name).map(|value| value.to_string_lossy().into_owned());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty());
        Self {
            custom: Arc::default(),
            settings: settings(variable),
            color: wish(variable),
            columns: variable("COLUMNS").and_then(|v| v.to_str()?.parse().ok()),
            unicode: locale.is_none_or(|v| is_utf8(&v.to_string_lossy())),
            checkout: checkout(variable),
            links: links::of(variable),
            job_page: variable("GITHUB_STEP_SUMMARY")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            stdin_is_terminal: false,
            stdout_is_terminal: false,
            #[cfg(unix)]
            python_path: variable("PYTHONPATH"),
            visible: Visible {
                cuda: text("CUDA_VISIBLE_DEVICES"),
                hip: text("HIP_VISIBLE_DEVICES"),
                rocr: text("ROCR_VISIBLE_DEVICES"),
                by_bus: variable("CUDA_DEVICE_ORDER").is_some_and(|v| v == "PCI_BUS_ID"),
            },
        }
    }

    /// The user's own settings file, where there is one.
    pub(super) fn config(&self) -> Option<PathBuf> {
        let path = self.settings.as_ref()?.join("whyoom").join("config.toml");
        path.is_file().then_some(path)
    }

    /// A reader that knows what the user adds.
    #[cfg(unix)]
    pub(super) fn reader(&self, source: &str) -> Reader {
        Reader::with(source, &self.custom)
    }

    /// How text for people looks on standard error.
    #[cfg(unix)]
    pub(super) fn look_of_stderr(&self, asked: &LookArgs) -> Look {
        self.look_on(asked, std::io::stderr().is_terminal())
    }

    /// How text for people looks here.
    pub(super) fn look(&self, asked: &LookArgs) -> Look {
        self.look_on(asked, self.stdout_is_terminal)
    }

    /// How it looks in a file: for whoever reads that, and not as wide or as coloured as this terminal.
    pub(super) fn look_in_file(&self, asked: &LookArgs) -> Look {
        self.look_on(asked, false)
    }

    fn look_on(&self, asked: &LookArgs, terminal: bool) -> Look {
        let styles = if self.colored(asked.color, terminal) {
            Styles::colored()
        } else {
            Styles::default()
        };
        let measured = || terminal.then(terminal_size::terminal_size).flatten();
        let width = asked.width.or(self.columns);
        let width = width.or_else(|| measured().map(|(width, _)| usize::from(width.0)));
        Look {
            width: width.unwrap_or(USUAL).clamp(NARROW, WIDE),
            unicode: !asked.ascii && self.unicode,
            styles,
        }
    }

    fn colored(&self, asked: Color, terminal: bool) -> bool {
        match (asked, self.color) {
            (Color::Always, _) | (Color::Auto, Wish::Color) => true,
            (Color::Never, _) | (Color::Auto, Wish::NoColor) => false,
            (Color::Auto, Wish::Terminal) => terminal,
        }
    }
}

/// Where users keep their settings: `XDG_CONFIG_HOME`, else `~/.config`; on Windows `APPDATA`.
fn settings(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        return folder("APPDATA");
    }
    folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))
}

/// `NO_COLOR` wins over the variables that force colour (`CMake` documents the same order), and they over `CLICOLOR`.
fn wish(variable: &dyn Fn(&str) -> Option<OsString>) -> Wish {
    let set = |name| variable(name).is_some_and(|v| !v.is_empty());
    let on = |name| variable(name).is_some_and(|v| !v.is_empty() && v != "0");
    let is = |name, value: &str| variable(name).is_some_and(|v| v == value);
    if set("NO_COLOR") {
        Wish::NoColor
    } else if on("FORCE_COLOR") || on("CLICOLOR_FORCE") {
        Wish::Color
    } else if is("CLICOLOR", "0") || is("TERM", "dumb") {
        Wish::NoColor
    } else {
        Wish::Terminal
    }
}

/// "en_US.UTF-8", "C.utf8".
fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The folder of the repository in a job of a CI system, by the variable that its documents name: docs.github.com ("Variables
/// reference"), docs.gitlab.com ("Predefined variables"), buildkite.com/docs ("Environment variables"), learn.microsoft.com
/// ("Predefined variables"), jenkins.io ("Using environment variables"), circleci.com/docs ("Project values and variables"),
/// docs.travis-ci.com ("Environment Variables"), support.atlassian.com ("Variables and secrets"), docs.drone.io
/// ("Environment"), woodpecker-ci.org ("Environment variables"). Each is heeded only in a job
/// of its system: `WORKSPACE` may be anything elsewhere.
fn checkout(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    const FOLDERS: [(&str, &str); 10] = [
        ("GITHUB_ACTIONS", "GITHUB_WORKSPACE"),
        ("GITLAB_CI", "CI_PROJECT_DIR"),
        ("BUILDKITE", "BUILDKITE_BUILD_CHECKOUT_PATH"),
        ("TF_BUILD", "BUILD_SOURCESDIRECTORY"),
        ("JENKINS_URL", "WORKSPACE"),
        ("CIRCLECI", "CIRCLE_WORKING_DIRECTORY"),
        ("TRAVIS", "TRAVIS_BUILD_DIR"),
        ("BITBUCKET_BUILD_NUMBER", "BITBUCKET_CLONE_DIR"),
        ("DRONE", "DRONE_WORKSPACE"),
        ("CI_SYSTEM_NAME", "CI_WORKSPACE"),
    ];
    let told = |name: &str| variable(name).filter(|value| !value.is_empty());
    let here = FOLDERS.iter().find(|(system, _)| told(system).is_some());
    let folder = PathBuf::from(told(here?.1)?);
    // CircleCI writes its default as it stands in its settings: `~/project`.
    match folder.strip_prefix("~") {
        Ok(below) => Some(PathBuf::from(told("HOME")?).join(below)),
        Err(_) => Some(folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_by(variables: &[(&str, &str)]) -> Environment {
        Environment::told_by(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    fn look(environment: &Environment, width: Option<usize>) -> Look {
        environment.look(&LookArgs {
            color: Color::Auto,
            width,
            ascii: false,
        })
    }

    #[test]
    fn the_flag_wins_over_every_variable() {
        assert!(told_by(&[("NO_COLOR", "1")]).colored(Color::Always, false));
        assert!(!told_by(&[("FORCE_COLOR", "1")]).colored(Color::Never, true));
    }

    #[test]
    fn no_color_wins_over_force_which_wins_over_clicolor_and_the_terminal() {
        let mut variables = vec![
            ("NO_COLOR", "1"),
            ("CLICOLOR_FORCE", "1"),
            ("CLICOLOR", "0"),
            ("TERM", "dumb"),
        ];
        for expected in [Wish::NoColor, Wish::Color, Wish::NoColor, Wish::NoColor] {
            assert_eq!(told_by(&variables).color, expected, "{variables:?}");
            variables.remove(0);
        }
        assert_eq!(told_by(&variables).color, Wish::Terminal);
    }

    #[test]
    fn an_empty_variable_and_a_force_of_zero_say_nothing() {
        let quiet = [
            ("NO_COLOR", ""),
            ("FORCE_COLOR", "0"),
            ("CLICOLOR_FORCE", ""),
        ];
        assert_eq!(told_by(&quiet).color, Wish::Terminal);
    }

    #[test]
    fn the_layout_is_never_narrower_than_60_or_wider_than_100() {
        let columns = told_by(&[("COLUMNS", "72")]);
        assert_eq!(look(&columns, None).width, 72);
        assert_eq!(look(&columns, Some(20)).width, NARROW);
        assert_eq!(look(&columns, Some(500)).width, WIDE);
        assert_eq!(look(&told_by(&[]), None).width, USUAL);
    }

    #[test]
    fn the_checkout_is_where_the_system_of_the_job_says() {
        for (system, name, folder, found) in [
            ("GITHUB_ACTIONS", "GITHUB_WORKSPACE", "/w/bert", "/w/bert"),
            ("GITLAB_CI", "CI_PROJECT_DIR", "/b/bert", "/b/bert"),
            ("BUILDKITE", "BUILDKITE_BUILD_CHECKOUT_PATH", "/k", "/k"),
            ("TF_BUILD", "BUILD_SOURCESDIRECTORY", "/s", "/s"),
            ("JENKINS_URL", "WORKSPACE", "/j", "/j"),
            (
                "CIRCLECI",
                "CIRCLE_WORKING_DIRECTORY",
                "~/project",
                "/home/ci/project",
            ),
            ("TRAVIS", "TRAVIS_BUILD_DIR", "/t", "/t"),
            ("BITBUCKET_BUILD_NUMBER", "BITBUCKET_CLONE_DIR", "/o", "/o"),
            ("DRONE", "DRONE_WORKSPACE", "/d", "/d"),
            ("CI_SYSTEM_NAME", "CI_WORKSPACE", "/c", "/c"),
        ] {
            let variables = [("HOME", "/home/ci"), (system, "1"), (name, folder)];
            let checkout = told_by(&variables).checkout;
            assert_eq!(checkout, Some(PathBuf::from(found)), "{name}");
            let without_the_system = [("HOME", "/home/ci"), (name, folder)];
            assert_eq!(told_by(&without_the_system).checkout, None, "{name}");
        }
        assert_eq!(
            told_by(&[("TRAVIS", "1"), ("TRAVIS_BUILD_DIR", "")]).checkout,
            None
        );
    }

    #[test]
    fn a_locale_without_utf_8_is_drawn_in_ascii() {
        assert!(told_by(&[]).unicode);
        assert!(told_by(&[("LANG", "C.utf8")]).unicode);
        assert!(!told_by(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")]).unicode);
        assert!(!told_by(&[("LANG", "de_DE.ISO-8859-1")]).unicode);
    }
}
