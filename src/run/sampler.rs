//! What the GPUs say while a program runs: the course of the memory, and which processes came and went.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::Keep;
use crate::evidence::{Devices, Gpu, GpuMoment, MemoryNow, Sample, Visitor, Watched};
use crate::probe::{self, GpuProbe, NoGpus};

/// So many readings are kept: twenty minutes at one a second.
const KEPT: usize = 1200;
/// A driver that hangs must not hold the wrapper when the program has ended.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause after a reading that differs from the one before: a child can fill a GPU, and be ended, within a second.
const MOVING: Duration = Duration::from_millis(250);
/// So many whole readings are kept of before a failure, and none that is older than this or an interval: a program often
/// ends its children before it prints why it fails.
const BEFORE: usize = 8;
const OLDEST: Duration = Duration::from_secs(3);
/// So many processes are told apart.
const VISITORS: usize = 4096;
/// The first pause; each is twice as long until the interval is reached, since many programs fail in seconds.
const FIRST: Duration = Duration::from_millis(100);

/// Why the sampler wakes before its time.
enum Wake {
    /// Memory has just run out.
    Now,
    /// The program has ended; whether memory ran out.
    End(bool),
}

/// A thread that asks the GPUs again and again.
pub(super) struct Sampler {
    wake: SyncSender<Wake>,
    seen: Receiver<Watched>,
}

/// A handle that asks for a reading at once.
#[derive(Clone)]
pub(super) struct Bell(SyncSender<Wake>);

impl Bell {
    pub(super) fn ring(&self) {
        // A full queue means that it is awake already.
        let _ = self.0.try_send(Wake::Now);
    }
}

impl Sampler {
    /// Starts to ask, once every interval; each reading also goes to `save`.
    pub(super) fn start(
        open: impl FnOnce() -> Result<Box<dyn GpuProbe>, NoGpus> + Send + 'static,
        (child, before): (u32, Vec<u32>),
        interval: Duration,
        mut save: Option<Keep>,
    ) -> Self {
        let (wake, woken) = sync_channel(4);
        let (tell, seen) = sync_channel(1);
        std::thread::spawn(move || {
            let mut course = Course::new(child, before, interval);
            match open() {
                Ok(mut probe) => {
                    course.follow(probe.as_mut(), &woken, save.as_mut());
                }
                Err(error) => course.problem = Some(error.reason),
            }
            // What is kept is whole before anybody looks at it.
            drop(save);
            // Where nobody waits any more nobody is told.
            let _ = tell.send(course.watched());
        });
        Self { wake, seen }
    }

    pub(super) fn bell(&self) -> Bell {
        Bell(self.wake.clone())
    }

    /// Ends it; what it saw. Where memory ran out it looks once more, at what the program left behind.
    pub(super) fn finish(self, failed: bool) -> Watched {
        // Where the thread has ended by itself nobody listens, and one that hangs takes nothing.
        let _ = self.wake.try_send(Wake::End(failed));
        self.seen
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| Watched {
                problem: Some(format!("no answer within {} s", PATIENCE.as_secs())),
                ..Watched::default()
            })
    }
}

/// What is gathered.
struct Course {
    child: u32,
    /// The program's processes that an earlier run left behind.
    before: Vec<u32>,
    interval: Duration,
    since: Instant,
    samples: VecDeque<Sample>,
    visitors: BTreeMap<(u32, u32), Visitor>,
    failed_at: Option<u64>,
    /// The last whole readings, each with its moment; those around the failure, once there was one.
    whole: VecDeque<(u64, Devices)>,
    /// How many of them are still to come.
    open: usize,
    last: Option<Devices>,
    problem: Option<String>,
}

impl Course {
    fn new(child: u32, before: Vec<u32>, interval: Duration) -> Self {
        Self {
            child,
            before,
            interval,
            since: Instant::now(),
            samples: VecDeque::new(),
            visitors: BTreeMap::new(),
            failed_at: None,
            whole: VecDeque::new(),
            open: 1,
            last: None,
            problem: None,
        }
    }

