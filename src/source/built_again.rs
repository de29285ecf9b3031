//! Models that a loop builds while the one of its last turn is still there.

use tree_sitter::Node;

use super::finder::Finder;
use super::values::Value;
use crate::evidence::{Clue, ClueKind};

/// They hold no weights.
const LIGHT: [&str; 7] = [
    "okenizer",
    "Config",
    "Processor",
    "Scheduler",
    "Extractor",
    "scheduler",
    "processor",
];

impl<'t> Finder<'_, 't> {
    /// `model = Net().cuda()` in a loop, where nothing lets the last one go before.
    pub(super) fn model_again(&self, node: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let (left, right) = (
            node.child_by_field_name("left")?,
            node.child_by_field_name("right")?,
        );
        if left.kind() != "identifier" || right.kind() != "call" {
            return None;
        }
        let (name, text) = (code.of(left), code.of(right));
        let around = code.loops(node).into_iter().next()?;
        // `model = model.to(device)` builds nothing.
        let moves = text.starts_with(&format!("{name}."));
        // `if model is None:` builds one, once.
        let guarded = code
            .around(node)
            .take_while(|n| n.id() != around.id())
            .any(|n| {
                n.kind() == "if_statement"
                    && n.child_by_field_name("condition")
                        .is_some_and(|c| code.below(c).any(|part| code.of(part) == name))
            });
        if moves || guarded || !self.builds(right, name, around) || self.lets_go(around, name) {
            return None;
        }
        // On the host it takes the name, and the last one is gone before it goes to the GPU, unless something else holds that.
        let on_gpu = on_gpu(text) || code.below(right).any(|n| self.places(n));
        if !on_gpu && !self.holder(around, name) {
            return None;
        }
        let mut clue = self.clue(ClueKind::ModelAgain, node, name);
        let row = node.start_position().row;
        let old = code.line_at(row)?;
        let space = old.get(..node.start_position().column)?;
        if space.trim().is_empty() {
            let new = vec![format!("{space}{name} = None"), old.to_owned()];
            clue.patch = code.patch(row, new);
        }
        Some(clue)
    }

    /// True for a call that builds a model: by its class or its name, or by what the loop does with what it gives.
    fn builds(&self, right: Node<'t>, name: &str, around: Node<'t>) -> bool {
        let code = self.code;
        let made = self.made(right);
        let called = code.field(made, "function");
        if LIGHT.iter().any(|word| called.contains(word)) {
            return false;
        }
        let last = called.rsplit('.').next().unwrap_or(called);
        let known = last == "from_pretrained"
            || called == "pipeline"
            || code.is_module(called)
            || self.values.of(right) == Value::Object;
        // `net = resnet50().cuda()`, whose weights an optimizer gets; `x = load(key).cuda()` is data.
        let trained = || {
            let uses = ["parameters", "eval", "train"];
            uses.iter().any(|method| {
                let whole = format!("{name}.{method}");
                code.calls(method)
                    .any(|call| code.field(call, "function") == whole && within(call, around))
            })
        };
        let of_data = made.kind() != "call" || last.starts_with("load") && !last.contains("model");
        known || !of_data && trained()
    }

    /// `Net(width)` of `Net(width).half().to(device)`.
    fn made(&self, right: Node<'t>) -> Node<'t> {
        const ITSELF: [&str; 8] = [
            "cuda",
            "to",
            "train",
            "eval",
            "half",
            "bfloat16",
            "float",
            "requires_grad_",
        ];
        let mut made = right;
        while let Some(method) = made.child_by_field_name("function") {
            let inner = method.child_by_field_name("object");
            let same = ITSELF.contains(&self.code.field(method, "attribute"));
            match inner.filter(|inner| same && inner.kind() == "call") {
                Some(inner) => made = inner,
                None => break,
            }
        }
        made
    }

    /// True for a call of a function of this file that returns what it puts on the GPU.
    fn places(&self, call: Node<'t>) -> bool {
        let code = self.code;
        let called = code.field(call, "function");
        let mut functions = code.kind("function_definition");
        let found = functions.find(|f| call.kind() == "call" && code.field(*f, "name") == called);
        found.is_some_and(|f| {
            let mut returns = code.below(f).filter(|n| n.kind() == "return_statement");
            returns.any(|n| on_gpu(code.of(n)))
        })
    }

    /// True where something else of the loop keeps the last model: an optimizer of its weights, a trainer.
    fn holder(&self, around: Node<'t>, name: &str) -> bool {
        let code = self.code;
        let mut given = code.below(around).filter(|n| n.kind() == "assignment");
        given.any(|n| {
            let (left, right) = (code.field(n, "left"), code.field(n, "right"));
            let called = right.split('(').next().unwrap_or_default();
            let class = called.rsplit('.').next().unwrap_or(called);
            let keeps = class.starts_with(|c: char| c.is_ascii_uppercase())
                || class.contains("optim")
                || class == "prepare";
            let mut names = n
                .child_by_field_name("right")
                .into_iter()
                .flat_map(|right| code.below(right));
            let uses = names.any(|n| n.kind() == "identifier" && code.of(n) == name);
            left != name && keeps && uses && !self.lets_go(around, left)
        })
    }

    /// True where a loop lets go of a name, or puts what it names into a list, which is what keeps it then.
    fn lets_go(&self, around: Node<'t>, name: &str) -> bool {
        let code = self.code;
        let mut inner = code.below(around);
        inner.any(|n| {
            let names = n.kind() == "delete_statement"
                && code.of(n).split([' ', ',']).any(|one| one == name);
            let empty = n.kind() == "assignment"
                && code.of(n).ends_with("None")
                && code.of(n).split('=').any(|one| one.trim() == name);
            let function = code.field(n, "function");
            let kept = function.ends_with(".append")
                && code.field(n, "arguments").trim_matches(['(', ')']) == name;
            let host = function.strip_suffix(".cpu") == Some(name);
            names || empty || kept || host
        })
    }
}

