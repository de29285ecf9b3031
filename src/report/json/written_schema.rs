//! Holds a schema that is printed to the types that it is of: all three are files, and a test of each makes it again.

use std::path::Path;

use schemars::Schema;

/// Fails where the file below `src` is not this schema. With `WHYOOM_BLESS` set it is written first.
#[expect(
    clippy::disallowed_methods,
    reason = "a test that reads the file which it holds, and writes it"
)]
pub(crate) fn is(file: &str, made: &Schema) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let made = serde_json::to_string_pretty(made).unwrap() + "\n";
    if std::env::var_os("WHYOOM_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    // Two texts of thousands of lines tell nobody anything.
    assert!(
        kept == made,
        "`WHYOOM_BLESS=1 cargo test --lib schema` writes it"
    );
}
