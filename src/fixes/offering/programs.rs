//! What programs call their own switches that save memory, for those whose switches no other fix knows: one row a switch, the
//! best first. Where a program has rows here, general advice for training is not for it.

mod computing;
mod engines;
mod others;

use crate::bytes::Bytes;
use crate::evidence::{Accelerator, FindingId, Flag, Memory, MessageId, Program, SettingKind};
use crate::fixes::{
    Fix, Offer, Ranked, Situation, choose_another_gpu, chunk_the_operation, drop_references,
    grow_arena_as_needed, leave_headroom, lower_batch_size, raise_memory_cap, shard_across_gpus,
};
use FindingId as F;
use Program as P;
use computing::COMPUTING;
use engines::ENGINES;
use others::OTHERS;

/// One switch of one program.
struct Switch {
    program: Program,
    fix: &'static Fix,
    /// What to do in its words; empty where the fix's own title says it.
    title: &'static str,
    /// What to type. `{}` stands for a smaller value than the one that the log shows, else for N.
    how: &'static str,
    /// Of which the value is.
    of: Option<SettingKind>,
}

const fn switch(
    program: Program,
    fix: &'static Fix,
    title: &'static str,
    how: &'static str,
) -> Switch {
    Switch {
        program,
        fix,
        title,
        how,
        of: None,
    }
}

const fn valued(
    program: Program,
    fix: &'static Fix,
    title: &'static str,
    how: &'static str,
    of: SettingKind,
) -> Switch {
    Switch {
        program,
        fix,
        title,
        how,
        of: Some(of),
    }
}

/// All switches.
fn switches() -> impl Iterator<Item = &'static Switch> {
    COMPUTING.iter().chain(ENGINES).chain(OTHERS)
}

/// Findings that say that there was too little, and not who else has it or why it is refused.
const SHORT: [FindingId; 15] = [
    F::LargerThanDevice,
    F::NoFigures,
    F::EngineRefused,
    F::BufferRefused,
    F::PoolExhausted,
    F::PoolFragmented,
    F::MoreThanTheDevice,
    F::KvCache,
    F::Weights,
    F::Activations,
    F::EncoderSessions,
    F::SingleAllocationLimit,
    F::LargeRequest,
    F::Unexplained,
    F::LibraryStarved,
];

/// General remedies that hold for any program.
const GENERAL: [crate::evidence::FixId; 5] = {
    use crate::evidence::FixId as X;
    [
        X::StopOtherProcess,
        X::ChooseAnotherGpu,
        X::RunItAgain,
        X::AddHostMemory,
        X::BiggerGpu,
    ]
};

/// The program's own offers, and those of the general ones that hold for it; all general ones where it has no rows, or they are not
/// meant.
pub(in crate::fixes) fn own(s: &Situation<'_>, general: Vec<Ranked>) -> Vec<Ranked> {
    let mut all = rows_first(s, general);
    if s.has(SettingKind::ServedBy) {
        all.iter_mut().for_each(through_xinference);
    }
    all
}

/// Xinference hands the engine's switches on by their names in Python (inference.readthedocs.io, `xinference launch`: "--key value").
fn through_xinference(ranked: &mut Ranked) {
    let how = &mut ranked.offer.how;
    let Some(rest) = how.strip_prefix("--") else {
        return;
    };
    let (switch, behind) = rest.split_at(rest.find([' ', '\n']).unwrap_or(rest.len()));
    let switch = switch.replace('-', "_");
    let note = if how.contains('#') {
        ""
    } else {
        "  # in Python: the same name, as an argument of launch_model"
    };
    *how = format!("xinference launch ... --{switch}{behind}{note}");
}

fn rows_first(s: &Situation<'_>, general: Vec<Ranked>) -> Vec<Ranked> {
    let program = s.program();
    let mut rows = switches()
        .filter(|row| row.program == program && applies(s, row))
        .peekable();
    // The heap of WebAssembly is the host's memory.
    let host = s.incident.memory == Memory::Host;
    let meant = if host {
        program == P::OrtWeb
    } else {
        SHORT.contains(&s.finding)
    };
    if rows.peek().is_none() || !meant {
        return general;
    }
    let own: Vec<Ranked> = advice(s)
        .into_iter()
        .chain(rows.filter_map(|row| offer(s, row)))
        .collect();
    let taken = |ranked: &Ranked| own.iter().any(|o| o.fix.id == ranked.fix.id);
    let rest: Vec<Ranked> = general
        .into_iter()
        .filter(|r| GENERAL.contains(&r.fix.id) && !taken(r))
        .collect();
    own.into_iter().chain(rest).collect()
}

/// What a program that is not known says to do.
fn advice(s: &Situation<'_>) -> Option<Ranked> {
    let said = s.incident.settings.get(SettingKind::Advice)?;
    let how = format!("{}  # in the program's own words", said.value);
    (s.program() == P::Native).then(|| Ranked {
        fix: &chunk_the_operation::FIX,
        offer: Offer::unmeasured(how).titled("Do what the program says"),
    })
}

