//! Lines that count and say nothing of how far a run has come: totals, settings, commands, builds, talk.

use std::sync::LazyLock;

use super::steps::Steps;
use crate::text::Words;

/// Words of programs that build something, and of objects that hold settings, in lower case.
static SETTINGS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "nvcc",
        "c++ ",
        "g++ ",
        "gcc ",
        "clang",
        "building c",
        "linking c",
        ".cu.o",
        " : run ",
        "] run ",
        "] copy ",
        "] from ",
        "] workdir ",
        " : copy ",
        " : from ",
        "namespace(",
        "arguments(",
        "config(",
        "args(",
        "hparams",
        "limits",
        "starts at step",
    ])
});

/// Words beside which a plural counts what is done: "after 2 iterations", "finished 40 steps", "iters: 100 | loss: 0.3".
static DONE: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "after ",
        "finished",
        "completed",
        "done",
        "trained ",
        "elapsed",
        "loss",
        "it/s",
        "s/it",
    ])
});

/// Words of people, who tell what they set and saw.
const SPOKEN: [&str; 14] = [
    "i", "i'm", "i've", "my", "we", "our", "you", "your", "if", "works", "tutorial", "because",
    "anyone", "please",
];

/// True where the count of a line is a plan, a setting or talk, and no place in a run.
pub(super) fn is_one(text: &str, steps: &Steps) -> bool {
    let lower = text.to_ascii_lowercase();
    let assigned = lower
        .split_once('{')
        .is_some_and(|(before, _)| before.contains('='));
    let planned = steps.plural && steps.total.is_none() && !DONE.stand_in(&lower);
    // "best iteration: 17000" lies behind.
    let best = [
        "best iter",
        "best epoch",
        "best step",
        "best_iter",
        "best_epoch",
    ]
    .iter()
    .any(|word| lower.contains(word));
    best || planned
        || steps.option
        || assigned
        || SETTINGS.stand_in(&lower)
        || spoken(&lower)
        || listed(&lower)
        || argument(&lower)
        || of_teamcity(&lower)
}

/// An argument of a call: "fit(loader, epochs = 10, verbose = FALSE)".
fn argument(lower: &str) -> bool {
    const NAMES: [&str; 5] = ["epochs =", "epochs=", "steps =", "steps=", "iterations ="];
    let open = |text: &str| text.matches('(').count() > text.matches(')').count();
    NAMES.iter().any(|name| {
        lower.split_once(name).is_some_and(|(before, after)| {
            let behind = after
                .trim_start()
                .trim_start_matches(|c: char| c.is_ascii_digit());
            open(before) && behind.trim_start().starts_with([',', ')'])
        })
    })
}

/// `[10:00:01]W: [Step 2/3] …`: `TeamCity` counts the steps of a build before each of their lines, behind the time and the level.
fn of_teamcity(lower: &str) -> bool {
    let before = lower.split_once(": [step ").map(|(before, _)| before);
    before.is_some_and(|before| {
        let level = before.trim_end_matches(['w', 'e', 'f', 'i']);
        let level = level.trim_end();
        level.is_empty() || level.ends_with(']')
    })
}

/// A list of all settings on one line, as Ultralytics prints it: "task=detect, mode=train, model=a.pt, epochs=100, batch=24".
fn listed(lower: &str) -> bool {
    const NAMES: [&str; 8] = [
        "mode=",
        "model=",
        "data=",
        "epochs=",
        "workers=",
        "optimizer=",
        "seed=",
        "lr0=",
    ];
    let names = NAMES.iter().filter(|name| lower.contains(**name)).count();
    names > 2 && lower.matches(", ").count() > 4 && !has_loss(lower)
}

/// A sentence of somebody who writes of the failure.
fn spoken(lower: &str) -> bool {
    let words = || {
        lower
            .split(|c: char| !(c.is_alphanumeric() || c == '\''))
            .filter(|word| !word.is_empty())
    };
    words().count() > 4 && !has_loss(lower) && words().any(|word| SPOKEN.contains(&word))
}

