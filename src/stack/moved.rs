//! Whether a line moves weights to the GPU, or what one step works on.

use crate::evidence::Frame;

/// Functions that go through the steps have one of these words in their name.
const LOOPS: [&str; 9] = [
    "train",
    "training",
    "fit",
    "epoch",
    "step",
    "iterate",
    "iteration",
    "loop",
    "batch",
];

/// True where the line moves what one step works on: a module would pass its own code, which a frame shows.
pub(super) fn moves_a_batch(frame: &Frame) -> bool {
    const MODULES: [&str; 24] = [
        "model",
        "net",
        "unet",
        "vae",
        "encoder",
        "decoder",
        "module",
        "pipe",
        "pipeline",
        "transformer",
        "backbone",
        "generator",
        "discriminator",
        "critic",
        "actor",
        "policy",
        "teacher",
        "student",
        "llm",
        "clip",
        "head",
        "tower",
        "criterion",
        "loss",
    ];
    const BATCHES: [&str; 12] = [
        "image", "images", "img", "imgs", "input", "inputs", "label", "labels", "target",
        "targets", "batch", "samples",
    ];
    let moved = [".to(", ".cuda("]
        .iter()
        .find_map(|call| frame.code.split_once(call));
    let Some((head, _)) = moved.filter(|_| !frame.code.contains("torch.load(")) else {
        return false;
    };
    let word = |c: char| !(c.is_ascii_alphanumeric() || "_.]['\"".contains(c));
    let object = head
        .rsplit(word)
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let named = |list: &[&str]| {
        object
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|part| list.contains(&part))
    };
    let loops = frame.name().split('_').any(|part| LOOPS.contains(&part));
    // `net(x.cuda())`: what is handed to a call, and no module made in it.
    let handed = head.matches('(').count() > head.matches(')').count()
        && object.len() <= 2
        && object.chars().all(|c| c.is_ascii_alphanumeric());
    let batch = named(&BATCHES) && !frame.name().starts_with('<');
    // Only tensors are moved so, and not a module's parameters (torch/nn/modules/module.py hands it on, which a frame shows).
    let copied = frame.code.contains("non_blocking=True");
    (loops || handed || batch || copied) && !named(&MODULES)
}
