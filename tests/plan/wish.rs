//! The desired states that properties generate instead of manifests.

use std::collections::BTreeMap;

use jot::model::{
    Code, Config, Deploy, Desired, Expected, Fingerprint, Form, Function, LogGroup, Mapping, Push,
    Recipe, RecipeRole, RecursiveLoop, RoleChoice, RuntimeUpdate, Test,
    desired::{Aws, Lifecycle, Repository, Role, Source, Undeclared},
    push::{Notification, Rule, Schedule, Subscription, Wanted, push_prefix},
    reach::{Asynchronous, Destination, Reach, Statement, Url},
    scheduler::Scheduler,
};
use serde_json::{Value as Json, json};

/// The content of a manifest, in short.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Plans towards nothing, without recipes, as `jot destroy` does.
    pub destroy: bool,
    pub target: Option<String>,
    pub whole: bool,
    pub undeclared: Undeclared,
    /// Whether a function of another package type may be replaced.
    pub replace: bool,
    pub repository_tags: BTreeMap<String, String>,
    pub mutable_tags: Vec<String>,
    /// Whether images contain code compiled for linux/amd64.
    pub native: bool,
    /// Whether responders are built on a base image of jot's.
    pub base: bool,
    pub inputs: BTreeMap<String, String>,
    pub functions: BTreeMap<String, FunctionWish>,
}

#[derive(Clone, Debug, Default)]
pub struct FunctionWish {
    /// Lambda's name, if it is not the key.
    pub name: Option<String>,
    /// The digit that its fingerprint is made of.
    pub image: String,
    pub architecture: String,
    pub config: Config,
    pub config_digest: String,
    /// The user's role; without one, jot's role with these policies.
    pub role: Option<String>,
    pub policies: Vec<String>,
    pub inline: Option<Json>,
    pub boundary: Option<String>,
    pub reserved_concurrency: Option<u32>,
    pub runtime_update: Option<RuntimeUpdate>,
    pub recursive_loop: Option<RecursiveLoop>,
    pub retention_days: Option<u32>,
    pub tags: Option<BTreeMap<String, String>>,
    pub alias: Option<String>,
    pub keep_versions: u32,
    pub untested: bool,
    pub extra_tags: Vec<String>,
    pub lifecycle: Lifecycle,
    pub reach: ReachWish,
}

/// What may call a function, in short.
#[derive(Clone, Debug, Default)]
pub struct ReachWish {
    pub url: Option<Url>,
    /// Accounts that may call it.
    pub accounts: Option<Vec<&'static str>>,
    pub retries: Option<u32>,
    /// The destination of outcomes: an ARN, or a key.
    pub to: Option<&'static str>,
    pub provisioned: Option<u32>,
    /// What calls it: queues, streams, buckets, topics, rules and schedules.
    pub sources: Option<Vec<&'static str>>,
    /// The batch size of each of them.
    pub batch: u32,
}

/// The project of every case.
pub const PROJECT: &str = "numerics";
/// The role by which its schedules call.
pub const SCHEDULER: &str = "jot-scheduler-0a1b2c3d";

/// The kind of the trigger, unless Lambda reads it.
fn kind(source: &str) -> Option<&str> {
    let kind = source.split(':').next()?;
    ["s3", "sns", "events", "scheduler"]
        .contains(&kind)
        .then_some(kind)
}

/// A trigger by its name; a stream begins at the position that the size of its batches says.
fn mapping(source: &str, batch: u32) -> (String, Mapping) {
    let stream = source.starts_with("kinesis");
    let position = if batch.is_multiple_of(2) {
        "LATEST"
    } else {
        "TRIM_HORIZON"
    };
    let mapping = Mapping {
        source: format!("arn:aws:{source}"),
        topic: None,
        consumer_group: None,
        starting_position: stream.then(|| position.to_owned()),
        enabled: batch != 3,
        batch_size: batch,
        batch_window_s: 0,
        filters: Vec::new(),
        partial_failures: false,
        max_concurrency: None,
        kms_key: None,
        on_failure: None,
        bisect: false,
        retries: None,
        max_age_s: None,
        parallel: 1,
        tumbling_s: 0,
    };
    (source.replace(':', "-"), mapping)
}

