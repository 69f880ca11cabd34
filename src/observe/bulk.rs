//! Many functions at once: lists of everything instead of requests for each function.
//!
//! Lists give the settings, code, role and tags of every function, all roles and all log groups.
//! What no list has is taken from the tags that jot wrote at the end of an apply: the alias's
//! version, whether the function is active, and the image that ECR holds. A function with tags in
//! the list that do not show its owner is requested itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::future::try_join_all;

use super::{
    Depth, Found, function,
    pushes::Answers,
    repository::{self, Stored},
};
use crate::{
    model::{
        Desired, Digest, Form,
        desired::{Function, RoleChoice, TAG_DIGEST, TAG_FINGERPRINT, TAG_HELD, owned},
        observed::{self, FunctionState, LogGroup, RemoteImage, Role},
    },
    remote::{Aws, Error, aws::Tagged},
};

/// All functions, images and tagged resources, from concurrent lists.
///
/// With [`Depth::Each`] only roles and log groups come from lists.
pub(super) async fn observe(
    desired: &Desired,
    (aws, answers): (&Aws, &Answers),
    depth: Depth,
) -> Result<Found, Error> {
    let (tagged, states, roles_and_logs) = tokio::try_join!(
        super::tagged(desired, aws),
        states(desired, aws, depth),
        RolesAndLogs::observe(desired, aws),
    )?;
    let listed = listed(desired, &tagged, states, depth);
    let unclear = desired
        .functions
        .iter()
        .filter(|(key, _)| !listed.contains_key(*key));
    let mut functions = asked(unclear, (aws, answers)).await?;
    functions.extend(listed);
    let images = match depth {
        Depth::Lists => images(desired, &functions),
        Depth::Each => None,
    };
    let stored = match images {
        Some(images) => Stored {
            images,
            ..Stored::default()
        },
        None => repository::stored(desired, aws).await?,
    };
    for (key, wanted) in &desired.functions {
        if let Some(found) = functions.get_mut(key) {
            roles_and_logs.complete(wanted, found);
        }
    }
    Ok(Found {
        stored,
        functions,
        tagged,
    })
}

/// What Lambda holds of each of these functions, by key.
pub(super) async fn asked<'a>(
    wanted: impl Iterator<Item = (&'a String, &'a Function)>,
    (aws, answers): (&Aws, &Answers),
) -> Result<BTreeMap<String, observed::Function>, Error> {
    let each = wanted.map(async |(key, wanted)| {
        let found = function::in_lambda(wanted, (aws, answers)).await?;
        Ok((key.clone(), found))
    });
    Ok(try_join_all(each).await?.into_iter().collect())
}

/// The functions in Lambda's list, by name; `None` if each is requested.
async fn states(
    desired: &Desired,
    aws: &Aws,
    depth: Depth,
) -> Result<BTreeMap<String, FunctionState>, Error> {
    let names = desired.functions.values().map(|one| one.name.as_str());
    match depth {
        Depth::Lists => aws.functions(&names.collect()).await,
        Depth::Each => Ok(BTreeMap::new()),
    }
}

/// The functions, by key, that the lists describe completely: missing ones, and those that match by
/// their tags.
///
/// Tags that were written moments ago may be missing in the list.
fn listed(
    desired: &Desired,
    tagged: &[Tagged],
    mut states: BTreeMap<String, FunctionState>,
    depth: Depth,
) -> BTreeMap<String, observed::Function> {
    if depth == Depth::Each {
        return BTreeMap::new();
    }
    let tags: HashMap<&str, &BTreeMap<String, String>> = tagged
        .iter()
        .map(|one| (one.arn.as_str(), &one.tags))
        .collect();
    let of_list = |(key, wanted): (&String, &Function)| {
        let Some(mut latest) = states.remove(&wanted.name) else {
            return Some((key.clone(), observed::Function::default()));
        };
        // After a rollback only the alias says which release serves.
        let tags = *tags.get(latest.arn.as_str())?;
        if tags.contains_key(TAG_HELD) {
            return None;
        }
        latest.tags.clone_from(tags);
        let function = observed::Function {
            latest: Some(latest),
            from_tags: true,
            ..observed::Function::default()
        };
        owned(tags, &wanted.ownership).then(|| (key.clone(), function))
    };
    desired.functions.iter().filter_map(of_list).collect()
}

