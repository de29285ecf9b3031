//! What is added up with its graph, and what is carried on by a backward pass that keeps it.

use tree_sitter::Node;

use super::finder::Finder;
use super::loops::runs_backward;
use super::values::Value;
use crate::evidence::{Clue, ClueKind};

impl<'t> Finder<'_, 't> {
    /// `total += loss`.
    pub(super) fn added(&self, node: Node<'t>) -> Option<Clue> {
        let right = node.child_by_field_name("right")?;
        let name = self.code.field(node, "left");
        if self.code.field(node, "operator") != "+=" {
            return None;
        }
        self.sum(node, name, right)
    }

    /// `total = total + loss`, `mean = 0.9 * mean + 0.1 * loss`.
    pub(super) fn added_by_name(&self, node: Node<'t>) -> Option<Clue> {
        let right = node.child_by_field_name("right")?;
        let name = self.code.field(node, "left");
        let mut terms = Vec::new();
        let mut todo = vec![right];
        while let Some(part) = todo.pop() {
            let adds = matches!(self.code.field(part, "operator"), "+" | "-");
            match part.kind() {
                "binary_operator" if adds => {
                    todo.extend(part.child_by_field_name("left"));
                    todo.extend(part.child_by_field_name("right"));
                }
                "parenthesized_expression" => todo.extend(part.named_child(0)),
                _ => terms.push(part),
            }
        }
        let itself = |n: Node<'t>| self.code.of(n) == name;
        let holds = |part: &Node<'t>| {
            let scaled = part.kind() == "binary_operator" && {
                let sides = ["left", "right"];
                sides
                    .iter()
                    .any(|side| part.child_by_field_name(*side).is_some_and(itself))
            };
            itself(*part) || scaled
        };
        let (own, mut others): (Vec<Node<'t>>, Vec<Node<'t>>) =
            terms.into_iter().partition(|part| holds(part));
        if own.is_empty() {
            return None;
        }
        others.retain(|part| self.values.of(*part) == Value::Graph);
        let addend = others.first()?;
        self.sum(node, name, *addend)
    }

    fn sum(&self, node: Node<'t>, name: &'t str, right: Node<'t>) -> Option<Clue> {
        if self.values.of(right) != Value::Graph
            // Lists are joined, and not added up.
            || matches!(right.kind(), "list" | "tuple" | "list_comprehension")
            || self.in_a_model(node, name)
            || self.code.graph_off(node)
            || self.code.freed(node, right)
        {
            return None;
        }
        let Some(own) = self.repeats(node, name) else {
            return self.one_backward(node, name);
        };
        let ends = self.code.ends_in_a_loss(name, own.unwrap_or(node));
        if ends.backward || ends.returned {
            // One backward pass for the parts of one step is how it should be.
            let batches = own.is_some_and(|own| self.code.over_data(own));
            if !batches {
                return None;
            }
        }
        if ends.backward {
            return Some(self.clue(ClueKind::BackwardAtEnd, node, name));
        }
        if own.is_some_and(|own| self.learns_from(own, name)) {
            return None;
        }
        let clue = self.clue(ClueKind::AddedGraph, node, name);
        let text = self.code.of(right);
        let new = match right.kind() {
            "identifier" | "call" | "attribute" => format!("{text}.detach()"),
            _ => format!("({text}).detach()"),
        };
        Some(self.patched(clue, right, &new))
    }

    /// True where a backward pass in the same loop runs through a sum.
    fn learns_from(&self, around: Node<'t>, name: &str) -> bool {
        let code = self.code;
        let mut calls = code.below(around).filter(|n| n.kind() == "call");
        calls.any(|call| {
            let mut inner = code.below(call);
            runs_backward(code.field(call, "function"))
                && inner.any(|n| n.kind() == "identifier" && code.of(n) == name)
        })
    }

    /// `loss.backward(retain_graph=True)` in a loop whose state goes on.
    pub(super) fn carried(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let arguments = code.field(call, "arguments");
        let retains = code.field(call, "function").ends_with(".backward")
            && arguments.contains("retain_graph=")
            && !arguments.contains("retain_graph=False")
            // `retain_graph=n < last` lets go of the last one.
            && !arguments.contains(['<', '>', '!'])
            && !arguments.contains("==");
        let around = code.loops(call).into_iter().next().filter(|_| retains)?;
        let mut all = code.below(around).filter(|n| n.kind() == "call");
        // Losses of one step that share their beginning need all but the last graph.
        if all.any(|n| n.id() != call.id() && runs_backward(code.field(n, "function"))) {
            return None;
        }
        let carries = code.below(around).find(|n| {
            let names = code.field(*n, "left");
            let right = code.field(*n, "right");
            n.kind() == "assignment"
                && names.split(',').map(str::trim).any(|name| {
                    !name.is_empty()
                        && (right.contains(&format!(", {name})"))
                            || name.contains("state")
                            || name == "hidden")
                })
        });
        let at = carries.unwrap_or(call);
        let name = code
            .field(at, "left")
            .rsplit(',')
            .next()
            .unwrap_or_default()
            .trim();
        Some(self.clue(ClueKind::CarriedState, at, name))
    }
}
