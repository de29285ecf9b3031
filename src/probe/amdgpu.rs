//! What amdgpu says in `/sys` and in each process's fdinfo (Documentation/gpu/amdgpu/driver-misc.rst and
//! Documentation/gpu/drm-usage-stats.rst of the Linux kernel). The fdinfo of other users' processes cannot be read; what those
//! compute with stands in the files of amdkfd, which everybody may read.

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
        let mut held = held(&self.root);
        held.extend(computing(&self.root, &held));
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

/// What amdkfd books to each process that computes, of those whose fdinfo could not be read: `proc/PID/vram_GPUID`
/// (`kfd_procfs_add_sysfs_files` in `drivers/gpu/drm/amd/amdkfd/kfd_process.c`).
fn computing(root: &Path, known: &Held) -> Held {
    let kfd = root.join("sys/class/kfd/kfd");
    let cards = computing_cards(root, &kfd.join("topology/nodes"));
    let mut held = Held::new();
    for process in std::fs::read_dir(kfd.join("proc"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let Some(pid) = process.file_name().to_str().and_then(|n| n.parse().ok()) else {
            continue;
        };
        for (card, bus) in &cards {
            let told = known.keys().any(|(p, b, _)| (*p, b) == (pid, bus));
            let file = process.path().join(format!("vram_{card}"));
            if let (false, Some(bytes)) = (told, small_file::number(&file)) {
                held.insert((pid, bus.clone(), "kfd".to_owned()), bytes);
            }
        }
    }
    held
}

/// The cards by amdkfd's number, with their address on the bus (`node_show` in `drivers/gpu/drm/amd/amdkfd/kfd_topology.c`).
fn computing_cards(root: &Path, nodes: &Path) -> Vec<(u64, String)> {
    let nodes = std::fs::read_dir(nodes).into_iter().flatten().flatten();
    let card = |node: std::fs::DirEntry| {
        // The processor is a node, too, with the number 0.
        let id = small_file::number(&node.path().join("gpu_id")).filter(|id| *id > 0)?;
        let properties = small_file::text(&node.path().join("properties"))?;
        let mut lines = properties.lines();
        let minor = lines.find_map(|l| l.strip_prefix("drm_render_minor "))?;
        let device = format!("sys/class/drm/renderD{}/device", minor.trim());
        Some((id, bus(&root.join(device))?))
    };
    nodes.filter_map(card).collect()
}

/// The card, the client and its memory; `None` for a file that is no handle of amdgpu.
fn client(fdinfo: &str) -> Option<(String, String, u64)> {
    let field = |name: &str| {
        let line = fdinfo
            .lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
        line.map(str::trim)
    };
    let (bus, size) = match field("drm-driver") {
        // Kernels before 6.13 know only the older name (drivers/gpu/drm/amd/amdgpu/amdgpu_fdinfo.c).
        Some("amdgpu") => (
            field("drm-pdev")?,
            field("drm-resident-vram").or_else(|| field("drm-memory-vram"))?,
        ),
        Some(_) => return None,
        // Before 5.19 amdgpu, alone among the drivers, had names of its own.
        None => (field("pdev")?, field("vram mem")?),
    };
    // No unit: bytes (Documentation/gpu/drm-usage-stats.rst).
    let (number, unit) = size.split_once(' ').unwrap_or((size, "B"));
    let bytes = number
        .parse::<u64>()
        .ok()?
        .checked_mul(bytes::unit(unit.trim())?)?;
    // The address space tells clients apart where no id does.
    let client = field("drm-client-id").or_else(|| field("pasid"))?;
    Some((bus.to_owned(), client.to_owned(), bytes))
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

    /// A tree as the kernel lays it out: the card and its render node are links to one device.
    #[cfg(unix)]
    #[test]
    fn a_process_of_another_user_is_found_in_the_files_of_amdkfd_and_an_own_one_counts_once() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        for (number, minor, bus) in [(0, 128, "0000:03:00.0"), (1, 129, "0000:83:00.0")] {
            let device = at(&format!("sys/devices/pci0000:00/{bus}"));
            write(device.join("mem_info_vram_total"), "68702699520\n");
            write(device.join("mem_info_vram_used"), "5368709120\n");
            write(
                device.join("uevent"),
                &format!("DRIVER=amdgpu\nPCI_CLASS=38000\nPCI_SLOT_NAME={bus}\n"),
            );
            for name in [format!("card{number}"), format!("renderD{minor}")] {
                let folder = at("sys/class/drm").join(name);
                fs::create_dir_all(&folder).unwrap();
                symlink(&device, folder.join("device")).unwrap();
            }
            let node = at(&format!("sys/class/kfd/kfd/topology/nodes/{}", number + 1));
            write(node.join("gpu_id"), &format!("{}\n", 4000 + number));
            write(
                node.join("properties"),
                &format!("cpu_cores_count 0\nsimd_count 416\ndrm_render_minor {minor}\n"),
            );
        }
        write(at("sys/class/kfd/kfd/topology/nodes/0/gpu_id"), "0\n");
        write(
            at("sys/class/kfd/kfd/topology/nodes/0/properties"),
            "cpu_cores_count 64\ndrm_render_minor 0\n",
        );
        // 77 is ours: both tell of it. 88 is somebody else's, on the second card.
        let info = "drm-driver:\tamdgpu\ndrm-client-id:\t42\ndrm-pdev:\t0000:03:00.0\ndrm-memory-vram:\t1048576 KiB\n";
        write(at("proc/77/fdinfo/5"), info);
        fs::create_dir_all(at("proc/88")).unwrap();
        let kfd = at("sys/class/kfd/kfd/proc");
        write(kfd.join("77/vram_4000"), "1073700000\n");
        write(kfd.join("77/vram_4001"), "0\n");
        write(kfd.join("88/vram_4000"), "0\n");
        write(kfd.join("88/vram_4001"), "4294967296\n");
        write(kfd.join("88/pasid"), "32770\n");
        let devices = Files::open(root.path()).unwrap().read().unwrap();
        let held: Vec<Vec<(u32, Option<u64>)>> = devices
            .gpus
            .iter()
            .map(|gpu| gpu.processes.iter().map(|p| (p.pid, p.bytes)).collect())
            .collect();
        assert_eq!(held, [vec![(77, Some(1 << 30))], vec![(88, Some(4 << 30))]]);
    }

    #[test]
    fn every_kernels_words_for_a_client_are_read() {
        let read = |text: &str| client(text).map(|(bus, client, bytes)| (bus, client, bytes >> 20));
        let of = |bytes| Some(("0000:03:00.0".to_owned(), "7".to_owned(), bytes));
        let head = "drm-driver:\tamdgpu\ndrm-pdev:\t0000:03:00.0\n";
        for (text, expected) in [
            // 5.14: names of its own.
            ("pos:\t0\npdev:\t0000:03:00.0\npasid:\t7\nvram mem:\t2048 kB\ngtt mem:\t64 kB\n".to_owned(), of(2)),
            // 5.19: the common names, and the address space still on a line of its own.
            (format!("{head}pasid:\t7\ndrm-memory-vram:\t2048 KiB\ndrm-memory-gtt: \t4 KiB\n"), of(2)),
            (format!("{head}pasid:\t9\ndrm-client-id:\t7\ndrm-memory-vram:\t2048 KiB\n"), of(2)),
            // 6.13: what is reserved is told from what is there.
            (
                format!("{head}drm-client-id:\t7\ndrm-total-vram:\t9 MiB\ndrm-resident-vram:\t3 MiB\ndrm-memory-vram:\t3072 KiB\n"),
                of(3),
            ),
            (format!("{head}drm-client-id:\t7\ndrm-resident-vram:\t1048576\n"), of(1)),
            (format!("{head}drm-client-id:\t7\ndrm-resident-vram:\t0\n"), of(0)),
            // Other drivers, and files that are no handle of a card.
            ("drm-driver:\ti915\ndrm-pdev:\t0000:00:02.0\ndrm-client-id:\t7\ndrm-resident-vram:\t1 MiB\n".to_owned(), None),
            ("pos:\t0\nflags:\t02\n".to_owned(), None),
            (format!("{head}drm-client-id:\t7\ndrm-resident-vram:\tmany\n"), None),
            (format!("{head}drm-client-id:\t7\ndrm-resident-vram:\t99999999999999 MiB\n"), None),
        ] {
            assert_eq!(read(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_machine_without_cards_has_no_probe() {
        let root = tempfile::tempdir().unwrap();
        assert!(Files::open(root.path()).is_none());
    }
}
