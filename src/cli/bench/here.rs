//! `jot bench` in local containers.

use std::{collections::BTreeMap, process::ExitCode, sync::Arc};

use super::{
    super::{Error, built, output::Print, runs, signals::Signals, wanted},
    Bench,
    entrants::{Outcome, began, entrants},
    variant::Variant,
};
use crate::{
    apply,
    bench::{self, Contained, Entrant},
    model::{Desired, Function, Hints, recipe::local_name},
    remote::Docker,
};

/// Builds missing images, then measures; removes the containers of this run at the end.
pub async fn measure(
    variants: &[Variant],
    arguments: &Bench,
    print: &Print,
    signals: &Signals,
) -> Result<Outcome, Error> {
    let (desired_states, contenders) = enter(variants, arguments)?;
    let Some(project) = desired_states
        .first()
        .map(|desired| desired.project.clone())
    else {
        return Ok(Ok(Vec::new()));
    };
    let docker = Docker::connect().await?;
    for desired in &desired_states {
        let status = built::build(Arc::clone(desired), print, signals).await?;
        if signals.exit_code().is_some() {
            return Ok(Err(status));
        }
        if status != ExitCode::SUCCESS {
            return Err(Error::NotBuilt);
        }
    }
    signals.mind();
    let run = runs::Run::begin(&project, Some(&docker));
    let rounds = arguments.rounds();
    let mut on_round = |round| began(print, round, rounds);
    let measure = async {
        harnesses(&docker, run.id(), &desired_states).await?;
        Ok::<_, Error>(bench::local(&docker, run.id(), &contenders, rounds, &mut on_round).await?)
    };
    let measured = tokio::select! {
        measured = measure => Some(measured),
        () = signals.stopped() => None,
    };
    run.end(Some(&docker)).await?;
    match measured {
        Some(measured) => Ok(Ok(measured?)),
        None => Ok(Err(signals.exit_code().unwrap_or(ExitCode::SUCCESS))),
    }
}

/// Builds the harnesses that the local Docker lacks.
async fn harnesses(
    docker: &Docker,
    run: &str,
    desired_states: &[Arc<Desired>],
) -> Result<(), Error> {
    for desired in desired_states {
        for function in desired.functions.values() {
            let origin = (run, &BTreeMap::new());
            apply::harness(docker, desired, origin, function, &mut |_| {}).await?;
        }
    }
    Ok(())
}

/// Resolves every variant and enters its contenders; reports errors of all variants before anything
/// is built.
fn enter(
    variants: &[Variant],
    arguments: &Bench,
) -> Result<(Vec<Arc<Desired>>, Vec<Contained>), Error> {
    let (mut desired_states, mut contenders) = (Vec::new(), Vec::new());
    for variant in variants {
        let desired = wanted::desired_offline(&variant.loaded, &arguments.select.functions)?;
        for function in desired.functions.values() {
            wanted::is_built_here(function)?;
            let entrants = entrants(function, variant, arguments)?.into_iter();
            contenders.extend(entrants.map(|entrant| contained(&desired, function, entrant)));
        }
        desired_states.push(desired);
    }
    // Keep the contenders of one function together across variants.
    contenders.sort_by(|one, other| one.entrant.function.cmp(&other.entrant.function));
    Ok((desired_states, contenders))
}

fn contained(desired: &Desired, function: &Function, entrant: Entrant) -> Contained {
    // The emulator passes this memory size to the function.
    let mut sized = function.clone();
    sized.config.memory_mb = Some(entrant.memory_mb);
    let harness = function.code.harness();
    let harness = harness.and_then(|harness| desired.recipes.get(harness));
    Contained {
        image: harness.map_or_else(String::new, |harness| {
            format!(
                "{}:{}",
                local_name(&desired.project),
                harness.fingerprint.tag()
            )
        }),
        environment: apply::container_environment(&sized, desired.aws.region.as_deref()),
        tmp_mb: function.tmp_mb(),
        platform: harness.map_or_else(String::new, |harness| harness.platform.clone()),
        start: function.start(),
        hints: Hints {
            stale_cache: None,
            proof: None,
            ..function.hints.clone()
        },
        snapstart: function.config.snapstart == Some(true),
        entrant,
    }
}
