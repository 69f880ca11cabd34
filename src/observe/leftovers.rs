//! Everything with the project's tags, declared or not: what `jot destroy` needs in addition to an
//! observation for a plan.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use super::{
    other::{belongings, function_name, logging_function, of_role, role_path, with_policies},
    scheduler,
};
use crate::{
    model::{
        Desired, Observed, RoleChoice,
        desired::{TAG_FUNCTION, TAG_PROJECT, TAG_TARGET},
        observed::{Belongings, Leftovers, Other},
    },
    remote::{Aws, Error, aws::Tagged},
};

/// Observes, and finds what no function refers to any more.
///
/// That is roles by their path, the number of images, and resources of other kinds with the
/// project's and target's tags.
///
/// # Errors
///
/// What AWS answered. A list of roles that may not be read is no error; it is reported in
/// [`Leftovers::unseen`].
pub async fn leftovers(
    desired: &Desired,
    mut observed: Observed,
    aws: &Aws,
) -> Result<Observed, Error> {
    let (tagged, roles, images, objects) = tokio::try_join!(
        aws.tagged(TAG_PROJECT, &desired.project),
        left_roles(desired, &observed, aws),
        count(&observed, desired, aws),
        objects(desired, &observed, aws),
    )?;
    let Roles {
        others: roles,
        mut unseen,
        scheduler,
    } = roles;
    let (objects, unlisted) = objects;
    unseen.extend(unlisted);
    observed.others.extend(roles);
    if scheduler && observed.scheduler.is_none() {
        observed.scheduler = Some(scheduler::observe(desired, aws).await?);
    }
    let found = (observed.functions, observed.others);
    (observed.functions, observed.others) =
        scheduler::with_schedules(desired, found, observed.scheduler.as_ref(), aws).await?;
    observed.leftovers = Leftovers {
        images,
        unknown: unknown(desired, &observed, &tagged),
        unseen,
        objects,
    };
    Ok(observed)
}

/// The project's archives in the manifest's bucket, and why they could not be listed.
async fn objects(
    desired: &Desired,
    observed: &Observed,
    aws: &Aws,
) -> Result<(Vec<String>, Option<String>), Error> {
    let desired = desired.with_values(&observed.references);
    let account = observed.account.as_str();
    let Some(bucket) = desired.aws.bucket.as_deref() else {
        return Ok((Vec::new(), None));
    };
    match aws.archives_in((bucket, account), &desired.project).await {
        Ok(keys) => Ok((keys, None)),
        Err(error @ Error::AccessDenied { .. }) => {
            let what = format!("archives in bucket {bucket}: {error}");
            Ok((Vec::new(), Some(what)))
        }
        Err(error) => Err(error),
    }
}

