//! "`NVML_SUCCESS` == r INTERNAL ASSERT FAILED": a real failure whose message could not be made, since NVML failed
//! (MIG in a container, vGPU, Jetson, a library that does not fit its driver).

use crate::evidence::{Incident, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchNvmlAssert,
    printed_by: "c10/cuda/CUDACachingAllocator.cpp, PyTorch 2.1 to 2.13 (pytorch/pytorch#112377)",
    framework: Program::Pytorch,
    signatures: &["NVML_SUCCESS == r", "r INTERNAL ASSERT FAILED"],
    head: r#"NVML_SUCCESS==rINTERNALASSERTFAILEDat["'][!#-&(-~]{0,300}CUDACachingAllocator\.cpp"#,
    reach: 600,
    more: Some(more),
    texts: &[
        "RuntimeError: NVML_SUCCESS == r INTERNAL ASSERT FAILED at \"../c10/cuda/CUDACachingAllocator.cpp\":995, \
                   please report a bug to PyTorch.",
        "RuntimeError: NVML_SUCCESS == r INTERNAL ASSERT FAILED at \
                   \"/pytorch/c10/cuda/CUDACachingAllocator.cpp\":1154, please report a bug to PyTorch. ",
    ],
    ..Message::EMPTY
};

/// The lines of the three assertions, by version, as the Linux wheels have them. Builds of one's own differ.
const LINES: [(&str, [u32; 3]); 13] = [
    ("2.1", [1154, 1123, 1139]),
    ("2.2", [830, 799, 815]),
    ("2.3", [844, 813, 829]),
    ("2.4", [838, 806, 823]),
    ("2.5", [995, 963, 980]),
    ("2.6", [1015, 983, 1000]),
    ("2.7", [1016, 983, 1001]),
    ("2.8", [1131, 1098, 1116]),
    ("2.9", [1123, 1090, 1108]),
    ("2.10", [1154, 1124, 1139]),
    ("2.11", [1165, 1135, 1150]),
    ("2.12", [1319, 1289, 1304]),
    ("2.13", [1407, 1377, 1392]),
];

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let mut note = |kind, value: &str| {
        told::setting(hit, incident, (kind, "wording"), value);
    };
    if let Some(version) = version(hit) {
        note(SettingKind::TorchVersion, version);
    } else {
        note(SettingKind::TorchAtLeast, "2.1");
        note(SettingKind::TorchAtMost, "2.13");
    }
}

/// Wheels up to 2.5 were built from "../c10", later ones from an absolute path.
fn version(hit: &Match<'_>) -> Option<&'static str> {
    let line: u32 = hit.capture(r#"Allocator\.cpp["']:(\d+)"#)?.parse().ok()?;
    let relative = hit.says("\"../c10");
    let mut fits = LINES
        .iter()
        .enumerate()
        .filter(|(index, (_, lines))| lines.contains(&line) && relative == (*index < 5));
    let (_, (version, _)) = fits.next()?;
    fits.next().is_none().then_some(*version)
}

#[cfg(test)]
mod tests {
    use crate::evidence::SettingKind;
    use crate::messages::examples::one;

    fn version(path: &str, line: u32) -> Option<String> {
        let text = format!(
            "NVML_SUCCESS == r INTERNAL ASSERT FAILED at \"{path}CUDACachingAllocator.cpp\":{line}, please"
        );
        let incident = one(&text).incident;
        incident
            .settings
            .get(SettingKind::TorchVersion)
            .map(|s| s.value.clone())
    }

    #[test]
    fn the_line_of_the_assertion_names_the_version() {
        assert_eq!(version("../c10/cuda/", 995).as_deref(), Some("2.5"));
        assert_eq!(version("/pytorch/c10/cuda/", 1131).as_deref(), Some("2.8"));
    }

    #[test]
    fn the_path_decides_between_two_versions_with_the_same_line() {
        assert_eq!(version("../c10/cuda/", 1154).as_deref(), Some("2.1"));
        assert_eq!(version("/pytorch/c10/cuda/", 1154).as_deref(), Some("2.10"));
        assert_eq!(version("/pytorch/c10/cuda/", 983), None);
    }
}
