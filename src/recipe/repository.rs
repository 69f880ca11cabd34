//! The project's one ECR repository.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::model::{desired::Repository, repository};

/// Days that an image stays in ECR after it lost its last tag: long enough to restore a tag that
/// was removed by mistake, short enough that moved `extra_tags` do not accumulate.
const UNTAGGED_DAYS: u32 = 14;

/// Returns the repository of a project, with all its tags, from which these other accounts may
/// pull.
pub fn wanted(
    project: &str,
    tags: BTreeMap<String, String>,
    pull_accounts: &[String],
) -> Repository {
    Repository {
        name: project.to_owned(),
        tags,
        policy: policy(pull_accounts),
        lifecycle: lifecycle(),
        mutable_tags: vec!["*.*".to_owned()],
    }
}

/// Lets Lambda pull, with AWS's own statement for a function and a repository in one account:
/// without it, Lambda would add the same statement itself if it may change the policy. The account
/// is unknown offline, so the statement has no condition on `aws:sourceArn`; a function in another
/// account needs a statement for that account as well.
/// <https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions>
fn policy(pull_accounts: &[String]) -> Json {
    let lambda = json!({
        "Sid": repository::LAMBDA,
        "Effect": "Allow",
        "Principal": { "Service": "lambda.amazonaws.com" },
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    });
    let statements = [Some(lambda), pull(pull_accounts)];
    json!({
        "Version": "2012-10-17",
        "Statement": statements.into_iter().flatten().collect::<Vec<_>>(),
    })
}

/// Lets other accounts pull and read the metadata of what they pull: the requests that a promotion
/// sends to the repository that it copies from, and those of `docker pull`.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html>
fn pull(accounts: &[String]) -> Option<Json> {
    let accounts: BTreeSet<&String> = accounts.iter().collect();
    if accounts.is_empty() {
        return None;
    }
    Some(json!({
        "Sid": repository::PULL_ACCOUNTS,
        "Effect": "Allow",
        "Principal": { "AWS": accounts },
        "Action": [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:DescribeImages",
            "ecr:DescribeRepositories",
            "ecr:GetDownloadUrlForLayer",
        ],
    }))
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
        let repository = wanted("numerics", BTreeMap::new(), &[]);
        let rules = repository.lifecycle["rules"].as_array().unwrap().clone();
        assert!(
            rules
                .iter()
                .all(|rule| rule["selection"]["tagStatus"] == "untagged"),
            "{rules:?}"
        );
    }

    #[test]
    fn lambda_may_pull_and_no_one_may_push() {
        let statements = wanted("numerics", BTreeMap::new(), &[]).policy["Statement"].clone();
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

    #[test]
    fn accounts_may_pull_and_not_push() {
        let accounts = ["444455556666".to_owned(), "111122223333".to_owned()];
        let policy = wanted("numerics", BTreeMap::new(), &accounts).policy;
        let pull = &policy["Statement"][1];
        assert_eq!(
            pull["Principal"],
            json!({ "AWS": ["111122223333", "444455556666"] })
        );
        let actions = pull["Action"].as_array().unwrap();
        let reads = |action: &Json| {
            let action = action.as_str().unwrap();
            ["ecr:BatchGet", "ecr:BatchCheck", "ecr:Describe", "ecr:Get"]
                .iter()
                .any(|verb| action.starts_with(verb))
        };
        assert!(actions.iter().all(reads), "{actions:?}");
    }
}
