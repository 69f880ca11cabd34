//! Settings of asynchronous calls of an alias.

use aws_sdk_lambda::types::{DestinationConfig, OnFailure, OnSuccess};

use super::{call, settings};
use crate::{
    model::reach::{Asynchronous, DEFAULT_MAX_AGE_S, DEFAULT_RETRIES},
    remote::{
        Aws, Error,
        aws::call::{absent, gone},
    },
};

impl Aws {
    /// The settings of the function's alias, or of the function itself without an alias.
    pub async fn asynchronous(
        &self,
        name: &str,
        alias: Option<&str>,
    ) -> Result<Option<Asynchronous<String>>, Error> {
        let what = format!("asynchronous configuration of function {name}");
        let client = self.shared.lambda();
        let request = client
            .get_function_event_invoke_config()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned));
        let answer = self.call(call("GetFunctionEventInvokeConfig", &what), || {
            request.clone().send()
        });
        let Some(found) = absent(answer.await)? else {
            return Ok(None);
        };
        let number = |value: Option<i32>, default| {
            value
                .and_then(|value| value.try_into().ok())
                .unwrap_or(default)
        };
        let to = found
            .destination_config
            .unwrap_or_else(|| DestinationConfig::builder().build());
        let is_set = |arn: &String| !arn.is_empty();
        Ok(Some(Asynchronous {
            retries: number(found.maximum_retry_attempts, DEFAULT_RETRIES),
            max_age_s: number(found.maximum_event_age_in_seconds, DEFAULT_MAX_AGE_S),
            on_success: to.on_success.and_then(|to| to.destination).filter(is_set),
            on_failure: to.on_failure.and_then(|to| to.destination).filter(is_set),
        }))
    }

    /// Sets all of them.
    pub async fn set_asynchronous(
        &self,
        name: &str,
        alias: Option<&str>,
        wanted: &Asynchronous<String>,
    ) -> Result<(), Error> {
        let what = format!("asynchronous configuration of function {name}");
        let success = OnSuccess::builder().set_destination(wanted.on_success.clone());
        let failure = OnFailure::builder().set_destination(wanted.on_failure.clone());
        let to = DestinationConfig::builder()
            .on_success(success.build())
            .on_failure(failure.build());
        let client = self.shared.lambda();
        let request = client
            .put_function_event_invoke_config()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned))
            .set_maximum_retry_attempts(settings::number(Some(wanted.retries)))
            .set_maximum_event_age_in_seconds(settings::number(Some(wanted.max_age_s)))
            .destination_config(to.build());
        self.call(call("PutFunctionEventInvokeConfig", &what), || {
            request.clone().send()
        })
        .await?;
        Ok(())
    }

    /// Goes back to Lambda's defaults; no error where nothing is set.
    pub async fn reset_asynchronous(&self, name: &str, alias: Option<&str>) -> Result<(), Error> {
        let what = format!("asynchronous configuration of function {name}");
        let client = self.shared.lambda();
        let request = client
            .delete_function_event_invoke_config()
            .function_name(name)
            .set_qualifier(alias.map(str::to_owned));
        let answer = self.call(call("DeleteFunctionEventInvokeConfig", &what), || {
            request.clone().send()
        });
        gone(answer.await)
    }
}
