//! The conditions under which a row permits.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{
    arns::{Arns, holders},
    needs::own_role,
    row::{On, Only},
};
use crate::model::{
    Function,
    desired::{TAG_PROJECT, TAG_TARGET},
    reach::UrlAuth,
};

impl Only {
    /// Whether it is one condition for all functions, rather than one for each.
    pub(super) fn is_shared(self) -> bool {
        !matches!(
            self,
            Self::Bounded | Self::Policies | Self::Principals | Self::UrlAuth
        )
    }

    /// The condition for these functions; `None` if the row has none, or if its values are unknown.
    pub(super) fn condition(self, functions: &[&Function], arns: &Arns) -> Option<Json> {
        match self {
            Self::Always => None,
            Self::PassedTo(service) => Some(equals("iam:PassedToService", service.into())),
            Self::Bounded => bounded(functions),
            Self::AnyPolicy => policies(functions),
            Self::Policies => match (policies(functions), bounded(functions)) {
                (Some(Json::Object(mut both)), Some(Json::Object(bounded))) => {
                    both.extend(bounded);
                    Some(both.into())
                }
                (policies, bounded) => policies.or(bounded),
            },
            Self::Principals => {
                let principals: BTreeSet<String> =
                    functions.iter().flat_map(|one| principals(one)).collect();
                // A principal from elsewhere is unknown.
                let known = !principals.contains("");
                known.then(|| equals("lambda:Principal", several(principals)))
            }
            Self::UrlAuth => {
                let urls = functions.iter().filter_map(|one| one.reach.url.as_ref());
                let words: BTreeSet<String> = urls.map(|url| word(url.auth)).collect();
                Some(equals("lambda:FunctionUrlAuthType", several(words)))
            }
            Self::ToFunctions => {
                let to = several(On::Functions.arns(functions, arns));
                Some(json!({ "ArnLike": { "lambda:FunctionArn": to } }))
            }
            Self::Below => {
                let below = format!("jot/{}/*", arns.desired.project);
                Some(json!({ "StringLike": { "s3:prefix": below } }))
            }
            Self::Tagged => {
                let target = arns.desired.target.clone().unwrap_or_default();
                Some(json!({ "StringEquals": {
                    format!("aws:ResourceTag/{TAG_PROJECT}"): arns.desired.project,
                    format!("aws:ResourceTag/{TAG_TARGET}"): target,
                } }))
            }
            Self::Tagging => {
                let project = arns.desired.project.as_str();
                Some(equals(
                    &format!("aws:RequestTag/{TAG_PROJECT}"),
                    project.into(),
                ))
            }
            Self::ByLambda => Some(via(BTreeSet::from(["lambda"]), arns)),
            Self::ByHolders => Some(via(holders(arns.desired), arns)),
        }
    }
}

fn equals(key: &str, value: Json) -> Json {
    json!({ "StringEquals": { key: value } })
}

/// A list, or the only one of it.
pub(super) fn several(all: BTreeSet<String>) -> Json {
    match all.len() {
        1 => all.into_iter().next().into(),
        _ => json!(all),
    }
}

fn via(services: BTreeSet<&str>, arns: &Arns) -> Json {
    let services = services.into_iter().map(|service| arns.place.via(service));
    let services = several(services.collect());
    // The region may be any.
    json!({ "StringLike": { "kms:ViaService": services } })
}

/// That the role has the boundary which the manifest gives it.
fn bounded(functions: &[&Function]) -> Option<Json> {
    let roles = functions.iter().filter_map(|one| own_role(one));
    let boundaries: BTreeSet<String> = roles.filter_map(|role| role.boundary.clone()).collect();
    let some = !boundaries.is_empty();
    some.then(|| equals("iam:PermissionsBoundary", several(boundaries)))
}

/// That it is about a managed policy of the manifest.
fn policies(functions: &[&Function]) -> Option<Json> {
    let roles = functions.iter().filter_map(|one| own_role(one));
    let policies = roles.flat_map(|role| role.policies.iter().cloned());
    let policies = several(policies.collect());
    // A value from elsewhere can be any.
    let known = !functions.iter().any(|one| is_unknown(one, "policies"));
    known.then(|| json!({ "ArnEquals": { "iam:PolicyARN": policies } }))
}

/// Whether an entry of the key comes from elsewhere and is unknown here.
fn is_unknown(function: &Function, word: &str) -> bool {
    let references = function.references.iter();
    let mut of_key = references.filter(|one| one.slot.word() == word);
    of_key.any(|one| one.unknown().is_some())
}

/// The principals that statements of the function's policy let call it; empty for an unknown one.
fn principals(function: &Function) -> Vec<String> {
    let reach = &function.reach;
    let permissions = reach.permissions.iter().flatten();
    let permissions = permissions.map(|(_, one)| one.principal.clone());
    // Only the service matters of the statement.
    let nowhere = ("", "");
    let pushes = reach.pushes.values();
    let pushes = pushes.filter_map(|one| Some(one.push.statement(&one.id, nowhere)?.principal));
    permissions.chain(pushes).collect()
}

/// As Lambda spells it.
fn word(auth: UrlAuth) -> String {
    match auth {
        UrlAuth::Iam => "AWS_IAM".to_owned(),
        UrlAuth::None => "NONE".to_owned(),
    }
}
