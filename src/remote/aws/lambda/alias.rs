//! Aliases.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::AliasRoutingConfiguration;

use super::call;
use crate::{
    model::observed::Alias,
    remote::{Aws, Error, aws::call::absent},
};

impl Aws {
    /// The alias.
    pub async fn alias(&self, name: &str, alias: &str) -> Result<Option<Alias>, Error> {
        let what = format!("alias {name}:{alias}");
        let client = self.shared.lambda();
        let request = client.get_alias().function_name(name).name(alias);
        let answer = self.call(call("GetAlias", &what), || request.clone().send());
        let found = absent(answer.await)?;
        Ok(found.map(|one| read(one.function_version, one.routing_config, one.revision_id)))
    }

    /// Makes the alias.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it exists.
    pub async fn create_alias(
        &self,
        name: &str,
        alias: &str,
        version: &str,
    ) -> Result<Alias, Error> {
        let what = format!("alias {name}:{alias}");
        let client = self.shared.lambda();
        let request = client
            .create_alias()
            .function_name(name)
            .name(alias)
            .function_version(version);
        let one = self
            .call(call("CreateAlias", &what), || request.clone().send())
            .await?;
        Ok(read(
            one.function_version,
            one.routing_config,
            one.revision_id,
        ))
    }

    /// Points the alias at that version alone: weights that were left over go.
    ///
    /// # Errors
    /// [`Error::Changed`] where its revision is no longer `revision`.
    pub async fn update_alias(
        &self,
        name: &str,
        alias: &str,
        version: &str,
        revision: &str,
    ) -> Result<Alias, Error> {
        let what = format!("alias {name}:{alias}");
        let no_weights = AliasRoutingConfiguration::builder()
            .set_additional_version_weights(Some(Default::default()))
            .build();
        let client = self.shared.lambda();
        let request = client
            .update_alias()
            .function_name(name)
            .name(alias)
            .function_version(version)
            .routing_config(no_weights)
            .revision_id(revision);
        let one = self
            .call(call("UpdateAlias", &what), || request.clone().send())
            .await?;
        Ok(read(
            one.function_version,
            one.routing_config,
            one.revision_id,
        ))
    }

    /// The versions that any alias of the function names, weights included, each once.
    pub async fn aliased_versions(&self, name: &str) -> Result<BTreeSet<String>, Error> {
        let aliases = self.aliases(name).await?.into_values();
        let versions = |alias: Alias| alias.weights.into_keys().chain([alias.version]);
        Ok(aliases.flat_map(versions).collect())
    }

    /// Every alias of the function; none where there is no function.
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
                let alias = read(one.function_version, one.routing_config, one.revision_id);
                aliases.insert(one.name.unwrap_or_default(), alias);
            }
            match page.next_marker.filter(|marker| !marker.is_empty()) {
                Some(marker) => request = request.marker(marker),
                None => return Ok(aliases),
            }
        }
    }
}

fn read(
    version: Option<String>,
    routing: Option<AliasRoutingConfiguration>,
    revision: Option<String>,
) -> Alias {
    let weights = routing.and_then(|routing| routing.additional_version_weights);
    Alias {
        version: version.unwrap_or_default(),
        weights: weights.unwrap_or_default().into_iter().collect(),
        revision: revision.unwrap_or_default(),
    }
}
