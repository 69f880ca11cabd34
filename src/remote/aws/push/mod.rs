//! What calls a function at other services: notifications of S3, rules of EventBridge, subscriptions of SNS.

mod notification;
mod rule;
mod subscription;

pub use notification::Notifications;
pub use rule::RuleState;
