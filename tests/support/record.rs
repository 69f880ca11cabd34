//! The record of a whole run of tests: the operations that their proxies saw.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::Write,
    sync::{Mutex, PoisonError},
};

/// The variable that names the file, which `scripts/test` sets.
const FILE: &str = "JOT_TEST_OPERATIONS";

/// The operations that one proxy saw; dropping it writes them to the file.
#[derive(Default)]
pub struct Record(Mutex<BTreeSet<String>>);

impl Record {
    /// Notes an operation.
    pub fn add(&self, operation: &str) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.contains(operation) {
            seen.insert(operation.to_owned());
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let Some(file) = std::env::var_os(FILE) else {
            return;
        };
        let seen = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        let lines = seen.iter().map(|one| format!("{one}\n"));
        let lines: String = lines.collect();
        // One write, so that lines of tests that run at once stay whole.
        let file = OpenOptions::new().create(true).append(true).open(file);
        if let Err(cause) = file.and_then(|mut file| file.write_all(lines.as_bytes())) {
            eprintln!("the record of operations cannot be written: {cause}");
        }
    }
}
