//! The policy of the project's repository, where jot's statements are among those of others.

use serde_json::{Value as Json, json};

/// The statement that lets Lambda pull, as AWS calls it.
pub const LAMBDA: &str = "LambdaECRImageRetrievalPolicy";
/// The statement that lets the accounts of `aws.pull_accounts` pull.
pub const PULL_ACCOUNTS: &str = "JotPullAccounts";

/// The wanted policy with the statements of others that this one has, which stay as they are.
#[must_use]
pub fn with_others(wanted: &Json, found: Option<&Json>) -> Json {
    let own = listed(&wanted["Statement"]);
    let is_own = |statement: &Json| {
        let sid = statement["Sid"].as_str();
        sid.is_some_and(|sid| {
            let mut wanted = own.iter();
            [LAMBDA, PULL_ACCOUNTS].contains(&sid) || wanted.any(|one| one["Sid"] == sid)
        })
    };
    let found = found.map(|found| &found["Statement"]);
    let others = found.into_iter().flat_map(listed);
    let others = others.filter(|one| !is_own(one));
    let statements: Vec<&Json> = own.iter().copied().chain(others).collect();
    let mut whole = wanted.clone();
    whole["Statement"] = json!(statements);
    whole
}

/// A list, or the single item in its place.
fn listed(json: &Json) -> Vec<&Json> {
    match json {
        Json::Array(all) => all.iter().collect(),
        Json::Null => Vec::new(),
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(statements: &Json) -> Json {
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    #[test]
    fn statements_of_others_stay_and_own_ones_are_replaced() {
        let own = |action: &str| json!({ "Sid": LAMBDA, "Effect": "Allow", "Action": action });
        let pull = json!({ "Sid": PULL_ACCOUNTS, "Effect": "Allow" });
        let others = json!({ "Sid": "Audit", "Effect": "Allow" });
        let unnamed = json!({ "Effect": "Deny" });
        let wanted = policy(&json!([own("a")]));
        let found = policy(&json!([pull, others, own("b"), unnamed]));
        assert_eq!(
            with_others(&wanted, Some(&found)),
            policy(&json!([own("a"), others, unnamed]))
        );
        let single = policy(&others);
        assert_eq!(
            with_others(&wanted, Some(&single)),
            policy(&json!([own("a"), others]))
        );
        assert_eq!(with_others(&wanted, None), wanted);
    }
}
