//! The names of a step: its symbol and subject in a plan, its sentence while it runs.

use crate::model::{Action, Step};

use super::{style::Ink, wording};

/// The effect of a step on its resource, as in the first column of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Create,
    Update,
    Replace,
    Delete,
    Work,
}

impl Kind {
    /// The effect of the action; only the plan knows whether it is part of a replacement.
    pub(super) fn of(action: &Action) -> Self {
        match action {
            Action::CreateRepository
            | Action::CreateRole { .. }
            | Action::CreateLogGroup { .. }
            | Action::CreateFunction { .. }
            | Action::PublishVersion { .. }
            | Action::CreateUrl { .. }
            | Action::CreateMapping { .. }
            | Action::PutPush { creates: true, .. }
            | Action::CreateScheduleGroup { .. }
            | Action::CreateSchedulerRole { .. }
            | Action::SetAlias { revision: None, .. } => Self::Create,
            Action::ReplaceFunction { .. } | Action::DeleteAlias { .. } => Self::Replace,
            Action::UpdateRepository
            | Action::UpdateRole { .. }
            | Action::UpdateLogGroup { .. }
            | Action::TagLogGroup { .. }
            | Action::UpdateCode { .. }
            | Action::UpdateConfig { .. }
            | Action::SetAlias { .. }
            | Action::SetConcurrency { .. }
            | Action::SetRuntimeUpdate { .. }
            | Action::SetRecursiveLoop { .. }
            | Action::AddPermissions { .. }
            | Action::RemovePermissions { .. }
            | Action::UpdateUrl { .. }
            | Action::UpdateMapping { .. }
            | Action::PutPush { .. }
            | Action::UpdateSchedulerRole { .. }
            | Action::SetNotifications { .. }
            | Action::SetAsync { .. }
            | Action::ResetAsync { .. }
            | Action::SetRolePolicy { .. }
            | Action::SetProvisioned { .. }
            | Action::TagImage { .. }
            | Action::RetireVersions { .. }
            | Action::TagFunction { .. } => Self::Update,
            Action::DeleteFunction { .. }
            | Action::DeleteUrl { .. }
            | Action::DeleteMapping { .. }
            | Action::DeletePush { .. }
            | Action::DeleteSchedule { .. }
            | Action::DeleteScheduleGroup { .. }
            | Action::DeleteRole { .. }
            | Action::DeleteLogGroup { .. }
            | Action::DeleteRepository { .. }
            | Action::DeleteObjects { .. } => Self::Delete,
            Action::Pull { .. }
            | Action::Build { .. }
            | Action::Push { .. }
            | Action::Copy { .. }
            | Action::TestLocal { .. }
            | Action::TestRemote { .. } => Self::Work,
        }
    }

    /// The sign in the first column.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Update => "~",
            Self::Replace => "-/+",
            Self::Delete => "-",
            Self::Work => ">",
        }
    }

    pub(super) fn ink(self) -> Ink {
        match self {
            Self::Create => Ink::Green,
            Self::Update => Ink::Yellow,
            Self::Replace | Self::Delete => Ink::Red,
            Self::Work => Ink::Cyan,
        }
    }
}

/// The step in a line of a plan, after the sign: `function f, code`, `build image f`, `test
/// function f locally`.
pub(super) fn subject(step: &Step) -> String {
    if Kind::of(&step.action) == Kind::Work {
        return sentence(step);
    }
    let resource = wording::plain(&step.resource);
    match part(step) {
        Some(part) => format!("{resource}, {part}"),
        None => resource,
    }
}

/// The function of the step: from its action, or from the name of its image.
pub(super) fn owner(step: &Step) -> Option<&str> {
    let image = || step.resource.strip_prefix("image ");
    step.action.function().or_else(image)
}

