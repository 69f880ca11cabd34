//! jot on real parts: Docker Engine, ministack and Julia, as `scripts/test` brings them up.

mod adopt;
mod alias;
mod bad_sources;
mod bench;
mod by_hand;
mod cells;
mod changing;
mod ci;
mod clean;
mod compile;
mod credentials;
#[path = "../support/crowd.rs"]
mod crowd;
mod datalake;
mod dependencies;
mod dockerfile;
mod drift;
#[path = "../support/elsewhere.rs"]
mod elsewhere;
mod engines;
mod examples;
mod failed;
mod faults;
mod gates;
mod git_source;
mod invoke;
mod jvm;
mod jvm_tools;
mod jvm_zip;
mod lifecycle;
mod limits;
mod machines;
mod many;
mod native;
mod network;
mod offline;
mod own_tests;
mod ownership;
mod policies;
#[path = "../support/proxy.rs"]
mod proxy;
mod proxying;
mod pushes;
mod reach;
mod redaction;
mod references;
mod responders;
mod run;
mod saved;
mod secrets;
mod settings;
mod signals;
mod snapstart;
mod story;
mod support;
mod triggers;
