use crate::evidence::SettingKind as K;
use crate::settings::tests::{assert_shows, shown};

#[test]
fn a_batch_of_one_is_read_from_what_people_write() {
    for text in [
        "The batch size is already 1.",
        "my batch size per device is 1 only",
        "I get it even with a batch size of 1",
        "全量微调, batch size=1也OOM",
        "调小config里的batch_size，小到1后仍然失败",
        "setting batch_size to 1 etc.",
    ] {
        assert_shows(text, K::BatchSize, Some("1"));
    }
    for text in [
        "you should set the batch size to 1",
        "a batch size of 16 works",
        "batch size of 1-2",
        "eval batch size is 1",
        "the batch size of 10 is too much",
    ] {
        assert_shows(text, K::BatchSize, None);
    }
}

#[test]
fn what_was_tried_in_vain_is_known() {
    for text in [
        "Reducing the batch_size didn't help.",
        "I lowered the batch size and still get the same error",
        "网上说调小batch_size能解决，可调小后仍然不行",
    ] {
        assert_shows(text, K::BatchTried, Some(""));
    }
    assert_shows("Reducing the batch size helped", K::BatchTried, None);
}

#[test]
fn what_is_on_is_read_from_sentences() {
    assert_shows(
        "I am using gradient checkpoint and bf16",
        K::Checkpointing,
        Some(""),
    );
    assert_shows(
        "without gradient checkpointing it fails",
        K::Checkpointing,
        None,
    );
    assert_shows(
        "使用的是deepspeed zero stage2示例配置",
        K::DeepSpeed,
        Some("2"),
    );
    assert_shows(
        "deepspeed with ZeRO-3 and a small model",
        K::DeepSpeed,
        Some("3"),
    );
    assert_shows("full fine-tuning of a 7B model", K::WholeModel, Some(""));
    assert_shows("--finetuning_type full", K::WholeModel, Some(""));
    assert_shows(
        "Mistral-7B with the plain Trainer, no PEFT",
        K::WholeModel,
        Some(""),
    );
    assert_shows("I train a 7B model without LoRA", K::WholeModel, Some(""));
    assert_shows("I train a 7B model without LoRA", K::Adapters, None);
    assert_shows(
        "accelerate launch ./sdxl_train.py --x",
        K::WholeModel,
        Some("script"),
    );
    assert_shows(
        "accelerate launch ./sdxl_train_network.py --x",
        K::WholeModel,
        None,
    );
    assert_shows("I finetune in lora way", K::Adapters, Some(""));
    assert_shows("explore the fine-tuning", K::Adapters, None);
}

#[test]
fn what_a_person_says_of_the_work_is_read() {
    let asked = "I keep getting this when finetuning llama 3 8b with qlora, seq len 4096, batch size 2, any ideas?";
    assert_shows(asked, K::BatchSize, Some("2"));
    assert_shows(asked, K::SequenceLength, Some("4096"));
    assert_shows(asked, K::Quantized, Some(""));
    assert_shows("my batch size is 16", K::BatchSize, Some("16"));
    for printed in [
        "Batch size 64 succeeded, trying batch size 128",
        "step 4 batch size 64 seq len 512",
        "you can try a batch size of 4",
        "INFO: batch size 32, 4 workers",
    ] {
        assert_shows(printed, K::BatchSize, None);
    }
    assert_shows("--qlora false", K::Quantized, None);
}

#[test]
fn the_size_of_a_model_is_read_from_prints_and_names() {
    for (text, count) in [
        ("fine-tune llama-7b on it", "7000000000"),
        (
            "model = AutoModel.from_pretrained(\"gpt2-xl\")",
            "1560000000",
        ),
        ("I fine-tune google/flan-t5-xl", "2850000000"),
        ("model_name_or_path: /m/Qwen2.5-1.5B-Instruct", "1500000000"),
        ("Fine-tuning T5-11B fails", "11000000000"),
        ("finetune a 15 billion parameter model", "15000000000"),
        (
            "trainable params: 5,898,240 || all params: 10,676,119,075 || trainable%: 0.05",
            "10676119075",
        ),
        (
            "Trainable parameters = 41,943,040 of 8,030,261,248 (0.52% trained)",
            "8030261248",
        ),
    ] {
        assert_shows(text, K::Parameters, Some(count));
    }
    for text in [
        "finetune in 4bit",
        "a fine-tuned 8x7b",
        "finetuned on 100B tokens",
        "model of 5GB",
        "finetune my gpt2-xlarge",
    ] {
        assert_shows(text, K::Parameters, None);
    }
    let peft = "trainable params: 5,898,240 || all params: 10,676,119,075";
    assert_shows(peft, K::Trainable, Some("5898240"));
}

#[test]
fn gpus_lengths_and_counts_are_read() {
    assert_shows("I use 8*A100 for this", K::Gpus, Some("8"));
    assert_shows("I use 8\u{d7}A100 for this", K::Gpus, Some("8"));
    assert_shows("on 2 * 4090 at home", K::Gpus, Some("2"));
    assert_shows("4 x V100, finetuning", K::Gpus, Some("4"));
    assert_shows("8卡V100", K::Gpus, Some("8"));
    assert_shows("I have 3 GPUs on my machine", K::Gpus, Some("3"));
    assert_shows("torchrun --nproc_per_node=1 a.py", K::Gpus, Some("1"));
    assert_shows("with 8k context length", K::SequenceLength, Some("8192"));
    assert_shows(
        "a max context length of 18000",
        K::SequenceLength,
        Some("18000"),
    );
    assert_shows("my data has 10242 nodes.", K::Rows, Some("10242"));
    assert_shows("it runs on 16 nodes", K::Rows, None);
}

#[test]
fn a_run_that_fails_only_when_it_goes_on_is_known() {
    assert_shows(
        "I am unable to resume training from a checkpoint",
        K::Resumes,
        Some("told"),
    );
    assert_shows("the training resumes at step 5", K::Resumes, None);
    let frozen =
        "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn";
    assert_shows(frozen, K::FrozenInputs, Some(""));
}

#[test]
fn advice_tells_nothing() {
    let settings = shown(
        "You can try ZeRO stage 3 with deepspeed, gradient checkpointing, or a batch size of 1",
    );
    assert!(
        !settings.has(K::DeepSpeed)
            && !settings.has(K::Checkpointing)
            && !settings.has(K::BatchSize)
    );
}
