//! Event source mappings.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::{
    operation::{
        create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder,
        update_event_source_mapping::builders::UpdateEventSourceMappingFluentBuilder,
    },
    types::{
        AmazonManagedKafkaEventSourceConfig, DestinationConfig, EventSourceMappingConfiguration,
        EventSourcePosition, Filter, FilterCriteria, FunctionResponseType, OnFailure,
        ScalingConfig,
    },
};

use super::{call, settings};
use crate::{
    model::{Mapping, MappingState, json::sorted},
    remote::{
        Aws, Error,
        aws::{
            call::{absent, gone},
            incomplete,
        },
    },
};

/// How Lambda spells that a stream has no limit of retries or of age.
const UNLIMITED: i32 = -1;

/// Sets the fields common to creation and update.
///
/// Absent settings are sent as Lambda's defaults, because an update keeps fields that it does not
/// name.
macro_rules! with_settings {
    ($request:expr, $mapping:expr) => {{
        let (mapping, kind) = ($mapping, Kind::of(&$mapping.source));
        let request = $request
            .enabled(mapping.enabled)
            .set_batch_size(settings::number(Some(mapping.batch_size)))
            .set_filter_criteria(Some(filters(&mapping.filters)));
        let request = match kind {
            // Kafka's default of half a second cannot be sent.
            Kind::Kafka if mapping.batch_window_s == 0 => request,
            _ => request.set_maximum_batching_window_in_seconds(settings::number(Some(
                mapping.batch_window_s,
            ))),
        };
        let request = match &mapping.kms_key {
            Some(key) => request.kms_key_arn(key),
            None => request,
        };
        let request = match kind {
            Kind::Kafka => request,
            _ => request.set_function_response_types(Some(responses(mapping))),
        };
        let request = match kind {
            Kind::Queue => request.scaling_config(
                ScalingConfig::builder()
                    .set_maximum_concurrency(settings::number(mapping.max_concurrency))
                    .build(),
            ),
            Kind::Stream | Kind::Kafka => {
                request.destination_config(destination(mapping.on_failure.as_ref()))
            }
        };
        match kind {
            Kind::Stream => request
                .bisect_batch_on_function_error(mapping.bisect)
                .maximum_retry_attempts(settings::number(mapping.retries).unwrap_or(UNLIMITED))
                .maximum_record_age_in_seconds(
                    settings::number(mapping.max_age_s).unwrap_or(UNLIMITED),
                )
                .set_parallelization_factor(settings::number(Some(mapping.parallel)))
                .set_tumbling_window_in_seconds(settings::number(Some(mapping.tumbling_s))),
            Kind::Queue | Kind::Kafka => request,
        }
    }};
}

impl Aws {
    /// The mappings of the function's alias, or of the function itself without an alias, by UUID.
    pub async fn mappings(
        &self,
        name: &str,
        alias: Option<&str>,
    ) -> Result<BTreeMap<String, MappingState>, Error> {
        let what = format!("function {name}");
        let function = qualified(name, alias);
        let client = self.shared.lambda();
        let mut request = client.list_event_source_mappings().function_name(&function);
        let ending = format!(":function:{function}");
        let mut found = BTreeMap::new();
        loop {
            let page = self.call(call("ListEventSourceMappings", &what), || {
                request.clone().send()
            });
            let Some(page) = absent(page.await)? else {
                return Ok(found);
            };
            for one in page.event_source_mappings.unwrap_or_default() {
                let of_alias = one
                    .function_arn
                    .as_ref()
                    .is_some_and(|arn| arn.ends_with(&ending));
                let uuid = one.uuid.clone().filter(|_| of_alias);
                if let Some((uuid, state)) = uuid.zip(read(one)) {
                    found.insert(uuid, state);
                }
            }
            match page.next_marker.filter(|marker| !marker.is_empty()) {
                Some(marker) => request = request.marker(marker),
                None => return Ok(found),
            }
        }
    }

