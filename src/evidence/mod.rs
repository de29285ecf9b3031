//! What was learned from a log, wherever it stood: plain data, no text handling, no judgement.

mod accelerator;
mod balance;
mod card;
mod case;
mod census;
mod clue;
mod clue_text;
pub(crate) mod contexts;
mod fact;
mod flag;
mod forecast;
mod gpu_use;
mod holdings;
mod ids;
mod incident;
mod inference;
mod killed;
pub(crate) mod knob_names;
mod known_work;
mod live;
mod moment;
mod named;
mod now;
mod pids;
mod program;
mod ranks;
mod same_stack;
mod series;
mod setting_kind;
mod settings;
mod shares;
mod skew;
mod traceback;
mod tuning;
mod watched;
mod who;

pub use accelerator::Accelerator;
pub use balance::Balance;
pub use card::Card;
pub use case::Case;
pub use census::{
    Census, FrameHeld, Graph, Grown, HookHeld, OptimizerHeld, OwnerHeld, OwnerKind, PoolHeld,
    Progress, ShapeHeld, TensorHeld, WorkHeld,
};
pub use clue::{Clue, ClueKind, Patch};
pub use fact::{Fact, FactSource, Facts, Key};
pub use flag::{Flag, Flags};
pub use gpu_use::GpuUse;
pub use holdings::{
    Accumulates, HeldAt, HeldPart, HeldParts, HeldSegment, HeldStack, Holdings, IdleMemory,
    MemoryKind, Next, Owner, PoolOf, Retried,
};
pub use ids::{FindingId, FixId, MessageId, OWN};
pub use incident::{
    Again, Differs, Earlier, Elsewhere, Incident, Memory, OneDevice, Order, Process, RunPlace,
    Share, Tells,
};
pub(crate) use inference::{ANSWERERS, ANSWERING_SCRIPTS};
pub use killed::{Asked, Keeper, Kill, Witness};
pub(crate) use known_work::KnownWork;
pub use live::{Course, Devices, Gpu, Growth, Holder, Instance, MemoryNow, Sight};
pub use moment::{Clock, Moment, When};
pub(crate) use named::named;
pub use now::{AtFailure, InTheWay, Kin, Now, Room, Visible};
pub use pids::side_by_side;
pub use program::{Family, Program};
pub use ranks::runs;
pub(crate) use same_stack::SameStack;
pub use series::{Counter, Point, Series, Trend, TrendVerdict};
pub use setting_kind::SettingKind;
pub(crate) use settings::{A_DEMO, A_PROMPT, GROWTH_SEEN};
pub use settings::{AllocatorConfig, Setting, Settings, Version};
pub use shares::Shares;
pub use skew::{RankHeld, Side, Skew, Uneven, ends};
pub use traceback::{Frame, Pasted, Phase, Shown, Traceback};
pub(crate) use tuning::{Tuning, of_each_weight, weights as tuning_weights};
pub use watched::{GpuMoment, Sample, Visitor, Watched};
pub use who::{Part, Who};
