//! Attention that is written out: queries by keys, a softmax of that, and that by values.

use tree_sitter::Node;

use super::code::Code;
use super::finder::Finder;
use crate::evidence::{Clue, ClueKind};

impl<'t> Finder<'_, 't> {
    /// `q @ k.transpose(-2, -1)` in a function that takes a softmax of it, and multiplies that again.
    pub(super) fn attention(&self, node: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let function = code.function(node).filter(|_| is_product(code, node))?;
        // A layer of weights or a table of experts has no keys.
        let by_weights = node.child_by_field_name("right");
        if by_weights.is_some_and(|right| code.of(right).starts_with("self.")) {
            return None;
        }
        let statement = code.around(node).find(|n| {
            matches!(
                n.kind(),
                "assignment" | "return_statement" | "expression_statement"
            )
        })?;
        // The names that hold the scores, and those that hold their softmax.
        let (mut scores, mut soft) = (vec![code.field(statement, "left")], Vec::new());
        let inner = code.around(node).take_while(|n| n.id() != statement.id());
        if inner.into_iter().any(|n| is_softmax(code, n)) {
            soft.append(&mut scores);
        }
        let own: Vec<usize> = code.below(node).map(|n| n.id()).collect();
        for n in code
            .below(function)
            .filter(|n| n.start_byte() >= statement.start_byte())
        {
            let outer = n.start_byte() <= node.start_byte() && node.end_byte() <= n.end_byte();
            if own.contains(&n.id()) {
                continue;
            }
            if is_product(code, n)
                && n.id() != node.id()
                && (uses(code, n, &soft) || outer && !soft.is_empty())
            {
                return Some(self.clue(ClueKind::WrittenAttention, node, ""));
            }
            if is_product(code, n)
                && code
                    .below(n)
                    .any(|part| is_softmax(code, part) && uses(code, part, &scores))
            {
                return Some(self.clue(ClueKind::WrittenAttention, node, ""));
            }
            let Some(right) = n
                .child_by_field_name("right")
                .filter(|_| n.kind() == "assignment")
            else {
                continue;
            };
            let left = code.field(n, "left");
            let softens = code.below(right).any(|part| is_softmax(code, part));
            if uses(code, right, &scores) && softens || uses(code, right, &soft) {
                soft.push(left);
            } else if uses(code, right, &scores) {
                scores.push(left);
            }
        }
        None
    }
}

/// True for `a @ b`, `torch.matmul`, `bmm`, `einsum`.
fn is_product<'t>(code: &Code<'t>, node: Node<'t>) -> bool {
    match node.kind() {
        "binary_operator" => code.field(node, "operator") == "@",
        "call" => {
            let name = code.field(node, "function").rsplit('.').next();
            name.is_some_and(|name| matches!(name, "matmul" | "bmm" | "baddbmm" | "einsum"))
        }
        _ => false,
    }
}

/// True for `softmax(x)`, `x.softmax(-1)`, `self.softmax(x)`, `nn.Softmax(dim=-1)(x)`.
fn is_softmax<'t>(code: &Code<'t>, node: Node<'t>) -> bool {
    let called = code.field(node, "function");
    node.kind() == "call" && (called.ends_with("softmax") || called.contains("Softmax("))
}

/// True where one of the names stands in an expression.
fn uses<'t>(code: &Code<'t>, node: Node<'t>, names: &[&str]) -> bool {
    let mut inner = code.below(node);
    inner.any(|n| n.kind() == "identifier" && !code.of(n).is_empty() && names.contains(&code.of(n)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    fn attends(text: &str) -> bool {
        let mut all = found(text).into_iter();
        all.any(|(kind, line)| kind == ClueKind::WrittenAttention && line == 2)
    }

    #[test]
    fn scores_are_found_however_they_are_written() {
        for text in [
            "def f(self, q, k, v):\n    e = torch.bmm(q, k)\n    a = self.softmax(e)\n    return torch.bmm(v, a.permute(0, 2, 1))\n",
            "def f(q, k, v):\n    s = einsum(\"bhid,bhjd->bhij\", q, k) * scale\n    s = s.masked_fill(m, -1)\n    return einsum(\"bhij,bhjd->bhid\", s.softmax(-1), v)\n",
            "def f(q, k, v):\n    return torch.softmax(q @ k.mT, -1) @ v\n",
        ] {
            assert!(attends(text), "{text}");
        }
    }

    #[test]
    fn other_products_and_softmaxes_are_left_alone() {
        for text in [
            "def f(a, b):\n    s = normalize(a) @ normalize(b).T\n    return -F.log_softmax(s, 1).diagonal().mean()\n",
            "def f(q, k, v):\n    context = k.transpose(-2, -1) @ v\n    return q.softmax(-1) @ context\n",
            "def f(self, x):\n    w = torch.softmax(x @ self.gate, -1)\n    return einsum(\"bde,be->bd\", x, w)\n",
        ] {
            assert!(!attends(text), "{text}");
        }
    }
}
