//! Failures joined with GPUs, by hand.

mod amd;

use super::*;
use crate::bytes::GIB;
use crate::evidence::{Fact, FactSource, Key, MessageId, Process, Program, Setting, SettingKind};
use crate::place::Place;

fn incident(device: u32, tried: u64, held: u64, total: u64) -> Incident {
    let place = Place {
        source: "log".to_owned(),
        line: 1,
    };
    let mut incident = Incident::new(
        place,
        Memory::Device,
        Program::Pytorch,
        MessageId::PytorchCuda,
    );
    incident.device = Some(device);
    for (key, gib) in [
        (Key::Tried, tried),
        (Key::ProcessInUse, held),
        (Key::Total, total),
    ] {
        let fact = Fact {
            bytes: Bytes::exact(gib * GIB),
            text: format!("{gib} GiB"),
            line: 1,
            source: FactSource::Message,
        };
        incident.facts.insert(key, fact);
    }
    incident
}

/// A process of the message, number 7.
fn process(gib: u64, own: bool) -> Process {
    Process {
        pid: Some(7),
        bytes: Bytes::exact(gib * GIB),
        text: String::new(),
        gpu: None,
        own,
        same_job: false,
        draws: false,
        line: 1,
    }
}

fn gpu(index: u32, total: u64, holders: &[(u32, u64)]) -> Gpu {
    let used: u64 = holders.iter().map(|(_, gib)| gib * GIB).sum();
    Gpu {
        index,
        name: "NVIDIA H200".to_owned(),
        uuid: Some(format!("GPU-{index}a")),
        memory: Some(MemoryNow {
            total: total * GIB,
            used,
            free: total * GIB - used,
            ..MemoryNow::default()
        }),
        processes: holders
            .iter()
            .map(|(pid, gib)| Holder {
                pid: *pid,
                bytes: Some(gib * GIB),
                ..Holder::default()
            })
            .collect(),
        ..Gpu::default()
    }
}

fn now(incident: &Incident, gpus: Vec<Gpu>, list: Option<&str>) -> Now {
    let devices = Devices {
        gpus,
        ..Devices::default()
    };
    let visible = Visible {
        cuda: list.map(str::to_owned),
        ..Visible::default()
    };
    Now::of(incident, &Balance::of(incident), &devices, &visible, None).unwrap()
}

#[test]
fn a_full_gpu_has_no_room_and_an_idle_one_beside_it_has() {
    let gpus = vec![gpu(0, 80, &[(7, 70)]), gpu(1, 80, &[])];
    let now = now(&incident(0, 20, 10, 80), gpus, None);
    assert_eq!((now.gpu, now.free), (Some(0), Some(10 * GIB)));
    assert_eq!(
        (now.request_fits, now.program_fits),
        (Some(false), Some(false))
    );
    assert_eq!(now.need, Some(30 * GIB));
    assert_eq!(now.in_the_way[0].pid, 7);
    assert_eq!(now.room.len(), 1);
    assert_eq!(
        (now.room[0].visible_devices.as_str(), now.room[0].enough),
        ("1", true)
    );
}

#[test]
fn the_failed_process_itself_is_not_in_its_own_way() {
    let mut failed = incident(0, 20, 10, 80);
    failed.processes.push(process(10, true));
    let now = now(&failed, vec![gpu(0, 80, &[(7, 60)])], None);
    assert_eq!(
        (now.request_fits, now.program_fits),
        (Some(true), Some(true))
    );
    assert!(now.in_the_way[0].own);
}

/// Where device `index` of the list is: the driver's index; `None` where there is none or it cannot be told.
fn shown(list: Option<&str>, by_bus: bool, index: u32, gpus: Vec<Gpu>) -> Option<u32> {
    let devices = Devices {
        gpus,
        ..Devices::default()
    };
    let visible = Visible {
        cuda: list.map(str::to_owned),
        by_bus,
        ..Visible::default()
    };
    let incident = incident(index, 1, 1, 80);
    let balance = Balance::of(&incident);
    let now = Now::of(&incident, &balance, &devices, &visible, None).unwrap();
    assert_eq!(now.gpu.is_none(), now.unresolved.is_some(), "{list:?}");
    now.gpu
}

