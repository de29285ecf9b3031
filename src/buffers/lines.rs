//! The lines themselves.

use std::sync::OnceLock;

use regex::Regex;

use super::Buffer;
use crate::bytes::{self, Bytes, MIB};
use crate::evidence::Key;
use crate::text::Line;

/// Literals, one of which stands in every line that tells something.
pub(super) const SIGNATURES: &[&str] = &[
    "buffer size = ",
    " MiB free",
    ", VRAM: ",
    "memory_breakdown_print: |   - ",
    " total size = ",
    "msg=\"gpu memory\"",
    "memory.available=",
    "msg=\"inference compute\"",
    "Detected Available GPU Memory: ",
    "recommendedMaxWorkingSetSize",
    "metal_log_allocated_size: ",
    "[level_zero:gpu:",
    "msg=\"model weights\" device=",
    "msg=\"kv cache\" device=",
    "msg=\"compute graph\" device=",
];

/// How a line is read.
struct Shape {
    /// What must stand in it.
    literal: &'static str,
    /// Which number it is, where the pattern does not tell.
    key: Key,
    /// The groups `device`, `part`, `number` and `unit`, the first two where there are such.
    pattern: &'static str,
    /// The bytes of the unit, where it is not what the label says.
    unit: Option<u64>,
    /// True where the number was cut down to whole units.
    floored: bool,
    /// True where the line is printed before anything is taken.
    planned: bool,
}

/// Every line that is read. The first that fits has the word.
const LINES: [Shape; 15] = [
    // llama.cpp, src/llama-model.cpp and others; before 2025 "llm_load_tensors: CUDA0 buffer size".
    Shape {
        literal: "buffer size = ",
        key: Key::Weights,
        pattern: r"(?P<device>[A-Za-z][A-Za-z0-9_]*) +(?P<part>model |KV |RS |compute |LoRA |MoE |output )?buffer size = +(?P<number>[0-9.,]+) (?P<unit>MiB)",
        unit: None,
        floored: false,
        planned: false,
    },
    // llama.cpp, src/llama.cpp, from 2024: whole MiB, cut down.
    Shape {
        literal: " MiB free",
        key: Key::FreeAtStart,
        pattern: r"using device (?P<device>[A-Za-z0-9_]+) \(.*\) - (?P<number>[0-9]+) (?P<unit>MiB) free",
        unit: None,
        floored: true,
        planned: false,
    },
    // ggml-cuda.cu, ggml_cuda_init, from 2025.
    Shape {
        literal: ", VRAM: ",
        key: Key::Total,
        pattern: r"Device (?P<device>[0-9]+): .*, VRAM: (?P<number>[0-9]+) (?P<unit>MiB)",
        unit: None,
        floored: true,
        planned: false,
    },
    // llama.cpp, common/fit.cpp, from 2026, before the model is loaded: "total = free + (self = model + context + compute) + rest".
    Shape {
        literal: "memory_breakdown_print: |   - ",
        key: Key::Total,
        pattern: r"\|   - (?P<device>[A-Za-z][A-Za-z0-9_]*) \(.*\) +\| +(?P<number>[0-9]+) = ",
        unit: None,
        floored: true,
        planned: false,
    },
    // whisper.cpp, src/whisper.cpp: millions of bytes.
    Shape {
        literal: " total size = ",
        key: Key::Weights,
        pattern: r"whisper_[a-z_]*: +(?P<device>[A-Za-z][A-Za-z0-9_]*) total size = +(?P<number>[0-9.,]+) (?P<unit>MB)",
        unit: Some(1_000_000),
        floored: false,
        planned: false,
    },
    // Ollama, llm/server.go, 0.11.5 to 0.2x of 2026, and before it llm/memory.go.
    Shape {
        literal: "msg=\"gpu memory\"",
        key: Key::FreeAtStart,
        pattern: r#" free="(?P<number>[0-9.]+) (?P<unit>[KMGT]iB)""#,
        unit: None,
        floored: false,
        planned: false,
    },
    Shape {
        literal: "memory.available=",
        key: Key::FreeAtStart,
        pattern: r#"memory\.available="\[(?P<number>[0-9.]+) (?P<unit>[KMGT]iB)\]""#,
        unit: None,
        floored: false,
        planned: false,
    },
    // Ollama, discover/types.go.
    Shape {
        literal: "msg=\"inference compute\"",
        key: Key::Total,
        pattern: r#" library=(?:cuda|CUDA|rocm|ROCm|metal|Metal|oneapi|vulkan|Vulkan) .*total="(?P<number>[0-9.]+) (?P<unit>[KMGT]iB)""#,
        unit: None,
        floored: false,
        planned: false,
    },
    // KoboldCpp, koboldcpp.py: what the largest GPU has in all, in MiB.
    Shape {
        literal: "Detected Available GPU Memory: ",
        key: Key::Total,
        pattern: r"Detected Available GPU Memory: (?P<number>[0-9]+) MB",
        unit: Some(MIB),
        floored: false,
        planned: false,
    },
    // ggml-metal-device.m: what macOS lets the GPU hold, in millions of bytes.
    Shape {
        literal: "recommendedMaxWorkingSetSize",
        key: Key::Total,
        pattern: r"recommendedMaxWorkingSetSize += +(?P<number>[0-9.]+) (?P<unit>MB)",
        unit: Some(1_000_000),
        floored: false,
        planned: false,
    },
    // ggml-metal.m up to 2024: what is taken, of what macOS lets the GPU hold.
    Shape {
        literal: "metal_log_allocated_size: ",
        key: Key::Total,
        pattern: r"allocated buffer, size = +[0-9.]+ (?P<unit>MiB), \( *[0-9.]+ / +(?P<number>[0-9.]+)\)",
        unit: None,
        floored: false,
        planned: false,
    },
    // ggml-sycl.cpp, the table of devices: all memory in millions of bytes, cut down.
    Shape {
        literal: "[level_zero:gpu:",
        key: Key::Total,
        pattern: r"\| *(?P<device>[0-9]+)\| *\[level_zero:gpu:[0-9]+\]\|.*\| *(?P<number>[0-9]+)(?P<unit>M)\|",
        unit: Some(1_000_000),
        floored: false,
        planned: false,
    },
    // Ollama, ml/device.go, from 0.11.5: what its layout gives to each device, before anything is taken.
    planned("msg=\"model weights\" device=", Key::Weights),
    planned("msg=\"kv cache\" device=", Key::KvCache),
    planned("msg=\"compute graph\" device=", Key::ComputeBuffer),
];

