//! The resource-based policy of a function's alias: who may call it.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::FunctionUrlAuthType;
use serde_json::{Map, Value as Json};

use super::call;
use crate::{
    model::reach::{Statement, UrlAuth},
    remote::{
        Aws, Error,
        aws::call::{absent, gone},
    },
};

impl Aws {
    /// The statements of the policy of the function's alias, or of the function itself, by id; none
    /// without a policy.
    pub async fn policy(
        &self,
        name: &str,
        alias: Option<&str>,
    ) -> Result<BTreeMap<String, Statement>, Error> {
        let what = format!("policy of function {name}");
        let client = self.shared.lambda();
        let request = client
            .get_policy()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned));
        let answer = self.call(call("GetPolicy", &what), || request.clone().send());
        let text = absent(answer.await)?.and_then(|answer| answer.policy);
        let Some(text) = text else {
            return Ok(BTreeMap::new());
        };
        read(&text).ok_or_else(|| Error::Failed {
            resource: what.clone(),
            reason: "Lambda's answer to GetPolicy contains no policy".to_owned(),
            help: None,
        })
    }

    /// Adds a statement.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where one of this id exists.
    pub async fn add_permission(
        &self,
        (name, alias): (&str, Option<&str>),
        id: &str,
        statement: &Statement,
    ) -> Result<(), Error> {
        let what = format!("policy of function {name}");
        let client = self.shared.lambda();
        let url_auth = statement.url_auth.map(|auth| match auth {
            UrlAuth::Iam => FunctionUrlAuthType::AwsIam,
            UrlAuth::None => FunctionUrlAuthType::None,
        });
        let request = client
            .add_permission()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned))
            .statement_id(id)
            .principal(&statement.principal)
            .action(&statement.action)
            .set_source_arn(statement.source_arn.clone())
            .set_source_account(statement.source_account.clone())
            .set_principal_org_id(statement.organization.clone())
            .set_function_url_auth_type(url_auth)
            .set_invoked_via_function_url(statement.via_url.then_some(true));
        self.call(call("AddPermission", &what), || request.clone().send())
            .await?;
        Ok(())
    }

    /// Removes a statement; a missing one is no error.
    pub async fn remove_permission(
        &self,
        (name, alias): (&str, Option<&str>),
        id: &str,
    ) -> Result<(), Error> {
        let what = format!("policy of function {name}");
        let client = self.shared.lambda();
        let request = client
            .remove_permission()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned))
            .statement_id(id);
        gone(
            self.call(call("RemovePermission", &what), || request.clone().send())
                .await,
        )
    }
}

