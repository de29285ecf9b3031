//! `whyoom live`: the GPUs now, and who holds their memory.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use super::environment::{Environment, LookArgs};
use super::exit::Exit;
use crate::error::Error;
use crate::evidence::{Course, Devices};
use crate::probe::forecast::{Reading, forecast};
use crate::probe::{self, GpuProbe, NoGpus, Recording};
use crate::report::redact::Redactor;
use crate::report::{self, Look};

/// What of the past is kept for `--watch`.
const KEPT: usize = 600;

/// Show the GPUs now: who holds how much of their memory
///
/// Exit codes: 0 the GPUs were read, 3 they could not be (no driver, no device, no rights), 2 wrong use.
#[derive(Args)]
pub(super) struct Live {
    /// Refresh every so many seconds, with a line of the past and when it fills
    #[arg(long, value_name = "SECS", num_args = 0..=1, default_missing_value = "2")]
    watch: Option<f64>,
    /// How to write it
    #[arg(long, short, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// End after so many readings
    #[arg(long, value_name = "N", hide = true)]
    count: Option<u64>,
    /// Placeholders for users, folders, containers and GPUs' identifiers; every figure stays
    #[arg(long)]
    redact: bool,
    #[command(flatten)]
    probe: ProbeArgs,
    #[command(flatten)]
    look: LookArgs,
}

/// Where the GPUs are read from.
#[derive(Args, Clone)]
pub(super) struct ProbeArgs {
    /// Play a recording instead of asking the driver: what `whyoom live --format json` printed
    #[arg(long, value_name = "FILE", hide = true)]
    probe_file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for each GPU
    Terminal,
    /// One JSON object for each reading
    Json,
}

impl ProbeArgs {
    /// The probe to ask.
    pub(super) fn open(&self) -> Result<Box<dyn GpuProbe>, NoGpus> {
        let Some(path) = &self.probe_file else {
            return probe::probe(Path::new("/"));
        };
        Ok(Box::new(Recording::open(path)?))
    }

    /// The GPUs as they are now. Where they cannot be read, a line says why, and reports are of the logs alone.
    pub(super) fn ask(&self) -> Devices {
        let read = self.open().and_then(|mut probe| probe.read());
        read.unwrap_or_else(|error| {
            super::complain(&format!(
                "cannot read the GPUs: {error}. The report is of the log alone."
            ));
            Devices {
                problem: Some(error.reason),
                ..Devices::default()
            }
        })
    }
}

impl Live {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        let mut probe = match self.probe.open() {
            Ok(probe) => probe,
            Err(error) => return self.nothing(&error),
        };
        let mut view = View {
            look: environment.look(&self.look),
            format: self.format,
            clear: self.watch.is_some() && std::io::stdout().is_terminal(),
            past: Vec::new(),
            since: Instant::now(),
            redactor: self.redact.then(Environment::redactor),
        };
        let pause = Duration::from_secs_f64(self.watch.unwrap_or(0.0).clamp(0.0, 86_400.0));
        let mut left = self.count.unwrap_or(u64::MAX);
        loop {
            let mut devices = match probe.read() {
                Ok(devices) => devices,
                Err(error) => return self.nothing(&error),
            };
            if let Some(redactor) = &mut view.redactor {
                redactor.devices(&mut devices);
            }
            if !view.show(&devices, self.watch.is_some())? {
                return Ok(Exit::CLEAN);
            }
            left -= 1;
            if self.watch.is_none() || left == 0 {
                return Ok(Exit::CLEAN);
            }
            std::thread::sleep(pause);
        }
    }

    /// Says why there is nothing to show, and what works all the same.
    fn nothing(&self, error: &NoGpus) -> Result<Exit, Error> {
        super::complain(&format!(
            "cannot read the GPUs: {error}. Reports on logs work without them."
        ));
        if self.format == Format::Json {
            let mut text = Vec::new();
            let devices = Devices {
                problem: Some(error.reason.clone()),
                ..Devices::default()
            };
            report::live::write(&devices, &mut text)?;
            super::print(&text)?;
        }
        Ok(Exit::PARTIAL)
    }
}

/// What is shown, frame after frame.
struct View {
    look: Look,
    format: Format,
    /// Whether each frame takes the place of the last.
    clear: bool,
    /// The readings of each GPU.
    past: Vec<Vec<Reading>>,
    since: Instant,
    redactor: Option<Redactor>,
}

impl View {
    /// Shows one moment; false where nobody looks any more.
    fn show(&mut self, devices: &Devices, watched: bool) -> Result<bool, Error> {
        let courses = if watched {
            self.courses(devices)
        } else {
            Vec::new()
        };
        let mut text = Vec::new();
        match self.format {
            Format::Json => report::live::write(devices, &mut text)?,
            Format::Terminal => {
                if self.clear {
                    // Home, and clear from there: without a flicker, and the scrollback stays.
                    text.extend_from_slice(b"\x1b[H\x1b[J");
                }
                let mut table = report::live::table(devices, &courses, &self.look);
                let rows = self.clear.then(terminal_size::terminal_size).flatten();
                if let Some((_, terminal_size::Height(rows))) = rows {
                    table = fitting(&table, usize::from(rows));
                }
                text.extend_from_slice(table.as_bytes());
                if watched && !self.clear {
                    text.push(b'\n');
                }
            }
        }
        let mut out = std::io::stdout().lock();
        match out.write_all(&text).and_then(|()| out.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Error::Write(error)),
        }
    }

    fn courses(&mut self, devices: &Devices) -> Vec<Course> {
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.past.resize_with(devices.gpus.len(), Vec::new);
        let each = devices.gpus.iter().zip(&mut self.past);
        each.map(|(gpu, past)| {
            if let Some(memory) = &gpu.memory {
                past.push((now, memory.used));
            }
            if past.len() > KEPT {
                past.remove(0);
            }
            Course {
                used: past.iter().map(|(_, used)| *used).collect(),
                growth: forecast(past, gpu.free().unwrap_or(0)),
            }
        })
        .collect()
    }
}

/// The frame, where it is higher than the window cut so that it does not scroll: the next one is to take its place. The line
/// below the last must be free for the cursor.
fn fitting(frame: &str, rows: usize) -> String {
    let lines: Vec<&str> = frame.lines().collect();
    let room = rows.saturating_sub(1);
    if lines.len() <= room {
        return frame.to_owned();
    }
    let shown = room.saturating_sub(1);
    let text: String = lines
        .iter()
        .take(shown)
        .flat_map(|line| [*line, "\n"])
        .collect();
    text + &format!("({} more lines in a higher window)\n", lines.len() - shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_leaves_the_last_row_free_and_says_how_much_it_lacks() {
        let frame = "a\nb\nc\nd\n";
        assert_eq!(fitting(frame, 5), frame);
        assert_eq!(
            fitting(frame, 4),
            "a\nb\n(2 more lines in a higher window)\n"
        );
        assert_eq!(fitting(frame, 0).lines().count(), 1);
    }
}