/// The step as a sentence while it runs: `update code of function f`, `create repository r`.
pub fn sentence(step: &Step) -> String {
    let verb = verb(&step.action);
    let resource = wording::plain(&step.resource);
    match (&step.action, part(step)) {
        (Action::TestLocal { .. }, _) => format!("{verb} {resource} locally"),
        (Action::TestRemote { .. }, _) => format!("{verb} {resource} in Lambda"),
        (_, Some(part)) => format!("{verb} {part} of {resource}"),
        (_, None) => format!("{verb} {resource}"),
    }
}

fn verb(action: &Action) -> &'static str {
    match action {
        Action::CreateRepository
        | Action::CreateRole { .. }
        | Action::CreateLogGroup { .. }
        | Action::CreateUrl { .. }
        | Action::CreateMapping { .. }
        | Action::PutPush { creates: true, .. }
        | Action::CreateScheduleGroup { .. }
        | Action::CreateSchedulerRole { .. }
        | Action::CreateFunction { .. } => "create",
        Action::ReplaceFunction { .. } => "replace",
        Action::UpdateRepository
        | Action::UpdateRole { .. }
        | Action::UpdateLogGroup { .. }
        | Action::UpdateCode { .. }
        | Action::UpdateUrl { .. }
        | Action::UpdateMapping { .. }
        | Action::PutPush { .. }
        | Action::UpdateSchedulerRole { .. }
        | Action::SetNotifications { .. }
        | Action::UpdateConfig { .. } => "update",
        Action::Pull { .. } => "pull",
        Action::Build { .. } => "build",
        Action::Push { .. } => "push",
        Action::Copy { .. } => "copy",
        Action::TestLocal { .. } | Action::TestRemote { .. } => "test",
        Action::PublishVersion { .. } => "publish",
        Action::SetAlias { .. }
        | Action::SetConcurrency { .. }
        | Action::SetRuntimeUpdate { .. }
        | Action::SetRecursiveLoop { .. }
        | Action::SetAsync { .. }
        | Action::ResetAsync { .. }
        | Action::SetRolePolicy { .. }
        | Action::SetProvisioned { .. }
        | Action::TagFunction { .. }
        | Action::TagLogGroup { .. } => "set",
        Action::TagImage { .. } => "tag",
        Action::AddPermissions { .. } => "add",
        Action::RemovePermissions { .. } => "remove",
        Action::RetireVersions { .. }
        | Action::DeleteFunction { .. }
        | Action::DeleteUrl { .. }
        | Action::DeleteAlias { .. }
        | Action::DeleteMapping { .. }
        | Action::DeletePush { .. }
        | Action::DeleteSchedule { .. }
        | Action::DeleteScheduleGroup { .. }
        | Action::DeleteRole { .. }
        | Action::DeleteLogGroup { .. }
        | Action::DeleteRepository { .. }
        | Action::DeleteObjects { .. } => "delete",
    }
}

/// The part of a function that the step changes, unless the resource already names it.
pub(super) fn part(step: &Step) -> Option<&'static str> {
    let part = match step.action {
        Action::UpdateCode { .. } => "code",
        Action::UpdateConfig { .. } => "configuration",
        Action::PublishVersion { .. } => "version",
        Action::SetAlias { .. } => "alias",
        Action::RetireVersions { .. } => "old versions",
        Action::SetConcurrency { .. } => "reserved concurrency",
        Action::SetRuntimeUpdate { version: None, .. } => "runtime updates",
        Action::SetRuntimeUpdate { .. } => "runtime updates of the version",
        Action::SetRecursiveLoop { .. } => "calls in a circle",
        Action::TagFunction { .. } => "tags",
        Action::AddPermissions { .. } | Action::RemovePermissions { .. } => "permissions",
        Action::SetAsync { .. } | Action::ResetAsync { .. } => "asynchronous calls",
        Action::SetProvisioned { .. } => "provisioned concurrency",
        Action::SetRolePolicy { .. } => return Some("policy of destinations"),
        Action::TagLogGroup { .. } => return Some("tags"),
        _ => return None,
    };
    step.resource.starts_with("function ").then_some(part)
}
