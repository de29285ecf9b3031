//! "The paging file is too small for this operation to complete": Windows has promised all the memory that it has.

use crate::evidence::{Incident, Memory, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::WindowsCommit,
    printed_by: "Windows, ERROR_COMMITMENT_LIMIT (1455, winerror.h), through Python (WinError) and Rust (os error)",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &[
        "paging file is too small",
        "(os error 1455)",
        "[WinError 1455]",
    ],
    head: r"(?:\[WinError1455\])?Thepagingfileistoosmallforthisoperationtocomplete|\(oserror1455\)|\[WinError1455\]",
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    texts: &[
        "OSError: The paging file is too small for this operation to complete. (os error 1455)",
        "OSError: [WinError 1455] The paging file is too small for this operation to complete. Error loading \
                   \"C:\\venv\\Lib\\site-packages\\torch\\lib\\cufft64_11.dll\" or one of its dependencies.",
    ],
    ..Message::EMPTY
};

/// The number alone comes where Windows speaks another language; behind the sentence it is the same failure.
fn accepts(hit: &Match<'_>) -> bool {
    const SENTENCE: &str = "pagingfileistoosmallforthisoperationtocomplete";
    !crate::messages::holds(crate::messages::tail(hit.before, 80), SENTENCE)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::setting(hit, incident, (SettingKind::Windows, "1455"), "");
}
