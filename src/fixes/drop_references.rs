//! A tensor lives as long as one name leads to it: a variable, a list, a closure, a notebook's history.

use super::offering::{counted, earlier};
use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::evidence::{Census, FindingId, FixId, OwnerKind, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::DropReferences,
    cost: "nothing, if it is really not needed",
    page: include_str!("drop-references.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Where nothing points to the operation it is worth a try only if no other way is left: Numba keeps no cache, and has no batch.
    let general = [FindingId::NoFigures, FindingId::MoreThanTheDevice].contains(&s.finding);
    let pooled = s.program() == Program::Julia;
    if general && s.program() != Program::Numba && !pooled {
        return None;
    }
    if s.finding == FindingId::Weights {
        return earlier::cells(s);
    }
    if let Some(offer) = earlier::before_this_one(s) {
        return Some(offer);
    }
    if let Some(offer) = exceptions(s) {
        return Some(offer);
    }
    if s.finding == FindingId::OtherLibrary {
        return None;
    }
    if let Some(offer) = holder(s) {
        return Some(offer);
    }
    if s.finding == FindingId::EarlierModels && s.torch() {
        return Some(earlier::cells(s).unwrap_or_else(earlier::model));
    }
    if let Some(offer) = copies_of_weights(s) {
        return Some(offer);
    }
    // What a trainer gathers by itself has no name in the program.
    let gathered = s.finding == FindingId::KeptOutputs && s.trainer() == Trainer::HuggingFace;
    if gathered {
        return None;
    }
    Some(Offer::unmeasured(in_its_words(s)?))
}

/// What lets go of a thing in the program's own language.
fn in_its_words(s: &Situation<'_>) -> Option<String> {
    let at = s.at_here();
    Some(match s.program() {
        // abetlen/llama-cpp-python, `llama_cpp/llama.py`.
        Program::LlamaCpp if s.llama_in_python() => {
            "llm.close()  # each model that is done with, before the next one is loaded".to_owned()
        }
        Program::Jax => "x.delete()  # or del x, before the next large step".to_owned(),
        Program::Cupy => format!(
            "del x{at}\n# every name of an array that is done with; the pool then uses its block again"
        ),
        Program::Paddle => "del x; paddle.device.cuda.empty_cache()".to_owned(),
        Program::Rapids => format!(
            "del df{at}\n# every name of a table that is done with; exceptions keep frames and their tables too"
        ),
        Program::Julia => "x = nothing; GC.gc(); CUDA.reclaim()  # or CUDA.unsafe_free!(x)".to_owned(),
        Program::Numba => "del d_x; cuda.current_context().deallocations.clear()".to_owned(),
        Program::Matlab => "clear x  % every gpuArray that is done with; then reset(gpuDevice) if nothing is needed".to_owned(),
        Program::Mxnet => "del net; mx.gpu(0).empty_cache()".to_owned(),
        Program::Tensorflow => "del model; tf.keras.backend.clear_session()".to_owned(),
        _ if s.torch() && RESULTS.contains(&s.finding) => results(s),
        _ if s.torch() => {
            let at = if s.finding.leaks() {
                s.in_its_loop()
            } else {
                at
            };
            format!(
                "del model, optimizer, outputs{at}\n# all names of what an earlier phase made: lists, dicts, attributes, notebook outputs too\n# optimizer.zero_grad(set_to_none=True) drops the gradients"
            )
        }
        _ => return None,
    })
}

/// Models and optimizers are still needed in that loop.
fn results(s: &Situation<'_>) -> String {
    let at = s.in_its_loop();
    format!(
        "del loss, outputs{at}\n# every name that keeps a result of an earlier step: lists, dicts, attributes, notebook outputs too"
    )
}

/// Findings of results that stay, one a step.
const RESULTS: [FindingId; 3] = [
    FindingId::KeptGraph,
    FindingId::KeptOutputs,
    FindingId::UnknownGrowth,
];

/// Exceptions that are kept, as the census found them: their text is what is wanted of them.
fn exceptions(s: &Situation<'_>) -> Option<Offer> {
    let census = s.incident.census.as_deref().filter(|_| s.torch())?;
    let kept = s.finding == FindingId::KeptObjects && census.keeps_exceptions();
    let how = "errors.append(str(error))  # not the exception, which keeps the frames of its call";
    let title = "Keep the text of an exception, not the exception";
    kept.then(|| Offer::unmeasured(how.to_owned()).titled(title))
}

/// The container that the census found to hold most of it, by its own name; else the names of the models that stand beside the last.
fn holder(s: &Situation<'_>) -> Option<Offer> {
    let kept = [
        FindingId::KeptObjects,
        FindingId::KeptOutputs,
        FindingId::DuplicateWeights,
    ];
    let census = s.incident.census.as_deref().filter(|_| s.torch())?;
    let listed = census
        .of(OwnerKind::Copies)
        .filter(|row| row.container.is_some() && s.finding == FindingId::KeptObjects)
        .max_by_key(|row| row.bytes);
    let row = listed
        .or_else(|| counted::named(census))
        .filter(|_| kept.contains(&s.finding))?;
    let name = row.name.as_deref().filter(|name| plain(name))?;
    if s.finding == FindingId::DuplicateWeights {
        let how = format!("del {name}  # as soon as the model and the optimizer have it");
        return counted::of_checkpoint(row)
            .then(|| Offer::unmeasured(how).titled(format!("Let go of {name}")));
    }
    let Some(container) = row.container.as_deref() else {
        return models(s, census);
    };
    let how = match container {
        "list" => format!(
            "del {name}[:-1]  # in every round, behind what adds to it: only the last is kept"
        ),
        "deque" => format!("{name} = deque(maxlen=N)  # no more than are needed"),
        dict if dict.to_ascii_lowercase().ends_with("dict") => {
            format!(
                "{name}.clear(); del model, optimizer  # before the next round: other names of it keep it, too"
            )
        }
        _ => return None,
    };
    Some(Offer::unmeasured(how).titled(format!("Let go of what {name} keeps")))
}

/// Models of earlier rounds that have names of their own, with their optimizers.
fn models(s: &Situation<'_>, census: &Census) -> Option<Offer> {
    let copies: Vec<&str> = census
        .of(OwnerKind::Copies)
        .filter_map(|row| row.name.as_deref())
        .filter(|name| plain(name))
        .collect();
    let first = copies.first()?;
    let now = census.of(OwnerKind::OptimizerStates).next();
    let now = now.and_then(|row| row.name.as_deref());
    let optimizers = census.optimizers.iter().filter_map(|o| o.name.as_deref());
    let earlier = optimizers.filter(|name| plain(name) && Some(*name) != now);
    let mut names = copies.clone();
    names.extend(earlier);
    names.dedup();
    let how = format!(
        "del {}  # before the next model is made\nimport gc; gc.collect()",
        names.join(", ")
    );
    let title = match copies.len() {
        1 => format!("Let go of {first}"),
        n => format!("Let go of {first} and {} more models", n - 1),
    };
    (s.finding == FindingId::KeptObjects).then(|| Offer::unmeasured(how).titled(title))
}

fn plain(name: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    name.chars().all(part)
}

/// The line that failed copies the weights where they are.
fn copies_of_weights(s: &Situation<'_>) -> Option<Offer> {
    let line = s.incident.frame.as_ref().filter(|_| s.torch())?;
    let object = line.code.split_once("deepcopy(")?.1;
    let object = object.split_once(".state_dict()")?.0;
    let plain = object
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._".contains(c));
    let how = format!(
        "{{k: v.cpu() for k, v in {object}.state_dict().items()}}{}\n# in place of the deep copy; or torch.save it, and keep only the best",
        s.at_here()
    );
    let title = "Keep copies of the weights in host memory".to_owned();
    plain.then(|| Offer::unmeasured(how).titled(title))
}
