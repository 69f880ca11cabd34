//! Check of the caller's policies against the policy that `jot iam-policy` prints.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use serde_json::Value as Json;

use crate::{
    cli::wanted,
    manifest::Loaded,
    model::{Desired, Problem, doctor::Check},
    remote::{
        Aws, Error,
        aws::{Attempt, Caller},
    },
    report::wording,
    rights::{self, Policy, Stage, Statement},
};

const NAME: &str = "permissions";
const HELP: &str = "`jot iam-policy` prints the policy for all commands, `jot iam-policy --plan` \
    that for read-only commands";
/// Number of missing actions that are listed.
const NAMED: usize = 8;

/// Simulates every statement of the policy for the caller, one request each, if IAM allows that.
pub async fn check(aws: &Aws, caller: &Caller, loaded: &Loaded) -> Check {
    let mut desired = match wanted::names(loaded, Some(aws.region()), &[]) {
        Ok(desired) => desired,
        Err(error) => return Check::failed(NAME, &Problem::from_diagnostic(&error)),
    };
    desired.aws.account_id = Some(caller.account.clone());
    let asked = async {
        let Some(principal) = principal(aws, caller).await? else {
            return Ok(None);
        };
        lacking(aws, &principal, &desired).await.map(Some)
    };
    match asked.await {
        Ok(Some(lacking)) => as_check(&lacking, &rights::policy(&desired, Stage::Plan)),
        Ok(None) => Check::unknown(NAME, "IAM cannot simulate the caller's policies"),
        Err(Error::AccessDenied { .. }) => {
            let message = "the caller lacks the permissions to check itself: \
                iam:SimulatePrincipalPolicy, iam:GetRole";
            Check::unknown(NAME, message)
        }
        Err(error) => {
            let why = format!("IAM could not simulate the caller's policies: {error}");
            Check::unknown(NAME, why)
        }
    }
}

/// The ARN of the role or user with the policies; `None` for the account's root and federated
/// users.
async fn principal(aws: &Aws, caller: &Caller) -> Result<Option<String>, Error> {
    let arn = caller.arn.as_deref().unwrap_or_default();
    let name = arn.splitn(6, ':').nth(5).unwrap_or_default();
    if name.starts_with("user/") {
        return Ok(Some(arn.to_owned()));
    }
    let Some(session) = name.strip_prefix("assumed-role/") else {
        return Ok(None);
    };
    // The ARN of a session omits the path of its role.
    let role = session.split('/').next().unwrap_or_default();
    Ok(aws.role(role).await?.map(|role| role.arn))
}

/// The actions and resources that are not allowed, in the policy's order.
async fn lacking(
    aws: &Aws,
    principal: &str,
    desired: &Desired,
) -> Result<Vec<(String, String)>, Error> {
    let policy = rights::policy(desired, Stage::Apply);
    let asked = policy.statements.iter().map(async |statement| {
        let attempt = attempt(statement);
        let denied = aws.simulate(principal, &attempt).await?;
        let denied = denied.into_iter();
        let denied = denied.map(|action| (action, attempt.resource.clone()));
        Ok::<_, Error>(denied.collect::<Vec<_>>())
    });
    Ok(try_join_all(asked).await?.into_iter().flatten().collect())
}

/// A simulation of the statement's actions on its first resource, under the statement's condition.
fn attempt(statement: &Statement) -> Attempt {
    let operators = statement.condition.iter().flat_map(|one| one.as_object());
    let keys = operators.flat_map(|operators| operators.values().filter_map(Json::as_object));
    let first = |value: &Json| match value {
        Json::Array(all) => all.first().and_then(Json::as_str).map(str::to_owned),
        one => one.as_str().map(str::to_owned),
    };
    let context = keys.flatten().map(|(key, value)| {
        let values = first(value).into_iter().collect();
        (key.clone(), values)
    });
    Attempt {
        actions: statement.actions.iter().cloned().collect(),
        resource: statement.resources.first().cloned().unwrap_or_default(),
        context: context.collect(),
    }
}

fn as_check(lacking: &[(String, String)], plan: &Policy) -> Check {
    if lacking.is_empty() {
        return Check::good(NAME, "everything that `jot iam-policy` prints is allowed");
    }
    let reads = plan.actions();
    let (plan, apply): (Vec<_>, Vec<_>) = lacking
        .iter()
        .partition(|(action, _)| reads.contains(action.as_str()));
    let parts = [("plan", &plan), ("apply", &apply)];
    let parts = parts.into_iter().filter(|(_, lacking)| !lacking.is_empty());
    let parts: Vec<String> = parts
        .map(|(command, lacking)| format!("for {command}: {}", named(lacking)))
        .collect();
    let message = format!(
        "the caller's policies lack permissions {}",
        parts.join("; ")
    );
    Check::doubtful(NAME, message, HELP)
}

fn named(lacking: &[&(String, String)]) -> String {
    let all: Vec<&str> = lacking.iter().map(|(action, _)| action.as_str()).collect();
    let once: BTreeSet<&str> = all.into_iter().collect();
    let more = once.len().saturating_sub(NAMED);
    let first: Vec<&str> = once.into_iter().take(NAMED).collect();
    match more {
        0 => wording::list(&first),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_statement_is_tried_as_its_condition_asks() {
        let statement = Statement {
            sid: "Roles".to_owned(),
            actions: BTreeSet::from(["iam:PassRole".to_owned()]),
            resources: ["arn:a", "arn:b"].map(str::to_owned).into(),
            condition: Some(json!({
                "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" },
                "ArnLike": { "lambda:FunctionArn": ["arn:c", "arn:d"] },
            })),
        };
        let tried = attempt(&statement);
        assert_eq!(tried.resource, "arn:a");
        let context = [
            ("iam:PassedToService", "lambda.amazonaws.com"),
            ("lambda:FunctionArn", "arn:c"),
        ];
        let context = context.map(|(key, value)| (key.to_owned(), vec![value.to_owned()]));
        assert_eq!(tried.context, context);
    }

    #[test]
    fn what_a_plan_lacks_is_listed_separately() {
        let plan = Policy {
            statements: vec![Statement {
                sid: "Functions".to_owned(),
                actions: BTreeSet::from(["lambda:GetFunction".to_owned()]),
                resources: BTreeSet::new(),
                condition: None,
            }],
        };
        let pair = |action: &str| (action.to_owned(), "arn:a".to_owned());
        assert_eq!(as_check(&[], &plan).help, None);
        let lacking = [pair("lambda:GetFunction"), pair("iam:PassRole")];
        let words = "the caller's policies lack permissions for plan: lambda:GetFunction; for \
            apply: iam:PassRole";
        assert_eq!(as_check(&lacking, &plan).message, words);
        let many: Vec<_> = (0..10).map(|one| pair(&format!("a:{one}"))).collect();
        assert!(as_check(&many, &plan).message.ends_with("a:7 and 2 more"));
    }
}
