//! Where to act in AWS, and as whom.

use serde::{Deserialize, Serialize};

use super::reference::Reference;

/// Where to act; whatever is absent the AWS SDK's own chain decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aws {
    /// Region.
    pub region: Option<String>,
    /// Profile in the AWS configuration files.
    pub profile: Option<String>,
    /// The only account that jot may act on.
    pub account_id: Option<String>,
    /// Instead of AWS's endpoints, for an emulator.
    pub endpoint_url: Option<String>,
    /// Host and port to push to instead of the ECR host, for an emulator.
    pub registry: Option<String>,
    /// The bucket that Lambda takes archives over 50 MB from, in its region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The reference to the bucket's name, if the manifest does not contain it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
}

impl Aws {
    /// The repository address that images are pushed to and Lambda pulls from: ECR's `uri`, or that
    /// with the manifest's host. It differs by partition and is never composed.
    /// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html>
    pub fn pushed_to(&self, uri: &str) -> String {
        match (&self.registry, uri.split_once('/')) {
            (Some(registry), Some((_, name))) => format!("{registry}/{name}"),
            _ => uri.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_go_where_ecr_says_or_to_the_manifests_host() {
        let uri = "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu/team/numerics";
        let mut aws = Aws::default();
        assert_eq!(aws.pushed_to(uri), uri);
        aws.registry = Some("127.0.0.1:4566".to_owned());
        assert_eq!(aws.pushed_to(uri), "127.0.0.1:4566/team/numerics");
    }
}
