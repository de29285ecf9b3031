//! Which device an index of a log stands for: by what `CUDA_VISIBLE_DEVICES`, and ROCm's variables, show to a program.

use super::Slot;
use crate::bytes::Bytes;
use crate::evidence::{Balance, Devices, Incident, Process, SettingKind};

/// What the environment says of which GPUs a program sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// `CUDA_VISIBLE_DEVICES`.
    pub cuda: Option<String>,
    /// `HIP_VISIBLE_DEVICES`, which ROCm's programs heed before CUDA's.
    pub hip: Option<String>,
    /// `ROCR_VISIBLE_DEVICES`: below that, of which devices the others choose.
    pub rocr: Option<String>,
    /// True where `CUDA_DEVICE_ORDER` is `PCI_BUS_ID`, so that CUDA numbers the GPUs as the driver does.
    pub by_bus: bool,
}

/// The list that chooses the devices of a failed program.
#[derive(Clone, Copy)]
pub(super) struct List<'a> {
    /// The variable that holds it, or that would.
    pub(super) variable: &'static str,
    value: Option<&'a str>,
    /// True where another list chooses among what this one shows.
    twofold: bool,
    by_bus: bool,
}

impl<'a> List<'a> {
    /// That of the log where it shows one, else that of the environment, by the variables of who made the devices.
    pub(super) fn of(incident: &'a Incident, visible: &'a Visible, devices: &Devices) -> Self {
        let logged = incident.settings.get(SettingKind::VisibleDevices);
        let logged = logged.map(|setting| setting.value.as_str());
        let cuda = logged.or(visible.cuda.as_deref());
        let (hip, rocr) = (visible.hip.as_deref(), visible.rocr.as_deref());
        let amd = devices.source == "amdgpu";
        // ROCm's documentation, "GPU isolation techniques"; torch/cuda/__init__.py (_parse_visible_devices) heeds HIP's before
        // CUDA's too. What is offered where none is set is ROCm's own.
        let (variable, value) = match (hip.filter(|_| logged.is_none()), cuda) {
            (Some(hip), _) if amd => ("HIP_VISIBLE_DEVICES", Some(hip)),
            (None, None) if amd && rocr.is_some() => ("ROCR_VISIBLE_DEVICES", rocr),
            (None, None) if amd => ("HIP_VISIBLE_DEVICES", None),
            _ => ("CUDA_VISIBLE_DEVICES", cuda),
        };
        Self {
            variable,
            value,
            twofold: amd && rocr.is_some() && variable != "ROCR_VISIBLE_DEVICES",
            by_bus: visible.by_bus,
        }
    }

    /// True where it names devices by their UUIDs.
    fn by_name(self) -> bool {
        let named = |list: &str| list.contains("GPU-") || list.contains("MIG-");
        self.value.is_some_and(named)
    }

    /// What it shows of these.
    fn shown<'s>(self, slots: &[Slot<'s>]) -> Result<Vec<Slot<'s>>, String> {
        match self.value {
            Some(value) => listed(self.variable, value, slots),
            None => Ok(unlisted(slots)),
        }
    }
}

/// The device that the failure's index stands for.
pub(super) fn resolve<'a>(
    incident: &Incident,
    balance: &Balance,
    slots: &[Slot<'a>],
    list: List<'_>,
) -> Result<Slot<'a>, String> {
    if let Some(slot) = of_the_same_processes(incident, slots) {
        same_size(balance, slot)?;
        return Ok(slot);
    }
    if list.twofold {
        return Err(format!(
            "{} and ROCR_VISIBLE_DEVICES both choose devices here",
            list.variable
        ));
    }
    let index = incident.device.unwrap_or(0);
    let shown = list.shown(slots)?;
    let at = usize::try_from(index).ok().and_then(|at| shown.get(at));
    let slot = *at.ok_or_else(|| match list.value {
        Some(value) => format!("{}={value} shows no device {index} here", list.variable),
        None => format!("there is no GPU {index} here"),
    })?;
    let mixed = slots.iter().any(|s| s.gpu.name != slot.gpu.name);
    if mixed && !list.by_name() && !list.by_bus {
        // CUDA numbers by speed, the driver by bus address (CUDA programming guide, CUDA_DEVICE_ORDER).
        return only_one_of_its_size(balance, slots).ok_or_else(|| {
            "the GPUs differ, and CUDA numbers them by speed unless CUDA_DEVICE_ORDER=PCI_BUS_ID is set".to_owned()
        });
    }
    same_size(balance, slot)?;
    Ok(slot)
}

