//! The arguments of `jot bench`.

use std::path::PathBuf;

use clap::{Args, value_parser};

use super::super::Functions;
use crate::model::Rounds;

/// Measures cold starts and warm calls: of memory sizes, compile modes or git revisions beside one another.
///
/// Every round gives each contender a fresh environment, calls it once cold, then warm; the contenders take turns. Each answer is
/// held to the test whose argument was sent, and a wrong one is exit status 3.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Bench {
    #[command(flatten)]
    pub select: Functions,
    /// In local containers, restricted as Lambda restricts them (the default); images are built where they are missing.
    #[arg(long, conflicts_with = "remote")]
    pub local: bool,
    /// In Lambda, on versions of copies of the functions, which are deleted afterwards; the functions themselves are not touched.
    #[arg(long)]
    pub remote: bool,
    /// The test to call with; otherwise each function's first.
    #[arg(long, value_name = "NAME")]
    pub test: Option<String>,
    /// Rounds: cold starts of each contender.
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = value_parser!(u32).range(1..=1000))]
    pub runs: u32,
    /// Warm calls of a round that are not measured.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = value_parser!(u32).range(0..=10_000))]
    pub warmup: u32,
    /// Warm calls of a round that are measured.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = value_parser!(u32).range(1..=10_000))]
    pub calls: u32,
    /// Memory sizes in MB, such as 512,1024,2048; the processor follows as in Lambda, 1769 MB being one. Otherwise each
    /// function's own.
    #[arg(long, value_delimiter = ',', value_name = "MB", value_parser = value_parser!(u32).range(128..=10_240))]
    pub memory: Vec<u32>,
    /// Compile modes (none,precompile,sysimage,trim) or git revisions (v1,main or v1..main; `.` is the files as they are).
    #[arg(long, value_delimiter = ',', value_name = "VARIANT")]
    pub compare: Vec<String>,
    /// Write a page with plots, which needs nothing but a browser.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  jot bench increment-vector --memory 512,1024,2048
  jot bench --compare none,precompile,sysimage --html bench.html
  jot bench --remote --runs 5 --compare v1..main";

impl Bench {
    /// How often each contender is called.
    pub fn rounds(&self) -> Rounds {
        Rounds {
            runs: self.runs,
            warmup: self.warmup,
            calls: self.calls,
        }
    }
}