#[test]
fn a_list_shows_its_devices_in_its_order_up_to_the_first_that_is_none() {
    // CUDA programming guide, "CUDA Environment Variables"; what it leaves open, as in torch/cuda/__init__.py
    // (_parse_visible_devices), which follows the driver.
    let table: &[(Option<&str>, &[u32])] = &[
        (None, &[0, 1, 2, 3]),
        (Some("0"), &[0]),
        (Some("2,1"), &[2, 1]),
        (Some(" 2 , 1 "), &[2, 1]),
        // "If one of the indices is invalid, only the devices whose index precedes the invalid index are visible."
        (Some("0,2,-1,1"), &[0, 2]),
        (Some("-1"), &[]),
        (Some("-1,0"), &[]),
        (Some("1,9,2"), &[1]),
        (Some("0,,1"), &[0]),
        (Some("0,1,"), &[0, 1]),
        (Some("none"), &[]),
        (Some("NoDevFiles"), &[]),
        // "If the variable is set to an empty string, no GPU devices are visible."
        (Some(""), &[]),
        (Some("  "), &[]),
        // "CUDA_VISIBLE_DEVICES uses something like strtoul which makes `1gpu2,2ampere` is equivalent to `1,2`."
        (Some("1gpu2,2ampere"), &[1, 2]),
        (Some("+1,+3"), &[1, 3]),
        // "Repeated ordinal results in empty set", "Repeated id results in empty set".
        (Some("1,1"), &[]),
        (Some("0,1,0"), &[]),
        (Some("GPU-1a,GPU-1a"), &[]),
        // "Simply specify enough digits from the beginning of the GPU UUID to uniquely identify that GPU."
        (Some("GPU-1a"), &[1]),
        (Some("GPU-1"), &[1]),
        (Some("GPU-3,GPU-0"), &[3, 0]),
        (Some("GPU-"), &[]),
        (Some("GPU-2,GPU-7,GPU-1"), &[2]),
        (Some("GPU-2,0"), &[2]),
        (Some("2,GPU-0"), &[2]),
        (Some("MIG-0"), &[]),
    ];
    for (list, expected) in table {
        for index in 0..4u32 {
            let gpus: Vec<Gpu> = (0..4).map(|n| gpu(n, 80, &[])).collect();
            let at = shown(*list, false, index, gpus);
            let wanted = usize::try_from(index).ok().and_then(|i| expected.get(i));
            assert_eq!(at.as_ref(), wanted, "{list:?}, device {index}");
        }
    }
}

#[test]
fn numbers_of_unlike_gpus_count_only_in_the_order_of_the_bus_or_by_their_size() {
    let gpus = |second: u64| {
        let mut other = gpu(1, second, &[]);
        other.name = "NVIDIA T4".to_owned();
        vec![gpu(0, 80, &[]), other]
    };
    let table = [
        // CUDA_DEVICE_ORDER is FASTEST_FIRST by default.
        (None, false, 80, 0, None),
        (Some("0,1"), false, 80, 1, None),
        (None, true, 80, 1, Some(1)),
        (Some("1,0"), true, 80, 0, Some(1)),
        // A UUID has no order.
        (Some("GPU-1"), false, 80, 0, Some(1)),
        // Only one of them is as large as the log's.
        (None, false, 16, 0, Some(0)),
        (None, false, 16, 1, Some(0)),
    ];
    for (list, by_bus, second, index, expected) in table {
        let at = shown(list, by_bus, index, gpus(second));
        assert_eq!(
            at, expected,
            "{list:?}, {by_bus}, {second} GiB, device {index}"
        );
    }
}

