//! The size of a plan, counted in resources.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Action, Plan, Step};

/// How many images a plan builds and pushes, and how many resources it creates, updates and
/// destroys.
///
/// A resource counts once, however many steps act on it: a new function counts once as created,
/// together with its version, alias and tags; a function with new code and configuration counts
/// once as updated. Tests and pulls change nothing and are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Images built.
    pub build: usize,
    /// Images pushed.
    pub push: usize,
    /// Images copied from another target's repository.
    #[serde(skip_serializing_if = "is_zero")]
    pub copy: usize,
    /// Resources created.
    pub create: usize,
    /// Existing resources that change.
    pub update: usize,
    /// Resources deleted.
    pub destroy: usize,
}

/// The effect of a step on a resource, identified by kind and name.
enum Effect<'a> {
    Build,
    Push,
    Copy,
    Create(Resource<'a>),
    Update(Resource<'a>),
    Destroy(Resource<'a>),
    Replace(Resource<'a>),
    Nothing,
}

/// Kind and name of a resource.
pub(super) type Resource<'a> = (&'static str, &'a str);

impl Counts {
    /// The counts of all of a plan's steps.
    pub fn of(plan: &Plan) -> Self {
        Self::of_steps(&plan.steps)
    }

    /// The counts of these steps.
    pub fn of_steps<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Self {
        let mut counts = Self::default();
        let [mut created, mut updated, mut destroyed] = [const { BTreeSet::new() }; 3];
        for step in steps {
            match effect(&step.action) {
                Effect::Build => counts.build += 1,
                Effect::Push => counts.push += 1,
                Effect::Copy => counts.copy += 1,
                Effect::Create(resource) => drop(created.insert(resource)),
                Effect::Update(resource) => drop(updated.insert(resource)),
                Effect::Destroy(resource) => drop(destroyed.insert(resource)),
                Effect::Replace(resource) => {
                    destroyed.insert(resource);
                    created.insert(resource);
                }
                Effect::Nothing => {}
            }
        }
        counts.create = created.len();
        counts.update = updated.difference(&created).count();
        counts.destroy = destroyed.len();
        counts
    }

    /// The sum of all counts.
    pub fn all(&self) -> usize {
        self.build + self.push + self.copy + self.create + self.update + self.destroy
    }
}

impl std::fmt::Display for Counts {
    /// `1 to build, 1 to push, 0 to create, 1 to update, 0 to destroy`; `2 to copy` only if any
    /// are.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            build,
            push,
            copy,
            create,
            update,
            destroy,
        } = self;
        let copied = match copy {
            0 => String::new(),
            copy => format!(" {copy} to copy,"),
        };
        write!(
            f,
            "{build} to build, {push} to push,{copied} {create} to create, {update} to update, \
                {destroy} to destroy"
        )
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The resource that an action counts for; `None` if it changes no resource.
pub(super) fn resource(action: &Action) -> Option<Resource<'_>> {
    match effect(action) {
        Effect::Create(resource)
        | Effect::Update(resource)
        | Effect::Destroy(resource)
        | Effect::Replace(resource) => Some(resource),
        Effect::Build | Effect::Push | Effect::Copy | Effect::Nothing => None,
    }
}

fn effect(action: &Action) -> Effect<'_> {
    match action {
        Action::Build { .. } => Effect::Build,
        Action::Push { .. } => Effect::Push,
        Action::Copy { .. } => Effect::Copy,
        Action::CreateRepository => Effect::Create(("repository", "")),
        Action::UpdateRepository => Effect::Update(("repository", "")),
        Action::CreateRole { function } => Effect::Create(("role", function)),
        Action::UpdateRole { function, .. } | Action::SetRolePolicy { function, .. } => {
            Effect::Update(("role", function))
        }
        Action::CreateUrl { function } => Effect::Create(("URL", function)),
        Action::UpdateUrl { function } => Effect::Update(("URL", function)),
        Action::DeleteAlias { alias, .. } => Effect::Replace(("alias", alias)),
        Action::DeleteUrl { function } => Effect::Destroy(("URL", function)),
        Action::CreateMapping { trigger, .. } => Effect::Create(("trigger", trigger)),
        Action::UpdateMapping { uuid, .. } => Effect::Update(("trigger", uuid)),
        Action::DeleteMapping { uuid, .. } => Effect::Destroy(("trigger", uuid)),
        Action::PutPush {
            trigger, creates, ..
        } => match creates {
            true => Effect::Create(("trigger", trigger)),
            false => Effect::Update(("trigger", trigger)),
        },
        Action::DeletePush { id, .. } => Effect::Destroy(("trigger", id)),
        Action::CreateScheduleGroup { name } => Effect::Create(("schedule group", name)),
        Action::DeleteScheduleGroup { name } => Effect::Destroy(("schedule group", name)),
        Action::CreateSchedulerRole { name, .. } => Effect::Create(("role of schedules", name)),
        Action::UpdateSchedulerRole { name, .. } => Effect::Update(("role of schedules", name)),
        Action::DeleteSchedule { name, .. } => Effect::Destroy(("trigger", name)),
        Action::SetNotifications { bucket, .. } => Effect::Update(("bucket", bucket)),
        Action::CreateLogGroup { function } => Effect::Create(("log group", function)),
        Action::UpdateLogGroup { function } | Action::TagLogGroup { function } => {
            Effect::Update(("log group", function))
        }
        Action::CreateFunction { function, .. } => Effect::Create(("function", function)),
        Action::ReplaceFunction { function, .. } => Effect::Replace(("function", function)),
        Action::UpdateCode { function, .. }
        | Action::UpdateConfig { function, .. }
        | Action::PublishVersion { function }
        | Action::SetAlias { function, .. }
        | Action::RetireVersions { function, .. }
        | Action::SetConcurrency { function, .. }
        | Action::SetRuntimeUpdate { function, .. }
        | Action::SetRecursiveLoop { function, .. }
        | Action::AddPermissions { function, .. }
        | Action::RemovePermissions { function, .. }
        | Action::SetAsync { function, .. }
        | Action::ResetAsync { function }
        | Action::SetProvisioned { function, .. }
        | Action::TagFunction { function, .. } => Effect::Update(("function", function)),
        Action::TagImage { image, .. } => Effect::Update(("image", image.tag())),
        Action::DeleteFunction { name } => Effect::Destroy(("function", name)),
        Action::DeleteRole { name, .. } => Effect::Destroy(("role", name)),
        Action::DeleteLogGroup { name } => Effect::Destroy(("log group", name)),
        Action::DeleteRepository { name } => Effect::Destroy(("repository", name)),
        Action::DeleteObjects { bucket, .. } => Effect::Destroy(("archives", bucket)),
        Action::Pull { .. } | Action::TestLocal { .. } | Action::TestRemote { .. } => {
            Effect::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_created_function_counts_once() {
        let counts = Counts::of(&fixture::first());
        assert_eq!(
            counts.to_string(),
            "2 to build, 2 to push, 4 to create, 0 to update, 0 to destroy"
        );
    }

    #[test]
    fn code_configuration_and_what_follows_are_one_update() {
        let counts = Counts::of(&fixture::change());
        assert_eq!(
            counts.to_string(),
            "1 to build, 1 to push, 0 to create, 4 to update, 0 to destroy"
        );
    }

    #[test]
    fn destroyed_resources_count_each() {
        let counts = Counts::of(&fixture::destroy());
        assert_eq!((counts.destroy, counts.create, counts.update), (4, 0, 0));
    }

    #[test]
    fn a_replaced_function_is_destroyed_and_created() {
        let counts = Counts::of(&fixture::replace());
        assert_eq!((counts.destroy, counts.create, counts.update), (1, 1, 0));
    }
}