    /// The mapping, without its tags.
    pub async fn mapping(&self, uuid: &str) -> Result<Option<MappingState>, Error> {
        let what = format!("event source mapping {uuid}");
        let client = self.shared.lambda();
        let request = client.get_event_source_mapping().uuid(uuid);
        let answer = self.call(call("GetEventSourceMapping", &what), || {
            request.clone().send()
        });
        let Some(found) = absent(answer.await)? else {
            return Ok(None);
        };
        Ok(read(
            EventSourceMappingConfiguration::builder()
                .set_event_source_arn(found.event_source_arn)
                .set_state(found.state)
                .set_batch_size(found.batch_size)
                .set_starting_position(found.starting_position)
                .set_topics(found.topics)
                .build(),
        ))
    }

    /// Its tags; none where it no longer exists.
    pub async fn mapping_tags(&self, uuid: &str) -> Result<BTreeMap<String, String>, Error> {
        let what = format!("event source mapping {uuid}");
        let Some(arn) = self.mapping_arn(uuid).await? else {
            return Ok(BTreeMap::new());
        };
        let client = self.shared.lambda();
        let request = client.list_tags().resource(arn);
        let answer = self.call(call("ListTags", &what), || request.clone().send());
        let tags = absent(answer.await)?.and_then(|answer| answer.tags);
        Ok(tags.unwrap_or_default().into_iter().collect())
    }

    /// Sets these tags of the mapping; others stay.
    pub async fn tag_mapping(
        &self,
        uuid: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let what = format!("event source mapping {uuid}");
        let Some(arn) = self.mapping_arn(uuid).await? else {
            return Ok(());
        };
        let tags: HashMap<_, _> = tags.clone().into_iter().collect();
        let client = self.shared.lambda();
        let request = client.tag_resource().resource(arn).set_tags(Some(tags));
        self.call(call("TagResource", &what), || request.clone().send())
            .await?;
        Ok(())
    }

    /// Its ARN; `None` where it no longer exists.
    async fn mapping_arn(&self, uuid: &str) -> Result<Option<String>, Error> {
        let what = format!("event source mapping {uuid}");
        let client = self.shared.lambda();
        let request = client.get_event_source_mapping().uuid(uuid);
        let answer = self.call(call("GetEventSourceMapping", &what), || {
            request.clone().send()
        });
        let found = absent(answer.await)?;
        Ok(found.and_then(|found| found.event_source_mapping_arn))
    }

    /// Creates the mapping with its tags; returns its UUID.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where the function has one of this source.
    pub async fn create_mapping(
        &self,
        name: &str,
        alias: Option<&str>,
        mapping: &Mapping,
        tags: &BTreeMap<String, String>,
    ) -> Result<String, Error> {
        let what = format!("event source mapping of {} to {name}", mapping.source);
        let tags: HashMap<_, _> = tags.clone().into_iter().collect();
        let client = self.shared.lambda();
        let request = client
            .create_event_source_mapping()
            .function_name(qualified(name, alias))
            .event_source_arn(&mapping.source)
            .set_tags(Some(tags));
        let position = mapping.starting_position.as_deref();
        let request: CreateEventSourceMappingFluentBuilder = with_settings!(request, mapping)
            .set_starting_position(position.map(EventSourcePosition::from));
        let request = match &mapping.topic {
            Some(topic) => request.topics(topic),
            None => request,
        };
        let request = match &mapping.consumer_group {
            Some(group) => request.amazon_managed_kafka_event_source_config(
                AmazonManagedKafkaEventSourceConfig::builder()
                    .consumer_group_id(group)
                    .build(),
            ),
            None => request,
        };
        let answer = self.call(call("CreateEventSourceMapping", &what), || {
            request.clone().send()
        });
        answer.await?.uuid.ok_or_else(|| incomplete(&what, "UUID"))
    }

    /// Sets these settings of the mapping.
    pub async fn update_mapping(&self, uuid: &str, mapping: &Mapping) -> Result<(), Error> {
        let what = format!("event source mapping {uuid}");
        let client = self.shared.lambda();
        let request = client.update_event_source_mapping().uuid(uuid);
        let request: UpdateEventSourceMappingFluentBuilder = with_settings!(request, mapping);
        self.call(call("UpdateEventSourceMapping", &what), || {
            request.clone().send()
        })
        .await?;
        Ok(())
    }

