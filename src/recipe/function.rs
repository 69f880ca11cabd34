//! One function of the manifest as Lambda is to have it.

use std::collections::BTreeMap;

use super::{
    config, deploy, error::Error, language::Language, names, reach, recipes::Running, references,
    request::Request, role, tags,
};
use crate::{
    manifest::types::{self, Architecture},
    model::{
        Function, LogGroup, RecursiveLoop, RuntimeUpdate, Test,
        desired::{Jit, Lifecycle},
        value::EnvValue,
    },
};

/// Returns the desired state of the function `key` in Lambda, IAM and Logs, and the code that it
/// runs.
pub fn wanted(
    request: &Request,
    key: &str,
    function: &types::Function,
    running: Running,
    tests: Vec<Test>,
) -> Result<Function, Error> {
    let place = request.place();
    let name = function.name.clone().unwrap_or_else(|| key.to_owned());
    let ownership = tags::of_function(place.project, key, place.target)?;
    let user = tags::of_user(
        &request.loaded.manifest.project.tags,
        function.tags.as_ref(),
    );
    let all = tags::all(&ownership, user.as_ref());
    let mut config = config::wanted(function, request.environment);
    let language = Language::of(function);
    let mut variables = language.map_or_else(BTreeMap::new, |one| one.variables(function));
    if let Some(runtime) = running.runtime {
        config.runtime = Some(runtime.name);
        config.handler = Some(runtime.handler);
        variables.extend(runtime.environment);
    }
    if !variables.is_empty() {
        let environment = config.environment.get_or_insert_default();
        let plain = |(name, value)| (name, EnvValue::Plain(value));
        environment.extend(variables.into_iter().map(plain));
    }
    let root = &request.loaded.root;
    let role = role::choose(function, &name, place, root, all.clone())?;
    let lifecycle = lifecycle(&function.lifecycle);
    let references = references::of(function, request.environment);
    let mut wanted = Function {
        key: key.to_owned(),
        code: running.code,
        config_digest: config::digest((&config, &references), &role, &lifecycle)?,
        references,
        config,
        role,
        reserved_concurrency: function.reserved_concurrency,
        runtime_update: function.runtime_update.as_deref().map(RuntimeUpdate::parse),
        recursive_loop: function.recursive_loop.map(recursive_loop),
        log_group: LogGroup {
            name: names::log_group(&name),
            retention_days: function
                .logging
                .as_ref()
                .and_then(|logging| logging.retention_days),
            tags: all,
        },
        architecture: architecture(function.architecture),
        tags: user,
        ownership,
        deploy: deploy::wanted(&function.deploy),
        tests,
        jit: Jit {
            listed: false,
            budget: running.jit_budget,
        },
        extra_tags: function
            .build
            .extra_tags
            .iter()
            .map(|tag| format!("{name}.{tag}"))
            .collect(),
        source: running.source,
        revision: language
            .and_then(Language::repository)
            .and_then(|source| Some(request.checkouts.get(&source)?.commit.clone())),
        hints: running.hints,
        lifecycle,
        reach: reach::wanted(request, key, function),
        name,
    };
    wanted.settle();
    Ok(wanted)
}

fn lifecycle(lifecycle: &types::Lifecycle) -> Lifecycle {
    let types::Lifecycle {
        ignore,
        prevent_destroy,
        moved_from,
    } = lifecycle;
    Lifecycle {
        ignore: ignore.iter().cloned().collect(),
        prevent_destroy: *prevent_destroy,
        moved_from: moved_from.clone(),
    }
}

/// The mode of the manifest as one of the API:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionRecursionConfig.html>
fn recursive_loop(mode: types::RecursiveLoop) -> RecursiveLoop {
    match mode {
        types::RecursiveLoop::Allow => RecursiveLoop::Allow,
        types::RecursiveLoop::Terminate => RecursiveLoop::Terminate,
    }
}

/// The architecture of the manifest as one of Lambda:
/// <https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html>
fn architecture(architecture: Architecture) -> crate::model::Architecture {
    match architecture {
        Architecture::X86_64 => crate::model::Architecture::X86,
        Architecture::Arm64 => crate::model::Architecture::Arm,
    }
}
