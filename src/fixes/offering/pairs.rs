//! Where every element meets every other: rows, boxes, nodes.

use crate::evidence::{MessageId, Program, SettingKind};
use crate::fixes::{Offer, Situation};

/// What to do with the operation that sets all against all; `pieces` is in how many parts one fits.
pub(in crate::fixes) fn offer(s: &Situation<'_>, pieces: &str) -> Option<Offer> {
    let stack = &s.incident.traceback;
    if let Some(offer) = fewer_boxes(s).or_else(|| surer_boxes(s)) {
        return Some(offer);
    }
    if let Some(line) = row_by_row(s, pieces) {
        return Some(Offer::unmeasured(line));
    }
    let graph = s.finding.compares_all()
        && s.incident
            .settings
            .get(SettingKind::Rows)
            .is_some_and(|rows| rows.name == "nodes");
    if let Some(offer) = on_edges(s).filter(|_| !graph && !stack.runs("to_dense")) {
        return Some(offer);
    }
    if s.torch() && (graph || stack.runs("to_dense")) {
        return Some(Offer::unmeasured(
            "NeighborLoader(data, num_neighbors=[10, 10], batch_size=1024)\n# or a model that works on edge_index: a dense matrix holds all pairs of nodes",
        ));
    }
    None
}

/// True where a line of JAX sets all against all; its message has no figures that would tell more.
pub(in crate::fixes) fn in_jax(s: &Situation<'_>) -> bool {
    const SIGNS: [&str; 3] = ["[:, None", "cdist(", "pairwise"];
    let stack = &s.incident.traceback;
    s.program() == Program::Jax && SIGNS.iter().any(|sign| stack.runs(sign))
}

/// A layer over edges, where a dense one of a graph holds all pairs of its nodes.
fn on_edges(s: &Situation<'_>) -> Option<Offer> {
    let stack = &s.incident.traceback;
    let graph = s.finding.compares_all() && (stack.runs("adj)") || stack.runs("edge_index"));
    let how = "GATConv(n_in, n_out)(x, edge_index)  # torch_geometric.nn; dgl.nn has the same\n# a layer that works on edges: a dense one holds all pairs of nodes, however few are linked";
    let title = "Use a layer that works on the edges alone";
    (s.torch() && graph).then(|| Offer::unmeasured(how).titled(title))
}

/// The program's own line that sets all rows against all, for some rows at a time: `d = torch.cdist(a, b)`, `s = a @ b.T`. Its
/// result is what does not fit, so that nothing of full size may be put together again.
fn row_by_row(s: &Situation<'_>, pieces: &str) -> Option<String> {
    const CALLS: [&str; 3] = ["torch.cdist(", "torch.matmul(", "torch.mm("];
    let code = s.incident.frame.as_ref()?.code.trim();
    let (result, right) = code.split_once(" = ")?;
    let plain = |name: &str| {
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        !name.is_empty() && name.len() <= 30 && name.chars().all(part)
    };
    let called = CALLS.iter().find_map(|call| {
        let (first, rest) = right.strip_prefix(call)?.split_once(',')?;
        Some((first.trim(), format!("{call}part,{rest}")))
    });
    let product = || {
        let (first, rest) = right.split_once(" @ ")?;
        Some((first.trim(), format!("part @ {rest}")))
    };
    let (first, by_part) = called.or_else(product)?;
    let line = format!("for part in {first}.chunk({pieces}): {result} = {by_part}");
    let fits = s.torch() && s.finding.compares_all() && plain(first) && plain(result);
    (fits && line.len() <= 100).then(|| {
        format!(
            "{line}{}\n# and keep of each part what is needed: {result}.topk(k), {result}.min(1), or {result}.cpu()",
            s.at_here()
        )
    })
}

/// Boxes that a detector found are set against each other, those of it that say little of all, too: a row and a column for each in
/// `torchvision.ops.nms` (`torchvision/csrc/ops/cuda/nms_kernel.cu`).
fn surer_boxes(s: &Situation<'_>) -> Option<Offer> {
    let stack = &s.incident.traceback;
    let how = if s.trained_by(&["yolov5", "yolov7", "yolov6"]) || stack.runs("conf_thres") {
        // ultralytics/yolov5 (val.py), WongKinYiu/yolov7 and yolor (test.py).
        "--conf-thres 0.01  # of test.py or val.py, 0.001 unless told: fewer boxes meet each other\n# in code: conf_thres=0.01; an early epoch finds boxes everywhere, so validate later"
    } else if s.trained_by(&["ultralytics"]) {
        "conf=0.01 max_det=100  # 0.001 and 300 in a validation unless told: fewer boxes meet each other"
    } else {
        "keep = scores > 0.01; boxes, scores = boxes[keep], scores[keep]  # before nms: fewer boxes meet each other\n# and scores.topk(10000): an early epoch finds boxes everywhere"
    };
    let title = "Set fewer boxes against each other";
    suppresses(s).then(|| Offer::unmeasured(how).titled(title))
}

/// True where boxes of one picture are thinned out.
pub(in crate::fixes) fn suppresses(s: &Situation<'_>) -> bool {
    let last = s.incident.traceback.frames.last();
    s.torch() && last.is_some_and(|last| last.code.contains("nms(") || last.name().contains("nms"))
}

/// All boxes against all others.
fn fewer_boxes(s: &Situation<'_>) -> Option<Offer> {
    const COMPARED: [&str; 4] = [
        // detectron2/structures/boxes.py.
        "pairwise_iou",
        "bbox_overlaps",
        "_box_inter_union",
        "select_candidates_in_gts",
    ];
    let stack = &s.incident.traceback;
    // It was these that were moved, whether their function is named or not.
    let again = s.incident.format == MessageId::MovedToHost && s.finding.compares_all();
    let compares = again || COMPARED.iter().any(|name| stack.runs(name));
    let how = if stack.mentions("mmdet/") || s.trained_by(&["openmmlab"]) {
        "gpu_assign_thr=100  # in the assigner: more boxes go to the CPU\n# or crop or drop images with thousands of boxes"
    } else if stack.mentions("detectron2/") || s.trained_by(&["detectron2"]) {
        "INPUT.CROP.ENABLED True INPUT.CROP.SIZE \"[0.5, 0.5]\"  # fewer boxes of a picture meet its anchors\n# or drop pictures with thousands of boxes from the data set"
    } else {
        "target = {k: v[:N] for k, v in target.items()}  # N: boxes of one image, in the data set\n# images with thousands of boxes: crop or drop them"
    };
    (s.torch() && compares).then(|| Offer::unmeasured(how))
}
