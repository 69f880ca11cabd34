//! One Lambda function: created, or updated with other code and settings.

use serde_json::json;

use crate::model::{
    Action, Change, Config, Form, Function, LastUpdate, Slot, State, Step, StepId,
    desired::{CREATED_MEMORY_MB, CREATED_TIMEOUT_S},
    observed::FunctionState,
    value::{Shown, Value},
};

use super::{
    concurrency,
    diff::{self, Difference},
    draft::{Draft, id},
    failed, latest,
    managed::{self, Key},
    promotion, reasons, record, recursion, role, runtime_update,
    site::{Site, is},
    standing::Shifting,
    stays, tags,
    traffic::{self, Before},
};

/// Adds the steps of the function itself: create or update, version, gate, alias.
///
/// Returns those after which it answers as it should.
pub(super) fn plan(site: &Site, draft: &mut Draft) -> Vec<StepId> {
    let stays = site.stays();
    let changed = match &site.found.latest {
        None => Changed::by(create(site, draft)),
        Some(_) if stays => Changed::default(),
        Some(latest) => {
            note(site, latest, draft);
            change(site, latest, draft)
        }
    };
    let Changed {
        steps,
        pinned,
        returned,
        freed,
    } = changed;
    // Code and settings wait for what comes before them; where neither changes, later steps wait
    // for it instead.
    let freed = freed.filter(|_| steps.is_empty());
    let updates = runtime_update::after(site, &steps, draft).or(freed);
    let ready: Vec<StepId> = steps.iter().chain(&updates).cloned().collect();
    let recursion = recursion::plan(site, &ready, draft);
    // Tests in Lambda run under the new reservation, unless that is zero: then it comes last.
    let reserve = |after: &[StepId], draft: &mut Draft| concurrency::plan(site, after, draft);
    let mut reserved = None;
    if !concurrency::stopped(site) {
        reserved = reserve(&ready, draft);
    }
    // Without an alias, what `$LATEST` runs takes traffic at once.
    let moved = match site.wanted.deploy.alias {
        Some(_) => &steps,
        None => &ready,
    };
    let before = Before {
        steps: moved,
        pinned,
        returned,
        tested_after: reserved.as_ref().or(updates.as_ref()),
    };
    let served = match (&site.shifting, &site.held) {
        (Some(Shifting::UnderWay(shift)), _) => {
            stays::wait(site, shift, draft);
            None
        }
        (_, Some(held)) => stays::hold(site, held, draft),
        (_, None) => traffic::plan(site, before, draft),
    };
    let version = runtime_update::of_live(site, &ready, draft);
    if concurrency::stopped(site) {
        let after: Vec<StepId> = served.iter().cloned().collect();
        reserved = reserve(&after, draft);
    }
    let settled = site.role.ready.iter().cloned().chain(served);
    settled
        .chain(reserved)
        .chain(recursion)
        .chain(updates)
        .chain(version)
        .collect()
}

/// Adds the last steps, after `settled`: detaching policies that the role no longer needs, and
/// tags.
pub(super) fn finish(site: &Site, settled: Vec<StepId>, draft: &mut Draft) {
    // The serving version may need what the manifest no longer has.
    let detached = match site.stays() {
        true => None,
        false => role::detach(site.wanted, site.found, &site.role, settled.clone(), draft),
    };
    let (logs, repository) = (site.logs.clone(), site.repository.clone());
    let around = detached.into_iter().chain(logs).chain(repository);
    let done = settled.into_iter().chain(around).collect();
    tags::plan(site, done, draft);
}

/// The steps that change a function.
#[derive(Default)]
struct Changed {
    /// Those that change code and settings, in order.
    steps: Vec<StepId>,
    /// The last step before them that keeps traffic on its version where the alias points at
    /// `$LATEST`.
    pinned: Option<StepId>,
    /// The step before them that returns the traffic that an earlier apply began to move.
    returned: Option<StepId>,
    /// The step before them that sets when the runtime is updated.
    freed: Option<StepId>,
}

impl Changed {
    fn by(step: StepId) -> Self {
        Self {
            steps: vec![step],
            ..Self::default()
        }
    }
}

