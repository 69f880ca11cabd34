//! Cleanup after a plan was executed.
//!
//! A failure here does not fail the command.

use std::collections::BTreeMap;

use crate::{
    model::{Action, Desired, Step, Summary},
    remote::{Aws, Docker, Error},
    report::{self, Style},
};

/// Number of superseded images that stay on this machine for each function and each kind of base
/// image.
const NEWEST: usize = 5;

/// Removes local images that newer ones of the same function supersede, if anything was built.
pub async fn images(docker: &Docker, desired: &Desired, steps: &[Step], summary: &Summary) {
    let built = |step: &Step| matches!(step.action, Action::Build { .. });
    if !done(steps, summary).any(built) {
        return;
    }
    let images = desired.recipes.iter();
    let needed: BTreeMap<_, _> = images
        .map(|(fingerprint, image)| (fingerprint.clone(), image.title.clone()))
        .collect();
    let project = (&*desired.project, &*desired.repository.name);
    if let Err(error) = docker.remove_superseded(project, &needed, NEWEST).await {
        tracing::debug!(%error, "superseded images remain");
    }
}

/// Deletes recreated log groups.
///
/// Lambda delivers log lines late, and then recreates the log group of a deleted function.
pub async fn logs(aws: &Aws, steps: &[Step], summary: &Summary, style: &Style) {
    for step in done(steps, summary) {
        let Action::DeleteLogGroup { name } = &step.action else {
            continue;
        };
        match came_back(aws, name).await {
            Ok(false) => {}
            Ok(true) if style.quiet => {}
            Ok(true) => report::output::err(&format!(
                "Log group {name} was recreated by late lines of its function: deleted it again.\n"
            )),
            Err(error) => tracing::debug!(%error, name, "a second look at a log group failed"),
        }
    }
}

/// Deletes the log group of a deleted function if it exists again; returns whether it did.
async fn came_back(aws: &Aws, group: &str) -> Result<bool, Error> {
    let Some(function) = group.strip_prefix("/aws/lambda/") else {
        return Ok(false);
    };
    if aws.log_group(group).await?.is_none() || aws.function(function, None).await?.is_some() {
        return Ok(false);
    }
    aws.delete_log_group(group).await?;
    Ok(true)
}

fn done<'a>(steps: &'a [Step], summary: &'a Summary) -> impl Iterator<Item = &'a Step> {
    steps.iter().filter(|step| summary.done.contains(&step.id))
}