    /// Disables the mapping, so that it starts no more calls; a missing one is no error.
    pub async fn disable_mapping(&self, uuid: &str) -> Result<(), Error> {
        let what = format!("event source mapping {uuid}");
        let client = self.shared.lambda();
        let request = client
            .update_event_source_mapping()
            .uuid(uuid)
            .enabled(false);
        let answer = self.call(call("UpdateEventSourceMapping", &what), || {
            request.clone().send()
        });
        gone(answer.await)
    }

    /// Deletes the mapping; a missing one is no error.
    pub async fn delete_mapping(&self, uuid: &str) -> Result<(), Error> {
        let what = format!("event source mapping {uuid}");
        let client = self.shared.lambda();
        let request = client.delete_event_source_mapping().uuid(uuid);
        let answer = self.call(call("DeleteEventSourceMapping", &what), || {
            request.clone().send()
        });
        gone(answer.await)
    }
}

/// Kind of a source, by the service of its ARN: each accepts other settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Queue,
    Stream,
    Kafka,
}

impl Kind {
    fn of(source: &str) -> Self {
        match source.split(':').nth(2) {
            Some("sqs") => Self::Queue,
            Some("kafka") => Self::Kafka,
            _ => Self::Stream,
        }
    }
}

fn qualified(name: &str, alias: Option<&str>) -> String {
    match alias {
        Some(alias) => format!("{name}:{alias}"),
        None => name.to_owned(),
    }
}

fn filters(patterns: &[String]) -> FilterCriteria {
    let filter = |pattern: &String| Filter::builder().pattern(pattern).build();
    FilterCriteria::builder()
        .set_filters(Some(patterns.iter().map(filter).collect()))
        .build()
}

fn responses(mapping: &Mapping) -> Vec<FunctionResponseType> {
    let partial = mapping.partial_failures;
    partial
        .then_some(FunctionResponseType::ReportBatchItemFailures)
        .into_iter()
        .collect()
}

fn destination(arn: Option<&String>) -> DestinationConfig {
    let failure = OnFailure::builder().set_destination(arn.cloned());
    DestinationConfig::builder()
        .on_failure(failure.build())
        .build()
}

/// The mapping as jot compares it; `None` if its source has no ARN, such as a self-managed cluster.
fn read(one: EventSourceMappingConfiguration) -> Option<MappingState> {
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    let filters = one.filter_criteria.and_then(|criteria| criteria.filters);
    let filters = filters.unwrap_or_default().into_iter();
    let mut filters: Vec<String> = filters
        .filter_map(|filter| filter.pattern)
        .map(|pattern| in_order(&pattern))
        .collect();
    filters.sort();
    let state = one.state.unwrap_or_default();
    let failure = one.destination_config.and_then(|to| to.on_failure);
    let kafka = one.amazon_managed_kafka_event_source_config;
    Some(MappingState {
        mapping: Mapping {
            source: one.event_source_arn?,
            topic: one.topics.and_then(|topics| topics.into_iter().next()),
            consumer_group: kafka.and_then(|config| config.consumer_group_id),
            starting_position: one
                .starting_position
                .map(|position| position.as_str().to_owned()),
            enabled: !matches!(state.as_str(), "Disabled" | "Disabling"),
            batch_size: number(one.batch_size).unwrap_or_default(),
            batch_window_s: number(one.maximum_batching_window_in_seconds).unwrap_or_default(),
            filters,
            partial_failures: one
                .function_response_types
                .is_some_and(|all| all.contains(&FunctionResponseType::ReportBatchItemFailures)),
            max_concurrency: one
                .scaling_config
                .and_then(|scaling| number(scaling.maximum_concurrency)),
            kms_key: one.kms_key_arn.filter(|key| !key.is_empty()),
            on_failure: failure
                .and_then(|to| to.destination)
                .filter(|arn| !arn.is_empty()),
            bisect: one.bisect_batch_on_function_error.unwrap_or(false),
            retries: number(one.maximum_retry_attempts),
            max_age_s: number(one.maximum_record_age_in_seconds),
            parallel: number(one.parallelization_factor).unwrap_or(1),
            tumbling_s: number(one.tumbling_window_in_seconds).unwrap_or_default(),
        },
        state,
        tags: BTreeMap::new(),
    })
}

/// A JSON text with sorted object names; unchanged where it is not JSON.
fn in_order(text: &str) -> String {
    serde_json::from_str(text).map_or_else(|_| text.to_owned(), |json| sorted(&json).to_string())
}
