//! The services that jot uses, and the names of their operations.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    CloudFormation,
    Ecr,
    Events,
    Iam,
    Lambda,
    Logs,
    Metrics,
    S3,
    Scheduler,
    Secrets,
    Sns,
    Ssm,
    Sts,
    Tagging,
}

impl Service {
    /// AWS's short name of it, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudFormation => "CloudFormation",
            Self::Ecr => "ECR",
            Self::Events => "EventBridge",
            Self::Iam => "IAM",
            Self::Lambda => "Lambda",
            Self::Logs => "CloudWatch Logs",
            Self::Metrics => "CloudWatch",
            Self::S3 => "S3",
            Self::Scheduler => "EventBridge Scheduler",
            Self::Secrets => "Secrets Manager",
            Self::Sns => "SNS",
            Self::Ssm => "Parameter Store",
            Self::Sts => "STS",
            Self::Tagging => "Resource Groups Tagging",
        }
    }

    /// The prefix of its actions in IAM policies, see
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.
    fn prefix(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Ecr => "ecr",
            Self::Events => "events",
            Self::Iam => "iam",
            Self::Lambda => "lambda",
            Self::Logs => "logs",
            Self::Metrics => "cloudwatch",
            Self::S3 => "s3",
            Self::Scheduler => "scheduler",
            Self::Secrets => "secretsmanager",
            Self::Sns => "sns",
            Self::Ssm => "ssm",
            Self::Sts => "sts",
            Self::Tagging => "tag",
        }
    }
}

/// One operation on one resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub service: Service,
    /// AWS's name, such as `CreateFunction`.
    pub operation: &'static str,
    /// The resource, such as `function increment-vector`.
    pub resource: &'a str,
}

impl Call<'_> {
    /// The IAM action that permits it.
    pub fn action(&self) -> String {
        // Operations in use that have an action of another name.
        let action = match self.operation {
            "GetBucketNotificationConfiguration" => "GetBucketNotification",
            "HeadObject" => "GetObject",
            "Invoke" => "InvokeFunction",
            "PutBucketNotificationConfiguration" => "PutBucketNotification",
            other => other,
        };
        format!("{}:{action}", self.service.prefix())
    }

    /// Whether it is read-only.
    pub fn asks(&self) -> bool {
        let begins = [
            "Get", "List", "Describe", "Filter", "BatchGet", "Head", "Simulate",
        ];
        begins.iter().any(|begin| self.operation.starts_with(begin))
    }

    /// Whether sending it twice could have an effect twice: then it is repeated only where the
    /// service said that it did not start.
    pub fn once(&self) -> bool {
        self.operation == "Invoke"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_those_of_iam() {
        let action = |service, operation| {
            Call {
                service,
                operation,
                resource: "",
            }
            .action()
        };
        assert_eq!(action(Service::Lambda, "Invoke"), "lambda:InvokeFunction");
        assert_eq!(action(Service::Tagging, "GetResources"), "tag:GetResources");
        assert_eq!(action(Service::S3, "HeadObject"), "s3:GetObject");
        assert_eq!(action(Service::Ecr, "DescribeImages"), "ecr:DescribeImages");
    }
}
