//! `jot build`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;

use super::{
    Error, Functions, Global, execute,
    output::{self, Print},
    runs::Run,
    session,
    signals::Signals,
    wanted,
};
use crate::{
    apply,
    model::{Desired, Function, Recipe, RecipeRole},
    plan::{self, Local},
    recipe,
    remote::{self, Docker},
    report::json,
};

/// Builds the images that the local Docker lacks; needs no AWS.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Build {
    #[command(flatten)]
    select: Functions,
    /// Build nothing: write the exact build context of each image to a subfolder of DIR, which must
    /// be empty or absent
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,
    /// Also write what builds collected for review to DIR, one folder per function: the
    /// reachability metadata of native binaries
    #[arg(long, value_name = "DIR", conflicts_with = "context")]
    metadata: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  jot build
  jot build increment-vector -v
  jot build --context context      what Docker would be given";

impl Build {
    /// Whether the command prints a stream of events; `--context` prints one document.
    pub fn streams(&self) -> bool {
        self.context.is_none()
    }
}

/// Builds the images, or writes their contexts.
pub async fn build(
    global: &Global,
    arguments: &Build,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    let print = Print::new(global);
    let loaded = wanted::load(global)?;
    let desired = wanted::desired_offline(&loaded, &arguments.select.functions)?;
    if let Some(folder) = &arguments.context {
        let mut written = Vec::new();
        for (name, image) in contexts(&desired) {
            for file in recipe::missing(image) {
                let profile = desired.aws.profile.as_deref();
                remote::download(&file.url, &file.sha256, &file.path, profile).await?;
            }
            let folder = folder.join(name);
            recipe::write_context(image, &folder)?;
            written.push(folder.display().to_string());
        }
        let text = match print.json() {
            true => json::files(&written),
            false => written.iter().map(|path| format!("{path}\n")).collect(),
        };
        output::print(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    let collects = |one: &Function| one.hints.collected.is_some();
    if arguments.metadata.is_some() && !desired.functions.values().any(collects) {
        return Err(Error::NothingCollected);
    }
    let (docker, found) = session::local(&desired.project).await?;
    let plan = plan::local(&desired, &found, Local::Build)?;
    let mut status = ExitCode::SUCCESS;
    // A reader of JSON gets its stream of events in any case.
    if plan.is_empty() && !print.json() {
        print.note("Nothing to build: every image is in the local Docker.");
    } else {
        let clients = (None, Some(docker.clone()));
        let carried = execute::execute(plan, Arc::clone(&desired), clients, (&print.err, signals));
        status = carried.await?.status;
    }
    if let Some(folder) = arguments
        .metadata
        .as_ref()
        .filter(|_| status == ExitCode::SUCCESS)
    {
        write_collected(&docker, &desired, folder, &print).await?;
    }
    Ok(status)
}

/// Writes what the builds of all functions collected.
async fn write_collected(
    docker: &Docker,
    desired: &Desired,
    folder: &Path,
    print: &Print,
) -> Result<(), Error> {
    let run = Run::begin(&desired.project, Some(docker));
    let owner = (desired.project.as_str(), run.id());
    for (key, function) in &desired.functions {
        let written = apply::collected(docker, owner, function, &folder.join(key)).await?;
        for path in written {
            print.note(&format!("Wrote {}.", path.display()));
        }
    }
    run.end(Some(docker)).await
}

/// Every image with the name of its folder: a function's key, or `base-<tag>`.
fn contexts(desired: &Desired) -> Vec<(String, &Recipe)> {
    let bases = desired
        .recipes
        .values()
        .filter(|image| image.role == RecipeRole::Base);
    let bases = bases.map(|image| (format!("base-{}", image.fingerprint.tag()), image));
    let responders = desired.functions.values();
    let responders = responders
        .filter_map(|one| Some((one.key.clone(), desired.recipes.get(one.code.recipe()?)?)));
    bases.chain(responders).collect()
}
