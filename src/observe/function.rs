//! All that belongs to one function.

use serde_json::Value as Json;

use crate::{
    model::{
        desired::{Function, RoleChoice},
        observed::{self, Alias, FunctionState, Role},
    },
    remote::{Aws, Error},
};

/// The function, its alias and what that points at, its role and log group: six questions for a function with all of them,
/// asked at once. A function that Lambda is still changing is given as it is now.
pub(super) async fn observe(wanted: &Function, aws: &Aws) -> Result<observed::Function, Error> {
    let (latest, (alias, live), role, log_group) = tokio::try_join!(
        aws.function(&wanted.name, None),
        alias(wanted, aws),
        role(&wanted.role, aws),
        aws.log_group(&wanted.log_group.name),
    )?;
    Ok(observed::Function {
        latest,
        alias,
        live,
        role,
        log_group,
    })
}

async fn alias(
    wanted: &Function,
    aws: &Aws,
) -> Result<(Option<Alias>, Option<FunctionState>), Error> {
    match &wanted.deploy.alias {
        Some(alias) => tokio::try_join!(
            aws.alias(&wanted.name, alias),
            aws.function(&wanted.name, Some(alias)),
        ),
        None => Ok((None, None)),
    }
}

async fn role(wanted: &RoleChoice, aws: &Aws) -> Result<Option<Role>, Error> {
    match wanted {
        // Nothing but its ARN matters of a role that is not jot's.
        RoleChoice::Given(arn) if arn.starts_with("arn:") => Ok(Some(Role {
            arn: arn.clone(),
            trust: Json::Null,
            policies: Vec::new(),
            tags: Default::default(),
        })),
        RoleChoice::Given(name) => aws.role(name).await,
        RoleChoice::Own(own) => {
            let (role, policies) =
                tokio::try_join!(aws.role(&own.name), aws.attached_policies(&own.name))?;
            Ok(role.map(|found| Role {
                policies: policies.unwrap_or_default(),
                ..found
            }))
        }
    }
}
