//! What a policy cannot say, since it stands elsewhere.

use crate::model::{
    Desired,
    reference::{Slot, TriggerKey},
};

/// Sentences about settings whose values are not known here: for each what the policy allows in its
/// place.
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

/// What the policy does where a value is not known; `None` where it does not depend on it.
fn policy(slot: &Slot) -> Option<&'static str> {
    match slot {
        Slot::Trigger(_, TriggerKey::S3) => Some("leaves the bucket out"),
        Slot::Trigger(_, TriggerKey::Sns) => Some("leaves the topic out"),
        Slot::Role => Some("allows Lambda to be given any role"),
        Slot::Policy(_) => Some("allows any managed policy for the role"),
        Slot::Boundary => Some("allows the role to be without its boundary"),
        Slot::KmsKey => Some("allows the use of any key by Lambda"),
        Slot::LogGroup => Some("allows any log group to be read"),
        Slot::Principal(_) => Some("allows every principal to be let call the function"),
        Slot::Layer(_) => Some("allows any layer to be read"),
        Slot::FileSystem { .. } => Some("allows any access point to be looked at"),
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
