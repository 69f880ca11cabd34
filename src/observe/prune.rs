//! The project's repository: what it holds, and who uses it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use serde_json::Value as Json;

use super::{Error, guard, other::function_name, repository};
use crate::{
    model::{
        Desired,
        desired::{TAG_FUNCTION, TAG_PROJECT},
        prune::Stored,
        release::Releases,
    },
    remote::{self, Aws, aws::Running, aws::Tagged},
};

/// Everything in the repository of `desired`, and everything that may run it.
///
/// Users are every version of every function in the region, what the aliases of the project's
/// functions in all targets hold, other accounts in the repository's policy, and copies in other
/// registries. `None` if the repository does not exist. What jot.toml asks for is left empty.
///
/// One wave of requests lists the region and the repository page by page; a second asks about each
/// function with the project's tag.
///
/// # Errors
///
/// [`Error::WrongAccount`], else AWS's first error. A list that may not be read is no error; it is
/// reported in [`Stored::unseen`].
pub async fn prunable(desired: &Desired, aws: &Aws) -> Result<Option<Stored>, Error> {
    let name = &desired.repository.name;
    let (account, found, images, running, tagged, copies, now_s) = tokio::join!(
        aws.account(),
        repository::observe(desired, aws),
        aws.stored_images(name),
        aws.running(),
        aws.tagged(TAG_PROJECT, &desired.project),
        aws.replicated_to(name),
        aws.now_s(),
    );
    let account = account?;
    guard(desired, &account)?;
    let mut unseen = Vec::new();
    let running = seen(running, "functions of this region", &mut unseen)?;
    let tagged = seen(tagged, "resources by their tags", &mut unseen)?;
    let found = repository::with_tags(found?, &desired.repository, &tagged, aws).await?;
    let Some(found) = found else { return Ok(None) };
    let held = seen(held(&tagged, aws).await, "aliases", &mut unseen)?;
    let Running { versions, unknown } = running;
    unseen.extend(unknown.first().map(|one| format!("what {one} runs")));
    let now_s = now_s.unwrap_or_else(|| {
        unseen.push("the time by AWS's clock".to_owned());
        0
    });
    let mut others = accounts(found.policy.as_ref(), &account);
    match copies {
        Ok(places) => others.extend(
            places
                .iter()
                .map(|place| format!("what is copied to {place}")),
        ),
        Err(remote::Error::AccessDenied { .. }) => {
            others.insert("what replication rules copy, which may not be read,".to_owned());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Some(Stored {
        project: desired.project.clone(),
        repository: name.clone(),
        tags: found.tags,
        images: images?,
        running: versions,
        held,
        wanted: BTreeMap::new(),
        others: others.into_iter().collect(),
        unseen,
        now_s,
    }))
}

/// The answer, or the default if it may not be read; then `unseen` says so.
fn seen<T: Default>(
    answer: Result<T, remote::Error>,
    what: &str,
    unseen: &mut Vec<String>,
) -> Result<T, remote::Error> {
    match answer {
        Err(error @ remote::Error::AccessDenied { .. }) => {
            unseen.push(format!("{what} ({error})"));
            Ok(T::default())
        }
        answer => answer,
    }
}

/// The keys of functions, of any target, by the fingerprint that their aliases hold.
async fn held(
    tagged: &[Tagged],
    aws: &Aws,
) -> Result<BTreeMap<String, BTreeSet<String>>, remote::Error> {
    let functions = tagged
        .iter()
        .filter_map(|one| Some((function_name(&one.arn)?, &one.tags)));
    let each = functions.map(async |(name, tags)| {
        let key = tags.get(TAG_FUNCTION).map_or(name, String::as_str);
        let aliases = aws.aliases(name).await?.into_values();
        let records = aliases.filter_map(|alias| Releases::read(&alias.description));
        let held = records.flat_map(|record| record.held);
        Ok::<_, remote::Error>(
            held.map(|one| (one.fingerprint, key.to_owned()))
                .collect::<Vec<_>>(),
        )
    });
    let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (fingerprint, key) in try_join_all(each).await?.into_iter().flatten() {
        held.entry(fingerprint).or_default().insert(key);
    }
    Ok(held)
}

/// Other accounts that a repository's policy lets pull, in words.
///
/// `account 1234`, or any account if a principal is not an account. A service pulls for this
/// account, unless a condition names another.
fn accounts(policy: Option<&Json>, own: &str) -> BTreeSet<String> {
    let mut others = BTreeSet::new();
    let statements = policy.map(|policy| listed(&policy["Statement"]));
    for statement in statements.into_iter().flatten() {
        if statement["Effect"] == "Deny" {
            continue;
        }
        let principal = &statement["Principal"];
        let named = listed(&principal["AWS"])
            .into_iter()
            .chain(principal.as_str().map(|_| principal));
        for one in named.filter_map(Json::as_str) {
            others.insert(account_in(one).map_or_else(any, |account| format!("account {account}")));
        }
        if !statement["NotPrincipal"].is_null() {
            others.insert(any());
        }
        if !principal["Service"].is_null() {
            let mut texts = Vec::new();
            strings(&statement["Condition"], &mut texts);
            let accounts = texts.into_iter().filter_map(account_in);
            others.extend(accounts.map(|account| format!("account {account}")));
        }
    }
    others.remove(&format!("account {own}"));
    others
}

fn any() -> String {
    "any account that the repository's policy permits".to_owned()
}

/// A list, or a single value as a list of one.
fn listed(json: &Json) -> Vec<&Json> {
    match json {
        Json::Array(all) => all.iter().collect(),
        Json::Null => Vec::new(),
        one => vec![one],
    }
}

/// Collects all strings in a value.
fn strings<'a>(json: &'a Json, all: &mut Vec<&'a str>) {
    match json {
        Json::String(text) => all.push(text),
        Json::Array(items) => items.iter().for_each(|one| strings(one, all)),
        Json::Object(fields) => fields.values().for_each(|one| strings(one, all)),
        _ => {}
    }
}

