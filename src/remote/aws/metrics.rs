//! CloudWatch: calls and errors of versions, and the state of alarms.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{
    AlarmType, Dimension, Metric, MetricDataQuery, MetricStat, StateValue,
};
use aws_smithy_types::DateTime;

use super::{
    Aws,
    service::{Call, Service},
};
use crate::{model::traffic::Calls, remote::Error};

/// The highest number of alarms in one request,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>.
const NAMES: usize = 100;
/// Period in seconds: Lambda writes one value per minute,
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html>.
const MINUTE: i32 = 60;

/// A version behind an alias, and the minutes to read.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The function's name in Lambda.
    pub function: &'a str,
    /// Name of the alias; calls that do not go through it are not counted.
    pub alias: &'a str,
    /// Start, in seconds since 1970.
    pub from: i64,
    /// End, in seconds since 1970.
    pub to: i64,
}

fn call<'a>(operation: &'static str, name: &'a str) -> Call<'a> {
    Call {
        service: Service::Metrics,
        operation,
        resource: name,
    }
}

impl Aws {
    /// Calls through an alias and how many of them failed, by version: one request.
    pub async fn calls(
        &self,
        asked: Asked<'_>,
        versions: &[&str],
    ) -> Result<BTreeMap<String, Calls>, Error> {
        let what = format!("metrics of {}:{}", asked.function, asked.alias);
        let queries = versions.iter().enumerate().flat_map(|(place, version)| {
            [
                query(format!("all{place}"), "Invocations", asked, version),
                query(format!("failed{place}"), "Errors", asked, version),
            ]
        });
        let mut request = self
            .shared
            .metrics()
            .get_metric_data()
            .set_metric_data_queries(Some(queries.collect()))
            .start_time(DateTime::from_secs(asked.from))
            .end_time(DateTime::from_secs(asked.to));
        let mut found: BTreeMap<String, Calls> = BTreeMap::new();
        loop {
            let page = self
                .call(call("GetMetricData", &what), || request.clone().send())
                .await?;
            for result in page.metric_data_results.unwrap_or_default() {
                let sum = result
                    .values
                    .unwrap_or_default()
                    .iter()
                    .sum::<f64>()
                    .round() as u64;
                let id = result.id.unwrap_or_default();
                for (place, version) in versions.iter().enumerate() {
                    let calls = found.entry((*version).to_owned()).or_default();
                    if id == format!("all{place}") {
                        calls.all += sum;
                    } else if id == format!("failed{place}") {
                        calls.failed += sum;
                    }
                }
            }
            match page.next_token.filter(|token| !token.is_empty()) {
                Some(token) => request = request.next_token(token),
                None => return Ok(found),
            }
        }
    }

    /// Whether each of these alarms, metric or composite, is in state ALARM; a missing alarm is
    /// absent.
    pub async fn alarms(&self, names: &[String]) -> Result<BTreeMap<String, bool>, Error> {
        let mut found = BTreeMap::new();
        for names in names.chunks(NAMES) {
            let client = self.shared.metrics();
            let request = client
                .describe_alarms()
                .set_alarm_names(Some(names.to_vec()))
                .alarm_types(AlarmType::MetricAlarm)
                .alarm_types(AlarmType::CompositeAlarm);
            let answer = self
                .call(call("DescribeAlarms", "alarms"), || request.clone().send())
                .await?;
            let red = |state: Option<StateValue>| state == Some(StateValue::Alarm);
            let metric = answer.metric_alarms.unwrap_or_default().into_iter();
            found.extend(metric.filter_map(|one| Some((one.alarm_name?, red(one.state_value)))));
            let composite = answer.composite_alarms.unwrap_or_default().into_iter();
            found.extend(composite.filter_map(|one| Some((one.alarm_name?, red(one.state_value)))));
        }
        Ok(found)
    }
}

/// The sum of a metric of one version behind an alias.
fn query(id: String, name: &str, asked: Asked<'_>, version: &str) -> MetricDataQuery {
    let resource = format!("{}:{}", asked.function, asked.alias);
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let metric = Metric::builder()
        .namespace("AWS/Lambda")
        .metric_name(name)
        .dimensions(dimension("FunctionName", asked.function))
        .dimensions(dimension("Resource", &resource))
        .dimensions(dimension("ExecutedVersion", version));
    let stat = MetricStat::builder()
        .metric(metric.build())
        .period(MINUTE)
        .stat("Sum");
    MetricDataQuery::builder()
        .id(id)
        .metric_stat(stat.build())
        .build()
}
