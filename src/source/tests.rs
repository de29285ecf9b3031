//! What is found in a text, and what is not.

use super::*;

pub(super) fn found(text: &str) -> Vec<(ClueKind, u64)> {
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

#[test]
fn what_only_looks_like_a_pile_is_not_blamed() {
    for text in [
        // A place in a tensor.
        "actions = torch.zeros((9, 4)).to(device)\nfor step in range(9):\n    actions[step] = policy(obs)\n",
        "for step in range(9):\n    rollouts.rewards[step] = policy(obs)\n",
        // One place, again and again.
        "shown = {}\nfor x in data:\n    shown[\"last\"] = model(x)\n",
        // Parts of one step.
        "for x in loader:\n    style = 0.0\n    for a, b in zip(features(x), grams):\n        style += mse_loss(a, b)\n    total = content + style\n    total.backward()\n",
        "def penalty(model):\n    total = 0.0\n    for p in model.parameters():\n        total += criterion(p)\n    return total\nfor x in data:\n    (model(x).mean() + penalty(model)).backward()\n",
        "for x in loader:\n    grads = []\n    for p in model.parameters():\n        grads.append(p.grad.view(-1))\n",
        // Losses of one step that share their beginning.
        "for x in data:\n    d_loss.backward(retain_graph=True)\n    g_loss.backward()\n",
        // What the loop goes over, and what the caller gave.
        "for sample in data:\n    sample[\"rows\"].append(model(sample))\n",
        "def regularize(loss):\n    loss = loss + model(x).mean()\n    return loss\nfor x in data:\n    regularize(criterion(model(x))).backward()\n",
        // Handles, settings, and the same model under another name.
        "handles = []\nfor x in data:\n    handles.append(model.register_forward_hook(show))\n",
        "for x in data:\n    for group in optimizer.param_groups:\n        group[\"lr\"] = rate\n",
        "for x in data:\n    models.append(model)\n",
        "for name in names:\n    config = AutoConfig.from_pretrained(name)\n",
        "for x in data:\n    pipe, other = load(x)\n    pipe = Pipe.from_pretrained(x)\n    del other, pipe\n",
        // On the host already.
        "kept = []\nfor x in data:\n    kept.append(model(x).to(\"cpu\"))\n",
        // One number of each step.
        "losses = []\nfor x in data:\n    loss = model(x).mean()\n    losses.append(loss.detach())\n    loss.backward()\n",
        // Hooks of saved states get models, and a list that is begun in each pass ends with it.
        "def save_hook(models, weights, folder):\n    for model in models:\n        kept.append(model)\naccelerator.register_save_state_pre_hook(save_hook)\n",
        // A method of a model, for its own time.
        "class Agent(nn.Module):\n    def states(self, hidden):\n        new = []\n        for h in hidden:\n            h = self.lstm(h)\n            new += [h]\n        return torch.cat(new)\n",
        // Evaluations whose caller switches the graph off.
        "def evaluate(model):\n    return model(x).mean().item()\nwith torch.no_grad():\n    evaluate(model)\n",
        "def train_epoch(model):\n    model.eval()\n    y = model(x)\n    scaler.scale(y).step()\n",
    ] {
        let mut blamed = found(text);
        blamed.retain(|(kind, _)| !kind.knob());
        assert!(blamed.is_empty(), "{text}: {blamed:?}");
    }
}

#[test]
fn a_pile_is_found_in_whatever_takes_the_results() {
    let rows = [
        (
            "def make_tracker():\n    values = []\n    def add(value):\n        values.append(value)\n    return add\ntrack = make_tracker()\nfor x in data:\n    y = model(x)\n    track(y)\n",
            ClueKind::KeptOutputs,
            4,
        ),
        (
            "class Log:\n    def record(self, value):\n        self.values.append(value)\nfor x in data:\n    y = model(x)\n    log.record(y)\n",
            ClueKind::KeptOutputs,
            3,
        ),
        (
            "class Mean:\n    def note(self, value):\n        self.total += value\nfor x in data:\n    y = model(x)\n    loss = criterion(y)\n    loss.backward()\n    mean.note(y.pow(2).mean())\n",
            ClueKind::AddedGraph,
            3,
        ),
        (
            "SEEN = []\nclass Net(nn.Module):\n    def forward(self, x):\n        h = self.layer(x)\n        SEEN.append(h)\n        return h\n",
            ClueKind::KeptOutputs,
            5,
        ),
        (
            "recent = deque(maxlen=100_000)\nfor x in data:\n    recent.append(model(x))\n",
            ClueKind::KeptOutputs,
            3,
        ),
        (
            "for x in data:\n    out = model(x)\n    out = out[:4]\n    loss = criterion(out)\n    loss.backward()\n    rows.append((loss.item(), out))\n",
            ClueKind::KeptOutputs,
            6,
        ),
        (
            "for epoch in range(9):\n    history.append({k: v.clone() for k, v in model.state_dict().items()})\n",
            ClueKind::KeptObjects,
            2,
        ),
        (
            "total = 0\nfor data in loader:\n    total += model(data)\ntotal /= 9\ntotal.backward()\n",
            ClueKind::BackwardAtEnd,
            3,
        ),
    ];
    for (text, kind, line) in rows {
        assert_eq!(found(text), [(kind, line)], "{text}");
    }
}

#[test]
fn what_is_kept_goes_to_the_host_where_it_stands() {
    let rows = [
        (
            "rows = []\nfor x in data:\n    out = model(x)\n    rows.append({\"n\": 1, \"out\": out})\n",
            "    rows.append({\"n\": 1, \"out\": out.detach().cpu()})",
        ),
        (
            "rows = []\nfor x in data:\n    out = model(x)\n    rows += [out]\n",
            "    rows += [out.detach().cpu()]",
        ),
        (
            "rows = []\nfor x in data:\n    rows.append(copy.deepcopy(net.state_dict()))\n",
            "    rows.append({k: v.cpu() for k, v in net.state_dict().items()})",
        ),
        (
            "rows = []\nfor x in data:\n    rows.append(copy.deepcopy(net))\n",
            "    rows.append(copy.deepcopy(net).cpu())",
        ),
        (
            "rows = []\nfor x in data:\n    rows.append([p.grad.clone() for p in net.parameters()])\n",
            "    rows.append([p.grad.cpu() for p in net.parameters()])",
        ),
        (
            "losses = []\nfor x in data:\n    loss = model(x).mean()\n    losses.append(loss)\ntorch.stack(losses)\n",
            "    losses.append(loss.detach())",
        ),
        (
            "state = torch.load(path,)\n",
            "state = torch.load(path, map_location=\"cpu\")",
        ),
    ];
    for (text, line) in rows {
        let clues = clues_of(text, "train.py", &[]).unwrap();
        let patch = clues.iter().find_map(|clue| clue.patch.as_ref()).unwrap();
        assert_eq!(patch.new, [line], "{text}");
    }
}

/// Each name would be followed to its beginning anew, and each line looked for in all others.
#[test]
fn long_files_take_no_minutes() {
    let chain = (0..4_000).map(|n| format!("    a = f(a, a)\n    kept{n}.append(a)\n"));
    let sums = "    total += model(x)\n".repeat(8_000);
    for body in [chain.collect::<String>(), sums] {
        let text = format!("for x in loader:\n{body}");
        let before = std::time::Instant::now();
        let _ = clues_of(&text, "train.py", &[]);
        assert!(before.elapsed().as_secs() < 60);
    }
}
