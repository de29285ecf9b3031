//! The node of `ComfyUI` that failed, by its own report.

use crate::evidence::SettingKind;

/// "Error occurred when executing `VAEDecode`:" (`ComfyUI`'s page up to 2024, web/scripts/app.js); "- **Node Type:** `VAEDecode`" (its report
/// of an error since).
pub(super) fn read(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    let behind = |words: &str| text.split_once(words).map(|(_, behind)| behind);
    let old =
        behind("Error occurred when executing ").and_then(|name| name.trim_end().strip_suffix(':'));
    let name = old.or_else(|| behind("**Node Type:** "));
    let is_name = |name: &&str| {
        (1..=60).contains(&name.len())
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || "_ +-()|".contains(c))
    };
    if let Some(name) = name.map(str::trim).filter(is_name) {
        keep(SettingKind::Node, "node", name);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::SettingKind;
    use crate::settings::tests::assert_shows;

    #[test]
    fn the_node_is_named_by_old_pages_and_new_reports() {
        let old = "Error occurred when executing KSampler:";
        assert_shows(old, SettingKind::Node, Some("KSampler"));
        let new = "- **Node Type:** CLIPTextEncode";
        assert_shows(new, SettingKind::Node, Some("CLIPTextEncode"));
        assert_shows(
            "an error occurred when executing the job",
            SettingKind::Node,
            None,
        );
    }
}
