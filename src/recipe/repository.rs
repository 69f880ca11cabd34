//! The project's one ECR repository.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::model::desired::Repository;

/// Days that an image stays in ECR after it lost its last tag: long enough to restore a tag that
/// was removed by mistake, short enough that moved `extra_tags` do not accumulate.
const UNTAGGED_DAYS: u32 = 14;

/// Returns the repository of a project, with all its tags.
pub fn wanted(project: &str, tags: BTreeMap<String, String>) -> Repository {
    Repository {
        name: project.to_owned(),
        tags,
        policy: policy(),
        lifecycle: lifecycle(),
        mutable_tags: vec!["*.*".to_owned()],
    }
}

/// Lets Lambda pull, with AWS's own statement for a function and a repository in one account:
/// without it, Lambda would add the same statement itself if it may change the policy. The account
/// is unknown offline, so the statement has no condition on `aws:sourceArn`; a function in another
/// account needs a statement for that account as well.
/// <https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions>
fn policy() -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "LambdaECRImageRetrievalPolicy",
            "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" },
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        }],
    })
}

/// Expires images without a tag, and nothing else. ECR keeps an untagged image that belongs to an
/// index.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html>
fn lifecycle() -> Json {
    json!({
        "rules": [{
            "rulePriority": 1,
            "description": "images that no tag names any more",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": UNTAGGED_DAYS,
            },
            "action": { "type": "expire" },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_untagged_images_expire() {
        let repository = wanted("numerics", BTreeMap::new());
        let rules = repository.lifecycle["rules"].as_array().unwrap().clone();
        assert!(
            rules
                .iter()
                .all(|rule| rule["selection"]["tagStatus"] == "untagged"),
            "{rules:?}"
        );
    }

    #[test]
    fn lambda_may_pull_and_nobody_may_push() {
        let statements = wanted("numerics", BTreeMap::new()).policy["Statement"].clone();
        assert_eq!(statements.as_array().unwrap().len(), 1);
        assert_eq!(
            statements[0]["Principal"],
            json!({ "Service": "lambda.amazonaws.com" })
        );
        assert_eq!(
            statements[0]["Action"],
            json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])
        );
    }
}
