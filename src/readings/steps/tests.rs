use super::*;
use proptest::prelude::*;

fn step(text: &str) -> (Option<u64>, &'static str, Option<u64>) {
    let found = find(text);
    (found.step, found.name, found.outer)
}

#[test]
fn a_step_is_read_in_its_many_spellings() {
    assert_eq!(step("step 50: 3.21 GB"), (Some(50), "step", None));
    // The word behind both numbers counts the first (pytorch/examples, word_language_model/main.py).
    assert_eq!(
        step("| epoch   1 |    55/ 2323 batches | lr 20.00 | loss  8.52"),
        (Some(55), "batch", Some(1))
    );
    assert_eq!(step("55/2323 batches done"), (Some(55), "batch", None));
    assert_eq!(step("{'step': 10, 'loss': 9.1}"), (Some(10), "step", None));
    assert_eq!(
        step("[   1/60] gpu memory: 3743 MiB"),
        (Some(1), "step", None)
    );
    assert_eq!(
        step("[0/25][45/60] Loss_D: 1.3709 Loss_G: 0.6578"),
        (Some(45), "step", Some(0))
    );
    assert_eq!(step("fold 3: loss 10.3"), (Some(3), "fold", None));
    assert_eq!(
        step("Epoch: [3]  [ 200/1251]  eta: 0:12:34"),
        (Some(200), "step", Some(3))
    );
    assert_eq!(
        step("Epoch(train) [1][ 50/500]  lr: 1.0e-03"),
        (Some(50), "step", Some(1))
    );
    assert_eq!(step("Epoch 3 [120/500]"), (Some(120), "step", Some(3)));
    assert_eq!(
        step("epoch: 3/300, iter: 20/100, x"),
        (Some(20), "iteration", Some(3))
    );
    assert_eq!(
        step("(after 2 iterations) memory"),
        (Some(2), "iteration", None)
    );
    assert_eq!(
        step(" 12%|█▏  | 120/1000 [00:12<01:28, 9.9it/s]"),
        (Some(120), "step", None)
    );
    assert_eq!(
        step("global_step=4100 epoch 2"),
        (Some(4100), "step", Some(2))
    );
}

#[test]
fn the_size_of_the_work_is_no_step_and_known_for_what_it_is() {
    assert_eq!(step("batch size 8: 3.2 GB"), (Some(8), "batch size", None));
    assert_eq!(step("generated 128 tokens, memory 3.2 GB").1, "token");
    assert_eq!(step("step 3, batch_size 8").0, Some(3));
    assert!(by_design("token").is_some() && by_design("step").is_none());
}

#[test]
fn a_share_a_rate_and_a_time_are_no_step() {
    assert_eq!(step("memory: 48.87GiB(51.44%)").0, None);
    assert_eq!(step("120 tokens/s at 12:01:33").0, None);
    assert_eq!(step("2026-11-20 12:01:33 memory 5/15 GB").0, None);
    assert_eq!(step("image = pipe(prompt).images[0]").0, None);
}

#[test]
fn a_device_is_an_index_and_not_a_size() {
    assert_eq!(find("GPU 3 memory: 5.2 GB").device, Some(3));
    assert_eq!(find("cuda:1 allocated 5.2 GB").device, Some(1));
    assert_eq!(find("GPU: 5 GB").device, None);
    assert_eq!(find("GPU 5/15 GB").device, None);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*", word in "(step|epoch|batch size|gpu)[ :=\\[]{0,3}") {
        let _ = find(&text);
        let _ = find(&format!("{text}{word}7/{text}"));
    }
}
