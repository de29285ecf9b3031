//! The GPUs as they are now, for people and as JSON.

use std::io::Write;

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::bar::bar;
use super::wrap::{Sheet, Span, columns, cut, plain, styled};
use super::{Look, json};
use crate::bytes::human;
use crate::error::Error;
use crate::evidence::{Course, Devices, Gpu, Holder, Instance, MemoryNow, Sight};

/// The number that a change of meaning raises.
const SCHEMA: u32 = 1;

/// So many lines are given to a command; all of it is in the JSON.
const COMMAND: usize = 3;

/// What `whyoom live --format json` prints: the GPUs at one moment. Sizes are bytes. What is not known is null or left out,
/// never zero. Read back, it is a recording.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct Moment<'a> {
    /// Always 1, until a meaning changes.
    schema: u32,
    #[serde(flatten)]
    devices: &'a Devices,
}

/// The JSON Schema of one moment. A test holds it to the types.
pub fn schema() -> String {
    include_str!("live.json").trim_end().to_owned()
}

/// Writes one moment as JSON.
pub fn write(devices: &Devices, out: &mut dyn Write) -> Result<(), Error> {
    let moment = Moment {
        schema: SCHEMA,
        devices,
    };
    json::write_indented(&moment, out)
}

/// A moment of a program's run.
#[derive(Serialize)]
struct Sample<'a> {
    /// Milliseconds since the start of the program.
    at_ms: u64,
    #[serde(flatten)]
    devices: &'a Devices,
}

/// One reading of a program's run, as a line of JSON. The lines together are a recording.
pub fn sample(at_ms: u64, devices: &Devices) -> Result<Vec<u8>, Error> {
    json::line(&Sample { at_ms, devices })
}

/// A table for each GPU. `courses` are those of the GPUs in their order, where there was a past to look at.
pub fn table(devices: &Devices, courses: &[Course], look: &Look) -> String {
    let mut page = Page {
        sheet: Sheet::new(look),
        look,
        amd: devices.source == "amdgpu",
    };
    for (index, gpu) in devices.gpus.iter().enumerate() {
        page.gpu(gpu, courses.get(index));
    }
    page.foot(devices);
    page.sheet.finish().replace('\u{a0}', " ")
}

struct Page<'a> {
    sheet: Sheet<'a>,
    look: &'a Look,
    /// Whether the kernel's files were asked, which do not list every process to everybody.
    amd: bool,
}

