//! Schedules, the group of a target's schedules, and the role that they use to call.

use std::time::Duration;

use serde_json::Value as Json;

use super::{Error, Shared};
use crate::{
    model::{
        desired::{self, INLINE_POLICY},
        push::Schedule,
    },
    remote::{self, aws::push::GroupState},
};

/// How often to check a group of the same name that is still being deleted: for two minutes.
const LOOKS: u32 = 60;
/// Wait between two checks.
const LOOK: Duration = Duration::from_secs(2);

impl Shared {
    pub(super) async fn put_schedule(
        &self,
        name: &str,
        schedule: &Schedule,
        calls: &str,
        creates: bool,
    ) -> Result<(), Error> {
        let (region, account) = (&self.plan.region, &self.plan.account);
        let role = self.desired.scheduler.role_arn(region, account);
        let (aws, to) = (self.aws()?, (calls, role.as_str()));
        if creates {
            match aws.create_schedule(name, schedule, to).await {
                // An earlier request that got no answer, or another apply of this project.
                Err(remote::Error::Conflict { .. }) => {}
                other => return Ok(other?),
            }
        }
        Ok(aws.update_schedule(name, schedule, to).await?)
    }

    /// Creates the group; waits for one of the same name that is still being deleted.
    pub(super) async fn create_schedule_group(&self, name: &str) -> Result<(), Error> {
        let aws = self.aws()?;
        let tags = &self.desired.scheduler.tags;
        for _ in 0..LOOKS {
            match aws.create_schedule_group(name, tags).await {
                Err(remote::Error::Conflict { .. }) => {}
                other => return Ok(other?),
            }
            if aws.schedule_group(name).await? == Some(GroupState::Active) {
                return Ok(());
            }
            self.droppable(async {
                tokio::time::sleep(LOOK).await;
                Ok(())
            })
            .await?;
        }
        Err(Error::Changed {
            name: format!("schedule group {name}"),
            what: "it is still being deleted".to_owned(),
        })
    }

    /// Deletes the group, unless it has gained a schedule since planning.
    pub(super) async fn delete_schedule_group(&self, name: &str) -> Result<(), Error> {
        let aws = self.aws()?;
        if let Some(schedule) = aws.schedules(name, None).await?.first() {
            return Err(Error::Changed {
                name: format!("schedule group {name}"),
                what: format!("schedule {schedule} is in it"),
            });
        }
        Ok(aws.delete_schedule_group(name).await?)
    }

    pub(super) async fn create_scheduler_role(&self, policy: &Json) -> Result<(), Error> {
        let wanted = self.scheduler_role(Some(policy));
        let aws = self.aws()?;
        match aws.create_role(&wanted).await {
            Err(remote::Error::Conflict { .. }) => {
                let resource = format!("role {}", wanted.name);
                let Some(found) = aws.role(&wanted.name).await? else {
                    return Err(Error::Gone { resource });
                };
                if !desired::owned(&found.tags, &wanted.tags) {
                    return Err(Error::Foreign { resource });
                }
                self.update_scheduler_role((true, false), Some(policy))
                    .await
            }
            other => Ok(other.map(drop)?),
        }
    }

    pub(super) async fn update_scheduler_role(
        &self,
        (trust, tags): (bool, bool),
        policy: Option<&Json>,
    ) -> Result<(), Error> {
        let wanted = self.scheduler_role(policy);
        let aws = self.aws()?;
        if trust {
            aws.update_trust(&wanted).await?;
        }
        if let Some(policy) = policy {
            aws.put_inline_policy(&wanted.name, INLINE_POLICY, policy)
                .await?;
        }
        if tags {
            aws.tag_role(&wanted.name, &wanted.tags).await?;
        }
        Ok(())
    }

    fn scheduler_role(&self, policy: Option<&Json>) -> desired::Role {
        let scheduler = &self.desired.scheduler;
        desired::Role {
            name: scheduler.role.clone(),
            path: scheduler.path.clone(),
            trust: scheduler.trust(&self.plan.region, &self.plan.account),
            policies: Vec::new(),
            inline: policy.cloned(),
            boundary: None,
            tags: scheduler.tags.clone(),
        }
    }
}
