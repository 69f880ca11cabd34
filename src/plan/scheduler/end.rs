//! The schedule group, its role and its schedules, once everything else is planned.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Action, Desired, Function, Observed, Push, Step, StepId,
    observed::Scheduler,
    push::push_prefix,
    scheduler::{is_named_by_jot, policy},
};

use super::shared::{called, called_by, calling, is_left};
use crate::plan::{
    builder::{PlanBuilder, id},
    found::found,
    ownership,
};

/// Purpose of a plan.
#[derive(Clone, Copy)]
pub(in crate::plan) enum Goal<'a> {
    /// Reach what the manifest asks for.
    Desired,
    /// Delete everything, for this reason.
    Nothing(&'a str),
}

/// The steps that remove permissions from the role, and delete role and group once nothing is
/// scheduled.
pub(in crate::plan) fn end(
    desired: &Desired,
    observed: &Observed,
    goal: Goal,
    builder: &mut PlanBuilder,
) {
    let Some(existing) = &observed.scheduler else {
        return;
    };
    let end = End {
        desired,
        observed,
        goal,
        deleted: deleted(builder),
    };
    let remaining = end.schedules(existing, builder);
    let wanted = match goal {
        Goal::Desired => called(desired, observed),
        Goal::Nothing(_) => BTreeSet::new(),
    };
    let before = existing.role.as_ref().map(called_by).unwrap_or_default();
    let kept = before.iter().filter(|arn| end.keeps(arn)).cloned();
    let needed: BTreeSet<String> = wanted.into_iter().chain(kept).collect();
    let after = builder.ends(is_of_a_schedule);
    if needed.is_empty() && !remaining.iter().any(|name| is_named_by_jot(name)) {
        end.all(existing, &remaining, after, builder);
    } else if !needed.is_empty() && !before.is_subset(&needed) {
        let name = &desired.scheduler.role;
        builder.add(Step {
            id: id("reduce-scheduler-role", name),
            resource: format!("role {name}"),
            action: Action::UpdateSchedulerRole {
                name: name.clone(),
                trust: false,
                tags: false,
                policy: Some(policy(&needed)),
            },
            after,
            reasons: vec!["it no longer needs all of its permissions".to_owned()],
            changes: vec![calling(Some(&before), &needed)],
        });
    }
}

fn is_of_a_schedule(step: &Step) -> bool {
    match &step.action {
        Action::PutPush { push, .. } | Action::DeletePush { push, .. } => {
            matches!(push, Push::Schedule(_))
        }
        Action::DeleteSchedule { .. }
        | Action::CreateSchedulerRole { .. }
        | Action::UpdateSchedulerRole { .. } => true,
        _ => false,
    }
}

/// The names of the functions that the plan deletes.
fn deleted(builder: &PlanBuilder) -> BTreeSet<String> {
    let names = builder.steps.iter().filter_map(|step| match &step.action {
        Action::DeleteFunction { name } => Some(name.clone()),
        _ => None,
    });
    names.collect()
}

/// State for the last steps of the group and the role.
struct End<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    goal: Goal<'a>,
    /// The functions that the plan deletes.
    deleted: BTreeSet<String>,
}

