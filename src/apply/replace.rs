//! Deletes a function that failed to be created or has another package type, and creates it again
//! once Lambda has released its name.

use std::time::Duration;

use tokio::time::Instant;

use super::{CURRENT, Error, Shared};
use crate::{
    model::{Event, State, desired::owned},
    remote,
};

/// The first wait for the name; each further one is twice as long, up to the last.
const FIRST: Duration = Duration::from_millis(500);
const LAST: Duration = Duration::from_secs(5);
/// How long to wait for the name in total.
const LIMIT: Duration = Duration::from_secs(120);

impl Shared {
    /// Deletes the function, if it is still as planned, and creates it.
    ///
    /// A missing function was deleted by an interrupted apply.
    pub(super) async fn replace_function(
        &self,
        key: &str,
        (role, digest): (&str, &str),
        planned: Option<&str>,
    ) -> Result<String, Error> {
        let deleted = self.delete_before(key, planned).await?;
        let begun = Instant::now();
        let mut wait = FIRST;
        for attempt in 1.. {
            let created = self.create_function(key, role, digest).await;
            let waits = is_name_taken(&created)
                && begun.elapsed() < LIMIT
                && self.is_going(key, deleted.as_deref()).await?;
            if !waits {
                return created;
            }
            self.report_wait(attempt, wait);
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LAST);
        }
        Ok(String::new())
    }

    /// Deletes the function; returns its revision, or `None` if nothing was deleted.
    ///
    /// `planned` is the revision of a function that could run: then nothing else is deleted, and a
    /// function that has the wanted package type already stays.
    async fn delete_before(
        &self,
        key: &str,
        planned: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let function = self.function(key)?;
        let (aws, name) = (self.aws()?, &function.name);
        let Some(found) = aws.function(name, None).await? else {
            return Ok(None);
        };
        if !owned(&found.tags, &function.ownership) {
            let resource = format!("function {name}");
            return Err(Error::Foreign { resource });
        }
        if let Some(planned) = planned {
            if found.package_type == function.form().package_type() {
                return Ok(None);
            }
            if found.revision != planned {
                return Err(Error::Changed {
                    name: name.clone(),
                    what: "it has another revision".to_owned(),
                });
            }
            aws.delete_function(name).await?;
            return Ok(Some(found.revision));
        }
        let (versions, named) = tokio::try_join!(aws.versions(name), aws.aliased_versions(name))?;
        if found.state != State::Failed || !versions.is_empty() || !named.is_empty() {
            return Err(Error::Changed {
                name: name.clone(),
                what: "it can run now, or has a version or an alias".to_owned(),
            });
        }
        aws.delete_function(name).await?;
        Ok(Some(found.revision))
    }

    /// Whether Lambda still reserves the name for the deleted function.
    async fn is_going(&self, key: &str, deleted: Option<&str>) -> Result<bool, Error> {
        let name = &self.function(key)?.name;
        let found = self.aws()?.function(name, None).await?;
        Ok(found.is_none_or(|found| deleted == Some(found.revision.as_str())))
    }

    fn report_wait(&self, attempt: u32, wait: Duration) {
        let Ok(step) = CURRENT.try_with(Clone::clone) else {
            return;
        };
        self.send(Event::Retry {
            step,
            why: "CreateFunction: Lambda is still deleting the function of that name".to_owned(),
            attempt,
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        });
    }
}

/// Whether Lambda refused the name although its owner is being deleted or gone.
fn is_name_taken(created: &Result<String, Error>) -> bool {
    matches!(
        created,
        Err(Error::Gone { .. }
            | Error::Failed { .. }
            | Error::Remote(remote::Error::Missing { .. }))
    )
}
