//! New lines of a log.

use std::collections::BTreeMap;

use crate::remote::{Aws, Error, aws::LogEvent};

/// How late events may arrive; each request reaches back that far.
const LATE_MS: i64 = 10_000;

/// A log group, and the events that were already read, with their number: an emulator may omit
/// event ids.
#[derive(Debug)]
pub struct Tail {
    group: String,
    /// The function to read; several may write to one group.
    of: Option<String>,
    since_ms: i64,
    until_ms: Option<i64>,
    seen: BTreeMap<(i64, String, String), usize>,
}

impl Tail {
    /// The log of a group between two Unix times in milliseconds.
    pub fn new(group: &str, since_ms: i64, until_ms: Option<i64>) -> Self {
        Self {
            group: group.to_owned(),
            of: None,
            since_ms,
            until_ms,
            seen: BTreeMap::new(),
        }
    }

    /// Restricts the log to one function.
    #[must_use]
    pub fn of(self, function: &str) -> Self {
        Self {
            of: Some(function.to_owned()),
            ..self
        }
    }

    /// The lines that arrived since the last request.
    ///
    /// # Errors
    /// CloudWatch Logs failed.
    pub async fn next(&mut self, aws: &Aws) -> Result<Vec<LogEvent>, Error> {
        let mut events = aws
            .log_events(&self.group, self.since_ms, self.until_ms)
            .await?;
        if let Some(function) = &self.of {
            events.retain(|event| writer(&event.stream).is_none_or(|writer| writer == function));
        }
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

/// The function in a stream's name.
///
/// The name is `YYYY/MM/DD/<function>[<version>][<environment>]` in a log group with another name
/// than the function's, `YYYY/MM/DD/[<version>]<environment>` in the function's own.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html>
fn writer(stream: &str) -> Option<&str> {
    let (name, _) = stream.splitn(4, '/').nth(3)?.split_once('[')?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_of_a_shared_group_names_its_function() {
        assert_eq!(writer("2026/01/02/double[3][0a1b]"), Some("double"));
        assert_eq!(writer("2026/01/02/double[$LATEST][0a1b]"), Some("double"));
        assert_eq!(writer("2026/01/02/[$LATEST]0a1b"), None);
        assert_eq!(writer("any"), None);
    }
}
