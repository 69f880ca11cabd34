//! Lambda: functions, versions, aliases, invocations.

mod alias;
mod alias_end;
mod asynchronous;
mod function;
mod invoke;
mod mapping;
mod policy;
mod provisioned;
mod reason;
mod recursion;
mod running;
mod settings;
mod settle;
mod state;
mod url;
mod version;
mod zip;

pub use alias::Pointed;
pub use reason::state_help;
pub use running::Running;
pub use settle::{Change, Waited, is_settled};
pub use zip::{NewZip, ZipCode};

use super::service::{Call, Service};

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::Lambda,
        operation,
        resource,
    }
}
