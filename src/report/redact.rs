//! A report without names: folders, users, hosts, addresses and keys stand as numbered placeholders. Figures, lines, base
//! names of files and fingerprints stay, so that the report can be shown to strangers and still be worked with. Paths inside
//! a repository that is at hand stay, too, as it names them.

mod fields;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use fields::Kind;
use rules::Rules;

use super::{fingerprint, repository};
use crate::compare::Compared;
use crate::diagnose::Diagnosis;
use crate::evidence::{Devices, Part, Watched};

/// Accounts that say nothing about a person. They are words of everyday text, too.
const NOBODY: [&str; 14] = [
    "root", "user", "users", "runner", "ubuntu", "jovyan", "vscode", "ec2-user", "admin", "docker",
    "data", "work", "train", "shared",
];

/// Parts of the system that are the same on every machine, and that advice names.
const SYSTEM: [&str; 4] = ["/dev/", "/proc/", "/sys/", "/etc/"];
/// Below it everybody makes folders.
const SHARED: &str = "/dev/shm/";

/// Knows the placeholders given so far: the same name has the same one in all reports of a run.
#[derive(Default)]
pub struct Redactor {
    rules: Arc<Rules>,
    known: BTreeMap<(&'static str, String), usize>,
    given: BTreeMap<&'static str, usize>,
    users: BTreeSet<String>,
    hosts: BTreeSet<String>,
    /// Units of systemd, which people name after their work.
    units: BTreeSet<String>,
    root: Option<PathBuf>,
    /// Paths of files in the repository, and how it names them.
    inside: BTreeMap<String, String>,
}

impl Redactor {
    /// A redactor that knows these names of users and hosts beforehand.
    pub fn knowing(users: &[String], hosts: &[String]) -> Self {
        let mut redactor = Self::default();
        for name in users {
            redactor.user(name);
        }
        for name in hosts {
            redactor.host(name);
        }
        redactor
    }

    /// The same, with the root of the repository.
    pub fn in_repository(mut self, root: Option<PathBuf>) -> Self {
        self.root = root;
        self
    }

    /// A diagnosis without the names. Fingerprints are those of the original, since they are made of some of the names.
    pub fn diagnosis(&mut self, original: &Diagnosis) -> Diagnosis {
        let mut diagnosis = original.clone();
        for explained in &mut diagnosis.incidents {
            explained.fingerprint = Some(fingerprint(explained));
        }
        self.find_inside(&diagnosis);
        // Whatever it looks like, the log itself says that it is one.
        for explained in &diagnosis.incidents {
            let who = &explained.incident.who;
            self.host(who.get(Part::Host).unwrap_or_default());
            self.unit(who.get(Part::Service).unwrap_or_default());
            let group = who.get(Part::Cgroup).unwrap_or_default();
            group.split('/').for_each(|unit| self.unit(unit));
        }
        // A user is known from a path, and may be named before it.
        fields::of(&mut diagnosis, &mut |kind, text| self.learn(kind, text));
        fields::of(&mut diagnosis, &mut |kind, text| {
            *text = self.shown(kind, text);
        });
        diagnosis
    }

    /// The same for what the inputs were set against.
    pub fn compared(&mut self, compared: &mut Compared) {
        fields::of_compared(compared, &mut |kind, text| *text = self.shown(kind, text));
    }

    /// The same for the GPUs as they are.
    pub fn devices(&mut self, devices: &mut Devices) {
        fields::of_devices(devices, &mut |kind, text| self.learn(kind, text));
        fields::of_devices(devices, &mut |kind, text| *text = self.shown(kind, text));
    }

    /// The same for what was seen while a program ran.
    pub fn watched(&mut self, watched: &mut Watched) {
        fields::of_watched(watched, &mut |kind, text| self.learn(kind, text));
        fields::of_watched(watched, &mut |kind, text| *text = self.shown(kind, text));
    }

    /// The same for words that stand beside a report.
    pub fn words(&mut self, words: &str) -> String {
        self.learn(Kind::Data, words);
        self.text(words, true)
    }

