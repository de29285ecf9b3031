//! The program's own source: the files that its frames name are parsed, never run, and the lines that keep memory are found.
//!
//! Only files below one folder are read, each at most a megabyte and few of them, whatever a traceback names.

mod clues;
mod code;
mod evaluated;
mod finder;
mod freed;
mod outputs;
mod quoted;
mod values;
mod without_loops;
mod written;

use std::path::{Path, PathBuf};

use crate::evidence::{Clue, ClueKind, Incident};

/// No source file that a person wrote is larger.
const LARGEST: u64 = 1 << 20;
/// The innermost files of a stack are the telling ones.
const MOST_FILES: usize = 12;

/// Gives each failure the lines of its program that may keep memory.
pub(crate) fn join(root: &Path, incidents: &mut [Incident]) {
    for incident in incidents {
        let (files, clues) = look(root, incident);
        // A file knows more than the lines of it that a log shows.
        incident.clues.retain(|clue| !files.contains(&clue.file));
        incident.clues.extend(clues);
    }
}

/// Gives a failure the lines that may keep memory, of those that the log itself shows.
pub(crate) fn quote(incident: &mut Incident) {
    if incident.clues.is_empty() {
        incident.clues = quoted::look(incident);
    }
    if incident.clues.is_empty() {
        incident.clues = pasted(incident);
    }
}

/// The lines that may keep memory, of code that somebody pasted beside the failure. Their lines are those of the input.
fn pasted(incident: &Incident) -> Vec<Clue> {
    let mut found = Vec::new();
    for code in &incident.pasted {
        let mut clues = clues_of(&code.text, &incident.place.source, &[]).unwrap_or_default();
        clues.retain(|clue| {
            clue.kind.leaks() || clue.kind.knob() || clue.kind == ClueKind::EvalWithGraph
        });
        for clue in &mut clues {
            clue.line += code.line - 1;
            if let Some(patch) = &mut clue.patch {
                patch.line += code.line - 1;
            }
        }
        found.extend(clues);
    }
    found
}

/// The files that were read, as the stack names them, and their lines that may keep memory: of the files in the stack of a failure
/// and in its census.
fn look(root: &Path, incident: &Incident) -> (Vec<String>, Vec<Clue>) {
    let Ok(root) = root.canonicalize() else {
        return Default::default();
    };
    let frames = incident.traceback.frames.iter().rev();
    let mut names: Vec<&str> = frames.map(|frame| frame.file.as_str()).collect();
    if let Some(census) = &incident.census {
        names.extend(
            census
                .owners
                .iter()
                .filter_map(|owner| owner.file.as_deref()),
        );
    }
    let keep = incident.census.iter().flat_map(|census| &census.owners);
    let keep: Vec<&str> = keep
        .filter(|owner| owner.container.is_some())
        .filter_map(|owner| owner.name.as_deref()?.rsplit('.').next())
        .collect();
    let mut seen: Vec<PathBuf> = Vec::new();
    let (mut files, mut found) = (Vec::new(), Vec::new());
    for name in names {
        let Some(path) = inside(&root, name) else {
            continue;
        };
        files.push(name.to_owned());
        if seen.contains(&path) {
            continue;
        }
        let clues = read(&path).and_then(|text| clues_of(&text, name, &keep));
        let below = path.strip_prefix(&root).unwrap_or(&path);
        let below: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        for mut clue in clues.unwrap_or_default() {
            clue.path = below.join("/");
            found.push(clue);
        }
        seen.push(path);
        if seen.len() >= MOST_FILES {
            break;
        }
    }
    (files, found)
}

/// The clues of one text; `None` where it cannot be parsed.
pub(crate) fn clues_of(text: &str, name: &str, keep: &[&str]) -> Option<Vec<Clue>> {
    let tree = code::parse(text)?;
    let code = code::Code::new(&tree, text)?;
    Some(clues::find(&code, name, keep))
}

