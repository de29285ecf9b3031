//! Who calls a function of the program, and whether that happens again and again.

use tree_sitter::Node;

use super::code::Code;

/// What a trainer calls for each batch (lightning, `hooks.py`; transformers, `trainer.py`), a loader for each sample.
const STEPS: [&str; 8] = [
    "training_step",
    "validation_step",
    "test_step",
    "predict_step",
    "compute_loss",
    "__getitem__",
    "on_step_end",
    "on_evaluate",
];
/// Functions that call what they are given again and again.
const REPEATS: [&str; 8] = [
    "optimize",
    "map",
    "imap",
    "starmap",
    "agent",
    "fmin",
    "minimize",
    "to_thread",
];
/// Ends of the decorators of what a server calls for each request.
const SERVES: [&str; 6] = [".post", ".get", ".put", ".route", ".websocket", ".task"];
/// Methods of lists, dicts, sets and queues.
const OF_CONTAINERS: [&str; 14] = [
    "append",
    "appendleft",
    "add",
    "extend",
    "insert",
    "put",
    "update",
    "get",
    "pop",
    "clear",
    "remove",
    "setdefault",
    "items",
    "copy",
];

impl<'t> Code<'t> {
    /// True where a function is called in a loop, or by a trainer for each batch, by whatever calls it in the end.
    pub(super) fn runs_often(&self, function: Node<'t>) -> bool {
        if let Some(known) = self.often.borrow().get(&function.id()) {
            return *known;
        }
        // One that calls itself is not asked again.
        self.often.borrow_mut().insert(function.id(), false);
        let often = self.is_a_step(function) || self.is_repeated(function);
        self.often.borrow_mut().insert(function.id(), often);
        often
    }

    fn is_a_step(&self, function: Node<'t>) -> bool {
        let name = self.field(function, "name");
        let metric = name == "update"
            && self
                .class_of(function)
                .is_some_and(|class| self.field(class, "superclasses").contains("Metric"));
        STEPS.contains(&name) || metric || self.is_a_callback(function) || self.serves(function)
    }

    /// True for `on_train_epoch_end` of a callback or a module (lightning, `callback.py`), `on_step_end` (transformers).
    fn is_a_callback(&self, function: Node<'t>) -> bool {
        let name = self.field(function, "name");
        let often = ["epoch", "batch", "step"];
        let class = self.class_of(function);
        name.ends_with("_batch_end")
            || class.is_some()
                && name.starts_with("on_")
                && often.iter().any(|word| name.contains(word))
    }

    /// True for `@app.post("/ask")`.
    fn serves(&self, function: Node<'t>) -> bool {
        self.decorators(function).any(|decorator| {
            let called = decorator.split('(').next().unwrap_or_default();
            SERVES.iter().any(|end| called.ends_with(end))
        })
    }

