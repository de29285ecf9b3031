use super::super::tests::assert_shows;
use super::*;

#[test]
fn every_phrase_tells_its_kind() {
    for (phrase, kind, value) in PHRASES {
        assert_shows(&format!("x {phrase} y"), *kind, Some(value));
    }
}

#[test]
fn layers_on_gpus_and_the_context_are_read() {
    assert_shows(
        "load_tensors: offloaded 47/65 layers to GPU",
        SettingKind::GpuLayers,
        Some("47/65"),
    );
    assert_shows(
        "llama_context: n_ctx         = 16384",
        SettingKind::ContextSize,
        Some("16384"),
    );
    assert_shows(
        "llama_context: n_ctx                 = 1048576",
        SettingKind::ContextSize,
        Some("1048576"),
    );
    assert_shows(
        "llama_context: n_ctx_seq (1048576) > n_ctx_train (131072) -- possible training context overflow",
        SettingKind::ContextSize,
        Some("1048576"),
    );
    assert_shows(
        "print_info: n_ctx_train      = 40960",
        SettingKind::ContextSize,
        None,
    );
    assert_shows("offloading the layers to GPU", SettingKind::GpuLayers, None);
    assert_shows(
        "msg=\"offload to cuda\" layers.requested=-1 layers.model=41 layers.offload=5 layers.split=\"\"",
        SettingKind::GpuLayers,
        Some("5/41"),
    );
    assert_shows(
        "msg=\"invalid environment variable, using default\" key=OLLAMA_GPU_OVERHEAD value=4G default=0",
        SettingKind::RefusedOverhead,
        Some("4G"),
    );
}

#[test]
fn advice_in_front_of_a_phrase_makes_it_none() {
    assert_shows("you can use ZeRO stage 3", SettingKind::DeepSpeed, None);
}
