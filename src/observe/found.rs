//! What was found, function by function or in lists.

use std::collections::BTreeMap;

use super::repository::Stored;
use crate::{
    model::{Desired, desired::TAG_PROJECT, observed},
    remote::{self, Aws, aws::Tagged},
};

/// Functions and their images, as found.
pub(super) struct Found {
    pub stored: Stored,
    pub functions: BTreeMap<String, observed::Function>,
    pub tagged: Vec<Tagged>,
}

/// Everything in the region that belongs to the project.
pub(super) async fn tagged(desired: &Desired, aws: &Aws) -> Result<Vec<Tagged>, remote::Error> {
    aws.tagged(TAG_PROJECT, &desired.project).await
}
