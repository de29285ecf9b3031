//! Whole stacks, in the forms in which people have them.

use super::*;
use crate::evidence::Phase;
use crate::text;

fn stacks(raw: &str) -> Vec<Found> {
    read(&text::clean(raw.as_bytes(), 1))
}

/// File, line, function and source of every frame of the first stack.
fn frames(raw: &str) -> Vec<(String, u32, String, String)> {
    let found = stacks(raw).into_iter().next();
    found
        .map(|f| f.traceback.frames)
        .unwrap_or_default()
        .into_iter()
        .map(|f| (f.file, f.line, f.function, f.code))
        .collect()
}

fn frame(file: &str, line: u32, function: &str, code: &str) -> (String, u32, String, String) {
    (file.to_owned(), line, function.to_owned(), code.to_owned())
}

const PLAIN: &str = "\
Traceback (most recent call last):
  File \"/home/user/train.py\", line 87, in <module>
    main(
    ~~~~^
  File \"/home/user/train.py\", line 40, in main
    loss.backward()
    ~~~~~~~~~~~~~^^
  File \"/venv/lib/python3.12/site-packages/torch/_tensor.py\", line 631, in backward
    torch.autograd.backward(
  [Previous line repeated 3 more times]
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.
";

fn plain() -> Vec<(String, u32, String, String)> {
    vec![
        frame("/home/user/train.py", 87, "<module>", "main("),
        frame("/home/user/train.py", 40, "main", "loss.backward()"),
        frame(
            "/venv/lib/python3.12/site-packages/torch/_tensor.py",
            631,
            "backward",
            "torch.autograd.backward(",
        ),
    ]
}

#[test]
fn a_stack_of_python_is_read_to_the_line_before_its_exception() {
    let found = stacks(PLAIN);
    assert_eq!((found.len(), found[0].first, found[0].last), (1, 0, 9));
    assert_eq!(frames(PLAIN), plain());
    assert_eq!(found[0].traceback.frames[1].at, 5);
    assert_eq!(user_frame(&found[0].traceback).unwrap().line, 40);
    assert_eq!(phase(&found[0].traceback), Some(Phase::Backward));
}

#[test]
fn a_stack_without_its_head_or_in_a_quote_is_the_same() {
    let headless: String = PLAIN.lines().skip(1).flat_map(|l| [l, "\n"]).collect();
    assert_eq!(frames(&headless), plain());
    let quoted: String = PLAIN.lines().flat_map(|l| ["> ", l, "\n"]).collect();
    assert_eq!(frames(&quoted), plain());
}

#[test]
fn lines_of_others_between_frames_do_not_end_a_stack() {
    let mut raw = String::new();
    for (n, line) in PLAIN.lines().enumerate() {
        raw.push_str(line);
        if line.contains(", in ") {
            raw.push_str("   [105/2572]");
        }
        raw.push('\n');
        if n % 2 == 0 {
            raw.push_str(" 40%|####      | 40/100 [00:10<00:15,  4.0it/s]\nsaved a checkpoint\n");
        }
    }
    assert_eq!(frames(&raw), plain());
}

#[test]
fn a_stack_on_one_line_of_json_comes_apart() {
    let raw = format!(
        "{{\"level\": \"error\", \"exc\": \"{}\"}}\n",
        PLAIN.replace('"', "\\\"").replace('\n', "\\n")
    );
    let found = stacks(&raw);
    assert_eq!(frames(&raw), plain());
    assert!(found[0].traceback.frames.iter().all(|f| f.at == 1));
}

#[test]
fn frames_broken_by_a_terminal_are_joined() {
    let raw = "\
Traceback (most recent call last):
  File \"/home/user/miniconda3/envs/x/lib/python3.10/site-packages/torch/nn/modules/m
odule.py\", line 1501, in _call_impl
    return forward_call(*args, **kwa
rgs)
  File \"/home/user/a/very/long/path/to/the/project/train.py\", line 1
2, in main
    x = y
RuntimeError: CUDA out of memory.
";
    assert_eq!(
        frames(raw),
        [
            frame(
                "/home/user/miniconda3/envs/x/lib/python3.10/site-packages/torch/nn/modules/module.py",
                1501,
                "_call_impl",
                "return forward_call(*args, **kwa"
            ),
            frame(
                "/home/user/a/very/long/path/to/the/project/train.py",
                12,
                "main",
                "x = y"
            ),
        ]
    );
}

#[test]
fn a_box_of_rich_is_read_with_its_broken_paths() {
    let raw = "\
╭───────────── Traceback (most recent call last) ─────────────╮
│ /home/user/train.py:290 in <module>                         │
│                                                             │
│   289 │   batch = next(batches)                             │
│ ❱ 290 │   loss = model(batch)                               │
│   291 │   loss.backward()                                   │
│                                                             │
│ /home/user/miniconda3/envs/x/lib/python3.10/site-packages/t │
│ orch/nn/modules/module.py:1501 in _call_impl                │
│                                                             │
│ ❱ 1501 │   │   │   return forward_call(*args, **kwargs)     │
╰─────────────────────────────────────────────────────────────╯
OutOfMemoryError: CUDA out of memory.
";
    assert_eq!(
        frames(raw),
        [
            frame(
                "/home/user/train.py",
                290,
                "<module>",
                "loss = model(batch)"
            ),
            frame(
                "/home/user/miniconda3/envs/x/lib/python3.10/site-packages/torch/nn/modules/module.py",
                1501,
                "_call_impl",
                "return forward_call(*args, **kwargs)"
            ),
        ]
    );
}

#[test]
fn stacks_of_notebooks_are_read_in_all_their_forms() {
    let old = "\
---------------------------------------------------------------------------
RuntimeError                              Traceback (most recent call last)
<ipython-input-3-1f2e> in <module>()
     11 model.train()
---> 12 fit(model)
     13 save(model)

/usr/local/lib/python3.7/dist-packages/torch/nn/modules/module.py in _call_impl(self, *input)
   1050                 return 1
-> 1051             return forward_call(*input)

RuntimeError: CUDA out of memory.
";
    assert_eq!(
        frames(old),
        [
            frame("<ipython-input-3-1f2e>", 12, "<module>", "fit(model)"),
            frame(
                "/usr/local/lib/python3.7/dist-packages/torch/nn/modules/module.py",
                1051,
                "_call_impl",
                "return forward_call(*input)"
            ),
        ]
    );
    let new = "\
OutOfMemoryError                          Traceback (most recent call last)
Cell In[3], line 12
     11 model.train()
---> 12 fit(model)

File ~/project/fit.py:7, in fit(model)
      6 x = 1
----> 7 model(x)

OutOfMemoryError: CUDA out of memory.
";
    assert_eq!(
        frames(new),
        [
            frame("Cell In[3]", 12, "", "fit(model)"),
            frame("~/project/fit.py", 7, "fit", "model(x)"),
        ]
    );
}

#[test]
fn a_stack_that_hangs_on_another_says_so() {
    let raw = format!(
        "{PLAIN}\nDuring handling of the above exception, another exception occurred:\n\n{PLAIN}"
    );
    let chained: Vec<bool> = stacks(&raw).iter().map(|f| f.traceback.chained).collect();
    assert_eq!(chained, [false, true]);
}

#[test]
fn the_original_traceback_of_a_worker_is_a_stack_by_itself() {
    let raw = "\
Traceback (most recent call last):
  File \"train.py\", line 3, in <module>
    out = model(x)
RuntimeError: Caught RuntimeError in replica 1 on device 1.
Original Traceback (most recent call last):
  File \"model.py\", line 9, in forward
    return x @ x.T
RuntimeError: CUDA out of memory.
";
    let files: Vec<String> = stacks(raw)
        .into_iter()
        .flat_map(|f| f.traceback.frames)
        .map(|f| f.file)
        .collect();
    assert_eq!(files, ["train.py", "model.py"]);
    assert_eq!(stacks(raw).len(), 2);
}

#[test]
fn frames_of_cpp_are_nobodys() {
    let raw = "Exception raised from malloc at a.cpp:1 (most recent call first):\nframe #0: c10::Error::Error(x) + 0x57 (0x7f in /x/libc10.so)\n";
    assert!(stacks(raw).is_empty());
}

#[test]
fn the_line_that_was_typed_at_a_prompt_is_the_code_of_its_frame() {
    let text = ">>> model = Net()\n>>> for x in data:\n...     y = model(x)\n... \nTraceback (most recent call last):\n  \
                File \"<stdin>\", line 2, in <module>\nRuntimeError: x";
    assert_eq!(
        frames(text),
        [frame("<stdin>", 2, "<module>", "y = model(x)")]
    );
    // What else stands above was printed.
    let text = "... done\nTraceback (most recent call last):\n  File \"<stdin>\", line 1, in <module>\nRuntimeError: x";
    assert_eq!(frames(text), [frame("<stdin>", 1, "<module>", "")]);
}