/// The names of another vendor's variable and tool.
fn vendor(s: &Situation<'_>, how: String) -> String {
    match s.accelerator() {
        Accelerator::Rocm => how
            .replace("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")
            .replace(
                "nvidia-smi --query-gpu=index,memory.free --format=csv",
                "rocm-smi --showmeminfo vram",
            ),
        Accelerator::Xpu => how
            .replace("CUDA_VISIBLE_DEVICES", "ZE_AFFINITY_MASK")
            .replace(
                "nvidia-smi --query-gpu=index,memory.free --format=csv",
                "xpu-smi discovery",
            ),
        _ => how,
    }
}

/// Some rows are for one kind of failure: a limit on one buffer is no lack of memory.
fn applies(s: &Situation<'_>, row: &Switch) -> bool {
    let limited = s.incident.flagged(Flag::SingleAllocationLimit);
    // What is larger than the GPU is not mended by what else lies there.
    let elsewhere = [choose_another_gpu::FIX.id, drop_references::FIX.id].contains(&row.fix.id);
    if s.finding == F::LargerThanDevice && elsewhere {
        return false;
    }
    match row.program {
        P::Wgpu => limited || row.fix.id != raise_memory_cap::FIX.id,
        P::Simulation => simulates(s, row),
        P::Openvino => limited,
        // A session that was not given has no frames yet.
        P::Ffmpeg if s.incident.flagged(Flag::Sessions) => {
            row.fix.id != crate::fixes::smaller_inputs::FIX.id
        }
        // Its own allocator has other switches than the builder below it.
        P::Onnxruntime => s.incident.framework == P::Tensorrt,
        P::LlamaCpp => s.incident.framework == P::Openvino,
        // Its matcher gives advice, and its stereo does not.
        P::Colmap => s.has(SettingKind::Advice) == (row.fix.id == lower_batch_size::FIX.id),
        P::Cuda if row.fix.id == leave_headroom::FIX.id && s.finding != F::LibraryStarved => false,
        // What CUDA says by itself may be said below Python, where other advice holds.
        // A Jetson has one GPU, and its memory is the host's.
        P::Cuda if s.incident.format == MessageId::NvmapMemory => {
            row.fix.id != choose_another_gpu::FIX.id
        }
        // NCCL alone, without a word of who calls it; other libraries' failures are PyTorch's mostly.
        P::Cuda if s.finding == F::LibraryStarved => {
            s.incident.format == MessageId::NcclOom
                && plain(s)
                && row.fix.id != chunk_the_operation::FIX.id
        }
        P::Cuda => plain(s) && s.accelerator() == Accelerator::Cuda,
        P::Opencl => !limited,
        // The driver refused it beside the cache that it takes at its start.
        P::MlcLlm => s.incident.framework == P::Vulkan,
        P::Tensorrt => s.incident.format == MessageId::TensorrtBuilder,
        // Elsewhere no variable chooses the device.
        P::Native if row.fix.id == choose_another_gpu::FIX.id => {
            [Accelerator::Cuda, Accelerator::Rocm, Accelerator::Xpu].contains(&s.accelerator())
        }
        _ => true,
    }
}

/// Switches of one simulation code are not another's; `OpenMM` holds all of a system on each of its GPUs.
fn simulates(s: &Situation<'_>, row: &Switch) -> bool {
    let openmm = s.incident.format == MessageId::OpenmmArray;
    let amrex = s.incident.format == MessageId::AmrexAbort;
    let at_start = amrex && s.finding == F::NoFigures;
    match row.fix.id {
        id if id == grow_arena_as_needed::FIX.id => at_start,
        id if id == chunk_the_operation::FIX.id => openmm,
        id if id == shard_across_gpus::FIX.id => !openmm,
        _ => true,
    }
}

/// True where no line of Python stands on the stack, nor anything of `PyTorch` in the log.
fn plain(s: &Situation<'_>) -> bool {
    let frames = &s.incident.traceback.frames;
    let python = frames.iter().any(|frame| frame.path().ends_with(".py"));
    !python && frames.is_empty() && !s.has(SettingKind::Trainer)
}

fn offer(s: &Situation<'_>, row: &Switch) -> Option<Ranked> {
    let how = match row.of {
        Some(kind) => with_value(row.how, &smaller(s, kind)?),
        None => row.how.replacen("{reserve}", &reserve(s), 1),
    };
    let offer = Offer::unmeasured(vendor(s, how));
    let offer = if row.title.is_empty() {
        offer
    } else {
        offer.titled(row.title)
    };
    Some(Ranked {
        fix: row.fix,
        offer,
    })
}

/// The line with its value; what is to be said of it stands at the end.
fn with_value(how: &str, (value, note): &(String, String)) -> String {
    let how = how.replacen("{}", value, 1);
    if how.contains('#') {
        format!("{how}\n# {note}")
    } else {
        format!("{how}  # {note}")
    }
}

