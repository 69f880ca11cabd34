//! IAM: simulation of what a role or user may do, by its own policies.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};

use super::{
    Aws,
    service::{Call, Service},
};
use crate::remote::Error;

/// Actions to simulate on one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// Actions, such as `lambda:GetFunction`.
    pub actions: Vec<String>,
    /// An ARN, or `*`.
    pub resource: String,
    /// Values of condition keys.
    pub context: Vec<(String, Vec<String>)>,
}

impl Aws {
    /// The actions that the policies of this role or user do not allow.
    pub async fn simulate(&self, principal: &str, attempt: &Attempt) -> Result<Vec<String>, Error> {
        let call = Call {
            service: Service::Iam,
            operation: "SimulatePrincipalPolicy",
            resource: principal,
        };
        let entries = attempt.context.iter().map(|(key, values)| {
            ContextEntry::builder()
                .context_key_name(key)
                .set_context_key_values(Some(values.clone()))
                .context_key_type(ContextKeyTypeEnum::String)
                .build()
        });
        let entries: Vec<ContextEntry> = entries.collect();
        let client = self.shared.iam();
        let mut request = client
            .simulate_principal_policy()
            .policy_source_arn(principal)
            .set_action_names(Some(attempt.actions.clone()))
            .resource_arns(&attempt.resource)
            .set_context_entries((!entries.is_empty()).then_some(entries));
        let mut denied = Vec::new();
        loop {
            let page = self.call(call, || request.clone().send()).await?;
            let results = page.evaluation_results.unwrap_or_default().into_iter();
            let results =
                results.filter(|one| one.eval_decision != PolicyEvaluationDecisionType::Allowed);
            denied.extend(results.map(|one| one.eval_action_name));
            match page.marker.filter(|_| page.is_truncated) {
                Some(marker) => request = request.marker(marker),
                None => return Ok(denied),
            }
        }
    }
}
