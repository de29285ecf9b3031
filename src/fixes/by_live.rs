//! Fixes in the light of the GPUs as they are now: what is no longer needed goes, what was open is filled in.

use super::{Enough, Offer, Ranked, by_watch, in_order, run_it_again};
use crate::bytes::{Bytes, human};
use crate::evidence::{Balance, FixId, InTheWay, Now};

/// As many ids as fit on a line.
const NAMED: usize = 5;

/// Changes the fixes of one failure. Where its device is not known here, nothing is changed.
pub fn by_live(fixes: &mut Vec<Ranked>, now: &Now, balance: &Balance) {
    let family = now.at_failure.as_ref().filter(|at| at.own_in_the_way());
    if now.free.is_none() && family.is_none() {
        return;
    }
    for ranked in fixes
        .iter_mut()
        .filter(|r| r.fix.id == FixId::StopOtherProcess)
    {
        if family.is_none() && by_watch::nobody_left(&mut ranked.offer, now) {
            ranked.fix = &run_it_again::FIX;
        }
    }
    fixes.retain_mut(|ranked| match (ranked.fix.id, family) {
        // Where all of the program fits elsewhere, it can move as a whole.
        (FixId::ChooseAnotherGpu, Some(at)) if now.room.is_empty() => {
            by_watch::elsewhere(&mut ranked.offer, at, now)
        }
        (FixId::StopOtherProcess, Some(at)) => by_watch::end_own(&mut ranked.offer, at, now),
        (FixId::ChooseAnotherGpu, _) => another(&mut ranked.offer, now, balance),
        (FixId::StopOtherProcess, None) => stop(&mut ranked.offer, now),
        _ => true,
    });
    in_order(fixes);
    if family.is_none() {
        spare_others(fixes, now);
    }
}

/// A GPU that is free costs nobody's work: where it surely is enough, it comes before the end of a process.
fn spare_others(fixes: &mut Vec<Ranked>, now: &Now) {
    let sure = now.room.first().is_some_and(|r| r.enough && !r.unshown);
    let at = |id: FixId| fixes.iter().position(|r| r.fix.id == id);
    if let (Some(stop), Some(another), true) = (
        at(FixId::StopOtherProcess),
        at(FixId::ChooseAnotherGpu),
        sure,
    ) && stop < another
    {
        let moved = fixes.remove(another);
        fixes.insert(stop, moved);
    }
}

