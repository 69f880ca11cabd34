//! `jot adopt`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::ExitCode,
    sync::Arc,
};

use clap::Args;

use super::{
    Error, Global,
    apply::{agreed, show},
    environment, execute, files, output,
    session::Session,
    signals::Signals,
    wanted,
};
use crate::{
    manifest,
    model::{Action, Desired, Plan, Secret, Step, observed::Alias},
    observe::Depth,
    plan,
    recipe::adopt::{self, Live, LiveRole, Values},
    remote::Docker,
};

/// Adopts an existing function: adds it to jot.toml and tags it as the project's.
///
/// The function itself does not change; it keeps its image until you replace `image_uri` with a
/// source. jot creates its log group if Lambda has not made it yet.
///
/// If jot.toml already declares the function, only the tags are written, and the next plan shows
/// what differs. Declare a function of a zip archive first, with its source: Lambda does not say
/// what the archive was built from.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Adopt {
    /// Name of the function in Lambda.
    #[arg(value_name = "NAME")]
    name: String,
    /// Key of the function in jot.toml; by default the key of the function with this name, or the
    /// name
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Write the values of its environment variables into jot.toml instead of `from_env`: never use
    /// this with secrets
    #[arg(long)]
    plain_environment: bool,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  jot adopt made-by-hand
  jot adopt made-by-hand --key increment-vector --yes";

/// The change to jot.toml and the steps that an adoption takes.
struct Adoption {
    /// The new text of the manifest; `None` if it already declares the function.
    text: Option<Text>,
    desired: Arc<Desired>,
    plan: Plan,
    docker: Option<Docker>,
}

struct Text {
    whole: String,
    /// The added part, with secrets hidden.
    shown: String,
}

/// Observes, plans, asks, writes and tags.
///
/// The file is written first: `--delete-undeclared` deletes a function that has the project's tags
/// and is missing from the manifest.
pub async fn adopt(
    global: &Global,
    arguments: &Adopt,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    check_name(&arguments.name)?;
    let session = Session::open(global).await?;
    let adoption = match declared(&session, arguments)? {
        Some(key) => as_declared(&session, &key).await?,
        None => as_it_is(&session, arguments).await?,
    };
    let Adoption {
        text,
        desired,
        plan,
        docker,
    } = adoption;
    let file = session.loaded.path.clone();
    if let Some(text) = text.as_ref().filter(|_| !session.print.json()) {
        output::print(&format!("{} gets:\n\n{}\n", file.display(), text.shown))?;
    }
    show(&plan, &session.print)?;
    if plan.is_empty() && text.is_none() {
        return Ok(ExitCode::SUCCESS);
    }
    let made = |step: &Step| matches!(step.action, Action::CreateLogGroup { .. });
    let what = match plan.steps.iter().any(made) {
        true => format!(
            "jot.toml, the tags of {0} and the log group of {0}",
            arguments.name
        ),
        false => format!("jot.toml and the tags of {}", arguments.name),
    };
    agreed("adopt", what, arguments.yes, &session.print)?;
    if let Some(text) = text {
        files::write(&file, &text.whole)?;
    }
    let clients = (Some(session.aws), docker);
    let style = (&session.print.err, signals);
    Ok(execute::execute(plan, desired, clients, style)
        .await?
        .status)
}

/// Checks that the name is that of one function in Lambda, not a glob or an ARN.
fn check_name(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(plain) {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("`{name}` is not the name of a function in Lambda"),
        help: "give the name of one function, not a pattern or an ARN; names consist of letters, \
            digits, - and _"
            .to_owned(),
    })
}

