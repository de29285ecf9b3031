//! What a failed pass would have needed to its end, from what it held when it failed.

use super::{Census, OwnerKind, Progress};
use crate::bytes::{Bytes, MIB};

/// What cuBLAS takes for itself at its first product: 32 MiB on Hopper, 8 MiB and an eighth before
/// (aten/src/ATen/cuda/CublasHandlePool.cpp, `getChosenWorkspaceSize`). No batch makes it smaller.
const WORKSPACES: [u64; 2] = [32 * MIB, 8_519_680];

impl Census {
    /// The blocks of the model in which a pass failed: of the parts that follow each other, those of which there are most.
    pub fn blocks(&self) -> Option<&Progress> {
        const FEW: u64 = 4;
        let parts = self.work.progress.iter();
        parts
            .filter(|part| part.count >= FEW && part.index > 0)
            .max_by_key(|part| part.count)
    }

    /// The rows that go through at once: the first size of most of what is kept for the backward pass, or of what the innermost
    /// layer works on.
    pub fn rows(&self) -> Option<u64> {
        let kept = self.of(OwnerKind::Unnamed).flat_map(|owner| &owner.shapes);
        let mut by_rows = std::collections::BTreeMap::<u64, u64>::new();
        for shape in kept.filter(|shape| shape.shape.len() > 1) {
            // Batch and length in one, as the loss of a language model has them, are fewer tensors than the layers keep.
            if let Some(first) = shape.shape.first() {
                *by_rows.entry(*first).or_default() += shape.tensors;
            }
        }
        let kept = by_rows.into_iter().max_by_key(|(_, tensors)| *tensors);
        let kept = kept.map(|(rows, _)| rows);
        if let Some(rows) = kept.and_then(|length| self.rows_behind(length)) {
            return Some(rows);
        }
        let worked = self.work.frames.iter().flat_map(|frame| &frame.tensors);
        let worked = worked
            .filter(|tensor| tensor.shape.len() > 1)
            .map(|tensor| &tensor.shape);
        let worked = worked.filter_map(|shape| shape.first()).copied().next();
        kept.or(worked).filter(|rows| *rows > 1)
    }

    /// The rows where layers have the length first and the batch behind it, as some of speech and text do: what the program itself
    /// names has the batch first.
    fn rows_behind(&self, length: u64) -> Option<u64> {
        let named = [OwnerKind::Global, OwnerKind::Local];
        let mut first = std::collections::BTreeMap::<u64, u64>::new();
        let own = self
            .owners
            .iter()
            .filter(|row| row.user && named.contains(&row.kind));
        for shape in own.flat_map(|row| &row.shapes) {
            if let Some(size) = shape.shape.first() {
                *first.entry(*size).or_default() += 1;
            }
        }
        let (rows, names) = first.into_iter().max_by_key(|(_, names)| *names)?;
        let mut kept = self.of(OwnerKind::Unnamed).flat_map(|owner| &owner.shapes);
        let behind = kept.any(|shape| shape.shape.starts_with(&[length, rows]));
        (names > 2 && rows != length && rows > 1 && behind).then_some(rows)
    }

    /// What does not know the batch: weights, states and names, and the states that the optimizers have yet to make.
    pub(crate) fn fixed(&self) -> u64 {
        let there = self.allocated.saturating_sub(self.activations());
        let workspace = self.requested.filter(|bytes| WORKSPACES.contains(bytes));
        there
            .saturating_add(self.states_to_come())
            .saturating_add(workspace.unwrap_or(0))
    }

    /// The states that optimizers make at their first step and have not made by now.
    pub(crate) fn states_to_come(&self) -> u64 {
        let missing = self.optimizers.iter().map(|optimizer| {
            let without = optimizer.parameters.saturating_sub(optimizer.with_states);
            let whole = u128::from(self.trainable) * u128::from(optimizer.states_each());
            whole * u128::from(without) / u128::from(optimizer.parameters.max(1))
        });
        u64::try_from(missing.sum::<u128>()).unwrap_or(u64::MAX)
    }

    /// What the pass had in use, and what it asked for. An earlier step may have been the larger one.
    pub(crate) fn now(&self) -> Option<u64> {
        let requested = self.requested?;
        let asked = if WORKSPACES.contains(&requested) {
            0
        } else {
            requested
        };
        let held = self.allocated.saturating_sub(self.activations());
        let now = self.activations().saturating_add(asked);
        Some(now.max(self.peak.saturating_sub(held)))
    }