/// The digest that was applied last.
fn applied(tags: &BTreeMap<String, String>) -> Option<Digest> {
    Digest::parse(tags.get(TAG_DIGEST)?)
}

/// The images in ECR, as far as code and tags of all functions agree on them.
///
/// `None` if ECR has to be asked: a function is missing or runs an archive, its tags name
/// another recipe, or the hash of its code is unknown or differs from that in the tags.
fn images(
    desired: &Desired,
    functions: &BTreeMap<String, observed::Function>,
) -> Option<BTreeMap<String, RemoteImage>> {
    // Tags do not say under which manifest digest ECR knows an archive.
    if desired.recipes.values().any(|one| one.form == Form::Zip) {
        return None;
    }
    let mut images: BTreeMap<String, RemoteImage> = BTreeMap::new();
    let built = desired.functions.iter();
    for (key, wanted) in built.filter(|(_, wanted)| wanted.code.recipe().is_some()) {
        let latest = functions.get(key)?.latest.as_ref()?;
        let digest =
            applied(&latest.tags).filter(|applied| latest.digest.as_ref() == Some(applied))?;
        let tag = wanted.code.tag();
        if latest
            .tags
            .get(TAG_FINGERPRINT)
            .is_none_or(|recorded| recorded != tag)
        {
            return None;
        }
        let image = images.entry(tag.to_owned()).or_insert_with(|| RemoteImage {
            digest: digest.clone(),
            size: None,
            tags: vec![tag.to_owned()],
        });
        if image.digest != digest {
            return None;
        }
        image.tags.extend(wanted.extra_tags.iter().cloned());
    }
    Some(images)
}

/// Roles and log groups by name.
struct RolesAndLogs {
    roles: BTreeMap<String, Role>,
    log_groups: BTreeMap<String, LogGroup>,
}

impl RolesAndLogs {
    async fn observe(desired: &Desired, aws: &Aws) -> Result<Self, Error> {
        let functions = || desired.functions.values();
        let roles: BTreeSet<&str> = functions().filter_map(|one| role_name(&one.role)).collect();
        let groups: BTreeSet<&str> = functions().map(|one| one.log_group.name.as_str()).collect();
        let (roles, log_groups) = tokio::try_join!(aws.roles(&roles), aws.log_groups(&groups))?;
        Ok(Self { roles, log_groups })
    }

    /// Adds a function's role and log group, and the image in its tags if Lambda gives no hash
    /// of the code.
    fn complete(&self, wanted: &Function, found: &mut observed::Function) {
        found.role = match (&wanted.role, role_name(&wanted.role)) {
            (RoleChoice::Given(arn), None) => Some(function::given(arn)),
            (_, name) => name.and_then(|name| self.roles.get(name)).cloned(),
        };
        found.log_group = self.log_groups.get(&wanted.log_group.name).cloned();
        let from_tags = found.from_tags;
        let lacks_digest = |latest: &&mut FunctionState| from_tags && latest.code().is_none();
        if let Some(latest) = found.latest.as_mut().filter(lacks_digest) {
            latest.digest = applied(&latest.tags);
        }
    }
}

/// The name of a role that has to be requested from IAM.
fn role_name(role: &RoleChoice) -> Option<&str> {
    match role {
        RoleChoice::Given(arn) if arn.starts_with("arn:") => None,
        RoleChoice::Given(name) => Some(name),
        RoleChoice::From(_) => None,
        RoleChoice::Own(own) => Some(&own.name),
    }
}
