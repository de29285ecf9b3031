//! Which program writes, known from any of its lines, and how far it has come: an engine that failed did so while it loaded
//! weights, in its trial run, beside its cache, at its graphs or while it served, and each has its own cause and its own knob.
//!
//! The message of a failure is mostly that of what lies below: `PyTorch` under vLLM, llama.cpp under Ollama.

mod formatter;
mod lines;
mod words;

use std::sync::LazyLock;

use crate::evidence::{
    Family, Flag, Incident, MessageId, Phase, Program, Setting, SettingKind, Settings,
};
use crate::sorting;
use crate::text::literals::Literals;
use Stage::Open;
use lines::{NEAR, RARE, Sign, sign};

/// How far an engine has come when it prints a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing that tells.
    Open,
    /// It loads weights.
    Load,
    /// The weights are there; what follows is a trial run without a cache.
    Trial,
    /// The cache is sized or there; what follows is not told.
    Sized,
    /// It captures graphs.
    Capture,
    /// It serves.
    Serve,
}

impl Stage {
    /// What fails behind the line, where the line alone tells.
    const fn phase(self) -> Option<Phase> {
        match self {
            Self::Load => Some(Phase::Load),
            Self::Trial => Some(Phase::TrialRun),
            Self::Capture => Some(Phase::GraphCapture),
            Self::Serve => Some(Phase::Generate),
            Self::Open | Self::Sized => None,
        }
    }
}

/// The texts of rare signs, for the scan of the whole input.
pub(crate) fn signatures() -> impl Iterator<Item = &'static str> {
    RARE.iter().map(|sign| sign.text)
}

/// Those of both tables; the tag is the place in the one behind the other.
static LITERALS: LazyLock<Literals> = LazyLock::new(|| {
    let texts = RARE.iter().chain(NEAR).map(|sign| sign.text);
    Literals::new(texts.zip(0..))
});

/// A sign at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    line: u64,
    program: Program,
    stage: Stage,
    /// False where other programs print so, too.
    sure: bool,
}

/// So many are kept: those that were seen last count most.
const MOST: usize = 4096;

/// The signs of one input, in the order in which they were seen.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    seen: Vec<Seen>,
}

impl Seen {
    /// The signs of one line that the scan found.
    pub(crate) fn in_line(line: u64, text: &[u8]) -> Vec<Self> {
        let mut found = Vec::new();
        LITERALS.each(text, 0..text.len(), &mut |hit| {
            let sign = RARE.get(usize::from(hit.tag));
            found.extend(sign.map(|sign| Self::of(line, sign, true)));
        });
        found
    }

    /// All signs of the lines around a failure.
    pub(crate) fn in_window(first_line: u64, raw: &[u8]) -> Vec<Self> {
        let mut found = Vec::new();
        let mut hits = Vec::new();
        LITERALS.each(raw, 0..raw.len(), &mut |hit| {
            hits.push((hit.start, hit.tag));
        });
        hits.sort_unstable();
        let (mut line, mut at) = (first_line, 0);
        let mut lines_before = |start: usize| {
            let passed = raw.get(at..start).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', passed).count() as u64;
            at = start.max(at);
            line
        };
        for (start, tag) in hits {
            let sign = RARE.iter().chain(NEAR).nth(usize::from(tag));
            let sign =
                sign.filter(|sign| !is_folder(sign.text, raw.get(start + sign.text.len()..)));
            found.extend(sign.map(|sign| Self::of(lines_before(start), sign, true)));
        }
        if let Some(formatted) = formatter::find(raw) {
            let passed = raw.get(..formatted).unwrap_or_default();
            let line = first_line + memchr::memchr_iter(b'\n', passed).count() as u64;
            found.push(Self::of(line, &sign("", Program::Vllm, Open), false));
        }
        found
    }

    fn of(line: u64, sign: &Sign, sure: bool) -> Self {
        Self {
            line,
            program: sign.program,
            stage: sign.stage,
            sure,
        }
    }
}

/// True where the name is that of a folder, in which another program keeps its models or its environment.
fn is_folder(text: &str, after: Option<&[u8]>) -> bool {
    const INSIDE: [&str; 6] = [
        "/.venv",
        "/venv",
        "/models/",
        "\\venv",
        "\\.venv",
        "\\models\\",
    ];
    let inside = |after: &[u8]| INSIDE.iter().any(|part| after.starts_with(part.as_bytes()));
    ["ComfyUI", "stable-diffusion-webui"].contains(&text) && after.is_some_and(inside)
}

impl Signs {
    /// Takes signs, in the order in which they stand in the input.
    pub(crate) fn add(&mut self, seen: impl IntoIterator<Item = Seen>) {
        for seen in seen {
            if self.seen.len() >= MOST {
                self.seen.drain(..MOST / 2);
            }
            self.seen.push(seen);
        }
    }