/// A GPU that is cut into instances of 10 GiB.
fn sliced(index: u32, uuids: &[&str]) -> Gpu {
    let instance = |(number, uuid): (u32, &&str)| Instance {
        index: number,
        name: "MIG 1g.10gb".to_owned(),
        uuid: Some((*uuid).to_owned()),
        memory: Some(MemoryNow {
            total: 10 * GIB,
            used: u64::from(index * 4 + number) * GIB,
            free: (10 - u64::from(index * 4 + number)) * GIB,
            ..MemoryNow::default()
        }),
    };
    Gpu {
        mig: Some(true),
        instances: (0..).zip(uuids).map(instance).collect(),
        ..gpu(index, 80, &[])
    }
}

#[test]
fn instances_are_found_by_every_name_that_a_driver_gave_them() {
    let newer = || vec![sliced(0, &["MIG-aa1", "MIG-aa2"]), sliced(1, &["MIG-b"])];
    let older = || {
        vec![
            sliced(0, &["MIG-GPU-0a/1/0", "MIG-GPU-0a/2/0"]),
            sliced(1, &["MIG-GPU-1a/1/0"]),
        ]
    };
    // What is free tells the instances apart: 10 and 9 GiB on the first GPU, 6 on the second.
    let table: &[(Option<&str>, u32, bool, Option<u64>)] = &[
        (Some("MIG-aa1"), 0, true, Some(10)),
        (Some("MIG-aa2"), 0, true, Some(9)),
        (Some("MIG-b"), 0, true, Some(6)),
        (Some("MIG-aa"), 0, true, None),
        (Some("MIG-zz"), 0, true, None),
        // "A single CUDA process can only enumerate a single MIG device" (MIG user guide).
        (Some("MIG-aa1,MIG-aa2"), 0, true, Some(10)),
        (Some("MIG-aa1,MIG-aa2"), 1, true, None),
        // Without a list, or by the number or UUID of the GPU, it is the first.
        (None, 0, true, Some(10)),
        (None, 1, true, None),
        (Some("1"), 0, true, Some(6)),
        (Some("GPU-1"), 0, true, Some(6)),
        (Some("GPU-0,GPU-1"), 1, true, None),
        // Drivers before R470: MIG-GPU-UUID/GPU instance/compute instance.
        (Some("MIG-GPU-0a/2/0"), 0, false, Some(9)),
        (Some("MIG-GPU-1a/1/0"), 0, false, Some(6)),
        (Some("MIG-GPU-0a/7/0"), 0, false, None),
        // The older name under a newer driver is sure only where the GPU has one instance.
        (Some("MIG-GPU-1a/3/0"), 0, true, Some(6)),
        (Some("MIG-GPU-0a/1/0"), 0, true, None),
        (Some("MIG-GPU-9a/1/0"), 0, true, None),
    ];
    for (list, index, new, expected) in table {
        let gpus = if *new { newer() } else { older() };
        let now = now(&incident(*index, 1, 1, 10), gpus, *list);
        let free = now.free.map(|free| free / GIB);
        assert_eq!(free, *expected, "{list:?}, device {index}");
    }
}

#[test]
fn the_list_in_the_log_wins_over_the_environment() {
    let mut failed = incident(0, 1, 1, 80);
    failed.settings.insert(Setting {
        kind: SettingKind::VisibleDevices,
        name: "CUDA_VISIBLE_DEVICES".to_owned(),
        value: "1".to_owned(),
        line: 1,
        written: String::new(),
    });
    let now = now(&failed, vec![gpu(0, 80, &[]), gpu(1, 80, &[])], Some("0"));
    assert_eq!(now.gpu, Some(1));
}

#[test]
fn a_log_of_another_machine_is_not_joined() {
    let now = now(&incident(0, 1, 1, 24), vec![gpu(0, 80, &[])], None);
    assert_eq!(now.gpu, None);
    assert!(now.unresolved.unwrap().contains("another machine"));
    assert!(now.room.is_empty());
}

