//! "Allocator (…) ran out of memory trying to allocate … (rounded to …)": the best-fit allocator of TensorFlow and XLA.

use crate::bytes::GIB;
use crate::evidence::{Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, cached};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::BfcAllocator,
    printed_by: "xla/tsl/framework/bfc_allocator.cc (AllocateRawInternal); tensorflow/core/common_runtime before 2.8",
    framework: Program::Jax,
    signatures: &["ran out of memory trying to allocate"],
    // Without "(rounded to", or in TensorFlow 0 and 1 what follows instead, it is the line of a caller that can do without.
    head: r"(?:Allocator(?:\([A-Za-z0-9_:/]{1,60}\))?)?ranoutofmemorytryingtoallocate[0-9.]+(?:[KMGTPE]?i?B|bytes)(?:\(roundedto\d|\.(?:Currentallocationsummaryfollows|Seelogsformemorystate))",
    reach: 900,
    fields: &[
        Field(Key::Tried, r"\(roundedto{bytes}"),
        Field(Key::Tried, r"tryingtoallocate{size}\.(?:Current|Seelogs)"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "W1120 10:11:12.131415    4242 bfc_allocator.cc:513] Allocator (GPU_0_bfc) ran out of memory trying to allocate \
                   16.00GiB (rounded to 17179869184) from the lower end requested by op \nIf this is caused by memory \
                   fragmentation, the environment variable 'TF_GPU_ALLOCATOR=cuda_malloc_async' may improve the \
                   situation.\nCurrent allocation summary follows.",
            &[(Key::Tried, "17179869184")],
        ),
        Example(
            "2024-05-02 10:11:12.131415: W tsl/framework/bfc_allocator.cc:485] Allocator (GPU_1_bfc) ran out of memory \
                   trying to allocate 1.97GiB (rounded to 2110783744)requested by op model/conv2d_5/Conv2D\nIf the cause is \
                   memory fragmentation maybe the environment variable 'TF_GPU_ALLOCATOR=cuda_malloc_async' will improve \
                   the situation.",
            &[(Key::Tried, "2110783744")],
        ),
        Example(
            "itex/core/devices/bfc_allocator.cc:98] Allocator ran out of memory trying to allocate 117964800 Bytes (rounded \
                   to 117964800 Bytes)",
            &[(Key::Tried, "117964800")],
        ),
        Example(
            "W tensorflow/core/common_runtime/bfc_allocator.cc:275] Allocator (GPU_0_bfc) ran out of memory trying to allocate \
                   448.00MiB.  Current allocation summary follows.",
            &[(Key::Tried, "448.00 MiB")],
        ),
        Example(
            "W tensorflow/core/common_runtime/bfc_allocator.cc:217] Ran out of memory trying to allocate 2.25GiB.  See logs for \
                   memory state",
            &[(Key::Tried, "2.25 GiB")],
        ),
    ],
    silent: &[
        // A caller that can do without did not fail.
        "W1120 18:41:38.297095    1483 bfc_allocator.cc:371] Allocator (GPU_0_bfc) ran out of memory trying to \
        allocate 18.32GiB from the lower end with freed_by_count=0. The caller indicates that this is not a failure, but \
        this may mean that there could be performance gains if more memory were available.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // XLA names no operation, TensorFlow and Intel's plug-in do.
    let op = hit.line_after().split_once("requestedbyop");
    let early = hit
        .capture(r"^[!-~]{0,120}?allocate[0-9.]+[a-z]+\.")
        .is_some();
    if early || op.is_some_and(|(_, name)| !name.is_empty()) || hit.says("Bytes(roundedto") {
        incident.framework = Program::Tensorflow;
    }
    tell_place(hit, incident);
    if incident.framework == Program::Jax && incident.memory == Memory::Device {
        incident.flags.extend(refusal(hit));
    }
}

/// Who refused. When the pool must grow it asks the driver for all that it may, and for a tenth less each time down to the
/// request; since 2025 each refusal is a line of its own, worse than this one, so that none was where none stands
/// (`BFCAllocator::Extend`; `xla/stream_executor/cuda/cuda_executor.cc`). Then its own limit refused.
fn refusal(hit: &Match<'_>) -> Option<Flag> {
    // "*" is a hundredth of the pool that is in use.
    const MOSTLY_USED: &str = r"\*{50}";
    if !hit.says("fromthelowerend") && !hit.says("fromtheupperend") {
        return None;
    }
    let above = hit.above(ROW);
    let sizes = cached(REFUSED)?.captures_iter(above);
    let refused: Vec<u64> = sizes
        .filter_map(|found| found.get(1)?.as_str().parse().ok())
        .collect();
    let Some(least) = refused.last().copied() else {
        return hit.capture(MOSTLY_USED).map(|_| Flag::PoolLimit);
    };
    // The last row of attempts falls, so from its end it grows.
    let most = refused
        .iter()
        .rev()
        .skip(1)
        .try_fold(
            least,
            |most, size| if *size > most { Ok(*size) } else { Err(most) },
        )
        .unwrap_or_else(|most| most);
    let room = most.saturating_sub(least);
    (room > 2 * GIB && room >= least).then_some(Flag::DriverRefused)
}

