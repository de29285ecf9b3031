//! What several findings measure: room, idle memory, what others hold, growth, what pools and engines count themselves, and what
//! tells the findings of one cause apart.

pub(super) mod budgets;
pub(super) mod buffers;
mod by_append;
pub(super) mod by_holder;
pub(super) mod by_interface;
mod by_load;
mod by_round;
pub(super) mod by_size;
pub(super) mod by_stack;
pub(super) mod by_weights;
pub(super) mod exhaustion;
pub(super) mod foreign;
pub(super) mod growth;
pub(super) mod idle;
pub(super) mod killed;
pub(super) mod likeness;
pub(super) mod one_request;
pub(super) mod pools;
pub(super) mod record;
pub(super) mod room;
pub(super) mod shape;
pub(super) mod siblings;
pub(super) mod vocabulary;
