//! Lambda: functions, versions, aliases, invocations.

mod alias;
mod function;
mod invoke;
mod settings;
mod settle;
mod state;
mod version;

use super::service::{Call, Service};

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::Lambda,
        operation,
        resource,
    }
}
