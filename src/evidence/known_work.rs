//! Work at places of libraries that has an answer of its own, whatever the program around it: a row each.

mod rows;

use super::same_stack::SameStack;
use super::traceback::{Frame, Traceback};
use rows::{ROWS, Row};

thread_local! {
    /// Each row asks for the names of all frames, and findings and fixes ask for each failure a dozen times.
    static LAST: SameStack<Option<KnownWork>> = const { SameStack::new() };
}

/// What a place of a library is known to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownWork {
    /// Pictures go through the autoencoder once, before the training.
    CachesLatents,
    /// Each mask is laid out at the size of its picture.
    PastesMasks,
    /// A metric works on all values that it kept.
    ComputesMetric,
    /// A metric takes in the next batch.
    UpdatesMetric,
    /// A scene gets more Gaussians.
    GrowsGaussians,
    /// A training draws samples with a pipeline beside the model that is trained.
    DrawsSamples,
    /// Weights of 8 bits are turned back to be written.
    SavesQuantized,
    /// One trial of a search of hyperparameters, behind others in the same process.
    Trial,
    /// A trainer captures its layers as CUDA graphs.
    CapturesLayers,
    /// A picture that is restored or enlarged goes through whole.
    RestoresPicture,
    /// The data set itself puts samples onto the GPU.
    LoadsSamples,
    /// An image encoder that takes 1024 x 1024 pixels of each picture at once.
    EncodesPictures,
    /// Objects are followed through all frames of a video, which lie on the GPU with what was found in them.
    FollowsVideo,
    /// A script of ESM puts so many letters of proteins through at once.
    EmbedsProteins,
    /// A voice changer turns a recording into another voice.
    ConvertsVoices,
    /// Streamlit runs the whole script again at every click.
    RerunsScript,
    /// What answers a request loads the model.
    AnswersRequest,
    /// A model of videos draws one, by its own script.
    DrawsVideo,
    /// Rays are drawn through a scene.
    CastsRays,
    /// A model of language and pictures turns its pictures into tokens.
    SeesPictures,
    /// A training goes on: what its optimizer kept is read back.
    ResumesOptimizer,
    /// The same in a program's own loop: the optimizer copies what the checkpoint holds.
    CopiesStates,
    /// Every pixel of one frame meets every pixel of another.
    CorrelatesFrames,
    /// A validation spreads its prediction over all classes, at the size of the whole volume.
    SpreadsLabels,
    /// `DataParallel` puts the outputs of all GPUs onto the first.
    GathersOnFirst,
    /// Weights are turned into fewer bits by what samples do in each layer.
    QuantizesLayers,
    /// Cells of a whole picture are found by following each pixel.
    FollowsPixels,
    /// A detector or segmenter looks at one picture.
    DetectsInOne,
    /// Speech is written down, half a minute after the other.
    WritesSpeech,
    /// Weights of several models become those of one.
    MergesModels,
    /// A protein is folded, whose pairs of residues all meet.
    FoldsProtein,
    /// The forces on all atoms of one structure are computed.
    ComputesForces,
    /// What an agent remembers is moved to the GPU as it is kept.
    RemembersOnGpu,
    /// All pairs of a protein's residues meet all residues.
    PairsResidues,
    /// Room is made at once for all that an agent will remember.
    MakesReplayBuffer,
}

impl Traceback {
    /// True where a worker of a `DataLoader` runs the user's code (torch/utils/data/_utils/worker.py).
    pub(crate) fn in_a_loader(&self) -> bool {
        let mut frames = self.frames.iter();
        frames.any(|f| f.name() == "_worker_loop" && f.path().contains("torch/utils/data/"))
    }

    /// What one of its frames is known to do.
    pub(crate) fn known_work(&self) -> Option<KnownWork> {
        SameStack::ask(&LAST, self, || known(&self.frames))
    }
}

fn known(frames: &[Frame]) -> Option<KnownWork> {
    let named = frames.iter().map(|frame| (frame.name(), frame));
    let frames: Vec<_> = named.collect();
    let row = ROWS.iter().find(|row| frames.iter().any(|f| fits(*f, row)));
    row.map(|(known, ..)| *known)
}

fn fits((name, frame): (&str, &Frame), (_, files, functions, code): &Row) -> bool {
    let any = |words: &[&str], has: &dyn Fn(&str) -> bool| {
        words.is_empty() || words.iter().any(|word| has(word))
    };
    (functions.is_empty() || functions.contains(&name))
        && any(code, &|part| frame.code.contains(part))
        && any(files, &|part| frame.path().contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_by_its_function_in_whatever_folder_it_stands() {
        let of = |file: &str, function: &str, code: &str| {
            let frame = Frame {
                file: file.to_owned(),
                line: 1,
                function: function.to_owned(),
                code: code.to_owned(),
                at: 1,
            };
            Traceback {
                frames: vec![frame],
                ..Traceback::default()
            }
            .known_work()
        };
        let metric = r"C:\e\site-packages\torchmetrics\metric.py";
        for (file, function, known) in [
            (
                "/k/library/train_util.py",
                "cache_batch_latents",
                Some(KnownWork::CachesLatents),
            ),
            (metric, "Metric.compute", Some(KnownWork::ComputesMetric)),
            (metric, "update", None),
            ("/me/eval.py", "compute", None),
            (
                ".../detection/roi_heads.py",
                "paste_masks_in_image",
                Some(KnownWork::PastesMasks),
            ),
        ] {
            assert_eq!(of(file, function, ""), known, "{file} {function}");
        }
    }
}
