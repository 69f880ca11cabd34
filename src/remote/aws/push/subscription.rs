//! Functions that subscribe to topics of SNS.
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-lambda-as-subscriber.html>

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use crate::{
    model::{json::sorted, push::Subscription},
    remote::{
        Aws, Error,
        aws::{
            call::{absent, gone},
            service::{Call, Service},
        },
    },
};

/// The attributes that jot sets, by AWS's names.
const FILTER_POLICY: &str = "FilterPolicy";
const FILTER_SCOPE: &str = "FilterPolicyScope";
const REDRIVE: &str = "RedrivePolicy";
/// The field of a redrive policy.
const QUEUE: &str = "deadLetterTargetArn";
/// Value that resets an attribute.
const NOTHING: &str = "{}";

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::Sns,
        operation,
        resource,
    }
}

impl Aws {
    /// The functions that subscribe to a topic: the ARN of each subscription, and of the function.
    ///
    /// None where the topic does not exist.
    pub async fn subscribers(&self, topic: &str) -> Result<Vec<(String, String)>, Error> {
        let what = format!("topic {topic}");
        let mut request = self
            .shared
            .sns()
            .list_subscriptions_by_topic()
            .topic_arn(topic);
        let mut all = Vec::new();
        loop {
            let page = self.call(call("ListSubscriptionsByTopic", &what), || {
                request.clone().send()
            });
            let Some(page) = absent(page.await)? else {
                return Ok(all);
            };
            let found = page.subscriptions.unwrap_or_default().into_iter();
            let functions = found.filter(|one| one.protocol() == Some("lambda"));
            all.extend(functions.filter_map(|one| Some((one.subscription_arn?, one.endpoint?))));
            match page.next_token {
                Some(next) if !next.is_empty() => request = request.next_token(next),
                _ => return Ok(all),
            }
        }
    }

    /// A subscription of this topic by its ARN.
    pub async fn subscription(
        &self,
        topic: &str,
        arn: &str,
    ) -> Result<Option<Subscription>, Error> {
        let what = format!("subscription {arn}");
        let request = self.shared.sns().get_subscription_attributes();
        let request = request.subscription_arn(arn);
        let answer = self.call(call("GetSubscriptionAttributes", &what), || {
            request.clone().send()
        });
        let found = absent(answer.await)?;
        Ok(found.map(|found| read(topic, &found.attributes.unwrap_or_default())))
    }

    /// Subscribes a function to the topic; an equal existing subscription is no error.
    pub async fn subscribe(&self, one: &Subscription, function: &str) -> Result<(), Error> {
        let what = format!("topic {}", one.topic);
        let mut request = self.shared.sns().subscribe().topic_arn(&one.topic);
        request = request.protocol("lambda").endpoint(function);
        for (name, value) in attributes(one) {
            if value != NOTHING {
                request = request.attributes(name, value);
            }
        }
        self.call(call("Subscribe", &what), || request.clone().send())
            .await
            .map(drop)
    }

    /// Updates the settings of a subscription.
    pub async fn update_subscription(&self, arn: &str, one: &Subscription) -> Result<(), Error> {
        let what = format!("subscription {arn}");
        for (name, value) in attributes(one) {
            let request = self.shared.sns().set_subscription_attributes();
            let request = request
                .subscription_arn(arn)
                .attribute_name(name)
                .attribute_value(value);
            self.call(call("SetSubscriptionAttributes", &what), || {
                request.clone().send()
            })
            .await?;
        }
        Ok(())
    }

    /// Deletes a subscription; a missing one is no error.
    pub async fn unsubscribe(&self, arn: &str) -> Result<(), Error> {
        let what = format!("subscription {arn}");
        let request = self.shared.sns().unsubscribe().subscription_arn(arn);
        gone(
            self.call(call("Unsubscribe", &what), || request.clone().send())
                .await,
        )
    }
}

/// The attributes of a subscription, in an order that SNS accepts: a filter is checked against its
/// scope.
fn attributes(one: &Subscription) -> Vec<(&'static str, String)> {
    let scope = one.filter_scope.iter();
    let scope = scope.map(|scope| (FILTER_SCOPE, scope.clone()));
    let filter = one.filter_policy.clone();
    let queue = one.on_failure.as_ref();
    let queue = queue.map(|arn| json!({ QUEUE: arn }).to_string());
    let nothing = || NOTHING.to_owned();
    let rest = [
        (FILTER_POLICY, filter.unwrap_or_else(nothing)),
        (REDRIVE, queue.unwrap_or_else(nothing)),
    ];
    scope.chain(rest).collect()
}

fn read(topic: &str, attributes: &HashMap<String, String>) -> Subscription {
    let json = |name: &str| {
        let text = attributes.get(name).filter(|text| *text != NOTHING)?;
        serde_json::from_str::<Json>(text)
            .ok()
            .filter(|json| !json.is_null())
    };
    let filter_policy = json(FILTER_POLICY).map(|policy| sorted(&policy).to_string());
    let scope = attributes.get(FILTER_SCOPE);
    let scope = scope.map_or("MessageAttributes", String::as_str);
    let queue = json(REDRIVE);
    Subscription {
        topic: topic.to_owned(),
        filter_scope: filter_policy.as_ref().map(|_| scope.to_owned()),
        filter_policy,
        on_failure: queue.and_then(|redrive| redrive[QUEUE].as_str().map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_they_are_written() {
        let bare = Subscription {
            topic: "arn".to_owned(),
            filter_policy: None,
            filter_scope: None,
            on_failure: None,
        };
        let full = Subscription {
            filter_policy: Some(r#"{"kind":["vector"]}"#.to_owned()),
            filter_scope: Some("MessageBody".to_owned()),
            on_failure: Some("arn:aws:sqs:eu-west-1:123456789012:lost".to_owned()),
            ..bare.clone()
        };
        for one in [bare, full] {
            let names = attributes(&one).into_iter();
            let answer = names
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            assert_eq!(read("arn", &answer), one);
        }
    }
}
