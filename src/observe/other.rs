//! Functions of the project that are not wanted: of another target, not selected, or undeclared.
//!
//! Of a deleted function the log group is still found by its tags, and the role by its name.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use crate::{
    model::{
        Desired,
        desired::{TAG_FUNCTION, TAG_TARGET},
        observed::{Belongings, Other, Role},
        push::push_prefix,
        reach::MANAGED_TRIGGERS,
    },
    remote::{Aws, Error, aws::Tagged},
};

use super::{managed::manages, reach};

/// Lambda's default folder of log groups.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>
const LOG_GROUPS: &str = "/aws/lambda/";

/// Functions with the project's tag that `desired` does not name.
///
/// Those that a plan may delete are requested themselves: Resource Groups Tagging still reports
/// deleted resources for a while.
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
        let found = belongings(&other.name, desired, aws).await?;
        Ok(found.map(|found| Other {
            belongings: Some(found),
            ..other
        }))
    });
    Ok(try_join_all(looked).await?.into_iter().flatten().collect())
}

/// The tagged resource for each function's name: the function, or else its log group.
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

/// Whether a plan for `desired` may concern it: it belongs to the same target, and is undeclared or
/// was renamed.
fn may_go(desired: &Desired, moved: &BTreeSet<&String>, other: &Other) -> bool {
    let ours = other.target == desired.target.as_deref().unwrap_or_default();
    ours && (desired.whole || moved.contains(&other.function))
}

/// What belongs to the function of this name; `None` if nothing of it exists.
pub(super) async fn belongings(
    name: &str,
    desired: &Desired,
    aws: &Aws,
) -> Result<Option<Belongings>, Error> {
    let group = format!("{LOG_GROUPS}{name}");
    let (latest, log_group) = tokio::try_join!(aws.function(name, None), aws.log_group(&group))?;
    if latest.is_none() && log_group.is_none() {
        return Ok(None);
    }
    let path = role_path(desired);
    let role = match &latest {
        // A role outside the project's path is not jot's.
        Some(latest) => {
            let below = latest.role.split_once(&format!(":role{path}"));
            below.map(|(_, role)| role.to_owned())
        }
        None => left_over(name, desired, aws).await?,
    };
    let role = match role {
        Some(role) => with_policies(role, aws).await?,
        None => None,
    };
    let (mappings, pushes) = match &latest {
        Some(latest) if manages(&latest.tags, MANAGED_TRIGGERS) => {
            let key = latest.tags.get(TAG_FUNCTION).map_or(name, String::as_str);
            let prefix = push_prefix(&desired.project, desired.target.as_deref(), key);
            Box::pin(reach::all_triggers((name, &prefix), aws)).await?
        }
        _ => (BTreeMap::new(), BTreeMap::new()),
    };
    Ok(Some(Belongings {
        mappings,
        pushes,
        tags: latest.map(|latest| latest.tags),
        role,
        log_group,
    }))
}

/// The path of the project's roles.
pub(super) fn role_path(desired: &Desired) -> String {
    format!("/jot/{}/", desired.project)
}

/// The role that was made for a function of this name in this region; its tags say whether it
/// really was.
async fn left_over(name: &str, desired: &Desired, aws: &Aws) -> Result<Option<String>, Error> {
    let roles = aws.roles_below(&role_path(desired)).await?;
    let made = |role: &String| of_role(role, &desired.role_ending) == Some(name);
    Ok(roles.into_iter().find(made))
}

/// The function in `jot-<function>-<8 hex digits>`.
///
/// `ending`, the digits, identifies this project, target and region: IAM has no regions, and a
/// function of the same name in another region has a role too.
pub(super) fn of_role<'a>(role: &'a str, ending: &str) -> Option<&'a str> {
    let rest = role.strip_prefix("jot-")?;
    let (name, digits) = rest.split_at_checked(rest.len().checked_sub(9)?)?;
    let hex = digits.strip_prefix('-')?;
    let ours = digits.ends_with(ending);
    (ours && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(name)
}

pub(super) async fn with_policies(
    name: String,
    aws: &Aws,
) -> Result<Option<(String, Role)>, Error> {
    let (role, policies) = tokio::try_join!(aws.role(&name), aws.attached_policies(&name))?;
    let role = role.map(|found| Role {
        policies: policies.unwrap_or_default(),
        ..found
    });
    Ok(role.map(|role| (name, role)))
}

/// The name in `arn:aws:lambda:<region>:<account>:function:<name>`.
pub(super) fn function_name(arn: &str) -> Option<&str> {
    in_service(arn, "lambda")?
        .strip_prefix("function:")?
        .split(':')
        .next()
}

/// The name in `arn:aws:logs:<region>:<account>:log-group:/aws/lambda/<name>`, which may end in
/// `:*`.
pub(super) fn logging_function(arn: &str) -> Option<&str> {
    let group = in_service(arn, "logs")?.strip_prefix("log-group:")?;
    group.strip_prefix(LOG_GROUPS)?.split(':').next()
}

/// What follows `arn:<partition>:<service>:<region>:<account>:`; `None` for another service.
fn in_service<'a>(arn: &'a str, service: &str) -> Option<&'a str> {
    let mut parts = arn.splitn(6, ':').skip(2);
    (parts.next()? == service).then_some(())?;
    parts.nth(2)
}

#[cfg(test)]
mod tests {
    use super::{function_name, logging_function, of_role};

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
    fn a_role_is_of_this_place_or_of_no_function_here() {
        let ending = "-0a1b2c3d";
        assert_eq!(of_role("jot-double-0a1b2c3d", ending), Some("double"));
        assert_eq!(of_role("jot-a-b-0a1b2c3d", ending), Some("a-b"));
        assert_eq!(of_role("jot-double-ffffffff", ending), None);
        assert_eq!(of_role("double-0a1b2c3d", ending), None);
        assert_eq!(of_role("jot-x", ending), None);
        assert_eq!(of_role("jot-größe", ""), None);
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
