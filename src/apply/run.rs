//! Executes one step.

use super::{Error, Shared, traffic};
use crate::model::{Action, Step};

/// Executes one step; returns a few words on the outcome, which may be empty.
pub async fn run(shared: &Shared, step: &Step) -> Result<String, Error> {
    let id = &step.id;
    let quiet = |()| String::new();
    match &step.action {
        Action::CreateRepository => shared.create_repository().await,
        Action::UpdateRepository => shared.update_repository().await,
        Action::CreateRole { function } => {
            shared.give(id, shared.create_role(function).await?);
            Ok(String::new())
        }
        Action::UpdateRole {
            function,
            attach,
            detach,
            trust,
            tags,
            inline,
            boundary,
            ..
        } => shared
            .update_role(
                function,
                (attach, detach),
                (*inline, *boundary),
                (*trust, *tags),
            )
            .await
            .map(quiet),
        Action::CreateLogGroup { function } => shared.create_log_group(function).await.map(quiet),
        Action::UpdateLogGroup { function } => shared.update_log_group(function).await.map(quiet),
        Action::TagLogGroup { function } => shared.tag_log_group(function).await.map(quiet),
        Action::Pull { image, digest } => shared.pull(id, image, digest).await,
        Action::Build { image } => shared.build(id, image).await,
        Action::TestLocal { function } => shared.test_local(id, function).await,
        Action::Push { image, extra_tags } => shared.push(id, image, extra_tags).await,
        Action::Copy {
            image,
            source,
            digest,
            extra_tags,
        } => shared.copy(id, image, (source, digest), extra_tags).await,
        Action::CreateFunction {
            function,
            role,
            digest,
        } => {
            let (role, digest) = (shared.resolve(role)?, shared.resolve(digest)?);
            shared.create_function(function, &role, &digest).await
        }
        Action::ReplaceFunction {
            function,
            role,
            digest,
            revision,
        } => {
            let (role, digest) = (shared.resolve(role)?, shared.resolve(digest)?);
            shared
                .replace_function(function, (&role, &digest), revision.as_deref())
                .await
        }
        Action::UpdateCode {
            function, digest, ..
        } => shared.update_code(function, &shared.resolve(digest)?).await,
        Action::UpdateConfig {
            function,
            role,
            reset,
            log_group,
            ..
        } => {
            let role = shared.resolve(role)?;
            shared
                .update_config(function, (&role, reset, log_group.as_deref()))
                .await
        }
        Action::TagImage { image, tags } => shared.tag_image(image, tags).await.map(quiet),
        Action::SetConcurrency { function, reserved } => {
            shared.set_concurrency(function, *reserved).await.map(quiet)
        }
        Action::SetRecursiveLoop {
            function,
            recursive_loop,
        } => shared
            .set_recursive_loop(function, recursive_loop)
            .await
            .map(quiet),
        Action::SetRuntimeUpdate {
            function,
            version,
            update,
        } => {
            let version = version
                .as_ref()
                .map(|one| shared.resolve(one))
                .transpose()?;
            shared
                .set_runtime_update(function, version.as_deref(), update)
                .await
                .map(quiet)
        }
        Action::AddPermissions {
            function,
            statements,
            replace,
        } => shared
            .add_permissions(function, statements, replace)
            .await
            .map(quiet),
        Action::RemovePermissions { function, ids } => {
            shared.remove_permissions(function, ids).await.map(quiet)
        }
        Action::CreateUrl { function } => shared.create_url(function).await,
        Action::UpdateUrl { function } => shared.update_url(function).await,
        Action::DeleteAlias { function, alias } => {
            shared.delete_alias(function, alias).await.map(quiet)
        }
        Action::DeleteUrl { function } => shared.delete_url(function).await.map(quiet),
        Action::SetAsync { function, config } => {
            shared.set_asynchronous(function, config).await.map(quiet)
        }
        Action::ResetAsync { function } => shared.reset_asynchronous(function).await.map(quiet),
        Action::SetRolePolicy { function, policy } => shared
            .set_role_policy(function, policy.as_ref())
            .await
            .map(quiet),
        Action::CreateMapping {
            function,
            trigger,
            mapping,
        } => shared
            .create_mapping(function, trigger, mapping)
            .await
            .map(quiet),
        Action::UpdateMapping {
            function,
            uuid,
            mapping,
            tags,
        } => shared
            .update_mapping((function, *tags), uuid, mapping)
            .await
            .map(quiet),
        Action::DeleteMapping { uuid, .. } => shared.delete_mapping(uuid).await.map(quiet),
        Action::PutPush {
            id,
            push,
            calls,
            creates,
            ..
        } => shared.put_push(id, push, calls, *creates).await.map(quiet),
        Action::DeletePush { id, push, .. } => shared.delete_push(id, push).await.map(quiet),
        Action::CreateScheduleGroup { name } => shared.create_schedule_group(name).await.map(quiet),
        Action::CreateSchedulerRole { policy, .. } => {
            shared.create_scheduler_role(policy).await.map(quiet)
        }
        Action::UpdateSchedulerRole {
            trust,
            tags,
            policy,
            ..
        } => shared
            .update_scheduler_role((*trust, *tags), policy.as_ref())
            .await
            .map(quiet),
        Action::DeleteSchedule { group, name } => Ok(shared
            .aws()?
            .delete_schedule(group, name)
            .await
            .map(quiet)?),
        Action::DeleteScheduleGroup { name } => shared.delete_schedule_group(name).await.map(quiet),
        Action::SetNotifications {
            bucket,
            put,
            remove,
            granted,
        } => shared
            .set_notifications(bucket, (put, remove), *granted)
            .await
            .map(quiet),
        Action::SetProvisioned { function, number } => {
            shared.set_provisioned(function, *number).await
        }
        Action::PublishVersion { function } => shared.publish_version(id, function).await,
        Action::TestRemote { function, version } => {
            shared
                .test_version(id, function, &shared.resolve(version)?)
                .await
        }
        Action::SetAlias {
            function,
            version,
            revision,
            record,
            traffic: Some(traffic),
        } => {
            let what = traffic::Move {
                key: function,
                to: &shared.resolve(version)?,
                record,
                revision: revision.as_deref(),
                traffic,
            };
            Box::pin(shared.shift(id, what)).await
        }
        Action::SetAlias {
            function,
            version,
            revision,
            record,
            traffic: None,
        } => {
            let record = record.with(&shared.resolve(version)?);
            shared
                .set_alias(function, &record, revision.as_deref())
                .await
        }
        Action::RetireVersions { function, keep } => shared.retire_versions(function, *keep).await,
        Action::TagFunction {
            function,
            set,
            remove,
        } => shared.tag_function(function, set, remove).await,
        Action::DeleteFunction { name } => {
            Ok(shared.aws()?.delete_function(name).await.map(quiet)?)
        }
        Action::DeleteRole { name, .. } => Ok(shared.aws()?.delete_role(name).await.map(quiet)?),
        Action::DeleteLogGroup { name } => {
            Ok(shared.aws()?.delete_log_group(name).await.map(quiet)?)
        }
        Action::DeleteRepository { name } => {
            Ok(shared.aws()?.delete_repository(name).await.map(quiet)?)
        }
        Action::DeleteObjects { bucket, keys } => {
            let (aws, owner) = (shared.aws()?, shared.plan.account.as_str());
            for key in keys {
                aws.delete_code((bucket, owner), key).await?;
            }
            Ok(String::new())
        }
    }
}
