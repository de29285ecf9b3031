//! Batches that are set where a library is called, and not in the program's own arguments.

use crate::evidence::{Census, KnownWork, SettingKind};
use crate::fixes::{Offer, Situation};

/// A batch that is set where a library is called.
pub(in crate::fixes) fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.torch() && s.incident.traceback.known_work() == Some(KnownWork::CachesLatents) {
        let how = if s.trained_by(&["musubi"]) {
            "--batch_size 1  # of the script that caches latents; then --vae_tiling, or smaller pictures"
        } else {
            "--vae_batch_size 1  # pictures at once through the VAE; then a smaller --resolution"
        };
        let offer = Offer::unmeasured(how).titled("Encode one picture at a time");
        return Some(offer.costing("slower caching, once"));
    }
    if s.decodes_images() {
        let how = "vae.enable_slicing()  # pipe.vae of a pipeline: one image after the other\n# vae.enable_tiling() where one image is too large by itself";
        let title = "Decode one image at a time".to_owned();
        return Some(
            Offer::unmeasured(how)
                .titled(title)
                .costing("slower decoding"),
        );
    }
    // segment-anything and SAM 2 (automatic_mask_generator.py): so many prompts of a grid go through at once.
    if s.torch()
        && s.incident.traceback.mentions("automatic_mask_generator.py")
        && !s.has(SettingKind::BatchSize)
    {
        let how = "points_per_batch=32  # of the mask generator; half of the default of 64";
        return Some(Offer::unmeasured(how).titled("Put fewer points through at once"));
    }
    if s.diffusers_pipeline() && s.incident.traceback.infers() {
        let how = "num_images_per_prompt=1  # and one prompt at a time";
        return Some(Offer::unmeasured(how).titled("Make one picture at a time"));
    }
    if whole_graph(s) && s.incident.traceback.mentions("dgl/") {
        let how = "dgl.dataloading.DataLoader(g, ids, dgl.dataloading.NeighborSampler([15, 10]), batch_size=1024)\n# each batch is a part of the graph";
        let title = "Put a part of the graph through at once".to_owned();
        return Some(Offer::unmeasured(how).titled(title));
    }
    if whole_graph(s) {
        let how = "NeighborLoader(data, num_neighbors=[15, 10], batch_size=1024)\n# torch_geometric.loader; each batch is a part of the graph";
        let title = "Put a part of the graph through at once".to_owned();
        return Some(Offer::unmeasured(how).titled(title));
    }
    let how = "embeddings = model.encode(texts, batch_size=16)  # 32 unless told\n# BERTopic takes them: topic_model.fit_transform(docs, embeddings)";
    encodes(s).then(|| Offer::unmeasured(how))
}

/// True where `PyTorch` Geometric, DGL or `CogDL` works on a graph, and the log shows no batch: mostly it is the whole graph.
pub(in crate::fixes) fn whole_graph(s: &Situation<'_>) -> bool {
    const LIBRARIES: [&str; 5] = [
        "torch_geometric/nn/",
        "dgl/nn/",
        "dgl/ops/",
        "dgl/backend/",
        "cogdl/",
    ];
    let stack = &s.incident.traceback;
    // A backward pass has no frames of its layers: there the edges tell.
    let edges = s.incident.census.as_deref().is_some_and(Census::has_edges);
    // Parts that were drawn already are called blocks (dgl/dataloading).
    let drawn = stack.runs("blocks") || stack.runs("(block, ");
    s.torch()
        && !drawn
        && (edges || LIBRARIES.iter().any(|library| stack.mentions(library)))
        && !s.has(SettingKind::BatchSize)
}

/// True where sentence-transformers encodes texts, and the log shows no batch (`sentence_transformers/SentenceTransformer.py`).
fn encodes(s: &Situation<'_>) -> bool {
    let frames = s.incident.traceback.frames.iter();
    let mut encode = frames
        .filter(|frame| frame.function == "encode" && frame.file.contains("sentence_transformers"));
    s.torch() && !s.has(SettingKind::BatchSize) && encode.next().is_some()
}