/// The account that a principal or an ARN names: its 12 digits.
fn account_in(text: &str) -> Option<&str> {
    let is_account = |one: &&str| one.len() == 12 && one.bytes().all(|byte| byte.is_ascii_digit());
    text.split(':').find(is_account)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(statement: &Json) -> Vec<String> {
        let policy = json!({ "Statement": [statement] });
        accounts(Some(&policy), "111122223333")
            .into_iter()
            .collect()
    }

    #[test]
    fn accounts_that_a_policy_lets_pull_are_named() {
        let allow = |principal: Json| json!({ "Effect": "Allow", "Principal": principal });
        let arn = "arn:aws:iam::444455556666:root";
        assert_eq!(of(&allow(json!({ "AWS": arn }))), ["account 444455556666"]);
        assert_eq!(
            of(&allow(json!({ "AWS": ["444455556666", "111122223333"] }))),
            ["account 444455556666"]
        );
        assert!(of(&allow(json!({ "Service": "lambda.amazonaws.com" }))).is_empty());
        for principal in [
            json!("*"),
            json!({ "AWS": "*" }),
            json!({ "AWS": "AIDAEXAMPLE" }),
        ] {
            assert_eq!(of(&allow(principal)), [any()]);
        }
        assert_eq!(
            of(&json!({ "Effect": "Allow", "NotPrincipal": { "AWS": arn } })),
            [any()]
        );
        assert!(of(&json!({ "Effect": "Deny", "Principal": "*" })).is_empty());
        assert!(accounts(None, "1").is_empty());
    }

    #[test]
    fn a_service_that_pulls_for_another_account_is_that_account() {
        let of_account = |account: &str| {
            let arn = format!("arn:aws:lambda:eu-west-1:{account}:function:*");
            of(&json!({
                "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" },
                "Condition": { "StringLike": { "aws:sourceArn": arn } },
            }))
        };
        assert_eq!(of_account("444455556666"), ["account 444455556666"]);
        assert!(of_account("111122223333").is_empty());
    }
}
