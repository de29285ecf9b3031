//! What the GPUs as they are now say of a process to stop and of another GPU to take: what is no longer needed is not offered,
//! what was open is filled in.

use crate::bytes::{Bytes, human};
use crate::evidence::{Balance, GpuUse, InTheWay, Now, Room};
use crate::fixes::situation::own_in_the_way;
use crate::fixes::{Enough, Offer, Situation, watched};

/// As many ids as fit on a line.
const NAMED: usize = 5;

/// The line that chooses a GPU which a table in the log shows to be idle.
pub(in crate::fixes) fn of_a_table(s: &Situation<'_>, name: &str, free: &GpuUse) -> String {
    format!(
        "{}{name}={}  # {} of its {} were in use by the table at line {}",
        s.set_word(),
        free.index,
        free.used,
        free.total,
        free.line
    )
}

/// Names the GPU with room; `None` where there is none.
pub(in crate::fixes) fn another(now: &Now, offer: Offer, balance: &Balance) -> Option<Offer> {
    match (now.room.first(), own_in_the_way(now)) {
        // Where all of the program fits elsewhere, it can move as a whole.
        (Some(room), _) => Some(onto(room, now, offer, balance)),
        (None, Some(at)) => watched::elsewhere(at, now),
        (None, None) => None,
    }
}

fn onto(room: &Room, now: &Now, mut offer: Offer, balance: &Balance) -> Offer {
    // ROCm and Windows name or set the variable their own way: only the number is filled in.
    let Some((set, _)) = offer.how.split_once("=N") else {
        return offer;
    };
    let care = if room.unshown {
        "  # take it only if it is yours: the program's own list does not show it"
    } else {
        ""
    };
    offer.how = format!(
        "{set}={}{care}\n# GPU {} has {} free now",
        room.visible_devices,
        room.gpu,
        human(room.free)
    );
    if room.enough {
        offer.enough = Enough::Yes;
        let had = now
            .need
            .zip(balance.shortfall)
            .map(|(need, short)| need.saturating_sub(short.low()));
        offer.gain = had.map(|had| Bytes::exact(room.free.saturating_sub(had)));
    }
    offer
}

/// Names the processes that are there now; `None` where nobody is left to stop.
pub(in crate::fixes) fn stop(now: &Now, offer: Offer) -> Option<Offer> {
    if let Some(at) = own_in_the_way(now) {
        return Some(watched::end_own(at, now));
    }
    if watched::nobody_left(now, &offer).is_some() {
        return None;
    }
    let others: Vec<&InTheWay> = now.in_the_way.iter().filter(|w| !w.own).collect();
    let logged = others.iter().any(|w| w.in_log);
    let named: Vec<&InTheWay> = others.into_iter().filter(|w| w.in_log || !logged).collect();
    if named.is_empty() {
        // Memory that nobody here accounts for may still be somebody's.
        return (now.gone.is_empty() && now.program_fits != Some(true)).then_some(offer);
    }
    let held: u64 = named.iter().filter_map(|w| w.bytes).sum();
    let after = now.free.unwrap_or(0).saturating_add(held);
    Some(Offer {
        title: None,
        how: end_these(&named, logged, offer.how.contains("taskkill")),
        gain: Some(Bytes::exact(held)),
        at_least: false,
        enough: match now.need {
            Some(need) if after < need => Enough::No,
            Some(need) if logged && after > need.saturating_add(need / 1024) => Enough::Yes,
            _ => Enough::Unknown,
        },
        cost: None,
    })
}

/// Processes that the log does not name are somebody's work: they are shown, and not ended by a copied line.
fn end_these(named: &[&InTheWay], logged: bool, windows: bool) -> String {
    let named = named.iter().take(NAMED);
    let ids: Vec<String> = named.clone().map(|w| w.pid.to_string()).collect();
    let mut how = match (logged, windows) {
        (true, false) => format!("kill {}", ids.join(" ")),
        (true, true) => format!("taskkill /PID {}", ids.join(" /PID ")),
        (false, _) => format!(
            "ps -o pid,user,etime,args -p {}  # then: kill PID",
            ids.join(",")
        ),
    };
    for process in named {
        how.push('\n');
        how.push_str(&remark(process));
    }
    how
}

