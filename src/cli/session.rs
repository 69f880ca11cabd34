//! What most commands begin with: the manifest, what it asks for, the clients, and how to print.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use super::{Color, Error, FAILED, Format, Global, runs, sources};
use crate::{
    manifest::{self, Loaded},
    model::{Checkouts, Desired, Observed, Plan, Secret, desired, observed},
    observe::{self, Depth},
    plan, recipe,
    remote::{
        self, Aws, Docker,
        aws::{Retry, RetryListener},
    },
    report::{self, ColorChoice, Flags, Stream, Style, wording},
};

/// Characters of AWS's shortest secret key.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html>
const SHORTEST_KEY: usize = 16;

/// Waits below this are not worth a line.
const SHORT_MS: u64 = 250;

/// A manifest and the clients that it leads to.
pub struct Session {
    /// The manifest.
    pub loaded: Loaded,
    /// AWS; nothing was asked yet.
    pub aws: Aws,
    /// How to print.
    pub print: Print,
}

/// How to print on either stream.
#[derive(Clone, Debug)]
pub struct Print {
    /// Data.
    pub out: Style,
    /// The rest.
    pub err: Style,
}

impl Print {
    /// What the options and the surroundings say.
    pub fn new(global: &Global) -> Self {
        let flags = Flags {
            color: match global.color {
                Color::Auto => ColorChoice::Auto,
                Color::Always => ColorChoice::Always,
                Color::Never => ColorChoice::Never,
            },
            quiet: global.quiet,
            verbosity: global.verbose,
            format: match global.format {
                Format::Human => report::Format::Human,
                Format::Json => report::Format::Json,
                Format::Markdown => report::Format::Markdown,
            },
        };
        Self {
            out: Style::here(&flags, Stream::Stdout),
            err: Style::here(&flags, Stream::Stderr),
        }
    }

    /// A remark on stderr, unless silenced.
    pub fn note(&self, text: &str) {
        if !self.err.quiet {
            report::output::err(&format!("{text}\n"));
        }
    }

    /// Whether stdout is for programs.
    pub fn json(&self) -> bool {
        self.out.format == report::Format::Json
    }
}

impl Session {
    /// Reads the manifest and makes the clients, without a request.
    pub async fn open(global: &Global) -> Result<Self, Error> {
        Self::of(load(global)?, global).await
    }

    /// The same of a manifest that was read.
    pub async fn of(loaded: Loaded, global: &Global) -> Result<Self, Error> {
        let print = Print::new(global);
        let aws = Aws::connect(&settings(&loaded)).await?;
        let told = print.clone();
        let aws = aws
            .with_wait_listener(Arc::new(move |text| told.note(text)))
            .with_retry_listener(noted(print.clone()));
        Ok(Self { loaded, aws, print })
    }

    /// What the manifest asks for of the selected functions, contexts hashed.
    pub fn desired(&self, select: &[String]) -> Result<Arc<Desired>, Error> {
        desired(&self.loaded, Some(self.aws.region()), select)
    }

    /// The same without images: the responders' sources need not be there.
    pub fn names(&self, select: &[String]) -> Result<Arc<Desired>, Error> {
        let environment = environment();
        let request = recipe::Request {
            loaded: &self.loaded,
            select,
            environment: &environment,
            cache: None,
            checkouts: &Checkouts::new(),
            region: Some(self.aws.region()),
        };
        Ok(Arc::new(recipe::desired_names(&request)?))
    }

    /// One function: with its tests where they are needed, else as [`Session::names`].
    pub fn desired_or_names(&self, function: &str, tests: bool) -> Result<Arc<Desired>, Error> {
        let select = [function.to_owned()];
        if tests {
            self.desired(&select)
        } else {
            self.names(&select)
        }
    }

    /// The plan, and the daemon where one answers. What the plan acts on is looked at as closely as one can, also where
    /// `depth` leaves the rest to tags. `desired` gets the values of the parameters that were read: those that the plan was
    /// made with are those that it is to be carried out with.
    pub async fn plan(
        &self,
        desired: &mut Arc<Desired>,
        depth: Depth,
    ) -> Result<(Plan, Option<Docker>), Error> {
        let (mut observed, daemon) = self.observe(desired, depth).await?;
        resolve(desired, &observed);
        loop {
            let plan = plan::plan(desired, &observed)?;
            let believed = plan::believed(&plan, &observed);
            if believed.is_empty() {
                return Ok((plan, daemon));
            }
            observed = observe::closer(desired, observed, &self.aws, &believed).await?;
            observed.guard(&desired.shown_values());
        }
    }

