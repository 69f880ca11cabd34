//! Invocations.

use aws_sdk_lambda::types::LogType;
use aws_smithy_types::{Blob, base64};

use super::call;
use crate::remote::{Aws, Error, aws::Invocation};

impl Aws {
    /// What the function answers to this payload; an error of the function's own is an answer too. `with_log` asks for the last
    /// 4 KB of the log. Repeated only where Lambda did not begin it.
    pub async fn invoke(
        &self,
        name: &str,
        qualifier: Option<&str>,
        payload: &[u8],
        with_log: bool,
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
            .call(call("Invoke", &what), || request.clone().send())
            .await?;
        Ok(Invocation {
            payload: answer.payload.map(Blob::into_inner).unwrap_or_default(),
            function_error: answer.function_error,
            version: answer.executed_version,
            log: answer.log_result.map(decoded).unwrap_or_default(),
        })
    }
}

/// The log as text; as it came where it is not base64.
fn decoded(log: String) -> String {
    match base64::decode(&log) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => log,
    }
}
