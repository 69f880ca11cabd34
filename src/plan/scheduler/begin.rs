//! The schedule group and its role, before the first schedule.

use std::collections::BTreeSet;

use crate::model::{
    Action, Change, Desired, Observed, Step, StepId,
    observed::{Role, Scheduler},
    scheduler::policy,
    value::Shown,
};

use super::shared::{called, called_by, calling};
use crate::plan::{
    Error,
    builder::{PlanBuilder, id},
    ownership,
    policy::same,
    record, tags,
};

/// Maximum total length of a role's inline policies.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const POLICY: usize = 10_240;

/// The steps that create the group and the role, and let the role call the scheduled functions;
/// schedules wait for them.
///
/// # Errors
///
/// [`Error::ForeignScheduler`]: the role belongs to another owner; [`Error::TooManySchedules`]: the
/// policy is too large for IAM.
pub(in crate::plan) fn begin(
    desired: &Desired,
    observed: &Observed,
    builder: &mut PlanBuilder,
) -> Result<Vec<StepId>, Error> {
    let wanted = called(desired, observed);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let nothing = Scheduler::default();
    let existing = observed.scheduler.as_ref().unwrap_or(&nothing);
    let group = (!existing.group).then(|| builder.add(create_group(&desired.scheduler.group)));
    let role = match &existing.role {
        None => {
            fits(&wanted)?;
            Some(builder.add(create_role(&desired.scheduler.role, &wanted)))
        }
        Some(role) => update_role((desired, observed), role, wanted, builder)?,
    };
    Ok(group.into_iter().chain(role).collect())
}

fn create_group(name: &str) -> Step {
    Step {
        id: id("schedule-group", name),
        resource: format!("schedule group {name}"),
        action: Action::CreateScheduleGroup {
            name: name.to_owned(),
        },
        after: Vec::new(),
        reasons: vec!["does not exist".to_owned()],
        changes: Vec::new(),
    }
}

fn create_role(name: &str, calls: &BTreeSet<String>) -> Step {
    Step {
        id: id("scheduler-role", name),
        resource: format!("role {name}"),
        action: Action::CreateSchedulerRole {
            name: name.to_owned(),
            policy: policy(calls),
        },
        after: Vec::new(),
        reasons: vec!["not in IAM".to_owned()],
        changes: vec![calling(None, calls)],
    }
}

/// Adds missing permissions; those that are no longer needed are removed at the end.
fn update_role(
    (desired, observed): (&Desired, &Observed),
    existing: &Role,
    wanted: BTreeSet<String>,
    builder: &mut PlanBuilder,
) -> Result<Option<StepId>, Error> {
    let scheduler = &desired.scheduler;
    if let Some(why) = ownership::difference(&scheduler.tags, &existing.tags) {
        return Err(Error::ForeignScheduler {
            name: scheduler.role.clone(),
            why,
        });
    }
    let before = called_by(existing);
    let all: BTreeSet<String> = before.iter().cloned().chain(wanted).collect();
    fits(&all)?;
    let is_written = existing
        .inline
        .as_ref()
        .is_some_and(|inline| same(inline, &policy(&all)));
    let trust = scheduler.trust(&observed.region, &observed.account);
    let trusts = same(&trust, &existing.trust);
    let tags = tags::missing(&scheduler.tags, &existing.tags);
    if is_written && trusts && tags.is_empty() {
        return Ok(None);
    }
    let mut changes = Vec::new();
    if !is_written {
        changes.push(calling(Some(&before), &all));
    }
    if !trusts {
        let (old, new) = (existing.trust.clone(), trust);
        changes.push(Change::new(
            record::TRUST,
            Shown::Value(old),
            Shown::Value(new),
        ));
    }
    let action = Action::UpdateSchedulerRole {
        name: scheduler.role.clone(),
        trust: !trusts,
        tags: !tags.is_empty(),
        policy: (!is_written).then(|| policy(&all)),
    };
    changes.extend(tags);
    Ok(Some(builder.add(Step {
        id: id("scheduler-role", &scheduler.role),
        resource: format!("role {}", scheduler.role),
        action,
        after: Vec::new(),
        reasons: vec!["it differs from what schedules need".to_owned()],
        changes,
    })))
}

fn fits(calls: &BTreeSet<String>) -> Result<(), Error> {
    let bytes = policy(calls).to_string().len();
    match bytes > POLICY {
        true => Err(Error::TooManySchedules {
            functions: calls.len(),
            bytes,
            most: POLICY,
        }),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_iam_does_not_take_is_refused() {
        let arn = |number| format!("arn:aws:lambda:eu-west-1:123456789012:function:f{number}:live");
        let calls = |count: usize| (0..count).map(arn).collect::<BTreeSet<_>>();
        let size = |calls: &BTreeSet<String>| policy(calls).to_string().len();
        // An ARN is between quotation marks, after a comma.
        let of_size = |bytes: usize| {
            let mut calls = calls(100);
            calls.insert("a".repeat(bytes - size(&calls) - 3));
            calls
        };
        let largest = of_size(POLICY);
        assert_eq!(size(&largest), POLICY);
        assert_eq!(fits(&largest), Ok(()));
        assert!(fits(&of_size(POLICY + 1)).is_err());
        let bytes = size(&calls(200));
        let refused = Error::TooManySchedules {
            functions: 200,
            bytes,
            most: POLICY,
        };
        assert_eq!(fits(&calls(200)), Err(refused));
    }
}
