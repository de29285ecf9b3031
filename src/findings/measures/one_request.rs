//! One request that explains the failure by itself: all against all, or most of the device at once.

use crate::bytes::Bytes;
use crate::evidence::{Flag, Frame, Key, Program};
use crate::findings::Case;
use crate::findings::measures::by_size::{self, Pairs};
use crate::findings::measures::record;

/// What settles it where no line shows it.
pub(crate) const WHICH_TENSOR: &str =
    "the line that fails: which tensor there has a row and a column for each of them?";

/// True where the line that failed compares everything with everything.
pub(crate) fn pairwise(case: &Case<'_>) -> bool {
    const WORDS: [&str; 17] = [
        "cdist",
        "pairwise",
        "[:, None",
        "[None, :",
        "None, :]",
        "unsqueeze(0) -",
        "unsqueeze(1) -",
        "meshgrid",
        "cosine_similarity",
        "square_distance",
        // Each node beside each other node, as dense attention over graphs writes it.
        "all_combinations",
        "all_pairs",
        // A dense matrix of all nodes (torch_geometric/utils).
        "to_dense_adj",
        "to_dense_batch",
        // All boxes against all priors (mmdet, torchvision, Ultralytics).
        "bbox_overlaps",
        "_box_inter_union",
        "select_candidates_in_gts",
    ];
    if square(case) {
        return true;
    }
    let frames = case.incident.traceback.frames.iter().rev().take(3);
    // Offsets of positions that are added to scores of attention compare nothing.
    let scores = |f: &&Frame| f.code.contains("attn") || f.function.contains("rel_pos");
    frames.into_iter().filter(|f| !scores(f)).any(|f| {
        WORDS.iter().any(|word| {
            f.code.contains(word) && !only_a_view(&f.code, word) || f.function.contains(word)
        }) || case.incident.framework == Program::Pytorch
            && (with_itself(&f.code) || of_embeddings(&f.code))
    })
}

/// True where a line ends with a new side of length 1, which meets nothing: `torch.stack(res, dim=0)[:, None]`.
fn only_a_view(code: &str, word: &str) -> bool {
    let behind = code.split_once(word).map_or("", |(_, rest)| rest);
    let meets = behind.split_once(']').map_or("", |(_, rest)| rest).trim();
    word == "[:, None" && meets.is_empty() && !code.contains(['-', '*', '@'])
}

/// True where TensorFlow names the shape, and it is a table with as many rows as columns, of nothing that is kept.
fn square(case: &Case<'_>) -> bool {
    const LARGE: u64 = 8192;
    let incident = case.incident;
    let kept = [Flag::ForWeights, Flag::ForOptimizer];
    if incident.framework != Program::Tensorflow || kept.iter().any(|flag| incident.flagged(*flag))
    {
        return false;
    }
    let sides = || {
        let text = &incident.facts.fact(Key::Tried)?.text;
        let shape = text.strip_prefix('[')?.split(']').next()?;
        let (rows, columns) = shape.split_once(',')?;
        Some((rows.parse::<u64>().ok()?, columns.parse::<u64>().ok()?))
    };
    sides().is_some_and(|(rows, columns)| rows == columns && rows >= LARGE)
}

/// `image_features @ text_features.t()`: every embedding of one kind meets every one of the other.
fn of_embeddings(code: &str) -> bool {
    const EMBEDDED: [&str; 4] = ["feature", "emb", "feats", "repr"];
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let product = ["@", "matmul(", "mm("]
        .iter()
        .any(|sign| code.contains(sign));
    let turned = [".t()", ".T", ".mT", ".transpose(0,1)"]
        .iter()
        .find_map(|turned| code.find(turned));
    let words = |text: &str| {
        EMBEDDED
            .iter()
            .map(|word| text.matches(word).count())
            .sum::<usize>()
    };
    let sides = turned.and_then(|at| code.get(..at)).map(words);
    product && sides.is_some_and(|sides| sides > 1)
}

/// `z @ z.t()`, `torch.matmul(z, z.T)`: a matrix multiplied with itself.
fn with_itself(code: &str) -> bool {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    [".t()", ".T", ".transpose(0,1)"].iter().any(|turned| {
        code.match_indices(turned).any(|(at, _)| {
            let before = code.get(..at).unwrap_or("");
            let name = before
                .rsplit(|c: char| !(c.is_alphanumeric() || c == '_'))
                .next();
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                return false;
            };
            let head = before.strip_suffix(name).unwrap_or("");
            [",", "@"].iter().any(|sign| {
                let first = head.strip_suffix(sign).unwrap_or("");
                first.ends_with(name)
                    && !first.strip_suffix(name).is_some_and(|rest| {
                        rest.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
                    })
            })
        })
    })
}

/// How large the device is. A memory snapshot does not say; what the allocator holds and the driver has free is all that its
/// program could have, whoever has the rest.
pub(crate) fn within_reach(case: &Case<'_>) -> Option<Bytes> {
    let balance = case.balance;
    let of_snapshot = || {
        record::holdings(case)?;
        Some(balance.reserved?.plus(balance.free?))
    };
    balance.total.or_else(of_snapshot)
}

/// True where the one request is most of the device, and what is held is small beside it. Where the size of the device is not known,
/// others may have the rest: the request is then twice what its program could ever have.
pub(crate) fn most_of_the_device(case: &Case<'_>) -> bool {
    let balance = case.balance;
    let (Some(tried), Some(live)) = (balance.tried, balance.live) else {
        return false;
    };
    let most = match balance.total {
        Some(total) => tried.low() >= total.percent(50).high(),
        None => within_reach(case).is_some_and(|reach| tried.low() / 2 >= reach.high()),
    };
    most && tried.low() / 4 >= live.high()
}

/// All pairs of what the writer counts, where no line shows them and the request is as large.
pub(crate) fn pairs_told(case: &Case<'_>) -> Option<Pairs> {
    let shown = pairwise(case) || case.incident.framework != Program::Pytorch;
    by_size::rows(case).filter(|_| !shown)
}

/// True where all against all is a good part of the device. Boxes that meet all anchors are less than that: of 9 such failures of
/// torchvision's detectors with 2 to 9 hundredths, half the batch mended all 8 in which it was tried.
pub(crate) fn pairwise_matters(case: &Case<'_>) -> bool {
    let part = case.balance.tried.zip(within_reach(case));
    pairwise(case) && part.is_some_and(|(tried, total)| tried.mid() >= total.percent(9).mid())
}

/// True where the one request explains the failure by itself.
pub(super) fn explains(case: &Case<'_>) -> bool {
    pairwise_matters(case) || most_of_the_device(case)
}