impl End<'_> {
    /// Deletes the schedules of deleted functions; returns the names of the others.
    ///
    /// A selection on the command line does not affect what it leaves out.
    fn schedules(&self, existing: &Scheduler, builder: &mut PlanBuilder) -> Vec<String> {
        let deleted: BTreeSet<&str> = builder
            .steps
            .iter()
            .filter_map(|step| match &step.action {
                Action::DeletePush { id, push, .. } => {
                    matches!(push, Push::Schedule(_)).then_some(id.as_str())
                }
                _ => None,
            })
            .collect();
        let left = existing.schedules.iter();
        let left: Vec<String> = left
            .filter(|name| !deleted.contains(name.as_str()))
            .cloned()
            .collect();
        let prefixes = self.prefixes();
        let (gone, stay): (Vec<String>, Vec<String>) = left.into_iter().partition(|name| {
            let known = prefixes.iter().any(|prefix| name.starts_with(prefix));
            self.desired.whole && is_named_by_jot(name) && !known
        });
        for name in gone {
            let group = self.desired.scheduler.group.clone();
            builder.add(Step {
                id: id("unschedule", &name),
                resource: format!("schedule {name}"),
                action: Action::DeleteSchedule { group, name },
                after: Vec::new(),
                reasons: vec!["the function that it calls is no longer the project's".to_owned()],
                changes: Vec::new(),
            });
        }
        stay
    }

    /// The prefixes of schedules that have existing functions after the plan.
    fn prefixes(&self) -> Vec<String> {
        let Desired {
            project, target, ..
        } = self.desired;
        let declared = self.desired.functions.values();
        let declared = declared.filter(|one| match self.goal {
            Goal::Desired => true,
            Goal::Nothing(_) => self.exists(one),
        });
        let declared = declared.map(|one| &one.key);
        let others = self.others().into_values();
        let keys = declared.chain(others);
        keys.map(|key| push_prefix(project, target.as_deref(), key))
            .collect()
    }

    fn exists(&self, wanted: &Function) -> bool {
        let latest = &found(self.observed, &wanted.key).latest;
        latest.is_some() && !self.deleted.contains(&wanted.name)
    }

    /// The keys of the target's functions that are not wanted and stay, by name.
    fn others(&self) -> BTreeMap<&str, &String> {
        let target = self.desired.target.as_deref().unwrap_or_default();
        let others = self.observed.others.iter();
        let others = others.filter(|one| one.target == target && one.exists());
        others
            .filter(|one| !self.deleted.contains(&one.name))
            .map(|one| (one.name.as_str(), &one.function))
            .collect()
    }

    /// Whether the role may still call this ARN although the manifest does not schedule it.
    fn keeps(&self, arn: &str) -> bool {
        let name = arn.split(":function:").nth(1);
        let name = name.and_then(|rest| rest.split(':').next());
        let Some(name) = name.filter(|name| !self.deleted.contains(*name)) else {
            return false;
        };
        let mut declared = self.desired.functions.values();
        match (declared.find(|one| one.name == name), self.goal) {
            (Some(wanted), Goal::Desired) => is_left(wanted, self.observed),
            (Some(wanted), Goal::Nothing(_)) => self.exists(wanted),
            (None, _) => !self.desired.whole || self.others().contains_key(name),
        }
    }

    /// Deletes the group, unless schedules stay in it, then the role, by which the remains of an
    /// interrupted apply are found.
    fn all(
        &self,
        existing: &Scheduler,
        stay: &[String],
        after: Vec<StepId>,
        builder: &mut PlanBuilder,
    ) {
        let scheduler = &self.desired.scheduler;
        let why = match self.goal {
            Goal::Desired => "nothing is scheduled any more",
            Goal::Nothing(why) => why,
        };
        let mut after = after;
        let name = &scheduler.group;
        if existing.group && stay.is_empty() {
            let step = builder.add(Step {
                id: id("delete-schedule-group", name),
                resource: format!("schedule group {name}"),
                action: Action::DeleteScheduleGroup { name: name.clone() },
                after,
                reasons: vec![why.to_owned()],
                changes: Vec::new(),
            });
            after = vec![step];
        } else if existing.group {
            let all = stay.join(", ");
            let note =
                format!("schedule group {name} stays: jot did not make what is in it: {all}");
            builder.notes.push(note);
        }
        let Some(role) = &existing.role else { return };
        let name = &scheduler.role;
        if let Some(why) = ownership::difference(&scheduler.tags, &role.tags) {
            builder.notes.push(format!("role {name} stays: {why}"));
            return;
        }
        builder.add(Step {
            id: id("delete-scheduler-role", name),
            resource: format!("role {name}"),
            action: Action::DeleteRole {
                name: name.clone(),
                policies: role.policies.clone(),
            },
            after,
            reasons: vec![why.to_owned()],
            changes: Vec::new(),
        });
    }
}
