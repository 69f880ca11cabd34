//! `jot build`.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;

use super::{Error, Functions, Global, carry, session, session::Session};
use crate::{model::ImageKind, plan, recipe, remote::Docker, report};

/// Builds the images that are not in the local Docker; needs no AWS.
#[derive(Debug, Args)]
pub struct Build {
    #[command(flatten)]
    select: Functions,
    /// Build nothing: write each image's exact build context to a folder of DIR, which must be empty or absent.
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,
}

/// Builds, or writes the contexts.
pub async fn build(global: &Global, arguments: &Build) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let desired = session.desired(&arguments.select.functions)?;
    if let Some(folder) = &arguments.context {
        for (name, image) in contexts(&desired) {
            let folder = folder.join(name);
            recipe::write_context(image, &folder)?;
            session::print(&format!("{}\n", folder.display()))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let docker = Docker::connect().await?;
    let observed = docker.observed(&desired.project).await?;
    let plan = plan::build(&desired, &observed)?;
    if plan.is_empty() {
        report::note("Nothing to build: every image is in the local Docker.", &session.style);
        return Ok(ExitCode::SUCCESS);
    }
    let carried = carry::carry_out(plan, Arc::clone(&desired), (session.aws, Some(docker)), &session.style).await?;
    Ok(carried.status)
}

/// Every image with the name of its folder: a function's key, or `base-<tag>`.
fn contexts(desired: &crate::model::Desired) -> Vec<(String, &crate::model::Image)> {
    let bases = desired.images.values().filter(|image| image.kind == ImageKind::Base);
    let bases = bases.map(|image| (format!("base-{}", image.fingerprint.tag()), image));
    let responders = desired.functions.values();
    let responders = responders.filter_map(|one| Some((one.key.clone(), desired.images.get(&one.image)?)));
    bases.chain(responders).collect()
}