/// The function's key, if the manifest already declares it.
fn declared(session: &Session, arguments: &Adopt) -> Result<Option<String>, Error> {
    let functions = &session.loaded.manifest.functions;
    let name_of = |key: &String| functions[key].name.clone().unwrap_or_else(|| key.clone());
    let named = || functions.keys().find(|key| name_of(key) == arguments.name);
    let Some(key) = &arguments.key else {
        return Ok(named().cloned());
    };
    if !functions.contains_key(key) {
        return Ok(None);
    }
    let name = name_of(key);
    if name == arguments.name {
        return Ok(Some(key.clone()));
    }
    Err(Error::Usage {
        message: format!(
            "`{key}` of jot.toml is function {name} in Lambda, not {}",
            arguments.name
        ),
        help: format!("set `functions.{key}.name`, or choose another `--key`"),
    })
}

/// Plans only the tags for a declared function; the next plan shows other differences.
async fn as_declared(session: &Session, key: &str) -> Result<Adoption, Error> {
    let desired = session.desired(&[key.to_owned()])?;
    let (observed, docker) = session.observe(&desired, Depth::Each).await?;
    let found = observed.functions.get(key);
    if found.is_none_or(|found| found.latest.is_none()) {
        return Err(absent(&desired.functions[key].name));
    }
    let plan = match plan::adopt(&desired, &observed) {
        Err(
            plan::Error::NotAsItIs { .. }
            | plan::Error::ForeignRole { .. }
            | plan::Error::PackageType { .. }
            | plan::Error::DockerAbsent { .. },
        ) => plan::take(&desired, &observed)?,
        other => other?,
    };
    Ok(Adoption {
        text: None,
        desired,
        plan,
        docker,
    })
}

/// Plans an adoption that writes the function's present settings into the manifest.
async fn as_it_is(session: &Session, arguments: &Adopt) -> Result<Adoption, Error> {
    let loaded = &session.loaded;
    let name = &arguments.name;
    let base = name.strip_suffix(loaded.name_suffix.as_str());
    let base = base
        .filter(|base| !base.is_empty())
        .ok_or_else(|| Error::Usage {
            message: format!(
                "the target's functions end in `{}`, and {name} does not",
                loaded.name_suffix
            ),
            help: "choose another `--target`, or none".to_owned(),
        })?;
    let group = adopt::log_group(name);
    let (state, aliases, log) = tokio::try_join!(
        session.aws.function(name, None),
        session.aws.aliases(name),
        session.aws.log_group(&group),
    )?;
    let state = state.ok_or_else(|| absent(name))?;
    if state.zip.is_some() {
        let live = Live {
            key: arguments.key.as_deref().unwrap_or(base),
            target: loaded.target.as_deref(),
            name: base,
            state: &state,
            retention_days: log.as_ref().and_then(|log| log.retention_days),
            role: LiveRole::Given(adopt::role_name(&state.role)),
            alias: alias(&aliases),
            unset: BTreeSet::new(),
        };
        return Err(without_source(session, &live)?);
    }
    let own = adopt::own_role(&state.role, &loaded.manifest.project.name);
    let policies = match own {
        Some(role) => session.aws.attached_policies(role).await?,
        None => None,
    };
    let own = policies.as_deref().map(LiveRole::Own);
    let given = LiveRole::Given(adopt::role_name(&state.role));
    let roles = own.into_iter().chain([given]);
    let tries = roles.flat_map(|role| [alias(&aliases), None].map(|alias| (role.clone(), alias)));
    let text = read(session)?;
    let mut why = None;
    for (role, alias) in tries {
        let live = Live {
            key: arguments.key.as_deref().unwrap_or(base),
            target: loaded.target.as_deref(),
            name: base,
            state: &state,
            retention_days: log.as_ref().and_then(|log| log.retention_days),
            role,
            alias,
            unset: adopt::defaults(&text, loaded.target.as_deref()),
        };
        match attempt(session, &text, &live, arguments.plain_environment).await {
            Ok(mut adoption) => {
                let left = aliases
                    .keys()
                    .filter(|name| live.alias != Some(name.as_str()));
                adoption
                    .plan
                    .notes
                    .extend(left.map(|name| left_alone(name, &aliases)));
                return Ok(adoption);
            }
            Err(Error::Plan(
                error @ (plan::Error::NotAsItIs { .. } | plan::Error::ForeignRole { .. }),
            )) => why = Some(error),
            other => return other,
        }
    }
    Err(why.map_or_else(|| absent(name), Error::Plan))
}

