//! Versions, the gate before traffic, and the alias.

use serde_json::json;

use crate::model::{
    Action, Cause, Change, Step, StepId,
    observed::{Alias, FunctionState, LATEST},
    release::Releases,
    traffic::Traffic,
    value::{Shown, Value},
    version::described,
};

use super::{
    builder::{PlanBuilder, id},
    concurrency,
    context::{FunctionContext, is},
    diff,
    gate::{test, untestable},
    managed::Key,
    reach, reasons, releases, runtime_update,
};

/// Steps before a function's traffic moves.
pub(super) struct Before<'a> {
    /// The steps that change what will take traffic, in order; none if it is as wanted.
    pub steps: &'a [StepId],
    /// The step before them that moved the traffic off `$LATEST`.
    pub pinned: Option<StepId>,
    /// The step before them that returned traffic that an earlier apply had begun to move.
    pub returned: Option<StepId>,
    /// The step that lets tests run in Lambda.
    pub tested_after: Option<&'a StepId>,
}

/// Where the alias will point.
pub(super) struct NewAlias<'a> {
    /// The id of the step.
    pub step: StepId,
    /// The name of the alias.
    pub name: &'a str,
    pub version: Value<String>,
    pub reason: String,
    /// The step before it.
    pub after: Option<StepId>,
    /// What its description records next to the version.
    pub record: Releases,
    /// The traffic shift to the version.
    pub traffic: Option<Traffic>,
}

impl<'a> NewAlias<'a> {
    /// An alias with a version that takes all traffic at once.
    pub fn new(context: &FunctionContext, name: &'a str, version: Value<String>) -> Self {
        Self {
            step: id("alias", &context.wanted.key),
            name,
            version,
            reason: String::new(),
            after: None,
            record: releases::before(context),
            traffic: None,
        }
    }
}

/// The steps that bring a changed function to its traffic; returns the last of them, or of those
/// before if none is needed.
pub(super) fn plan(
    context: &FunctionContext,
    before: Before<'_>,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let Before {
        steps,
        pinned,
        returned,
        tested_after: reserved,
    } = before;
    let is_returned = returned.is_some();
    let last = steps.last().cloned().or(returned);
    let Some(name) = &context.wanted.deploy.alias else {
        return without_alias(context, last, reserved, builder);
    };
    match standing(context, !steps.is_empty()) {
        Standing::Right => last,
        Standing::Weighted(_) if pinned.is_some() || is_returned => last,
        Standing::Weighted(_) if reach::is_in_progress(context) => {
            let function = &context.wanted.name;
            builder.notes.push(format!(
                "function {function}: Lambda moves its provisioned concurrency, and the alias's \
                 weights with it"
            ));
            last
        }
        Standing::Weighted(alias) => {
            let new = NewAlias {
                reason: format!("leftover weights: {}", weights(alias)),
                after: last,
                ..NewAlias::new(context, name, Value::Known(alias.version.clone()))
            };
            Some(set_alias(context, new, builder))
        }
        Standing::Behind(_) if steps.is_empty() && pinned.is_some() => pinned,
        Standing::Behind(reason) if untestable(context) => {
            let (function, key) = (&context.wanted.name, Key::Concurrency.word());
            let reason = match pinned {
                Some(_) => "at the version in use until now".to_owned(),
                None => reason,
            };
            builder.notes.push(format!(
                "function {function}: {key} is 0, so no version can be tested and alias {name} \
                 stays ({reason})"
            ));
            last
        }
        Standing::Behind(reason) => {
            let last = reserved.cloned().or(last);
            Some(release(context, name, &reason, last, builder))
        }
    }
}

/// State of the alias.
enum Standing<'a> {
    /// It points at a wanted version, with all traffic.
    Right,
    /// It points at a wanted version, but others have a share.
    Weighted(&'a Alias),
    /// It points elsewhere; why.
    Behind(String),
}

fn standing<'a>(context: &FunctionContext<'a>, updated: bool) -> Standing<'a> {
    if context.found.from_tags {
        // jot writes its tags once the alias points where it should; outdated tags are updated.
        return Standing::Right;
    }
    let Some(alias) = &context.found.alias else {
        let reason = match reasons::alias(context) {
            Cause::Outside => "deleted outside jot since the last apply",
            _ => "it does not exist yet",
        };
        return Standing::Behind(reason.to_owned());
    };
    if alias.version == LATEST {
        return Standing::Behind(reasons::LATEST.to_owned());
    }
    let Some(live) = &context.found.live else {
        return Standing::Behind(format!("version {} no longer exists", alias.version));
    };
    if let Some(what) = difference(context, live, updated) {
        // Where a version differs only in its description, the function may have been changed and
        // changed back.
        let moved = match (updated, reasons::alias(context)) {
            (false, Cause::Outside) if what != DESCRIPTION => {
                "moved outside jot since the last apply: "
            }
            _ => "",
        };
        return Standing::Behind(format!("{moved}version {} has {what}", alias.version));
    }
    if context.lost_grants(live) {
        let version = &alias.version;
        return Standing::Behind(format!("version {version} has KMS grants of the old role"));
    }
    if alias.weights.is_empty() {
        Standing::Right
    } else {
        Standing::Weighted(alias)
    }
}

/// Wording for a version that differs in its description alone.
const DESCRIPTION: &str = "another description";

