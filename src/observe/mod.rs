//! Observation: what Docker, ECR, IAM, Logs and Lambda report about what a manifest declares.
//!
//! All requests run concurrently. A second request follows only if the first answer names
//! something without describing it.
//!
//! Up to [`MANY`] functions are requested one by one. More are found in lists, see [`Depth`].

mod account;
mod bulk;
mod depth;
mod error;
mod found;
mod function;
mod leftovers;
mod managed;
mod other;
mod prune;
mod pushes;
mod reach;
mod references;
mod releases;
mod repository;
mod scheduler;
mod source;
mod terraform;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
};

use futures_util::future::try_join_all;

use self::{
    account::guard,
    found::{Found, tagged},
};
pub use self::{
    depth::Depth,
    error::Error,
    leftovers::leftovers,
    prune::prunable,
    releases::{published, serving, target},
};
use crate::{
    model::{Desired, Observed, observed},
    remote::{self, Aws, Docker},
};

/// The highest number of functions that are always requested one by one; for more, lists take fewer
/// requests.
pub const MANY: usize = 50;

/// Observes what is wanted, and what else the project has in Lambda.
///
/// `docker` is the unopened connection to Docker, so that connecting runs concurrently:
/// `Docker::connect()`. A daemon that does not answer is part of the observation.
///
/// # Errors
///
/// [`Error::WrongAccount`] before any other error; else AWS's first error in the order of
/// repository, functions, references.
pub async fn observe(
    desired: &Desired,
    aws: &Aws,
    docker: impl Future<Output = Result<Docker, remote::Error>>,
    depth: Depth,
) -> Result<Observed, Error> {
    let answers = pushes::Answers::default();
    // On the heap, each separately: together they would overflow a thread's stack.
    let (account, docker, repository, found, references, scheduler, source) = tokio::join!(
        Box::pin(aws.account()),
        Box::pin(needed(desired, docker)),
        Box::pin(repository::observe(desired, aws)),
        Box::pin(find(desired, (aws, &answers), depth)),
        Box::pin(references::read(desired, aws)),
        Box::pin(scheduler::declared(desired, aws)),
        Box::pin(source::observe(desired, aws)),
    );
    let account = account?;
    guard(desired, &account)?;
    let repository = repository?;
    let Found {
        stored,
        functions,
        tagged,
    } = found?;
    let references = references?;
    let declared = scheduler?;
    let source = source?;
    let (repository, functions, others) = tokio::try_join!(
        Box::pin(repository::with_tags(
            repository,
            &desired.repository,
            &tagged,
            aws
        )),
        Box::pin(functions_whole(
            desired,
            &references,
            functions,
            (aws, &answers)
        )),
        Box::pin(other::observe(desired, &tagged, aws)),
    )?;
    let scheduler = match declared {
        None if scheduler::is_recorded(desired, &functions, &others, &tagged) => {
            Some(Box::pin(scheduler::observe(desired, aws)).await?)
        }
        declared => declared,
    };
    let shifts = functions.values().filter_map(|one| one.alias.as_ref());
    let shifts = shifts.filter_map(|alias| alias.releases()?.shift).count() > 0;
    let now = match shifts {
        true => aws.now().await,
        false => None,
    };
    let found = (functions, others);
    let with_schedules = scheduler::with_schedules(desired, found, scheduler.as_ref(), aws);
    let (functions, others) = Box::pin(with_schedules).await?;
    Ok(Observed {
        account,
        region: aws.region().to_owned(),
        docker,
        repository,
        images: stored.images,
        archives: stored.archives,
        source,
        functions,
        references,
        others,
        now,
        scheduler,
        leftovers: observed::Leftovers::default(),
    })
}