    /// The signs by the lines on which they stand, to tell failures with.
    pub(crate) fn by_line(&self) -> Told {
        let mut seen = self.seen.clone();
        sorting::by_key(&mut seen, |seen| seen.line);
        let mut kinds = Vec::new();
        for seen in &seen {
            let kind = (seen.program, seen.stage, seen.sure);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        Told { seen, kinds }
    }
}

/// The signs of one input, ordered by their lines.
pub(crate) struct Told {
    seen: Vec<Seen>,
    /// What there is of them: mostly few kinds, so that these tell at once what is not there.
    kinds: Vec<(Program, Stage, bool)>,
}

/// True where a stack ends in functions that an engine runs from its start to its end: what they called was cut off, and what it
/// printed before tells more than that it is an engine.
fn cut_above_its_work(incident: &Incident) -> bool {
    // vllm/engine/multiprocessing/engine.py, executor/multiproc_worker_utils.py, v1/executor/multiproc_executor.py, v1/engine/core.py;
    // sglang/srt/managers/scheduler.py; multiprocessing and threading of Python.
    const OUTER: [&str; 9] = [
        "run_mp_engine",
        "_run_worker_process",
        "worker_busy_loop",
        "worker_main",
        "run_engine_core",
        "run_scheduler_process",
        "_bootstrap",
        "run",
        "decorate_context",
    ];
    let frames = &incident.traceback.frames;
    incident.phase == Some(Phase::Generate)
        && !frames.is_empty()
        && frames.iter().all(|frame| OUTER.contains(&frame.name()))
}

impl Told {
    /// Tells a failure whose it is and, where no stack did, at what it failed. `known` is what the whole log shows to be set.
    pub(crate) fn tell(&self, incident: &mut Incident, known: &Settings) {
        self.tell_tensorflow(incident);
        let framework = incident.framework;
        let near = |program: Program| program == framework || program.stands_around(framework);
        // What runs engines names itself in many lines, and the engine's own switches count.
        let mut kinds = self.kinds.iter().map(|(program, ..)| *program);
        let inner = kinds.any(|program| near(program) && program != Program::Xinference);
        let around = |program: Program| near(program) && (!inner || program != Program::Xinference);
        let nearest = |sure: bool| {
            let is = |seen: &&Seen| seen.sure == sure && around(seen.program);
            let kinds = &mut self.kinds.iter();
            if !kinds.any(|(program, _, known)| *known == sure && around(*program)) {
                return None;
            }
            let (before, after) = self.split(incident);
            let above = before.iter().rev().find(is);
            above.or_else(|| after.iter().find(is))
        };
        // A stack that passes the user's own code and nothing of the engine's is of a trainer that runs one beside it; a place in Rust
        // is where a server panicked.
        let trains = incident.framework.family() == Family::Torch
            && (incident
                .frame
                .as_ref()
                .is_some_and(|own| !own.path().ends_with(".rs"))
                || matches!(incident.phase, Some(Phase::Backward | Phase::Optimizer)));
        // A model that is trained may lie in the folder of a program that draws with it.
        let trained =
            known.has(SettingKind::Trainer) || incident.settings.has(SettingKind::Trainer);
        let named = incident.settings.has(SettingKind::Program);
        let nearest = nearest(true).or_else(|| nearest(false));
        let meant = |s: &&Seen| {
            let draws = s.program.family() == Family::ImageInterface;
            let no_trainer = !(trains && s.program.serves() || trained && draws);
            !named && s.program != incident.framework && no_trainer
        };
        if let Some(seen) = nearest.filter(meant) {
            incident.settings.insert(Setting {
                kind: SettingKind::Program,
                name: seen.program.title().to_owned(),
                value: seen.program.name().to_owned(),
                line: seen.line,
                written: String::new(),
            });
        }
        if inner && self.kinds.iter().any(|(of, ..)| *of == Program::Xinference) {
            incident.settings.insert(Setting {
                kind: SettingKind::ServedBy,
                name: Program::Xinference.title().to_owned(),
                value: Program::Xinference.name().to_owned(),
                line: incident.place.line,
                written: String::new(),
            });
        }
        // What an engine only counts, it counts behind its trial run.
        let counts = [Flag::NoCache, Flag::LongestContext];
        let counts = counts.iter().any(|flag| incident.flagged(*flag));
        if (incident.phase.is_none() || cut_above_its_work(incident)) && !counts {
            let told = self.stage(incident).and_then(Stage::phase);
            incident.phase = told.or(incident.phase);
        }
        words::tell(incident, known);
    }

    /// XLA's pool serves JAX and `TensorFlow`, and says the same of both; the paths of the lines around it differ.
    fn tell_tensorflow(&self, incident: &mut Incident) {
        const POOL: [MessageId; 2] = [MessageId::BfcAllocator, MessageId::BfcSummary];
        let mut kinds = self.kinds.iter();
        let told = kinds.any(|(program, ..)| *program == Program::Tensorflow);
        if told && incident.framework == Program::Jax && POOL.contains(&incident.format) {
            incident.framework = Program::Tensorflow;
            incident.flags.remove(Flag::PoolLimit);
            incident.flags.remove(Flag::DriverRefused);
        }
    }

