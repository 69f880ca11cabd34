//! Invocations.

use aws_sdk_lambda::{
    operation::RequestId,
    types::{InvocationType, LogType},
};
use aws_smithy_types::{Blob, base64};

use super::call;
use crate::{
    model::streamed,
    remote::{Aws, Error, aws::Invocation},
};

impl Aws {
    /// Calls the function; an error of the function itself is an answer too.
    ///
    /// `with_log` requests the last 4 KB of the log. Repeated only where Lambda did not start it.
    pub async fn invoke(
        &self,
        name: &str,
        qualifier: Option<&str>,
        payload: &[u8],
        with_log: bool,
    ) -> Result<Invocation, Error> {
        self.invoked(name, qualifier, payload, (with_log, false))
            .await
    }

    /// As [`Aws::invoke`], with the log, for a payload that is safe to send twice, as a test's is:
    /// also repeated where no answer came.
    pub async fn invoke_again(
        &self,
        name: &str,
        qualifier: Option<&str>,
        payload: &[u8],
    ) -> Result<Invocation, Error> {
        self.invoked(name, qualifier, payload, (true, true)).await
    }

    /// Sends the payload for an asynchronous call; returns the id of the request.
    pub async fn invoke_later(
        &self,
        name: &str,
        qualifier: Option<&str>,
        payload: &[u8],
    ) -> Result<Option<String>, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client
            .invoke()
            .function_name(name)
            .set_qualifier(qualifier.map(str::to_owned))
            .payload(Blob::new(payload))
            .invocation_type(InvocationType::Event);
        let answer = self
            .repeated(call("Invoke", &what), false, || request.clone().send())
            .await?;
        Ok(answer.request_id().map(str::to_owned))
    }

    async fn invoked(
        &self,
        name: &str,
        qualifier: Option<&str>,
        payload: &[u8],
        (with_log, again): (bool, bool),
    ) -> Result<Invocation, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client
            .invoke()
            .function_name(name)
            .set_qualifier(qualifier.map(str::to_owned))
            .payload(Blob::new(payload))
            .set_log_type(with_log.then_some(LogType::Tail));
        let answer = self
            .repeated(call("Invoke", &what), again, || request.clone().send())
            .await?;
        Ok(Invocation {
            request_id: answer.request_id().map(str::to_owned),
            payload: streamed::whole(answer.payload.map(Blob::into_inner).unwrap_or_default()),
            function_error: answer.function_error,
            version: answer.executed_version,
            log: answer.log_result.map(decoded).unwrap_or_default(),
        })
    }
}

/// The log as text; unchanged where it is not base64.
fn decoded(log: String) -> String {
    match base64::decode(&log) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => log,
    }
}