    /// Learns which paths of a diagnosis are of the repository.
    fn find_inside(&mut self, diagnosis: &Diagnosis) {
        let Some(root) = &self.root else { return };
        let source = &diagnosis.source;
        if let Some(path) = repository::below(source, root) {
            self.inside.insert(source.clone(), path);
        }
        for explained in &diagnosis.incidents {
            let incident = &explained.incident;
            let spot = repository::in_code(incident, Some(root));
            if let (Some(frame), Some(spot)) = (&incident.frame, spot) {
                self.inside.insert(frame.file.clone(), spot.path);
            }
        }
    }

    fn user(&mut self, name: &str) {
        if name.len() > 2 && !NOBODY.contains(&name) {
            self.users.insert(name.to_owned());
        }
    }

    fn host(&mut self, name: &str) {
        if name.len() > 2 && name != "localhost" {
            self.hosts.insert(name.to_owned());
        }
    }

    fn unit(&mut self, name: &str) {
        const ENDS: [&str; 3] = [".service", ".scope", ".slice"];
        // A session's or a user's own has a number for a name.
        let own = |name: &str| name.contains(|c: char| c.is_ascii_digit());
        let system = name.starts_with("user") && own(name)
            || name == "user.slice"
            || name == "app.slice"
            || name == "system.slice";
        if !system && ENDS.iter().any(|end| name.ends_with(end)) {
            self.units.insert(name.to_owned());
        }
    }

    fn learn(&mut self, kind: Kind, text: &str) {
        if kind == Kind::User {
            self.user(text);
        }
        let homes = self.rules.home.captures_iter(text);
        let names: Vec<String> = homes
            .filter_map(|c| Some(c.get(1)?.as_str().to_owned()))
            .collect();
        for name in &names {
            self.user(name);
        }
    }

    fn shown(&mut self, kind: Kind, text: &str) -> String {
        match kind {
            Kind::Path => match self.inside.get(text).cloned() {
                Some(path) => self.names(path),
                None => self.path(text),
            },
            Kind::User => self.stand_in("user", text),
            Kind::Unit => self.stand_in("unit", text),
            Kind::Data => self.text(text, true),
            Kind::Prose => self.text(text, false),
        }
    }

    /// The placeholder of a name.
    fn stand_in(&mut self, what: &'static str, name: &str) -> String {
        let key = (what, name.to_owned());
        let number = *self.known.entry(key).or_insert_with(|| {
            let given = self.given.entry(what).or_default();
            *given += 1;
            *given
        });
        format!("{what}-{number}")
    }

    /// A path as a whole: its folders become one placeholder.
    fn path(&mut self, path: &str) -> String {
        match path
            .rfind(['/', '\\'])
            .and_then(|at| path.split_at_checked(at + 1))
        {
            Some((folder, base)) if !path.starts_with('<') => {
                self.folder(folder) + &self.text(base, true)
            }
            _ => self.text(path, true),
        }
    }

    fn folder(&mut self, folder: &str) -> String {
        let made = folder.starts_with(SHARED) && folder != SHARED;
        if !made && SYSTEM.iter().any(|system| folder.starts_with(system)) {
            return folder.to_owned();
        }
        let name = self.stand_in("dir", folder);
        let absolute = !folder.starts_with('.') && folder.contains([':', '\\', '~']);
        if absolute || folder.starts_with('/') {
            format!("/{name}/")
        } else {
            format!("{name}/")
        }
    }

    /// Any other text. Our own prose names public places, so that only what is a name in any text is taken out of it.
    fn text(&mut self, text: &str, data: bool) -> String {
        let rules = Arc::clone(&self.rules);
        let mut text = text.to_owned();
        if data {
            text = self.each(&rules.url, &text, |me, host| me.stand_in("host", host));
            text = self.each(&rules.key, &text, |me, key| me.stand_in("token", key));
        }
        text = self.each(&rules.mail, &text, |me, mail| me.stand_in("mail", mail));
        text = self.each(&rules.login, &text, |me, login| {
            let (user, host) = login.split_once('@').unwrap_or((login, ""));
            format!(
                "{}@{}",
                me.stand_in("user", user),
                me.stand_in("host", host)
            )
        });
        text = self.each(&rules.token, &text, |me, token| {
            if rules::looks_random(token) {
                me.stand_in("token", token)
            } else {
                token.to_owned()
            }
        });
        text = self.each(&rules.address, &text, |me, ip| {
            if rules::is_address(ip) {
                me.stand_in("ip", ip)
            } else {
                ip.to_owned()
            }
        });
        text = self.each(&rules.folder, &text, Self::folder);
        if data {
            text = self.each(&rules.relative, &text, Self::folder);
            text = self.each(&rules.host, &text, |me, host| me.stand_in("host", host));
        }
        self.names(text)
    }