/// A line of Ollama's layout.
const fn planned(literal: &'static str, key: Key) -> Shape {
    Shape {
        literal,
        key,
        pattern: r#" device=(?P<device>[A-Za-z]+[0-9]*) size="(?P<number>[0-9.]+) (?P<unit>[KMGT]iB)""#,
        unit: None,
        floored: false,
        planned: true,
    }
}

/// Their patterns, each compiled where a line first holds its literal: most logs have no such line.
static PATTERNS: [OnceLock<Option<Regex>>; LINES.len()] = [const { OnceLock::new() }; LINES.len()];

/// What a line tells, if it is one of these.
pub(super) fn read(line: &Line) -> Option<Buffer> {
    let text = line.text.as_str();
    let fits = |shape: &&Shape| text.contains(shape.literal);
    let (shape, pattern) = LINES
        .iter()
        .zip(PATTERNS.iter())
        .find(|(shape, _)| fits(shape))?;
    let pattern = pattern.get_or_init(|| Regex::new(shape.pattern).ok());
    let found = pattern.as_ref()?.captures(text)?;
    let device = found.name("device").map_or("", |m| m.as_str());
    if of_the_host(device) {
        return None;
    }
    let number = found.name("number")?.as_str();
    let unit = found.name("unit").map_or("MiB", |m| m.as_str());
    let key = match found.name("part").map(|m| m.as_str()) {
        Some("KV " | "RS ") => Key::KvCache,
        Some("compute ") => Key::ComputeBuffer,
        Some("output ") => return None,
        _ => shape.key,
    };
    Some(Buffer {
        key,
        device: index(device),
        bytes: size(shape, number, unit)?,
        text: format!("{number} {unit}"),
        line: line.number,
        of_all: false,
        planned: shape.planned,
    })
}

fn size(shape: &Shape, number: &str, unit: &str) -> Option<Bytes> {
    if shape.floored {
        return Bytes::floored(number.parse().ok()?, MIB);
    }
    let (digits, decimals) = bytes::digits(number)?;
    let unit = shape.unit.or_else(|| bytes::unit(unit))?;
    Bytes::rounded(digits, decimals, unit)
}

/// True for buffers in the host's memory: "CPU", "`CPU_Mapped`", "`CUDA_Host`", "BLAS".
fn of_the_host(name: &str) -> bool {
    name.starts_with("CPU") || name.starts_with("BLAS") || name.ends_with("_Host")
}