/// Names the GPU with room; false where there is none.
fn another(offer: &mut Offer, now: &Now, balance: &Balance) -> bool {
    let Some(room) = now.room.first() else {
        return false;
    };
    // ROCm and Windows name or set the variable their own way: only the number is filled in.
    let Some((set, _)) = offer.how.split_once("=N") else {
        return true;
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
    true
}

/// Names the processes that are there now; false where nobody is left to stop.
fn stop(offer: &mut Offer, now: &Now) -> bool {
    let others: Vec<&InTheWay> = now.in_the_way.iter().filter(|w| !w.own).collect();
    let logged = others.iter().any(|w| w.in_log);
    let named: Vec<&InTheWay> = others.into_iter().filter(|w| w.in_log || !logged).collect();
    if named.is_empty() {
        // Memory that nobody here accounts for may still be somebody's.
        return now.gone.is_empty() && now.program_fits != Some(true);
    }
    let ids: Vec<String> = named
        .iter()
        .take(NAMED)
        .map(|w| w.pid.to_string())
        .collect();
    let windows = offer.how.contains("taskkill");
    // Processes that the log does not name are somebody's work: they are shown, and not ended by a copied line.
    offer.how = match (logged, windows) {
        (true, false) => format!("kill {}", ids.join(" ")),
        (true, true) => format!("taskkill /PID {}", ids.join(" /PID ")),
        (false, _) => format!(
            "ps -o pid,user,etime,args -p {}  # then: kill PID",
            ids.join(",")
        ),
    };
    for process in named.iter().take(NAMED) {
        offer.how.push('\n');
        offer.how.push_str(&remark(process));
    }
    let held: u64 = named.iter().filter_map(|w| w.bytes).sum();
    let after = now.free.unwrap_or(0).saturating_add(held);
    offer.gain = Some(Bytes::exact(held));
    offer.enough = match now.need {
        Some(need) if after < need => Enough::No,
        Some(need) if logged && after > need.saturating_add(need / 1024) => Enough::Yes,
        _ => Enough::Unknown,
    };
    true
}

/// A process as a remark below what is to be typed.
pub(super) fn remark(process: &InTheWay) -> String {
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
pub(super) fn one_line(command: &str) -> String {
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
    use crate::evidence::Room;
    use crate::fixes::{choose_another_gpu, lower_batch_size, stop_other_process};

    fn offers() -> Vec<Ranked> {
        let offer = |how: &str| Offer {
            title: None,
            how: how.to_owned(),
            gain: None,
            enough: Enough::Unknown,
            cost: None,
        };
        vec![
            Ranked {
                fix: &lower_batch_size::FIX,
                offer: offer("batch_size=N"),
            },
            Ranked {
                fix: &stop_other_process::FIX,
                offer: offer("kill 7\n# look first"),
            },
            Ranked {
                fix: &choose_another_gpu::FIX,
                offer: offer("CUDA_VISIBLE_DEVICES=N  # N: the freest GPU, but not this one"),
            },
        ]
    }

    fn ids(fixes: &[Ranked]) -> Vec<FixId> {
        fixes.iter().map(|r| r.fix.id).collect()
    }

    fn now() -> Now {
        Now {
            gpu: Some(0),
            free: Some(GIB),
            need: Some(30 * GIB),
            ..Now::default()
        }
    }

    #[test]
    fn a_gpu_with_room_is_named_and_comes_first() {
        let mut fixes = offers();
        let room = Room {
            gpu: 3,
            visible_devices: "3".to_owned(),
            free: 70 * GIB,
            enough: true,
            unshown: false,
        };
        let now = Now {
            room: vec![room],
            gone: vec![7],
            ..now()
        };
        by_live(&mut fixes, &now, &Balance::default());
        assert_eq!(
            ids(&fixes),
            [FixId::ChooseAnotherGpu, FixId::LowerBatchSize]
        );
        assert_eq!(
            fixes[0].offer.how,
            "CUDA_VISIBLE_DEVICES=3\n# GPU 3 has 70 GiB free now"
        );
        assert_eq!(fixes[0].offer.enough, Enough::Yes);
    }

    #[test]
    fn the_process_of_the_log_that_still_lives_is_named_with_its_command() {
        let mut fixes = offers();
        let way = InTheWay {
            pid: 7,
            bytes: Some(60 * GIB),
            command: Some("python\nserve.py".to_owned()),
            in_log: true,
            ..InTheWay::default()
        };
        let now = Now {
            in_the_way: vec![way],
            ..now()
        };
        by_live(&mut fixes, &now, &Balance::default());
        assert_eq!(
            ids(&fixes),
            [FixId::StopOtherProcess, FixId::LowerBatchSize]
        );
        assert_eq!(fixes[0].offer.how, "kill 7\n# 7: python serve.py, 60 GiB");
        assert_eq!(fixes[0].offer.enough, Enough::Yes);
    }

    #[test]
    fn a_free_gpu_comes_before_the_end_of_somebodys_work() {
        let way = InTheWay {
            pid: 7,
            bytes: Some(60 * GIB),
            in_log: true,
            ..InTheWay::default()
        };
        let room = |unshown| Room {
            gpu: 3,
            visible_devices: "3".to_owned(),
            free: 70 * GIB,
            enough: true,
            unshown,
        };
        for (unshown, first) in [
            (false, FixId::ChooseAnotherGpu),
            (true, FixId::StopOtherProcess),
        ] {
            let mut fixes = offers();
            let now = Now {
                in_the_way: vec![way.clone()],
                room: vec![room(unshown)],
                ..now()
            };
            by_live(&mut fixes, &now, &Balance::default());
            assert_eq!(ids(&fixes)[0], first);
        }
    }

    #[test]
    fn an_unknown_device_changes_nothing() {
        let mut fixes = offers();
        by_live(&mut fixes, &Now::default(), &Balance::default());
        assert_eq!(
            ids(&fixes),
            [
                FixId::LowerBatchSize,
                FixId::StopOtherProcess,
                FixId::ChooseAnotherGpu
            ]
        );
    }
}