    /// Replaces the first group of each match, or all of it.
    fn each(
        &mut self,
        rule: &regex::Regex,
        text: &str,
        mut with: impl FnMut(&mut Self, &str) -> String,
    ) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut done = 0;
        for found in rule.captures_iter(text) {
            let Some(name) = found.get(1).or_else(|| found.get(0)) else {
                continue;
            };
            shown.push_str(text.get(done..name.start()).unwrap_or_default());
            shown.push_str(&with(self, name.as_str()));
            done = name.end();
        }
        shown.push_str(text.get(done..).unwrap_or_default());
        shown
    }

    /// Replaces the names of users and hosts that are known, wherever they stand as words.
    fn names(&mut self, mut text: String) -> String {
        for (what, names) in [
            ("unit", self.units.clone()),
            ("user", self.users.clone()),
            ("host", self.hosts.clone()),
        ] {
            for name in names.iter().rev() {
                if text.contains(name.as_str()) {
                    let instead = self.stand_in(what, name);
                    text = rules::replace_word(&text, name, &instead);
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> String {
        let mut redactor = Redactor::default();
        redactor.learn(Kind::Data, text);
        redactor.shown(Kind::Data, text)
    }

    #[test]
    fn folders_become_placeholders_and_base_names_stay() {
        let mut redactor = Redactor::default();
        for (path, shown) in [
            ("/home/jane/exp one/train.py", "/dir-1/train.py"),
            ("/home/jane/exp one/eval.py", "/dir-1/eval.py"),
            ("C:\\Users\\jane\\a.py", "/dir-2/a.py"),
            ("src/model.py", "dir-3/model.py"),
            ("train.log", "train.log"),
            ("<stdin>", "<stdin>"),
            ("/proc/self/status", "/proc/self/status"),
            ("/dev/shm/jdoe/train.log", "/dir-4/train.log"),
        ] {
            assert_eq!(redactor.shown(Kind::Path, path), shown);
        }
    }

    #[test]
    fn names_of_people_and_machines_go_from_any_text() {
        for (text, shown) in [
            (
                "python /home/jane/x/train.py --to jane",
                "python /dir-1/train.py --to user-1",
            ),
            ("cat logs/jane/a.log b.log", "cat dir-1/a.log b.log"),
            ("ask jane.doe@example.org", "ask mail-1"),
            ("ssh jane@box7: ls", "ssh user-1@host-1: ls"),
            (
                "tcp 10.0.12.7 and 10.0.12.7 and fe80::1f2a",
                "tcp ip-1 and ip-1 and ip-2",
            ),
            ("GET https://files.corp/x", "GET https://host-1/x"),
            ("on gpu-node-17 and ip-10-0-0-12", "on host-1 and host-2"),
            ("db-2.lab.internal is up", "host-1 is up"),
            ("hf_abcdefghijklmnopqrstuvwxyz012345", "token-1"),
            ("--api-key k3yk3yk3y9", "--api-key token-1"),
        ] {
            assert_eq!(data(text), shown);
        }
    }

    #[test]
    fn code_and_figures_stay() {
        for text in [
            "attn = q@k.transpose(-2, -1)",
            "y = self.model.net(x) / self.scale",
            "c10::Error at 12:30:45, 33.55 GiB of 139.80 GiB, 3.2 GiB/s",
            "batch_size=32, max_tokens=4096",
            "torch==2.4.1+cu121",
        ] {
            assert_eq!(data(text), text);
        }
    }

    #[test]
    fn our_own_prose_keeps_the_places_that_it_names() {
        let prose = "See https://pytorch.org/docs/stable/notes/cuda.html, and mount /dev/shm; `/sys/fs/cgroup/memory.max` tells.";
        assert_eq!(Redactor::default().shown(Kind::Prose, prose), prose);
    }

    #[test]
    fn a_name_known_beforehand_is_found_where_no_path_tells_it() {
        let mut redactor = Redactor::knowing(&["jane".to_owned()], &["tower".to_owned()]);
        assert_eq!(
            redactor.shown(Kind::Data, "jane_run on tower, janet"),
            "user-1_run on host-1, janet"
        );
    }
}
