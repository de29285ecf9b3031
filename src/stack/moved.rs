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
    let loops = frame.name().split('_').any(|part| LOOPS.contains(&part));
    let batch = names(&object, &BATCHES);
    // `net(x.cuda())`: what is handed to a call, and no module made in it.
    let handed = called(head).is_some_and(|callee| {
        let short = object.len() <= 2 && object.chars().all(|c| c.is_ascii_alphanumeric());
        short || batch || names(callee, &MODULES)
    });
    let in_a_function = !frame.name().starts_with('<');
    // Only tensors are moved so, and not a module's parameters (torch/nn/modules/module.py hands it on, which a frame shows).
    let copied = frame.code.contains("non_blocking=True");
    (loops || handed || copied || (batch && in_a_function)) && !names(&object, &MODULES)
}

/// True where a part of the name is one of the words: `self.net`, `src_images`.
fn names(name: &str, words: &[&str]) -> bool {
    let mut parts = name.split(|c: char| !c.is_ascii_alphabetic());
    parts.any(|part| words.contains(&part))
}

/// What is called with the text's last argument: `net` of `y = net(a, b`.
fn called(head: &str) -> Option<&str> {
    let mut open = 0;
    for (at, c) in head.char_indices().rev() {
        match c {
            ')' => open += 1,
            '(' if open == 0 => {
                let name = head.get(..at)?;
                return name
                    .rsplit(|c: char| !(c.is_alphanumeric() || "_.".contains(c)))
                    .next();
            }
            '(' => open -= 1,
            _ => {}
        }
    }
    None
}
