//! From a manifest to the desired state: names, roles, settings, and the recipe of every image with
//! its fingerprint.
//!
//! Nothing here accesses Docker, AWS or a registry, and the environment is passed as a map, so that
//! the same files give the same recipe on every machine.

pub mod adopt;
pub mod archive;
mod cases;
mod config;
mod context;
mod contract;
mod deploy;
pub(crate) mod dockerfile;
pub mod draft;
mod environment;
mod error;
pub mod fault;
mod fingerprint;
mod function;
mod harness;
mod hash;
mod hash_cache;
pub(crate) mod ignore;
mod julia;
mod jvm;
pub mod language;
mod names;
mod pattern;
mod push;
mod reach;
mod recipes;
mod references;
mod repository;
mod request;
pub mod rie;
mod role;
mod scheduler;
mod select;
mod source;
mod tags;
mod titles;
mod trigger;
mod version;
mod write;

use std::collections::BTreeMap;

pub use error::Error;
pub use hash_cache::forgotten;
pub use request::Request;
pub use rie::{Download, missing};
pub use select::one;
pub use version::version;
pub use write::write_context;

use crate::{
    manifest,
    model::{
        Code, Desired, Fingerprint, Function, GitSource, Recipe,
        desired::{Aws, Undeclared},
    },
};
use language::Language;
use recipes::{Recipes, Running};

/// Returns everything that the manifest asks for, with contexts read and hashed. An environment
/// that is too large with this machine's values is an error here, because Lambda would refuse it
/// late and quote all of it.
pub fn desired(request: &Request) -> Result<Desired, Error> {
    let mut recipes = Recipes::new(request);
    let mut functions = BTreeMap::new();
    for (key, function) in select::choose(&request.loaded.manifest.functions, request.select)? {
        let tests = cases::read(&request.loaded.root, key, &function.tests)?;
        let running = recipes.add(key, function, &tests)?;
        let wanted = function::wanted(request, key, function, running, tests)?;
        environment::check(&wanted)?;
        functions.insert(key.to_owned(), wanted);
    }
    assembled(request, functions, recipes.finish())
}

/// Returns the selected functions by key, each with its source if that is in a git repository and
/// must be fetched before [`desired`] is called.
pub fn sources(
    loaded: &manifest::Loaded,
    select: &[String],
) -> Result<BTreeMap<String, Option<GitSource>>, Error> {
    let chosen = select::choose(&loaded.manifest.functions, select)?;
    let with_source = chosen.into_iter().map(|(key, function)| {
        let source = Language::of(function).and_then(Language::repository);
        (key.to_owned(), source)
    });
    Ok(with_source.collect())
}

/// Returns what is known without the sources, which need not exist: names, roles, settings and
/// tags, for commands that build and test nothing. Recipes and tests are absent, and the code of
/// every function is [`Code::Unread`], unless it is an existing image.
pub fn desired_names(request: &Request) -> Result<Desired, Error> {
    let mut functions = BTreeMap::new();
    for (key, function) in select::choose(&request.loaded.manifest.functions, request.select)? {
        let code = match &function.image_uri {
            Some(uri) => recipes::given(key, uri)?,
            None => Code::Unread,
        };
        let wanted = function::wanted(request, key, function, Running::of(code), Vec::new())?;
        functions.insert(key.to_owned(), wanted);
    }
    assembled(request, functions, BTreeMap::new())
}

fn assembled(
    request: &Request,
    functions: BTreeMap<String, Function>,
    recipes: BTreeMap<Fingerprint, Recipe>,
) -> Result<Desired, Error> {
    let manifest = &request.loaded.manifest;
    let project = &manifest.project;
    let tags = tags::all(&tags::of_project(&project.name)?, Some(&project.tags));
    let mut aws = Aws {
        region: request.region().map(str::to_owned),
        profile: manifest.aws.profile.clone(),
        account_id: manifest.aws.account_id.clone(),
        endpoint_url: manifest.aws.endpoint_url.clone(),
        registry: manifest.aws.registry.clone(),
        bucket: manifest.aws.bucket.as_ref().and_then(references::plain),
        reference: references::of_bucket(&manifest.aws, request.environment),
    };
    aws.settle();
    Ok(Desired {
        project: project.name.clone(),
        target: request.loaded.target.clone(),
        aws,
        repository: repository::wanted(
            &project.name,
            tags,
            manifest.aws.pull_accounts.as_deref().unwrap_or_default(),
        ),
        recipes,
        functions,
        root: request.loaded.root.clone(),
        whole: request.select.is_empty(),
        undeclared: Undeclared::Keep,
        replace: false,
        retry: false,
        ignored_alarms: Vec::new(),
        supply: Default::default(),
        role_ending: names::role_ending(request.place()),
        scheduler: scheduler::wanted(request)?,
    })
}

#[cfg(test)]
mod tests;