/// In so much squeezed text the last row of attempts stands: from a whole GPU to a megabyte it has some hundred, each with a
/// trace of 400 bytes.
const ROW: usize = 48_000;

/// `Failed to allocate device memory of 4.26GiB (4579290624 bytes): RESOURCE_EXHAUSTED: : CUDA_ERROR_OUT_OF_MEMORY`.
const REFUSED: &str = r"(?i)Failedtoallocatedevicememoryof[0-9.]{1,9}[KMGT]?i?B\((\d{1,15})bytes\)";

/// The device, or the host, that an allocator's name tells.
pub(super) fn tell_place(hit: &Match<'_>, incident: &mut Incident) {
    const HOST: &str = r"(?:Allocator\(|allocator)((?:cuda|gpu)_host_bfc|mklcpu|cpu)\b";
    if let Some(name) = hit.capture(HOST) {
        incident.memory = Memory::Host;
        if name.ends_with("_host_bfc") {
            incident.flags.insert(Flag::Pinned);
        }
        return;
    }
    let index = hit.capture(r"(?:GPU_(?:\d{1,3})_bfc|device:(?:GPU|XPU):\d{1,3})");
    let digits: Option<String> = index.map(|name| {
        let name = name.trim_end_matches("_bfc");
        name.chars()
            .rev()
            .take_while(char::is_ascii_digit)
            .collect()
    });
    incident.device = digits.and_then(|d| d.chars().rev().collect::<String>().parse().ok());
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Flag, Memory, Program};
    use crate::messages::examples::one;

    #[test]
    fn an_operations_name_tells_tensorflow_from_jax() {
        let line = |op: &str| {
            format!(
                "Allocator (GPU_1_bfc) ran out of memory trying to allocate 1.97GiB (rounded to 2110783744)requested by op {op}\nCurrent allocation summary follows."
            )
        };
        let found = one(&line("model/dense/MatMul")).incident;
        assert_eq!(
            (found.framework, found.device),
            (Program::Tensorflow, Some(1))
        );
        assert_eq!(one(&line("")).incident.framework, Program::Jax);
    }

    #[test]
    fn the_lines_above_tell_whether_the_limit_or_the_driver_refused() {
        let line = "W bfc_allocator.cc:598] Allocator (GPU_0_bfc) ran out of memory trying to allocate 4.00GiB (rounded to \
                    4294967296) from the lower end requested by op \nCurrent allocation summary follows.\nW \
                    bfc_allocator.cc:609] ";
        let flags = |above: &[u64], used: usize| {
            let refused = |bytes: &u64| {
                format!(
                    "E cuda_executor.cc:1365] [0] Failed to allocate device memory of 9.99GiB ({bytes} bytes): RESOURCE_EXHAUSTED: : CUDA_ERROR_OUT_OF_MEMORY: out of memory\n"
                )
            };
            let above: String = above.iter().map(refused).collect();
            let bar = "*".repeat(used) + &"_".repeat(100 - used);
            let found = one(&format!("{above}{line}{bar}")).incident;
            (
                found.flagged(Flag::PoolLimit),
                found.flagged(Flag::DriverRefused),
            )
        };
        assert_eq!(flags(&[], 96), (true, false));
        // Mostly free: a request as large as this may fit no pool.
        assert_eq!(flags(&[], 20), (false, false));
        assert_eq!(
            flags(&[30_509_367_296, 15_000_000_000, 4_579_290_624], 96),
            (false, true)
        );
        // An earlier row was of another moment, and the last one had no more to ask for.
        assert_eq!(
            flags(
                &[30_509_367_296, 4_579_290_624, 4_799_290_624, 4_579_290_624],
                96
            ),
            (false, false)
        );
    }

    #[test]
    fn page_locked_memory_is_the_hosts() {
        let text = "Allocator (gpu_host_bfc) ran out of memory trying to allocate 4.00GiB (rounded to 4294967296)requested by op ";
        assert_eq!(one(text).incident.memory, Memory::Host);
    }
}
