//! An array that host memory has no room for, by its shape and its numbers.

use super::situation::Situation;
use crate::bytes::Bytes;
use crate::evidence::SettingKind;
use crate::fixes::Offer;

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
