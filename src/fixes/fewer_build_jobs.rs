//! Builds start a compiler for each core, and each of those for kernels takes several GiB of RAM.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Keeper, MessageId};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerBuildJobs,
    cost: "a longer build",
    page: include_str!("fewer-build-jobs.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // A killed compiler, or one that got no more.
    if !s.kept_by(Keeper::Compiler) && s.incident.format != MessageId::CompilerMemory {
        return None;
    }
    if s.kept_by(Keeper::Go) {
        // `go help build`: as many packages side by side as there are cores.
        return Some(Offer::unmeasured(
            "GOFLAGS=-p=2 go build ./...  # as many packages at once; it is one a core unless set",
        ));
    }
    let told = s.half_of(Keeper::Compiler);
    let n = told.map_or(2, |(half, _)| half);
    // Where the log has no number, what it is then: torch/utils/cpp_extension.py leaves it to ninja, whose src/ninja.cc (`GuessParallelism`)
    // adds two to the cores.
    let (unset, of_ninja) = if told.is_some() {
        ("", "")
    } else {
        (
            "; unset it is one a core and two more",
            "; ninja takes one a core and two more unless told",
        )
    };
    let how = match builder(s) {
        // bazel.build, "Commands and options", `--jobs`.
        Some(Keeper::Bazel) => format!(
            "bazel build --jobs={n} ...  # as many compilers at once; one a core unless set\n# --local_ram_resources=HOST_RAM*.5 lets it count memory (from Bazel 7: --local_resources=memory=HOST_RAM*.5)"
        ),
        // doc.rust-lang.org/cargo, "Configuration", `build.jobs`; "Profiles", `lto`.
        Some(Keeper::Cargo) => format!(
            "CARGO_BUILD_JOBS={n} cargo build ...  # as many rustc at once; one a core unless set\n# one crate alone: lto = \"thin\" and codegen-units = 16 in [profile.release]; lto = \"fat\" takes the most"
        ),
        Some(Keeper::Make) if !s.kept_by(Keeper::Pip) => {
            format!("make -j{n}  # ninja -j{n}, cmake --build . -j{n}{of_ninja}")
        }
        Some(Keeper::Make) => format!(
            "MAX_JOBS={n} CMAKE_BUILD_PARALLEL_LEVEL={n} NVCC_THREADS=1  # before pip install{unset}\n# make -j{n}, ninja -j{n}"
        ),
        _ => format!(
            "MAX_JOBS={n} NVCC_THREADS=1  # before pip install or python setup.py{unset}\n# make -j{n}, ninja -j{n}, cmake --build . -j{n}"
        ),
    };
    let offer = Offer::unmeasured(how);
    Some(match told {
        Some((half, count)) => {
            offer.titled(format!("Compile with fewer jobs at once, {count} → {half}"))
        }
        None => offer,
    })
}

/// What runs the compilers, as the log shows it: the outermost of them.
fn builder(s: &Situation<'_>) -> Option<Keeper> {
    let all = [Keeper::Bazel, Keeper::Cargo, Keeper::Make];
    all.into_iter().find(|keeper| s.kept_by(*keeper))
}
