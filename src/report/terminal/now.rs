//! What the GPUs say now of one failure.

use super::Paper;
use crate::bytes::human;
use crate::evidence::{InTheWay, Now};
use crate::report::wrap::{plain, styled};

/// So many processes are named.
const NAMED: usize = 3;

impl Paper<'_> {
    /// Whether it would fit now, who is in the way, and where else is room.
    pub(super) fn now(&mut self, now: &Now) {
        let mut lines = Vec::new();
        match (&now.unresolved, now.gpu, now.free) {
            (Some(reason), _, _) => {
                lines.push(format!("Which GPU it was cannot be told here: {reason}."));
            }
            (None, Some(gpu), Some(free)) => {
                lines.push(format!("GPU {gpu} has {} free. {}", human(free), fits(now)));
            }
            _ => lines.push("The memory of that GPU cannot be read.".to_owned()),
        }
        let way: Vec<&InTheWay> = now.in_the_way.iter().filter(|w| !w.own).collect();
        if now.program_fits != Some(true) {
            lines.extend(way.iter().take(NAMED).map(|w| in_the_way(w)));
        }
        if !now.gone.is_empty() && way.iter().all(|w| !w.in_log) {
            let gone: Vec<String> = now.gone.iter().map(u32::to_string).collect();
            let (noun, verb) = if gone.len() == 1 {
                ("Process", "holds")
            } else {
                ("Processes", "hold")
            };
            lines.push(format!(
                "{noun} {} of the log {verb} nothing there any more.",
                gone.join(", ")
            ));
        }
        match now.room.first() {
            Some(room) => lines.push(format!(
                "GPU {} has {} free: CUDA_VISIBLE_DEVICES={}.",
                room.gpu,
                human(room.free),
                room.visible_devices
            )),
            None if now.others > 0 => lines.push("No other GPU here has room for it.".to_owned()),
            None => {}
        }
        self.sheet.blank();
        let styles = &self.look.styles;
        self.sheet
            .flow(0, 0, &[styled("Now, on this machine", styles.heading)]);
        for line in lines {
            self.sheet.flow(2, 4, &[plain(line)]);
        }
    }
}

fn fits(now: &Now) -> String {
    let request = match now.request_fits {
        Some(true) => "The request by itself would fit",
        Some(false) => "The request would not fit",
        None => "Whether the request would fit is not certain",
    };
    let program = match (now.need, now.program_fits) {
        (Some(need), Some(true)) => {
            format!(
                "; the program, with the {} that it came to, fits",
                human(need)
            )
        }
        (Some(need), Some(false)) => {
            format!("; the program came to {}, which does not fit", human(need))
        }
        (Some(need), None) => format!("; the program came to {}", human(need)),
        (None, _) => String::new(),
    };
    format!("{request}{program}.")
}

fn in_the_way(way: &InTheWay) -> String {
    let held = way.bytes.map_or_else(|| "?".to_owned(), human);
    let command = way.command.as_deref().unwrap_or("command not visible here");
    let logged = if way.in_log { ", named in the log" } else { "" };
    let user = way
        .user
        .as_ref()
        .map_or_else(String::new, |u| format!(" of {u}"));
    format!(
        "In the way: process {}{user} holds {held}{logged}: {command}",
        way.pid
    )
}