/// Observes again, and requests these functions and all images if tags were trusted before.
///
/// # Errors
///
/// What AWS answered.
pub async fn closer(
    desired: &Desired,
    mut observed: Observed,
    aws: &Aws,
    keys: &BTreeSet<String>,
) -> Result<Observed, Error> {
    let wanted = desired
        .functions
        .iter()
        .filter(|(key, _)| keys.contains(*key));
    let answers = pushes::Answers::default();
    let (stored, functions) = tokio::try_join!(
        repository::stored(desired, aws),
        bulk::asked(wanted, (aws, &answers)),
    )?;
    let scheduler = observed.scheduler.as_ref();
    let found = (functions, Vec::new());
    let (functions, _) = scheduler::with_schedules(desired, found, scheduler, aws).await?;
    observed.images = stored.images;
    observed.archives = stored.archives;
    for (key, found) in functions {
        let before = observed.functions.remove(&key).unwrap_or_default();
        let found = observed::Function {
            role: before.role,
            log_group: before.log_group,
            ..found
        };
        observed.functions.insert(key, found);
    }
    Ok(observed)
}

async fn find(
    desired: &Desired,
    (aws, answers): (&Aws, &pushes::Answers),
    depth: Depth,
) -> Result<Found, remote::Error> {
    if desired.functions.len() > MANY {
        match bulk::observe(desired, (aws, answers), depth).await {
            // Rights to read the project's resources need not include rights to list the account's.
            Err(remote::Error::AccessDenied { .. }) => {}
            found => return found,
        }
    }
    let (stored, functions, tagged) = tokio::try_join!(
        repository::stored(desired, aws),
        functions(desired, (aws, answers)),
        tagged(desired, aws),
    )?;
    Ok(Found {
        stored,
        functions,
        tagged,
    })
}

/// Requests what the first answers name without describing it.
///
/// That is roles, buckets and topics under resolved names, and the tags of log groups that have
/// lost their function.
async fn functions_whole(
    desired: &Desired,
    references: &BTreeMap<String, observed::Reading>,
    mut found: BTreeMap<String, observed::Function>,
    (aws, answers): (&Aws, &pushes::Answers),
) -> Result<BTreeMap<String, observed::Function>, remote::Error> {
    let taken = references::roles(desired, references, aws);
    let pushed = Box::pin(references::pushes(
        desired,
        references,
        &found,
        (aws, answers),
    ));
    let (taken, pushed) = tokio::try_join!(taken, pushed)?;
    for (key, pushes) in pushed {
        let reach = &mut found.entry(key).or_default().reach;
        reach.pushes.extend(pushes.found);
        reach.buckets.extend(pushes.buckets);
    }
    let mut found = function::with_left_logs(desired, found, aws).await?;
    for (key, role) in taken {
        found.entry(key).or_default().role = role;
    }
    Ok(found)
}

/// What Docker has of the project, if a build may need it.
async fn needed(
    desired: &Desired,
    docker: impl Future<Output = Result<Docker, remote::Error>>,
) -> observed::Docker {
    match desired.supply.is_build() {
        true => self::docker(docker, &desired.project).await,
        false => observed::Docker::Absent("not asked".to_owned()),
    }
}

/// What Docker has of the project; a daemon that does not answer is part of the observation.
pub async fn docker(
    docker: impl Future<Output = Result<Docker, remote::Error>>,
    project: &str,
) -> observed::Docker {
    let asked = async {
        let docker = docker.await?;
        let (platform, images) = tokio::try_join!(docker.platform(), docker.images(project))?;
        Ok::<_, remote::Error>(observed::Docker::Present { platform, images })
    };
    match asked.await {
        Ok(present) => present,
        Err(error) => observed::Docker::Absent(error.to_string()),
    }
}

async fn functions(
    desired: &Desired,
    (aws, answers): (&Aws, &pushes::Answers),
) -> Result<BTreeMap<String, observed::Function>, remote::Error> {
    let each = desired.functions.iter().map(async |(key, wanted)| {
        let found = function::observe(wanted, (aws, answers)).await?;
        Ok((key.clone(), found))
    });
    Ok(try_join_all(each).await?.into_iter().collect())
}
