//! Ray's store of objects on a node is full: it lies in shared memory, and takes a share of the RAM that is set at the start.

use crate::evidence::{Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::RayObjectStore,
    printed_by: "ray-project/ray python/ray/_raylet.pyx (put_file_like_object, _put_serialized_object) and python/ray/exceptions.py (ObjectStoreFullError)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["in object store because it is full"],
    head: r"Failedtoputobject[0-9a-z]{1,80}inobjectstorebecauseitisfull\.",
    reach: 300,
    fields: &[Field(Key::Tried, r"Objectsizeis{bytes}bytes")],
    examples: &[
        Example(
            "ray.exceptions.ObjectStoreFullError: Failed to put object 00ffff0100000001000000 in object store because it is full. Object size is 3221225472 bytes.",
            &[(Key::Tried, "3221225472")],
        ),
        Example(
            "ObjectStoreFullError: Failed to put object 00ffff0100000001000000 in object store because it is full. Object size is 1073741824 bytes.\nThe local object store is full of objects that are still in scope and cannot be evicted.",
            &[(Key::Tried, "1073741824")],
        ),
    ],
    ..Message::EMPTY
};
