//! Failures joined with GPUs, by hand.

use super::*;
use crate::bytes::GIB;
use crate::evidence::{Fact, FactSource, Framework, Key, Process, Setting};
use crate::place::Place;

fn incident(device: u32, tried: u64, held: u64, total: u64) -> Incident {
    let place = Place {
        source: "log".to_owned(),
        line: 1,
    };
    let mut incident = Incident::new(place, Memory::Device, Framework::Pytorch, "pytorch-cuda");
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
        list: list.map(str::to_owned),
        by_bus: false,
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
    failed.processes.push(Process {
        pid: Some(7),
        bytes: Bytes::exact(10 * GIB),
        text: String::new(),
        gpu: None,
        own: true,
        same_job: false,
        line: 1,
    });
    let now = now(&failed, vec![gpu(0, 80, &[(7, 60)])], None);
    assert_eq!(
        (now.request_fits, now.program_fits),
        (Some(true), Some(true))
    );
    assert!(now.in_the_way[0].own);
}

#[test]
fn indexes_and_uuids_of_the_environment_lead_to_the_device() {
    let gpus = || vec![gpu(0, 80, &[]), gpu(1, 80, &[]), gpu(2, 80, &[])];
    let at = |device, list| now(&incident(device, 1, 1, 80), gpus(), list).gpu;
    assert_eq!(at(0, Some("2,1")), Some(2));
    assert_eq!(at(1, Some("2, 1")), Some(1));
    assert_eq!(at(0, Some("GPU-1")), Some(1));
    assert_eq!(at(0, Some("GPU-")), None);
    assert_eq!(at(2, Some("0")), None);
    assert_eq!(at(9, None), None);
    assert_eq!(at(1, Some("")), Some(1));
}

#[test]
fn the_list_in_the_log_wins_over_the_environment() {
    let mut failed = incident(0, 1, 1, 80);
    failed.settings.insert(Setting {
        kind: SettingKind::VisibleDevices,
        name: "CUDA_VISIBLE_DEVICES".to_owned(),
        value: "1".to_owned(),
        line: 1,
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
    failed.processes.push(Process {
        pid: Some(7),
        bytes: Bytes::exact(60 * GIB),
        text: String::new(),
        gpu: None,
        own: false,
        same_job: false,
        line: 1,
    });
    assert_eq!(now(&failed, vec![gpu(0, 80, &[])], None).gone, [7]);
    let mut blind = gpu(0, 80, &[]);
    blind.unattributed = Some(40 * GIB);
    assert!(now(&failed, vec![blind], None).gone.is_empty());
}
