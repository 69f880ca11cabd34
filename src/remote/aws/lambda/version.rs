//! Published versions.

use aws_sdk_lambda::types::FunctionConfiguration;

use super::{call, function::configuration, state};
use crate::{
    model::{observed::FunctionState, version::Version},
    remote::{
        Aws, Error,
        aws::{
            call::{absent, gone},
            incomplete,
        },
    },
};

impl Aws {
    /// Publishes `$LATEST`; returns the version's state, without tags and image.
    ///
    /// Lambda returns the newest version again where neither code nor configuration changed since.
    ///
    /// # Errors
    ///
    /// [`Error::Changed`] where the function's revision is no longer `revision`.
    pub async fn publish_version(
        &self,
        name: &str,
        description: &str,
        revision: &str,
    ) -> Result<FunctionState, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client
            .publish_version()
            .function_name(name)
            .description(description)
            .revision_id(revision);
        let answer = self
            .call(call("PublishVersion", &what), || request.clone().send())
            .await?;
        if answer.version.is_none() {
            return Err(incomplete(&what, "Version"));
        }
        state::of_configuration(configuration!(answer), &what)
    }

    /// Version numbers, oldest first, without `$LATEST`.
    pub async fn versions(&self, name: &str) -> Result<Vec<String>, Error> {
        let published = self.published(name).await?;
        Ok(published.into_iter().rev().map(|one| one.number).collect())
    }

    /// Published versions, newest first, without `$LATEST`; none where the function does not exist.
    pub async fn published(&self, name: &str) -> Result<Vec<Version>, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let mut request = client.list_versions_by_function().function_name(name);
        let mut versions: Vec<(u64, Version)> = Vec::new();
        loop {
            let page = self.call(call("ListVersionsByFunction", &what), || {
                request.clone().send()
            });
            let Some(page) = absent(page.await)? else {
                break;
            };
            versions.extend(
                page.versions
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(read),
            );
            match page.next_marker.filter(|marker| !marker.is_empty()) {
                Some(marker) => request = request.marker(marker),
                None => break,
            }
        }
        versions.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        Ok(versions.into_iter().map(|(_, version)| version).collect())
    }

    /// Deletes one version; Lambda refuses if an alias names it.
    pub async fn delete_version(&self, name: &str, version: &str) -> Result<(), Error> {
        let what = format!("function {name}:{version}");
        let client = self.shared.lambda();
        let request = client
            .delete_function()
            .function_name(name)
            .qualifier(version);
        gone(
            self.call(call("DeleteFunction", &what), || request.clone().send())
                .await,
        )
    }
}

fn read(one: FunctionConfiguration) -> Option<(u64, Version)> {
    let number = one.version?;
    Some((
        number.parse().ok()?,
        Version {
            number,
            description: one.description.unwrap_or_default(),
            published: one.last_modified.unwrap_or_default(),
        },
    ))
}