/// Shows the settings of a function of a zip archive, and returns the error that asks for its
/// source.
fn without_source(session: &Session, live: &Live<'_>) -> Result<Error, Error> {
    let sources = sources(live, &environment::environment());
    let shown = adopt::part(live, &Values::FromEnv(sources));
    if !session.print.json() {
        output::print(&format!("Its settings in Lambda:\n\n{shown}\n"))?;
    }
    Ok(Error::Usage {
        message: format!(
            "function {} is a zip archive on {}, and jot.toml does not declare it",
            live.state.arn.rsplit(':').next().unwrap_or_default(),
            live.state.config.runtime
        ),
        help: format!(
            "declare `functions.{}` with a source that makes a zip archive and the settings above, \
                then run `jot adopt` again",
            live.key
        ),
    })
}

/// Plans the adoption with these lines added to the manifest, without writing them.
async fn attempt(
    session: &Session,
    text: &str,
    live: &Live<'_>,
    plain: bool,
) -> Result<Adoption, Error> {
    let sources = sources(live, &environment::environment());
    let shown = adopt::part(live, &Values::FromEnv(sources));
    let part = match plain {
        true => adopt::part(live, &Values::Plain),
        false => shown.clone(),
    };
    let whole = format!("{}\n\n{part}", text.trim_end());
    let path = &session.loaded.path;
    let loaded = manifest::read(path, &whole, live.target).map_err(|error| {
        let name = live.name;
        session.print.note(&format!(
            "{} with the settings of {name} in Lambda (not written yet):",
            path.display()
        ));
        Box::new(error)
    })?;
    let select = [live.key.to_owned()];
    let desired = wanted::desired(&loaded, Some(session.aws.region()), &select)?;
    let (observed, docker) = session.observe(&desired, Depth::Each).await?;
    let plan = plan::adopt(&desired, &observed)?;
    Ok(Adoption {
        text: Some(Text { whole, shown }),
        desired,
        plan,
        docker,
    })
}

/// Variables of this machine with the function's names, except those that have another value here.
fn sources(live: &Live, here: &BTreeMap<String, Secret>) -> BTreeMap<String, String> {
    let variables = live.state.config.environment.iter();
    let source = |(name, value): (&String, &Secret)| {
        let taken = here
            .get(name)
            .is_some_and(|here| here.reveal() != value.reveal());
        let own = format!("{}_{name}", live.key.replace('-', "_").to_uppercase());
        (name.clone(), if taken { own } else { name.clone() })
    };
    variables.map(source).collect()
}

/// Explains what keeping an alias that jot does not move means for its callers.
fn left_alone(name: &str, aliases: &BTreeMap<String, Alias>) -> String {
    let version = aliases.get(name).map_or("", |alias| alias.version.as_str());
    format!(
        "alias {name} stays at version {version}, even after an apply: set \
            `deploy.alias = \"{name}\"` to have jot move it"
    )
}

/// The alias that seems to take traffic: `live`, or the only one.
fn alias(aliases: &BTreeMap<String, Alias>) -> Option<&str> {
    let live = aliases.get_key_value("live").map(|(name, _)| name);
    let only = aliases.keys().next().filter(|_| aliases.len() == 1);
    live.or(only).map(String::as_str)
}

fn read(session: &Session) -> Result<String, Error> {
    let path = &session.loaded.path;
    fs::read_to_string(path).map_err(|cause| Error::File {
        what: "read",
        path: path.clone(),
        cause,
    })
}

fn absent(name: &str) -> Error {
    Error::Absent {
        what: format!("function {name}"),
        help: "check the function's name in Lambda, the account and the region".to_owned(),
    }
}
