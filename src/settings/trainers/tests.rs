use super::super::tests::assert_shows;
use super::*;

#[test]
fn every_text_names_its_program_and_the_scan_hands_a_log_line_over() {
    for trainer in all() {
        for says in trainer.says {
            assert_shows(
                &format!("x {says} y"),
                SettingKind::Trainer,
                Some(trainer.name),
            );
        }
    }
}

#[test]
fn what_is_built_on_another_stands_before_it() {
    let text = "swift sft --deepspeed zero3\\nUnsloth: patched\\naxolotl train a.yml";
    assert_shows(
        &text.replace("\\n", "\n"),
        SettingKind::Trainer,
        Some("axolotl"),
    );
}
