//! Who failed, by the names that the platform gives: a test, a pod, a container, a node, an actor.

use std::collections::BTreeMap;

use super::named;

named! {
    /// What a name is of. In the order in which a title names them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Part {
        /// A test, by the id that its runner prints.
        Test => "test",
        /// The program, as a traced command or a runner names it.
        Program => "program",
        /// A process by its command's name.
        Process => "process",
        /// Its id.
        Pid => "pid",
        /// An actor or a worker process of Ray or an engine.
        Actor => "actor",
        /// A service of Docker Compose.
        Service => "service",
        /// A pod of Kubernetes.
        Pod => "pod",
        /// A container.
        Container => "container",
        /// A worker of a test runner or a launcher.
        Worker => "worker",
        /// The workers of a test runner that ran side by side, where there are several.
        Workers => "workers",
        /// A job of a scheduler.
        Job => "job",
        /// A step of a scheduler's job.
        Step => "step",
        /// A task of a step.
        Task => "task",
        /// The machine.
        Host => "host",
        /// The control group.
        Cgroup => "cgroup",
    }
}

/// Names, each of one part; the first that is learned stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who(BTreeMap<Part, String>);

impl Who {
    /// Adds a name, unless one is known or it is empty.
    pub fn add(&mut self, part: Part, name: impl Into<String>) {
        let name = name.into();
        if !name.is_empty() {
            self.0.entry(part).or_insert(name);
        }
    }

    /// The name of a part.
    pub fn get(&self, part: Part) -> Option<&str> {
        self.0.get(&part).map(String::as_str)
    }

    /// All names, in the order of a title.
    pub fn iter(&self) -> impl Iterator<Item = (Part, &str)> {
        self.0.iter().map(|(part, name)| (*part, name.as_str()))
    }

    /// The same names to change, as where they are to be hidden.
    pub fn names_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.0.values_mut()
    }

    /// Adds what another witness of the same failure names.
    pub fn join(&mut self, other: &Self) {
        for (part, name) in other.iter() {
            self.add(part, name);
        }
    }

    /// "pod fit-0, container fit, host n2": what tells the writer apart from others, without what stands elsewhere in a title.
    pub fn words(&self) -> String {
        const SHOWN: [Part; 10] = [
            Part::Process,
            Part::Actor,
            Part::Service,
            Part::Pod,
            Part::Container,
            Part::Worker,
            Part::Job,
            Part::Step,
            Part::Task,
            Part::Host,
        ];
        // The name of a step begins with that of its job.
        let told = |part| part == Part::Job && self.get(Part::Step).is_some();
        let shown = self.iter();
        let shown = shown.filter(|(part, _)| SHOWN.contains(part) && !told(*part));
        let words: Vec<String> = shown.map(|(part, name)| self.word(part, name)).collect();
        words.join(", ")
    }

    fn word(&self, part: Part, name: &str) -> String {
        match (part, self.get(Part::Pid)) {
            (Part::Process, Some(pid)) => format!("{name} (pid {pid})"),
            (Part::Process, None) => name.to_owned(),
            _ => format!("{} {name}", part.name()),
        }
    }
}