/// True for an expression that puts a model on the GPU.
fn on_gpu(text: &str) -> bool {
    const PUTS: [&str; 6] = [
        ".cuda(",
        ".to(",
        "device_map=",
        "device=",
        "device =",
        "\"cuda\"",
    ];
    PUTS.iter().any(|word| text.contains(word)) && !text.contains("\"cpu\"")
}

fn within(node: Node<'_>, around: Node<'_>) -> bool {
    around.start_byte() <= node.start_byte() && node.end_byte() <= around.end_byte()
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    fn again(text: &str) -> bool {
        let mut all = found(text).into_iter();
        all.any(|(kind, _)| kind == ClueKind::ModelAgain)
    }

    #[test]
    fn a_model_that_still_has_its_name_is_found() {
        for text in [
            "class GCN(nn.Module):\n    pass\nfor seed in range(9):\n    gcn = GCN(8).to(device)\n    fit(gcn)\n",
            "for w in widths:\n    net = resnet50(w).cuda()\n    opt = SGD(net.parameters())\n",
            // The optimizer holds the last one.
            "for k in folds:\n    m = Head(GPT())\n    m.to(\"cuda\")\n    opt = AdamW(m.parameters())\n    m.train()\n",
            "def make():\n    return Net().to(\"cuda\")\nfor c in configs:\n    model = make()\n    model.train()\n",
            "for n in names:\n    summarizer = pipeline(\"summarization\", model=n, device=0)\n",
        ] {
            assert!(again(text), "{text}");
        }
    }

    #[test]
    fn a_model_that_is_gone_by_then_is_not() {
        for text in [
            "for seed in range(9):\n    net = None\n    net = Net().cuda()\n",
            "for k in folds:\n    net = Net().cuda()\n    opt = SGD(net.parameters())\n    net = opt = None\n",
            // On the host it takes the name first.
            "for w in widths:\n    model = UNet(w)\n    model = model.cuda()\n    fit(model)\n",
            "for x in data:\n    if model is None:\n        model = Net(x).cuda()\n",
            "for n in names:\n    net = build_model(n)\n    count(net.parameters())\n",
            "for x in data:\n    images = x[0].to(device)\n",
        ] {
            assert!(!again(text), "{text}");
        }
    }
}