/// The only device where other processes that the message names hold what it says of them: a better witness than the
/// environment of today, which may show other devices than the failed program saw.
fn of_the_same_processes<'a>(incident: &Incident, slots: &[Slot<'a>]) -> Option<Slot<'a>> {
    let holds = |slot: &Slot<'_>, process: &Process| {
        let there = slot.holders().find(|h| Some(h.pid) == process.pid);
        let printed = process.bytes.mid();
        let off = there.and_then(|h| h.bytes).map(|b| b.abs_diff(printed));
        !process.own && !process.bytes.is_sentinel() && off.is_some_and(|off| off <= printed / 20)
    };
    let mut found = slots
        .iter()
        .filter(|slot| incident.processes.iter().any(|p| holds(slot, p)));
    let only = found.next()?;
    found.next().is_none().then_some(*only)
}

/// What the list is to be so that device `index` of the program is `there` and its others keep their numbers; and whether the
/// program is shown that device now.
pub(super) fn instead<'a>(
    index: u32,
    list: List<'_>,
    slots: &[Slot<'a>],
    there: Slot<'a>,
) -> (String, bool) {
    let at = usize::try_from(index).unwrap_or(0);
    if list.value.is_none() && at == 0 {
        return (token(&there, slots), true);
    }
    let mut devices = list.shown(slots).unwrap_or_default();
    let known = devices.iter().position(|s| s.is(&there));
    let here = devices.get(at).copied();
    if let (Some(known), Some(here)) = (known.and_then(|k| devices.get_mut(k)), here) {
        *known = here;
    }
    if let Some(here) = devices.get_mut(at) {
        *here = there;
    }
    // Names of two kinds do not mix in a list.
    let by_name = list.by_name();
    let names = devices.iter().map(|slot| match uuid(slot) {
        Some(uuid) if by_name => uuid.to_owned(),
        _ => token(slot, slots),
    });
    let value = names.collect::<Vec<_>>().join(",");
    (value, list.value.is_none() || known.is_some())
}

/// What names a device in `CUDA_VISIBLE_DEVICES`: its index where all are alike, since then every order is the same.
pub(super) fn token(slot: &Slot<'_>, slots: &[Slot<'_>]) -> String {
    let alike = slots.iter().all(|s| s.gpu.name == slot.gpu.name);
    match uuid(slot) {
        Some(uuid) if !alike || slot.instance.is_some() => uuid.to_owned(),
        _ => slot.gpu.index.to_string(),
    }
}

fn uuid<'a>(slot: &Slot<'a>) -> Option<&'a str> {
    match slot.instance {
        Some(instance) => instance.uuid.as_deref(),
        None => slot.gpu.uuid.as_deref(),
    }
}

/// What a program sees where nothing chooses for it: every GPU, or else one MIG instance, the first (NVIDIA's MIG user guide,
/// "Device Enumeration": while an instance is enumerated, no whole GPU is).
fn unlisted<'a>(slots: &[Slot<'a>]) -> Vec<Slot<'a>> {
    match slots.iter().find(|s| s.instance.is_some()) {
        Some(first) => vec![*first],
        None => slots.to_vec(),
    }
}

/// What a list shows, in its order: up to the first word that names nothing (CUDA programming guide, environment variables).
fn listed<'a>(variable: &str, list: &str, slots: &[Slot<'a>]) -> Result<Vec<Slot<'a>>, String> {
    if list.trim().is_empty() {
        return Err(format!("{variable} is empty, which hides every GPU"));
    }
    let mut shown: Vec<Slot<'a>> = Vec::new();
    let mut kind = None;
    for word in list.split(',').map(str::trim) {
        let word_is = Kind::of(word);
        // Words of two kinds do not mix (torch/cuda/__init__.py, _parse_visible_devices).
        if *kind.get_or_insert(word_is) != word_is {
            break;
        }
        let slot = match word_is {
            Kind::Number => number(word, slots),
            Kind::Gpu => begins(word, slots),
            Kind::Instance => instance(word, slots)?,
        };
        let Some(slot) = slot else { break };
        if shown.iter().any(|s| s.is(&slot)) {
            // The same file, from what the driver does: "Repeated id results in empty set".
            return Err(format!(
                "{variable}={list} names a device twice, which hides every GPU"
            ));
        }
        shown.push(slot);
        // One program sees one instance at most (MIG user guide).
        if slot.instance.is_some() {
            break;
        }
    }
    Ok(shown)
}

