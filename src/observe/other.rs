//! Functions of the project that are not among those wanted: of another target, left out by the selection, or undeclared. Of
//! one that is gone the log group is still found by its tags, and the role by its name.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use crate::{
    model::{
        Desired,
        desired::{TAG_FUNCTION, TAG_TARGET},
        observed::{Belongings, Other, Role},
    },
    remote::{Aws, Error, aws::Tagged},
};

/// Where Lambda writes a function's log unless told otherwise.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>
const LOG_GROUPS: &str = "/aws/lambda/";

/// Functions with the project's tag that `desired` does not name. Those that a plan may delete are looked at themselves:
/// Resource Groups Tagging tells for a while of what is gone.
pub(super) async fn observe(
    desired: &Desired,
    tagged: &[Tagged],
    aws: &Aws,
) -> Result<Vec<Other>, Error> {
    let functions = desired.functions.values();
    let moved: BTreeSet<&String> = functions
        .filter_map(|one| one.lifecycle.moved_from.as_ref())
        .collect();
    let looked = others(desired, tagged).into_iter().map(async |other| {
        if !may_go(desired, &moved, &other) {
            return Ok(Some(other).filter(|other| function_name(&other.arn).is_some()));
        }
        let found = belongings(&other.name, &desired.project, aws).await?;
        Ok(found.map(|found| Other {
            belongings: Some(found),
            ..other
        }))
    });
    Ok(try_join_all(looked).await?.into_iter().flatten().collect())
}

/// What is tagged, one for each function's name: by the function, or else by its log group.
fn others(desired: &Desired, tagged: &[Tagged]) -> Vec<Other> {
    let declared: BTreeSet<&str> = desired
        .functions
        .values()
        .map(|one| one.name.as_str())
        .collect();
    let mut others = BTreeMap::new();
    for name_of in [function_name, logging_function] {
        for resource in tagged {
            let Some(name) = name_of(&resource.arn).filter(|name| !declared.contains(name)) else {
                continue;
            };
            let tag = |key| resource.tags.get(key).cloned().unwrap_or_default();
            others.entry(name).or_insert_with(|| Other {
                name: name.to_owned(),
                arn: resource.arn.clone(),
                target: tag(TAG_TARGET),
                function: tag(TAG_FUNCTION),
                belongings: None,
            });
        }
    }
    others.into_values().collect()
}

/// Whether a plan for `desired` has something to say of it: it is of the same target, and undeclared or moved from.
fn may_go(desired: &Desired, moved: &BTreeSet<&String>, other: &Other) -> bool {
    let ours = other.target == desired.target.as_deref().unwrap_or_default();
    ours && (desired.whole || moved.contains(&other.function))
}

/// What belongs to the function of that name; `None` where nothing of it is left.
async fn belongings(name: &str, project: &str, aws: &Aws) -> Result<Option<Belongings>, Error> {
    let group = format!("{LOG_GROUPS}{name}");
    let (latest, log_group) = tokio::try_join!(aws.function(name, None), aws.log_group(&group))?;
    if latest.is_none() && log_group.is_none() {
        return Ok(None);
    }
    let path = format!("/jot/{project}/");
    let role = match &latest {
        // A role that is not below the project's path is not jot's.
        Some(latest) => {
            let below = latest.role.split_once(&format!(":role{path}"));
            below.map(|(_, role)| role.to_owned())
        }
        None => left_over(name, &path, aws).await?,
    };
    let role = match role {
        Some(role) => with_policies(role, aws).await?,
        None => None,
    };
    Ok(Some(Belongings {
        tags: latest.map(|latest| latest.tags),
        role,
        log_group,
    }))
}

/// The role that was made for a function of that name: `jot-<name>-<8 hex digits>`. Its tags say whether it is that.
async fn left_over(name: &str, path: &str, aws: &Aws) -> Result<Option<String>, Error> {
    let roles = aws.roles_below(path).await?;
    let digits = |role: &String| {
        let rest = role.strip_prefix(&format!("jot-{name}-"));
        rest.is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    Ok(roles.into_iter().find(digits))
}

async fn with_policies(name: String, aws: &Aws) -> Result<Option<(String, Role)>, Error> {
    let (role, policies) = tokio::try_join!(aws.role(&name), aws.attached_policies(&name))?;
    let role = role.map(|found| Role {
        policies: policies.unwrap_or_default(),
        ..found
    });
    Ok(role.map(|role| (name, role)))
}

/// The name in `arn:aws:lambda:<region>:<account>:function:<name>`.
fn function_name(arn: &str) -> Option<&str> {
    in_service(arn, "lambda")?
        .strip_prefix("function:")?
        .split(':')
        .next()
}

/// The name in `arn:aws:logs:<region>:<account>:log-group:/aws/lambda/<name>`, which may end in `:*`.
fn logging_function(arn: &str) -> Option<&str> {
    let group = in_service(arn, "logs")?.strip_prefix("log-group:")?;
    group.strip_prefix(LOG_GROUPS)?.split(':').next()
}

/// What follows `arn:<partition>:<service>:<region>:<account>:`.
fn in_service<'a>(arn: &'a str, service: &str) -> Option<&'a str> {
    let mut parts = arn.splitn(6, ':').skip(2);
    (parts.next()? == service).then_some(())?;
    parts.nth(2)
}

#[cfg(test)]
mod tests {
    use super::{function_name, logging_function};

    #[test]
    fn only_functions_have_a_function_name() {
        let name = |arn| function_name(arn);
        assert_eq!(
            name("arn:aws:lambda:eu-west-1:1:function:double"),
            Some("double")
        );
        assert_eq!(name("arn:aws:ecr:eu-west-1:1:repository/function"), None);
        assert_eq!(name("arn:aws:lambda:eu-west-1:1:layer:double"), None);
        assert_eq!(name("nonsense"), None);
    }

    #[test]
    fn only_lambda_s_log_groups_name_a_function() {
        let name = |arn| logging_function(arn);
        let group = "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/double";
        assert_eq!(name(group), Some("double"));
        let whole = "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/double:*";
        assert_eq!(name(whole), Some("double"));
        assert_eq!(
            name("arn:aws:logs:eu-west-1:1:log-group:/aws/rds/double"),
            None
        );
        assert_eq!(name("arn:aws:lambda:eu-west-1:1:function:double"), None);
    }
}