#[test]
fn different_gpus_are_joined_only_where_their_order_is_certain() {
    let gpus = || {
        let mut other = gpu(1, 80, &[]);
        other.name = "NVIDIA T4".to_owned();
        vec![gpu(0, 80, &[(7, 79)]), other]
    };
    let failed = incident(0, 1, 1, 80);
    assert_eq!(now(&failed, gpus(), None).gpu, None);
    let certain = now(&failed, gpus(), Some("GPU-0a"));
    assert_eq!(certain.gpu, Some(0));
    assert_eq!(certain.room[0].visible_devices, "GPU-1a");
}

#[test]
fn an_instance_is_found_by_its_name_and_others_are_offered() {
    let mut sliced = gpu(0, 80, &[]);
    sliced.instances = (0..2)
        .map(|index| Instance {
            index,
            name: "MIG".to_owned(),
            uuid: Some(format!("MIG-{index}")),
            memory: Some(MemoryNow {
                total: 10 * GIB,
                used: (1 - u64::from(index)) * 9 * GIB,
                free: GIB + u64::from(index) * 9 * GIB,
                ..MemoryNow::default()
            }),
        })
        .collect();
    let now = now(&incident(0, 4, 2, 10), vec![sliced], Some("MIG-0"));
    assert_eq!((now.gpu, now.free), (Some(0), Some(GIB)));
    assert_eq!(now.room[0].visible_devices, "MIG-1");
}

#[test]
fn who_has_gone_is_said_only_where_everybody_can_be_seen() {
    let mut failed = incident(0, 20, 10, 80);
    failed.processes.push(process(60, false));
    assert_eq!(now(&failed, vec![gpu(0, 80, &[])], None).gone, [7]);
    let mut blind = gpu(0, 80, &[]);
    blind.unattributed = Some(40 * GIB);
    assert!(now(&failed, vec![blind], None).gone.is_empty());
}

#[test]
fn the_list_for_another_gpu_keeps_the_numbers_of_the_others() {
    let gpus = || {
        let full = gpu(0, 80, &[(7, 75)]);
        vec![full, gpu(1, 80, &[]), gpu(2, 80, &[(8, 79)])]
    };
    for (device, list, value, unshown) in [
        (0, None, "1", false),
        (0, Some("0"), "1", true),
        (0, Some("0,2"), "1,2", true),
        (0, Some("0,1"), "1,0", false),
        (1, Some("1,0"), "0,1", false),
        (1, Some("GPU-1a,GPU-0a"), "GPU-0a,GPU-1a", false),
        (0, Some("GPU-0"), "GPU-1a", true),
    ] {
        let now = now(&incident(device, 10, 10, 80), gpus(), list);
        assert_eq!(now.gpu, Some(0), "{list:?}");
        let room = &now.room[0];
        assert_eq!(
            (room.visible_devices.as_str(), room.unshown),
            (value, unshown),
            "{list:?}"
        );
    }
    let full = vec![gpu(0, 80, &[]), gpu(1, 80, &[(7, 75)])];
    let now = now(&incident(1, 10, 10, 80), full, None);
    assert_eq!(
        (now.gpu, now.room[0].visible_devices.as_str()),
        (Some(1), "1,0")
    );
}

#[test]
fn a_process_of_the_log_that_still_holds_its_memory_shows_which_gpu_it_was() {
    let gpus = |held| vec![gpu(0, 80, &[(7, held)]), gpu(1, 80, &[])];
    let mut failed = incident(0, 20, 1, 80);
    failed.processes.push(process(60, false));
    // The shell that asks shows GPU 1 alone; the failed program saw GPU 0.
    assert_eq!(now(&failed, gpus(60), Some("1")).gpu, Some(0));
    // Another program has that number now.
    assert_eq!(now(&failed, gpus(10), Some("1")).gpu, Some(1));
}
