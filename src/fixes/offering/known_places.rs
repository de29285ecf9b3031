//! What goes through at a place that is known, made smaller: an evaluation, masks of a picture, Gaussians of a scene.

use crate::evidence::{KnownWork, Phase, SettingKind};
use crate::fixes::{Offer, Situation};

/// An evaluation of which only the writer tells takes samples whole, as training mostly does not.
pub(in crate::fixes) fn in_an_evaluation(s: &Situation<'_>) -> Option<Offer> {
    if !s.torch() || !s.told_in_evaluation() {
        return None;
    }
    let how = "evaluate samples of the size that training takes  # whole pictures, volumes and documents go through else\n# or in crops that slide over them; mmseg: test_cfg=dict(mode='slide', ...); batches of 1";
    Some(Offer::unmeasured(how).titled("Evaluate smaller samples, or parts of them"))
}

/// What is smaller at a place that is known: masks of a picture, Gaussians of a scene.
pub(in crate::fixes) fn at_a_known_place(s: &Situation<'_>) -> Option<Offer> {
    let known = s.incident.traceback.known_work().filter(|_| s.torch());
    let known = if pastes_masks(s) {
        Some(KnownWork::PastesMasks)
    } else {
        known
    };
    let late = s
        .incident
        .run
        .reached()
        .is_some_and(|(steps, _)| steps >= 500);
    let fewer =
        s.trained_by(&["gaussian-splatting"]) && late || known == Some(KnownWork::GrowsGaussians);
    if known == Some(KnownWork::RestoresPicture) && s.in_phase(&[Phase::Eval]) {
        let how = "validation pictures of at most 512 x 512  # each goes through whole, however small the training patches are\n# or work in tiles that overlap, and put the results together";
        return Some(Offer::unmeasured(how).titled("Validate on smaller pictures or crops"));
    }
    if known == Some(KnownWork::PastesMasks) {
        let how = if s.trained_by(&["openmmlab"]) {
            "--cfg-options model.test_cfg.rcnn.max_per_img=50\n# masks are laid out at the size of the picture that was read: smaller pictures, too"
        } else if s.trained_by(&["detectron2"]) {
            "TEST.DETECTIONS_PER_IMAGE 50\n# masks are laid out at the size of the picture that was read: smaller pictures, too"
        } else {
            "box_detections_per_img=50  # torchvision; Ultralytics: max_det=50\n# masks are laid out at the size of the picture that was read: smaller pictures, too"
        };
        return Some(
            Offer::unmeasured(how).titled("Keep fewer masks of each picture, or use smaller ones"),
        );
    }
    if s.trained_by(&["splatfacto", "gsplat"]) && !s.in_phase(&[Phase::Load]) {
        let own = s.own_switch(|switches| switches.image).offer();
        return own.map(|own| own.titled("Grow fewer Gaussians"));
    }
    if !fewer {
        return None;
    }
    let how = "--densify_grad_threshold 0.0004  # 0.0002 unless told; or an earlier --densify_until_iter\n# and photos at half their size: -r 2";
    Some(Offer::unmeasured(how).titled("Grow fewer Gaussians"))
}

/// True where a library says that it laid out the masks of one picture in host memory.
pub(in crate::fixes) fn pastes_masks(s: &Situation<'_>) -> bool {
    let moved = s.incident.settings.get(SettingKind::MovedToHost);
    moved.is_some_and(|moved| moved.value.contains("paste_mask"))
}
