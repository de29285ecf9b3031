//! Fixes that are nothing but a variable, so that a program can be run again with one.

/// The variable and its value, where the first line of a fix sets one and does nothing else.
///
/// A placeholder ("N") is no value, and anything that a shell would work on is not taken.
pub(crate) fn variable(how: &str) -> Option<(String, String)> {
    let line = how.lines().next()?;
    let line = line.split("  #").next()?.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) || !name.chars().all(upper) {
        return None;
    }
    let quoted = value
        .strip_prefix('\'')
        .and_then(|v| v.strip_suffix('\''))
        .filter(|v| !v.contains('\''));
    let value = match quoted {
        Some(value) => value,
        None if value
            .contains(|c: char| c.is_whitespace() || "'\"$`\\;&|<>(){}*?[]".contains(c)) =>
        {
            return None;
        }
        None => value,
    };
    let open = value.is_empty() || value == "N" || value.contains("PID") || value.ends_with(":N");
    (!open && name.contains('_')).then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(how: &str) -> Option<(String, String)> {
        variable(how)
    }

    #[test]
    fn a_variable_alone_is_taken_with_its_quotes_off() {
        let set = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        let conf = "PYTORCH_CUDA_ALLOC_CONF";
        assert_eq!(
            read("PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True\n# set before"),
            set(conf, "expandable_segments:True")
        );
        assert_eq!(
            read("PYTORCH_CUDA_ALLOC_CONF='roundup_power2_divisions:[256:1,>:2]'"),
            set(conf, "roundup_power2_divisions:[256:1,>:2]")
        );
        assert_eq!(
            read("CUDA_VISIBLE_DEVICES=3  # free"),
            set("CUDA_VISIBLE_DEVICES", "3")
        );
        assert_eq!(
            read("export XLA_PYTHON_CLIENT_PREALLOCATE=false"),
            set("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        );
    }

    #[test]
    fn placeholders_commands_and_code_are_not() {
        for how in [
            "CUDA_VISIBLE_DEVICES=N  # N: the freest GPU",
            "PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:N",
            "batch_size=N",
            "kill 552",
            "OMP_NUM_THREADS=1 python train.py",
            "A_B=$(reboot)",
            "A_B=`reboot`",
            "A_B='x' y'",
            "model.eval()",
            "X=1",
            "",
        ] {
            assert_eq!(read(how), None, "{how}");
        }
    }
}
