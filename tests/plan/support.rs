//! What cases are read from, and how a plan is written down for them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
};

use jot::{
    model::{
        Action, Config, Deploy, Desired, Expected, Fingerprint, Function, Image, ImageKind,
        LogGroup, Observed, Plan, RoleChoice, StepId, Test,
        desired::{Aws, Repository, Role},
        value::Shown,
    },
    plan::{self, Error},
};
use miette::Diagnostic;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};

/// A wish and a world.
pub struct Case {
    pub wish: Wish,
    pub observed: Observed,
}

impl Case {
    /// The case of a folder.
    pub fn read(folder: &Path) -> Self {
        Self {
            wish: patched(folder, "desired.json"),
            observed: patched(folder, "observed.json"),
        }
    }

    pub fn desired(&self) -> Desired {
        self.wish.desired()
    }

    pub fn plan(&self) -> Result<Plan, Error> {
        if self.wish.destroy {
            plan::destroy(&self.desired(), &self.observed)
        } else {
            plan::plan(&self.desired(), &self.observed)
        }
    }
}

/// What a manifest comes to, in short: this is the one place that makes a `Desired`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    /// Plans towards nothing, without recipes, as `jot destroy` does.
    pub destroy: bool,
    pub target: Option<String>,
    pub whole: bool,
    pub repository_tags: BTreeMap<String, String>,
    pub mutable_tags: Vec<String>,
    /// Whether images hold code compiled for linux/amd64.
    pub native: bool,
    /// Whether responders stand on a base image of jot's.
    pub base: bool,
    pub inputs: BTreeMap<String, String>,
    pub functions: BTreeMap<String, FunctionWish>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FunctionWish {
    /// The digit that its fingerprint is made of.
    pub image: String,
    pub architecture: String,
    pub config: Config,
    pub config_digest: String,
    /// The user's role; else jot's with these policies.
    pub role: Option<String>,
    pub policies: Vec<String>,
    pub retention_days: Option<u32>,
    pub tags: Option<BTreeMap<String, String>>,
    pub alias: Option<String>,
    pub keep_versions: u32,
    pub untested: bool,
    pub extra_tags: Vec<String>,
}

/// The project of every case.
pub const PROJECT: &str = "numerics";

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
                policy: json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "lambda", "Effect": "Allow",
                    "Principal": { "Service": "lambda.amazonaws.com" },
                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] }] }),
                lifecycle: json!({ "rules": [{ "rulePriority": 1, "selection": { "tagStatus": "untagged",
                    "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14 },
                    "action": { "type": "expire" } }] }),
                mutable_tags: self.mutable_tags.clone(),
            },
            images: if self.destroy {
                BTreeMap::new()
            } else {
                self.images()
            },
            functions: functions
                .map(|(key, wish)| (key.clone(), self.function(key, wish)))
                .collect(),
            root: std::path::PathBuf::from("/project"),
            whole: self.whole,
        }
    }

    fn images(&self) -> BTreeMap<Fingerprint, Image> {
        let base = self.base.then(|| self.image("b", None, "base (julia:1.5)"));
        let under = base.as_ref().map(|base| base.fingerprint.clone());
        let titled =
            |(key, wish): (&String, &FunctionWish)| self.image(&wish.image, under.clone(), key);
        let responders: Vec<Image> = self.functions.iter().rev().map(titled).collect();
        let all = base.into_iter().chain(responders);
        all.map(|image| (image.fingerprint.clone(), image))
            .collect()
    }

    fn image(&self, digit: &str, base: Option<Fingerprint>, title: &str) -> Image {
        Image {
            kind: if digit == "b" {
                ImageKind::Base
            } else {
                ImageKind::Responder
            },
            fingerprint: fingerprint(digit),
            base,
            dockerfile: String::new(),
            context: Vec::new(),
            args: BTreeMap::new(),
            platform: "linux/amd64".to_owned(),
            network: None,
            secrets: BTreeMap::new(),
            labels: BTreeMap::new(),
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
        let own = |policies: &[String]| Role {
            name: format!("jot-{key}-0a1b2c3d"),
            path: format!("/jot/{PROJECT}/"),
            trust: json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] }),
            policies: policies.to_vec(),
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
            name: key.to_owned(),
            image: fingerprint(&wish.image),
            config: wish.config.clone(),
            role: wish
                .role
                .clone()
                .map_or_else(|| RoleChoice::Own(own(&wish.policies)), RoleChoice::Given),
            log_group: LogGroup {
                name: format!("/aws/lambda/{key}"),
                retention_days: wish.retention_days,
                tags: ownership.clone(),
            },
            architecture: wish.architecture.clone(),
            tags: wish.tags.clone(),
            config_digest: wish.config_digest.clone(),
            deploy: Deploy {
                alias: wish.alias.clone(),
                keep_versions: wish.keep_versions,
            },
            tests: if wish.untested {
                Vec::new()
            } else {
                vec![test]
            },
            extra_tags: wish.extra_tags.clone(),
            ownership,
        }
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

