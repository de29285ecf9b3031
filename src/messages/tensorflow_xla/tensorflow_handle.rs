//! "failed to create cublas handle", "could not create cudnn handle": a library of CUDA found no memory beside TensorFlow.

use crate::bytes::Bytes;
use crate::evidence::{Fact, FactSource, Flag, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, cached, holds, is_in, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorflowHandle,
    printed_by: "tensorflow/stream_executor/cuda/cuda_blas.cc and cuda_dnn.cc, now xla/stream_executor/cuda; TensorFlow 0.9 to 2.19",
    framework: Program::Tensorflow,
    signatures: &[
        "failed to create cublas handle",
        "create cudnn handle",
        "from device: CUDA_ERROR_OUT",
    ],
    head: r"(?:failedtocreate|Couldnotcreate)(?:cublas|cudnn|cusolver|cufft|hipblas|rocblas|miopen)(?:Dn)?handle:(?:error)?[A-Za-z]{3,10}_STATUS_(?:ALLOC_FAILED|NOT_INITIALIZED|INTERNAL_ERROR)",
    accepts: Some(accepts),
    reach: 1200,
    fields: &[
        Field(
            Key::Tried,
            r"failedtoallocate[0-9.]+[kmgt]?i?b?\({bytes}bytes\)fromdevice:",
        ),
        // cuda_dnn.cc says what the driver has, below.
        Field(Key::Free, r"Memoryusage:{bytes}bytesfree"),
        Field(
            Key::Total,
            r"Memoryusage:\d{1,16}bytesfree,{bytes}bytestotal",
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "E tensorflow/stream_executor/cuda/cuda_blas.cc:238] failed to create cublas handle: CUBLAS_STATUS_NOT_INITIALIZED\nE tensorflow/stream_executor/cuda/cuda_driver.cc:828] failed to allocate 48.00M (50331648 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY: out of memory",
            &[(Key::Tried, "50331648")],
        ),
        Example(
            "E external/xla/xla/stream_executor/cuda/cuda_dnn.cc:439] Could not create cudnn handle: CUDNN_STATUS_ALLOC_FAILED\nE external/xla/xla/stream_executor/cuda/cuda_dnn.cc:443] Memory usage: 8388608 bytes free, 8589934592 bytes total.",
            &[(Key::Free, "8388608"), (Key::Total, "8589934592")],
        ),
    ],
    texts: &[
        "E tensorflow/stream_executor/cuda/cuda_dnn.cc:329] Could not create cudnn handle: CUDNN_STATUS_ALLOC_FAILED",
    ],
    silent: &[
        // Without a word of memory it is as likely the driver.
        "E cuda_dnn.cc:329] Could not create cudnn handle: CUDNN_STATUS_INTERNAL_ERROR\nLoaded runtime CuDNN library: 7.1.4 but \
        source was compiled with: 7.6.0",
        // The driver's refusals alone are a search for a size that fits.
        "failed to allocate 3.00G (3221225472 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY: out of memory",
    ],
    ..Message::EMPTY
};

/// A driver that does not match says the same, but for the one status that speaks of memory: else the driver must have refused
/// memory close by.
fn accepts(hit: &Match<'_>) -> bool {
    hit.capture(r"^[!-~]{0,60}ALLOC_FAILED").is_some()
        || is_in(REFUSED, hit.text)
        || is_in(REFUSED, hit.before)
        || hit
            .capture(NOTHING_FREE)
            .is_some_and(|free| free.len() <= FULL)
}

/// What `cuda_dnn.cc` found free, below its failure.
const NOTHING_FREE: &str = r"Memoryusage:(\d{1,16})bytesfree";

/// A device with less than 100 MB free, in digits of its bytes, has no room for a handle.
const FULL: usize = 8;

/// The driver's refusal: its exact size stands in parentheses.
const REFUSED: &str = r"failedtoallocate[0-9.]+[kmgt]?i?b?\({bytes}bytes\)fromdevice:(?:[A-Z_]{0,30}:){0,3}(?:CUDA_ERROR_OUT_OF_MEMORY|HIP_ERROR_OutOfMemory)";

/// True where JAX stands around: it builds the same files from XLA's own tree, and ends in an exception of its own.
pub(super) fn of_jax(hit: &Match<'_>) -> bool {
    const JAX: [&str; 6] = [
        "XlaRuntimeError",
        "JaxRuntimeError",
        "/jax/_src/",
        "jaxlib.",
        "external/xla/xla/",
        "JAX_PLATFORMS",
    ];
    let above = tail(hit.before, 1500);
    JAX.iter()
        .any(|word| holds(above, word) || holds(hit.text, word))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::Library);
    if of_jax(hit) {
        incident.framework = Program::Jax;
    }
    // What the driver refused first mostly stands above: each further try asks for a tenth less.
    let Some(found) = cached(REFUSED).and_then(|refused| refused.captures(hit.before)) else {
        return;
    };
    let Some(size) = found.get(1) else { return };
    if let Ok(bytes) = size.as_str().parse() {
        let fact = Fact {
            bytes: Bytes::exact(bytes),
            text: size.as_str().to_owned(),
            line: hit.line_back(hit.before.len() - size.start()),
            source: FactSource::Message,
        };
        incident.facts.insert(Key::Tried, fact);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Key;
    use crate::messages::examples::{failures, one};

    #[test]
    fn what_the_driver_refused_before_is_what_was_asked_for() {
        let text = "failed to allocate 3.00G (3221225472 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY\nfailed to allocate 2.70G \
            (2899102720 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY\ncuda_dnn.cc:397] could not create cudnn handle: \
            CUDNN_STATUS_NOT_INITIALIZED";
        let incident = one(text).incident;
        let tried = incident.facts.fact(Key::Tried).unwrap();
        assert_eq!((tried.text.as_str(), tried.line), ("3221225472", 1));
    }

    #[test]
    fn a_status_that_says_little_and_a_full_device_below_it() {
        let said = |free: &str| {
            format!(
                "E cuda_dnn.cc:456] Could not create cudnn handle: CUDNN_STATUS_INTERNAL_ERROR\nE cuda_dnn.cc:460] Memory usage: {free} \
                 bytes free, 25250627584 bytes total."
            )
        };
        assert_eq!(failures(&said("1179648")), ["tensorflow-handle"]);
        assert!(failures(&said("11796480000")).is_empty());
    }
}
