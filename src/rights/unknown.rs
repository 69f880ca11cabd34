//! What a policy cannot say, since it stands elsewhere.

use crate::model::{Desired, reference::Slot};

/// Sentences about settings whose values are not known here: for each what the policy allows in its
/// place.
pub fn unknown(desired: &Desired) -> Vec<String> {
    let functions = desired.functions.values();
    let all = functions.flat_map(|function| {
        let unknown = function.references.iter().filter_map(|one| {
            let wide = wide(&one.slot)?;
            let origin = one.unknown()?;
            let key = &function.key;
            let slot = &one.slot;
            Some(format!(
                "functions.{key}.{slot} is not known here, but in {origin}: the policy allows {wide}"
            ))
        });
        unknown.collect::<Vec<_>>()
    });
    all.collect()
}

/// What is allowed where a value is not known; `None` where the policy does not depend on it.
fn wide(slot: &Slot) -> Option<&'static str> {
    match slot {
        Slot::Role => Some("Lambda to be given any role"),
        Slot::Policy(_) => Some("any managed policy for the role"),
        Slot::Boundary => Some("the role to be without its boundary"),
        Slot::KmsKey => Some("the use of any key by Lambda"),
        Slot::LogGroup => Some("any log group to be read"),
        Slot::Principal(_) => Some("every principal to be let call the function"),
        Slot::Layer(_) => Some("any layer to be read"),
        Slot::FileSystem { .. } => Some("any access point to be looked at"),
        Slot::DeadLetter
        | Slot::OnSuccess
        | Slot::OnFailure
        | Slot::SourceArn(_)
        | Slot::Ipv6
        | Slot::Subnet(_)
        | Slot::SecurityGroup(_) => None,
    }
}
