//! "OOM when allocating tensor with shape[…]": an operation of TensorFlow that got no memory.

use crate::bytes::Bytes;
use crate::evidence::{
    Fact, FactSource, Flag, Incident, Key, MessageId, Phase, Program, Setting, SettingKind,
};
use crate::messages::tensorflow_xla::bfc_allocator;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorflowExhausted,
    printed_by: "tensorflow/core/framework/op_kernel.cc (allocate_tensor), TensorFlow 1 and 2; the type from 1.4",
    framework: Program::Tensorflow,
    signatures: &["OOM when allocating tensor"],
    head: r"OOMwhenallocatingtensor(?:withshape|ofshape)\[\d",
    reach: 900,
    more: Some(more),
    examples: &[
        Example(
            "tensorflow.python.framework.errors_impl.ResourceExhaustedError: {{function_node __wrapped__AddV2}} OOM when \
                   allocating tensor with shape[32,256,128,128] and type float on /job:localhost/replica:0/task:0/device:GPU:0 \
                   by allocator GPU_0_bfc [Op:AddV2]",
            &[(Key::Tried, "[32,256,128,128] float")],
        ),
        Example(
            "Resource exhausted: OOM when allocating tensor with shape[1024,256]",
            &[(Key::Tried, "[1024,256]")],
        ),
    ],
    ..Message::EMPTY
};

/// How many bytes an element takes (tensorflow/core/framework/types.cc, `DataTypeString`).
const TYPES: [(&str, u64); 20] = [
    ("float", 4),
    ("half", 2),
    ("bfloat16", 2),
    ("double", 8),
    ("int8", 1),
    ("uint8", 1),
    ("bool", 1),
    ("int16", 2),
    ("uint16", 2),
    ("int32", 4),
    ("uint32", 4),
    ("int64", 8),
    ("uint64", 8),
    ("complex64", 8),
    ("complex128", 16),
    ("float8_e4m3fn", 1),
    ("float8_e5m2", 1),
    ("qint8", 1),
    ("quint8", 1),
    ("qint32", 4),
];

fn more(hit: &Match<'_>, incident: &mut Incident) {
    bfc_allocator::tell_place(hit, incident);
    if let Some(fact) = size(hit) {
        incident.facts.insert(Key::Tried, fact);
    }
    if let Some(value) = shape(hit) {
        incident.settings.insert(Setting {
            kind: SettingKind::RefusedShape,
            name: "shape".to_owned(),
            value,
            line: (hit.line_number)(0),
            written: String::new(),
        });
    }
    if slot(hit) {
        incident.flags.insert(Flag::ForOptimizer);
    } else if variable(hit) {
        incident.flags.insert(Flag::ForWeights);
        incident.phase = Some(Phase::Load);
    }
}

fn shape(hit: &Match<'_>) -> Option<String> {
    hit.capture(r"^OOMwhenallocatingtensor(?:with|of)shape(\[\d[\d,]{0,120}\])")
}

/// The product of the shape, times what an element takes.
fn size(hit: &Match<'_>) -> Option<Fact> {
    let shape = shape(hit)?;
    let kind = hit.capture(r"^OOM[!-~]{0,160}?\]andtype([a-z0-9_]{3,14}?)on/");
    // Before the type was printed, nearly all tensors were of floats.
    let element = match &kind {
        Some(kind) => TYPES.iter().find(|(name, _)| name == kind)?.1,
        None => 4,
    };
    let mut counts = shape.trim_matches(['[', ']']).split(',');
    let bytes = counts.try_fold(element, |bytes, count| {
        count.parse::<u64>().ok()?.checked_mul(bytes)
    })?;
    Some(Fact {
        bytes: Bytes::exact(bytes),
        text: kind.map_or_else(|| shape.clone(), |kind| format!("{shape} {kind}")),
        line: (hit.line_number)(0),
        source: FactSource::Message,
    })
}

