//! How many requests Ollama keeps a cache for at once, and how many tokens that are in all.

use crate::evidence::SettingKind;

/// `load request="{Operation:commit … Parallel:8 BatchSize:512 … KvSize:262144 …}"` (Ollama, runner/ollamarunner/runner.go and
/// llm/server.go, `LoadRequest`): the context of one request times the requests.
pub(super) fn of_request(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    both(text, ("KvSize:", " Parallel:"), keep);
}

/// `starting llama server" cmd="… runner … --ctx-size 655360 … --parallel 20 …"` (Ollama up to 0.11, llm/server.go).
pub(super) fn of_command(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    if text.contains("cmd=\"") {
        both(text, ("--ctx-size ", "--parallel "), keep);
    }
}

fn both(
    text: &str,
    (tokens, requests): (&str, &str),
    keep: &mut dyn FnMut(SettingKind, &str, &str),
) {
    let number = |name: &str| {
        let (_, after) = text.split_once(name)?;
        let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
        (digits.len() <= 9 && digits.parse::<u32>().is_ok_and(|n| n > 0)).then_some(digits)
    };
    if let (Some(all), Some(at_once)) = (number(tokens), number(requests)) {
        keep(
            SettingKind::ContextSize,
            tokens.trim_matches([' ', ':']),
            all,
        );
        keep(
            SettingKind::Parallel,
            requests.trim_matches([' ', ':']),
            at_once,
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::SettingKind;
    use crate::settings::tests::assert_shows;

    #[test]
    fn requests_at_once_and_all_their_tokens_are_read() {
        let request = "msg=load request=\"{Operation:alloc LoraPath:[] Parallel:6 BatchSize:512 FlashAttention:Disabled KvSize:98304 \
                       KvCacheType: NumThreads:8}\"";
        assert_shows(request, SettingKind::ContextSize, Some("98304"));
        assert_shows(request, SettingKind::Parallel, Some("6"));
        let command = "msg=\"starting llama server\" cmd=\"/usr/bin/ollama runner --model /m --ctx-size 40960 --parallel 5 --port 1\"";
        assert_shows(command, SettingKind::Parallel, Some("5"));
        assert_shows(
            "make --parallel 8 --ctx-size 4",
            SettingKind::Parallel,
            None,
        );
    }
}
