//! What is cleared up once a plan was carried out. That is tidying up: where it fails, nothing else
//! does.

use std::collections::BTreeMap;

use crate::{
    model::{Action, Desired, Step, Summary},
    remote::{Aws, Docker, Error},
    report::{self, Style},
};

/// How many images of one function, and how many base images of one kind, stay on this machine
/// beside those that the manifest needs.
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
        tracing::debug!(%error, "superseded images are left");
    }
}

/// Deletes log groups that came back: Lambda delivers what a function wrote a while after, and
/// makes the group of a function that is gone for it again.
pub async fn logs(aws: &Aws, steps: &[Step], summary: &Summary, style: &Style) {
    for step in done(steps, summary) {
        let Action::DeleteLogGroup { name } = &step.action else {
            continue;
        };
        match came_back(aws, name).await {
            Ok(false) => {}
            Ok(true) if style.quiet => {}
            Ok(true) => report::output::err(&format!(
                "Log group {name} came back with late lines of its function: deleted again.\n"
            )),
            Err(error) => tracing::debug!(%error, name, "a second look at a log group failed"),
        }
    }
}

/// Whether the log group of a function that is gone is there again; it is deleted then.
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

/// The steps that were done.
fn done<'a>(steps: &'a [Step], summary: &'a Summary) -> impl Iterator<Item = &'a Step> {
    steps.iter().filter(|step| summary.done.contains(&step.id))
}
