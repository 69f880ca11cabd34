//! Lambda's report of an invocation: the REPORT line of the log, or the event `platform.report` in
//! JSON logs.
//!
//! Fields: <https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html>; those of SnapStart:
//! <https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html>; the event:
//! <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report>.

use serde::Deserialize;

/// The times and memory of one invocation, in milliseconds and MB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reported {
    /// Execution, without initialisation and without restoring a snapshot.
    pub duration_ms: f64,
    /// Billed time of this invocation, including initialisation and restoring.
    pub billed_ms: f64,
    /// Initialisation, if this was the first invocation of an environment.
    pub init_ms: Option<f64>,
    /// Restoring of a snapshot, if this was the first invocation of an environment.
    pub restore_ms: Option<f64>,
    /// Memory size of the function.
    pub memory_mb: Option<f64>,
    /// Largest memory use of the environment so far.
    pub max_memory_mb: Option<f64>,
}

impl Reported {
    /// Whether this was the first invocation of an environment, and waited for it.
    pub fn is_cold(&self) -> bool {
        self.init_ms.is_some() || self.restore_ms.is_some()
    }

    /// The time that the caller waited: execution plus restoring, as in
    /// <https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html>, or plus
    /// initialisation without SnapStart.
    pub fn answer_ms(&self) -> f64 {
        self.init_ms.unwrap_or(0.0) + self.restore_ms.unwrap_or(0.0) + self.duration_ms
    }
}

/// The last complete report in the log.
pub fn reported(log: &str) -> Option<Reported> {
    log.lines()
        .rev()
        .find_map(|line| of_line(line).or_else(|| of_event(line)))
}

/// `REPORT RequestId: ...\tDuration: 12.34 ms\tBilled Duration: 13 ms\t...`; finds fields by name,
/// in any order.
fn of_line(line: &str) -> Option<Reported> {
    let fields = line.trim().strip_prefix("REPORT RequestId:")?;
    let field = |name: &str, unit: &str| {
        let mut fields = fields.split('\t').map(str::trim);
        let value = fields.find_map(|field| field.strip_prefix(name)?.strip_prefix(": "))?;
        let value = value.strip_suffix(unit)?.trim().parse::<f64>().ok();
        value.filter(|value| value.is_finite())
    };
    Some(Reported {
        duration_ms: field("Duration", "ms")?,
        billed_ms: field("Billed Duration", "ms")?,
        init_ms: field("Init Duration", "ms"),
        restore_ms: field("Restore Duration", "ms"),
        memory_mb: field("Memory Size", "MB"),
        max_memory_mb: field("Max Memory Used", "MB"),
    })
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    record: Record,
}

#[derive(Deserialize)]
struct Record {
    metrics: Metrics,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    duration_ms: f64,
    billed_duration_ms: f64,
    init_duration_ms: Option<f64>,
    restore_duration_ms: Option<f64>,
    #[serde(rename = "memorySizeMB")]
    memory_size_mb: Option<f64>,
    #[serde(rename = "maxMemoryUsedMB")]
    max_memory_used_mb: Option<f64>,
}

fn of_event(line: &str) -> Option<Reported> {
    let event: Event = serde_json::from_str(line).ok()?;
    let metrics = event.record.metrics;
    (event.kind == "platform.report").then_some(Reported {
        duration_ms: metrics.duration_ms,
        billed_ms: metrics.billed_duration_ms,
        init_ms: metrics.init_duration_ms,
        restore_ms: metrics.restore_duration_ms,
        memory_mb: metrics.memory_size_mb,
        max_memory_mb: metrics.max_memory_used_mb,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8f507cfc-xmpl-4697-b07a-ac58fc914c95";

    fn of(fields: &str) -> Option<Reported> {
        let log = format!(
            "START RequestId: {ID} Version: 3\nDuration: 1 ms\nEND RequestId: {ID}\n\
             REPORT RequestId: {ID}\t{fields}\n"
        );
        reported(&log)
    }

    #[test]
    fn a_cold_start_reports_its_initialisation() {
        let cold = "Duration: 114.84 ms\tBilled Duration: 520 ms\tMemory Size: 512 MB\t\
                    Max Memory Used: 89 MB\tInit Duration: 404.68 ms\t";
        let cold = of(cold).unwrap();
        let expected = Reported {
            duration_ms: 114.84,
            billed_ms: 520.0,
            init_ms: Some(404.68),
            memory_mb: Some(512.0),
            max_memory_mb: Some(89.0),
            ..Reported::default()
        };
        assert_eq!(cold, expected);
        assert!((cold.answer_ms() - 519.52).abs() < 1e-9);
    }

    #[test]
    fn a_warm_call_has_none() {
        let warm = "Duration: 1.30 ms\tBilled Duration: 2 ms\tMemory Size: 512 MB\t\
                    Max Memory Used: 89 MB\t\nXRAY TraceId: 1-5e34a614-10bdxmplf1fb44f07bc535a1\t\
                    SegmentId: 07f5xmpl2d1f6f85\tSampled: true\t";
        let warm = of(warm).unwrap();
        assert_eq!((warm.init_ms, warm.restore_ms), (None, None));
        assert_eq!((warm.answer_ms(), warm.billed_ms), (1.3, 2.0));
    }

    #[test]
    fn a_snapshot_reports_its_restoring() {
        let restored = "Duration: 6.03 ms\tBilled Duration: 222 ms\tMemory Size: 1024 MB\t\
                        Max Memory Used: 91 MB\tRestore Duration: 307.41 ms\t\
                        Billed Restore Duration: 215 ms\t";
        let restored = of(restored).unwrap();
        assert_eq!(restored.restore_ms, Some(307.41));
        assert_eq!(restored.init_ms, None);
        assert!((restored.answer_ms() - 313.44).abs() < 1e-9);
        assert_eq!(restored.billed_ms, 222.0);
    }

    #[test]
    fn the_emulators_order_of_fields_is_read_too() {
        let emulated = "Init Duration: 0.09 ms\tDuration: 133.02 ms\tBilled Duration: 134 ms\t\
                        Memory Size: 3008 MB\tMax Memory Used: 3008 MB\t";
        let emulated = of(emulated).unwrap();
        assert_eq!(
            (emulated.init_ms, emulated.duration_ms),
            (Some(0.09), 133.02)
        );
    }

    #[test]
    fn functions_that_log_json_are_read() {
        let event = concat!(
            r#"{"time":"2026-05-01T00:00:00.000Z","type":"platform.report","#,
            r#""record":{"requestId":"x","metrics":{"durationMs":101.51,"#,
            r#""billedDurationMs":300,"memorySizeMB":512,"maxMemoryUsedMB":33,"#,
            r#""initDurationMs":116.67},"status":"success"}}"#,
        );
        let other =
            r#"{"time":"x","type":"platform.start","record":{"requestId":"x","version":"1"}}"#;
        let found = reported(&format!("{other}\n{{\"level\":\"INFO\"}}\n{event}\n")).unwrap();
        assert_eq!(
            (found.duration_ms, found.billed_ms, found.init_ms),
            (101.51, 300.0, Some(116.67))
        );
    }

    #[test]
    fn what_is_cut_or_said_by_the_function_is_no_report() {
        assert_eq!(of("Duration: 1.30 ms"), None);
        assert_eq!(of("Duration: NaN ms\tBilled Duration: inf ms"), None);
        assert_eq!(reported("Duration: 1 ms\tBilled Duration: 2 ms"), None);
        assert_eq!(reported(""), None);
    }
}
