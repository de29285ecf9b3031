//! The report that people read: the answer, the sum, what to do, where it was read.
