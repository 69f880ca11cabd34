//! Aliases.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::AliasRoutingConfiguration;

use super::call;
use crate::{
    model::observed::Alias,
    remote::{Aws, Error, aws::call::absent},
};

/// The alias in an answer: the SDK has a type for each operation.
macro_rules! read {
    ($answer:expr) => {{
        let answer = $answer;
        let weights = answer.routing_config;
        let weights = weights.and_then(|routing| routing.additional_version_weights);
        Alias {
            version: answer.function_version.unwrap_or_default(),
            weights: weights.unwrap_or_default().into_iter().collect(),
            revision: answer.revision_id.unwrap_or_default(),
            description: answer.description.unwrap_or_default(),
        }
    }};
}

/// The new content of an alias: its version, and what its description records.
#[derive(Clone, Copy, Debug)]
pub struct Pointed<'a> {
    /// Number of the published version that has the rest of the traffic.
    pub version: &'a str,
    /// Further versions with their share of the traffic, between 0 and 1; if empty, the version has
    /// all of it.
    pub weights: &'a BTreeMap<String, f64>,
    /// Text in which jot records the releases, as
    /// [`Releases`](crate::model::release::Releases) prints them.
    pub description: &'a str,
}

impl<'a> Pointed<'a> {
    /// An alias with a version that has all traffic.
    pub fn at(version: &'a str, description: &'a str) -> Self {
        const NONE: &BTreeMap<String, f64> = &BTreeMap::new();
        Self {
            version,
            weights: NONE,
            description,
        }
    }
}

impl Aws {
    /// The versions, description and revision of the alias; `None` if it does not exist.
    pub async fn alias(&self, name: &str, alias: &str) -> Result<Option<Alias>, Error> {
        let what = format!("alias {name}:{alias}");
        let client = self.shared.lambda();
        let request = client.get_alias().function_name(name).name(alias);
        let answer = self.call(call("GetAlias", &what), || request.clone().send());
        let found = absent(answer.await)?;
        Ok(found.map(|one| read!(one)))
    }

    /// Creates the alias.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_alias(
        &self,
        name: &str,
        alias: &str,
        Pointed {
            version,
            description,
            ..
        }: Pointed<'_>,
    ) -> Result<Alias, Error> {
        let what = format!("alias {name}:{alias}");
        let client = self.shared.lambda();
        let request = client
            .create_alias()
            .function_name(name)
            .name(alias)
            .function_version(version)
            .description(description);
        let one = self
            .call(call("CreateAlias", &what), || request.clone().send())
            .await?;
        Ok(read!(one))
    }

    /// Points the alias at this version with exactly these weights.
    ///
    /// # Errors
    ///
    /// [`Error::Changed`] where its revision is no longer `revision`.
    pub async fn update_alias(
        &self,
        name: &str,
        alias: &str,
        to: Pointed<'_>,
        revision: &str,
    ) -> Result<Alias, Error> {
        let what = format!("alias {name}:{alias}");
        let weights = to.weights.clone().into_iter().collect();
        let routing = AliasRoutingConfiguration::builder()
            .set_additional_version_weights(Some(weights))
            .build();
        let client = self.shared.lambda();
        let request = client
            .update_alias()
            .function_name(name)
            .name(alias)
            .function_version(to.version)
            .description(to.description)
            .routing_config(routing)
            .revision_id(revision);
        let one = self
            .call(call("UpdateAlias", &what), || request.clone().send())
            .await?;
        Ok(read!(one))
    }

    /// The versions that any alias of the function names, including weighted ones, each once.
    pub async fn aliased_versions(&self, name: &str) -> Result<BTreeSet<String>, Error> {
        let aliases = self.aliases(name).await?.into_values();
        let versions = |alias: Alias| alias.weights.into_keys().chain([alias.version]);
        Ok(aliases.flat_map(versions).collect())
    }

    /// Every alias of the function; none where the function does not exist.
    pub async fn aliases(&self, name: &str) -> Result<BTreeMap<String, Alias>, Error> {
        let what = format!("function {name}");
        let mut request = self.shared.lambda().list_aliases().function_name(name);
        let mut aliases = BTreeMap::new();
        loop {
            let page = self.call(call("ListAliases", &what), || request.clone().send());
            let Some(page) = absent(page.await)? else {
                return Ok(aliases);
            };
            for one in page.aliases.unwrap_or_default() {
                let name = one.name.clone().unwrap_or_default();
                aliases.insert(name, read!(one));
            }
            match page.next_marker.filter(|marker| !marker.is_empty()) {
                Some(marker) => request = request.marker(marker),
                None => return Ok(aliases),
            }
        }
    }
}
