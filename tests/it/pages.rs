//! The pages of `explain`: by id and by word, as a site whose every link leads somewhere, and linked from reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::process::{Run, command, finish};
use serde_json::Value;

const LOG: &[u8] = b"torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of \
    23.64 GiB of which 1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and 412.00 MiB is reserved \
    by PyTorch but unallocated.\n";

fn run(arguments: &[&str], input: &[u8]) -> Run {
    finish(command(arguments), input)
}

/// The values of an attribute in a page.
fn values(page: &str, attribute: &str) -> Vec<String> {
    let opens = format!(" {attribute}=\"");
    let parts = page.split(&opens).skip(1);
    parts
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect()
}

fn site(folder: &Path) -> BTreeMap<String, String> {
    let pages = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    pages.map(read).collect()
}

#[test]
fn the_words_that_people_type_have_a_page() {
    for (typed, title) in [
        (&["oom"][..], "CUDA out of memory"),
        (&["vram"], "where the memory of a GPU goes"),
        (&["cublas"], "library"),
        (&["record"], "memory snapshot"),
        (&["fragmentation"], "pieces"),
        (&["out", "of", "memory"], "CUDA out of memory"),
        (&["CUBLAS_STATUS_ALLOC_FAILED"], "library"),
    ] {
        let page = run(&[&["explain"], typed].concat(), b"");
        assert_eq!(page.code, Some(0), "{typed:?}: {}", page.err);
        let head: String = page.out.lines().take(12).collect::<Vec<_>>().join(" ");
        assert!(head.contains(title), "{typed:?}: {head}");
    }
    let mentions = run(&["explain", "memory_allocated"], b"");
    assert!(
        mentions
            .out
            .contains("No page is called `memory_allocated`"),
        "{}",
        mentions.out
    );
    assert_eq!(run(&["explain", "zzzzzz"], b"").code, Some(2));
}