/// Number of images in the repository; `None` if it does not exist or may not be listed.
async fn count(observed: &Observed, desired: &Desired, aws: &Aws) -> Result<Option<usize>, Error> {
    if observed.repository.is_none() {
        return Ok(None);
    }
    match aws.count_images(&desired.repository.name).await {
        Ok(count) => Ok(Some(count)),
        Err(Error::AccessDenied { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the roles below the project's path show.
struct Roles {
    /// Roles that belong to no function seen so far, as remains of a function.
    others: Vec<Other>,
    /// What could not be read.
    unseen: Vec<String>,
    /// Whether the role of the target's schedules is among them.
    scheduler: bool,
}

/// The roles of this project, target and region.
async fn left_roles(desired: &Desired, observed: &Observed, aws: &Aws) -> Result<Roles, Error> {
    let path = role_path(desired);
    let below = match aws.roles_below(&path).await {
        Ok(below) => below,
        Err(error @ Error::AccessDenied { .. }) => {
            let unseen = format!("the roles below {path}: {error}");
            return Ok(Roles {
                others: Vec::new(),
                unseen: vec![unseen],
                scheduler: false,
            });
        }
        Err(error) => return Err(error),
    };
    let seen = seen(desired, observed);
    let of_schedules = |role: &String| *role == desired.scheduler.role;
    let scheduler = below.iter().any(of_schedules);
    let left = below
        .into_iter()
        .filter(|role| !of_schedules(role) && !seen.contains(role.as_str()));
    let looked =
        left.filter_map(|role| Some((of_role(&role, &desired.role_ending)?.to_owned(), role)));
    let looked = looked.map(async |(name, role)| left_role(name, role, desired, aws).await);
    let others = try_join_all(looked).await?;
    Ok(Roles {
        others: others.into_iter().flatten().collect(),
        unseen: Vec::new(),
        scheduler,
    })
}

/// The names of the roles of all functions, declared or not.
fn seen<'a>(desired: &'a Desired, observed: &'a Observed) -> BTreeSet<&'a str> {
    let declared = desired
        .functions
        .values()
        .filter_map(|one| match &one.role {
            RoleChoice::Own(role) => Some(role.name.as_str()),
            RoleChoice::Given(_) | RoleChoice::From(_) => None,
        });
    let belongings = observed.others.iter().filter_map(|other| {
        let (name, _) = other.belongings.as_ref()?.role.as_ref()?;
        Some(name.as_str())
    });
    declared.chain(belongings).collect()
}

/// The function that a role belongs to: one that the search by tags did not find yet, or the
/// remains of a deleted one.
async fn left_role(
    name: String,
    role: String,
    desired: &Desired,
    aws: &Aws,
) -> Result<Option<Other>, Error> {
    let (found, belongings) =
        tokio::try_join!(with_policies(role, aws), belongings(&name, desired, aws))?;
    let Some((role, found)) = found.filter(|(_, found)| of_target(desired, &found.tags)) else {
        return Ok(None);
    };
    let function = found.tags.get(TAG_FUNCTION).cloned().unwrap_or_default();
    let ours = |belongings: &Belongings| {
        let tags = belongings.tags.as_ref();
        tags.is_some_and(|tags| of_target(desired, tags))
    };
    let belongings = match belongings.filter(ours) {
        Some(belongings) => belongings,
        // A log group alone does not show who owns it.
        None => Belongings {
            tags: None,
            role: Some((role, found.clone())),
            log_group: None,
            mappings: BTreeMap::new(),
            pushes: BTreeMap::new(),
        },
    };
    Ok(Some(Other {
        name,
        arn: found.arn,
        target: desired.target.clone().unwrap_or_default(),
        function,
        belongings: Some(belongings),
    }))
}

/// Whether these are tags of the project and target.
fn of_target(desired: &Desired, tags: &BTreeMap<String, String>) -> bool {
    let tag = |key: &str| tags.get(key).map_or("", String::as_str);
    tag(TAG_PROJECT) == desired.project
        && tag(TAG_TARGET) == desired.target.as_deref().unwrap_or_default()
}

/// ARNs with the tags of project and target that are neither functions, nor their log groups, nor
/// the repository.
fn unknown(desired: &Desired, observed: &Observed, tagged: &[Tagged]) -> Vec<String> {
    let repository = observed.repository.as_ref().map(|found| found.arn.as_str());
    let other = |one: &&Tagged| {
        let arn = one.arn.as_str();
        let known = function_name(arn).is_some() || logging_function(arn).is_some();
        !known
            && Some(arn) != repository
            && !is_repository(arn, desired)
            && !scheduler::is_group(desired, arn)
            && !is_mapping(arn, observed)
    };
    let ours = tagged.iter().filter(|one| of_target(desired, &one.tags));
    ours.filter(other).map(|one| one.arn.clone()).collect()
}

/// Whether it is a mapping that is deleted with its function.
fn is_mapping(arn: &str, observed: &Observed) -> bool {
    let uuid = arn.rsplit(':').next().unwrap_or_default();
    let declared = observed.functions.values().map(|one| &one.reach.mappings);
    let others = observed
        .others
        .iter()
        .filter_map(|one| one.belongings.as_ref());
    let mut all = declared.chain(others.map(|belongings| &belongings.mappings));
    arn.contains(":event-source-mapping:") && all.any(|mappings| mappings.contains_key(uuid))
}

/// Whether it is the project's own repository, which the search by tags still finds for a while
/// after its deletion.
fn is_repository(arn: &str, desired: &Desired) -> bool {
    let name = format!(":repository/{}", desired.repository.name);
    arn.contains(":ecr:") && arn.ends_with(&name)
}
