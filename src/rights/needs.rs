//! Which functions of a manifest need a row.

use super::row::{Key, MANY};
use crate::model::{Desired, Function, Push, RoleChoice, push::Wanted};

impl Key {
    /// The functions that have it; `None` where the manifest does not.
    pub(super) fn functions(self, desired: &Desired) -> Option<Vec<&Function>> {
        let all = desired.functions.values();
        let having: Vec<&Function> = all.filter(|one| self.is_of(one, desired)).collect();
        match self {
            Self::Always => Some(having),
            _ => (!having.is_empty()).then_some(having),
        }
    }

    fn is_of(self, function: &Function, desired: &Desired) -> bool {
        let config = &function.config;
        let reach = &function.reach;
        let some = |arn: &Option<String>| arn.as_ref().is_some_and(|arn| !arn.is_empty());
        match self {
            Self::Always | Self::Each => true,
            Self::Many => desired.functions.len() > MANY,
            Self::Source => function.code.image_uri().is_none(),
            Self::ImagesFrom => desired.supply.target().is_some(),
            Self::ImageUri => function.code.image_uri().is_some(),
            Self::Bucket => desired.aws.bucket.is_some(),
            Self::OwnRole => own_role(function).is_some(),
            Self::NamedRole => match &function.role {
                RoleChoice::Given(role) => !role.starts_with("arn:"),
                RoleChoice::From(_) => true,
                RoleChoice::Own(_) => false,
            },
            Self::GivenRole => own_role(function).is_none(),
            Self::Roles => own_role(function).is_some() || Self::Schedules.is_of(function, desired),
            Self::RolePolicy => {
                let own = own_role(function);
                let file = own.is_some_and(|role| role.inline.is_some());
                let reaches =
                    reach.asynchronous.is_some() || Self::Mappings.is_of(function, desired);
                file || own.is_some() && reaches
            }
            Self::Boundary => is_bounded(function),
            Self::Unbounded => own_role(function).is_some() && !is_bounded(function),
            Self::LogGroup => !function.writes_elsewhere(),
            Self::Reserved => function.reserved_concurrency.is_some(),
            Self::RuntimeUpdate => function.runtime_update.is_some(),
            Self::RecursiveLoop => function.recursive_loop.is_some(),
            Self::KmsKey => {
                let mut mappings = reach.triggers.iter().flatten();
                some(&config.kms_key)
                    || function.takes("kms_key")
                    || mappings.any(|(_, mapping)| some(&mapping.kms_key))
            }
            Self::Network => {
                let vpc = config.vpc.as_ref();
                vpc.is_some_and(|vpc| !vpc.subnets.is_empty()) || function.takes("vpc")
            }
            Self::Layers => {
                let layers = config.layers.as_ref();
                layers.is_some_and(|all| !all.is_empty()) || function.takes("layers")
            }
            Self::FileSystems => {
                let mounted = config.file_systems.as_ref();
                mounted.is_some_and(|all| !all.is_empty()) || function.takes("file_systems")
            }
            Self::Alias => function.deploy.alias.is_some(),
            Self::Provisioned => reach.provisioned_concurrency.is_some(),
            Self::Traffic => function.deploy.traffic.is_some(),
            Self::Alarms => {
                let traffic = function.deploy.traffic.as_ref();
                traffic.is_some_and(|traffic| !traffic.alarms.is_empty())
            }
            Self::Url => reach.url.is_some(),
            Self::Async => reach.asynchronous.is_some(),
            Self::Policy => reach.permissions.is_some() || reach.triggers.is_some(),
            Self::Callers => {
                let called = |one: &Wanted| !matches!(one.push, Push::Schedule(_));
                reach.permissions.is_some() || reach.pushes.values().any(called)
            }
            Self::Triggers => reach.triggers.is_some(),
            Self::Mappings => reach.triggers.iter().any(|all| !all.is_empty()),
            Self::Notifications => has(function, |push| matches!(push, Push::Notification(_))),
            Self::Rules => has(function, |push| matches!(push, Push::Rule(_))),
            Self::Topics => has(function, |push| matches!(push, Push::Subscription(_))),
            Self::Schedules => has(function, |push| matches!(push, Push::Schedule(_))),
        }
    }
}

fn has(function: &Function, kind: fn(&Push) -> bool) -> bool {
    function.reach.pushes.values().any(|one| kind(&one.push))
}

/// Whether the function's role is jot's, and has a permissions boundary.
pub(super) fn is_bounded(function: &Function) -> bool {
    let own = own_role(function);
    own.is_some_and(|role| role.boundary.is_some() || function.takes("permissions_boundary"))
}

/// The function's role, where it is jot's.
pub(super) fn own_role(function: &Function) -> Option<&crate::model::desired::Role> {
    match &function.role {
        RoleChoice::Own(role) => Some(role),
        RoleChoice::Given(_) | RoleChoice::From(_) => None,
    }
}
