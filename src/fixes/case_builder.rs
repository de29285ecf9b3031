//! Situations for the tests of fixes, built piece by piece.

use super::{
    Fix, Offer, Situation, choose_another_gpu, lower_batch_size, rank, run_it_again,
    stop_other_process,
};
use crate::bytes::{Bytes, GIB};
use crate::evidence::{
    Balance, Case, Fact, FactSource, FindingId, FixId, Frame, Incident, Key, Memory, MessageId,
    Now, Phase, Process, Program, Setting, SettingKind,
};
use crate::place::Place;

/// One failure, to be asked for offers.
#[derive(Debug)]
pub(super) struct CaseBuilder {
    pub(super) incident: Incident,
    finding: FindingId,
    now: Option<Now>,
}

impl CaseBuilder {
    /// A failure of `PyTorch`'s own allocator of which nothing else is known.
    pub(super) fn new() -> Self {
        let place = Place {
            source: "train.log".to_owned(),
            line: 1,
        };
        Self {
            incident: Incident::new(
                place,
                Memory::Device,
                Program::Pytorch,
                MessageId::PytorchCuda,
            ),
            finding: FindingId::Activations,
            now: None,
        }
    }

    /// With the GPUs asked.
    pub(super) fn now(mut self, now: Now) -> Self {
        self.now = Some(now);
        self
    }

    /// With this set.
    pub(super) fn set(self, kind: SettingKind, value: &str) -> Self {
        self.named(kind, "PYTORCH_CUDA_ALLOC_CONF", value)
    }

    /// With this set under a name of its own.
    pub(super) fn named(mut self, kind: SettingKind, name: &str, value: &str) -> Self {
        self.incident.settings.insert(Setting {
            kind,
            name: name.to_owned(),
            value: value.to_owned(),
            line: 1,
            written: String::new(),
        });
        self
    }

    /// With this variable holding the allocator's options.
    pub(super) fn options(self, name: &str, value: &str) -> Self {
        self.named(SettingKind::AllocatorConfig, name, value)
    }

    /// With this fact, in tenths of a GiB.
    pub(super) fn fact(mut self, key: Key, tenths: u64) -> Self {
        let fact = Fact {
            bytes: Bytes::exact(tenths * GIB / 10),
            text: String::new(),
            line: 1,
            source: FactSource::Message,
        };
        self.incident.facts.insert(key, fact);
        self
    }

    /// With another process listed, in tenths of a GiB.
    pub(super) fn process(mut self, pid: u32, tenths: u64, own: bool) -> Self {
        self.incident.processes.push(Process {
            pid: Some(pid),
            bytes: Bytes::exact(tenths * GIB / 10),
            own,
            same_job: false,
            draws: false,
            gpu: None,
            text: String::new(),
            line: 1,
        });
        self
    }

    /// With this program as the one that printed the message.
    pub(super) fn engine(mut self, program: Program) -> Self {
        self.incident.framework = program;
        self
    }

    pub(super) fn phase(mut self, phase: Phase) -> Self {
        self.incident.phase = Some(phase);
        self
    }

    pub(super) fn finding(mut self, finding: FindingId) -> Self {
        self.finding = finding;
        self
    }

    pub(super) fn host(mut self) -> Self {
        self.incident.memory = Memory::Host;
        self
    }

    /// With this frame as the user's own and the only one.
    pub(super) fn frame(mut self, file: &str, line: u32, code: &str) -> Self {
        let frame = Frame {
            file: file.to_owned(),
            line,
            function: "main".to_owned(),
            code: code.to_owned(),
            at: 1,
        };
        self.incident.frame = Some(frame.clone());
        self.incident.traceback.frames.push(frame);
        self
    }

    /// With a frame of a library.
    pub(super) fn frame_in(mut self, file: &str, function: &str) -> Self {
        self.incident.traceback.frames.push(Frame {
            file: file.to_owned(),
            line: 1,
            function: function.to_owned(),
            code: String::new(),
            at: 1,
        });
        self
    }

    /// What stands first of these fixes, as it is to be typed.
    pub(super) fn first(&self, fixes: &[&'static Fix]) -> String {
        let ranked = self.with(|situation| rank(fixes, situation));
        ranked.into_iter().next().unwrap().offer.how
    }

    /// Asks a fix.
    pub(super) fn ask(&self, fix: &Fix) -> Option<Offer> {
        self.with(|situation| (fix.offer)(situation))
    }

    /// Ranks the fixes that the GPUs have a say in, and one in which they have none.
    pub(super) fn rank(&self) -> Vec<(FixId, Offer)> {
        let fixes = [
            &lower_batch_size::FIX,
            &stop_other_process::FIX,
            &run_it_again::FIX,
            &choose_another_gpu::FIX,
        ];
        let ranked = self.with(|situation| rank(&fixes, situation));
        ranked.into_iter().map(|r| (r.fix.id, r.offer)).collect()
    }

    /// What some question says of it.
    pub(super) fn with<T>(&self, ask: impl FnOnce(&Situation<'_>) -> T) -> T {
        let balance = Balance::of(&self.incident);
        ask(&Situation {
            case: Case {
                incident: &self.incident,
                balance: &balance,
                series: &[],
                now: self.now.as_ref(),
            },
            finding: self.finding,
        })
    }

    /// The first line that a fix says to type.
    pub(super) fn line(&self, fix: &Fix) -> String {
        let offer = self.ask(fix).unwrap();
        offer.how.lines().next().unwrap().to_owned()
    }

    /// A run in pieces: 33.5 GiB asked for, 16 free, 61.5 live and 61.5 idle of 140.
    pub(super) fn in_pieces() -> Self {
        Self::new()
            .finding(FindingId::SplitSegments)
            .fact(Key::Tried, 335)
            .fact(Key::Total, 1400)
            .fact(Key::Free, 160)
            .fact(Key::Allocated, 615)
            .fact(Key::ReservedUnallocated, 615)
    }
}
