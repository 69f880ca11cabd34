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
    concurrency, diff,
    draft::{Draft, id},
    gate::{test, untestable},
    managed::Key,
    reach, reasons, releases, runtime_update,
    site::{Site, is},
};

/// Steps before a function's traffic moves.
pub(super) struct Before<'a> {
    /// The steps that change what will take traffic, in order; none where it is as wanted.
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
    pub fn new(site: &Site, name: &'a str, version: Value<String>) -> Self {
        Self {
            step: id("alias", &site.wanted.key),
            name,
            version,
            reason: String::new(),
            after: None,
            record: releases::before(site),
            traffic: None,
        }
    }
}

/// The steps that bring a changed function to its traffic; returns the last of them, or of those
/// before where none is needed.
pub(super) fn plan(site: &Site, before: Before<'_>, draft: &mut Draft) -> Option<StepId> {
    let Before {
        steps,
        pinned,
        returned,
        tested_after: reserved,
    } = before;
    let is_returned = returned.is_some();
    let last = steps.last().cloned().or(returned);
    let Some(name) = &site.wanted.deploy.alias else {
        return without_alias(site, last, reserved, draft);
    };
    match standing(site, !steps.is_empty()) {
        Standing::Right => last,
        Standing::Weighted(_) if pinned.is_some() || is_returned => last,
        Standing::Weighted(_) if reach::is_in_progress(site) => {
            let function = &site.wanted.name;
            draft.notes.push(format!(
                "function {function}: Lambda moves its provisioned concurrency, and the alias's weights with it"
            ));
            last
        }
        Standing::Weighted(alias) => {
            let new = NewAlias {
                reason: format!("leftover weights: {}", weights(alias)),
                after: last,
                ..NewAlias::new(site, name, Value::Known(alias.version.clone()))
            };
            Some(set_alias(site, new, draft))
        }
        Standing::Behind(_) if steps.is_empty() && pinned.is_some() => pinned,
        Standing::Behind(reason) if untestable(site) => {
            let (function, key) = (&site.wanted.name, Key::Concurrency.word());
            let reason = match pinned {
                Some(_) => "at the version in use until now".to_owned(),
                None => reason,
            };
            draft.notes.push(format!(
                "function {function}: {key} is 0, so no version can be tested and alias {name} stays ({reason})"
            ));
            last
        }
        Standing::Behind(reason) => {
            let last = reserved.cloned().or(last);
            Some(release(site, name, &reason, last, draft))
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

fn standing<'a>(site: &Site<'a>, updated: bool) -> Standing<'a> {
    if site.found.from_tags {
        // jot writes its tags once the alias points where it should; outdated tags are updated.
        return Standing::Right;
    }
    let Some(alias) = &site.found.alias else {
        let reason = match reasons::alias(site) {
            Cause::Outside => "deleted outside jot since the last apply",
            _ => "it does not exist yet",
        };
        return Standing::Behind(reason.to_owned());
    };
    if alias.version == LATEST {
        return Standing::Behind(reasons::LATEST.to_owned());
    }
    let Some(live) = &site.found.live else {
        return Standing::Behind(format!("version {} no longer exists", alias.version));
    };
    if let Some(what) = difference(site, live, updated) {
        // Where a version differs only in its description, the function may have been changed and
        // changed back.
        let moved = match (updated, reasons::alias(site)) {
            (false, Cause::Outside) if what != DESCRIPTION => {
                "moved outside jot since the last apply: "
            }
            _ => "",
        };
        return Standing::Behind(format!("{moved}version {} has {what}", alias.version));
    }
    if site.lost_grants(live) {
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
fn difference(site: &Site, live: &FunctionState, updated: bool) -> Option<&'static str> {
    let latest = site.found.latest.as_ref()?;
    let settings = site.differences(&latest.tags, &live.config);
    if !is(&site.digest, live.code()) || live.architecture != site.wanted.architecture {
        return Some("other code");
    }
    if settings
        .changes
        .iter()
        .any(|change| change.field != "description")
        || !is_role(site, &live.role)
    {
        return Some("other settings");
    }
    let made_of = (site.wanted.code.tag(), site.wanted.config_digest.as_str());
    let described = described(&live.config.description) == Some(made_of);
    (!described && (updated || !same(site, live, latest))).then_some(DESCRIPTION)
}

/// Whether the two agree in everything that a version keeps and that is not left to others.
///
/// Lambda does not publish a version that equals the last one; it returns that version's number
/// again, with its old description, so asking would never end.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html>
fn same(site: &Site, live: &FunctionState, latest: &FunctionState) -> bool {
    diff::comparable(&live.config, &site.wanted.lifecycle, &latest.config) == latest.config
        && live.code() == latest.code()
        && live.architecture == latest.architecture
        && live.role == latest.role
}

/// Whether a version's role is the one wanted, or has its ARN.
fn is_role(site: &Site, there: &String) -> bool {
    site.role.is_created_as(site.wanted, there) || is(&site.role.arn, Some(there))
}

/// Version, gate, alias, and deletion of old versions; returns the step after which traffic is
/// where it should be.
fn release(
    site: &Site,
    alias: &str,
    reason: &str,
    last: Option<StepId>,
    draft: &mut Draft,
) -> StepId {
    let version = draft.add(Step {
        id: id("version", &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action: Action::PublishVersion {
            function: site.wanted.key.clone(),
        },
        after: last
            .or_else(|| site.role.ready.clone())
            .into_iter()
            .collect(),
        reasons: vec![format!("alias {alias}: {reason}")],
        changes: Vec::new(),
    });
    let given = Value::From(version.clone());
    let ready = runtime_update::of_published(site, &version, draft);
    let ready = ready.unwrap_or(version);
    let gate = test(site, given.clone(), Some(ready.clone()), draft);
    let new = NewAlias {
        reason: reason.to_owned(),
        after: gate.or(Some(ready)),
        traffic: releases::steps(site, draft),
        ..NewAlias::new(site, alias, given)
    };
    let set = set_alias(site, new, draft);
    if site.found.latest.is_none() {
        // A new function has no old versions.
        return set;
    }
    let keep = site.wanted.deploy.keep_versions;
    draft.add(Step {
        id: id("retire", &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action: Action::RetireVersions {
            function: site.wanted.key.clone(),
            keep,
        },
        after: vec![set.clone()],
        reasons: vec![format!("keeps the newest {keep}")],
        changes: Vec::new(),
    });
    set
}

/// The step that points the alias at a version, with all traffic.
pub(super) fn set_alias(site: &Site, new: NewAlias, draft: &mut Draft) -> StepId {
    let NewAlias {
        step,
        name,
        version,
        reason,
        after,
        record,
        traffic,
    } = new;
    let alias = site.found.alias.as_ref();
    let new = match &version {
        Value::Known(version) => Shown::Value(json!(version)),
        Value::From(_) => Shown::KnownAfter("publish".to_owned()),
    };
    let old = alias.map_or(Shown::Absent, |alias| Shown::Value(json!(alias.version)));
    let mut changes = Vec::new();
    if old != new {
        changes.push(Change::new("version", old, new));
    }
    let returned = site.shifting.is_some() && traffic.is_some();
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
    let cause = reasons::alias(site);
    let changes = changes.into_iter().map(|change| change.because(cause));
    draft.add(Step {
        id: step,
        resource: format!("alias {name} of {}", site.wanted.name),
        action: Action::SetAlias {
            function: site.wanted.key.clone(),
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
/// It is tested after a change, and also where an earlier apply failed half-way, which the tags
/// show.
fn without_alias(
    site: &Site,
    last: Option<StepId>,
    reserved: Option<&StepId>,
    draft: &mut Draft,
) -> Option<StepId> {
    let tested = site.is_recorded() && !concurrency::was_stopped(site);
    if untestable(site) || (last.is_none() && tested) {
        return last;
    }
    let gate = test(
        site,
        Value::Known(LATEST.to_owned()),
        reserved.cloned().or(last.clone()),
        draft,
    );
    gate.or(last)
}

fn weights(alias: &Alias) -> String {
    let share =
        |(version, weight): (&String, &f64)| format!("version {version} {:.0}%", weight * 100.0);
    let shares: Vec<String> = alias.weights.iter().map(share).collect();
    shares.join(", ")
}
