//! What runs a model with its graph behind `model.eval()`: until it trains again, in a file that learns nothing, and for a teacher
//! beside the model that learns.

use tree_sitter::Node;

use super::evaluated::LEARNS;
use super::finder::Finder;
use super::values::Value;
use crate::evidence::{Clue, ClueKind};

/// Methods of a model that give the model itself.
const ITSELF: [&str; 6] = ["cuda", "to", "half", "bfloat16", "float", "requires_grad_"];
/// Methods that run a model as its call does; `generate`, `predict` and the like switch the graph off by themselves.
const RUNS: [&str; 8] = [
    "forward",
    "forward_features",
    "extract_features",
    "encode_image",
    "encode_text",
    "get_image_features",
    "get_text_features",
    "get_audio_features",
];
/// Words of a step that learns, or needs gradients for something else.
const STEPS: [&str; 9] = [
    "backward(",
    "autograd",
    "optim",
    "scaler",
    "zero_grad",
    "requires_grad",
    "set_grad_enabled",
    ".fit(",
    "retain_grad",
];
/// Names of what goes in and out of a loop of training beside the model.
const NO_MODEL: [&str; 4] = ["loss", "crit", "metric", "tokenizer"];

impl<'t> Finder<'_, 't> {
    /// `net.eval()`, and behind it in the same block what runs it, before it trains again.
    pub(super) fn after_eval(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let name = self.switched(call)?;
        let statement = code
            .around(call)
            .find(|n| n.kind() == "expression_statement")?;
        let block = code.around(statement).next()?;
        let mut cursor = block.walk();
        let behind = block
            .named_children(&mut cursor)
            .filter(|n| n.start_byte() >= statement.end_byte());
        let trains = [format!("{name}.train("), format!("{name}.train)")];
        let span: Vec<Node<'t>> = behind
            .take_while(|n| !trains.iter().any(|word| code.of(*n).contains(word)))
            .collect();
        // A pass that is not here and that somebody learns from.
        let learns = span.iter().any(|n| self.learns(*n)) || self.frozen(name);
        let function = code.function(call);
        let trains = function.is_some_and(|f| code.field(f, "name").starts_with("train"))
            && span.iter().all(|n| !code.of(*n).contains("val"));
        if learns
            || trains
            || function.is_some_and(|f| code.called_without_graph(f) || self.learned_by_callers(f))
        {
            return None;
        }
        let mut all = span.iter().flat_map(|n| code.below(*n));
        let found = all.find(|n| self.runs(*n, name) && self.evaluates_here(*n))?;
        Some(self.switched_off(found, name))
    }

    /// Calls of a model that was switched to evaluation, or comes trained, in a file that learns nothing.
    pub(super) fn without_learning(&self) -> Vec<Clue> {
        let code = self.code;
        let mut learns = LEARNS.iter().chain(&STEPS);
        if learns.any(|word| code.text.contains(word)) {
            return Vec::new();
        }
        let evaluated = code.calls("eval").filter_map(|call| self.switched(call));
        let trained = code.kind("assignment").filter(|n| self.comes_trained(*n));
        let trained = trained.map(|n| code.field(n, "left"));
        let mut names: Vec<&str> = evaluated.chain(trained).collect();
        names.sort_unstable();
        names.dedup();
        let runs = code.kind("call").filter_map(|call| {
            let name = names.iter().find(|name| self.runs(call, name))?;
            let own = self.evaluates_here(call) && !self.in_a_module(call);
            own.then(|| self.switched_off(call, name))
        });
        runs.collect()
    }

    /// `teacher(x)` beside the model that learns: it was switched to evaluation, no optimizer has its weights, and nothing that it is
    /// given has a graph.
    pub(super) fn teacher(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let name = code.field(call, "function");
        let evaluated = code.calls("eval").any(|n| self.switched(n) == Some(name));
        let others = code.calls("parameters").any(|n| {
            let whole = code.field(n, "function").strip_suffix(".parameters");
            whole.is_some_and(|whole| whole != name)
        });
        if !evaluated
            || !others
            || self.frozen(name)
            || code.text.contains(&format!("{name}.parameters("))
            || code.text.contains(&format!("{name}.train("))
            || !self.evaluates_here(call)
        {
            return None;
        }
        let given = call.child_by_field_name("arguments")?;
        let mut names = code.below(given).filter(|n| n.kind() == "identifier");
        let learns = code.function(call).or(code.nodes.first().copied())?;
        let steps = code
            .below(learns)
            .any(|n| n.kind() == "call" && code.field(n, "function").ends_with("backward"));
        let plain = names.all(|n| self.values.of(n) <= Value::Tensor);
        (steps && plain).then(|| self.clue(ClueKind::EvalWithGraph, call, name))
    }

    /// `eps = net(x, t)` in a loop back through the time of a diffusion, in a function that learns nothing.
    pub(super) fn denoises(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let name = code.field(call, "function");
        let around = code.loops(call).into_iter().next()?;
        let over = code.field(around, "right");
        let back = over.contains("reversed(range(")
            || over.ends_with(".timesteps")
            || over.contains(".timesteps)");
        let function = code.function(call).filter(|_| back)?;
        let model = ["model", "net"].iter().any(|word| name.ends_with(word)) && !name.is_empty();
        let learns = STEPS.iter().any(|word| code.of(function).contains(word));
        if !model
            || learns
            || self.frozen(name)
            || self.learned_by_callers(function)
            || !self.evaluates_here(call)
        {
            return None;
        }
        Some(self.switched_off(call, name))
    }

    /// `net` of `net.eval()` and `net.cuda().eval()`, and of what those are given to.
    fn switched(&self, call: Node<'t>) -> Option<&'t str> {
        let code = self.code;
        if code.field(call, "function").strip_suffix(".eval").is_none()
            || code.field(call, "arguments") != "()"
        {
            return None;
        }
        let mut around = code.around(call);
        let whole = around.find(|n| !matches!(n.kind(), "call" | "attribute"));
        if let Some(given) = whole.filter(|n| n.kind() == "assignment") {
            let name = code.field(given, "left");
            return name
                .chars()
                .all(|c| c.is_alphanumeric() || "_.".contains(c))
                .then_some(name);
        }
        let mut object = call
            .child_by_field_name("function")?
            .child_by_field_name("object")?;
        while object.kind() == "call" {
            let method = object.child_by_field_name("function")?;
            if !ITSELF.contains(&code.field(method, "attribute")) {
                return None;
            }
            object = method.child_by_field_name("object")?;
        }
        matches!(object.kind(), "identifier" | "attribute").then(|| code.of(object))
    }

    /// `model = AutoModel.from_pretrained(name).cuda()`: it is switched to evaluation (transformers, `modeling_utils.py`).
    fn comes_trained(&self, given: Node<'t>) -> bool {
        let right = self.code.field(given, "right");
        let class = right.split('(').next().unwrap_or_default();
        let model = class.contains("Model") && class.ends_with(".from_pretrained");
        let left = given.child_by_field_name("left");
        model && left.is_some_and(|left| left.kind() == "identifier") && !self.in_a_module(given)
    }

    /// True where a call runs a model: itself, a method that does, or what looks through a large picture with it.
    fn runs(&self, call: Node<'t>, name: &str) -> bool {
        let code = self.code;
        let called = code.field(call, "function");
        if call.kind() != "call" || NO_MODEL.iter().any(|word| name.contains(word)) {
            return false;
        }
        if called == name || name == "self" && self.own_part(called) {
            return true;
        }
        let method = called
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('.'));
        if method.is_some_and(|method| RUNS.contains(&method)) {
            return true;
        }
        // MONAI's windows are given the model (monai/inferers/utils.py).
        let windows = called.ends_with("sliding_window_inference");
        let arguments = call.child_by_field_name("arguments").filter(|_| windows);
        arguments.is_some_and(|given| code.below(given).any(|n| code.of(n) == name))
    }

    /// True for `self.encoder`, which is an attribute that was given a module, and no method.
    fn own_part(&self, called: &str) -> bool {
        let code = self.code;
        let Some(part) = called
            .strip_prefix("self.")
            .filter(|part| !part.contains('.'))
        else {
            return false;
        };
        let mut functions = code.kind("function_definition");
        !functions.any(|f| code.field(f, "name") == part)
            && code.given(called).next().is_some()
            && !NO_MODEL.iter().any(|word| part.contains(word))
    }

    /// True where nothing around a call switches the graph off, and its result is not handed on as it is.
    fn evaluates_here(&self, call: Node<'t>) -> bool {
        let code = self.code;
        let function = code.function(call);
        let returned = code
            .around(call)
            .next()
            .is_some_and(|n| n.kind() == "return_statement");
        let off = function.is_some_and(|f| code.called_without_graph(f));
        !returned && !off && !code.without_graph(call)
    }

    /// True in the methods of a module, which trains elsewhere.
    fn in_a_module(&self, node: Node<'t>) -> bool {
        let code = self.code;
        let mut classes = code.around(node).filter(|n| n.kind() == "class_definition");
        classes.any(|class| code.field(class, "superclasses").contains("Module"))
    }

    /// True where the weights of a model need no gradients: `net.requires_grad_(False)`, `p.requires_grad = False` for all of them.
    pub(super) fn frozen(&self, name: &str) -> bool {
        let code = self.code;
        let last = name.rsplit('.').next().unwrap_or(name);
        let own = format!("{last}.requires_grad_(False)");
        let chained = |call: Node<'t>| {
            let mut around = code.around(call).take_while(|n| n.kind() != "block");
            code.field(call, "arguments") == "(False)"
                && around.any(|n| n.kind() == "assignment" && code.field(n, "left") == name)
        };
        let weights = format!("{last}.parameters(");
        code.text.contains(&own)
            || code.calls("requires_grad_").any(chained)
            || code.kind("for_statement").any(|around| {
                let body = code.field(around, "body");
                let off = body.contains("requires_grad = False")
                    || body.contains("requires_grad_(False)");
                off && code.field(around, "right").contains(&weights)
            })
    }

    /// True for a statement that learns, itself or in a function of this file that it calls.
    fn learns(&self, statement: Node<'t>) -> bool {
        let code = self.code;
        let says = |text: &str| STEPS.iter().any(|word| text.contains(word));
        let calls = code.below(statement).filter(|n| n.kind() == "call");
        says(code.of(statement))
            || calls.into_iter().any(|call| {
                let called = code
                    .field(call, "function")
                    .rsplit('.')
                    .next()
                    .unwrap_or_default();
                let mut functions = code.kind("function_definition");
                functions
                    .any(|f| code.field(f, "name") == called && code.of(f).contains("backward("))
            })
    }

    /// The clue, with its function's head decorated where that can be written.
    fn switched_off(&self, call: Node<'t>, name: &str) -> Clue {
        let code = self.code;
        let Some(function) = code.function(call) else {
            return self.without_a_graph(call, name);
        };
        let mut clue = self.clue(ClueKind::EvalWithGraph, call, name);
        let learns = code.field(function, "body");
        if !STEPS.iter().any(|word| learns.contains(word)) {
            clue.patch = self.decorated(function);
        }
        clue
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    fn evaluates(text: &str) -> Vec<u64> {
        let all = found(text).into_iter();
        let own = all.filter(|(kind, _)| *kind == ClueKind::EvalWithGraph);
        own.map(|(_, line)| line).collect()
    }

    #[test]
    fn what_runs_with_its_graph_behind_eval_is_found_whatever_its_name() {
        for (text, line) in [
            // Until it trains again.
            (
                "def fit(cnn):\n    for e in range(9):\n        cnn.train()\n        for x in data:\n            cnn(x).mean().backward()\n        cnn.eval()\n        for x in held:\n            hits += cnn(x).argmax(1).sum().item()\n",
                8,
            ),
            (
                "class Run:\n    def score(self):\n        self.net.cuda().eval()\n        for x in held:\n            y = self.net(x)\n        self.net.train()\n",
                5,
            ),
            // A file that learns nothing.
            (
                "llm = AutoModelForCausalLM.from_pretrained(name).cuda()\ndef score(x):\n    out = llm(x, labels=x)\n    return out.loss.item()\n",
                3,
            ),
            // A teacher beside what learns.
            (
                "big.eval()\nopt = SGD(small.parameters())\nfor x in data:\n    t = big(x)\n    kl(small(x), t).backward()\n    opt.step()\n",
                4,
            ),
            (
                "def sample(net, x):\n    for t in reversed(range(1000)):\n        x = step(x, net(x, t), t)\n    return x\n",
                3,
            ),
        ] {
            assert_eq!(evaluates(text), [line], "{text}");
        }
    }

    #[test]
    fn gradients_of_a_model_in_evaluation_are_no_fault() {
        for text in [
            // Of its input, of its normalization, of what it judges.
            "def attack(net, x):\n    net.eval()\n    x.requires_grad_()\n    torch.autograd.grad(net(x).sum(), x)\n",
            "def adapt(net):\n    net.eval()\n    for x in data:\n        entropy(net(x)).backward()\n",
            "percept = LPIPS().eval()\nopt = Adam(gen.parameters())\nfor z in data:\n    y = gen(z)\n    loss = percept(y)\n    loss.backward()\n",
            // No graph is made.
            "net.eval()\nnet.requires_grad_(False)\nfor x in data:\n    y = net(x)\n",
            "def predict(net):\n    net.eval()\n    with ExitStack() as stack:\n        stack.enter_context(torch.no_grad())\n        y = net(x)\n",
            "class P:\n    def __init__(self, net):\n        torch.set_grad_enabled(False)\n        self.net = net.eval()\n    def predict(self, x):\n        y = self.net(x)\n",
        ] {
            assert!(evaluates(text).is_empty(), "{text}: {:?}", evaluates(text));
        }
    }
}
