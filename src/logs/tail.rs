//! The lines of a log that were not read before.

use std::collections::BTreeMap;

use crate::remote::{Aws, Error, aws::LogEvent};

/// Events may arrive late by so much, so each question reaches back that far.
const LATE_MS: i64 = 10_000;

/// What was read already, and how often: an emulator may give events no ids.
#[derive(Debug)]
pub struct Tail {
    group: String,
    since_ms: i64,
    until_ms: Option<i64>,
    seen: BTreeMap<(i64, String, String), usize>,
}

impl Tail {
    /// The log of a group between two Unix times in milliseconds.
    pub fn new(group: &str, since_ms: i64, until_ms: Option<i64>) -> Self {
        Self {
            group: group.to_owned(),
            since_ms,
            until_ms,
            seen: BTreeMap::new(),
        }
    }

    /// The lines that came since the last question.
    ///
    /// # Errors
    /// What CloudWatch Logs said.
    pub async fn next(&mut self, aws: &Aws) -> Result<Vec<LogEvent>, Error> {
        let events = aws
            .log_events(&self.group, self.since_ms, self.until_ms)
            .await?;
        let mut now = BTreeMap::new();
        let mut new = Vec::new();
        for event in events {
            self.since_ms = self.since_ms.max(event.at_ms - LATE_MS);
            let key = (event.at_ms, event.id.clone(), event.message.clone());
            let times: &mut usize = now.entry(key.clone()).or_default();
            *times += 1;
            let seen = self.seen.entry(key).or_default();
            if *times > *seen {
                *seen = *times;
                new.push(event);
            }
        }
        let since = self.since_ms;
        self.seen.retain(|(at, ..), _| *at >= since);
        Ok(new)
    }
}
