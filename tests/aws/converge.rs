//! Plans that are executed on an emulator leave what the modelled world predicts, and nothing to
//! do.

use std::{path::PathBuf, sync::Arc};

use jot::{
    apply::{self, Clients},
    model::{Config, Desired, Observed, Plan, RoleChoice, Secret, desired::Role, value::EnvValue},
    observe::{Depth, observe},
    plan,
    remote::Aws,
};
use tokio::sync::{mpsc::unbounded_channel, watch};

use crate::{Ground, crowd, observe::no_docker, on_both, same, tags, world};

const POLICY: &str = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";

/// A function that is never invoked: moto runs no image.
const FUNCTION: &str = r#"
[functions.answer]
description = "answers"
memory_mb = 512
timeout_s = 10
ephemeral_storage_mb = 1024
environment = { LOG_LEVEL = "info" }
tracing = "active"
logging = { retention_days = 30 }
tags = { team = "numerics" }
policies = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
julia = { source = "answer.jl", argument_type = "Int" }
"#;

/// A project, deployed.
struct Deployed<'a> {
    aws: &'a Aws,
    folder: tempfile::TempDir,
    endpoint: String,
    desired: Desired,
}

impl<'a> Deployed<'a> {
    async fn on(ground: &'a Ground) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("answer.jl"), "answer(x) = x\n").unwrap();
        let endpoint = ground.endpoint();
        let path = write(&folder, &endpoint, FUNCTION);
        let desired = crowd::make(&path, !ground.moto).await;
        Self {
            aws: &ground.aws,
            folder,
            endpoint,
            desired,
        }
    }

    /// Changes the manifest to this.
    fn declare(&mut self, functions: &str) {
        let mutable = std::mem::take(&mut self.desired.repository.mutable_tags);
        self.desired = crowd::desired(&write(&self.folder, &self.endpoint, functions));
        self.desired.repository.mutable_tags = mutable;
    }

    async fn look(&self) -> Observed {
        let observed = observe(&self.desired, self.aws, no_docker(), Depth::Each).await;
        observed.unwrap()
    }

    async fn plan(&self) -> Plan {
        plan::plan(&self.desired, &self.look().await).unwrap()
    }

    /// Plans, executes the plan, and asserts that the world is as predicted; returns the steps.
    async fn put_right(&self) -> Vec<String> {
        let steps = self.execute(plan::plan).await;
        assert_eq!(self.plan().await.steps, []);
        steps
    }

    async fn execute(
        &self,
        plan: fn(&Desired, &Observed) -> Result<Plan, plan::Error>,
    ) -> Vec<String> {
        let before = self.look().await;
        let plan = plan(&self.desired, &before).unwrap();
        let foretold = world::execute(&plan, &self.desired, &before);
        let steps = plan.steps.iter().map(|step| step.id.0.clone()).collect();
        let clients = Clients {
            aws: Some(self.aws.clone()),
            docker: None,
            run: "converge".to_owned(),
            labels: Default::default(),
            cache: self.folder.path().join("cache"),
            minute: jot::apply::MINUTE,
        };
        let (events, mut heard) = unbounded_channel();
        let (_stop, stop) = watch::channel(false);
        let summary = apply::apply(
            Arc::new(plan),
            Arc::new(self.desired.clone()),
            clients,
            events,
            stop,
        );
        let summary = summary.await;
        let told: Vec<_> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
        assert!(summary.complete(), "{told:#?}");
        same::assert_same(&foretold, &self.look().await);
        steps
    }

    fn role(&self) -> &Role {
        match &self.desired.functions["answer"].role {
            RoleChoice::Own(role) => role,
            RoleChoice::Given(_) | RoleChoice::From(_) => panic!("the role is jot's"),
        }
    }

    /// Changes the function's settings outside jot.
    async fn configure(&self, config: Config) {
        let found = self.aws.function("answer", None).await.unwrap().unwrap();
        let changed = self
            .aws
            .update_config("answer", &config, &found.role, &found.revision);
        changed.await.unwrap();
        self.aws.settled("answer", None).await.unwrap();
    }
}

/// Writes the manifest.
fn write(folder: &tempfile::TempDir, endpoint: &str, functions: &str) -> PathBuf {
    let path = folder.path().join("jot.toml");
    let head = format!(
        "[project]\nname = \"numerics\"\n[aws]\nregion = \"eu-west-1\"\n\
         endpoint_url = \"{endpoint}\"\n"
    );
    std::fs::write(&path, head + functions).unwrap();
    path
}

