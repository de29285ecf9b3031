//! What amdgpu says in `/sys` and in each process's fdinfo (Documentation/gpu/amdgpu/driver-misc.rst and
//! Documentation/gpu/drm-usage-stats.rst of the Linux kernel).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{GpuProbe, NoGpus, small_file};
use crate::bytes;
use crate::evidence::{Devices, Gpu, Holder, MemoryNow};

/// The cards of this machine.
pub(super) struct Files {
    root: PathBuf,
    cards: Vec<Card>,
}

struct Card {
    device: PathBuf,
    bus: Option<String>,
}

impl Files {
    /// Finds the cards; `None` where there are none.
    pub(super) fn open(root: &Path) -> Option<Self> {
        let mut numbered: Vec<(u32, PathBuf)> = std::fs::read_dir(root.join("sys/class/drm"))
            .ok()?
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                // "card0", and not "card0-DP-1" or "renderD128".
                let number = path
                    .file_name()?
                    .to_str()?
                    .strip_prefix("card")?
                    .parse()
                    .ok()?;
                let device = path.join("device");
                device
                    .join("mem_info_vram_total")
                    .exists()
                    .then_some((number, device))
            })
            .collect();
        numbered.sort();
        let cards: Vec<Card> = numbered
            .into_iter()
            .map(|(_, device)| Card {
                bus: bus(&device),
                device,
            })
            .collect();
        (!cards.is_empty()).then(|| Self {
            root: root.to_owned(),
            cards,
        })
    }
}

/// The address on the bus, which is how fdinfo names the card.
fn bus(device: &Path) -> Option<String> {
    let text = small_file::text(&device.join("uevent"))?;
    let line = text
        .lines()
        .find_map(|l| l.strip_prefix("PCI_SLOT_NAME="))?;
    Some(line.trim().to_owned())
}

impl GpuProbe for Files {
    fn read(&mut self) -> Result<Devices, NoGpus> {
        let held = held(&self.root);
        let gpus = (0..).zip(&self.cards).map(|(index, card)| {
            let file = |name: &str| small_file::number(&card.device.join(name));
            let memory = file("mem_info_vram_total").map(|total| {
                let used = file("mem_info_vram_used").unwrap_or(0);
                MemoryNow {
                    total,
                    used,
                    free: total.saturating_sub(used),
                    reserved: None,
                    by: "amdgpu mem_info_vram_used".to_owned(),
                }
            });
            Gpu {
                index,
                name: name(&card.device),
                bus: card.bus.clone(),
                memory,
                processes: card
                    .bus
                    .as_ref()
                    .map_or_else(Vec::new, |bus| holders(&held, bus)),
                ..Gpu::default()
            }
        });
        Ok(Devices {
            source: "amdgpu".to_owned(),
            driver: small_file::text(&self.root.join("sys/module/amdgpu/version"))
                .map(|v| v.trim().to_owned()),
            gpus: gpus.collect(),
            problem: None,
        })
    }
}

fn name(device: &Path) -> String {
    small_file::text(&device.join("product_name"))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "AMD GPU".to_owned())
}

/// What one client of one card holds, by process, card and client: handles that share a client count once.
type Held = BTreeMap<(u32, String, String), u64>;

fn held(root: &Path) -> Held {
    let mut held = Held::new();
    let Ok(processes) = std::fs::read_dir(root.join("proc")) else {
        return held;
    };
    for process in processes.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|n| n.parse().ok()) else {
            continue;
        };
        let Ok(handles) = std::fs::read_dir(process.path().join("fdinfo")) else {
            continue;
        };
        for handle in handles.flatten() {
            let Some(text) = small_file::text(&handle.path()) else {
                continue;
            };
            if let Some((bus, client, bytes)) = client(&text) {
                held.insert((pid, bus, client), bytes);
            }
        }
    }
    held
}

/// The card, the client and its memory; `None` for a file that is no handle of amdgpu.
fn client(fdinfo: &str) -> Option<(String, String, u64)> {
    let field = |name: &str| {
        let line = fdinfo
            .lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
        line.map(str::trim)
    };
    if field("drm-driver") != Some("amdgpu") {
        return None;
    }
    // Kernels before 6.13 know only the older name.
    let size = field("drm-resident-vram").or_else(|| field("drm-memory-vram"))?;
    let (number, unit) = size.split_once(' ').unwrap_or((size, "B"));
    let bytes = number
        .parse::<u64>()
        .ok()?
        .checked_mul(bytes::unit(unit)?)?;
    Some((
        field("drm-pdev")?.to_owned(),
        field("drm-client-id")?.to_owned(),
        bytes,
    ))
}

fn holders(held: &Held, bus: &str) -> Vec<Holder> {
    let mut holders: Vec<Holder> = Vec::new();
    for ((pid, card, _), bytes) in held {
        if card != bus || *bytes == 0 {
            continue;
        }
        match holders.iter_mut().find(|h| h.pid == *pid) {
            Some(holder) => holder.bytes = Some(holder.bytes.unwrap_or(0).saturating_add(*bytes)),
            None => holders.push(Holder {
                pid: *pid,
                bytes: Some(*bytes),
                ..Holder::default()
            }),
        }
    }
    holders
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn write(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn cards_and_their_holders_are_read_and_a_shared_client_counts_once() {
        let root = tempfile::tempdir().unwrap();
        let device = root.path().join("sys/class/drm/card1/device");
        write(device.join("mem_info_vram_total"), "68702699520\n");
        write(device.join("mem_info_vram_used"), "2147483648\n");
        write(device.join("product_name"), "Instinct MI210\n");
        write(
            device.join("uevent"),
            "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0\n",
        );
        write(root.path().join("sys/class/drm/card1-DP-1/status"), "off");
        write(
            root.path().join("sys/class/drm/card0/device/vendor"),
            "0x1a03",
        );
        let info = "pos:\t0\ndrm-driver:\tamdgpu\ndrm-client-id:\t42\ndrm-pdev:\t0000:03:00.0\ndrm-memory-vram:\t1048576 KiB\n";
        for handle in [5, 6] {
            write(root.path().join(format!("proc/77/fdinfo/{handle}")), info);
        }
        write(root.path().join("proc/77/fdinfo/0"), "pos:\t0\n");
        let devices = Files::open(root.path()).unwrap().read().unwrap();
        assert_eq!(devices.gpus.len(), 1);
        let gpu = &devices.gpus[0];
        assert_eq!((gpu.index, gpu.name.as_str()), (0, "Instinct MI210"));
        assert_eq!(gpu.free(), Some(68_702_699_520 - 2_147_483_648));
        assert_eq!(gpu.processes.len(), 1);
        assert_eq!(gpu.holder(77).unwrap().bytes, Some(1 << 30));
    }

    #[test]
    fn a_machine_without_cards_has_no_probe() {
        let root = tempfile::tempdir().unwrap();
        assert!(Files::open(root.path()).is_none());
    }
}
