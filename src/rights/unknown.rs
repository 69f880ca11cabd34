//! What a policy cannot restrict, because the value comes from elsewhere.

use crate::model::{
    Desired,
    reference::{Slot, TriggerKey},
};

/// Sentences about settings with values that are unknown here: for each, what the policy allows
/// instead.
pub fn unknown(desired: &Desired) -> Vec<String> {
    let functions = desired.functions.values();
    let all = functions.flat_map(|function| {
        let unknown = function.references.iter().filter_map(|one| {
            let policy = policy(&one.slot)?;
            let origin = one.unknown()?;
            let key = &function.key;
            let slot = &one.slot;
            Some(format!(
                "functions.{key}.{slot} is not known here, but in {origin}: the policy {policy}"
            ))
        });
        unknown.collect::<Vec<_>>()
    });
    all.collect()
}

/// What the policy does if a value is unknown; `None` if it does not depend on it.
fn policy(slot: &Slot) -> Option<&'static str> {
    match slot {
        Slot::Trigger(_, TriggerKey::S3) => Some("leaves the bucket out"),
        Slot::Trigger(_, TriggerKey::Sns) => Some("leaves the topic out"),
        Slot::Role => Some("allows passing any role to Lambda"),
        Slot::Policy(_) => Some("allows any managed policy for the role"),
        Slot::Boundary => Some("allows a role without its boundary"),
        Slot::KmsKey => Some("allows Lambda to use any key"),
        Slot::LogGroup => Some("allows reading any log group"),
        Slot::Principal(_) => Some("allows letting every principal call the function"),
        Slot::Layer(_) => Some("allows reading any layer"),
        Slot::FileSystem { .. } => Some("allows reading any access point"),
        Slot::Trigger(..)
        | Slot::Archives
        | Slot::DeadLetter
        | Slot::OnSuccess
        | Slot::OnFailure
        | Slot::SourceArn(_)
        | Slot::Ipv6
        | Slot::Subnet(_)
        | Slot::SecurityGroup(_) => None,
    }
}
