//! Provisioned concurrency of an alias.

use super::{call, settings};
use crate::{
    model::reach::Provisioned,
    remote::{
        Aws, Error,
        aws::call::{absent, gone},
    },
};

impl Aws {
    /// The requested number, and its state.
    pub async fn provisioned(&self, name: &str, alias: &str) -> Result<Option<Provisioned>, Error> {
        let what = format!("provisioned concurrency of {name}:{alias}");
        let client = self.shared.lambda();
        let request = client
            .get_provisioned_concurrency_config()
            .function_name(name)
            .qualifier(alias);
        let answer = self.call(call("GetProvisionedConcurrencyConfig", &what), || {
            request.clone().send()
        });
        let found = absent(answer.await)?;
        Ok(found.map(|one| Provisioned {
            requested: one
                .requested_provisioned_concurrent_executions
                .and_then(|number| number.try_into().ok())
                .unwrap_or_default(),
            status: one
                .status
                .map(|status| status.as_str().to_owned())
                .unwrap_or_default(),
            reason: one.status_reason,
        }))
    }

    /// Requests a number, or removes the setting; Lambda prepares the executions after its answer.
    pub async fn set_provisioned(
        &self,
        name: &str,
        alias: &str,
        wanted: Option<u32>,
    ) -> Result<(), Error> {
        let what = format!("provisioned concurrency of {name}:{alias}");
        let client = self.shared.lambda();
        let Some(wanted) = settings::number(wanted) else {
            let request = client
                .delete_provisioned_concurrency_config()
                .function_name(name)
                .qualifier(alias);
            let answer = self.call(call("DeleteProvisionedConcurrencyConfig", &what), || {
                request.clone().send()
            });
            return gone(answer.await);
        };
        let request = client
            .put_provisioned_concurrency_config()
            .function_name(name)
            .qualifier(alias)
            .provisioned_concurrent_executions(wanted);
        self.call(call("PutProvisionedConcurrencyConfig", &what), || {
            request.clone().send()
        })
        .await?;
        Ok(())
    }
}
