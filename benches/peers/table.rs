//! The costs of deployments, in columns.

use std::{collections::BTreeMap, time::Duration};

use super::contender::Absent;

/// Notes below the tables.
pub const NOTES: &str = "\
wall, CPU: median (slowest), the others median. CPU: the command and what it started, \
    not the Docker daemon.
gates: the part of the wall time in which jot runs its tests, in a container and in Lambda; \
    the others run none.
requests: of the round with the median number, to AWS's APIs; what the emulator's CloudFormation \
    does by itself is not among
them. registry: requests of pushes; the emulator's own pulls are left out.
Lambda: whether the function had another RevisionId afterwards.";

/// The cost of one deployment.
pub struct Cost {
    pub wall: Duration,
    pub cpu: Duration,
    /// The part of the wall time that was tests.
    pub tests: Duration,
    /// Requests by operation.
    pub requests: BTreeMap<String, u64>,
    /// Uploaded bytes.
    pub uploaded: u64,
    pub updated: bool,
}

/// A row for each contender, then the tools that are left out.
pub fn render<'a>(
    rows: impl Iterator<Item = (&'static str, &'a Vec<Cost>)>,
    absent: &[Absent],
) -> String {
    let heads = [
        "", "wall", "gates", "CPU", "registry", "uploaded", "Lambda", "requests",
    ];
    let mut lines = vec![line(&heads.map(str::to_owned))];
    lines.extend(rows.map(|(name, costs)| line(&row(name, costs))));
    lines.extend(
        absent
            .iter()
            .map(|one| format!("{:<16} {}", one.name, one.reason)),
    );
    lines.join("\n") + "\n"
}

fn row(name: &str, costs: &[Cost]) -> [String; 8] {
    let requests = median(costs, |cost| aws(cost).values().sum::<u64>());
    let of_median = costs
        .iter()
        .map(aws)
        .find(|by_service| by_service.values().sum::<u64>() == requests);
    let by_service = of_median.unwrap_or_default();
    let by_service: Vec<String> = by_service
        .iter()
        .map(|(service, count)| format!("{service} {count}"))
        .collect();
    [
        name.to_owned(),
        spread(costs, |cost| cost.wall),
        seconds(median(costs, |cost| cost.tests)),
        spread(costs, |cost| cost.cpu),
        median(costs, pushing).to_string(),
        kilobytes(median(costs, |cost| cost.uploaded)),
        updated(costs),
        format!("{requests}: {}", by_service.join(", ")),
    ]
}

fn line(cells: &[String; 8]) -> String {
    let [name, wall, gates, cpu, registry, uploaded, lambda, requests] = cells;
    format!(
        "{name:<16} {wall:<17} {gates:<7} {cpu:<17} {registry:<9} {uploaded:<9} {lambda:<9} \
         {requests}"
    )
}

/// Requests to AWS's APIs, by service.
fn aws(cost: &Cost) -> BTreeMap<&str, u64> {
    let mut services = BTreeMap::new();
    for (operation, count) in &cost.requests {
        let service = operation.split(':').next().unwrap_or_default();
        if service != "registry" {
            *services.entry(service).or_default() += count;
        }
    }
    services
}

fn pushing(cost: &Cost) -> u64 {
    let pulls = [
        "registry:GetManifest",
        "registry:HeadManifest",
        "registry:GetBlob",
    ];
    let pushes = cost.requests.iter().filter(|(operation, _)| {
        operation.starts_with("registry:") && !pulls.contains(&operation.as_str())
    });
    pushes.map(|(_, count)| count).sum()
}

fn updated(costs: &[Cost]) -> String {
    match costs.iter().filter(|cost| cost.updated).count() {
        0 => "same".into(),
        all if all == costs.len() => "updated".into(),
        some => format!("{some} of {}", costs.len()),
    }
}

fn spread(costs: &[Cost], of: fn(&Cost) -> Duration) -> String {
    let slowest = costs.iter().map(of).max().unwrap_or_default();
    format!("{} ({})", seconds(median(costs, of)), seconds(slowest))
}

fn median<T: Ord>(costs: &[Cost], of: impl Fn(&Cost) -> T) -> T {
    let mut all: Vec<T> = costs.iter().map(of).collect();
    all.sort();
    all.swap_remove(all.len() / 2)
}

fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        0.0 => "-".into(),
        seconds if seconds < 1.0 => format!("{seconds:.3} s"),
        seconds => format!("{seconds:.1} s"),
    }
}

fn kilobytes(bytes: u64) -> String {
    match bytes {
        0 => "0".into(),
        bytes => format!("{:.1} kB", bytes as f64 / 1000.0),
    }
}