    /// What all of the pass needs beside [`Self::fixed`]. `None` where nothing shows how far it had come.
    pub(crate) fn whole_pass(&self, backward: bool) -> Option<Bytes> {
        let now = self.now()?;
        if backward || self.work.backward {
            // Gradients take the place of what each block gives back, or a little more.
            let most = now.saturating_add(self.missing_gradients() / 2);
            return Some(Bytes::between(now, most));
        }
        if !self.work.grad {
            // Without gradients nothing is kept for later blocks, except where a training recomputes them: then its backward pass needs
            // more than any block of the forward pass.
            return self
                .blocks()
                .filter(|_| !self.work.training)
                .map(|_| Bytes::exact(now));
        }
        if self.shrinks() {
            return self.staged(now);
        }
        let done = self.blocks()?;
        let all = |index: u64| u128::from(now) * u128::from(done.count) / u128::from(index.max(1));
        let (low, high) = (all(done.index.saturating_add(1)), all(done.index));
        Some(Bytes::between(
            u64::try_from(low).ok()?,
            u64::try_from(high).ok()?,
        ))
    }

    /// Stages of a convolutional model: from the first to the last, what one keeps falls to a sixteenth. Within a stage, all blocks are
    /// alike.
    fn staged(&self, now: u64) -> Option<Bytes> {
        // Innermost first; the two outermost tell, but for a pair of body and head.
        let mut levels = self.work.progress.iter().rev().filter(|p| p.count > 1);
        let mut stage = levels.next()?;
        if stage.count == 2 && stage.index == 1 {
            return Some(Bytes::exact(now));
        }
        if stage.count == 2 {
            stage = levels.next()?;
        }
        let block = levels.next();
        let falls = 2f64.powf(-4.0 / float(stage.count));
        let upto = |n: f64| (1.0 - falls.powf(n)) / (1.0 - falls);
        let all = upto(float(stage.count));
        let part = |more: u64| {
            block.map_or(float(more), |b| {
                float(b.index.saturating_add(more)) / float(b.count)
            })
        };
        let done = |more: u64| {
            upto(float(stage.index)) + falls.powf(float(stage.index)) * part(more).min(1.0)
        };
        let whole = |done: f64| (done > 0.0).then(|| bytes(float(now) * all / done));
        Some(Bytes::between(whole(done(1))?, whole(done(0))?))
    }

    /// True where the model works on smaller and smaller images: what its layers keep is no measure of the next ones.
    pub(crate) fn shrinks(&self) -> bool {
        let shapes = self.owners.iter().flat_map(|owner| &owner.shapes);
        let kept = shapes.map(|shape| &shape.shape);
        let worked = self.work.frames.iter().flat_map(|frame| &frame.tensors);
        let all = kept.chain(worked.map(|tensor| &tensor.shape));
        let mut images = all.filter_map(|shape| match shape.as_slice() {
            [rows, _, height, width] => Some((*rows, *height, *width)),
            _ => None,
        });
        let first = images.next();
        first.is_some_and(|first| images.any(|other| smaller_or_larger(first, other)))
    }

    /// True where a name holds the edges of a graph, as `PyTorch` Geometric calls them.
    pub(crate) fn has_edges(&self) -> bool {
        let mut names = self.owners.iter().filter_map(|row| row.name.as_deref());
        names.any(|name| name.rsplit('.').next() == Some("edge_index"))
    }

    /// The gradients that a training has yet to make in this step.
    pub(crate) fn gradients_to_come(&self) -> u64 {
        if self.optimizers.is_empty() {
            return 0;
        }
        let there = self.sum(OwnerKind::Gradients);
        self.trainable.saturating_sub(there)
    }

    fn missing_gradients(&self) -> u64 {
        let there = self.sum(OwnerKind::Gradients);
        self.sum(OwnerKind::Parameters).saturating_sub(there)
    }
}

/// True for images of one form and two sizes. Attention has one length, and heads of another form.
fn smaller_or_larger(a: (u64, u64, u64), b: (u64, u64, u64)) -> bool {
    let ((rows, height, width), (others, higher, wider)) = (a, b);
    let (one, other) = (
        u128::from(height) * u128::from(wider),
        u128::from(higher) * u128::from(width),
    );
    rows == others && height != higher && one.abs_diff(other) <= one / 10
}

#[expect(clippy::cast_precision_loss, reason = "a forecast of two digits")]
fn float(n: u64) -> f64 {
    n as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a forecast: no less than what it is made of, and what is too large ends at the largest"
)]
fn bytes(n: f64) -> u64 {
    n as u64
}

impl super::OptimizerHeld {
    /// How many times the size of its parameters its states take, with states in the type of the parameters.
    fn states_each(&self) -> u64 {
        let plain = !self.class.contains("8bit") && !self.class.contains("4bit");
        match self.class.as_str() {
            name if name.contains("Adam") && plain => 2,
            "RMSprop" | "Adagrad" | "Lion" | "Muon" => 1,
            "SGD" if self.momentum => 1,
            _ => 0,
        }
    }
}
