//! All tests of the library and the command but those of `fixtures`: one binary, so that a change is linked once and not 22 times.
//! A module an area; `cargo test --test it AREA::` runs one.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests that run the command and read the repository; what they cannot do fails them"
)]

mod accuracy;
mod architecture;
mod archives;
#[path = "../cases/mod.rs"]
mod cases;
mod census;
mod ci_logs;
mod ci_outputs;
mod ci_services;
mod command;
mod config;
mod entries;
mod faults;
mod gates;
mod host_memory;
mod hosted_kills;
mod html;
mod injection;
#[cfg(unix)]
mod integrations;
mod jobs;
mod judgement;
mod known;
mod limits;
mod live;
mod manners;
mod messages;
mod one_run;
mod outputs;
mod page_words;
mod pages;
mod process;
mod properties;
mod prose;
mod readings;
mod readme;
mod redact;
mod registry;
mod rules;
mod run;
mod runners_as_run;
mod silent;
mod snapshot;
#[cfg(feature = "source")]
mod source;
mod source_rounds;
mod spark;
mod telemetry;
mod test_runners;
