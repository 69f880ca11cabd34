//! Trial builds: they only show whether functions can be built in another mode.

use std::sync::Arc;

use tokio::sync::{mpsc::unbounded_channel, watch};

use super::{Error, session, wanted};
use crate::{
    apply::{self, Clients},
    manifest::Loaded,
    model::{Action, Desired, Event, Plan, Problem, Step, desired::Function},
    plan::{self, Local},
    recipe::language,
};

/// The functions of a trial, and the steps that build them.
pub struct Trial {
    desired: Arc<Desired>,
    plan: Plan,
    way: &'static str,
}

impl Trial {
    /// A trial of the functions with these keys and a language that has another mode; `None`
    /// without any.
    pub async fn of(loaded: &Loaded, keys: &[&String]) -> Result<Option<Self>, Error> {
        let mut loaded = loaded.clone();
        let mut way = None;
        let functions = loaded.manifest.functions.iter_mut();
        let selected = functions.filter(|(key, _)| keys.contains(key));
        let tried: Vec<String> = selected
            .filter_map(|(key, function)| {
                way = Some(language::trial(function)?);
                Some(key.clone())
            })
            .collect();
        let Some(way) = way else {
            return Ok(None);
        };
        let desired = wanted::desired_offline(&loaded, &tried)?;
        let (_, found) = session::local(&desired.project).await?;
        let plan = plan::local(&desired, &found, Local::Build)?;
        Ok(Some(Self { desired, plan, way }))
    }

    /// Builds them without output, and returns one event per function.
    pub async fn run(self, clients: Clients, stop: watch::Receiver<bool>) -> Vec<Event> {
        let (sender, mut events) = unbounded_channel();
        let plan = Arc::new(self.plan);
        let desired = self.desired;
        let summary = apply::apply(plan.clone(), desired.clone(), clients, sender, stop).await;
        if summary.interrupted {
            return Vec::new();
        }
        let mut failed = Vec::new();
        while let Ok(event) = events.try_recv() {
            if let Event::Failed { step, problem } = event {
                let step = plan.steps.iter().find(|one| one.id == step);
                failed.extend(step.map(|step| (step, problem)));
            }
        }
        let functions = desired.functions.values();
        let verdicts = functions.map(|function| Event::Tried {
            function: function.key.clone(),
            way: self.way.to_owned(),
            problem: why(function, &desired, &failed),
        });
        verdicts.collect()
    }
}

/// Why a function could not be built: the error of its own build, or of its base's.
fn why(function: &Function, desired: &Desired, failed: &[(&Step, Problem)]) -> Option<Problem> {
    let code = function.code.recipe()?;
    let base = desired
        .recipes
        .get(code)
        .and_then(|recipe| recipe.base.as_ref());
    let failed_with = |wanted: &_| {
        let builds = |step: &Step| match &step.action {
            Action::Build { image } => image == wanted,
            _ => false,
        };
        let found = failed.iter().find(|(step, _)| builds(step));
        found.map(|(_, problem)| problem.clone())
    };
    failed_with(code).or_else(|| base.and_then(failed_with))
}
