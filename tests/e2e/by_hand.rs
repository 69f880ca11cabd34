//! Changes outside jot, sent to AWS directly.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{
    Stack,
    http::{self, Answer},
};

/// The function that is changed, unless another one is named.
pub const FUNCTION: &str = "increment-vector";

/// A user of the AWS CLI.
pub struct Somebody<'a> {
    stack: &'a Stack,
    /// The project's repository.
    repository: &'a str,
    function: &'a str,
}

impl<'a> Somebody<'a> {
    pub fn new(stack: &'a Stack, repository: &'a str) -> Self {
        Self {
            stack,
            repository,
            function: FUNCTION,
        }
    }

    /// A user who changes that function of the project.
    pub fn at(self, function: &'a str) -> Self {
        Self { function, ..self }
    }

    pub fn sets_memory(&self, megabytes: u32) {
        self.configures(&json!({ "MemorySize": megabytes }));
    }

    pub fn adds_a_variable(&self, name: &str, value: &str) {
        let now = self.function()["Configuration"]["Environment"]["Variables"].clone();
        let mut variables = now;
        variables[name] = json!(value);
        self.configures(&json!({ "Environment": { "Variables": variables } }));
    }

    pub fn removes_the_tag(&self, key: &str) {
        let function = self.function();
        let arn = function["Configuration"]["FunctionArn"]
            .as_str()
            .expect("an ARN")
            .replace(':', "%3A");
        let path = format!("/2017-03-31/tags/{arn}?tagKeys={key}");
        self.lambda("DELETE", &path, &Value::Null);
    }

    pub fn detaches_the_policy(&self, arn: &str) {
        let role = self.function()["Configuration"]["Role"].clone();
        let role = role.as_str().and_then(|arn| arn.rsplit('/').next());
        let form = format!(
            "Action=DetachRolePolicy&Version=2010-05-08&RoleName={}&PolicyArn={arn}",
            role.expect("a role")
        );
        let answer = http::aws_form(&self.stack.behind(), "iam", &form).expect("ministack answers");
        accepted(&answer);
    }

    pub fn deletes_the_function(&self) {
        self.lambda("DELETE", &self.path(""), &Value::Null);
    }

    pub fn points_the_alias_at(&self, version: &str) {
        let alias = json!({ "FunctionVersion": version });
        self.lambda("PUT", &self.path("/aliases/live"), &alias);
    }

    pub fn gives_weight_to(&self, version: &str) {
        let weights = json!({ "RoutingConfig": { "AdditionalVersionWeights": { version: 0.1 } } });
        self.lambda("PUT", &self.path("/aliases/live"), &weights);
    }

    pub fn sets_the_retention(&self, days: u32) {
        let group = format!("/aws/lambda/{}", self.function);
        let body = json!({ "logGroupName": group, "retentionInDays": days });
        self.json("Logs_20140328.PutRetentionPolicy", &body);
    }

    pub fn removes_the_repository_policy(&self) {
        self.ecr("DeleteRepositoryPolicy", json!({}));
    }

    pub fn deletes_the_image(&self) {
        let id = self.image_id();
        self.ecr("BatchDeleteImage", json!({ "imageIds": [id] }));
    }

    /// The same layers under another digest: a registry accepts it, but ministack's PutImage does
    /// not pass it to its registry.
    pub fn pushes_another_image_under_the_same_tag(&self) {
        let id = self.image_id();
        let found = self.ecr("BatchGetImage", json!({ "imageIds": [id] }));
        let image = &found["images"][0];
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let (repository, tag) = (self.repository, text(&id["imageTag"]));
        let answer = http::request(
            &self.stack.behind(),
            "PUT",
            &format!("/v2/{repository}/manifests/{tag}"),
            &[("content-type", &text(&image["imageManifestMediaType"]))],
            format!("{}\n", text(&image["imageManifest"])).as_bytes(),
        );
        accepted(&answer.expect("ministack answers"));
    }

    fn image_id(&self) -> Value {
        let tag = self.function()["Tags"]["jot:fingerprint"].clone();
        json!({ "imageTag": tag })
    }

    fn function(&self) -> Value {
        let answer = self.lambda("GET", &self.path(""), &Value::Null);
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    /// Changes the configuration, and waits until Lambda has it.
    fn configures(&self, settings: &Value) {
        self.lambda("PUT", &self.path("/configuration"), settings);
        let begun = Instant::now();
        while self.function()["Configuration"]["LastUpdateStatus"] != "Successful" {
            assert!(begun.elapsed() < Duration::from_secs(60), "never updated");
            sleep(Duration::from_millis(50));
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/2015-03-31/functions/{}{rest}", self.function)
    }

    fn ecr(&self, operation: &str, mut body: Value) -> Value {
        body["repositoryName"] = json!(self.repository);
        let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
        let answer = self.json(&target, &body);
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    fn json(&self, target: &str, body: &Value) -> Answer {
        let answer = http::aws_json(&self.stack.behind(), target, &body.to_string());
        accepted(&answer.expect("ministack answers"))
    }

    fn lambda(&self, method: &str, path: &str, body: &Value) -> Answer {
        let text = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let answer = http::aws_rest(&self.stack.behind(), "lambda", (method, path), &text);
        accepted(&answer.expect("ministack answers"))
    }
}

fn accepted(answer: &Answer) -> Answer {
    assert!(
        (200..300).contains(&answer.status),
        "{}: {}",
        answer.status,
        answer.text()
    );
    answer.clone()
}
