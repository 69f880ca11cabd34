//! Lambda: functions, versions, aliases, invocations.

mod alias;
mod function;
mod invoke;
mod reason;
mod settings;
mod settle;
mod state;
mod version;
mod zip;

pub use reason::state_help;
pub use settle::{Change, Waited, is_settled};
pub use zip::{NewZip, Start, ZipCode};

use super::service::{Call, Service};

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::Lambda,
        operation,
        resource,
    }
}