/// A loss with its figure, as trainers print it: "loss: 0.3", "loss=2.1e-4". "I get Loss:NaN problem" is talk.
pub(super) fn has_loss(lower: &str) -> bool {
    lower.match_indices("loss").any(|(at, word)| {
        let after = lower.get(at + word.len()..).unwrap_or_default();
        let figure = after.trim_start_matches([' ', ':', '=', '\'', '"']);
        figure.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// "n041: task 0: Out Of Memory": the task of a step that srun tells of is no step of the run.
pub(super) fn is_launcher(lower: &str) -> bool {
    let ends = [
        ": out of memory",
        ": killed",
        ": terminated",
        ": exited with exit code 1",
    ];
    let ended = ends.iter().any(|end| lower.trim_end().ends_with(end));
    ended && (lower.starts_with("task") || lower.contains(": task ") || lower.contains(": tasks "))
}

/// A command that a shell traced or a person typed: what it is given is no progress.
pub(super) fn is_command(text: &str) -> bool {
    const PROGRAMS: [&str; 8] = [
        "python",
        "torchrun",
        "accelerate launch",
        "deepspeed ",
        "srun ",
        "mpirun ",
        "bash ",
        "sbatch ",
    ];
    let text = text.trim_start();
    let traced = text.starts_with("+ ") || text.starts_with("++ ") || text.starts_with("$ ");
    // Two flags make a command of any program, and a line that begins with one goes on with it.
    let flags = text.match_indices(" --").filter(|(at, flag)| {
        let name = text.as_bytes().get(at + flag.len());
        name.is_some_and(u8::is_ascii_alphabetic)
    });
    let flags = flags.count() + usize::from(text.starts_with("--"));
    traced
        || flags > 1
        || text.starts_with("--") && text.ends_with('\\')
        || text.contains(" --") && PROGRAMS.iter().any(|name| text.contains(name))
}

/// "[2/49] nvcc -c k.cu", "[ 12%] Building CXX object": a build counts its files.
pub(super) fn is_build(text: &str) -> bool {
    const TOOLS: [&str; 13] = [
        "nvcc",
        "c++",
        "g++",
        "gcc",
        "clang",
        "hipcc",
        "cc ",
        "ccache",
        "Building ",
        "Linking ",
        "Compiling ",
        "ar ",
        "cmake",
    ];
    let counted = text
        .trim_start()
        .strip_prefix('[')
        .and_then(|t| t.split_once("] "));
    counted.is_some_and(|(count, rest)| {
        let count = count
            .bytes()
            .all(|b| b.is_ascii_digit() || b"/ %".contains(&b));
        let program = rest.split(' ').next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        count
            && TOOLS
                .iter()
                .any(|tool| program.starts_with(tool.trim_end()) || rest.starts_with(tool))
    })
}

#[cfg(test)]
mod tests {
    use super::super::steps;
    use super::*;

    fn planned(text: &str) -> bool {
        is_one(text, &steps::find(text))
    }

    #[test]
    fn totals_settings_commands_builds_and_talk_are_no_place_in_a_run() {
        for text in [
            "  Total optimization steps = 820",
            "Epochs: 30",
            "Training for 40 epochs",
            "my set has about 450 batches",
            "it works fine, but if I set epoch=8 it fails",
            "$ python train.py --epoch 250",
            "[2/49] /usr/local/cuda/bin/nvcc -c a.cu -o a.cuda.o",
            "limits = {'step': 5000, 'epoch': 12}",
            "Namespace(epoch=50, iters=1000)",
            "fitted <- net |> setup(loss = l) |> fit(train_dl, epochs = 10, verbose = FALSE)",
            "model.fit(x, y, epochs=20)",
            "engine/trainer: task=detect, mode=train, model=a.pt, data=c.yaml, epochs=100, patience=50, batch=24, imgsz=640",
            "Step 3/12 : RUN pip install torch",
            "[7/9] RUN pip install flash-attn",
            "[10:00:01] : [Step 2/3] Starting: run.sh",
            "[10:00:05]W: [Step 2/3] Process exited with code 137",
            "number of batches: 231",
            "I tried a 2000 steps run with 20 pictures, because with fp16 I get a Loss:NaN problem",
        ] {
            assert!(planned(text), "{text}");
        }
    }

    #[test]
    fn what_is_done_is_a_place_in_a_run() {
        for text in [
            "Epoch 7/250 loss=0.1",
            "finished 40 steps",
            "iters: 100, epoch: 1 | loss: 0.3",
            "{'step': 10, 'loss': 9.1}",
            "num_updates 400",
            "step 4100",
            "INFO: [Step 120/5000] loss 0.3",
        ] {
            assert!(!planned(text), "{text}");
        }
    }
}
