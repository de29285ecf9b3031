//! "Insufficient VRAM for model and cache": `ExLlama` found no room in what was free, or in the split that it was given.

use crate::evidence::{Flag, MessageId, Program};
use crate::messages::{Message, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::ExllamaSplit,
    printed_by: "exllamav2/model.py (load_autosplit_gen) from 0.0.7; exllamav3/models/model.py and model_ls.py, \"in split\"",
    framework: Program::Exllama,
    signatures: &[
        "Insufficient VRAM for model",
        "Insufficient VRAM in split",
        "VRAM in split for model and cache",
    ],
    head: r"InsufficientVRAM(?:insplit)?formodelandcache",
    accepts: Some(standing::reported),
    reach: 200,
    flags: &[Flag::ForWeights],
    texts: &[
        "RuntimeError: Insufficient VRAM for model and cache",
        "RuntimeError: Insufficient VRAM in split for model and cache",
        "MemoryError: Insufficient VRAM for model and cache",
    ],
    silent: &[
        // Code and questions are no failure.
        "                            raise RuntimeError(\"Insufficient VRAM for model and cache\")",
        "Does \"Insufficient VRAM in split for model and cache\" mean that my split is wrong?",
    ],
    ..Message::EMPTY
};