impl Wish {
    pub fn desired(&self) -> Desired {
        let functions = self.functions.iter();
        Desired {
            project: PROJECT.to_owned(),
            target: self.target.clone(),
            aws: Aws::default(),
            repository: Repository {
                name: PROJECT.to_owned(),
                tags: self.repository_tags.clone(),
                policy: json!({ "Version": "2012-10-17", "Statement": [{
                    "Sid": "lambda", "Effect": "Allow",
                    "Principal": { "Service": "lambda.amazonaws.com" },
                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] }] }),
                lifecycle: json!({ "rules": [{ "rulePriority": 1,
                    "selection": { "tagStatus": "untagged",
                    "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14 },
                    "action": { "type": "expire" } }] }),
                mutable_tags: self.mutable_tags.clone(),
            },
            recipes: if self.destroy {
                BTreeMap::new()
            } else {
                self.recipes()
            },
            functions: functions
                .map(|(key, wish)| (key.clone(), self.function(key, wish)))
                .collect(),
            root: std::path::PathBuf::from("/project"),
            whole: self.whole,
            undeclared: self.undeclared,
            replace: self.replace,
            retry: false,
            ignored_alarms: Vec::new(),
            supply: Default::default(),
            role_ending: String::new(),
            scheduler: Scheduler {
                group: "jot-0a1b2c3d-numerics".to_owned(),
                role: SCHEDULER.to_owned(),
                path: format!("/jot/{PROJECT}/"),
                tags: BTreeMap::from([
                    ("jot:project".to_owned(), PROJECT.to_owned()),
                    (
                        "jot:target".to_owned(),
                        self.target.clone().unwrap_or_default(),
                    ),
                ]),
            },
        }
    }

    fn recipes(&self) -> BTreeMap<Fingerprint, Recipe> {
        let base = self.base.then(|| self.image("b", None, "base (julia:1.5)"));
        let under = base.as_ref().map(|base| base.fingerprint.clone());
        let titled =
            |(key, wish): (&String, &FunctionWish)| self.image(&wish.image, under.clone(), key);
        let responders: Vec<Recipe> = self.functions.iter().rev().map(titled).collect();
        let all = base.into_iter().chain(responders);
        all.map(|image| (image.fingerprint.clone(), image))
            .collect()
    }

    fn image(&self, digit: &str, base: Option<Fingerprint>, title: &str) -> Recipe {
        Recipe {
            role: if digit == "b" {
                RecipeRole::Base
            } else {
                RecipeRole::Code
            },
            fingerprint: fingerprint(digit),
            base,
            dockerfile: String::new(),
            dockerfile_path: None,
            stage: None,
            titles: Vec::new(),
            context: Vec::new(),
            args: BTreeMap::new(),
            platform: "linux/amd64".to_owned(),
            network: None,
            secrets: BTreeMap::new(),
            ssh: BTreeMap::new(),
            labels: BTreeMap::new(),
            form: form(digit),
            inputs: if digit == "b" {
                BTreeMap::new()
            } else {
                self.inputs.clone()
            },
            title: title.to_owned(),
            native: self.native,
        }
    }

