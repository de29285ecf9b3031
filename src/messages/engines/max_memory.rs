//! "Model size exceeds available memory": MAX counts weights and activations against what is free before it loads any.

use crate::evidence::{Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MaxMemory,
    printed_by: "modular/modular: max/pipelines/lib/memory_estimation.py, MAX from 25.1; the parts from 25.4",
    framework: Program::ModularMax,
    signatures: &[
        "Model size exceeds available memory (",
        "don't leave room for KV cache",
    ],
    head: r"Modelsizeexceedsavailablememory\(\d[\d.]*[KMGT]?i?B>\d|Themodel\d[\d.]*[KMGT]iB(?:,|and)activations\d[!-~]{2,80}don'tleaveroomforKVcache",
    reach: 300,
    fields: &[
        Field(Key::Tried, r"availablememory\({size}"),
        Field(Key::Free, r"availablememory\(\d[\d.]*[KMGT]?i?B>{size}"),
        Field(Key::Weights, r"Modelweights:{size}"),
        Field(Key::ActivationPeak, r"Activationmemory:{size}"),
        Field(Key::Weights, r"^Themodel{size}"),
        Field(Key::ActivationPeak, r"activations{size}"),
    ],
    examples: &[
        Example(
            "RuntimeError: Model size exceeds available memory (61.02 GiB > 44.20 GiB). Model weights: 48.10 GiB, Activation memory: \
                   12.75 GiB, Signal buffers: 176.75 MiB. Try running a smaller model, using a smaller precision, or using a device \
                   with more memory.",
            &[
                (Key::Tried, "61.02 GiB"),
                (Key::Free, "44.20 GiB"),
                (Key::Weights, "48.10 GiB"),
                (Key::ActivationPeak, "12.75 GiB"),
            ],
        ),
        Example(
            "RuntimeError: The model 21.50 GiB and activations 1.25 GiB don't leave room for KV cache. Try running a smaller model.",
            &[
                (Key::Weights, "21.50 GiB"),
                (Key::ActivationPeak, "1.25 GiB"),
            ],
        ),
    ],
    ..Message::EMPTY
};
