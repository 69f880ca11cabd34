//! A contender and its measurements so far.

use std::collections::BTreeMap;

use super::{price::usd_per_million, stats};
use crate::model::{Architecture, Contender, Quantity, Site, Test, TestResult};

/// A function, test and configuration to measure.
#[derive(Clone, Debug)]
pub struct Entrant {
    /// Key in the manifest, `functions.KEY`.
    pub function: String,
    /// The test to call.
    pub test: Test,
    /// Compile mode or git revision, if variants are compared.
    pub variant: Option<String>,
    /// Memory size in MB, to which Lambda ties the share of a CPU.
    pub memory_mb: u32,
    /// Timeout of each call in seconds.
    pub timeout_s: u32,
    /// Processor, on which the price per GB-second depends.
    pub architecture: Architecture,
}

/// The measurements so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    samples: BTreeMap<Quantity, Vec<f64>>,
    /// The call that failed; no calls follow it.
    pub(super) failed: Option<TestResult>,
}

impl Tally {
    pub(super) fn add(&mut self, quantity: Quantity, value: f64) {
        self.samples.entry(quantity).or_default().push(value);
    }

    pub(super) fn add_known(&mut self, quantity: Quantity, value: Option<f64>) {
        if let Some(value) = value {
            self.add(quantity, value);
        }
    }

    /// Whether nothing was measured yet.
    pub(super) fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The result. Lambda reports the billed time; elsewhere it is calculated from the measured
    /// time.
    pub(super) fn contender(self, entrant: &Entrant, site: Site) -> Contender {
        let billed = match site {
            Site::Local => Quantity::Warm,
            Site::Lambda => Quantity::BilledWarm,
        };
        let millis = self.samples.get(&billed).map_or(&[][..], Vec::as_slice);
        let usd = usd_per_million(&entrant.architecture, entrant.memory_mb, millis);
        let measures = self.samples.into_iter();
        Contender {
            function: entrant.function.clone(),
            test: entrant.test.name.clone(),
            variant: entrant.variant.clone(),
            memory_mb: entrant.memory_mb,
            architecture: entrant.architecture.clone(),
            measures: measures
                .filter_map(|(quantity, samples)| stats::measure(quantity, samples))
                .collect(),
            usd_per_million: usd,
            failed: self.failed,
        }
    }
}

/// An entrant for tests.
#[cfg(test)]
pub(super) fn example() -> Entrant {
    Entrant {
        function: "f".to_owned(),
        test: Test {
            name: "t".to_owned(),
            argument: "1".to_owned(),
            expected: crate::model::Expected::Anything,
            tolerance: None,
            exemplar: true,
        },
        variant: None,
        memory_mb: 1024,
        timeout_s: 3,
        architecture: Architecture::X86,
    }
}