    /// The texts of the decorators of a function, without their signs.
    pub(super) fn decorators(&self, function: Node<'t>) -> impl Iterator<Item = &'t str> {
        let around = self
            .around(function)
            .next()
            .filter(|n| n.kind() == "decorated_definition");
        let mut found = Vec::new();
        if let Some(around) = around {
            let mut cursor = around.walk();
            for one in around.named_children(&mut cursor) {
                if one.kind() == "decorator" {
                    found.push(self.of(one).trim_start_matches('@').trim());
                }
            }
        }
        found.into_iter()
    }

    fn is_repeated(&self, function: Node<'t>) -> bool {
        let name = self.field(function, "name");
        if name.is_empty() {
            return false;
        }
        let again = |call: Node<'t>| {
            let outer = self.function(call).filter(|f| f.id() != function.id());
            self.in_a_loop(call) || outer.is_some_and(|f| self.runs_often(f))
        };
        let by_name = !OF_CONTAINERS.contains(&name)
            && self.calls(name).any(|call| !self.loops(call).is_empty());
        let given = |call: Node<'t>| {
            let called = self.field(call, "function");
            let last = called.rsplit('.').next().unwrap_or(called);
            REPEATS.contains(&last) || again(call)
        };
        by_name || self.calls_of(function).any(again) || self.handed(name).any(given)
    }

    /// True in the body of a loop or of a comprehension.
    pub(super) fn in_a_loop(&self, node: Node<'t>) -> bool {
        self.around(node)
            .take_while(|n| !matches!(n.kind(), "function_definition" | "lambda"))
            .any(|n| {
                matches!(n.kind(), "for_statement" | "while_statement")
                    || n.kind().ends_with("comprehension")
                    || n.kind() == "generator_expression"
            })
    }

    /// The class whose method a function is.
    pub(super) fn class_of(&self, function: Node<'t>) -> Option<Node<'t>> {
        let mut around = self.around(function);
        let outer =
            around.find(|n| matches!(n.kind(), "class_definition" | "function_definition"))?;
        (outer.kind() == "class_definition").then_some(outer)
    }

    /// The class of this program whose object a method is called of: `meter.update(x)` behind `meter = Meter()`.
    fn class_of_object(&self, object: &str, call: Node<'t>) -> Option<&'t str> {
        if object == "self" {
            let class = self.around(call).find(|n| n.kind() == "class_definition")?;
            return Some(self.field(class, "name"));
        }
        let known = |name: &str| {
            let mut classes = self.kind("class_definition");
            classes.any(|class| self.field(class, "name") == name)
        };
        let own = object.strip_prefix("self.");
        let given = self
            .given(object)
            .chain(self.given(own.unwrap_or_default()));
        let mut made = given.filter_map(|given| {
            let right = given.child_by_field_name("right")?;
            let called = self.field(right, "function").rsplit('.').next()?;
            (right.kind() == "call" && known(called)).then_some(called)
        });
        made.next()
    }

    /// True where a call may be one of this method: its object is of that class, or is not known and the method takes as many.
    fn calls_method(&self, call: Node<'t>, method: Node<'t>, class: Node<'t>, alone: bool) -> bool {
        let called = self.field(call, "function");
        let Some((object, _)) = called.rsplit_once('.') else {
            return alone;
        };
        match self.class_of_object(object, call) {
            Some(known) => known == self.field(class, "name"),
            None if OF_CONTAINERS.contains(&self.field(method, "name")) => {
                alone && takes(method, call)
            }
            None => alone,
        }
    }

    /// The calls of a function of this program: by its own name where no other one has it, as a method of its class, and by what is
    /// given the function that makes it.
    pub(super) fn calls_of(&self, function: Node<'t>) -> impl Iterator<Item = Node<'t>> + '_ {
        let name = self.field(function, "name");
        let mut same = self
            .kind("function_definition")
            .filter(|f| self.field(*f, "name") == name);
        let alone = !name.is_empty() && same.by_ref().take(2).count() == 1;
        let class = self.class_of(function);
        let own = self.calls(name).filter(move |call| {
            let dotted = self.field(*call, "function").contains('.');
            match class {
                Some(class) => dotted && self.calls_method(*call, function, class, alone),
                // A function that is no method goes by its own name: `dist.sample()` calls another one.
                None => alone && !dotted,
            }
        });
        let others = self.made_by_a_maker(function).into_iter();
        let others = others.flat_map(|name| self.calls(name));
        others
            .filter(|call| !self.field(*call, "function").contains('.'))
            .chain(own)
    }

    /// `track` of `track = make_tracker()`, where `make_tracker` returns this function.
    fn made_by_a_maker(&self, function: Node<'t>) -> Vec<&'t str> {
        let name = self.field(function, "name");
        let Some(maker) = self.function(function) else {
            return Vec::new();
        };
        let mut returns = self.below(maker).filter(|n| n.kind() == "return_statement");
        let returned = returns.any(|n| n.named_child(0).is_some_and(|what| self.of(what) == name));
        let call = format!("{}(", self.field(maker, "name"));
        let given = self
            .kind("assignment")
            .filter(|n| returned && self.field(*n, "right").starts_with(&call));
        let given = given.map(|n| self.field(n, "left"));
        // `@traced` above a function makes this one of it.
        let decorates = format!("@{}", self.field(maker, "name"));
        let decorated = self.kind("decorator").filter(|n| {
            returned && self.of(*n).split('(').next().map(str::trim) == Some(decorates.as_str())
        });
        let under = decorated.filter_map(|n| {
            let whole = self.around(n).next()?.child_by_field_name("definition")?;
            Some(self.field(whole, "name"))
        });
        given.chain(under).collect()
    }

    /// The function of this program that a call calls, where one alone can be meant.
    pub(super) fn function_of(&self, call: Node<'t>) -> Option<Node<'t>> {
        let called = self.field(call, "function");
        let name = called.rsplit('.').next().unwrap_or(called);
        let object = called.rsplit_once('.').map(|(object, _)| object);
        let class = object.and_then(|object| self.class_of_object(object, call));
        let named: Vec<Node<'t>> = self
            .kind("function_definition")
            .filter(|f| self.field(*f, "name") == name)
            .collect();
        let mut fitting = named.iter().copied().filter(|f| {
            let of = self.class_of(*f);
            match class {
                Some(class) => of.is_some_and(|of| self.field(of, "name") == class),
                None => object.is_some() || of.is_none(),
            }
        });
        let first = fitting.next();
        let alone = fitting.next().is_none();
        match first {
            None if object.is_none() => self.decorated_here(call, name),
            Some(one) if alone => Some(one),
            // A method that the class takes from another one.
            None if class.is_some() && named.len() == 1 => named.first().copied(),
            _ => None,
        }
    }

    /// The function that `fn` of `def memoize(fn):` stands for, where that decorates one.
    fn decorated_here(&self, call: Node<'t>, name: &str) -> Option<Node<'t>> {
        let mut makers = self
            .around(call)
            .filter(|n| n.kind() == "function_definition");
        let maker = makers.find(|f| {
            let mut given = super::handed_over::parameters(self, *f);
            given.any(|one| one == name)
        })?;
        let sign = format!("@{}", self.field(maker, "name"));
        let mut decorators = self.kind("decorator");
        let one = decorators
            .find(|n| self.of(*n).split('(').next().map(str::trim) == Some(sign.as_str()))?;
        let whole = self.around(one).next()?;
        whole
            .child_by_field_name("definition")
            .filter(|f| f.kind() == "function_definition")
    }
}
/// True where a function takes as many arguments as a call gives, and more than a container's method would.
fn takes(method: Node<'_>, call: Node<'_>) -> bool {
    let count = |node: Option<Node<'_>>| node.map_or(0, |node| node.named_child_count());
    let given = count(call.child_by_field_name("arguments"));
    let taken = count(method.child_by_field_name("parameters"));
    given >= 2 && taken == given + 1
}