impl Page<'_> {
    fn gpu(&mut self, gpu: &Gpu, course: Option<&Course>) {
        let styles = &self.look.styles;
        self.sheet.blank();
        let head = styled(format!("GPU {}: {}", gpu.index, gpu.name), styles.heading);
        match modes(gpu).as_str() {
            "" => self.sheet.flow(0, 2, &[head]),
            modes => self.sheet.ends(&[head], modes, styles.aside),
        }
        match &gpu.memory {
            Some(memory) => self.memory(memory),
            None => self.sheet.flow(2, 2, &[plain("memory not known")]),
        }
        if let Some(course) = course {
            self.course(course, gpu);
        }
        for instance in &gpu.instances {
            self.instance(instance);
        }
        self.holders(gpu);
        if let Some(bytes) = gpu.unattributed {
            let whose = if self.amd {
                "by a process of another user, which only root may look at, or of another container"
            } else {
                "from another PID namespace (another container, or the host), or by a process that the driver does not list"
            };
            let words = format!("Cannot attribute {}: held {whose}.", human(bytes));
            self.sheet.flow(2, 4, &[styled(words, styles.problem)]);
        }
        for note in &gpu.notes {
            self.sheet.flow(2, 4, &[styled(note, styles.problem)]);
        }
    }

    fn memory(&mut self, memory: &MemoryNow) {
        let styles = &self.look.styles;
        let usable = memory.usable();
        let words = format!(
            "  {} used, {} free of {}",
            human(memory.used),
            human(memory.free),
            human(usable)
        );
        let cells = self
            .look
            .width
            .saturating_sub(columns(&words) + 2)
            .clamp(8, 30);
        let (full, empty) = bar(memory.used, usable, cells, self.look.unicode);
        let bars = [plain(full), styled(empty, styles.aside), plain(words)];
        self.sheet.fixed(2, &bars);
    }

    /// The past as a line of small bars, and when it fills.
    fn course(&mut self, course: &Course, gpu: &Gpu) {
        let total = gpu.memory.as_ref().map_or(0, MemoryNow::usable);
        let cells = self.look.width.saturating_sub(44).clamp(8, 40);
        let from = course.used.len().saturating_sub(cells);
        let line: String = course
            .used
            .iter()
            .skip(from)
            .map(|used| level(*used, total, self.look.unicode))
            .collect();
        let words = course.growth.map_or_else(String::new, |growth| {
            format!(
                "  grows by {} a second: full in {}",
                human(growth.per_second),
                span(growth.full_in)
            )
        });
        let styles = &self.look.styles;
        self.sheet
            .flow(2, 4, &[plain(line), styled(words, styles.problem)]);
    }

    fn instance(&mut self, instance: &Instance) {
        let memory = instance.memory.as_ref().map_or_else(
            || "memory not known".to_owned(),
            |m| format!("{} used, {} free", human(m.used), human(m.free)),
        );
        let uuid = instance.uuid.as_deref().unwrap_or_default();
        let words = format!(
            "instance {}  {}: {memory}  {uuid}",
            instance.index, instance.name
        );
        self.sheet.flow(2, 4, &[plain(words)]);
    }

    fn holders(&mut self, gpu: &Gpu) {
        let styles = &self.look.styles;
        if gpu.processes.is_empty() {
            let words = if gpu.unattributed.is_some() {
                "no process is listed"
            } else {
                "no process"
            };
            self.sheet.flow(2, 2, &[styled(words, styles.aside)]);
            return;
        }
        let rows: Vec<[String; 4]> = gpu.processes.iter().map(row).collect();
        let heads = ["PID", "user", "for", "memory"].map(str::to_owned);
        let width = |at: usize| {
            let cells = rows.iter().chain([&heads]).filter_map(|row| row.get(at));
            cells.map(|cell| columns(cell)).max().unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2), width(3)];
        let mut head = line(&heads, &widths);
        head.push_str("command");
        self.sheet.flow(2, 2, &[styled(head, styles.aside)]);
        for (holder, row) in gpu.processes.iter().zip(&rows) {
            self.holder(holder, &line(row, &widths));
        }
    }

    fn holder(&mut self, holder: &Holder, start: &str) {
        let styles = &self.look.styles;
        let indent = 2 + columns(start);
        let mut spans = vec![plain(start)];
        match (holder.state, &holder.command) {
            (Sight::NotVisible, None) => spans.push(styled(
                "not visible here: another PID namespace, or it has just ended",
                styles.aside,
            )),
            (_, Some(command)) => {
                let room = self.look.width.saturating_sub(indent).max(1) * COMMAND;
                spans.push(plain(cut(command, room, self.look.unicode)));
            }
            (_, None) => spans.push(plain("?")),
        }
        self.sheet.flow(2, indent, &spans);
        let mut also: Vec<String> = Vec::new();
        also.extend(holder.rank.map(|rank| format!("rank {rank}")));
        also.extend(holder.instance.map(|index| format!("instance {index}")));
        also.extend(holder.unit.clone());
        also.extend((holder.state == Sight::Zombie).then(|| "has ended (zombie)".to_owned()));
        if holder.kinds.iter().any(|kind| kind == "graphics") {
            also.push("graphics".to_owned());
        }
        if !also.is_empty() {
            let words: Span = styled(also.join(", "), styles.aside);
            self.sheet.flow(indent, indent, &[words]);
        }
    }

    /// Who said all that.
    fn foot(&mut self, devices: &Devices) {
        let driver = devices.driver.as_ref().map(|d| format!(", driver {d}"));
        let mut calls: Vec<&str> = Vec::new();
        for memory in devices.gpus.iter().filter_map(|gpu| gpu.memory.as_ref()) {
            if !calls.contains(&memory.by.as_str()) {
                calls.push(&memory.by);
            }
        }
        let reserved = devices
            .gpus
            .iter()
            .filter_map(|gpu| gpu.memory.as_ref()?.reserved)
            .max()
            .filter(|bytes| *bytes > 0)
            .map(|bytes| format!(", which counts the driver's own {} apart", human(bytes)));
        let words = format!(
            "Read from {}{}: {}{}.",
            devices.source,
            driver.unwrap_or_default(),
            calls.join(", "),
            reserved.unwrap_or_default()
        );
        self.sheet.blank();
        self.sheet
            .flow(0, 2, &[styled(words, self.look.styles.aside)]);
    }
}

/// What is unusual about how the GPU is set, and its address.
fn modes(gpu: &Gpu) -> String {
    let mut words = Vec::new();
    words.extend(gpu.mig.filter(|on| *on).map(|_| "MIG".to_owned()));
    words.extend(gpu.compute_mode.clone().filter(|mode| mode != "default"));
    words.extend(gpu.bus.clone());
    words.join(", ")
}

fn row(holder: &Holder) -> [String; 4] {
    [
        holder.pid.to_string(),
        holder.user.clone().unwrap_or_else(|| "?".to_owned()),
        holder.age.map_or_else(|| "?".to_owned(), span),
        holder.bytes.map_or_else(|| "?".to_owned(), human),
    ]
}

/// The first columns of a row, each as wide as its widest cell; their spaces do not break.
fn line(cells: &[String; 4], widths: &[usize; 4]) -> String {
    let mut line = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let gap = " ".repeat(width.saturating_sub(columns(cell)));
        // Words stand at the left of their column, numbers at the right.
        if index == 1 {
            line.push_str(cell);
            line.push_str(&gap);
        } else {
            line.push_str(&gap);
            line.push_str(cell);
        }
        line.push_str("  ");
    }
    line.replace(' ', "\u{a0}")
}

/// A share of the whole as one character.
pub(super) fn level(part: u64, whole: u64, unicode: bool) -> char {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ASCII: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];
    let steps = u128::from(part) * 8 / u128::from(whole.max(1));
    let at = usize::try_from(steps).unwrap_or(7).min(7);
    let levels = if unicode { BLOCKS } else { ASCII };
    levels.get(at).copied().unwrap_or(' ')
}

/// Seconds for people: "45 s", "12 min", "3 h", "5 d".
pub fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json::written_schema;

    #[test]
    fn the_schema_is_that_of_the_types() {
        written_schema::is("report/live.json", &schemars::schema_for!(Moment<'static>));
    }
}
