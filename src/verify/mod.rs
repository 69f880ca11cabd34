//! Runs a function's tests: in a container with Lambda's limits, or on a version in Lambda.

mod call;
mod compare;
mod exemplar;
mod explain;
mod json;
mod local;
mod log;
mod outcome;
mod reach;
mod reload;
mod remote;
mod request;
mod round;
mod running;
mod start;
mod trace;

pub use call::{Answer, CallError, INVOCATION_PATH, Way, call};
pub use compare::difference;
pub use exemplar::{replayed, replayed_answer};
pub use explain::INIT_S;
pub use local::{lambda_environment, local};
pub use log::{ends_call, ends_initialisation, is_the_emulators};
pub use outcome::{error_message, is_error, place};
pub use reach::{Unreached, reach};
pub use reload::{Unloaded, reload};
pub use remote::{Remote, SecondChance, remote, remote_call};
pub use request::Local;
pub use round::{Round, round};
pub use running::timed_out;
