//! The prices of Lambda, with their source and date.
//!
//! A call costs one request, plus its memory times its billed time, rounded up to whole
//! milliseconds: <https://aws.amazon.com/lambda/pricing/>. Not included: the free tier, discounts
//! of large accounts, /tmp beyond 512 MB, the restoring of snapshots, and logs.

use crate::model::{Architecture, Prices};

/// Dollars for a million requests.
const REQUESTS: f64 = 0.20;
/// Dollars for a GB-second on x86_64, first tier.
const X86_64: f64 = 0.000_016_666_7;
/// Dollars for a GB-second on arm64, first tier.
const ARM64: f64 = 0.000_013_333_4;
/// Where these prices apply. Most regions have the same; a few cost up to 40% more.
const SOURCE: &str =
    "US East (N. Virginia), on demand, first tier: https://aws.amazon.com/lambda/pricing/";
/// Date of the prices.
const AS_OF: &str = "2026-05";
/// Lambda's GB is 1024 MB: AWS's own examples count 1024 MB for a second as one GB-second.
const MB_PER_GB: f64 = 1024.0;

/// The prices that [`usd_per_million`] uses.
pub fn prices() -> Prices {
    Prices {
        usd_per_million_requests: REQUESTS,
        usd_per_gb_second_x86_64: X86_64,
        usd_per_gb_second_arm64: ARM64,
        source: SOURCE.to_owned(),
        as_of: AS_OF.to_owned(),
    }
}

/// Dollars for a million calls with these times in milliseconds; `None` without samples.
pub fn usd_per_million(architecture: &Architecture, memory_mb: u32, millis: &[f64]) -> Option<f64> {
    if millis.is_empty() {
        return None;
    }
    let price = match architecture {
        Architecture::Arm => ARM64,
        _ => X86_64,
    };
    let billed: f64 = millis.iter().map(|one| one.ceil()).sum();
    let seconds = billed / millis.len() as f64 / 1000.0;
    Some(REQUESTS + 1e6 * seconds * f64::from(memory_mb) / MB_PER_GB * price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gigabyte_for_a_second_costs_a_gigabyte_second() {
        let cost = usd_per_million(&Architecture::X86, 1024, &[1000.0]).unwrap();
        assert!((cost - (0.2 + 16.6667)).abs() < 1e-9, "{cost}");
        let cost = usd_per_million(&Architecture::Arm, 1024, &[1000.0]).unwrap();
        assert!((cost - (0.2 + 13.3334)).abs() < 1e-9, "{cost}");
    }

    #[test]
    fn the_example_of_the_pricing_page() {
        // "3 million requests, 120 ms, 1536 MB" of x86_64 are 540,000 GB-s: 9.00 and 0.60 dollars.
        let million = usd_per_million(&Architecture::X86, 1536, &[120.0]).unwrap();
        assert!((million * 3.0 - 9.60).abs() < 0.001, "{million}");
    }

    #[test]
    fn every_call_is_rounded_up_by_itself() {
        let dear = usd_per_million(&Architecture::X86, 128, &[0.2, 0.3, 1.1]).unwrap();
        let same = usd_per_million(&Architecture::X86, 128, &[1.0, 1.0, 2.0]).unwrap();
        assert_eq!(dear, same);
        assert_eq!(usd_per_million(&Architecture::X86, 128, &[]), None);
    }
}
