//! Rules of EventBridge, each with the one function that it calls.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html>

use aws_sdk_eventbridge::types::{RuleState as State, Target};
use serde_json::Value as Json;

use crate::{
    model::{json::sorted, push::Rule},
    remote::{
        Aws, Error,
        aws::{
            call::{absent, gone},
            service::{Call, Service},
            unbuildable,
        },
    },
};

/// The id of the target that jot gives a rule.
const TARGET: &str = "jot";

/// A rule and its targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleState {
    /// Its bus and pattern, and whether it is enabled.
    pub rule: Rule,
    /// The ARNs of its targets.
    pub targets: Vec<String>,
}

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::Events,
        operation,
        resource,
    }
}

impl Aws {
    /// The rule of this event bus and name with its targets; two concurrent requests.
    pub async fn rule(&self, bus: &str, name: &str) -> Result<Option<RuleState>, Error> {
        let what = format!("rule {name}");
        let request = self.shared.events().describe_rule();
        let request = request.name(name).event_bus_name(bus);
        let asked = async {
            let answer = self.call(call("DescribeRule", &what), || request.clone().send());
            absent(answer.await)
        };
        let (found, targets) = tokio::try_join!(asked, self.targets(bus, name))?;
        Ok(found.map(|found| RuleState {
            rule: Rule {
                bus: bus.to_owned(),
                pattern: normal(found.event_pattern().unwrap_or_default()),
                enabled: found.state() != Some(&State::Disabled),
            },
            targets: targets.into_iter().map(|target| target.arn).collect(),
        }))
    }

    /// Creates or updates the rule, with this ARN as its only target.
    pub async fn put_rule(&self, name: &str, rule: &Rule, arn: &str) -> Result<(), Error> {
        let what = format!("rule {name}");
        let client = self.shared.events();
        let target = Target::builder().id(TARGET).arn(arn).build();
        let target = target.map_err(|cause| unbuildable(&what, &cause))?;
        let request = client
            .put_rule()
            .name(name)
            .event_bus_name(&rule.bus)
            .event_pattern(&rule.pattern)
            .state(match rule.enabled {
                true => State::Enabled,
                false => State::Disabled,
            });
        self.call(call("PutRule", &what), || request.clone().send())
            .await?;
        let request = client.put_targets().rule(name).event_bus_name(&rule.bus);
        let request = request.targets(target);
        let answer = self
            .call(call("PutTargets", &what), || request.clone().send())
            .await?;
        if let Some(failed) = answer.failed_entries().first() {
            let reason = failed.error_message().or(failed.error_code());
            return Err(Error::Failed {
                resource: what,
                reason: reason.unwrap_or("its target was not accepted").to_owned(),
                help: None,
            });
        }
        let others = self.targets(&rule.bus, name).await?.into_iter();
        let others = others.map(|target| target.id).filter(|id| id != TARGET);
        self.remove_targets(&rule.bus, name, others.collect()).await
    }

    /// Deletes the rule with its targets; a missing one is no error.
    pub async fn delete_rule(&self, bus: &str, name: &str) -> Result<(), Error> {
        let what = format!("rule {name}");
        let targets = self.targets(bus, name).await?.into_iter();
        let targets = targets.map(|target| target.id).collect();
        self.remove_targets(bus, name, targets).await?;
        let request = self.shared.events().delete_rule();
        let request = request.name(name).event_bus_name(bus);
        gone(
            self.call(call("DeleteRule", &what), || request.clone().send())
                .await,
        )
    }

    /// The targets of a rule, at most five by AWS's quota; none where it does not exist.
    async fn targets(&self, bus: &str, name: &str) -> Result<Vec<Target>, Error> {
        let what = format!("rule {name}");
        let request = self.shared.events().list_targets_by_rule();
        let request = request.rule(name).event_bus_name(bus);
        let answer = self.call(call("ListTargetsByRule", &what), || request.clone().send());
        let found = absent(answer.await)?;
        Ok(found.and_then(|found| found.targets).unwrap_or_default())
    }

    async fn remove_targets(&self, bus: &str, name: &str, ids: Vec<String>) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        let what = format!("rule {name}");
        let request = self.shared.events().remove_targets();
        let request = request.rule(name).event_bus_name(bus).set_ids(Some(ids));
        gone(
            self.call(call("RemoveTargets", &what), || request.clone().send())
                .await,
        )
    }
}

/// The pattern with sorted names, as jot writes it.
fn normal(pattern: &str) -> String {
    let json: Option<Json> = serde_json::from_str(pattern).ok();
    json.map_or_else(|| pattern.to_owned(), |json| sorted(&json).to_string())
}
