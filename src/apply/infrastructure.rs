//! Repository, roles and log groups.

use super::{Error, Shared};
use crate::{
    model::{Desired, Function, RoleChoice, desired, plan::Inline, repository::with_others},
    remote::{self, Aws},
};

impl Shared {
    pub(super) async fn create_repository(&self) -> Result<String, Error> {
        let wanted = &self.desired.repository;
        match self.aws()?.create_repository(wanted).await {
            Ok(_) => Ok(String::new()),
            Err(remote::Error::Conflict { .. }) => self.take_repository(wanted).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Adopts a repository that another apply of this project created after planning.
    async fn take_repository(&self, wanted: &desired::Repository) -> Result<String, Error> {
        let aws = self.aws()?;
        let resource = format!("repository {}", wanted.name);
        let Some(found) = aws.repository(&wanted.name).await? else {
            return Err(Error::Gone { resource });
        };
        // Asks ECR itself: Resource Groups Tagging does not know a repository that was created
        // moments ago.
        let tags = aws.repository_tags(&found.arn).await?;
        if tags.get(desired::TAG_PROJECT) != Some(&self.desired.project) {
            return Err(Error::Foreign { resource });
        }
        update(aws, wanted, &found.arn).await?;
        Ok(String::new())
    }

    pub(super) async fn update_repository(&self) -> Result<String, Error> {
        let wanted = &self.desired.repository;
        let found = self.aws()?.repository(&wanted.name).await?;
        let found = found.ok_or_else(|| Error::Gone {
            resource: format!("repository {}", wanted.name),
        })?;
        update(self.aws()?, wanted, &found.arn).await?;
        Ok(String::new())
    }

    pub(super) async fn create_role(&self, function: &str) -> Result<String, Error> {
        let wanted = own_role(&self.desired, function)?;
        match self.aws()?.create_role(wanted).await {
            Ok(arn) => Ok(arn),
            Err(remote::Error::Conflict { .. }) => self.take_role(wanted).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Adopts a role that another apply of this project and target created after planning.
    async fn take_role(&self, wanted: &desired::Role) -> Result<String, Error> {
        let resource = format!("role {}", wanted.name);
        let Some(found) = self.aws()?.role(&wanted.name).await? else {
            return Err(Error::Gone { resource });
        };
        if !desired::owned(&found.tags, &wanted.tags) {
            return Err(Error::Foreign { resource });
        }
        for policy in &wanted.policies {
            self.aws()?.attach_policy(&wanted.name, policy).await?;
        }
        put_inline_policy(self.aws()?, wanted).await?;
        if wanted.boundary.is_some() && found.boundary != wanted.boundary {
            self.aws()?.put_boundary(wanted).await?;
        }
        Ok(found.arn)
    }

    pub(super) async fn update_role(
        &self,
        function: &str,
        (attach, detach): (&[String], &[String]),
        (inline, boundary): (Option<Inline>, Option<Inline>),
        (trust, tags): (bool, bool),
    ) -> Result<(), Error> {
        let wanted = own_role(&self.desired, function)?;
        let aws = self.aws()?;
        if trust {
            aws.update_trust(wanted).await?;
        }
        match boundary {
            Some(Inline::Put) => aws.put_boundary(wanted).await?,
            Some(Inline::Delete) => aws.delete_boundary(&wanted.name).await?,
            None => {}
        }
        // Attach the wanted policies before detaching the others: the function is never without
        // both.
        for policy in attach {
            aws.attach_policy(&wanted.name, policy).await?;
        }
        match inline {
            Some(Inline::Put) => put_inline_policy(aws, wanted).await?,
            Some(Inline::Delete) => {
                aws.delete_inline_policy(&wanted.name, desired::INLINE_POLICY)
                    .await?;
            }
            None => {}
        }
        for policy in detach {
            aws.detach_policy(&wanted.name, policy).await?;
        }
        if tags {
            let lifecycle = &self.function(function)?.lifecycle;
            let tags = lifecycle.managed_tags(&wanted.tags);
            aws.tag_role(&wanted.name, &tags).await?;
        }
        Ok(())
    }

    pub(super) async fn create_log_group(&self, function: &str) -> Result<(), Error> {
        let wanted = &self.function(function)?.log_group;
        match self.aws()?.create_log_group(wanted).await {
            // Lambda creates the group at the first invocation, so it may have appeared.
            Err(remote::Error::Conflict { .. }) => self.update_log_group(function).await,
            other => Ok(other?),
        }
    }

    pub(super) async fn update_log_group(&self, function: &str) -> Result<(), Error> {
        let wanted = &self.function(function)?.log_group;
        Ok(self
            .aws()?
            .set_retention(&wanted.name, wanted.retention_days)
            .await?)
    }

    pub(super) async fn tag_log_group(&self, function: &str) -> Result<(), Error> {
        let wanted = &self.function(function)?.log_group;
        Ok(self
            .aws()?
            .tag_log_group(&wanted.name, &wanted.tags)
            .await?)
    }

    /// The function declared under this key.
    pub(super) fn function(&self, key: &str) -> Result<&Function, Error> {
        self.desired.functions.get(key).ok_or_else(|| Error::Stale {
            what: format!("function `{key}`"),
        })
    }
}

/// Makes the repository as it is wanted. Statements of others that its policy has by now stay.
async fn update(aws: &Aws, wanted: &desired::Repository, arn: &str) -> Result<(), remote::Error> {
    let found = aws.repository_policy(&wanted.name).await?;
    let wanted = desired::Repository {
        policy: with_others(&wanted.policy, found.as_ref()),
        ..wanted.clone()
    };
    aws.update_repository(&wanted, arn).await
}

/// Writes the inline policy from `policy_file`, if the role has one.
async fn put_inline_policy(aws: &Aws, wanted: &desired::Role) -> Result<(), Error> {
    if let Some(policy) = &wanted.inline {
        aws.put_inline_policy(&wanted.name, desired::INLINE_POLICY, policy)
            .await?;
    }
    Ok(())
}

pub(super) fn own_role<'a>(
    desired: &'a Desired,
    function: &str,
) -> Result<&'a desired::Role, Error> {
    match desired
        .functions
        .get(function)
        .map(|function| &function.role)
    {
        Some(RoleChoice::Own(role)) => Ok(role),
        _ => Err(Error::Stale {
            what: format!("a role of jot's for `{function}`"),
        }),
    }
}
