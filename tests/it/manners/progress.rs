//! Progress: shown on a terminal where reading takes long, and away before anything else is printed.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::Signal;
use rustix::pty::OpenptFlags;

use super::{MESSAGE, pipe, put, start, until, whyoom};

/// Takes the line away.
const ERASE: &str = "\r\x1b[K";

/// The far end of a pseudo-terminal.
struct Screen {
    text: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

/// A terminal for a command, its screen, and its keyboard.
fn terminal() -> (File, Screen, File) {
    let master: OwnedFd = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&master).unwrap();
    rustix::pty::unlockpt(&master).unwrap();
    let name = rustix::pty::ptsname(&master, Vec::new()).unwrap();
    let mut options = OpenOptions::new();
    let slave = options
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let keyboard = File::from(master.try_clone().unwrap());
    let text = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&text);
    let mut master = File::from(master);
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        // It ends with an error once nobody has the terminal open any more.
        while let Ok(read @ 1..) = master.read(&mut buffer) {
            bytes.extend_from_slice(buffer.get(..read).unwrap());
            *into.lock().unwrap() = String::from_utf8_lossy(&bytes).into_owned();
        }
    });
    (slave, Screen { text, reader }, keyboard)
}

impl Screen {
    fn until_it_shows(&self, words: &str) {
        until(words, || self.text.lock().unwrap().contains(words));
    }

    /// What stands there in the end, once the command is gone.
    fn left(self) -> String {
        self.reader.join().unwrap();
        let text = self.text.lock().unwrap().replace("\r\n", "\n");
        let lines = text.split('\n');
        let seen = lines.map(|line| line.rsplit(ERASE).next().unwrap());
        seen.collect::<Vec<_>>().join("\n")
    }
}

fn on(mut command: Command, terminal: File) -> Command {
    command.stderr(terminal);
    command
}

#[test]
fn it_is_shown_where_reading_takes_long_and_leaves_nothing_behind() {
    let (terminal, screen, _keyboard) = terminal();
    let mut child = on(whyoom(&[]), terminal).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(MESSAGE.as_bytes()).unwrap();
    stdin
        .write_all("step loss 0.5\n".repeat(20_000).as_bytes())
        .unwrap();
    screen.until_it_shows("reading  ");
    screen.until_it_shows("1 failure");
    drop(stdin);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
    assert_eq!(screen.left(), "");
}

#[test]
fn reports_on_the_same_terminal_are_not_torn() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a", "b", "c"].map(|name| pipe(folder.path(), name));
    let mut arguments = vec!["-f", "ndjson", "--jobs", "1"];
    arguments.extend(names.iter().map(String::as_str));
    let (terminal, screen, _keyboard) = terminal();
    let mut command = on(whyoom(&arguments), terminal.try_clone().unwrap());
    let mut child = command
        .stdout(terminal)
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    drop(command);
    for (done, name) in names.iter().enumerate() {
        let mut writer = OpenOptions::new().write(true).open(name).unwrap();
        screen.until_it_shows(&format!("{done} of 3 inputs"));
        writer.write_all(MESSAGE.as_bytes()).unwrap();
    }
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let left = screen.left();
    let failures = left.lines().map(serde_json::from_str::<serde_json::Value>);
    assert!(failures.clone().all(|line| line.is_ok()), "{left}");
    assert_eq!(failures.count(), 3);
}

#[test]
fn a_message_takes_its_place() {
    let (terminal, screen, _keyboard) = terminal();
    let command = on(whyoom(&["-f", "json"]), terminal);
    let mut child = { command }.spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    screen.until_it_shows("reading  ");
    let id = i32::try_from(child.id()).unwrap();
    let id = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(id, Signal::INT).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    drop(stdin);
    assert_eq!(
        screen.left(),
        "whyoom: interrupted: `<stdin>` was not read to its end\n"
    );
}

#[test]
fn it_is_not_shown_where_it_is_not_wanted_or_no_terminal_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let config = put(folder.path(), "whyoom.toml", "no-progress = true\n");
    let long = Duration::from_millis(1500);
    let mut children = Vec::new();
    for arguments in [
        &["--quiet"][..],
        &["--no-progress"],
        &["--config", &config],
        &["-f", "ndjson"],
    ] {
        let (terminal, screen, keyboard) = terminal();
        let mut command = on(whyoom(arguments), terminal);
        if arguments.contains(&"ndjson") {
            command.env("TERM", "dumb");
        }
        children.push((command.spawn().unwrap(), screen, keyboard));
    }
    let piped = start(whyoom(&[]));
    std::thread::sleep(long);
    for (mut child, screen, _keyboard) in children {
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(screen.left(), "");
    }
    let mut piped = piped;
    drop(piped.child.stdin.take());
    assert_eq!(piped.end().err, "");
}

#[test]
fn who_pastes_is_not_disturbed() {
    let (typed, shown, mut keyboard) = terminal();
    let (terminal, screen, _keyboard) = terminal();
    let mut command = on(whyoom(&["-f", "json"]), terminal);
    let child = command.stdin(typed).spawn().unwrap();
    drop(command);
    screen.until_it_shows("press Ctrl-D");
    keyboard.write_all(b"step 1\n").unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    // The end of the input, typed.
    keyboard.write_all(b"\x04").unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert!(screen.left().ends_with("then press Ctrl-D\n"));
    drop(shown);
}