    fn follow(
        &mut self,
        probe: &mut dyn GpuProbe,
        woken: &Receiver<Wake>,
        mut save: Option<&mut Keep>,
    ) {
        let mut pause = FIRST.min(self.interval);
        loop {
            if self.read(probe, save.as_deref_mut()) {
                pause = pause.min(MOVING);
            }
            match woken.recv_timeout(pause) {
                Ok(Wake::Now) => {
                    self.failed_at.get_or_insert(self.elapsed());
                }
                Err(RecvTimeoutError::Timeout) => pause = (pause * 2).min(self.interval),
                Ok(Wake::End(failed)) => {
                    if failed {
                        self.open = 0;
                        self.read(probe, save);
                    }
                    return;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Asks once; true where the memory has moved since the last time.
    fn read(&mut self, probe: &mut dyn GpuProbe, save: Option<&mut Keep>) -> bool {
        match probe.read() {
            Ok(devices) => {
                let at_ms = self.take(&devices);
                if let Some(keep) = save {
                    keep(at_ms, &devices);
                }
                self.keep(at_ms, &devices);
                let before = self.last.replace(devices);
                let now = self.last.iter().flat_map(|d| &d.gpus);
                before.is_some_and(|before| moved(&before.gpus, now))
            }
            Err(error) => {
                self.problem = Some(error.reason);
                false
            }
        }
    }

    /// Keeps a whole reading: the last ones before the failure, and the one that was taken for it.
    fn keep(&mut self, at: u64, devices: &Devices) {
        if self.open == 0 {
            return;
        }
        if self.failed_at.is_some() {
            self.open -= 1;
        }
        self.whole.push_back((at, devices.clone()));
        let oldest = OLDEST.max(self.interval * 3 / 2);
        let oldest = u64::try_from(oldest.as_millis()).unwrap_or(u64::MAX);
        let stale = |(then, _): &(u64, Devices)| at.saturating_sub(*then) > oldest;
        while self.whole.len() > BEFORE || self.whole.front().is_some_and(stale) {
            self.whole.pop_front();
        }
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Takes one reading; when it was.
    fn take(&mut self, devices: &Devices) -> u64 {
        let at = self.elapsed();
        let mut sample = Sample {
            at,
            gpus: Vec::new(),
        };
        for gpu in &devices.gpus {
            let Some(memory) = &gpu.memory else { continue };
            sample.gpus.push(GpuMoment {
                index: gpu.index,
                used: memory.used,
                total: memory.usable(),
            });
            for holder in &gpu.processes {
                let key = (gpu.index, holder.pid);
                if self.visitors.len() >= VISITORS && !self.visitors.contains_key(&key) {
                    continue;
                }
                let (child, before) = (self.child, &self.before);
                let visitor = self.visitors.entry(key).or_insert_with(|| Visitor {
                    gpu: gpu.index,
                    pid: holder.pid,
                    // Once of this program, always: a child outlives the parent that tells it.
                    own: probe::belongs(holder.pid, child) || before.contains(&holder.pid),
                    command: holder.command.clone(),
                    first: at,
                    ..Visitor::default()
                });
                visitor.last = at;
                visitor.peak = visitor.peak.max(holder.bytes.unwrap_or(0));
            }
        }
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
        at
    }

    fn watched(self) -> Watched {
        Watched {
            around: self.whole.into_iter().map(|(_, devices)| devices).collect(),
            program: self.child,
            samples: self.samples.into(),
            visitors: self.visitors.into_values().collect(),
            failed_at: self.failed_at,
            // Once read, a later failure to read is not the last word.
            problem: self.problem.filter(|_| self.last.is_none()),
            last: self.last,
        }
    }
}

/// True where a process has come to a GPU, or what is used has changed by more than a hundredth.
fn moved<'a>(before: &[Gpu], now: impl Iterator<Item = &'a Gpu>) -> bool {
    let used = |gpu: &Gpu| gpu.memory.as_ref().map_or(0, |m| m.used);
    now.into_iter().any(|gpu| {
        let Some(then) = before.iter().find(|g| g.index == gpu.index) else {
            return true;
        };
        let total = gpu.memory.as_ref().map_or(0, MemoryNow::usable);
        let came = gpu.processes.iter().any(|h| then.holder(h.pid).is_none());
        came || used(gpu).abs_diff(used(then)) > total / 100
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Recording;

    fn moment(used: u64, pids: &[u32]) -> String {
        let processes: Vec<String> = pids
            .iter()
            .map(|pid| format!(r#"{{"pid":{pid},"bytes":{used},"kinds":["compute"]}}"#))
            .collect();
        format!(
            r#"{{"source":"nvml","gpus":[{{"index":0,"name":"x","processes":[{}],
            "memory":{{"total":100,"used":{used},"free":1,"by":"x"}}}}]}}"#,
            processes.join(",")
        )
    }

    #[test]
    fn processes_that_come_and_go_are_told_with_their_peak() {
        let json = moment(10, &[4_000_001])
            + &moment(30, &[4_000_001, 4_000_002])
            + &moment(20, &[4_000_002]);
        let mut recording = Recording::parse(json.as_bytes()).unwrap();
        let mut course = Course::new(4_000_000, vec![4_000_002], Duration::ZERO);
        for _ in 0..3 {
            course.take(&recording.read().unwrap());
        }
        let watched = course.watched();
        let used: Vec<u64> = watched.samples.iter().map(|s| s.gpus[0].used).collect();
        assert_eq!(used, [10, 30, 20]);
        let peaks: Vec<(u32, u64)> = watched.visitors.iter().map(|v| (v.pid, v.peak)).collect();
        assert_eq!(peaks, [(4_000_001, 30), (4_000_002, 30)]);
        let own: Vec<bool> = watched.visitors.iter().map(|v| v.own).collect();
        assert_eq!(own, [false, true], "an earlier run left the second behind");
    }

    #[test]
    fn a_long_run_keeps_its_last_readings() {
        let mut recording = Recording::parse(moment(10, &[]).as_bytes()).unwrap();
        let mut course = Course::new(1, Vec::new(), Duration::ZERO);
        for _ in 0..KEPT + 5 {
            course.take(&recording.read().unwrap());
        }
        assert_eq!(course.watched().samples.len(), KEPT);
    }

    #[test]
    fn the_readings_around_a_failure_stay_and_later_ones_are_none_of_them() {
        // The memory moves once; what is as good as the same reading does not count.
        let json: String = (1..=9).map(|n| moment(n / 5 * 10 + n / 9, &[])).collect();
        let mut recording = Recording::parse(json.as_bytes()).unwrap();
        let mut course = Course::new(1, Vec::new(), Duration::from_secs(60));
        for number in 1..=9 {
            if number == 7 {
                course.failed_at = Some(course.elapsed());
            }
            assert_eq!(course.read(&mut recording, None), number == 5);
        }
        let watched = course.watched();
        let used = |d: &Devices| d.gpus[0].memory.as_ref().map(|m| m.used);
        let around: Vec<_> = watched.around.iter().filter_map(used).collect();
        assert_eq!(around, [0, 0, 0, 0, 10, 10, 10]);
        assert_eq!(watched.last.as_ref().and_then(used), Some(11));
    }
}
