//! What the local Docker lacks, for `jot build` and `jot test --local`, which do not use AWS.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Action, Desired, Observed, Plan, StepId, observed::Docker, plan::Purpose};

use super::{Error, builder::PlanBuilder, images, stock::Stock};

/// What to do with the local images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// Build missing ones, and run no test.
    Build,
    /// Build missing ones and test all.
    Test,
}

/// The steps that build every image that the local Docker lacks, and test them if asked.
///
/// # Errors
///
/// Docker does not answer, or its platform cannot run what an image compiles.
pub fn local(desired: &Desired, docker: &Docker, purpose: Local) -> Result<Plan, Error> {
    let observed = Observed {
        account: String::new(),
        region: desired.aws.region.clone().unwrap_or_default(),
        docker: docker.clone(),
        repository: None,
        images: BTreeMap::new(),
        archives: BTreeMap::new(),
        source: None,
        functions: BTreeMap::new(),
        references: BTreeMap::new(),
        scheduler: None,
        leftovers: crate::model::observed::Leftovers::default(),
        others: Vec::new(),
        now: None,
    };
    let mut builder = PlanBuilder::default();
    let stock = Stock {
        desired,
        observed: &observed,
    };
    images::plan(stock, None, &mut builder)?;
    builder.steps.retain(|step| match step.action {
        Action::Build { .. } => true,
        Action::TestLocal { .. } => purpose == Local::Test,
        _ => false,
    });
    let kept: BTreeSet<StepId> = builder.steps.iter().map(|step| step.id.clone()).collect();
    for step in &mut builder.steps {
        step.after.retain(|id| kept.contains(id));
        if matches!(step.action, Action::Build { .. }) {
            step.reasons = vec!["not in the local Docker".to_owned()];
        }
    }
    images::note_layers(desired, &mut builder);
    Ok(builder.finish(desired, &observed, Purpose::Apply))
}