/// How a version differs from what is wanted.
///
/// The function's own description is not compared, because a version has one of its own.
fn difference(
    context: &FunctionContext,
    live: &FunctionState,
    updated: bool,
) -> Option<&'static str> {
    let latest = context.found.latest.as_ref()?;
    let settings = context.differences(&latest.tags, &live.config);
    if !is(&context.digest, live.code()) || live.architecture != context.wanted.architecture {
        return Some("other code");
    }
    if settings
        .changes
        .iter()
        .any(|change| change.field != "description")
        || !is_role(context, &live.role)
    {
        return Some("other settings");
    }
    let made_of = (
        context.wanted.code.tag(),
        context.wanted.config_digest.as_str(),
    );
    let described = described(&live.config.description) == Some(made_of);
    (!described && (updated || !same(context, live, latest))).then_some(DESCRIPTION)
}

/// Whether the two agree in everything that a version keeps and that is not left to others.
///
/// Lambda does not publish a version that equals the last one; it returns that version's number
/// again, with its old description, so asking would never end.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html>
fn same(context: &FunctionContext, live: &FunctionState, latest: &FunctionState) -> bool {
    diff::comparable(&live.config, &context.wanted.lifecycle, &latest.config) == latest.config
        && live.code() == latest.code()
        && live.architecture == latest.architecture
        && live.role == latest.role
}

/// Whether a version's role is the one wanted, or has its ARN.
fn is_role(context: &FunctionContext, current: &String) -> bool {
    context.role.is_created_as(context.wanted, current) || is(&context.role.arn, Some(current))
}

/// Version, gate, alias, and deletion of old versions; returns the step after which traffic is
/// where it should be.
fn release(
    context: &FunctionContext,
    alias: &str,
    reason: &str,
    last: Option<StepId>,
    builder: &mut PlanBuilder,
) -> StepId {
    let version = builder.add(Step {
        id: id("version", &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action: Action::PublishVersion {
            function: context.wanted.key.clone(),
        },
        after: last
            .or_else(|| context.role.ready.clone())
            .into_iter()
            .collect(),
        reasons: vec![format!("alias {alias}: {reason}")],
        changes: Vec::new(),
    });
    let given = Value::From(version.clone());
    let ready = runtime_update::of_published(context, &version, builder);
    let ready = ready.unwrap_or(version);
    let gate = test(context, given.clone(), Some(ready.clone()), builder);
    let new = NewAlias {
        reason: reason.to_owned(),
        after: gate.or(Some(ready)),
        traffic: releases::steps(context, builder),
        ..NewAlias::new(context, alias, given)
    };
    let set = set_alias(context, new, builder);
    if context.found.latest.is_none() {
        // A new function has no old versions.
        return set;
    }
    let keep = context.wanted.deploy.keep_versions;
    builder.add(Step {
        id: id("retire", &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action: Action::RetireVersions {
            function: context.wanted.key.clone(),
            keep,
        },
        after: vec![set.clone()],
        reasons: vec![format!("keeps the newest {keep}")],
        changes: Vec::new(),
    });
    set
}

/// The step that points the alias at a version, with all traffic.
pub(super) fn set_alias(
    context: &FunctionContext,
    new: NewAlias,
    builder: &mut PlanBuilder,
) -> StepId {
    let NewAlias {
        step,
        name,
        version,
        reason,
        after,
        record,
        traffic,
    } = new;
    let alias = context.found.alias.as_ref();
    let new = match &version {
        Value::Known(version) => Shown::Value(json!(version)),
        Value::From(_) => Shown::KnownAfter("publish".to_owned()),
    };
    let old = alias.map_or(Shown::Absent, |alias| Shown::Value(json!(alias.version)));
    let mut changes = Vec::new();
    if old != new {
        changes.push(Change::new("version", old, new));
    }
    let returned = context.shifting.is_some() && traffic.is_some();
    if let Some(alias) = alias.filter(|alias| !alias.weights.is_empty() && !returned) {
        changes.push(Change::new(
            "weights",
            Shown::Value(json!(alias.weights)),
            Shown::Absent,
        ));
    }
    if let Some(traffic) = &traffic {
        let steps: Vec<String> = traffic
            .steps
            .iter()
            .map(|step| format!("{step}%"))
            .collect();
        let steps = Shown::Value(json!(steps.join(", ")));
        changes.push(Change::new("traffic", Shown::Absent, steps));
    }
    let cause = reasons::alias(context);
    let changes = changes.into_iter().map(|change| change.because(cause));
    builder.add(Step {
        id: step,
        resource: format!("alias {name} of {}", context.wanted.name),
        action: Action::SetAlias {
            function: context.wanted.key.clone(),
            version,
            revision: alias.map(|alias| alias.revision.clone()),
            record,
            traffic,
        },
        after: after.into_iter().collect(),
        reasons: vec![reason],
        changes: changes.collect(),
    })
}

/// Without an alias `$LATEST` has the traffic.
///
/// It is tested after a change, and also if an earlier apply failed half-way, which the tags
/// show.
fn without_alias(
    context: &FunctionContext,
    last: Option<StepId>,
    reserved: Option<&StepId>,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let tested = context.is_recorded() && !concurrency::was_stopped(context);
    if untestable(context) || (last.is_none() && tested) {
        return last;
    }
    let gate = test(
        context,
        Value::Known(LATEST.to_owned()),
        reserved.cloned().or(last.clone()),
        builder,
    );
    gate.or(last)
}

fn weights(alias: &Alias) -> String {
    let share =
        |(version, weight): (&String, &f64)| format!("version {version} {:.0}%", weight * 100.0);
    let shares: Vec<String> = alias.weights.iter().map(share).collect();
    shares.join(", ")
}