    /// One look at the world, Docker alongside; also the daemon, where one answers.
    pub async fn observe(
        &self,
        desired: &Desired,
        depth: Depth,
    ) -> Result<(Observed, Option<Docker>), Error> {
        let mut daemon = None;
        let connect = async {
            let docker = Docker::connect().await?;
            daemon = Some(docker.clone());
            Ok(docker)
        };
        let observed = observe::observe(desired, &self.aws, connect, depth).await?;
        observed.guard(&desired.shown_values());
        Ok((observed, daemon))
    }
}

/// Says on stderr which calls are waited for, except for short waits.
fn noted(print: Print) -> RetryListener {
    Arc::new(move |retry| {
        if retry.wait_ms < SHORT_MS {
            return;
        }
        let Retry {
            operation,
            why,
            attempt,
            wait_ms,
        } = retry;
        let wait = wording::duration(wait_ms);
        print.note(&format!(
            "{operation}: {why}; attempt {attempt} follows in {wait}"
        ));
    })
}

/// Puts the values of the parameters that were read in.
fn resolve(desired: &mut Arc<Desired>, observed: &Observed) {
    let resolved = match desired.with_parameters(&observed.parameters) {
        Cow::Borrowed(_) => return,
        Cow::Owned(resolved) => resolved,
    };
    *desired = Arc::new(resolved);
}

/// What the local Docker has of the project, and the daemon, freed from containers of runs that were killed.
pub async fn local(project: &str) -> Result<(Docker, observed::Docker), Error> {
    let docker = Docker::connect().await?;
    runs::sweep(&docker).await;
    let found = observe::docker(std::future::ready(Ok(docker.clone())), project).await;
    Ok((docker, found))
}

/// Nothing, if jot builds the function's image, and so can run it in the local Docker.
pub fn is_built_here(function: &desired::Function) -> Result<(), Error> {
    if function.code.image_uri().is_none() {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("`{}` runs an image that jot does not build", function.key),
        help:
            "in Lambda it can be called; with a source instead of `image_uri` jot can run it here"
                .to_owned(),
    })
}

/// The key of the one function that a command is about; without a name the only one of the
/// manifest.
pub fn one(loaded: &Loaded, named: Option<&str>) -> Result<String, Error> {
    Ok(recipe::one(&loaded.manifest.functions, named)?)
}

/// Finds and reads the manifest.
pub fn load(global: &Global) -> Result<Loaded, Error> {
    let path = match &global.manifest {
        Some(path) => path.clone(),
        None => manifest::find(&here()?).map_err(Box::new)?,
    };
    Ok(manifest::load(&path, global.target.as_deref()).map_err(Box::new)?)
}

/// The current folder.
pub fn here() -> Result<PathBuf, Error> {
    std::env::current_dir().map_err(|cause| Error::File {
        what: "find",
        path: PathBuf::from("."),
        cause,
    })
}

/// What the manifest asks for where AWS is not asked: the region is the manifest's or the environment's, or none.
pub fn desired_offline(loaded: &Loaded, select: &[String]) -> Result<Arc<Desired>, Error> {
    desired(loaded, region().as_deref(), select)
}

/// The same, and git is not asked either. Beside it the keys of functions that were left out, since their sources would have to be
/// fetched.
pub fn desired_at_hand(
    loaded: &Loaded,
    select: &[String],
) -> Result<(Option<Arc<Desired>>, Vec<String>), Error> {
    let environment = environment();
    let cache = cache(&environment);
    let found = sources::at_hand(loaded, select, cache.as_deref())?;
    if found.here.is_empty() && !found.absent.is_empty() {
        return Ok((None, found.absent));
    }
    let region = region();
    let request = recipe::Request {
        loaded,
        select: &found.here,
        environment: &environment,
        cache: cache.as_deref(),
        checkouts: &found.checkouts,
        region: region.as_deref(),
    };
    let desired = recipe::desired(&request)?;
    Ok((Some(Arc::new(desired)), found.absent))
}