fn change(site: &Site, latest: &FunctionState, draft: &mut Draft) -> Changed {
    let mut changes = Draft::default();
    let steps = update(site, latest, &mut changes);
    let returned = stays::give_back(site, draft);
    let pinned = match returned {
        Some(_) => None,
        None => latest::pin(site, !steps.is_empty(), draft),
    };
    let freed = runtime_update::before(site, pinned.as_ref(), draft);
    for mut step in changes.steps {
        step.after
            .extend(pinned.iter().chain(&returned).chain(&freed).cloned());
        draft.add(step);
    }
    Changed {
        steps,
        pinned,
        returned,
        freed,
    }
}

fn note(site: &Site, latest: &FunctionState, draft: &mut Draft) {
    draft.notes.extend(failed::note(site.wanted, latest));
    if site.is_key_unkept(&latest.config) {
        draft.notes.push(format!(
            "function {}: Lambda reports no {}, which it may not keep for a function without variables; jot set it before",
            site.wanted.name,
            Key::KmsKey.word()
        ));
    }
    let busy = match (&latest.state, &latest.last_update) {
        (State::Pending, _) => "being created",
        (_, LastUpdate::InProgress) => "being updated",
        _ => return,
    };
    draft.notes.push(format!(
        "function {} is {busy}: apply waits for it",
        site.wanted.name
    ));
}