/// The statements of a policy that have an id; `None` where the text is no policy.
fn read(policy: &str) -> Option<BTreeMap<String, Statement>> {
    let policy: Json = serde_json::from_str(policy).ok()?;
    let statements = match policy.get("Statement")? {
        Json::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    let identified = statements.iter().filter_map(|one| {
        let id = one.get("Sid")?.as_str()?;
        Some((id.to_owned(), statement(one)))
    });
    Some(identified.collect())
}

/// A statement in the terms of AddPermission; it is foreign if they cannot express it.
fn statement(json: &Json) -> Statement {
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    let mut found = Statement {
        action: text("Action").unwrap_or_default().to_owned(),
        ..Statement::default()
    };
    let known = [
        "Sid",
        "Effect",
        "Principal",
        "Action",
        "Resource",
        "Condition",
    ];
    let unknown =
        |fields: &Map<String, Json>| fields.keys().any(|key| !known.contains(&key.as_str()));
    found.foreign = text("Effect") != Some("Allow")
        || found.action.is_empty()
        || json.as_object().is_none_or(unknown);
    match json.get("Principal").and_then(principal) {
        Some(who) => found.principal = who,
        None => found.foreign = true,
    }
    for (operator, keys) in json
        .get("Condition")
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
    {
        for (key, value) in keys.as_object().into_iter().flatten() {
            let value = match value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            if !condition(&mut found, operator, key, value) {
                found.foreign = true;
            }
        }
    }
    found
}

/// The principal of a statement: `*`, a service, an account by its number, a user or role by its
/// ARN.
fn principal(json: &Json) -> Option<String> {
    let one = match json {
        Json::String(text) => return Some(text.clone()),
        Json::Object(fields) if fields.len() == 1 => fields.values().next()?.as_str()?,
        _ => return None,
    };
    let account = one
        .strip_suffix(":root")
        .and_then(|arn| arn.split(':').nth(4));
    Some(account.unwrap_or(one).to_owned())
}

/// Records a condition that AddPermission can make; returns whether it is one.
fn condition(found: &mut Statement, operator: &str, key: &str, value: String) -> bool {
    match (operator, key.to_ascii_lowercase().as_str()) {
        ("ArnLike", "aws:sourcearn") => found.source_arn = Some(value),
        ("StringEquals", "aws:sourceaccount") => found.source_account = Some(value),
        ("StringEquals", "aws:principalorgid") => found.organization = Some(value),
        ("StringEquals", "lambda:functionurlauthtype") => {
            found.url_auth = match value.as_str() {
                "NONE" => Some(UrlAuth::None),
                "AWS_IAM" => Some(UrlAuth::Iam),
                _ => return false,
            }
        }
        ("Bool", "lambda:invokedviafunctionurl") => {
            found.via_url = value == "true";
            return found.via_url;
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(statement: Json) -> Statement {
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        let mut all = read(&policy.to_string()).unwrap();
        all.remove("s").unwrap()
    }

    #[test]
    fn statements_of_lambda_s_own_making_are_read() {
        let bucket = one(json!({ "Sid": "s", "Effect": "Allow",
            "Principal": { "Service": "s3.amazonaws.com" }, "Action": "lambda:InvokeFunction",
            "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f:live",
            "Condition": { "StringEquals": { "AWS:SourceAccount": "123456789012" },
                "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::incoming" } } }));
        let expected = Statement {
            principal: "s3.amazonaws.com".to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            source_arn: Some("arn:aws:s3:::incoming".to_owned()),
            source_account: Some("123456789012".to_owned()),
            ..Statement::default()
        };
        assert_eq!(bucket, expected);
        let account = one(json!({ "Sid": "s", "Effect": "Allow", "Resource": "r",
            "Principal": { "AWS": "arn:aws-cn:iam::123456789012:root" },
            "Action": "lambda:InvokeFunction",
            "Condition": { "Bool": { "lambda:InvokedViaFunctionUrl": "true" } } }));
        assert_eq!(account.principal, "123456789012");
        assert!(account.via_url && !account.foreign);
    }

    #[test]
    fn what_add_permission_cannot_say_is_foreign() {
        let base = json!({ "Sid": "s", "Effect": "Allow", "Principal": "*",
            "Action": "lambda:InvokeFunction", "Resource": "r" });
        assert!(!one(base.clone()).foreign);
        let with = |key: &str, value: Json| {
            let mut changed = base.clone();
            changed[key] = value;
            one(changed)
        };
        let others = [
            ("Effect", json!("Deny")),
            ("Action", json!(["lambda:*"])),
            ("Principal", json!({ "AWS": ["1", "2"] })),
            ("NotPrincipal", json!("*")),
            (
                "Condition",
                json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } }),
            ),
            (
                "Condition",
                json!({ "StringNotEquals": { "AWS:SourceAccount": "1" } }),
            ),
            (
                "Condition",
                json!({ "Bool": { "lambda:InvokedViaFunctionUrl": "false" } }),
            ),
        ];
        for (key, value) in others {
            assert!(with(key, value.clone()).foreign, "{key}: {value}");
        }
    }

    #[test]
    fn what_is_no_policy_is_none() {
        for text in ["", "[]", "{}", "nonsense"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
