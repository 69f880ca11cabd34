//! How a plan ends when steps fail.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use serde_json::Value as Json;
use tokio::sync::{mpsc::unbounded_channel, watch};

use super::{Clients, apply};
use crate::model::{
    Action, Desired, Event, Fingerprint, Plan, Step, StepId, Summary,
    desired::{Aws, Repository, Undeclared},
    plan::{PLAN_FORMAT_VERSION, Purpose},
};

/// The resource of a step that panics.
const BROKEN: &str = "something broken";

/// Panics in the broken step.
pub(super) fn strike(step: &Step) {
    assert!(step.resource != BROKEN, "index out of bounds: {}", step.id);
}

fn step(id: &str, resource: &str, after: &[&str]) -> Step {
    Step {
        id: StepId(id.to_owned()),
        resource: resource.to_owned(),
        action: Action::Build {
            image: Fingerprint::from_bytes([0; 32]),
        },
        after: after.iter().map(|id| StepId((*id).to_owned())).collect(),
        reasons: Vec::new(),
        changes: Vec::new(),
    }
}

async fn carried_out(steps: Vec<Step>) -> (Summary, Vec<Event>) {
    let desired = Desired {
        project: "numerics".to_owned(),
        target: None,
        aws: Aws::default(),
        repository: Repository {
            name: "numerics".to_owned(),
            tags: BTreeMap::new(),
            policy: Json::Null,
            lifecycle: Json::Null,
            mutable_tags: Vec::new(),
        },
        recipes: BTreeMap::new(),
        functions: BTreeMap::new(),
        root: PathBuf::new(),
        whole: true,
        undeclared: Undeclared::Keep,
        replace: false,
        retry: false,
        ignored_alarms: Vec::new(),
        supply: Default::default(),
        role_ending: String::new(),
        scheduler: Default::default(),
    };
    let plan = Plan {
        format_version: PLAN_FORMAT_VERSION,
        jot_version: String::new(),
        project: "numerics".to_owned(),
        target: None,
        account: String::new(),
        region: String::new(),
        purpose: Purpose::Apply,
        undeclared: Undeclared::Keep,
        retry: false,
        images_from: None,
        steps,
        notes: Vec::new(),
        held: Default::default(),
        shifting: Default::default(),
        unknown: Vec::new(),
        unread: Vec::new(),
        seen: Default::default(),
    };
    let clients = Clients {
        aws: None,
        docker: None,
        run: String::new(),
        labels: BTreeMap::new(),
        cache: PathBuf::new(),
        minute: super::MINUTE,
    };
    let (events, mut heard) = unbounded_channel();
    let (_stop, stop) = watch::channel(false);
    let summary = apply(Arc::new(plan), Arc::new(desired), clients, events, stop).await;
    (
        summary,
        std::iter::from_fn(|| heard.try_recv().ok()).collect(),
    )
}

#[tokio::test]
async fn a_step_that_panics_is_reported_as_failed() {
    let steps = vec![
        step("build:a", BROKEN, &[]),
        step("build:b", "image b", &["build:a"]),
        step("build:c", "image c", &[]),
    ];
    let (mut summary, events) = carried_out(steps).await;
    summary.failed.sort();
    let ids =
        |ids: &[&str]| -> Vec<StepId> { ids.iter().map(|id| StepId((*id).to_owned())).collect() };
    assert_eq!(summary.failed, ids(&["build:a", "build:c"]));
    assert_eq!(summary.not_started, ids(&["build:b"]));
    assert!(summary.stopped.is_empty() && !summary.interrupted);
    let problem = events.iter().find_map(|event| match event {
        Event::Failed { step, problem } if step.0 == "build:a" => Some(problem),
        _ => None,
    });
    let problem = problem.expect("its failure is reported");
    let message = "jot has a defect: this step stopped at src/apply/tests.rs:";
    assert!(problem.message.starts_with(message), "{problem:?}");
    assert!(problem.message.ends_with("index out of bounds: build:a"));
    let help = problem.help.as_deref().unwrap_or_default();
    assert!(help.contains("report this message"), "{help}");
}
