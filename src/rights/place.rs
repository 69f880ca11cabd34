//! Region and account of the resources of a policy, and the ARNs that depend on nothing else.

use crate::model::{Desired, partition};

/// Partition, region and account; `*` for what the manifest does not say.
pub(super) struct Place<'a> {
    pub partition: &'static str,
    pub region: &'a str,
    pub account: &'a str,
}

impl<'a> Place<'a> {
    pub fn of(desired: &'a Desired) -> Self {
        let aws = &desired.aws;
        Self {
            partition: partition(aws.region.as_deref()),
            region: aws.region.as_deref().unwrap_or("*"),
            account: aws.owner().unwrap_or("*"),
        }
    }

    /// The ARN of something in the region.
    pub fn arn(&self, service: &str, rest: &str) -> String {
        let Self {
            partition,
            region,
            account,
        } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{rest}")
    }

    /// The ARN of a role, by its path and name.
    pub fn role(&self, path_and_name: &str) -> String {
        let Self {
            partition, account, ..
        } = self;
        format!("arn:{partition}:iam::{account}:role{path_and_name}")
    }

    /// The ARN of a bucket, or of objects in it.
    pub fn bucket(&self, rest: &str) -> String {
        format!("arn:{}:s3:::{rest}", self.partition)
    }

    /// What a service calls itself where it asks for the use of a key.
    pub fn via(&self, service: &str) -> String {
        let domain = match self.partition {
            "aws-cn" => "amazonaws.com.cn",
            "aws-eusc" => "amazonaws.eu",
            _ => "amazonaws.com",
        };
        format!("{service}.{}.{domain}", self.region)
    }
}