    fn function(&self, key: &str, wish: &FunctionWish) -> Function {
        let ownership = self.ownership(key);
        let name = wish.name.as_deref().unwrap_or(key);
        let own = |policies: &[String]| Role {
            name: format!("jot-{name}-0a1b2c3d"),
            path: format!("/jot/{PROJECT}/"),
            trust: json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" },
                "Action": "sts:AssumeRole" }] }),
            policies: policies.to_vec(),
            inline: wish.inline.clone(),
            boundary: wish.boundary.clone(),
            tags: ownership.clone(),
        };
        let test = Test {
            name: "adds one".to_owned(),
            argument: "[1]".to_owned(),
            expected: Expected::Json("[2]".to_owned()),
            tolerance: None,
            exemplar: true,
        };
        Function {
            key: key.to_owned(),
            name: name.to_owned(),
            code: Code::Built {
                recipe: fingerprint(&wish.image),
                harness: harness(&wish.image),
            },
            revision: None,
            hints: Default::default(),
            config: wish.config.clone(),
            role: wish
                .role
                .clone()
                .map_or_else(|| RoleChoice::Own(own(&wish.policies)), RoleChoice::Given),
            references: Vec::new(),
            reserved_concurrency: wish.reserved_concurrency,
            runtime_update: wish.runtime_update.clone(),
            recursive_loop: wish.recursive_loop.clone(),
            log_group: LogGroup {
                name: format!("/aws/lambda/{name}"),
                retention_days: wish.retention_days,
                tags: ownership.clone(),
            },
            architecture: wish.architecture.as_str().into(),
            tags: wish.tags.clone(),
            config_digest: wish.config_digest.clone(),
            deploy: Deploy {
                traffic: None,
                alias: wish.alias.clone(),
                keep_versions: wish.keep_versions,
            },
            tests: if wish.untested {
                Vec::new()
            } else {
                vec![test]
            },
            jit: Default::default(),
            extra_tags: wish.extra_tags.clone(),
            source: Source::default(),
            lifecycle: wish.lifecycle.clone(),
            reach: self.reach(key, wish),
            ownership,
        }
    }

    fn reach(&self, key: &str, wish: &FunctionWish) -> Reach {
        let ReachWish {
            url,
            accounts,
            retries,
            to,
            provisioned,
            sources,
            batch,
        } = &wish.reach;
        let prefix = format!("jot-{:0>8}-", key.len());
        let push_prefix = push_prefix(PROJECT, self.target.as_deref(), key);
        let statement = |account: &&str| {
            let statement = Statement {
                principal: (*account).to_owned(),
                action: "lambda:InvokeFunction".to_owned(),
                ..Statement::default()
            };
            (format!("{prefix}partner-{account}"), statement)
        };
        let destination = |to: &str| match self.functions.get(to) {
            Some(called) => Destination::Function {
                key: to.to_owned(),
                name: called.name.clone().unwrap_or_else(|| to.to_owned()),
                alias: called.alias.clone(),
            },
            None => Destination::Arn(format!("arn:aws:sqs:eu-west-1:123456789012:{to}")),
        };
        Reach {
            url: url.clone(),
            permissions: accounts
                .as_ref()
                .map(|accounts| accounts.iter().map(statement).collect()),
            asynchronous: retries.map(|retries| Asynchronous {
                retries,
                max_age_s: 3600,
                on_success: to.map(destination),
                on_failure: None,
            }),
            provisioned_concurrency: provisioned.filter(|_| wish.alias.is_some()),
            triggers: sources.as_ref().map(|all| {
                let read = all.iter().filter(|source| kind(source).is_none());
                read.map(|source| mapping(source, *batch)).collect()
            }),
            pushes: sources
                .iter()
                .flatten()
                .filter_map(|source| self.push((key, &push_prefix), source, *batch))
                .collect(),
            push_prefix: push_prefix.clone(),
            prefix: prefix.clone(),
            former: None,
        }
    }

    /// A trigger of another service by its name; its content changes with the size of batches.
    fn push(
        &self,
        (key, prefix): (&str, &str),
        source: &str,
        batch: u32,
    ) -> Option<(String, Wanted)> {
        let name = source.split(':').next()?.to_owned();
        let push = match kind(source)? {
            "s3" => Push::Notification(Notification {
                bucket: "incoming".to_owned(),
                events: vec!["s3:ObjectCreated:*".to_owned()],
                prefix: format!("{key}/"),
                suffix: if batch == 1 { "" } else { ".json" }.to_owned(),
            }),
            "sns" => Push::Subscription(Subscription {
                topic: format!("arn:aws:{source}"),
                filter_policy: (batch == 2).then(|| "{}".to_owned()),
                filter_scope: (batch == 2).then(|| "MessageBody".to_owned()),
                on_failure: None,
            }),
            "scheduler" => Push::Schedule(Schedule {
                group: "jot-0a1b2c3d-numerics".to_owned(),
                expression: format!("rate({batch} hours)"),
                timezone: "UTC".to_owned(),
                input: (batch == 2).then(|| "{}".to_owned()),
                enabled: batch != 3,
                retries: 185,
                max_age_s: 86_400,
                role: SCHEDULER.to_owned(),
                foreign: false,
            }),
            _ => Push::Rule(Rule {
                bus: "default".to_owned(),
                pattern: format!("{{\"source\":[\"{batch}\"]}}"),
                enabled: batch != 3,
            }),
        };
        let id = match &push {
            Push::Notification(one) => format!("{prefix}{name}-{}", one.suffix.len()),
            _ => format!("{prefix}{name}"),
        };
        let statement = format!("{prefix}{name}-statement");
        let wanted = Wanted {
            push,
            id,
            statement,
        };
        Some((name, wanted))
    }

    fn ownership(&self, key: &str) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("jot:function".to_owned(), key.to_owned()),
            ("jot:project".to_owned(), PROJECT.to_owned()),
            (
                "jot:target".to_owned(),
                self.target.clone().unwrap_or_default(),
            ),
        ])
    }
}

/// The digit that the fingerprint of an archive's recipe is made of; images use other digits.
pub const ARCHIVE: &str = "3";

fn form(digit: &str) -> Form {
    match digit {
        ARCHIVE => Form::Zip,
        _ => Form::Image,
    }
}

/// The recipe of the harness for the image with this digit in its fingerprint.
fn harness(digit: &str) -> Fingerprint {
    Fingerprint::parse(&format!("{}0f", digit.repeat(62))).unwrap()
}

pub fn fingerprint(digit: &str) -> Fingerprint {
    Fingerprint::parse(&digit.repeat(64)).unwrap()
}
