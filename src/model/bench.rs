//! What a benchmark measured.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Architecture, TestResult};

/// A benchmark that ran.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Bench {
    /// Where.
    pub place: Site,
    /// How often, at most: what failed was not called again.
    pub rounds: Rounds,
    /// In the order in which the first round called them.
    pub contenders: Vec<Contender>,
    /// For each function and variant with several memory sizes, the one to take.
    pub knees: Vec<Knee>,
    /// What costs were reckoned with.
    pub prices: Prices,
}

/// Where a benchmark ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Site {
    /// In local containers with Lambda's restrictions; times are measured by the caller.
    Local,
    /// In Lambda; times are those that Lambda reports.
    Lambda,
}

/// How often each contender is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rounds {
    /// Rounds: cold starts of each contender.
    pub runs: u32,
    /// Calls after the first of a round that are not measured.
    pub warmup: u32,
    /// Calls after those that are.
    pub calls: u32,
}

/// What is measured together with others.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Contender {
    /// The function's key.
    pub function: String,
    /// The test with the argument of the calls and the expectation of every answer.
    pub test: String,
    /// Compile mode or git revision, where such are compared.
    pub variant: Option<String>,
    /// MB.
    pub memory_mb: u32,
    /// `x86_64` or `arm64`.
    pub architecture: Architecture,
    /// What was measured.
    pub measures: Vec<Measure>,
    /// Dollars for a million warm calls. For a local run an estimate: this machine's time at
    /// Lambda's price.
    pub usd_per_million: Option<f64>,
    /// The call that failed; it was the last one.
    pub failed: Option<TestResult>,
}

/// A quantity that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The first call of a new environment as its caller sees it: initialisation or restore, and
    /// first execution.
    FirstAnswer,
    /// Of that, initialisation.
    Init,
    /// Of that, restoring a snapshot.
    Restore,
    /// Of that, the first execution.
    FirstExecution,
    /// Later calls.
    Warm,
    /// What Lambda bills for the first call.
    BilledFirst,
    /// What Lambda bills for a later call.
    BilledWarm,
    /// The most memory that was used, MB.
    MaxMemory,
}

impl Quantity {
    /// The unit: `ms`, or `MB`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::MaxMemory => "MB",
            _ => "ms",
        }
    }

    /// The name in reports, such as `first answer`.
    pub fn words(self) -> &'static str {
        match self {
            Self::FirstAnswer => "first answer",
            Self::Init => "init",
            Self::Restore => "restore",
            Self::FirstExecution => "first execution",
            Self::Warm => "warm",
            Self::BilledFirst => "billed, first",
            Self::BilledWarm => "billed, warm",
            Self::MaxMemory => "max memory",
        }
    }
}

/// What was measured of a quantity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Measure {
    /// Which.
    pub quantity: Quantity,
    /// `ms` or `MB`.
    pub unit: String,
    /// Its distribution.
    pub spread: Spread,
    /// Every value, in the order of the calls.
    pub samples: Vec<f64>,
}

/// A distribution. A percentile without a sample beyond it would only be an extreme, so it is
/// absent: p99 needs 100 samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// Samples.
    pub n: usize,
    /// The least.
    pub min: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// 25th percentile.
    pub p25: Option<f64>,
    /// Median.
    pub p50: f64,
    /// The two samples that enclose the median of all such calls with a confidence of 95%; none for
    /// fewer than six samples.
    pub p50_within: Option<(f64, f64)>,
    /// 75th percentile.
    pub p75: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// The largest value.
    pub max: f64,
}

/// The memory size after which more money no longer buys a proportionate speed-up.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Knee {
    /// The function's key.
    pub function: String,
    /// Its variant.
    pub variant: Option<String>,
    /// MB: the size, or every candidate if the calls are too few to decide.
    pub memory_mb: Vec<u32>,
    /// First answers of each size, at least.
    pub first_answers: usize,
    /// Later calls of each size, at least.
    pub calls: usize,
}

/// Lambda's prices, in dollars.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Prices {
    /// A million requests.
    pub usd_per_million_requests: f64,
    /// A GB-second on x86_64.
    pub usd_per_gb_second_x86_64: f64,
    /// A GB-second on arm64.
    pub usd_per_gb_second_arm64: f64,
    /// Where they hold, and where they are from.
    pub source: String,
    /// When they were looked up: year and month.
    pub as_of: String,
}

impl Contender {
    /// What was measured of that quantity.
    pub fn measure(&self, quantity: Quantity) -> Option<&Measure> {
        self.measures.iter().find(|one| one.quantity == quantity)
    }
}
