//! An array that host memory has no room for, by its shape and its numbers.

use super::situation::Situation;
use crate::bytes::Bytes;
use crate::evidence::{Frame, SettingKind};
use crate::fixes::Offer;

/// The steps that an agent keeps: all that it remembers, made at once, or those of one rollout.
pub(in crate::fixes) fn of_steps(s: &Situation<'_>) -> Option<Offer> {
    let stack = &s.incident.traceback;
    let rollout = stack.mentions("stable_baselines3/") && stack.runs("rollout");
    if rollout {
        // stable_baselines3/common/buffers.py, `RolloutBuffer.reset`: a row for each step of each environment.
        let now = sides(s).and_then(|sides| Some((*sides.first()?, *sides.get(1)?)));
        let how = match now {
            Some((steps, worlds)) if steps > 1 => format!(
                "n_steps={}  # of the agent, half of {steps}; or fewer of its {worlds} environments: n_envs\n# a rollout keeps n_steps x n_envs observations, pictures as float32",
                steps.div_ceil(2)
            ),
            _ => "n_steps=N  # of the agent: half of what it is; or fewer environments: n_envs\n# a rollout keeps n_steps x n_envs observations, pictures as float32".to_owned(),
        };
        return Some(Offer::unmeasured(how).titled("Keep fewer steps in a rollout"));
    }
    // stable_baselines3/common/buffers.py.
    let library = stack.mentions("stable_baselines3/");
    let typed = flag_of_the_buffer(s);
    if !library && typed.is_none() && !remembers(s) {
        return None;
    }
    let how = match typed {
        Some(flag) => format!("--{flag} N  # fewer steps than now: the buffer is made at once for all of them\n# or numpy.uint8 for pictures, which the network turns into floats"),
        None => "buffer_size=N, optimize_memory_usage=True  # of the agent; N: fewer steps than now\n# each step is there as often as its shape says: smaller pictures, too".to_owned(),
    };
    Some(Offer::unmeasured(how).titled("Let the agent remember fewer steps"))
}

/// The sides of the array that found no room.
fn sides(s: &Situation<'_>) -> Option<Vec<u64>> {
    let array = s.incident.settings.get(SettingKind::HostArray)?;
    let (shape, _) = array.value.rsplit_once(' ')?;
    let inner = shape.trim_matches(['(', ')']);
    inner
        .split(',')
        .map(str::trim)
        .filter(|side| !side.is_empty())
        .map(|side| side.parse().ok())
        .collect()
}

/// True where the array has the form of what agents remember: so many steps, of few environments, of pictures.
fn remembers(s: &Situation<'_>) -> bool {
    const STEPS: u64 = 10_000;
    const WORLDS: u64 = 64;
    sides(s).is_some_and(|sides| {
        let picture = sides.len() == 5;
        let first = sides.first().is_some_and(|steps| *steps >= STEPS);
        let second = sides.get(1).is_some_and(|n| (1..=WORLDS).contains(n));
        picture && first && second
    })
}

/// The argument that a program's own line gives its buffer: `ReplayMemory(args.replay_size, args)`.
fn flag_of_the_buffer(s: &Situation<'_>) -> Option<String> {
    const WORDS: [&str; 3] = ["replay", "buffer", "memory"];
    let of = |frame: &Frame| {
        let (_, behind) = frame.code.split_once("args.")?;
        let end = behind.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let name = behind.get(..end.unwrap_or(behind.len()))?;
        let made = frame.code.split_once('(').map_or("", |(made, _)| made);
        let made = made.to_ascii_lowercase();
        let sized = ["size", "capacity", "len"]
            .iter()
            .any(|word| name.contains(word));
        (sized && WORDS.iter().any(|word| made.contains(word))).then(|| name.to_owned())
    };
    s.incident.traceback.frames.iter().rev().find_map(of)
}

/// An array that is read can stay in its file; one that is made can be on a disk, and of smaller numbers.
pub(in crate::fixes) fn too_large(s: &Situation<'_>) -> Offer {
    const HALVES: [(&str, &str); 4] = [
        ("float64", "float32"),
        ("int64", "int32"),
        ("uint64", "uint32"),
        ("complex128", "complex64"),
    ];
    let stack = &s.incident.traceback;
    let reads = ["load(", "memmap(", "fromfile(", "loadtxt(", "imread("];
    let array = s.incident.settings.get(SettingKind::HostArray);
    let array = array.and_then(|array| array.value.rsplit_once(' '));
    let Some((shape, numbers)) = array.filter(|_| !reads.iter().any(|call| stack.runs(call)))
    else {
        return Offer::unmeasured(
            "numpy.load(path, mmap_mode=\"r\")  # or numpy.memmap, and work on slices\n# float32 takes half of float64",
        );
    };
    let half = HALVES.iter().find(|(wide, _)| *wide == numbers);
    let size = s.balance.tried.map(|tried| Bytes::exact(tried.mid() / 2));
    let smaller = half.map_or(String::new(), |(wide, half)| {
        let size = size.map_or(String::new(), |size| format!(", {size}"));
        format!("\n# {half} in place of {wide} takes half{size}")
    });
    let kept = half.map_or(numbers, |(_, half)| half);
    Offer::unmeasured(format!(
        "numpy.memmap(\"array.dat\", \"{kept}\", \"w+\", shape={shape})  # on a disk: fill and use it in slices{smaller}"
    ))
}