/// How a word of the list names a device.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Gpu,
    Instance,
}

impl Kind {
    fn of(word: &str) -> Self {
        if word.starts_with("GPU-") {
            Self::Gpu
        } else if word.starts_with("MIG-") {
            Self::Instance
        } else {
            Self::Number
        }
    }
}

/// "2", and "2nd" as well: the driver reads like C's `strtoul`. `None` for a negative number, for words, and for a GPU that is
/// not here. Of a GPU that is cut into instances it is the first one.
fn number<'a>(word: &str, slots: &[Slot<'a>]) -> Option<Slot<'a>> {
    let digits = word.strip_prefix('+').unwrap_or(word);
    let end = digits.find(|c: char| !c.is_ascii_digit());
    let index: u32 = digits.get(..end.unwrap_or(digits.len()))?.parse().ok()?;
    slots.iter().find(|s| s.gpu.index == index).copied()
}

/// The beginning of the UUID of exactly one GPU. Of one that is cut into instances it is the first instance.
fn begins<'a>(word: &str, slots: &[Slot<'a>]) -> Option<Slot<'a>> {
    let same = |s: &&Slot<'a>| s.gpu.uuid.as_ref().is_some_and(|u| u.starts_with(word));
    let mut found = slots.iter().filter(same);
    let first = found.next()?;
    found
        .all(|other| other.gpu.index == first.gpu.index)
        .then_some(*first)
}

/// An instance, by the UUID that drivers since R470 give it, or by the older `MIG-GPU-UUID/GPU instance/compute instance`.
fn instance<'a>(word: &str, slots: &[Slot<'a>]) -> Result<Option<Slot<'a>>, String> {
    let named = |s: &Slot<'a>| s.instance.and_then(|_| uuid(s));
    let whole = slots.iter().find(|s| named(s) == Some(word));
    if whole.is_some() {
        return Ok(whole.copied());
    }
    let mut found = slots
        .iter()
        .filter(|s| named(s).is_some_and(|u| u.starts_with(word)));
    match (found.next(), found.next()) {
        (Some(only), None) => return Ok(Some(*only)),
        (Some(_), Some(_)) => return Ok(None),
        (None, _) => {}
    }
    // A newer driver does not name its instances so, and NVML's numbers of them are not those of this name.
    let Some((gpu, _)) = word.strip_prefix("MIG-").and_then(|w| w.split_once('/')) else {
        return Ok(None);
    };
    let of_gpu =
        |s: &&Slot<'a>| s.instance.is_some() && s.gpu.uuid.as_ref().is_some_and(|u| u == gpu);
    let mut found = slots.iter().filter(of_gpu);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(Some(*only)),
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(format!(
            "which instance {word} is, only `nvidia-smi mig -lgi` tells"
        )),
    }
}

/// The only device here that has the size of the log's.
fn only_one_of_its_size<'a>(balance: &Balance, slots: &[Slot<'a>]) -> Option<Slot<'a>> {
    balance.total?;
    let mut found = slots
        .iter()
        .filter(|s| s.memory().is_some() && same_size(balance, **s).is_ok());
    let only = found.next()?;
    let unknown = slots.iter().any(|s| s.memory().is_none());
    (found.next().is_none() && !unknown).then_some(*only)
}

/// A log of a device of another size is of another machine, or of another slice.
fn same_size(balance: &Balance, slot: Slot<'_>) -> Result<(), String> {
    let (Some(total), Some(memory)) = (balance.total, slot.memory()) else {
        return Ok(());
    };
    let here = Bytes::exact(memory.usable());
    let near = Bytes::between(here.percent(98).low(), here.percent(102).high());
    if total.meet(near).is_some() {
        return Ok(());
    }
    Err(format!(
        "the log is of a GPU of {total}, and GPU {} here has {here}: it is of another machine",
        slot.gpu.index
    ))
}
