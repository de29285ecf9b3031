//! macOS ends the largest process when memory runs out, and says so in its log and in a `JetsamEvent` report.

use crate::evidence::{Incident, Key, Memory, MessageId, Part, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::Jetsam,
    printed_by: "apple-oss-distributions/xnu bsd/kern/kern_memorystatus.c (memorystatus: killing…), osfmk/vm (low swap: killing…); ReportCrash, JetsamEvent-*.ips",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "memorystatus: killing",
        "killing largest compressed process",
        "\"largestProcess\"",
    ],
    head: r#"memorystatus:killing[a-z_]{0,40}(?:process)?pid\d{1,10}\[|lowswap:killinglargestcompressedprocesswithpid\d{1,10}\(|"largestProcess":"[^"]{1,60}","memoryStatus""#,
    reach: 400,
    more: Some(more),
    examples: &[Example(
        "low swap: killing largest compressed process with pid 812 (python3.11) and size 21000 MB",
        &[(Key::ProcessInUse, "21000 MB")],
    )],
    texts: &[
        "memorystatus: killing_top_process pid 812 [python3.11] (vm-compressor-space-shortage) 31000 - memorystatus_available_pages: 8000",
        "  \"largestProcess\" : \"Python\",\n  \"memoryStatus\" : {\n    \"compressorSize\" : 7365318,",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::machine(incident, &[]);
    for (part, pattern) in [
        (Part::Pid, r"pid(\d{1,10})[\[(]"),
        (Part::Process, r"pid\d{1,10}[\[(]([\w.+-]{1,60})[\])]"),
        (Part::Process, r#""largestProcess":"([^"]{1,60})""#),
    ] {
        told::name(hit, incident, part, pattern);
    }
    told::size(
        hit,
        incident,
        (Key::ProcessInUse, hit.text),
        r"andsize(\d{1,9})(MB)",
    );
}
