//! Handling of recursive calls by way of queues, topics, buckets or destinations.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>

use aws_sdk_lambda::types;

use super::call;
use crate::{
    model::RecursiveLoop,
    remote::{Aws, Error, aws::call::absent},
};

impl Aws {
    /// Lambda's handling of recursive calls; `None` where the function does not exist.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionRecursionConfig.html>
    pub async fn recursive_loop(&self, name: &str) -> Result<Option<RecursiveLoop>, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client.get_function_recursion_config().function_name(name);
        let sent = || request.clone().send();
        let answer = self.call(call("GetFunctionRecursionConfig", &what), sent);
        let mode = |mode: Option<types::RecursiveLoop>| match mode {
            Some(mode) => RecursiveLoop::from(mode.as_str()),
            None => RecursiveLoop::Terminate,
        };
        Ok(absent(answer.await)?.map(|answer| mode(answer.recursive_loop)))
    }

    /// Sets the handling of recursive calls.
    pub async fn set_recursive_loop(
        &self,
        name: &str,
        wanted: &RecursiveLoop,
    ) -> Result<(), Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client
            .put_function_recursion_config()
            .function_name(name)
            .recursive_loop(types::RecursiveLoop::from(wanted.as_str()));
        let sent = || request.clone().send();
        self.call(call("PutFunctionRecursionConfig", &what), sent)
            .await?;
        Ok(())
    }
}