/// The region that the environment names.
fn region() -> Option<String> {
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let mut set = named.iter().filter_map(|name| std::env::var(name).ok());
    set.find(|region| !region.is_empty())
}

/// What the manifest asks for, without any client.
pub fn desired(
    loaded: &Loaded,
    region: Option<&str>,
    select: &[String],
) -> Result<Arc<Desired>, Error> {
    let environment = environment();
    let cache = cache(&environment);
    let checkouts = sources::fetched(loaded, select, cache.as_deref())?;
    let request = recipe::Request {
        loaded,
        select,
        environment: &environment,
        cache: cache.as_deref(),
        checkouts: &checkouts,
        region,
    };
    Ok(Arc::new(recipe::desired(&request)?))
}

/// jot's cache folder, or none where the environment names no home.
pub fn cache_folder() -> Option<PathBuf> {
    cache(&environment())
}

/// jot's cache folder: `$XDG_CACHE_HOME/jot`, else `~/.cache/jot`.
/// <https://specifications.freedesktop.org/basedir-spec/latest/>
fn cache(environment: &BTreeMap<String, Secret>) -> Option<PathBuf> {
    let folder = |name: &str| {
        let path = PathBuf::from(environment.get(name)?.reveal());
        path.is_absolute().then_some(path)
    };
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    caches.map(|caches| caches.join("jot"))
}

/// This process's environment. Values count as secret: some are.
pub fn environment() -> BTreeMap<String, Secret> {
    let text = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((
            key.into_string().ok()?,
            Secret::new(value.into_string().ok()?),
        ))
    };
    let environment: BTreeMap<String, Secret> = std::env::vars_os().filter_map(text).collect();
    let keys = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let keys = keys.iter().filter_map(|name| environment.get(*name));
    // Shorter ones are the dummies that emulators take: words such as `test`.
    keys.filter(|key| key.reveal().len() >= SHORTEST_KEY)
        .for_each(Secret::guard);
    environment
}

fn settings(loaded: &Loaded) -> desired::Aws {
    let aws = &loaded.manifest.aws;
    desired::Aws {
        region: aws.region.clone(),
        profile: aws.profile.clone(),
        account_id: aws.account_id.clone(),
        endpoint_url: aws.endpoint_url.clone(),
        registry: aws.registry.clone(),
    }
}

/// Prints data. A reader that went away is not an error: `jot status | head` ends quietly.
pub fn print(text: &str) -> Result<(), Error> {
    report::out(text)
        .map(drop)
        .map_err(|cause| Error::Output { cause })
}

/// Writes a file whole or not at all.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    let part = path.with_extension("part");
    let written = fs::write(&part, text).and_then(|()| fs::rename(&part, path));
    written.map_err(|cause| Error::File {
        what: "write",
        path: path.to_owned(),
        cause,
    })
}

/// Reads a plan that `jot plan --out` saved.
pub fn read_plan(path: &Path) -> Result<Plan, Error> {
    let text = fs::read_to_string(path);
    let text = text.map_err(|cause| Error::File {
        what: "read",
        path: path.to_owned(),
        cause,
    })?;
    serde_json::from_str(&text).map_err(|cause| Error::NoPlan {
        path: path.to_owned(),
        cause,
    })
}

/// The text of a plan to save.
pub fn saved(plan: &Plan) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(plan);
    text.map(|text| text + "\n").map_err(|cause| Error::Output {
        cause: cause.into(),
    })
}

/// Prints an error, as a stream where a program waits for one; returns its exit status.
pub fn fail(error: &Error, print: &Print, streams: bool) -> ExitCode {
    if streams && print.json() {
        report::progress::refused(error, &print.err);
    } else {
        report::problem::show(error, &print.err);
    }
    report::annotation::show(error);
    ExitCode::from(FAILED)
}

/// Lets `-vv` show what the libraries say, on stderr: names of requests, never headers or bodies, which may hold secrets.
pub fn trace(global: &Global) {
    if global.verbose < 2 {
        return;
    }
    let filter = tracing_subscriber::EnvFilter::new(remote::LOGGED);
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Only a second call could fail, and there is none.
    let _ = subscriber.try_init();
}