pub fn fingerprint(digit: &str) -> Fingerprint {
    Fingerprint::parse(&digit.repeat(64)).unwrap()
}

/// The file of a case laid over that of the case `equal`.
fn patched<T: DeserializeOwned>(folder: &Path, file: &str) -> T {
    let read = |folder: &Path| -> Json {
        match fs::read_to_string(folder.join(file)) {
            Ok(text) => serde_json::from_str(&text).unwrap(),
            Err(_) => json!({}),
        }
    };
    let mut whole = read(&folder.with_file_name("equal"));
    merge(&mut whole, &read(folder));
    serde_json::from_value(whole)
        .unwrap_or_else(|error| panic!("{}/{file}: {error}", folder.display()))
}

fn merge(whole: &mut Json, patch: &Json) {
    let Json::Object(fields) = patch else {
        *whole = patch.clone();
        return;
    };
    if !whole.is_object() {
        *whole = json!({});
    }
    for (name, value) in fields {
        if value.is_null() {
            whole.as_object_mut().unwrap().remove(name);
        } else {
            merge(&mut whole[name], value);
        }
    }
}

/// A plan as text: one line a step, beneath it what it does, why, after what, and the fields that change.
pub fn render(plan: &Result<Plan, Error>) -> String {
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => return format!("error: {error}\nhelp: {}\n", error.help().unwrap()),
    };
    let mut text = String::new();
    for step in &plan.steps {
        let _ = writeln!(text, "{}  [{}]", step.id, step.resource);
        let _ = writeln!(
            text,
            "    does    {}",
            serde_json::to_string(&step.action).unwrap()
        );
        let _ = writeln!(text, "    because {}", step.reasons.join("; "));
        if !step.after.is_empty() {
            let after: Vec<&str> = step.after.iter().map(|id| id.0.as_str()).collect();
            let _ = writeln!(text, "    after   {}", after.join(", "));
        }
        for change in &step.changes {
            let _ = writeln!(
                text,
                "    {}: {} -> {}",
                change.field,
                shown(&change.old),
                shown(&change.new)
            );
        }
    }
    for note in &plan.notes {
        let _ = writeln!(text, "note: {note}");
    }
    for name in &plan.unknown {
        let _ = writeln!(text, "unknown: {name}");
    }
    if text.is_empty() {
        "nothing to do\n".to_owned()
    } else {
        text
    }
}

fn shown(value: &Shown) -> String {
    match value {
        Shown::Absent => "(absent)".to_owned(),
        Shown::Value(value) => value.to_string(),
        Shown::Sensitive => "(sensitive)".to_owned(),
        Shown::KnownAfter(verb) => format!("(known after {verb})"),
        Shown::Default(value) => format!("{value} (Lambda's default)"),
    }
}

/// Asserts that ids are unique, that every step stands after those that it needs, and that what it takes from a step is
/// taken from one that it waits for.
pub fn assert_ordered(plan: &Plan) {
    let mut before: BTreeMap<&StepId, BTreeSet<StepId>> = BTreeMap::new();
    for step in &plan.steps {
        let mut closure = BTreeSet::new();
        for id in &step.after {
            closure.extend(
                before
                    .get(id)
                    .unwrap_or_else(|| panic!("{} before {id}", step.id))
                    .clone(),
            );
            closure.insert(id.clone());
        }
        for from in sources(&serde_json::to_value(&step.action).unwrap()) {
            assert!(closure.contains(&from), "{} takes from {from}", step.id);
        }
        assert!(
            before.insert(&step.id, closure).is_none(),
            "{} twice",
            step.id
        );
    }
    for step in &plan.steps {
        if let Action::UpdateRole {
            function, detach, ..
        } = &step.action
            && !detach.is_empty()
        {
            let alias = StepId(format!("alias:{function}"));
            let waits = plan.step(&alias).is_none() || before[&step.id].contains(&alias);
            assert!(waits, "{} before traffic has moved", step.id);
        }
    }
}

/// Every step that an action takes a value from.
fn sources(action: &Json) -> Vec<StepId> {
    match action {
        Json::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match (name.as_str(), value) {
                ("from", Json::String(id)) => vec![StepId(id.clone())],
                _ => sources(value),
            })
            .collect(),
        Json::Array(items) => items.iter().flat_map(sources).collect(),
        _ => Vec::new(),
    }
}
