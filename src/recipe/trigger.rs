//! The desired event source mappings. An ARN from elsewhere is empty.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::references::or_empty;
use crate::{
    manifest::types::{Function, StartingPosition, Trigger},
    model::{Mapping, json::sorted},
};

/// Default events in one call: of a queue, and of other sources.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
const BATCH: [u32; 2] = [10, 100];

/// Returns the mappings of a function by the manifest's names; `None` if it has no triggers.
pub fn wanted(function: &Function) -> Option<BTreeMap<String, Mapping>> {
    let triggers = function.triggers.as_ref()?.iter();
    let mapping = |(name, one): (&String, &Trigger)| Some((name.clone(), mapping(one)?));
    Some(triggers.filter_map(mapping).collect())
}

/// One of them; the manifest's rules have seen to it that it has a source.
fn mapping(trigger: &Trigger) -> Option<Mapping> {
    let sources = [
        &trigger.sqs,
        &trigger.kinesis,
        &trigger.dynamodb,
        &trigger.kafka,
    ];
    let source = or_empty(sources.into_iter().flatten().next()?);
    let filters = trigger.filters.iter().flatten();
    let mut filters: Vec<String> = filters
        .map(|pattern| sorted(&Json::Object(pattern.clone())).to_string())
        .collect();
    filters.sort();
    let position = trigger.starting_position.map(|position| match position {
        StartingPosition::Latest => "LATEST",
        StartingPosition::TrimHorizon => "TRIM_HORIZON",
    });
    Some(Mapping {
        source,
        topic: trigger.topic.clone(),
        consumer_group: trigger.consumer_group.clone(),
        starting_position: position.map(str::to_owned),
        enabled: trigger.enabled.unwrap_or(true),
        batch_size: trigger
            .batch_size
            .unwrap_or(BATCH[usize::from(trigger.sqs.is_none())]),
        batch_window_s: trigger.batch_window_s.unwrap_or(0),
        filters,
        partial_failures: trigger.partial_failures.unwrap_or(false),
        max_concurrency: trigger.max_concurrency,
        kms_key: trigger.kms_key.as_ref().map(or_empty),
        on_failure: trigger.on_failure.as_ref().map(or_empty),
        bisect: trigger.bisect.unwrap_or(false),
        retries: trigger.retries,
        max_age_s: trigger.max_age_s,
        parallel: trigger.parallel.unwrap_or(1),
        tumbling_s: trigger.tumbling_s.unwrap_or(0),
    })
}