on_both!(each_drift_takes_the_steps_that_it_needs);
async fn each_drift_takes_the_steps_that_it_needs(ground: Ground) {
    let deployed = Deployed::on(&ground).await;
    let aws = deployed.aws;
    assert_eq!(deployed.plan().await.steps, []);
    let arn = aws.function("answer", None).await.unwrap().unwrap().arn;

    let by_hand = Config {
        description: Some("by hand".to_owned()),
        memory_mb: Some(256),
        timeout_s: Some(20),
        ephemeral_storage_mb: Some(2048),
        tracing: Some("PassThrough".to_owned()),
        environment: Some([("DEBUG".to_owned(), EnvValue::Plain("1".to_owned()))].into()),
        ..Config::default()
    };
    deployed.configure(by_hand).await;
    assert_eq!(deployed.put_right().await, ["config:answer"]);

    aws.untag_function(&arn, &["team".to_owned()])
        .await
        .unwrap();
    let other = tags([("jot:fingerprint", "0"), ("cost", "1")]);
    aws.tag_function(&arn, &other).await.unwrap();
    assert_eq!(deployed.put_right().await, ["tags:answer"]);

    let role = deployed.role();
    aws.detach_policy(&role.name, POLICY).await.unwrap();
    assert_eq!(deployed.put_right().await, ["role:answer"]);
    aws.tag_role(
        &role.name,
        &tags([("jot:project", "numerics"), ("team", "x")]),
    )
    .await
    .unwrap();
    let log_group = &deployed.desired.functions["answer"].log_group;
    aws.set_retention(&log_group.name, Some(7)).await.unwrap();
    assert_eq!(deployed.put_right().await, ["role:answer", "logs:answer"]);
    aws.delete_log_group(&log_group.name).await.unwrap();
    assert_eq!(deployed.put_right().await, ["logs:answer"]);

    let other = Config {
        memory_mb: Some(256),
        ..Config::default()
    };
    deployed.configure(other).await;
    let found = aws.function("answer", None).await.unwrap().unwrap();
    let version = aws.publish_version("answer", "by hand", &found.revision);
    let version = version.await.unwrap();
    let alias = aws.alias("answer", "live").await.unwrap().unwrap();
    aws.update_alias(
        "answer",
        "live",
        jot::remote::aws::Pointed::at(&version.version, ""),
        &alias.revision,
    )
    .await
    .unwrap();
    assert_eq!(
        deployed.put_right().await,
        [
            "config:answer",
            "version:answer",
            "alias:answer",
            "retire:answer",
            "tags:answer"
        ]
    );

    aws.delete_function("answer").await.unwrap();
    assert_eq!(
        deployed.put_right().await,
        [
            "create:answer",
            "version:answer",
            "alias:answer",
            "tags:answer"
        ]
    );
}

on_both!(a_manifest_that_changes_is_followed_and_what_is_destroyed_is_gone);
async fn a_manifest_that_changes_is_followed_and_what_is_destroyed_is_gone(ground: Ground) {
    let mut deployed = Deployed::on(&ground).await;
    let release = [
        "config:answer",
        "version:answer",
        "alias:answer",
        "retire:answer",
        "tags:answer",
    ];

    deployed.declare(&FUNCTION.replace("512", "640").replace("info", "debug"));
    assert_eq!(deployed.put_right().await, release);

    // A key that is removed from the manifest goes back to Lambda's default.
    // moto updates neither of these, and jot reports a setting that did not take effect.
    let kept = match ground.moto {
        true => "ephemeral_storage_mb = 1024\ntracing = \"active\"\n",
        false => "",
    };
    deployed.declare(&format!(
        "[functions.answer]\njulia = {{ source = \"answer.jl\", argument_type = \"Int\" }}\n{kept}"
    ));
    let steps = deployed.put_right().await;
    let also = ["detach:answer", "logs:answer"];
    assert!(
        also.iter().all(|step| steps.contains(&(*step).to_owned())),
        "{steps:?}"
    );
    let left = deployed.look().await.functions["answer"]
        .latest
        .clone()
        .unwrap();
    // Memory and timeout go back to the values that jot creates functions with.
    assert_eq!((left.config.memory_mb, left.config.timeout_s), (1024, 30));
    assert!(
        left.config
            .environment
            .values()
            .map(Secret::reveal)
            .next()
            .is_none()
    );

    let destroy = |desired: &_, observed: &_| plan::destroy(desired, observed, &Default::default());
    deployed.execute(destroy).await;
    let gone = deployed.look().await;
    assert_eq!(gone.repository, None);
    assert!(gone.functions["answer"] == Default::default(), "{gone:#?}");
}
