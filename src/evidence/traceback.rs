//! The call stack around a failure: what part of the run it was, and the user's own line.

use std::borrow::Cow;
use std::rc::Rc;

use super::SameStack;

/// What the program was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Weights or data on their way to the device.
    Load,
    /// The forward pass of training.
    Forward,
    /// An engine's trial run of its largest batch, before it has a cache: a forward pass in every output.
    TrialRun,
    /// The backward pass.
    Backward,
    /// The optimizer's step.
    Optimizer,
    /// Evaluation, validation, prediction.
    Eval,
    /// Token by token generation, and inference engines.
    Generate,
    /// CUDA graph capture.
    GraphCapture,
    /// Collectives and their buffers.
    Communication,
    /// Compilers and their autotuning.
    Compile,
    /// Input workers and pinning.
    Dataloader,
    /// Weights and states are gathered and written.
    Save,
}

impl Phase {
    /// All that outputs tell apart.
    pub const ALL: [Self; 11] = [
        Self::Load,
        Self::Forward,
        Self::Backward,
        Self::Optimizer,
        Self::Eval,
        Self::Generate,
        Self::GraphCapture,
        Self::Communication,
        Self::Compile,
        Self::Dataloader,
        Self::Save,
    ];

    /// The phase in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Forward | Self::TrialRun => "forward",
            Self::Backward => "backward",
            Self::Optimizer => "optimizer",
            Self::Eval => "eval",
            Self::Generate => "generate",
            Self::GraphCapture => "graph-capture",
            Self::Communication => "communication",
            Self::Compile => "compile",
            Self::Dataloader => "dataloader",
            Self::Save => "save",
        }
    }
}

/// One frame of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The file as printed.
    pub file: String,
    /// The line in that file; 0 where the stack does not say.
    pub line: u32,
    /// The function, or empty.
    pub function: String,
    /// The source line printed below it, or empty.
    pub code: String,
    /// The line of the raw log that holds the frame, from 1.
    pub at: u64,
}

/// A line of source that a notebook, or a traceback drawn in boxes, shows around a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The index of its frame.
    pub frame: usize,
    /// The line in that file, from 1.
    pub line: u32,
    /// The line with its indentation.
    pub code: String,
}

/// A part of a program that somebody pasted beside a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// The line of the input where it begins, from 1.
    pub line: u64,
    /// Its lines.
    pub text: String,
}

/// The stack of one exception, outermost frame first as Python prints it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traceback {
    /// The frames, outermost first.
    pub frames: Vec<Frame>,
    /// The source around them, as far as it is shown.
    pub shown: Vec<Shown>,
    /// True where it hangs on another exception ("During handling of the above exception, another exception occurred").
    pub chained: bool,
}

impl Frame {
    /// The file with forward slashes, wherever it ran.
    pub(crate) fn path(&self) -> Cow<'_, str> {
        if self.file.contains('\\') {
            return Cow::Owned(self.file.replace('\\', "/"));
        }
        Cow::Borrowed(&self.file)
    }

    /// The number of a notebook's cell, as `IPython` and Jupyter name it in a stack.
    pub(crate) fn cell(&self) -> Option<u32> {
        let rest = ["Cell In", "Input In", "<ipython-input-"]
            .iter()
            .find_map(|name| self.file.strip_prefix(name))?;
        let number = rest.trim_start_matches([' ', '[']);
        let end = number.find(|c: char| !c.is_ascii_digit());
        number.get(..end?)?.parse().ok()
    }

    /// True for a frame of the program itself that can go from step to step. What a model does in its forward pass ends with it.
    pub(crate) fn steps(&self) -> bool {
        let packaged = self.file.contains("-packages") || self.file.contains("/lib/python");
        let of_a_model = [
            "forward",
            "__call__",
            "__init__",
            "_call_impl",
            "_wrapped_call_impl",
        ];
        !packaged && !of_a_model.contains(&self.name())
    }

    /// True where its line puts several tensors into one.
    pub(crate) fn joins(&self) -> bool {
        const JOINS: [&str; 6] = [
            "torch.cat(",
            "torch.concat(",
            "torch.concatenate(",
            "torch.stack(",
            "torch.vstack(",
            "torch.hstack(",
        ];
        JOINS.iter().any(|join| self.code.contains(join))
    }

    /// The function's own name, without its class.
    pub(crate) fn name(&self) -> &str {
        self.function.rsplit('.').next().unwrap_or_default()
    }
}

