//! One Lambda function: created, or updated with other code and settings.

use serde_json::json;

use crate::model::{
    Action, Change, Config, Form, Function, LastUpdate, Slot, State, Step, StepId,
    desired::{CREATED_MEMORY_MB, CREATED_TIMEOUT_S},
    observed::FunctionState,
    value::{Shown, Value},
};

use super::{
    builder::{PlanBuilder, id},
    concurrency,
    context::{FunctionContext, is},
    diff::{self, Difference},
    failed,
    held::Shifting,
    latest,
    managed::{self, Key},
    promotion, reasons, record, recursion, role, runtime_update, stays, tags,
    traffic::{self, Before},
};

/// Adds the steps of the function itself: create or update, version, gate, alias.
///
/// Returns those after which it answers as it should.
pub(super) fn plan(context: &FunctionContext, builder: &mut PlanBuilder) -> Vec<StepId> {
    let stays = context.stays();
    let changed = match &context.found.latest {
        None => Changed::by(create(context, builder)),
        Some(_) if stays => Changed::default(),
        Some(latest) => {
            note(context, latest, builder);
            change(context, latest, builder)
        }
    };
    let Changed {
        steps,
        pinned,
        returned,
        freed,
    } = changed;
    // Code and settings wait for what comes before them; if neither changes, later steps wait
    // for it instead.
    let freed = freed.filter(|_| steps.is_empty());
    let updates = runtime_update::after(context, &steps, builder).or(freed);
    let ready: Vec<StepId> = steps.iter().chain(&updates).cloned().collect();
    let recursion = recursion::plan(context, &ready, builder);
    // Tests in Lambda run under the new reservation, unless that is zero: then it comes last.
    let reserve =
        |after: &[StepId], builder: &mut PlanBuilder| concurrency::plan(context, after, builder);
    let mut reserved = None;
    if !concurrency::stopped(context) {
        reserved = reserve(&ready, builder);
    }
    // Without an alias, what `$LATEST` runs takes traffic at once.
    let moved = match context.wanted.deploy.alias {
        Some(_) => &steps,
        None => &ready,
    };
    let before = Before {
        steps: moved,
        pinned,
        returned,
        tested_after: reserved.as_ref().or(updates.as_ref()),
    };
    let served = match (&context.shifting, &context.held) {
        (Some(Shifting::UnderWay(shift)), _) => {
            stays::wait(context, shift, builder);
            None
        }
        (_, Some(held)) => stays::hold(context, held, builder),
        (_, None) => traffic::plan(context, before, builder),
    };
    let version = runtime_update::of_live(context, &ready, builder);
    if concurrency::stopped(context) {
        let after: Vec<StepId> = served.iter().cloned().collect();
        reserved = reserve(&after, builder);
    }
    let settled = context.role.ready.iter().cloned().chain(served);
    settled
        .chain(reserved)
        .chain(recursion)
        .chain(updates)
        .chain(version)
        .collect()
}

/// Adds the last steps, after `settled`: detaching policies that the role no longer needs, and
/// tags.
pub(super) fn finish(context: &FunctionContext, settled: Vec<StepId>, builder: &mut PlanBuilder) {
    // The serving version may need what the manifest no longer has.
    let detached = match context.stays() {
        true => None,
        false => role::detach(
            context.wanted,
            context.found,
            &context.role,
            settled.clone(),
            builder,
        ),
    };
    let (logs, repository) = (context.logs.clone(), context.repository.clone());
    let around = detached.into_iter().chain(logs).chain(repository);
    let done = settled.into_iter().chain(around).collect();
    tags::plan(context, done, builder);
}

