//! Whose a frame is: the user's, or of something installed.

use std::sync::LazyLock;

use crate::evidence::Frame;
use crate::text::Words;

/// Folders of what is installed, of any system. A path with one of them is nobody's own code.
static INSTALLED: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "site-packages/",
        "dist-packages/",
        "/lib/python",
        "/lib64/python",
        "/opt/conda/",
        "/usr/lib/",
        "/usr/local/lib/",
        "/lib/multiprocessing/",
        "/lib/concurrent/",
        "/lib/asyncio/",
        "/lib/runpy.py",
        "/lib/threading.py",
        "/lib/contextlib.py",
        // Code that the compiler of PyTorch and Triton write.
        "torchinductor_",
        ".triton/cache/",
        // Code of models that Transformers downloads.
        "transformers_modules/",
        "/nix/store/",
        ".egg/",
        // Code that PyTorch Geometric writes for each layer, into the system's folder for temporary files (inspector.py).
        "/torch_geometric.",
    ])
});

/// Parts of PyTorch, for builds from source and paths that somebody shortened.
const TORCH: [&str; 20] = [
    "torch/nn/",
    "torch/autograd/",
    "torch/optim/",
    "torch/utils/",
    "torch/cuda/",
    "torch/distributed/",
    "torch/_dynamo/",
    "torch/_inductor/",
    "torch/_functorch/",
    "torch/_higher_order_ops/",
    "torch/fx/",
    "torch/jit/",
    "torch/amp/",
    "torch/multiprocessing/",
    "torch/_tensor.py",
    "torch/_ops.py",
    "torch/functional.py",
    "torch/serialization.py",
    "torch/_utils.py",
    "torch/_refs/",
];

/// True where a frame is of the user's own code.
pub(super) fn is_users(frame: &Frame) -> bool {
    is_users_file(&frame.file)
}

/// True for a file of the user's own code.
pub(super) fn is_users_file(file: &str) -> bool {
    let file = file.replace('\\', "/");
    if let Some(name) = file.strip_prefix('<') {
        // What was typed is the user's; `<string>`, `<frozen runpy>`, `<eval_with_key>.1` are not.
        return name.starts_with("ipython-input") || name.starts_with("stdin");
    }
    let lower = file.to_ascii_lowercase();
    let installed = INSTALLED.stand_in(&lower);
    // Most paths hold none of them anywhere.
    let torch = lower.contains("torch/")
        && TORCH
            .iter()
            .any(|part| lower.starts_with(part) || lower.contains(&format!("/{part}")));
    !(file.is_empty() || installed || torch || is_compiled(&file) || is_launcher(&file))
}

/// True for sources of extensions, the paths of which are those of the machine that built them.
pub(super) fn is_compiled(file: &str) -> bool {
    [
        ".pyx", ".pxd", ".pxi", ".cpp", ".cu", ".cc", ".c", ".cuh", ".hpp", ".h",
    ]
    .iter()
    .any(|end| file.ends_with(end))
}

/// True for the commands that packages install: `/home/user/venv/bin/torchrun`, `C:/Python/Scripts/x.exe/__main__.py`.
fn is_launcher(file: &str) -> bool {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let in_bin = folder.ends_with("/bin") || folder == "bin";
    in_bin && !name.contains('.') || folder.contains("/Scripts/") && name == "__main__.py"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(file: &str) -> bool {
        is_users(&Frame {
            file: file.to_owned(),
            line: 1,
            function: String::new(),
            code: String::new(),
            at: 1,
        })
    }

    #[test]
    fn projects_homes_and_cells_are_the_users() {
        for file in [
            "train.py",
            "./src/model.py",
            "/home/user/project/train.py",
            "/workspace/train.py",
            "C:\\Users\\me\\project\\train.py",
            "/mnt/torch/train.py",
            "~/x.py",
            "<ipython-input-3-ab>",
            "Cell In[3]",
            "<stdin>",
        ] {
            assert!(owned(file), "{file}");
        }
    }

    #[test]
    fn what_is_installed_or_made_is_not() {
        for file in [
            "/home/user/venv/lib/python3.12/site-packages/torch/nn/modules/module.py",
            "/usr/local/lib/python3.10/dist-packages/x.py",
            "C:\\Users\\me\\anaconda3\\envs\\x\\Lib\\site-packages\\torch\\x.py",
            "C:\\Python39\\lib\\threading.py",
            "/opt/pytorch/torch/nn/functional.py",
            "torch/nn/modules/linear.py",
            "/home/user/venv/bin/accelerate",
            "/tmp/torchinductor_user/ab/cab.py",
            "/tmp/torch_geometric.nn.conv.gcn_conv_GCNConv_propagate_x1y2z3.py",
            "cupy/cuda/memory.pyx",
            "<frozen runpy>",
            "<string>",
            "",
        ] {
            assert!(!owned(file), "{file}");
        }
    }
}
