//! Names that nobody listed, and what only sounds like one.

use proptest::prelude::*;

use super::super::tests::assert_shows;
use super::*;

#[test]
fn an_unlisted_name_is_known_by_its_words() {
    for (text, kind, value) in [
        ("train.py --batch-gpu 8", K::BatchSize, Some("8")),
        (
            "train.py --batchSize=8 --fineSize 256",
            K::BatchSize,
            Some("8"),
        ),
        (
            "train.py --batchSize=8 --fineSize 256",
            K::ImageSize,
            Some("256"),
        ),
        (
            "        batch_size_per_card : 128",
            K::BatchSize,
            Some("128"),
        ),
        ("  \"batch_gpu\": 32", K::BatchSize, Some("32")),
        ("Namespace(data='x', bs=4, lr=0.1)", K::BatchSize, Some("4")),
        ("bs: 16", K::BatchSize, Some("16")),
        ("N_rand = 1024", K::BatchTokens, Some("1024")),
        (
            "Namespace(batch_size_train=6, lr=1)",
            K::BatchSize,
            Some("6"),
        ),
        (
            "ns-train nerfacto --pipeline.datamanager.train-num-rays-per-batch 4096",
            K::BatchTokens,
            Some("4096"),
        ),
        ("run_nerf.py --N_rand 1024", K::BatchTokens, Some("1024")),
        (
            "train.py --batch 8 --val_batch_sz 16",
            K::EvalBatchSize,
            Some("16"),
        ),
        ("fold.py --chunk-size 128", K::ChunkSize, Some("128")),
        ("train.py --num_points 8192", K::SampleSize, Some("8192")),
        ("train.py --num_frames 81", K::SampleSize, Some("81")),
        ("target_frames = 81", K::SampleSize, Some("81")),
        ("      gt_size: 256", K::ImageSize, Some("256")),
        (
            "--img 1280 1280 --hyp a.yaml",
            K::ImageSize,
            Some("1280 1280"),
        ),
        ("  resolution: (480, 320)", K::ImageSize, Some("(480, 320)")),
        ("resolution: [512, 768]", K::ImageSize, Some("[512, 768]")),
        ("--patch_size 96 96 96", K::ImageSize, Some("96 96 96")),
    ] {
        assert_shows(text, kind, value);
    }
}

#[test]
fn what_only_sounds_so_sets_nothing() {
    for (text, kind) in [
        ("train.py --num_batches 8", K::BatchSize),
        ("--max_batch_size 8", K::BatchSize),
        ("--vae_batch_size 8", K::BatchSize),
        ("--batch_size_type frame", K::BatchSize),
        ("--save_batch_size 8", K::BatchSize),
        ("vit.py --patch_size 16", K::ImageSize),
        ("val_crop_size: 512", K::ImageSize),
        ("we have num_points: 4096 here", K::SampleSize),
        ("--points_per_side 256", K::SampleSize),
        ("chunk_size = 128", K::BatchSize),
    ] {
        assert_shows(text, kind, None);
    }
}

proptest! {
    #[test]
    fn no_name_that_has_a_known_word_is_passed_over(
        parts in prop::collection::vec(prop_oneof![
            prop::sample::select(asked().collect::<Vec<_>>()).prop_map(str::to_owned),
            prop::sample::select(asked().collect::<Vec<_>>()).prop_map(str::to_uppercase),
            "[a-zA-Z0-9é]{0,4}", "[_-]", "Batch|Rand|N",
        ], 0..5),
    ) {
        let name = parts.concat();
        let words = words(&name);
        let known = KNOWN.contains(words.as_str()) || words.split('_').any(|word| KNOWN.contains(word));
        prop_assert!(can(&name) || !known, "{}", name);
    }
}
