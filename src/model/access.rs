//! Where to act in AWS, and as whom.

use serde::{Deserialize, Serialize};

use super::reference::Reference;

/// Where to act; whatever is absent the AWS SDK's own chain decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aws {
    /// Code of the region, such as `eu-west-1`.
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
    /// The account that the repository belongs to, if the manifest contains it: in the guard, or in
    /// the host that replaces ECR's.
    pub fn owner(&self) -> Option<&str> {
        let of_host = || {
            let (account, rest) = self.registry.as_deref()?.split_once('.')?;
            let is_account = account.len() == 12 && account.bytes().all(|one| one.is_ascii_digit());
            (is_account && rest.starts_with("dkr.ecr.")).then_some(account)
        };
        self.account_id.as_deref().or_else(of_host)
    }

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
    fn the_owner_of_the_repository_is_the_guard_or_in_the_host() {
        let owner = |account: Option<&str>, registry: &str| {
            let aws = Aws {
                account_id: account.map(str::to_owned),
                registry: Some(registry.to_owned()),
                ..Aws::default()
            };
            aws.owner().map(str::to_owned)
        };
        let host = "444455556666.dkr.ecr.eu-west-1.amazonaws.com";
        assert_eq!(owner(None, host).as_deref(), Some("444455556666"));
        let guard = Some("111122223333");
        assert_eq!(owner(guard, host).as_deref(), Some("111122223333"));
        for other in [
            "127.0.0.1:4566",
            "444455556666.example.com",
            "mirror.dkr.ecr.local",
        ] {
            assert_eq!(owner(None, other), None, "{other}");
        }
    }

    #[test]
    fn images_go_where_ecr_says_or_to_the_manifests_host() {
        let uri = "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu/team/numerics";
        let mut aws = Aws::default();
        assert_eq!(aws.pushed_to(uri), uri);
        aws.registry = Some("127.0.0.1:4566".to_owned());
        assert_eq!(aws.pushed_to(uri), "127.0.0.1:4566/team/numerics");
    }
}
