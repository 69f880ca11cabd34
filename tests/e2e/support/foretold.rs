//! Checks the model: what an apply or destroy leaves behind is what the modelled world says that
//! its plan leaves behind.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use jot::{
    manifest,
    model::{
        Checkouts, Desired, Observed, Plan, SavedPlan, Secret, desired::Undeclared, observed,
        plan::Purpose,
    },
    observe::{self, Depth},
    plan::{self, Scope},
    recipe,
    remote::{Aws, Docker},
};
use tokio::runtime::{Builder, Runtime};

use super::{same, world};

/// The predicted state after a command.
pub struct Foretold {
    desired: Desired,
    aws: Aws,
    after: Observed,
    engine: Option<String>,
}

impl Foretold {
    /// The predicted state after jot with these arguments; `None` if that is nothing, or an error.
    /// `engine` is the address of another engine than the one that all tests share.
    pub fn of(
        folder: &Path,
        behind: &str,
        engine: Option<&str>,
        arguments: &[&str],
    ) -> Option<Self> {
        let (purpose, target, select) = command(arguments)?;
        let loaded = manifest::load(&folder.join(manifest::FILE), target).ok()?;
        let mut environment: BTreeMap<String, Secret> = ["JOT_RIE", "JOT_BUILD_NETWORK"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), Secret::new(std::env::var(name).ok()?))))
            .collect();
        if engine.is_some() {
            environment.insert("JOT_BUILD_NETWORK".to_owned(), Secret::new("host"));
        }
        let request = recipe::Request {
            loaded: &loaded,
            select: &select,
            environment: &environment,
            cache: None,
            // A source in a git repository is not fetched here: such plans are not predicted.
            checkouts: &Checkouts::new(),
            region: None,
        };
        let mut desired = match purpose {
            Purpose::Apply => recipe::desired(&request).ok()?,
            Purpose::Destroy => recipe::desired_names(&request).ok()?,
            // It is for a manifest that is not written yet.
            Purpose::Adopt | Purpose::Rollback => return None,
        };
        if arguments.contains(&"--delete-undeclared") {
            desired.undeclared = Undeclared::Delete;
        }
        desired.replace = arguments.contains(&"--allow-replace");
        if let Some(saved) = saved(folder, arguments) {
            desired.undeclared = saved.undeclared;
        }
        let aws = jot::model::desired::Aws {
            endpoint_url: Some(format!("http://{behind}")),
            ..desired.aws.clone()
        };
        let aws = wait(Aws::connect(&aws)).ok()?;
        let before = look(&desired, &aws, engine);
        let plan = match purpose {
            Purpose::Apply => plan::plan(&desired, &before).ok()?,
            Purpose::Destroy => {
                let scope = Scope {
                    adopted: arguments.contains(&"--adopted"),
                    named: Vec::new(),
                };
                plan::destroy(&desired, &before, &scope).ok()?
            }
            Purpose::Adopt | Purpose::Rollback => return None,
        };
        if !plan.unknown.is_empty() {
            return None;
        }
        let after = world::execute(&plan, &desired, &before);
        Some(Self {
            desired,
            aws,
            after,
            engine: engine.map(str::to_owned),
        })
    }

    /// Asserts that the state is as predicted.
    pub fn assert(&self) {
        let really = look(&self.desired, &self.aws, self.engine.as_deref());
        match self.engine {
            None => same::assert_same(&self.after, &really),
            Some(_) => same::assert_same(&without_digests(&self.after), &without_digests(&really)),
        }
    }
}

/// The same for engines that keep no digest of an image that they pushed: only Docker's own image
/// store keeps it once the name is removed.
fn without_digests(observed: &Observed) -> Observed {
    let mut observed = observed.clone();
    if let observed::Docker::Present { images, .. } = &mut observed.docker {
        for image in images.values_mut() {
            image.repo_digests.clear();
        }
    }
    observed
}

/// Whether these arguments of jot change the world.
pub fn changes(arguments: &[&str]) -> bool {
    command(arguments).is_some()
}

/// The target and functions of a command.
fn command<'a>(arguments: &[&'a str]) -> Option<(Purpose, Option<&'a str>, Vec<String>)> {
    let (command, rest) = arguments.split_first()?;
    let purpose = match *command {
        "apply" => Purpose::Apply,
        "destroy" => Purpose::Destroy,
        _ => return None,
    };
    let (mut target, mut select) = (None, Vec::new());
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match *word {
            "--target" => target = rest.next().copied(),
            "--plan" | "--format" => drop(rest.next()),
            word if word.starts_with('-') => {}
            word => select.push(word.to_owned()),
        }
    }
    Some((purpose, target, select))
}

/// The plan that an apply was given, if any.
fn saved(folder: &Path, arguments: &[&str]) -> Option<Plan> {
    let at = arguments.iter().position(|word| *word == "--plan")?;
    let text = std::fs::read_to_string(folder.join(arguments.get(at + 1)?)).ok()?;
    let saved: SavedPlan = serde_json::from_str(&text).ok()?;
    Some(saved.plan)
}

fn look(desired: &Desired, aws: &Aws, engine: Option<&str>) -> Observed {
    let docker = async {
        match engine {
            Some(engine) => Docker::connect_to(engine).await,
            None => Docker::connect().await,
        }
    };
    wait(observe::observe(desired, aws, docker, Depth::Each)).expect("the world answers")
}

/// Connections belong to the runtime that opened them, and are used by more than one call.
fn wait<T>(asked: impl Future<Output = T>) -> T {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        runtime.expect("a runtime")
    });
    RUNTIME.block_on(asked)
}