/// True where the operation's name says that it updates or makes what an optimizer keeps for each weight: the optimizer's own
/// scope, with `update_…` of a variable in it (tensorflow/python/training/optimizer.py, `apply_gradients`), or a slot's initializer.
fn slot(hit: &Match<'_>) -> bool {
    const NODE: &str = r"(?:node|op:?)[A-Za-z0-9_./-]{0,120}?(?:Adam|AdamW|RMSProp|Momentum|Adagrad|Adadelta|Ftrl|Nadam|SGD|Lamb|AdamOptimizer|optimizer)[A-Za-z0-9_]{0,20}/(?:[A-Za-z0-9_./-]{0,120}?/)?(?:update_|[A-Za-z0-9_./-]{0,80}/(?:Initializer|Assign)|(?:mul|sqrt|add|truediv|Square)(?:_\d+)?\b)";
    hit.capture(NODE).is_some()
}

/// True where the operation's name says that it makes a variable, or fills one: as large as it is, whatever the batch
/// (tensorflow/python/ops/variables.py: scopes `Initializer` and `Assign` below the variable's name).
fn variable(hit: &Match<'_>) -> bool {
    const NODE: &str = r"\[\[(?:\{\{)?(?:node|Node:)?[A-Za-z0-9_./-]{1,160}?/(?:Initializer/|Assign(?:_\d+)?(?:[^A-Za-z0-9_]|$))|\[Op:(?:VarHandleOp|VariableV2|AssignVariableOp)\]";
    hit.capture(NODE).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::messages::examples::one;

    #[test]
    fn a_tensor_for_the_host_is_the_hosts() {
        let text = "OOM when allocating tensor with shape[40000,40000] and type float on \
            /job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu";
        assert_eq!(one(text).incident.memory, Memory::Host);
        let text = text.replace("CPU:0 by allocator cpu", "GPU:1 by allocator GPU_1_bfc");
        assert_eq!(one(&text).incident.device, Some(1));
    }

    #[test]
    fn the_shape_and_the_type_are_the_size() {
        for (said, bytes) in [
            ("shape[32,512,256,256] and type float on /job", 4 << 30),
            ("shape[32,512,256,256] and type half on /job", 2 << 30),
            ("shape[1000] and type int64 on /job", 8000),
            ("shape[32,512,256,256]", 4 << 30),
        ] {
            let incident = one(&format!("OOM when allocating tensor with {said}")).incident;
            let tried = incident.facts.get(Key::Tried);
            assert_eq!(tried, Some(Bytes::exact(bytes)), "{said}");
        }
        let unknown = "OOM when allocating tensor with shape[8] and type variant on /job";
        assert_eq!(one(unknown).incident.facts.get(Key::Tried), None);
    }

    #[test]
    fn an_operation_of_the_optimizer_is_one_by_its_name() {
        let node = |name: &str| {
            let text = format!(
                "OOM when allocating tensor with shape[80000,4096] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by \
                 allocator GPU_0_bfc\n\t [[node {name} (defined at train.py:88) ]]"
            );
            one(&text).incident.flagged(Flag::ForOptimizer)
        };
        for name in [
            "train/Adam/update_table/embedding/mul_1",
            "optim/Adam/update_embed/mul_1",
            "RMSprop/RMSprop/update_1/mul",
            "training/Adam/mul_23",
        ] {
            assert!(node(name), "{name}");
        }
        for name in [
            "model/conv2d/Conv2D",
            "gradients/dense/MatMul_grad/MatMul",
            "update_weights/mul",
        ] {
            assert!(!node(name), "{name}");
        }
    }

    #[test]
    fn what_fills_a_variable_is_no_part_of_the_batch() {
        let node = |name: &str| {
            let text = format!(
                "OOM when allocating tensor with shape[25000,4000] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by \
                 allocator GPU_0_bfc\n\t [[{name}]]"
            );
            one(&text).incident.flagged(Flag::ForWeights)
        };
        for name in [
            "Node: net/fc6/weights/Initializer/random_uniform/RandomUniform = RandomUniform[T=DT_INT32]",
            "node dense/kernel/Assign (defined at a.py:3) ",
            "{{node dense/kernel/Initializer/mul}}",
        ] {
            assert!(node(name), "{name}");
        }
        for name in [
            "node model/conv2d/Conv2D",
            "Node: gradients/fc6/MatMul_grad/MatMul = MatMul[T=DT_FLOAT]",
        ] {
            assert!(!node(name), "{name}");
        }
    }
}