/// A smaller value of this kind: as much as fits by the message's own figures, else half; `None` where there is nothing below.
fn smaller(s: &Situation<'_>, kind: SettingKind) -> Option<(String, String)> {
    let share = s
        .balance
        .tried
        .zip(s.balance.free)
        .filter(|_| s.incident.flagged(Flag::ForCache));
    let Some(now) = s.number(kind) else {
        let note = match share.and_then(|(needs, has)| fits(100, needs, has)) {
            Some(percent) => format!("N: at most {percent} % of what it is"),
            None => "N: half of what it is".to_owned(),
        };
        return Some(("N".to_owned(), note));
    };
    if now < 2 {
        return None;
    }
    let fits = share.and_then(|(needs, has)| fits(now, needs, has));
    Some(match fits {
        Some(fits) => (
            fits.to_string(),
            format!("now {now}; more than that has no room"),
        ),
        None => ((now / 2).to_string(), format!("half of {now}")),
    })
}

/// So much of a cache as there is room for.
fn fits(now: u64, needs: Bytes, has: Bytes) -> Option<u64> {
    let fits =
        u128::from(now) * u128::from(has.low()) * 95 / (u128::from(needs.high().max(1)) * 100);
    let fits = u64::try_from(fits).ok()?;
    let step = if now >= 2048 { 256 } else { 1 };
    let fits = fits / step * step;
    (fits > 0 && fits < now).then_some(fits)
}

/// What `DeepSpeed` keeps out of its cache: a billion bytes, and twice what was missing, in steps of a tenth.
fn reserve(s: &Situation<'_>) -> String {
    const BEFORE: u64 = 1_000_000_000;
    const STEP: u64 = BEFORE / 10;
    let missing = s.balance.shortfall.map_or(0, Bytes::high);
    let size = if missing == 0 {
        "N".to_owned()
    } else {
        (BEFORE + missing.saturating_mul(2))
            .next_multiple_of(STEP)
            .to_string()
    };
    format!(
        "\"memory_config\": {{\"mode\": \"reserve\", \"size\": {size}}}\n# bytes, {BEFORE} otherwise; of \"state_manager\" in inference_engine_config"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose;

    /// The first fix that a log gets: its title and the first line of what to type.
    fn first(log: &str) -> (String, String) {
        let diagnosis = diagnose("t", log.as_bytes());
        let incident = diagnosis.incidents.first().expect(log);
        let fix = incident.fixes.first().expect(log);
        let line = fix.offer.how.lines().next().unwrap_or_default();
        (fix.title().to_owned(), line.to_owned())
    }

    #[test]
    fn every_row_has_a_message_or_sign_of_its_program() {
        for row in switches() {
            assert!(
                !row.how.is_empty() && !row.how.contains("\n\n"),
                "{}",
                row.how
            );
            assert!(row.of.is_none() || row.how.contains("{}"), "{}", row.how);
        }
    }

    #[test]
    fn a_program_is_answered_in_its_own_words() {
        for (log, line) in [
            (
                "cv2.error: OpenCV(4.9.0) modules/core/src/cuda/gpu_mat.cu:121: error: (-217:Gpu API call) out of memory in function 'allocate'",
                "gpu.upload(frame)  # into the same GpuMat; gpu.release() for what is done",
            ),
            (
                "AssertionError: Not enough memory for KV cache, try reducing --num-pages",
                "reducing --num-pages  # in the program's own words",
            ),
            (
                "HIP error: hipErrorOutOfMemory (2) in file 'src/field.cpp', line 214: 'out of memory'",
                "HIP_VISIBLE_DEVICES=N  # N: the freest GPU",
            ),
            (
                "PxgCudaDeviceMemoryAllocator fail to allocate memory 335544320 bytes!! Result = 2",
                "num_envs=N  # half of what it is; Isaac Lab: --num_envs N",
            ),
            (
                "[h264_nvenc @ 0x55d0] OpenEncodeSessionEx failed: out of memory (10): (no details)",
                "-c:v libx264  # some of them on the CPU, or one after the other",
            ),
            (
                "_catboost.CatBoostError: catboost/cuda/cuda_lib/memory_pool/stack_like_memory_pool.h:303: Error: Out of memory. Requested 9216.25 MB; Free 6100.5 MB",
                "border_count=32  # 128 bins otherwise; and depth=6 where it is more",
            ),
            (
                "Error: This model does not fit on the devices [\"cuda[0] (avail: 9120MB)\", \"cpu (avail: 5310MB)\"], and exceeds total capacity by 3712MB. Auto device mapping params: text[max_seq_len: 32768, max_batch_size: 4]",
                "--max-seq-len 16384  # half of 32768",
            ),
        ] {
            assert_eq!(first(log).1, line, "{log}");
        }
    }
}