/// A process as a remark below what is to be typed.
pub(in crate::fixes) fn remark(process: &InTheWay) -> String {
    let command = process.command.as_deref().unwrap_or("command not visible");
    let held = process
        .bytes
        .map_or_else(String::new, |b| format!(", {}", human(b)));
    let user = process
        .user
        .as_ref()
        .map_or_else(String::new, |u| format!(", {u}"));
    format!("# {}: {}{held}{user}", process.pid, one_line(command))
}

/// A command line that stays behind its comment sign.
pub(in crate::fixes) fn one_line(command: &str) -> String {
    command
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(100)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::GIB;
    use crate::evidence::{FindingId, FixId, Key};
    use crate::fixes::case_builder::CaseBuilder;

    /// A failure beside process 7, which the log names, with the GPUs asked.
    fn ranked(now: Now) -> Vec<(FixId, Offer)> {
        let failed = CaseBuilder::new()
            .finding(FindingId::OtherProcess)
            .fact(Key::Tried, 20)
            .fact(Key::Total, 800)
            .fact(Key::ProcessInUse, 100)
            .process(7, 600, false);
        failed.now(now).rank()
    }

    fn ids(ranked: &[(FixId, Offer)]) -> Vec<FixId> {
        ranked.iter().map(|(id, _)| *id).collect()
    }

    fn now() -> Now {
        Now {
            gpu: Some(0),
            free: Some(GIB),
            need: Some(30 * GIB),
            ..Now::default()
        }
    }

    fn room(unshown: bool) -> Room {
        Room {
            gpu: 3,
            visible_devices: "3".to_owned(),
            free: 70 * GIB,
            enough: true,
            unshown,
        }
    }

    fn holder() -> InTheWay {
        InTheWay {
            pid: 7,
            bytes: Some(60 * GIB),
            command: Some("python\nserve.py".to_owned()),
            in_log: true,
            ..InTheWay::default()
        }
    }

    #[test]
    fn a_gpu_with_room_is_named_and_comes_first() {
        let ranked = ranked(Now {
            room: vec![room(false)],
            gone: vec![7],
            ..now()
        });
        assert_eq!(
            ids(&ranked),
            [FixId::ChooseAnotherGpu, FixId::LowerBatchSize]
        );
        let offer = &ranked[0].1;
        assert_eq!(
            offer.how,
            "CUDA_VISIBLE_DEVICES=3\n# GPU 3 has 70 GiB free now"
        );
        assert_eq!(offer.enough, Enough::Yes);
    }

    #[test]
    fn the_process_of_the_log_that_still_lives_is_named_with_its_command() {
        let ranked = ranked(Now {
            in_the_way: vec![holder()],
            ..now()
        });
        assert_eq!(
            ids(&ranked),
            [FixId::StopOtherProcess, FixId::LowerBatchSize]
        );
        let offer = &ranked[0].1;
        assert_eq!(offer.how, "kill 7\n# 7: python serve.py, 60 GiB");
        assert_eq!(offer.enough, Enough::Yes);
    }

    #[test]
    fn a_free_gpu_comes_before_the_end_of_somebodys_work() {
        for (unshown, first) in [
            (false, FixId::ChooseAnotherGpu),
            (true, FixId::StopOtherProcess),
        ] {
            let ranked = ranked(Now {
                in_the_way: vec![holder()],
                room: vec![room(unshown)],
                ..now()
            });
            assert_eq!(ids(&ranked)[0], first);
        }
    }

    #[test]
    fn what_is_gone_and_leaves_room_is_a_reason_to_run_it_again() {
        let ranked = ranked(Now {
            gone: vec![7],
            program_fits: Some(true),
            ..now()
        });
        assert_eq!(ids(&ranked), [FixId::RunItAgain, FixId::LowerBatchSize]);
        assert_eq!(ranked[0].1.how, "run it again: process 7 has ended since");
    }

    #[test]
    fn an_unknown_device_changes_nothing() {
        let unknown = ranked(Now::default());
        assert_eq!(
            ids(&unknown),
            [
                FixId::LowerBatchSize,
                FixId::StopOtherProcess,
                FixId::ChooseAnotherGpu
            ]
        );
        assert!(unknown[1].1.how.ends_with("then: kill 7"));
    }
}
