//! CloudFormation: outputs of stacks, and exports.

use std::collections::BTreeMap;

use super::{
    Aws,
    reading::read,
    service::{Call, Service},
};
use crate::{model::observed::Reading, remote::Error};

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::CloudFormation,
        operation,
        resource,
    }
}

impl Aws {
    /// The outputs of a stack, by key; or why they could not be read.
    pub async fn stack_outputs(
        &self,
        stack: &str,
    ) -> Result<Result<BTreeMap<String, String>, Reading>, Error> {
        let what = format!("stack {stack}");
        let request = self.shared.cloudformation().describe_stacks();
        let request = request.stack_name(stack);
        let answer = self.call(call("DescribeStacks", &what), || request.clone().send());
        let answer = answer.await.map(|answer| {
            let stacks = answer.stacks.unwrap_or_default().into_iter();
            let outputs = stacks.flat_map(|stack| stack.outputs.unwrap_or_default());
            let outputs =
                outputs.filter_map(|output| Some((output.output_key?, output.output_value?)));
            outputs.collect()
        });
        read(answer)
    }

    /// All exports of the region's stacks, by name; or why they could not be read.
    pub async fn exports(&self) -> Result<Result<BTreeMap<String, String>, Reading>, Error> {
        read(self.list_exports().await)
    }

    async fn list_exports(&self) -> Result<BTreeMap<String, String>, Error> {
        let mut request = self.shared.cloudformation().list_exports();
        let mut all = BTreeMap::new();
        loop {
            let page = self.call(call("ListExports", "exports"), || request.clone().send());
            let page = page.await?;
            let exports = page.exports.unwrap_or_default().into_iter();
            all.extend(exports.filter_map(|export| Some((export.name?, export.value?))));
            match page.next_token {
                Some(next) => request = request.next_token(next),
                None => return Ok(all),
            }
        }
    }
}
