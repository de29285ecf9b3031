//! What the log shows to be set already: allocator options, versions, platform, training switches.

use std::collections::BTreeMap;

use super::SettingKind;

/// The name of a length that is one prompt's, by the writer's words.
pub(crate) const A_PROMPT: &str = "prompt";

/// The name of an inference that is a script for one picture, recording or video, without a batch.
pub(crate) const A_DEMO: &str = "demo.py";

/// The value of growth where somebody watched the memory itself rise.
pub(crate) const GROWTH_SEEN: &str = "seen";

/// A version as `PyTorch` numbers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The number before the first point.
    pub major: u32,
    /// The number behind it.
    pub minor: u32,
}

/// One setting: what, how it was written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What is set.
    pub kind: SettingKind,
    /// The variable or word that told it, as written ("`PYTORCH_ALLOC_CONF`").
    pub name: String,
    /// Its value as written; empty where the word alone tells.
    pub value: String,
    /// The line of the raw input, from 1; 0 where it follows from the wording of a message.
    pub line: u64,
    /// How the log writes it, `{}` in the value's place ("--micro-batch-size {}"); empty where that is not known.
    pub written: String,
}

impl Setting {
    /// The same with another value, as the log writes it: what a person types to change it.
    pub fn with(&self, value: &str) -> String {
        if self.written.is_empty() {
            format!("{}={value}", self.name)
        } else {
            self.written.replacen("{}", value, 1)
        }
    }
}

/// Everything that a log shows to be set. The last word on a kind counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    map: BTreeMap<SettingKind, Setting>,
}

impl Settings {
    /// Keeps a setting; a later one of the same kind takes its place.
    pub fn insert(&mut self, setting: Setting) {
        self.map.insert(setting.kind, setting);
    }

    /// Takes over what is known beside this: of a kind that is shown here, this stays, unless it is a bare word where the other has a
    /// value.
    pub fn complete(&mut self, others: &Self) {
        for (kind, setting) in &others.map {
            let shown = self.map.entry(*kind).or_insert_with(|| setting.clone());
            if shown.value.is_empty() && !setting.value.is_empty() {
                *shown = setting.clone();
            }
        }
    }

    /// The setting of a kind, if the log shows one.
    pub fn get(&self, kind: SettingKind) -> Option<&Setting> {
        self.map.get(&kind)
    }

    /// True where the log shows it.
    pub fn has(&self, kind: SettingKind) -> bool {
        self.map.contains_key(&kind)
    }

    /// All settings, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.map.values()
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Setting> {
        self.map.values_mut()
    }

    /// The allocator's options, taken apart.
    pub fn allocator(&self) -> AllocatorConfig {
        self.get(SettingKind::AllocatorConfig)
            .map(|s| AllocatorConfig::parse(&s.value))
            .unwrap_or_default()
    }

    /// True where growing segments are asked for and `PyTorch` did not say that it cannot do it.
    pub fn expandable(&self) -> bool {
        self.allocator().expandable() && !self.has(SettingKind::ExpandableUnsupported)
    }

    /// The version of `PyTorch` where the log or a wording settles it.
    pub fn torch(&self) -> Option<Version> {
        self.version(SettingKind::TorchVersion)
    }

    /// The oldest and the newest `PyTorch` that it can be.
    pub fn torch_range(&self) -> (Option<Version>, Option<Version>) {
        match self.torch() {
            Some(v) => (Some(v), Some(v)),
            None => (
                self.version(SettingKind::TorchAtLeast),
                self.version(SettingKind::TorchAtMost),
            ),
        }
    }

    fn version(&self, kind: SettingKind) -> Option<Version> {
        let mut parts = self.get(kind)?.value.split('.');
        Some(Version {
            major: parts.next()?.parse().ok()?,
            minor: parts.next()?.parse().ok()?,
        })
    }
}

/// `PYTORCH_CUDA_ALLOC_CONF`, as `key:value` pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllocatorConfig {
    pairs: Vec<(String, String)>,
}

impl AllocatorConfig {
    /// Reads `key:value,key:value`; spaces are tolerated as `PyTorch` tolerates them. List values keep their brackets.
    pub fn parse(text: &str) -> Self {
        let mut pairs = Vec::new();
        let mut depth = 0usize;
        let split = text.split(|c: char| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        });
        for part in split {
            if let Some((key, value)) = part.split_once(':') {
                pairs.push((key.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Self { pairs }
    }

    /// The value of a key, if it is set.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .rev()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    }

    /// The same with this key set, and nothing else of that name.
    pub fn with(self, key: &str, value: &str) -> Self {
        let mut config = self.without(key);
        config.pairs.push((key.to_owned(), value.to_owned()));
        config
    }

    /// The same without this key.
    pub fn without(mut self, key: &str) -> Self {
        self.pairs.retain(|(k, _)| k != key);
        self
    }

    /// The same without pairs that no allocator ever had: what came from a log must be safe to type into a shell.
    pub fn typeable(mut self) -> Self {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let value = |c: char| word(c) || ".:,[]<>-".contains(c);
        self.pairs
            .retain(|(k, v)| !k.is_empty() && k.chars().all(word) && v.chars().all(value));
        self
    }

    /// True where `expandable_segments` is on.
    pub fn expandable(&self) -> bool {
        self.get("expandable_segments")
            .is_some_and(|v| v.eq_ignore_ascii_case("true"))
    }

    /// The pairs as written, joined again.
    pub fn text(&self) -> String {
        self.pairs
            .iter()
            .map(|(k, v)| format!("{k}:{v}"))
            .collect::<Vec<_>>()
            .join(",")
    }
}
