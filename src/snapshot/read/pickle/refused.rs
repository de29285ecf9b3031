//! The instructions that make Python load, construct or call something. They are named and never carried out.

use super::super::assembly::Fault;
use super::super::value::Value;
use super::{Arguments, Pickle, Step, Stepped, Stop};

impl Pickle {
    /// Refuses an instruction by its name and what it is about; one that does not exist is damage.
    #[cold]
    pub(super) fn refuse(&self, instruction: u8, arguments: &mut Arguments<'_>) -> Stepped {
        let mut target = String::new();
        let name = match instruction {
            b'c' | b'i' => {
                let (Some(module), Some(name)) = (arguments.line()?, arguments.line()?) else {
                    return Ok(Step::More);
                };
                target = format!("{}.{}", shown(module), shown(name));
                if instruction == b'c' {
                    "GLOBAL"
                } else {
                    "INST"
                }
            }
            0x93 => {
                target = self.named_on_the_stack();
                "STACK_GLOBAL"
            }
            b'P' => {
                let Some(id) = arguments.line()? else {
                    return Ok(Step::More);
                };
                target = shown(id);
                "PERSID"
            }
            b'Q' => "BINPERSID",
            b'R' => "REDUCE",
            b'b' => "BUILD",
            b'o' => "OBJ",
            0x81 => "NEWOBJ",
            0x82 => "EXT1",
            0x83 => "EXT2",
            0x84 => "EXT4",
            0x92 => "NEWOBJ_EX",
            0x97 => "NEXT_BUFFER",
            0x98 => "READONLY_BUFFER",
            _ => return Err(Fault::Damaged("an instruction that does not exist").into()),
        };
        Err(Stop::Refused(name, target))
    }

    /// The module and the name that `STACK_GLOBAL` would load.
    fn named_on_the_stack(&self) -> String {
        let text = |value: &Value| match value {
            Value::Text(id) => shown(self.assembly.names.get(*id).as_bytes()),
            _ => "?".to_owned(),
        };
        match self.assembly.stack.as_slice() {
            [.., module, name] => format!("{}.{}", text(module), text(name)),
            _ => String::new(),
        }
    }
}

/// A name of the file, short enough for a message.
fn shown(raw: &[u8]) -> String {
    const LONGEST: usize = 80;
    String::from_utf8_lossy(raw).chars().take(LONGEST).collect()
}
