//! The arguments of `jot bench`.

use std::path::PathBuf;

use clap::{Args, value_parser};

use super::super::Functions;
use crate::model::Rounds;

/// Measures cold starts and warm calls, to compare memory sizes, compile modes or git revisions.
///
/// Every round gives each contender a fresh environment, calls it once cold, then warm; the
/// contenders take turns. Each call sends the argument of a test, and its answer is checked against
/// that test; a wrong answer ends in exit status 3.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Bench {
    #[command(flatten)]
    pub select: Functions,
    /// Measure in local containers with Lambda's limits (the default); missing images are built
    #[arg(long, conflicts_with = "remote")]
    pub local: bool,
    /// Measure in Lambda, on versions of copies of the functions, which are deleted afterwards; the
    /// functions themselves do not change
    #[arg(long)]
    pub remote: bool,
    /// The test to call with; by default the first of each function
    #[arg(long, value_name = "NAME")]
    pub test: Option<String>,
    /// Number of rounds: cold starts of each contender
    #[arg(
        long, default_value_t = 10, value_name = "N",
        value_parser = value_parser!(u32).range(1..=1000)
    )]
    pub runs: u32,
    /// Warm calls per round that are not measured
    #[arg(
        long, default_value_t = 1, value_name = "N",
        value_parser = value_parser!(u32).range(0..=10_000)
    )]
    pub warmup: u32,
    /// Warm calls per round that are measured
    #[arg(
        long, default_value_t = 20, value_name = "N",
        value_parser = value_parser!(u32).range(1..=10_000)
    )]
    pub calls: u32,
    /// Memory sizes in MB, such as 512,1024,2048; the CPU share follows as in Lambda, 1769 MB being
    /// one processor. By default each function's own
    #[arg(
        long, value_delimiter = ',', value_name = "MB",
        value_parser = value_parser!(u32).range(128..=10_240)
    )]
    pub memory: Vec<u32>,
    /// Compile modes (none,precompile,sysimage,trim) or git revisions (v1,main or v1..main; `.` is
    /// the working tree)
    #[arg(long, value_delimiter = ',', value_name = "VARIANT")]
    pub compare: Vec<String>,
    /// Write a self-contained HTML page with plots
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  jot bench increment-vector --memory 512,1024,2048
  jot bench --compare none,precompile,sysimage --html bench.html
  jot bench --remote --runs 5 --compare v1..main";

impl Bench {
    /// The number of rounds, and of calls per round.
    pub fn rounds(&self) -> Rounds {
        Rounds {
            runs: self.runs,
            warmup: self.warmup,
            calls: self.calls,
        }
    }
}
