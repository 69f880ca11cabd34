//! `jot destroy`.

use std::{process::ExitCode, sync::Arc};

use clap::Args;

use super::{
    Error, FAILED, Global, apply::confirm_plan, execute, patience::patient, runs, session::Session,
    signals::Signals,
};
use crate::{
    manifest::nearest,
    model::{Desired, Observed, observed::Other},
    observe::{self, Depth},
    plan::{self, Scope},
    recipe,
};

/// Deletes everything with the tags of this project and target, declared or not.
///
/// This includes functions with their logs, jot's roles, and the repository with its images once
/// nothing needs it. The plan lists what is lost for good before jot asks.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Destroy {
    /// Functions by key, or globs such as 'increment-*'; a function that jot.toml no longer
    /// declares by its key or its name in Lambda. By default everything
    #[arg(value_name = "FUNCTION")]
    functions: Vec<String>,
    /// Also delete functions that existed before jot adopted them. Without this option they stay,
    /// and a note lists them
    #[arg(long)]
    adopted: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  jot destroy increment-vector
  jot destroy --target staging --yes";

/// Observes, plans the removal, asks, and executes the plan; exit status 1 also if something could
/// not be observed.
pub async fn destroy(
    global: &Global,
    arguments: &Destroy,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let (desired, named) = wanted(&session, &arguments.functions)?;
    let scope = Scope {
        adopted: arguments.adopted,
        named,
    };
    // Look for undeclared functions if everything goes, or if a name is not declared.
    let undeclared = desired.whole || !scope.named.is_empty();
    let looked = Desired {
        whole: undeclared,
        ..Desired::clone(&desired)
    };
    let (mut observed, docker) = session.observe(&looked, Depth::Each).await?;
    if undeclared {
        let asked = observe::leftovers(&looked, observed, &session.aws);
        let waiting = "Looking for functions that jot.toml does not declare.";
        observed = patient(&session.print, waiting, asked).await?;
    }
    let declared: Vec<&str> = session
        .loaded
        .manifest
        .functions
        .keys()
        .map(String::as_str)
        .collect();
    exist(&scope.named, &declared, &desired, &observed)?;
    if let Some(docker) = &docker {
        runs::sweep(docker).await;
    }
    let plan = plan::destroy(&desired, &observed, &scope)?;
    let mut status = ExitCode::SUCCESS;
    if confirm_plan("destroy", &plan, arguments.yes, &session.print)? {
        let clients = (Some(session.aws), docker);
        let style = (&session.print.err, signals);
        status = execute::execute(plan, desired, clients, style)
            .await?
            .status;
    }
    match status == ExitCode::SUCCESS && !observed.leftovers.unseen.is_empty() {
        true => Ok(ExitCode::from(FAILED)),
        false => Ok(status),
    }
}

/// Splits the selection into declared functions and undeclared names.
fn wanted(session: &Session, select: &[String]) -> Result<(Arc<Desired>, Vec<String>), Error> {
    let (mut declared, mut named) = (Vec::new(), Vec::new());
    for one in select {
        match session.names(std::slice::from_ref(one)) {
            Ok(_) => declared.push(one.clone()),
            Err(Error::Recipe(recipe::Error::NoMatch { .. })) if is_name(one) => {
                named.push(one.clone());
            }
            Err(error) => return Err(error),
        }
    }
    let mut desired = session.names(&declared)?;
    if !named.is_empty() {
        let desired = Arc::make_mut(&mut desired);
        desired.whole = false;
        if declared.is_empty() {
            desired.functions.clear();
        }
    }
    Ok((desired, named))
}

/// Whether the word is a name, not a glob.
fn is_name(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    word.chars().all(plain)
}

/// Fails if a name is neither declared nor deployed.
fn exist(
    named: &[String],
    declared: &[&str],
    desired: &Desired,
    observed: &Observed,
) -> Result<(), Error> {
    let target = desired.target.as_deref().unwrap_or_default();
    let is = |other: &Other, name: &String| {
        other.target == target && (other.function == *name || other.name == *name)
    };
    let missing = named
        .iter()
        .find(|name| !observed.others.iter().any(|other| is(other, name)));
    let Some(name) = missing else {
        return Ok(());
    };
    let existing = observed.others.iter();
    let existing = existing.flat_map(|other| [other.function.as_str(), other.name.as_str()]);
    let near = nearest::name(name, existing.chain(declared.iter().copied()));
    let project = &desired.project;
    let place = match &desired.target {
        Some(target) => format!("{project}, target {target},"),
        None => project.clone(),
    };
    Err(Error::Usage {
        message: format!(
            "`{name}` is neither in jot.toml nor a function of {place} in {}",
            observed.region
        ),
        help: format!(
            "{}`jot status` lists declared functions, `jot plan` notes undeclared ones",
            near.map(|near| format!("did you mean `{near}`? "))
                .unwrap_or_default()
        ),
    })
}
