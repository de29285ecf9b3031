//! "Executor creation failed due to insufficient GPU memory": TensorRT-LLM says which of its components found no room, and what
//! those before it took.

use crate::bytes::{self, Bytes, GIB};
use crate::evidence::{Fact, FactSource, Flag, Incident, Key, MessageId, Program};
use crate::messages::{Example, Match, Message, cached};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorrtLlmExecutor,
    printed_by: "tensorrt_llm/_torch/pyexecutor/py_executor_creator.py (_ExecutorMemoryMonitor), TensorRT-LLM from 1.0",
    framework: Program::TensorrtLlm,
    signatures: &[
        "Executor creation failed due to",
        "failed due to insufficient GPU memory",
        "component could not be created:",
    ],
    head: r"ExecutorcreationfailedduetoinsufficientGPUmemory",
    accepts: Some(accepts),
    reach: 2500,
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: Executor creation failed due to insufficient GPU memory.\n\nThe following component could not be \
                   created: KV cache\nTotal GPU memory (GiB): 23.99\nFree GPU memory before component creation attempt (GiB): \
                   1.62\n\nPreviously created components and free GPU memory before/after creation (GiB):\nModel: 23.71 / 5.52\n\
                   Sampler: 5.52 / 1.62\n",
            &[
                (Key::Total, "23.99 GiB"),
                (Key::Free, "1.62 GiB"),
                (Key::FreeAtStart, "23.71 GiB"),
                (Key::Weights, "23.71 - 5.52 GiB"),
                (Key::ComputeBuffer, "5.52 - 1.62 GiB"),
            ],
        ),
        Example(
            "Executor creation failed due to insufficient GPU memory.\n\nThe following component could not be created: Model\n\
                   Total GPU memory (GiB): 79.10\nFree GPU memory before component creation attempt (GiB): 78.40\n",
            &[(Key::Total, "79.10 GiB"), (Key::Free, "78.40 GiB")],
        ),
    ],
    silent: &[
        // Code is no failure.
        "            msg = \"Executor creation failed due to insufficient GPU memory.\"",
    ],
    ..Message::EMPTY
};

/// The sentence goes on with its table; in code it does not.
fn accepts(hit: &Match<'_>) -> bool {
    hit.says("couldnotbecreated:") && hit.says("TotalGPUmemory(GiB):")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let component = hit
        .capture(r"couldnotbecreated:([A-Za-z_()]{3,100}?)TotalGPUmemory")
        .unwrap_or_default();
    incident.flags.insert(part(&component));
    let mut keep = |key, printed: Option<String>| {
        let fact = printed.and_then(|printed| fact(hit, &[&printed]));
        if let Some(fact) = fact {
            incident.facts.insert(key, fact);
        }
    };
    keep(
        Key::Total,
        hit.capture(r"TotalGPUmemory\(GiB\):(\d+\.\d\d)"),
    );
    keep(
        Key::Free,
        hit.capture(r"creationattempt\(GiB\):(\d+\.\d\d)"),
    );
    keep(
        Key::FreeAtStart,
        hit.capture(r"aftercreation\(GiB\):[A-Za-z_()]+:(\d+\.\d\d)/"),
    );
    for (key, fact) in taken(hit) {
        // The first of a kind is the largest: the model before a draft, the cache that stays after one that was only tried.
        incident.facts.insert(key, fact);
    }
}

/// Which part of a model a component is.
fn part(component: &str) -> Flag {
    let name = component.to_ascii_lowercase();
    if name.contains("kv") {
        Flag::ForCache
    } else if name.starts_with("model") && !name.contains("resources") && !name.contains("extra")
        || name.contains("draftmodel")
    {
        Flag::ForWeights
    } else {
        Flag::ForWork
    }
}

/// What each component took: what was free before it, less what was free behind it.
fn taken(hit: &Match<'_>) -> Vec<(Key, Fact)> {
    const ROW: &str = r"([A-Za-z_()]{3,100}?):(\d+\.\d\d)/(\d+\.\d\d)";
    let (Some(row), Some(table)) = (cached(ROW), hit.capture(r"aftercreation\(GiB\):([!-~]+)"))
    else {
        return Vec::new();
    };
    let rows = row.captures_iter(&table).filter_map(|found| {
        let (name, before, after) = (found.get(1)?, found.get(2)?, found.get(3)?);
        let fact = fact(hit, &[before.as_str(), after.as_str()])?;
        // What was only tried is given back.
        let tried = name.as_str().contains("temporary");
        let key = match part(name.as_str()) {
            Flag::ForCache => Key::KvCache,
            Flag::ForWeights => Key::Weights,
            _ => Key::ComputeBuffer,
        };
        (!tried && fact.bytes.high() > 0).then_some((key, fact))
    });
    rows.collect()
}

/// A number of GiB with two decimals, or the difference of two.
fn fact(hit: &Match<'_>, printed: &[&str]) -> Option<Fact> {
    let size = |text: &&str| {
        let (digits, decimals) = bytes::digits(text)?;
        Bytes::rounded(digits, decimals, GIB)
    };
    let sizes: Option<Vec<Bytes>> = printed.iter().map(size).collect();
    let bytes = sizes?.into_iter().reduce(Bytes::minus)?;
    Some(Fact {
        bytes,
        text: format!("{} GiB", printed.join(" - ")),
        line: (hit.line_number)(0),
        source: FactSource::Message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::one;

    #[test]
    fn the_component_tells_the_part() {
        for (component, flag) in [
            ("KV cache", Flag::ForCache),
            (
                "Initial KV Cache (temporary for KV cache size estimation)",
                Flag::ForCache,
            ),
            ("Model", Flag::ForWeights),
            ("Draft model for speculative decoding", Flag::ForWeights),
            ("Sampler", Flag::ForWork),
            ("Additional executor resources", Flag::ForWork),
            ("Model resources created during usage", Flag::ForWork),
        ] {
            let text = format!(
                "Executor creation failed due to insufficient GPU memory.\n\nThe following component could not be created: \
                 {component}\nTotal GPU memory (GiB): 79.10\nFree GPU memory before component creation attempt (GiB): 8.40\n"
            );
            assert!(one(&text).incident.flagged(flag), "{component}");
        }
    }
}
