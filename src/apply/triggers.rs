//! Event source mappings.
//!
//! Lambda applies a change after it has answered, so each change is waited for before the next.

use std::{collections::BTreeMap, time::Duration};

use super::{Error, Shared};
use crate::{
    model::{Mapping, MappingState, mapping::TAG_TRIGGER},
    remote,
};

/// How often to ask Lambda whether a mapping has changed.
const POLL: Duration = Duration::from_secs(1);
/// How many times at most: five minutes.
const POLLS: u32 = 300;

impl Shared {
    pub(super) async fn create_mapping(
        &self,
        key: &str,
        trigger: &str,
        mapping: &Mapping,
    ) -> Result<(), Error> {
        let function = self.function(key)?;
        let alias = function.deploy.alias.as_deref();
        let aws = self.aws()?;
        let mut tags = function.ownership.clone();
        tags.insert(TAG_TRIGGER.to_owned(), trigger.to_owned());
        for _ in 0..POLLS {
            let conflict = match aws
                .create_mapping(&function.name, alias, mapping, &tags)
                .await
            {
                Ok(uuid) => return self.wait_for_mapping(&uuid).await.map(drop),
                Err(error @ remote::Error::Conflict { .. }) => error,
                Err(error) => return Err(error.into()),
            };
            // An earlier request that got no answer, or a mapping that is about to go.
            let existing: BTreeMap<_, _> = aws.mappings(&function.name, alias).await?;
            let of = existing.iter().find(|(_, one)| one.mapping.is_of(mapping));
            match of {
                Some((uuid, one)) if !one.is_going() => {
                    self.wait_for_mapping(uuid).await?;
                    return match one.mapping.reads_as(mapping) {
                        true => self.update_mapping((key, false), uuid, mapping).await,
                        false => Err(conflict.into()),
                    };
                }
                Some(_) => self.droppable(pause()).await?,
                None => return Err(conflict.into()),
            }
        }
        Err(Error::Gone {
            resource: format!("trigger {trigger} of function {}", function.name),
        })
    }

    pub(super) async fn update_mapping(
        &self,
        (key, tags): (&str, bool),
        uuid: &str,
        mapping: &Mapping,
    ) -> Result<(), Error> {
        self.wait_for_mapping(uuid).await?;
        let aws = self.aws()?;
        if tags {
            let ownership = &self.function(key)?.ownership;
            aws.tag_mapping(uuid, ownership).await?;
        }
        aws.update_mapping(uuid, mapping).await?;
        self.wait_for_mapping(uuid).await.map(drop)
    }

    /// Disables the mapping, so that it reads no more, then deletes it and waits until it is gone.
    ///
    /// It would call a new function of the same name.
    pub(super) async fn delete_mapping(&self, uuid: &str) -> Result<(), Error> {
        let aws = self.aws()?;
        let Some(found) = self.wait_for_mapping(uuid).await? else {
            return Ok(());
        };
        if found.mapping.enabled {
            aws.disable_mapping(uuid).await?;
            self.wait_for_mapping(uuid).await?;
        }
        aws.delete_mapping(uuid).await?;
        for _ in 0..POLLS {
            if aws.mapping(uuid).await?.is_none() {
                break;
            }
            self.droppable(pause()).await?;
        }
        Ok(())
    }

    /// The mapping once Lambda no longer changes it; `None` if it does not exist.
    async fn wait_for_mapping(&self, uuid: &str) -> Result<Option<MappingState>, Error> {
        for _ in 0..POLLS {
            match self.aws()?.mapping(uuid).await? {
                Some(found) if is_settled(&found.state) => return Ok(Some(found)),
                Some(_) => self.droppable(pause()).await?,
                None => return Ok(None),
            }
        }
        Ok(None)
    }
}

async fn pause() -> Result<(), Error> {
    tokio::time::sleep(POLL).await;
    Ok(())
}

fn is_settled(state: &str) -> bool {
    !matches!(
        state,
        "Creating" | "Enabling" | "Disabling" | "Updating" | "Deleting"
    )
}