fn create(site: &Site, draft: &mut Draft) -> StepId {
    let memory_and_timeout = Config {
        memory_mb: Some(CREATED_MEMORY_MB),
        timeout_s: Some(CREATED_TIMEOUT_S),
        ..Config::default()
    };
    let mut changes = vec![
        Change::new(
            site.wanted.form().word(),
            Shown::Absent,
            shown(&site.digest, promotion::verb(&site.digest)),
        ),
        Change::new(
            "architecture",
            Shown::Absent,
            Shown::Value(json!(site.wanted.architecture)),
        ),
        Change::new("role", Shown::Absent, role(site)),
    ];
    changes.extend(diff::creation(
        &site.wanted.config.with(&memory_and_timeout),
    ));
    changes.extend(awaited(site.wanted));
    let (function, role) = (site.wanted.key.clone(), site.role.arn.clone());
    let digest = site.digest.clone();
    let (verb, action, reason) = match &site.again {
        None => (
            "create",
            Action::CreateFunction {
                function,
                role,
                digest,
            },
            "not in Lambda".to_owned(),
        ),
        Some(again) => (
            "replace",
            Action::ReplaceFunction {
                function,
                role,
                digest,
                revision: again.revision.clone(),
            },
            again.why.clone(),
        ),
    };
    draft.add(Step {
        id: id(verb, &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action,
        // The log group comes first: Lambda would create it itself, without retention and tags.
        after: before(site).chain(site.logs.clone()).collect(),
        reasons: vec![reason],
        changes,
    })
}

/// The update steps that are needed: code, then configuration, because Lambda takes one change at a
/// time.
fn update(site: &Site, latest: &FunctionState, draft: &mut Draft) -> Vec<StepId> {
    let failure = reasons::failure(latest);
    let code = update_code(site, latest, failure.as_ref(), draft);
    let config = update_config(site, latest, failure.as_ref(), code.as_ref(), draft);
    code.into_iter().chain(config).collect()
}

fn update_code(
    site: &Site,
    latest: &FunctionState,
    failure: Option<&String>,
    draft: &mut Draft,
) -> Option<StepId> {
    let mut changes = Vec::new();
    let mut reasons: Vec<String> = failure.cloned().into_iter().collect();
    if !is(&site.digest, latest.code()) {
        let old = latest
            .code()
            .map_or(Shown::Absent, |digest| Shown::Value(json!(digest)));
        let (cause, why) = reasons::code(site, latest);
        let new = shown(&site.digest, promotion::verb(&site.digest));
        changes.push(Change::new(site.wanted.form().word(), old, new).because(cause));
        reasons.extend(why);
    }
    if latest.architecture != site.wanted.architecture {
        let old = Shown::Value(json!(latest.architecture));
        let new = Shown::Value(json!(site.wanted.architecture));
        let cause = reasons::applied(site);
        changes.push(Change::new("architecture", old, new).because(cause));
        reasons.push("runs on another architecture".to_owned());
    }
    if reasons.is_empty() {
        return None;
    }
    Some(draft.add(Step {
        id: id("code", &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action: Action::UpdateCode {
            function: site.wanted.key.clone(),
            digest: site.digest.clone(),
            revision: latest.revision.clone(),
            previous: match site.wanted.deploy.alias {
                Some(_) => None,
                None => previous(site.wanted, latest),
            },
        },
        after: before(site).collect(),
        reasons,
        changes,
    }))
}

/// What to put back where tests on `$LATEST` fail.
fn previous(wanted: &Function, latest: &FunctionState) -> Option<String> {
    match wanted.form() {
        Form::Image => latest.image_uri.clone(),
        Form::Zip => latest.code().map(|code| code.as_str().to_owned()),
    }
}

fn update_config(
    site: &Site,
    latest: &FunctionState,
    failure: Option<&String>,
    code: Option<&StepId>,
    draft: &mut Draft,
) -> Option<StepId> {
    let Difference { mut changes, reset } = site.differences(&latest.tags, &latest.config);
    if !is(&site.role.arn, Some(&latest.role)) {
        let old = Shown::Value(json!(latest.role));
        let change = Change::new(record::ROLE, old, role(site));
        changes.insert(0, change);
    }
    if changes.is_empty() && failure.is_none() {
        return None;
    }
    let changes = site.witness().settings(changes, latest);
    let mut reasons: Vec<String> = failure.cloned().into_iter().collect();
    reasons.extend(reasons::settings(&changes, site.wanted));
    reasons.extend(site.lost_grants(latest).then(|| reasons::GRANTS.to_owned()));
    // Lambda would create the log group that it returns to itself, without retention and tags.
    let comes_back = changes.iter().any(|one| one.field == Key::LogGroup.word());
    let logs = site.logs.iter().filter(|_| comes_back);
    let after = site.role.ready.iter().chain(code).chain(logs);
    let after = after.cloned().collect();
    Some(draft.add(Step {
        id: id("config", &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action: Action::UpdateConfig {
            function: site.wanted.key.clone(),
            role: site.role.arn.clone(),
            reset,
            log_group: kept_group(site.wanted, latest),
            revision: latest.revision.clone(),
        },
        after,
        reasons,
        changes,
    }))
}

/// The log group of a function, where it is not the default one and jot does not manage it.
fn kept_group(wanted: &Function, latest: &FunctionState) -> Option<String> {
    let group = &latest.config.log_group;
    let left = managed::left(wanted, &latest.tags).contains(&Key::LogGroup);
    let ignored = wanted.lifecycle.ignores(Key::LogGroup.word());
    let managed = left || (wanted.config.log_group.is_some() && !ignored);
    (!group.is_empty() && !managed).then(|| group.clone())
}

/// The steps that Lambda needs before it accepts the image and the role.
fn before(site: &Site) -> impl Iterator<Item = StepId> {
    let push = match &site.digest {
        Value::Known(_) => None,
        Value::From(push) => Some(push.clone()),
    };
    [site.repository.clone(), site.role.ready.clone(), push]
        .into_iter()
        .flatten()
}

/// The settings with unknown values, other than role and environment.
fn awaited(wanted: &Function) -> Vec<Change> {
    let references = wanted.references.iter();
    let own = references.filter(|one| one.slot.is_setting() && one.slot != Slot::Role);
    let awaited = own.filter_map(|one| {
        let after = Shown::KnownAfter(one.unknown()?.awaited());
        Some(Change::new(one.slot.to_string(), Shown::Absent, after))
    });
    awaited.collect()
}

fn role(site: &Site) -> Shown {
    match &site.role.awaited {
        Some(awaited) => Shown::KnownAfter(awaited.clone()),
        None => shown(&site.role.arn, "create"),
    }
}

fn shown<T: serde::Serialize>(value: &Value<T>, verb: &str) -> Shown {
    match value {
        Value::Known(value) => Shown::Value(json!(value)),
        Value::From(_) => Shown::KnownAfter(verb.to_owned()),
    }
}