    /// How far the program had come by its last line that tells.
    fn stage(&self, incident: &Incident) -> Option<Stage> {
        let program = incident.program();
        // TEI warms up in TGI's words.
        let same = |of: Program| {
            of == program
                || of == Program::Xinference
                || program == Program::Tei && of == Program::Tgi
        };
        let tells = |of: Program, stage: Stage| same(of) && stage != Open;
        if !self.kinds.iter().any(|(of, stage, _)| tells(*of, *stage)) {
            return None;
        }
        let (before, _) = self.split(incident);
        let last = before.iter().rev().find(|s| tells(s.program, s.stage))?;
        Some(last.stage)
    }

    /// The signs up to the line of a failure, and those below it.
    fn split(&self, incident: &Incident) -> (&[Seen], &[Seen]) {
        let at = incident.place.line;
        let below = self.seen.partition_point(|seen| seen.line <= at);
        self.seen
            .split_at_checked(below)
            .unwrap_or((&self.seen, &[]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose;

    const REFUSED: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 300.00 MiB. GPU 0 has a total capacity of \
        23.69 GiB of which 90.00 MiB is free. Including non-PyTorch memory, this process has 23.60 GiB memory in use. Of the \
        allocated memory 22.40 GiB is allocated by PyTorch, and 80.00 MiB is reserved by PyTorch but unallocated.";

    fn said(log: &str) -> (Program, Option<Phase>) {
        let diagnosis = diagnose("t", log.as_bytes());
        let incident = &diagnosis.incidents.first().unwrap().incident;
        (incident.program(), incident.phase)
    }

    #[test]
    fn every_sign_names_its_program_from_a_line_of_its_own() {
        for sign in RARE.iter().chain(NEAR) {
            let below = match sign.program {
                program if program.stands_around(Program::Pytorch) => REFUSED,
                program if program.stands_around(Program::LlamaCpp) => {
                    "alloc_tensor_range: failed to allocate CUDA0 buffer of size 8858402816"
                }
                Program::Darktable => {
                    "could not allocate cl buffer on device id=0: CL_MEM_OBJECT_ALLOCATION_FAILURE"
                }
                program if program.stands_around(Program::Jax) => {
                    "jax.errors.JaxRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 2.00GiB."
                }
                Program::Game => {
                    "[1][2]LogD3D12RHI: Error: Out of video memory trying to allocate a rendering resource."
                }
                Program::Hashcat | Program::Nvencc => "cuMemAlloc(): out of memory",
                program if program.stands_around(Program::Openvino) => {
                    "RuntimeError: [GPU] Exceeded max size of memory object allocation: requested 6442450944 bytes, but max alloc \
                     size supported by device is 4294959104 bytes."
                }
                _ => "CUDA error: out of memory\nterminate called",
            };
            let log = format!("x {} y\n{below}\n", sign.text);
            if sign.program.stands_around(Program::Cuda)
                && !sign.program.stands_around(Program::Pytorch)
            {
                continue;
            }
            assert_eq!(said(&log).0, sign.program, "{}", sign.text);
        }
    }

    #[test]
    fn the_last_step_of_a_start_tells_at_what_it_failed() {
        let load = "INFO 08-03 [gpu_model_runner.py:1843] Starting to load model /models/a...\n";
        let took =
            "INFO 08-03 [gpu_model_runner.py:1843] Model loading took 16.2 GiB and 34.1 seconds\n";
        let sized = "INFO 08-03 [gpu_worker.py:276] Available KV cache memory: 5.58 GiB\n";
        let capture = "Capturing CUDA graph shapes:   3%|#\n";
        let serve = "INFO 08-03 [core.py:193] init engine (profile, create kv cache, warmup model) took 72.10 seconds\n";
        let mut log = String::new();
        for (line, phase) in [
            (load, Some(Phase::Load)),
            (took, Some(Phase::TrialRun)),
            (sized, None),
            (capture, Some(Phase::GraphCapture)),
            (serve, Some(Phase::Generate)),
        ] {
            log.push_str(line);
            assert_eq!(
                said(&format!("{log}{REFUSED}")),
                (Program::Vllm, phase),
                "{line}"
            );
        }
    }

    #[test]
    fn a_program_far_above_is_still_known() {
        let between = "GET /health 200\n".repeat(5000);
        let log = format!("vLLM API server version 0.10.0\n{between}{REFUSED}");
        assert_eq!(said(&log).0, Program::Vllm);
    }

    #[test]
    fn the_nearest_of_several_programs_is_meant() {
        let log =
            format!("Set vram state to: NORMAL_VRAM\nvLLM API server version 0.10.0\n{REFUSED}");
        assert_eq!(said(&log).0, Program::Vllm);
        assert_eq!(said(REFUSED).0, Program::Pytorch);
    }
}
