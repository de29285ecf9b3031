//! How large /dev/shm is, as commands around the message show it.

use crate::bytes::{self, Bytes};
use crate::evidence::{Fact, FactSource, Incident, Key};
use crate::messages::{Match, cached};

/// So far from the message they may stand, in lines.
const NEAR: usize = 200;

/// The forms: `df -h` and `df` (in KiB), `docker run`, Compose, `docker inspect` (in bytes).
const FORMS: [(&str, &str); 4] = [
    (
        r"^(?:shm|tmpfs) +([0-9.]+)([KMGT]?) +[0-9.]+[KMGT]? .*% /dev/shm$",
        "K",
    ),
    (
        r#"--shm-size(?:=| |", ")["']?([0-9.]+)([kmg]?)b?\b"#,
        "bytes",
    ),
    (r#"\bshm_size: *["']?([0-9.]+)([kmg]?)b?\b"#, "bytes"),
    (r#""ShmSize": *([0-9]{1,18})()"#, "bytes"),
];

/// Reads it into the incident: the nearest line above that tells it, else the nearest below.
pub(in crate::messages) fn read(hit: &Match<'_>, incident: &mut Incident) {
    let at = hit.squeezed.line_at(hit.at);
    let above = hit
        .lines
        .get(at.saturating_sub(NEAR)..at)
        .unwrap_or_default();
    let below = hit.lines.get(at + 1..).unwrap_or_default();
    let mut lines = above.iter().rev().chain(below.iter().take(NEAR));
    let found = lines.find_map(|line| Some((told(&line.text)?, line.number)));
    if let Some(((bytes, text), line)) = found {
        let source = FactSource::Message;
        let fact = Fact {
            bytes,
            text,
            line,
            source,
        };
        incident.facts.insert(Key::Limit, fact);
    }
}

fn told(line: &str) -> Option<(Bytes, String)> {
    let line = line.trim_end();
    FORMS.iter().find_map(|(form, plain)| {
        let found = cached(form)?.captures(line)?;
        let (number, unit) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        let unit = if unit.is_empty() { plain } else { unit };
        let each = if unit == "bytes" {
            1
        } else {
            bytes::unit(unit)?
        };
        let whole = number.parse::<u64>().ok().and_then(|n| n.checked_mul(each));
        let bytes = whole
            .map(Bytes::exact)
            .or_else(|| bytes::parse(number, unit))?;
        (bytes.high() > 0).then(|| (bytes, format!("{number} {unit}")))
    })
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn the_size_is_read_from_every_command_that_tells_it() {
        for (line, size) in [
            (
                "shm              64M   64M     0 100% /dev/shm",
                Some("64 MiB"),
            ),
            (
                "tmpfs            7.8G  7.8G    0 100% /dev/shm",
                Some("7.8 GiB"),
            ),
            (
                "shm                65536   65536         0 100% /dev/shm",
                Some("64 MiB"),
            ),
            ("+ docker run --gpus all --shm-size=1g img", Some("1 GiB")),
            ("docker run --shm-size 512m img", Some("512 MiB")),
            ("    shm_size: '2gb'", Some("2 GiB")),
            ("            \"ShmSize\": 67108864,", Some("64 MiB")),
            ("tmpfs            7.8G  7.8G    0 100% /tmp", None),
            ("raise --shm-size if you can", None),
        ] {
            let found = told(line).map(|(bytes, _)| bytes.to_string());
            assert_eq!(found.as_deref(), size, "{line}");
        }
    }
}
