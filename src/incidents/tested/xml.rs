//! The tests of a report in `JUnit`'s XML, which cleaning has laid out a tag a line.

use super::{ABOVE, Line};
use crate::evidence::Incident;

/// The name of the test that a line begins: `<testcase classname="Pool" name="Grows">`.
pub(super) fn named(text: &str) -> Option<String> {
    let tag = text.strip_prefix("<testcase ")?;
    let name = attribute(tag, "name")?;
    // ctest names a test twice.
    let class = attribute(tag, "classname").filter(|class| !class.is_empty() && *class != name);
    Some(class.map_or_else(|| name.to_owned(), |class| format!("{class}.{name}")))
}

fn attribute<'a>(tag: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        let (name, after) = rest.split_once("=\"")?;
        // A value that a parameter makes may hold quotes, which cleaning has decoded: it ends where the next key begins.
        let end = ["\" ", "\">", "\"/>", "\" />"]
            .iter()
            .filter_map(|end| after.find(end))
            .min()?;
        let (value, behind) = after.split_at_checked(end)?;
        if name.trim() == key {
            return Some(value);
        }
        rest = behind.strip_prefix('"')?;
    }
}

/// True where the report of the test that begins above these lines tells of no failure.
pub(super) fn passes(name: &str, lines: &[Line], at: usize) -> bool {
    let above = lines.get(..at).unwrap_or_default().iter().rev();
    let from_the_tag = above
        .take(ABOVE)
        .position(|line| named(&line.text).as_deref() == Some(name));
    let Some(back) = from_the_tag else {
        return false;
    };
    let mut of_it = lines.iter().skip(at - back).map(|line| line.text.as_str());
    !of_it
        .by_ref()
        .take_while(|text| !text.starts_with("</testcase>") && !text.starts_with("<testcase "))
        .any(|text| text.starts_with("<failure") || text.starts_with("<error "))
}

/// The id that pytest takes for `tests.test_a.TestA.test_m`: the file of a frame tells where the module ends.
pub(super) fn pytest_id(name: &str, incident: &Incident) -> Option<String> {
    incident.traceback.frames.iter().find_map(|frame| {
        let file = frame.file.strip_suffix(".py")?;
        let module = file.trim_start_matches("./").replace(['/', '\\'], ".");
        let rest = name.strip_prefix(&module)?.strip_prefix('.')?;
        // The brackets of parameters may hold dots.
        let (rest, parameters) = rest.split_at(rest.find('[').unwrap_or(rest.len()));
        Some(format!(
            "{}::{}{parameters}",
            frame.file,
            rest.replace('.', "::")
        ))
    })
}
