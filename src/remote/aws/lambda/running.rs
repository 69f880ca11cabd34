//! What all functions of the region run, including other projects'.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::{FunctionConfiguration, FunctionVersion, PackageType};

use super::{call, state::digest_of_hex};
use crate::{
    model::Digest,
    remote::{Aws, Error},
};

/// The largest page that Lambda returns.
const PAGE: i32 = 50;

/// What the versions of all functions of the region run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// The versions, as `name:version`, by the digest of their image or of their archive's bytes.
    pub versions: BTreeMap<Digest, BTreeSet<String>>,
    /// Versions with unknown code.
    pub unknown: BTreeSet<String>,
}

impl Aws {
    /// Every version of every function of the region, including `$LATEST`, in pages of 50.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>,
    /// `FunctionVersion=ALL`.
    pub async fn running(&self) -> Result<Running, Error> {
        let client = self.shared.lambda();
        let mut request = client
            .list_functions()
            .function_version(FunctionVersion::All)
            .max_items(PAGE);
        let mut running = Running::default();
        loop {
            let page = self.call(call("ListFunctions", "functions"), || {
                request.clone().send()
            });
            let page = page.await?;
            for one in page.functions.unwrap_or_default() {
                running.add(&one);
            }
            match page.next_marker.filter(|marker| !marker.is_empty()) {
                Some(marker) => request = request.marker(marker),
                None => return Ok(running),
            }
        }
    }
}

impl Running {
    fn add(&mut self, one: &FunctionConfiguration) {
        let name = one.function_name().unwrap_or_default();
        let version = format!("{name}:{}", one.version().unwrap_or("$LATEST"));
        let code = one.code_sha256().and_then(|code| match one.package_type() {
            Some(PackageType::Image) => digest_of_hex(code),
            _ => Digest::of_code_sha256(code),
        });
        match code {
            Some(code) => self.versions.entry(code).or_default().insert(version),
            None => self.unknown.insert(version),
        };
    }
}