/// The index in the name of a buffer: "`CUDA1_Split`" is of the second device.
fn index(name: &str) -> Option<u32> {
    let name = name.split('_').next().unwrap_or(name);
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        let lines = crate::text::clean(text.as_bytes(), 1);
        let entry = read(lines.first()?)?;
        Some(format!(
            "{} {:?} {}",
            entry.key.name(),
            entry.device,
            entry.bytes
        ))
    }

    fn assert_read(text: &str, says: &str) {
        assert_eq!(shown(text).as_deref(), Some(says), "{text}");
        assert!(SIGNATURES.iter().any(|s| text.contains(s)), "{text}");
    }

    #[test]
    fn every_line_is_read() {
        for (text, says) in [
            (
                "load_tensors:        CUDA0 model buffer size = 18508.35 MiB",
                "weights Some(0) 18508.35 MiB",
            ),
            (
                "0.01.052.007 I load_tensors:  MTL0_Mapped model buffer size =  4712.92 MiB",
                "weights Some(0) 4712.92 MiB",
            ),
            (
                "llm_load_tensors: CUDA_Split buffer size =  4095.05 MiB",
                "weights None 4095.05 MiB",
            ),
            (
                "llama_kv_cache_init:      CUDA1 KV buffer size =   379.23 MiB",
                "kv_cache Some(1) 379.23 MiB",
            ),
            (
                "llama_memory_recurrent:      CUDA1 RS buffer size =   149.62 MiB",
                "kv_cache Some(1) 149.62 MiB",
            ),
            (
                "llama_context:    Vulkan0 compute buffer size =   300.75 MiB",
                "compute_buffer Some(0) 300.75 MiB",
            ),
            (
                "llama_model_load_from_file_impl: using device CUDA0 (NVIDIA GeForce RTX 3090) - 23306 MiB free",
                "free_at_start Some(0) 22.8 GiB",
            ),
            (
                "common_memory_breakdown_print: |   - CUDA0 (H200)       | 143155 = 21273 + (28012 = 26876 +    1024 +     112) +       93870 |",
                "total Some(0) 140 GiB",
            ),
            (
                "  Device 1: AMD Radeon RX 7900 XTX, gfx1100 (0x1100), VMM: no, Wave Size: 32, VRAM: 24560 MiB",
                "total Some(1) 24 GiB",
            ),
        ] {
            assert_read(text, says);
        }
    }

    #[test]
    fn every_line_of_programs_around_it_is_read() {
        for (text, says) in [
            (
                "whisper_model_load:    CUDA0 total size =  3093.99 MB",
                "weights Some(0) 2.9 GiB",
            ),
            (
                "time=2026-01-02T03:04:05.006Z level=INFO source=server.go:653 msg=\"gpu memory\" id=GPU-1 library=CUDA available=\"10.2 GiB\" free=\"10.6 GiB\" minimum=\"457.0 MiB\" overhead=\"0 B\"",
                "free_at_start None 10.6 GiB",
            ),
            (
                "time=2025-01-02T03:04:05.006Z level=INFO source=server.go:138 msg=offload library=cuda layers.requested=-1 layers.model=33 layers.offload=33 layers.split=\"\" memory.available=\"[7.1 GiB]\" memory.gpu_overhead=\"0 B\"",
                "free_at_start None 7.1 GiB",
            ),
            (
                "ggml_metal_device_init: recommendedMaxWorkingSetSize  = 12713.12 MB",
                "total None 11.8 GiB",
            ),
            (
                "ggml_backend_metal_log_allocated_size: allocated buffer, size =  5120.00 MiB, ( 5120.06 / 21845.34)",
                "total None 21845.34 MiB",
            ),
            (
                "| 1| [level_zero:gpu:1]|                Intel Arc B580 Graphics|   20.1|    160|    1024|   32| 12168M|         1.6.34303+3|",
                "total Some(1) 11.3 GiB",
            ),
            (
                "time=2026-01-02T03:04:05.006Z level=INFO source=device.go:251 msg=\"kv cache\" device=CUDA1 size=\"3.5 GiB\"",
                "kv_cache Some(1) 3.5 GiB",
            ),
            (
                "time=2026-01-02T03:04:05.006Z level=INFO source=types.go:42 msg=\"inference compute\" id=0 library=CUDA compute=8.9 name=CUDA0 description=\"NVIDIA GeForce RTX 4070\" libdirs=ollama,cuda_v12 driver=12.8 pci_id=0000:01:00.0 type=discrete total=\"12.0 GiB\" available=\"10.6 GiB\"",
                "total None 12.0 GiB",
            ),
        ] {
            assert_read(text, says);
        }
    }

    #[test]
    fn memory_of_the_host_and_other_lines_tell_nothing() {
        for text in [
            "load_tensors:   CPU_Mapped model buffer size =   417.66 MiB",
            "llama_context:  CUDA_Host compute buffer size =   268.05 MiB",
            "llama_context:      CUDA0  output buffer size =     0.58 MiB",
            "time=2026-01-02T03:04:05.006Z level=INFO source=device.go:245 msg=\"model weights\" device=CPU size=\"1.1 GiB\"",
            "socket: receive buffer size = 212992",
            "12345 MiB free on /dev/sda1",
            "msg=\"inference compute\" id=0 library=cpu compute=\"\" total=\"31.2 GiB\" available=\"20.1 GiB\"",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