/// The steps that change a function.
#[derive(Default)]
struct Changed {
    /// Those that change code and settings, in order.
    steps: Vec<StepId>,
    /// The last step before them that keeps traffic on its version if the alias points at
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

fn change(context: &FunctionContext, latest: &FunctionState, builder: &mut PlanBuilder) -> Changed {
    let mut changes = PlanBuilder::default();
    let steps = update(context, latest, &mut changes);
    let returned = stays::give_back(context, builder);
    let pinned = match returned {
        Some(_) => None,
        None => latest::pin(context, !steps.is_empty(), builder),
    };
    let freed = runtime_update::before(context, pinned.as_ref(), builder);
    for mut step in changes.steps {
        step.after
            .extend(pinned.iter().chain(&returned).chain(&freed).cloned());
        builder.add(step);
    }
    Changed {
        steps,
        pinned,
        returned,
        freed,
    }
}

fn note(context: &FunctionContext, latest: &FunctionState, builder: &mut PlanBuilder) {
    builder.notes.extend(failed::note(context.wanted, latest));
    if context.is_key_unkept(&latest.config) {
        builder.notes.push(format!(
            "function {}: Lambda reports no {}, which it may not keep for a function without \
             variables; jot set it before",
            context.wanted.name,
            Key::KmsKey.word()
        ));
    }
    let busy = match (&latest.state, &latest.last_update) {
        (State::Pending, _) => "being created",
        (_, LastUpdate::InProgress) => "being updated",
        _ => return,
    };
    builder.notes.push(format!(
        "function {} is {busy}: apply waits for it",
        context.wanted.name
    ));
}

fn create(context: &FunctionContext, builder: &mut PlanBuilder) -> StepId {
    let memory_and_timeout = Config {
        memory_mb: Some(CREATED_MEMORY_MB),
        timeout_s: Some(CREATED_TIMEOUT_S),
        ..Config::default()
    };
    let mut changes = vec![
        Change::new(
            context.wanted.form().word(),
            Shown::Absent,
            shown(&context.digest, promotion::verb(&context.digest)),
        ),
        Change::new(
            "architecture",
            Shown::Absent,
            Shown::Value(json!(context.wanted.architecture)),
        ),
        Change::new("role", Shown::Absent, role(context)),
    ];
    changes.extend(diff::creation(
        &context.wanted.config.with(&memory_and_timeout),
    ));
    changes.extend(awaited(context.wanted));
    let (function, role) = (context.wanted.key.clone(), context.role.arn.clone());
    let digest = context.digest.clone();
    let (verb, action, reason) = match &context.again {
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
    builder.add(Step {
        id: id(verb, &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action,
        // The log group comes first: Lambda would create it itself, without retention and tags.
        after: before(context).chain(context.logs.clone()).collect(),
        reasons: vec![reason],
        changes,
    })
}

/// The update steps that are needed: code, then configuration, because Lambda takes one change at a
/// time.
fn update(
    context: &FunctionContext,
    latest: &FunctionState,
    builder: &mut PlanBuilder,
) -> Vec<StepId> {
    let failure = reasons::failure(latest);
    let code = update_code(context, latest, failure.as_ref(), builder);
    let config = update_config(context, latest, failure.as_ref(), code.as_ref(), builder);
    code.into_iter().chain(config).collect()
}

fn update_code(
    context: &FunctionContext,
    latest: &FunctionState,
    failure: Option<&String>,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let mut changes = Vec::new();
    let mut reasons: Vec<String> = failure.cloned().into_iter().collect();
    if !is(&context.digest, latest.code()) {
        let old = latest
            .code()
            .map_or(Shown::Absent, |digest| Shown::Value(json!(digest)));
        let (cause, why) = reasons::code(context, latest);
        let new = shown(&context.digest, promotion::verb(&context.digest));
        changes.push(Change::new(context.wanted.form().word(), old, new).because(cause));
        reasons.extend(why);
    }
    if latest.architecture != context.wanted.architecture {
        let old = Shown::Value(json!(latest.architecture));
        let new = Shown::Value(json!(context.wanted.architecture));
        let cause = reasons::applied(context);
        changes.push(Change::new("architecture", old, new).because(cause));
        reasons.push("runs on another architecture".to_owned());
    }
    if reasons.is_empty() {
        return None;
    }
    Some(builder.add(Step {
        id: id("code", &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action: Action::UpdateCode {
            function: context.wanted.key.clone(),
            digest: context.digest.clone(),
            revision: latest.revision.clone(),
            previous: match context.wanted.deploy.alias {
                Some(_) => None,
                None => previous(context.wanted, latest),
            },
        },
        after: before(context).collect(),
        reasons,
        changes,
    }))
}

/// What to put back if tests on `$LATEST` fail.
fn previous(wanted: &Function, latest: &FunctionState) -> Option<String> {
    match wanted.form() {
        Form::Image => latest.image_uri.clone(),
        Form::Zip => latest.code().map(|code| code.as_str().to_owned()),
    }
}

fn update_config(
    context: &FunctionContext,
    latest: &FunctionState,
    failure: Option<&String>,
    code: Option<&StepId>,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let Difference { mut changes, reset } = context.differences(&latest.tags, &latest.config);
    if !is(&context.role.arn, Some(&latest.role)) {
        let old = Shown::Value(json!(latest.role));
        let change = Change::new(record::ROLE, old, role(context));
        changes.insert(0, change);
    }
    if changes.is_empty() && failure.is_none() {
        return None;
    }
    let changes = context.attribution().settings(changes, latest);
    let mut reasons: Vec<String> = failure.cloned().into_iter().collect();
    reasons.extend(reasons::settings(&changes, context.wanted));
    reasons.extend(
        context
            .lost_grants(latest)
            .then(|| reasons::GRANTS.to_owned()),
    );
    // Lambda would create the log group that it returns to itself, without retention and tags.
    let comes_back = changes.iter().any(|one| one.field == Key::LogGroup.word());
    let logs = context.logs.iter().filter(|_| comes_back);
    let after = context.role.ready.iter().chain(code).chain(logs);
    let after = after.cloned().collect();
    Some(builder.add(Step {
        id: id("config", &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action: Action::UpdateConfig {
            function: context.wanted.key.clone(),
            role: context.role.arn.clone(),
            reset,
            log_group: kept_group(context.wanted, latest),
            revision: latest.revision.clone(),
        },
        after,
        reasons,
        changes,
    }))
}

/// The log group of a function, if it is not the default one and jot does not manage it.
fn kept_group(wanted: &Function, latest: &FunctionState) -> Option<String> {
    let group = &latest.config.log_group;
    let left = managed::left(wanted, &latest.tags).contains(&Key::LogGroup);
    let ignored = wanted.lifecycle.ignores(Key::LogGroup.word());
    let managed = left || (wanted.config.log_group.is_some() && !ignored);
    (!group.is_empty() && !managed).then(|| group.clone())
}

/// The steps that Lambda needs before it accepts the image and the role.
fn before(context: &FunctionContext) -> impl Iterator<Item = StepId> {
    let push = match &context.digest {
        Value::Known(_) => None,
        Value::From(push) => Some(push.clone()),
    };
    [context.repository.clone(), context.role.ready.clone(), push]
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

fn role(context: &FunctionContext) -> Shown {
    match &context.role.awaited {
        Some(awaited) => Shown::KnownAfter(awaited.clone()),
        None => shown(&context.role.arn, "create"),
    }
}

fn shown<T: serde::Serialize>(value: &Value<T>, verb: &str) -> Shown {
    match value {
        Value::Known(value) => Shown::Value(json!(value)),
        Value::From(_) => Shown::KnownAfter(verb.to_owned()),
    }
}
