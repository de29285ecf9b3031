//! Geometry and textures are what fills a GPU that renders.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SimplifyTheScene,
    cost: "detail, where it is seen at all",
    page: include_str!("simplify-the-scene.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let how = match s.program() {
        Program::Blender => {
            "Render Properties, Simplify: Max Subdivision 2, Texture Limit 2048\n# and Performance, Final Render: Persistent Data off"
        }
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}