/// The file of a frame, where it is one of Python's below the root, whatever links lead there.
fn inside(root: &Path, name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let packaged = name.contains("site-packages") || name.contains("dist-packages");
    if packaged || path.extension().is_none_or(|e| e != "py") {
        return None;
    }
    let found = root.join(path).canonicalize().ok();
    // A log of another machine has other folders in front: the end of the path is looked for below the root.
    let found = found.filter(|found| found.starts_with(root)).or_else(|| {
        let parts: Vec<_> = path.components().collect();
        (1..parts.len().min(12)).find_map(|from| {
            let tail: PathBuf = parts.get(from..)?.iter().collect();
            let found = root.join(tail).canonicalize().ok()?;
            found.starts_with(root).then_some(found)
        })
    })?;
    found.is_file().then_some(found)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file of source, whose size was looked at"
)]
fn read(path: &Path) -> Option<String> {
    let about = std::fs::metadata(path).ok()?;
    if about.len() > LARGEST {
        return None;
    }
    String::from_utf8(std::fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(ClueKind, u64)> {
        let clues = clues_of(text, "train.py", &[]).unwrap();
        clues.iter().map(|clue| (clue.kind, clue.line)).collect()
    }

    #[test]
    fn a_line_that_keeps_memory_is_found() {
        let rows = [
            (
                "total = 0\nfor x in data:\n    loss = model(x).mean()\n    total += loss\n",
                ClueKind::AddedGraph,
                4,
            ),
            (
                "outputs = []\nwith torch.no_grad():\n    for x in data:\n        outputs.append(model(x))\n",
                ClueKind::KeptOutputs,
                4,
            ),
            (
                "def collect(loader):\n    return torch.cat([model(x) for x in loader])\n",
                ClueKind::KeptOutputs,
                2,
            ),
            (
                "seen = []\ndef keep(module, inputs, output):\n    seen.append(output)\nmodel.register_forward_hook(keep)\n",
                ClueKind::StoringHook,
                3,
            ),
            (
                "for x in data:\n    y, state = rnn(x, state)\n    y.sum().backward(retain_graph=True)\n",
                ClueKind::CarriedState,
                2,
            ),
            (
                "try:\n    step(8)\nexcept torch.OutOfMemoryError:\n    step(4)\n",
                ClueKind::RetryInExcept,
                4,
            ),
            (
                "def evaluate():\n    for x in data:\n        model(x)\n",
                ClueKind::EvalWithGraph,
                3,
            ),
            ("state = torch.load(path)\n", ClueKind::LoadOnDevice, 1),
            (
                "for lr in rates:\n    model = AutoModel.from_pretrained(name).cuda()\n    fit(model, lr)\n",
                ClueKind::ModelAgain,
                2,
            ),
            (
                "def attend(q, k, v):\n    scores = q @ k.transpose(-2, -1)\n    return torch.softmax(scores, -1) @ v\n",
                ClueKind::WrittenAttention,
                2,
            ),
            (
                "def attend(q, k, v):\n    scores = torch.matmul(q, k.transpose(2, 3))\n    return F.softmax(scores, -1) @ v\n",
                ClueKind::WrittenAttention,
                2,
            ),
        ];
        for (text, kind, line) in rows {
            assert_eq!(found(text), [(kind, line)], "{text}");
        }
    }

    #[test]
    fn graphs_without_use_hooks_that_are_made_and_modules_by_their_assignment_are_found() {
        let rows = [
            (
                "net.eval()\nfor x in data:\n    y = net(x)\n",
                ClueKind::EvalWithGraph,
                3,
            ),
            (
                "model = Net().cuda()\nmodel.eval()\nfor x in data:\n    y = model(x)\n",
                ClueKind::EvalWithGraph,
                4,
            ),
            (
                "def render(x):\n    return net(x)\nfor x in rays:\n    render(x).mean().backward()\npicture = render(view)\n",
                ClueKind::EvalWithGraph,
                5,
            ),
            (
                "def save(name):\n    def hook(module, inputs, output):\n        kept.setdefault(name, []).append(output)\n    return hook\nlayer.register_forward_hook(save(name))\n",
                ClueKind::StoringHook,
                3,
            ),
            (
                "def keep(name, module, inputs, output):\n    kept[name].append(output)\nlayer.register_forward_hook(partial(keep, name))\n",
                ClueKind::StoringHook,
                2,
            ),
            (
                "bce, losses = nn.BCELoss(), []\nfor x in data:\n    losses.append(bce(x, y))\n",
                ClueKind::KeptOutputs,
                3,
            ),
        ];
        for (text, kind, line) in rows {
            assert_eq!(found(text), [(kind, line)], "{text}");
        }
    }

    #[test]
    fn joins_grads_and_what_a_model_keeps_from_call_to_call_are_found() {
        let rows = [
            (
                "grads = []\nfor x in data:\n    model(x).backward()\n    grads.append(torch.cat([p.grad.flatten() for p in model.parameters()]))\n",
                ClueKind::KeptOutputs,
                4,
            ),
            (
                "bank = torch.empty(0, 8, device=\"cuda\")\nfor x in data:\n    bank = torch.cat([bank, model(x).detach()])\n",
                ClueKind::KeptOutputs,
                3,
            ),
            (
                "class Net(nn.Module):\n    def __init__(self):\n        self.seen = []\n    def forward(self, x):\n        h = self.layer(x)\n        self.seen.append(h)\n        return h\n",
                ClueKind::KeptOutputs,
                6,
            ),
            (
                "runs = {}\nfor lr in rates:\n    trainer = Trainer(model=build(), args=args(lr))\n    trainer.train()\n    runs[lr] = (trainer, lr)\n",
                ClueKind::KeptObjects,
                5,
            ),
        ];
        for (text, kind, line) in rows {
            assert_eq!(found(text), [(kind, line)], "{text}");
        }
    }

    #[test]
    fn what_is_collected_for_one_backward_pass_is_no_leak() {
        for text in [
            "for episode in range(9):\n    saved, rewards = [], []\n    for t in range(99):\n        value = policy(state)\n        saved.append(value)\n    loss = sum(v.mean() for v in saved)\n    loss.backward()\n",
            "def update():\n    rewards = []\n    for t in range(horizon):\n        rewards.append(model(h))\n    loss = -torch.stack(rewards).mean()\n    loss.backward()\n",
        ] {
            let kinds: Vec<ClueKind> = found(text).into_iter().map(|(kind, _)| kind).collect();
            assert_eq!(kinds, [ClueKind::LearnedFrom], "{text}");
        }
    }

    #[test]
    fn outputs_of_transformers_go_to_the_host_part_by_part() {
        let rows = [
            (
                "kept = []\nfor x in data:\n    out = model(x)\n    kept.append(out)\n    print(out.logits.shape)\n",
                "    kept.append({k: v.detach().cpu() for k, v in out.items() if hasattr(v, \"detach\")})",
            ),
            (
                "kept = {}\nfor i, x in enumerate(data):\n    out = model(x)\n    kept[i] = out.attentions\n",
                "    kept[i] = tuple(t.detach().cpu() for t in out.attentions)",
            ),
            (
                "kept = []\nfor x in data:\n    out = model(x)\n    kept.append(out.logits)\n",
                "    kept.append(out.logits.detach().cpu())",
            ),
        ];
        for (text, line) in rows {
            let clues = clues_of(text, "train.py", &[]).unwrap();
            let patch = clues.first().unwrap().patch.as_ref().unwrap();
            assert_eq!(patch.new, [line], "{text}");
        }
    }

    #[test]
    fn copies_of_a_model_are_kept_objects() {
        let text = "history = []\nfor epoch in range(9):\n    history.append(copy.deepcopy(model.state_dict()))\n";
        assert_eq!(found(text), [(ClueKind::KeptObjects, 3)]);
    }

    #[test]
    fn code_that_lets_go_is_not_blamed() {
        for text in [
            "total = 0\nfor x in data:\n    loss = model(x).mean()\n    total += loss.item()\n",
            "total = 0\nfor x in data:\n    loss = model(x).mean()\n    loss.backward()\n    total += loss\n",
            "total = 0\nfor x in data:\n    task = criterion(model(x))\n    loss = task + penalty\n    scaler.scale(loss).backward()\n    total += task\n",
            "seen = []\nfor x in data:\n    loss = model(x).mean()\n    accelerator.backward(loss)\n    seen.append(loss)\n",
            "for x in data:\n    loss = 0\n    for head in heads:\n        loss += criterion(head(x))\n    loss.backward()\n",
            "outputs = []\nfor x in data:\n    outputs.append(model(x).cpu())\n",
            "for x in data:\n    outputs = []\n    outputs.append(model(x))\n",
            "recent = deque(maxlen=8)\nfor x in data:\n    recent.append(model(x))\n",
            "class Net:\n    def forward(self, x):\n        states = []\n        for layer in self.layers:\n            x = layer(x)\n            states.append(x)\n        return states\n",
            "@torch.no_grad()\ndef evaluate():\n    for x in data:\n        model(x)\n",
            "def build():\n    layers = []\n    for _ in range(4):\n        layers += [nn.Conv2d(c, c, 3), nn.ReLU()]\n    return nn.Sequential(*layers)\nfor x in data:\n    y = build()(x)\n",
            "model.eval()\ntorch.set_grad_enabled(False)\nfor x in data:\n    y = model(x)\n",
            "model.eval()\nfor x in data:\n    with torch.no_grad():\n        y = model(x)\n",
            "def render(x):\n    return net(x)\nfor x in rays:\n    render(x).mean().backward()\nwith torch.no_grad():\n    picture = render(view)\n",
            "def render(x):\n    return net(x)\nfor epoch in range(9):\n    for x in rays:\n        render(x).mean().backward()\n    print(render(view).mean().item())\nsave(net)\n",
            "state = torch.load(path, map_location=\"cpu\")\n",
            "correct = 0\nfor x, y in data:\n    correct += (model(x).argmax(-1) == y).sum().item()\n",
        ] {
            let blamed = found(text);
            assert!(blamed.is_empty(), "{text}: {blamed:?}");
        }
    }

    #[test]
    fn a_change_is_a_diff_of_its_line() {
        let text = "total = 0\nfor x in data:\n    loss = model(x)\n    total += loss\n";
        let clues = clues_of(text, "train.py", &[]).unwrap();
        let mut clue = clues.into_iter().next().unwrap();
        clue.path = "train.py".to_owned();
        let diff = clue.diff().unwrap();
        assert_eq!(
            diff,
            "--- a/train.py\n+++ b/train.py\n@@ -1,4 +1,4 @@\n total = 0\n for x in data:\n     loss = model(x)\n-    total += loss\n+    total += loss.detach()\n"
        );
    }

    #[test]
    fn hostile_source_is_harmless() {
        let deep = format!("x = {}1{}\n", "(".repeat(20_000), ")".repeat(20_000));
        let _ = clues_of(&deep, "a.py", &[]);
        let _ = clues_of("def f(:\n  \u{202e} for", "a.py", &[]);
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(folder.path().join("secret.py"), "x = 1\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("secret.py"), root.join("link.py")).unwrap();
        let root = root.canonicalize().unwrap();
        for name in [
            "../secret.py",
            "link.py",
            "/etc/passwd",
            "a/../../secret.py",
        ] {
            assert_eq!(inside(&root, name), None, "{name}");
        }
    }
}
