//! Event sources at other services: notifications of S3, rules of EventBridge, subscriptions of
//! SNS, schedules.

mod notification;
mod rule;
mod schedule;
mod subscription;

pub use notification::Notifications;
pub use rule::RuleState;
pub use schedule::{GroupState, ScheduleState};