/// What a person in trouble types, and the page that is meant.
const TYPED: [(&str, &str); 126] = [
    ("gpu", "vram"),
    ("cuda", "oom"),
    ("CUDA error", "oom"),
    ("OutOfMemory", "oom"),
    ("RESOURCE_EXHAUSTED", "oom"),
    ("cudaMalloc", "oom"),
    ("sigkill", "oom-killer"),
    ("exit code 137", "oom-killer"),
    ("ram", "cpu-allocator"),
    ("swap", "cpu-allocator"),
    ("cpu memory", "cpu-allocator"),
    ("bus error", "shm"),
    ("sigbus", "shm"),
    ("shared memory", "shm"),
    ("docker", "cgroup"),
    ("kubernetes", "cgroup"),
    ("OOMKilled", "cgroup"),
    ("slurm", "cgroup"),
    ("nccl", "library-starved"),
    ("jupyter", "notebook"),
    ("colab", "notebook"),
    ("ipython", "notebook"),
    ("gradients", "vram"),
    ("gradient accumulation", "lower-batch-size"),
    ("torch.no_grad", "inference-mode"),
    ("eval", "inference-mode"),
    ("item", "item-or-detach"),
    ("detach", "item-or-detach"),
    ("deepspeed", "shard-across-gpus"),
    ("multi gpu", "shard-across-gpus"),
    ("lora", "train-adapters"),
    ("8bit", "quantize-weights"),
    ("gguf", "quantize-weights"),
    ("context length", "smaller-context"),
    ("max_model_len", "smaller-context"),
    ("n_gpu_layers", "fewer-gpu-layers"),
    ("flash", "sdpa-attention"),
    ("vae", "tile-the-image"),
    ("memory summary", "reserved"),
    ("memory_summary", "reserved"),
    ("torch.cuda.empty_cache()", "reserved"),
    ("who", "census"),
    ("gc", "gc-collect"),
    ("wsl", "windows"),
    ("WDDM", "windows"),
    ("shared GPU memory", "windows"),
    ("DDP", "ranks"),
    ("nn.DataParallel", "ranks"),
    ("stable diffusion", "images"),
    ("ComfyUI", "images"),
    ("ollama", "serving"),
    ("llama.cpp", "serving"),
    ("vLLM", "serving"),
    ("MIG", "mig"),
    ("time-slicing", "mig"),
    ("xid 31", "xid"),
    ("segfault", "segfault"),
    ("exit code 139", "segfault"),
    ("illegal memory access", "segfault"),
    ("after some steps", "when"),
    ("second epoch", "when"),
    ("zombie process", "stale-process"),
    ("how much VRAM", "vram"),
    ("RTX 4090", "vram"),
    ("leaks", "leak"),
    ("batch sizes", "lower-batch-size"),
    ("num_workers", "fewer-workers"),
    ("pin_memory=True", "pin-less-memory"),
    ("retain_graph", "kept-graph"),
    ("num_ctx", "smaller-context"),
    ("cuda graph", "private-pools"),
    ("24gb", "fit"),
    ("8 GB", "fit"),
    ("7b", "fit"),
    ("70B", "fit"),
    ("llama 70b", "fit"),
    ("will it fit", "fit"),
    ("4090", "vram"),
    ("3060 Ti", "vram"),
    ("GTX 1080", "vram"),
    ("why is my GPU full", "vram"),
    ("gan", "networks"),
    ("u-net", "networks"),
    ("UNet", "networks"),
    ("resnet", "networks"),
    ("yolo", "networks"),
    ("bert", "networks"),
    ("lstm", "networks"),
    ("gnn", "networks"),
    ("gaussian splatting", "networks"),
    ("3d", "networks"),
    ("mri", "networks"),
    ("ppo", "rlhf"),
    ("GRPO", "rlhf"),
    ("reward model", "rlhf"),
    ("rl", "rlhf"),
    ("finetuning", "fine-tuning"),
    ("fine-tuning", "fine-tuning"),
    ("huggingface", "fine-tuning"),
    ("unsloth", "fine-tuning"),
    ("trainer", "fine-tuning"),
    ("controlnet", "images"),
    ("dreambooth", "images"),
    ("kv", "kv-cache"),
    ("xformers", "sdpa-attention"),
    ("int8", "quantize-weights"),
    ("bitsandbytes", "quantize-weights"),
    ("4-bit", "quantize-weights"),
    ("device_map", "offload"),
    ("peft", "train-adapters"),
    ("sgd", "memory-efficient-optimizer"),
    ("seq_len", "shorter-sequence"),
    ("vocab", "logits"),
    ("jax", "jax-no-preallocate"),
    ("tensorflow", "preallocating-framework"),
    ("crash", "segfault"),
    ("signal 9", "oom-killer"),
    ("zero3", "shard-across-gpus"),
    ("Apple Silicon", "mac"),
    ("mps", "mac"),
    ("M1", "mac"),
    ("free tier", "notebook"),
    ("CUDA_VISIBLE_DEVICES", "choose-another-gpu"),
    ("allow_growth", "preallocating-framework"),
    ("unspecified launch failure", "segfault"),
    ("amd", "vram"),
];

#[test]
fn a_phrase_of_words_that_have_pages_of_their_own_names_them_first() {
    for (typed, first) in [
        ("vram leak", ["`vram`", "`leak`"]),
        ("docker out of memory", ["`cgroup`", "`oom`"]),
        ("memory leak in validation", ["`leak`", "`inference-mode`"]),
    ] {
        let page = run(&["explain", typed], b"").out;
        let lines: Vec<&str> = page.lines().skip(2).take(2).collect();
        let named = lines.iter().zip(first).all(|(line, id)| line.contains(id));
        assert!(named, "{typed}: {page}");
    }
}

#[test]
fn what_a_person_in_trouble_types_leads_to_a_page() {
    for (typed, id) in TYPED {
        let page = run(&["explain", typed], b"");
        assert_eq!(page.out, run(&["explain", id], b"").out, "{typed}");
        assert_eq!(page.code, Some(0), "{typed}: {}", page.err);
    }
}