impl Traceback {
    /// True where the innermost frame is no library's: the program itself made the call that failed.
    pub fn ends_in_own_code(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|frame| !frame.file.contains("-packages"))
    }

    /// True where the outputs of a window that slides over a volume are put together: MONAI's (`monai/inferers/utils.py`), and nnU-Net's
    /// (`nnunetv2/inference/predict_from_raw_data.py`).
    pub(crate) fn joins_windows(&self) -> bool {
        self.frames.last().is_some_and(|frame| {
            // Of a line that stands alone nobody pasted the file.
            let path = frame.path();
            let monai = (path.contains("monai/inferers/") || path.is_empty())
                && frame.function == "sliding_window_inference";
            monai || path.contains("nnunetv2/inference/") && frame.code.contains("results_device")
        })
    }

    /// True where transformers' Trainer gathers the logits of all ranks in evaluation (`transformers/trainer.py`, `evaluation_loop`).
    pub(crate) fn gathers_logits(&self) -> bool {
        const CALLS: [&str; 3] = [
            "gather_function((logits",
            "gather_function(logits",
            "nested_gather(logits",
        ];
        self.frames
            .iter()
            .any(|f| CALLS.iter().any(|call| f.code.contains(call)))
    }

    /// True where an adapter is read onto the GPU that holds its base already (`peft/peft_model.py`, `load_adapter`).
    pub(crate) fn reads_an_adapter(&self) -> bool {
        let reads =
            |frame: &Frame| frame.path().contains("peft/") && frame.name().starts_with("load_");
        self.frames.iter().any(reads) && self.runs("restore_location")
    }

    /// The program's own line that makes an empty or filled tensor on the device: a buffer, and no result of an operation.
    pub(crate) fn makes_a_buffer(&self) -> Option<&Frame> {
        const MAKES: [&str; 6] = ["zeros(", "empty(", "ones(", "full(", "rand(", "randn("];
        let last = self.frames.last().filter(|_| self.ends_in_own_code())?;
        let makes = MAKES
            .iter()
            .any(|make| last.code.contains(&format!("torch.{make}")));
        (makes && last.code.contains("device=")).then_some(last)
    }

    /// The same, where nothing in the line speaks of a batch, and what is in the buffer is still to come: it is made once, for all
    /// that will be kept in it, and takes as much however little goes through at once.
    pub(crate) fn makes_a_store(&self) -> Option<&Frame> {
        const DRAWN: [&str; 2] = ["rand(", "randn("];
        const STORES: [&str; 4] = ["capacity", "buffer", "max_size", "replay"];
        const BATCHED: [&str; 6] = ["batch", "bsz", "bs,", "len(", ".shape", ".size("];
        self.makes_a_buffer().filter(|frame| {
            let code = frame.code.to_ascii_lowercase();
            let has = |words: &[&str]| words.iter().any(|word| code.contains(word));
            // An object's own, or by its word: what a loop makes has any name, and what is put into a list is one of many.
            let lasting = code.trim_start().starts_with("self.") || has(&STORES);
            let made = code.split_once("= torch.").is_some_and(|(name, _)| {
                name.ends_with(' ') || name.ends_with(|c: char| c.is_ascii_alphanumeric())
            });
            lasting && made && !code.contains(".append(") && !has(&DRAWN) && !has(&BATCHED)
        })
    }

    /// The program's own line that appends to a cache of keys and values, as `kv[0] = torch.cat([kv[0], new], dim=1)` does: old and
    /// new are there at once.
    pub(crate) fn cache_grows_by_cat(&self) -> Option<&Frame> {
        const NAMES: [&str; 3] = ["kv", "cache", "past"];
        let last = self.frames.last().filter(|_| self.ends_in_own_code())?;
        let (kept, joined) = last.code.split_once("= torch.cat(")?;
        let kept = kept.trim();
        let first = joined
            .trim_start()
            .strip_prefix(['[', '('])?
            .split(',')
            .next()?;
        let named = kept.to_ascii_lowercase();
        let cache = NAMES.iter().any(|name| named.contains(name));
        (cache && first.trim() == kept).then_some(last)
    }

    /// True where any frame runs the text: its function or its code holds it, whatever its file is called.
    pub fn runs(&self, text: &str) -> bool {
        self.frames
            .iter()
            .any(|f| holds(&f.function, text) || holds(&f.code, text))
    }

    /// True where any frame's file, function or code holds the text.
    pub fn mentions(&self, text: &str) -> bool {
        if self.frames.is_empty() {
            return false;
        }
        let all = SameStack::ask(&ALL, self, || self.all_words().into());
        memchr::memmem::find(all.as_bytes(), text.as_bytes()).is_some()
    }

    /// All that the frames say, with a zero between the parts, which no word holds.
    fn all_words(&self) -> String {
        let mut all = String::new();
        for frame in &self.frames {
            let path = frame.path();
            // Of Windows in both spellings.
            let own = matches!(path, Cow::Owned(_)).then_some(frame.file.as_str());
            let parts = [own.unwrap_or_default(), &path, &frame.function, &frame.code];
            for part in parts {
                all.push_str(part);
                all.push('\0');
            }
        }
        all
    }
}

thread_local! {
    /// All that the last stack says: of each failure hundreds of words are asked for.
    static ALL: SameStack<Rc<str>> = const { SameStack::new() };
}

/// True where the words stand in the text. As `contains`, with fewer steps where both are short: a stack is asked for hundreds of
/// words.
fn holds(text: &str, words: &str) -> bool {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    let Some((first, rest)) = words.split_first() else {
        return true;
    };
    let mut places = memchr::memchr_iter(*first, text);
    places.any(|at| {
        let behind = text.get(at + 1..).unwrap_or_default();
        behind.starts_with(rest)
    })
}
