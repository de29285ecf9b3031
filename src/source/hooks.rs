//! Hooks that store what they are given.

use tree_sitter::Node;

use super::finder::Finder;
use super::values::{Value, Values};
use crate::evidence::{Clue, ClueKind};

/// Hooks that get tensors; those of optimizers and of saved states do not.
const HOOKS: [&str; 8] = [
    "register_hook",
    "register_forward_hook",
    "register_forward_pre_hook",
    "register_backward_hook",
    "register_full_backward_hook",
    "register_full_backward_pre_hook",
    "register_module_forward_hook",
    "register_post_accumulate_grad_hook",
];

impl<'t> Finder<'_, 't> {
    /// A function that a hook calls, and that stores what it gets.
    pub(super) fn hook(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let called = code.field(call, "function");
        let hooks = HOOKS.contains(&called.rsplit('.').next()?);
        let handler = call
            .child_by_field_name("arguments")?
            .named_child(0)
            .filter(|_| hooks)?;
        let function = self.handler(handler)?;
        let parameters: Vec<&str> = function.child_by_field_name("parameters").map(|p| {
            code.below(p)
                .filter(|n| n.kind() == "identifier")
                .map(|n| code.of(n))
                .collect()
        })?;
        let values = Values::new(code, parameters);
        code.below(function)
            .filter(|n| n.kind() == "call")
            .find_map(|stores| {
                let target = stores.child_by_field_name("function")?;
                let adds = matches!(code.field(target, "attribute"), "append" | "add" | "put");
                let what = stores
                    .child_by_field_name("arguments")?
                    .named_child(0)
                    .filter(|_| adds)?;
                let name = code.field(target, "object");
                (values.of(what) >= Value::Tensor).then_some(())?;
                if self.bounded(stores, name)
                    || self.begun_at_each_call(name)
                    || self.taken_off(call, name)
                {
                    return None;
                }
                let clue = self.clue(ClueKind::StoringHook, stores, name);
                let text = code.of(what);
                let cut = if text.contains(".detach()") {
                    ""
                } else {
                    ".detach()"
                };
                let new = format!("{text}{cut}.cpu()");
                Some(match what.kind() {
                    "identifier" | "attribute" | "call" => self.patched(clue, what, &new),
                    _ => clue,
                })
            })
    }

    /// True for a hook that its function takes off again, and whose list that function makes.
    fn taken_off(&self, call: Node<'t>, name: &str) -> bool {
        let code = self.code;
        code.function(call).is_some_and(|f| {
            let removes = code.calls("remove").any(|n| {
                let last = code.field(n, "arguments") == "()";
                last && code.function(n).map(|f| f.id()) == Some(f.id())
            });
            removes && self.given_in(f, name, call)
        })
    }

    /// True for a list that is made anew wherever the model is called.
    fn begun_at_each_call(&self, name: &str) -> bool {
        let code = self.code;
        let model = |n: Node<'t>| {
            code.function(n)
                .is_some_and(|f| code.field(f, "name") == "forward")
        };
        let mut made = code.given(name);
        made.by_ref().any(|n| model(n) || !code.loops(n).is_empty()) || code.given(name).count() > 1
    }

    /// The function that a hook calls: a name, a lambda, what a function of this file makes, `partial(keep, name)`.
    fn handler(&self, given: Node<'t>) -> Option<Node<'t>> {
        let code = self.code;
        let named = |name: &str| {
            let last = name.rsplit('.').next()?;
            code.kind("function_definition")
                .find(|f| code.field(*f, "name") == last)
        };
        match given.kind() {
            "lambda" => Some(given),
            "call" if code.field(given, "function").ends_with("partial") => {
                let first = given.child_by_field_name("arguments")?.named_child(0)?;
                named(code.of(first))
            }
            "call" => {
                let maker = named(code.field(given, "function"))?;
                let mut inner = code.below(maker).filter(|n| n.id() != maker.id());
                inner.find(|n| matches!(n.kind(), "function_definition" | "lambda"))
            }
            _ => named(code.of(given)),
        }
    }
}