#[test]
fn the_site_has_a_page_for_every_id_and_each_of_its_links_leads_to_one() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a/site");
    let written = run(&["explain", "--html", target.to_str().unwrap()], b"");
    assert_eq!(written.code, Some(0), "{}", written.err);
    assert_eq!(
        written.out.trim(),
        target.join("index.html").to_str().unwrap()
    );
    let pages = site(&target);
    for list in ["causes", "fixes"] {
        let listed: Value = run(&["list", list, "-f", "json"], b"").json();
        for entry in listed.as_array().unwrap() {
            let name = format!("{}.html", entry["id"].as_str().unwrap());
            assert!(pages.contains_key(&name), "{name}");
        }
    }
    let mut reached = BTreeSet::from(["index.html".to_owned()]);
    for (name, page) in &pages {
        for address in values(page, "href").iter().filter(|href| *href != "data:,") {
            assert!(pages.contains_key(address), "{address} in {name}");
            if name == "index.html" {
                reached.insert(address.clone());
            }
        }
        assert!(
            values(page, "src").is_empty() && !page.contains("@import"),
            "{name} loads something"
        );
        assert_eq!(
            page.matches("<script").count(),
            usize::from(name == "index.html"),
            "{name}"
        );
    }
    assert_eq!(
        reached,
        pages.keys().cloned().collect(),
        "every page is in the list"
    );
    assert!(pages["index.html"].contains("A retry inside <code>except</code> runs"));
    let words = values(&pages["index.html"], "data-words");
    assert_eq!(words.len(), pages.len() - 1);
    let found = words
        .iter()
        .filter(|words| words.contains("cublas_status"))
        .count();
    assert!(
        (1..10).contains(&found),
        "the text of pages is searched: {found}"
    );
    let links = pages
        .values()
        .map(|page| values(page, "href").len())
        .sum::<usize>();
    assert!(
        links > 8 * pages.len(),
        "pages lead to one another: {links}"
    );
}

#[test]
fn reports_lead_to_the_pages_where_they_are_served() {
    let pages = "https://docs.example/oom";
    let run = |arguments: &[&str]| run(&[arguments, &["--pages", pages]].concat(), LOG);
    let json = run(&["-f", "json"]).json();
    let incident = &json["incidents"][0];
    for one in incident["causes"].as_array().unwrap() {
        assert_eq!(
            one["url"],
            format!("{pages}/{}.html", one["finding"].as_str().unwrap())
        );
    }
    for one in incident["fixes"].as_array().unwrap() {
        assert_eq!(
            one["url"],
            format!("{pages}/{}.html", one["fix"].as_str().unwrap())
        );
    }
    let rule = &run(&["-f", "sarif"]).json()["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(
        rule["helpUri"],
        format!("{pages}/{}.html", rule["id"].as_str().unwrap())
    );
    let link = format!(
        "\u{1b}]8;;{pages}/{0}.html\u{1b}\\whyoom explain {0}\u{1b}]8;;",
        rule["id"].as_str().unwrap()
    );
    assert!(run(&["--color", "always"]).out.contains(&link));
    assert!(!run(&["--color", "never"]).out.contains("docs.example"));
    assert!(
        run(&["-f", "html"])
            .out
            .contains(&format!("<a href=\"{pages}/"))
    );
}

#[test]
fn without_an_address_no_report_has_a_link_and_a_strange_one_is_refused() {
    let json = run(&["-f", "json"], LOG).json();
    assert!(json["incidents"][0]["causes"][0].get("url").is_none());
    for bad in ["javascript:alert(1)", "https://a b", "docs"] {
        assert_eq!(run(&["--pages", bad], LOG).code, Some(2), "{bad}");
    }
}

#[test]
fn shells_complete_the_ids() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell], b"").out;
        for id in ["split-segments", "expandable-segments", "vram", "record"] {
            assert!(script.contains(id), "{shell}: {id}");
        }
    }
}

/// What a shell offers after `whyoom explain split`; `None` where the shell is not installed.
fn offered(shell: &str, ask: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("script"),
        run(&["completions", shell], b"").out,
    )
    .unwrap();
    let asked = std::process::Command::new(shell)
        .current_dir(folder.path())
        .args(["-c", ask])
        .output();
    let asked = asked.ok()?;
    Some(String::from_utf8_lossy(&asked.stdout).into_owned())
}

#[test]
fn shells_offer_an_id_where_a_person_presses_tab() {
    let bash = "source ./script; COMP_WORDS=(whyoom explain split); COMP_CWORD=2; _whyoom whyoom split explain; echo ${COMPREPLY[@]}";
    let fish = "source ./script; complete -C 'whyoom explain split'";
    for (shell, ask) in [("bash", bash), ("fish", fish)] {
        if let Some(out) = offered(shell, ask) {
            assert!(out.starts_with("split-segments"), "{shell}: {out}");
        }
    }
    // A command is the first word for zsh, too, and what belongs to it follows.
    let zsh = run(&["completions", "zsh"], b"").out;
    assert!(
        zsh.contains("case $line[1] in\n            (live)"),
        "{zsh}"
    );
    assert!(!zsh.contains("$line[2]") && !zsh.contains("::paths"));
}
