//! A modelled world: what Docker, ECR, IAM, Logs and Lambda hold, and what each step makes of it. A step whose
//! preconditions do not hold fails the test.

use std::collections::{BTreeMap, BTreeSet};

use jot::model::{
    Action, Config, Desired, Digest, Fingerprint, Function, Observed, Plan, RoleChoice, Secret,
    Step, StepId,
    desired::{CREATED_MEMORY_MB, CREATED_TIMEOUT_S, Role as OwnRole},
    observed::{
        self, Alias, Docker, FunctionState, LocalImage, LogGroup, Other, RemoteImage, Repository,
        Role, Settings,
    },
    value::Value,
};
use sha2::{Digest as _, Sha256};

use crate::support::PROJECT;

/// What `observe` would see after the plan was carried out, to the end, on what it saw before.
pub fn carry_out(plan: &Plan, desired: &Desired, observed: &Observed) -> Observed {
    let mut world = World::new(desired, observed);
    world.carry_out(plan, desired, |_| true);
    world.observe(desired)
}

/// All there is, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    pub docker: Docker,
    pub repository: Option<Repository>,
    pub images: BTreeMap<String, RemoteImage>,
    pub roles: BTreeMap<String, Role>,
    pub log_groups: BTreeMap<String, LogGroup>,
    pub functions: BTreeMap<String, Lambda>,
    others: Vec<Other>,
    /// Builds so far: no two builds give the same bytes.
    builds: u32,
}

/// One function in Lambda.
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    pub latest: FunctionState,
    pub versions: BTreeMap<u32, FunctionState>,
    pub aliases: BTreeMap<String, Alias>,
}

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";

impl World {
    /// Nothing but a Docker daemon and the user's own role.
    pub fn empty() -> Self {
        let given = Role {
            arn: format!("arn:aws:iam::{ACCOUNT}:role/theirs"),
            trust: serde_json::json!({}),
            policies: Vec::new(),
            tags: BTreeMap::new(),
        };
        Self {
            docker: Docker::Present {
                platform: "linux/amd64".to_owned(),
                images: BTreeMap::new(),
            },
            repository: None,
            images: BTreeMap::new(),
            roles: BTreeMap::from([("theirs".to_owned(), given)]),
            log_groups: BTreeMap::new(),
            functions: BTreeMap::new(),
            others: Vec::new(),
            builds: 0,
        }
    }

    /// The world in which this was seen.
    fn new(desired: &Desired, observed: &Observed) -> Self {
        let mut world = Self::empty();
        world.docker.clone_from(&observed.docker);
        world.repository.clone_from(&observed.repository);
        if observed.repository.is_some() {
            world.images.clone_from(&observed.images);
        }
        world.others.clone_from(&observed.others);
        for (key, wanted) in &desired.functions {
            let Some(found) = observed.functions.get(key) else {
                continue;
            };
            let role = found.role.clone();
            world
                .roles
                .extend(role.map(|role| (role_name(wanted).to_owned(), role)));
            let logs = found.log_group.clone();
            world
                .log_groups
                .extend(logs.map(|logs| (wanted.log_group.name.clone(), logs)));
            if let Some(latest) = found.latest.clone() {
                let live = found
                    .live
                    .iter()
                    .map(|live| (live.version.parse().unwrap(), live.clone()));
                let alias = wanted.deploy.alias.clone().zip(found.alias.clone());
                let lambda = Lambda {
                    latest,
                    versions: live.collect(),
                    aliases: alias.into_iter().collect(),
                };
                world.functions.insert(wanted.name.clone(), lambda);
            }
        }
        world
    }

    /// What `observe` sees of it.
    pub fn observe(&self, desired: &Desired) -> Observed {
        let functions = desired.functions.iter();
        let tag =
            |lambda: &Lambda, key: &str| lambda.latest.tags.get(key).cloned().unwrap_or_default();
        let selected = |name: &String| {
            desired
                .functions
                .values()
                .any(|wanted| wanted.name == *name)
        };
        let projects = self
            .functions
            .iter()
            .filter(|(_, lambda)| tag(lambda, "jot:project") == PROJECT);
        let others = projects
            .filter(|(name, _)| !selected(name))
            .map(|(name, lambda)| Other {
                name: name.clone(),
                arn: lambda.latest.arn.clone(),
                target: tag(lambda, "jot:target"),
                function: tag(lambda, "jot:function"),
            });
        Observed {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            docker: self.docker.clone(),
            repository: self.repository.clone(),
            images: self.images.clone(),
            functions: functions
                .map(|(key, wanted)| (key.clone(), self.observe_function(wanted)))
                .collect(),
            others: self.others.iter().cloned().chain(others).collect(),
        }
    }

    fn observe_function(&self, wanted: &Function) -> observed::Function {
        let lambda = self.functions.get(&wanted.name);
        let name = wanted.deploy.alias.as_ref();
        let alias = lambda
            .zip(name)
            .and_then(|(lambda, name)| lambda.aliases.get(name));
        let version = |alias: &Alias| lambda?.versions.get(&alias.version.parse().ok()?);
        observed::Function {
            latest: lambda.map(|lambda| lambda.latest.clone()),
            alias: alias.cloned(),
            live: alias.and_then(version).cloned(),
            role: self.roles.get(role_name(wanted)).cloned(),
            log_group: self.log_groups.get(&wanted.log_group.name).cloned(),
        }
    }

    /// Carries out every step that `succeeds` and whose predecessors all did; gives those that were done.
    pub fn carry_out(
        &mut self,
        plan: &Plan,
        desired: &Desired,
        mut succeeds: impl FnMut(&Step) -> bool,
    ) -> BTreeSet<StepId> {
        let revisions: BTreeMap<String, String> = self
            .functions
            .iter()
            .map(|(name, lambda)| (name.clone(), lambda.latest.revision.clone()))
            .collect();
        let mut given = BTreeMap::new();
        for step in &plan.steps {
            if !step.after.iter().all(|id| given.contains_key(id)) || !succeeds(step) {
                continue;
            }
            let serving = self.serving();
            let value = Run {
                world: self,
                desired,
                given: &given,
                revisions: &revisions,
            }
            .step(&step.action);
            given.insert(step.id.clone(), value);
            if plan.purpose == jot::model::plan::Purpose::Apply {
                self.assert_serving(&serving, step);
            }
        }
        given.into_keys().collect()
    }

    /// Aliases whose version exists and has its image in ECR.
    fn serving(&self) -> BTreeSet<(String, String)> {
        let mut serving = BTreeSet::new();
        for (name, lambda) in &self.functions {
            for (alias, at) in &lambda.aliases {
                let version = at
                    .version
                    .parse()
                    .ok()
                    .and_then(|version: u32| lambda.versions.get(&version));
                let digest = version.and_then(|version| version.digest.as_ref());
                if digest.is_some_and(|digest| self.holds(digest)) {
                    serving.insert((name.clone(), alias.clone()));
                }
            }
        }
        serving
    }

    fn assert_serving(&self, before: &BTreeSet<(String, String)>, step: &Step) {
        let lost: Vec<_> = before.difference(&self.serving()).cloned().collect();
        assert!(lost.is_empty(), "{} cost {lost:?} its traffic", step.id);
    }

    fn holds(&self, digest: &Digest) -> bool {
        self.images.values().any(|image| image.digest == *digest)
    }

    pub fn local(&mut self) -> &mut BTreeMap<Fingerprint, LocalImage> {
        match &mut self.docker {
            Docker::Present { images, .. } => images,
            Docker::Absent(why) => panic!("a step needs docker: {why}"),
        }
    }
}

/// A plan while it runs.
struct Run<'a> {
    world: &'a mut World,
    desired: &'a Desired,
    /// What each step gave.
    given: &'a BTreeMap<StepId, String>,
    /// Of functions when planned.
    revisions: &'a BTreeMap<String, String>,
}

impl Run<'_> {
    /// What the step gives.
    fn step(&mut self, action: &Action) -> String {
        match action {
            Action::CreateRepository => self.create_repository(),
            Action::UpdateRepository => self.update_repository(),
            Action::CreateRole { function } => return self.create_role(function),
            Action::UpdateRole {
                function,
                arn,
                attach,
                detach,
                trust,
                tags,
            } => {
                self.update_role(function, arn, (attach, detach), *trust, *tags);
            }
            Action::CreateLogGroup { function } => {
                let wanted = self.wanted(function);
                let group = LogGroup {
                    retention_days: wanted.log_group.retention_days,
                };
                let name = wanted.log_group.name.clone();
                assert!(self.world.log_groups.insert(name, group).is_none());
            }
            Action::UpdateLogGroup { function } => {
                let wanted = self.wanted(function);
                let group = self
                    .world
                    .log_groups
                    .get_mut(&wanted.log_group.name)
                    .unwrap();
                group.retention_days = wanted.log_group.retention_days;
            }
            Action::Pull { image, digest } => self.pull(image, digest),
            Action::Build { image } => self.build(image),
            Action::TestLocal { function } => {
                let image = self.wanted(function).image.clone();
                assert!(
                    self.world.local().contains_key(&image),
                    "tests an image that is not there"
                );
            }
            Action::Push { image, extra_tags } => return self.push(image, extra_tags),
            Action::CreateFunction {
                function,
                role,
                digest,
            } => {
                let (role, digest) = (self.value(role), self.digest(digest));
                self.create_function(function, role, digest);
            }
            Action::UpdateCode {
                function,
                digest,
                revision,
                ..
            } => {
                let digest = self.digest(digest);
                assert!(self.world.holds(&digest), "Lambda cannot pull {digest:?}");
                let wanted = self.wanted(function);
                assert_eq!(self.revisions[&wanted.name], *revision);
                let uri = self.uri(&digest);
                let latest = self.latest(function);
                latest.image_uri = Some(uri);
                latest.digest = Some(digest);
                latest.architecture.clone_from(&wanted.architecture);
                settle(latest);
            }
            Action::UpdateConfig {
                function,
                role,
                reset,
                revision,
            } => {
                let role = self.value(role);
                let wanted = self.wanted(function);
                assert_eq!(self.revisions[&wanted.name], *revision);
                let latest = self.latest(function);
                latest.role = role;
                configure(&mut latest.config, &wanted.config.with(reset));
                settle(latest);
            }
            Action::PublishVersion { function } => return self.publish(function),
            Action::TestRemote { function, version } => {
                let version = self.value(version);
                let lambda = &self.world.functions[&self.wanted(function).name];
                assert!(
                    version == "$LATEST" || lambda.versions.contains_key(&version.parse().unwrap())
                );
            }
            Action::SetAlias {
                function,
                version,
                revision,
            } => self.set_alias(function, version, revision.as_ref()),
            Action::RetireVersions { function, keep } => self.retire(function, *keep),
            Action::TagFunction {
                function,
                set,
                remove,
            } => {
                let set: Vec<_> = set
                    .iter()
                    .map(|(key, value)| (key.clone(), self.value(value)))
                    .collect();
                let tags = &mut self.latest(function).tags;
                tags.extend(set);
                tags.retain(|key, _| !remove.contains(key));
            }
            Action::DeleteFunction { name } => assert!(self.world.functions.remove(name).is_some()),
            Action::DeleteRole { name, policies } => {
                let role = self.world.roles.remove(name).unwrap();
                assert_eq!(role.policies, *policies);
                let used = self
                    .world
                    .functions
                    .values()
                    .any(|lambda| lambda.latest.role == role.arn);
                assert!(!used, "role {name} is still used");
            }
            Action::DeleteLogGroup { name } => {
                assert!(self.world.log_groups.remove(name).is_some());
                let function = name.trim_start_matches("/aws/lambda/");
                assert!(
                    !self.world.functions.contains_key(function),
                    "it would come back"
                );
            }
            Action::DeleteRepository { .. } => {
                assert!(self.world.repository.take().is_some());
                self.world.images.clear();
            }
        }
        String::new()
    }

    fn wanted(&self, key: &str) -> Function {
        self.desired.functions[key].clone()
    }

    fn latest(&mut self, key: &str) -> &mut FunctionState {
        let name = self.desired.functions[key].name.clone();
        &mut self.world.functions.get_mut(&name).unwrap().latest
    }

    fn value(&self, value: &Value<String>) -> String {
        match value {
            Value::Known(value) => value.clone(),
            Value::From(step) => self.given[step].clone(),
        }
    }

    fn digest(&self, value: &Value<Digest>) -> Digest {
        match value {
            Value::Known(digest) => digest.clone(),
            Value::From(step) => Digest::parse(&self.given[step]).unwrap(),
        }
    }

    /// What Lambda is given: never a tag.
    fn uri(&self, digest: &Digest) -> String {
        let repository = self.world.repository.as_ref().unwrap();
        format!("{}@{}", repository.uri, digest.as_str())
    }

    fn create_repository(&mut self) {
        assert!(self.world.repository.is_none());
        self.world.images.clear();
        let wanted = &self.desired.repository;
        self.world.repository = Some(Repository {
            uri: format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{}", wanted.name),
            arn: format!("arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{}", wanted.name),
            tags: BTreeMap::new(),
            policy: None,
            lifecycle: None,
            mutability: String::new(),
            mutability_exceptions: Vec::new(),
        });
        self.update_repository();
    }

    fn update_repository(&mut self) {
        let wanted = self.desired.repository.clone();
        let repository = self.world.repository.as_mut().unwrap();
        repository.tags.extend(wanted.tags);
        repository.policy = Some(wanted.policy);
        repository.lifecycle = Some(wanted.lifecycle);
        let word = if wanted.mutable_tags.is_empty() {
            "IMMUTABLE"
        } else {
            "IMMUTABLE_WITH_EXCLUSION"
        };
        repository.mutability = word.to_owned();
        repository.mutability_exceptions = wanted.mutable_tags;
    }

    fn own_role(&self, key: &str) -> OwnRole {
        match self.wanted(key).role {
            RoleChoice::Own(role) => role,
            RoleChoice::Given(name) => panic!("role {name} is not jot's to change"),
        }
    }

    fn create_role(&mut self, key: &str) -> String {
        let wanted = self.own_role(key);
        let arn = format!("arn:aws:iam::{ACCOUNT}:role{}{}", wanted.path, wanted.name);
        let role = Role {
            arn: arn.clone(),
            trust: wanted.trust,
            policies: wanted.policies,
            tags: wanted.tags,
        };
        assert!(self.world.roles.insert(wanted.name, role).is_none());
        arn
    }

    fn update_role(
        &mut self,
        key: &str,
        arn: &str,
        policies: (&[String], &[String]),
        trust: bool,
        tags: bool,
    ) {
        let wanted = self.own_role(key);
        let role = self.world.roles.get_mut(&wanted.name).unwrap();
        assert_eq!(role.arn, arn);
        role.policies.extend_from_slice(policies.0);
        role.policies.retain(|arn| !policies.1.contains(arn));
        role.policies.sort();
        if trust {
            role.trust = wanted.trust;
        }
        if tags {
            role.tags.extend(wanted.tags);
        }
    }

    fn pull(&mut self, image: &Fingerprint, digest: &Digest) {
        assert_eq!(self.world.images[image.tag()].digest, *digest);
        let known = format!(
            "{}@{}",
            self.world.repository.as_ref().unwrap().uri,
            digest.as_str()
        );
        let local = LocalImage {
            id: digest.as_str().to_owned(),
            repo_digests: vec![known],
        };
        self.world.local().insert(image.clone(), local);
    }

    fn build(&mut self, image: &Fingerprint) {
        let recipe = &self.desired.images[image];
        if let Some(base) = &recipe.base {
            assert!(self.world.local().contains_key(base), "builds on nothing");
        }
        self.world.builds += 1;
        let id = format!("build {} of {}", self.world.builds, image.tag());
        let before = self.world.local().insert(
            image.clone(),
            LocalImage {
                id,
                repo_digests: Vec::new(),
            },
        );
        assert!(before.is_none(), "builds what is there");
    }

    fn push(&mut self, image: &Fingerprint, extra_tags: &[String]) -> String {
        let uri = self.world.repository.as_ref().unwrap().uri.clone();
        let local = self
            .world
            .local()
            .get_mut(image)
            .expect("pushes what is not there");
        let digest = digest(&local.id);
        local
            .repo_digests
            .push(format!("{uri}@{}", digest.as_str()));
        let tags = [image.tag().to_owned()]
            .into_iter()
            .chain(extra_tags.iter().cloned())
            .collect();
        let remote = RemoteImage {
            digest: digest.clone(),
            size: None,
            tags,
        };
        let before = self.world.images.insert(image.tag().to_owned(), remote);
        assert!(before.is_none(), "tags are immutable");
        digest.as_str().to_owned()
    }

    fn create_function(&mut self, key: &str, role: String, digest: Digest) {
        assert!(self.world.holds(&digest), "Lambda cannot pull {digest:?}");
        assert!(
            self.world.roles.values().any(|there| there.arn == role),
            "no role {role}"
        );
        let wanted = self.wanted(key);
        assert!(
            self.world.log_groups.contains_key(&wanted.log_group.name),
            "Lambda would make the log group"
        );
        let mut config = Settings {
            description: String::new(),
            memory_mb: CREATED_MEMORY_MB,
            timeout_s: CREATED_TIMEOUT_S,
            ephemeral_storage_mb: 512,
            environment: BTreeMap::new(),
            tracing: "PassThrough".to_owned(),
            log_format: "Text".to_owned(),
            log_level: None,
        };
        configure(&mut config, &wanted.config);
        let latest = FunctionState {
            arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", wanted.name),
            version: "$LATEST".to_owned(),
            package_type: "Image".to_owned(),
            image_uri: Some(self.uri(&digest)),
            digest: Some(digest),
            architecture: wanted.architecture,
            role,
            config,
            tags: wanted.ownership,
            state: "Active".to_owned(),
            last_update: "Successful".to_owned(),
            reason: None,
            revision: "r".to_owned(),
        };
        let lambda = Lambda {
            latest,
            versions: BTreeMap::new(),
            aliases: BTreeMap::new(),
        };
        assert!(self.world.functions.insert(wanted.name, lambda).is_none());
    }

    /// As Lambda does: a function that is as its last version was is not published again.
    fn publish(&mut self, key: &str) -> String {
        let wanted = self.wanted(key);
        let lambda = self.world.functions.get_mut(&wanted.name).unwrap();
        if let Some((number, last)) = lambda.versions.iter().next_back() {
            let mut settings = last.config.clone();
            settings
                .description
                .clone_from(&lambda.latest.config.description);
            let same = settings == lambda.latest.config
                && last.digest == lambda.latest.digest
                && last.architecture == lambda.latest.architecture
                && last.role == lambda.latest.role;
            if same {
                return number.to_string();
            }
        }
        let number = lambda
            .versions
            .keys()
            .next_back()
            .map_or(1, |last| last + 1);
        let mut version = lambda.latest.clone();
        version.version = number.to_string();
        version.tags.clear();
        version.config.description = wanted.version_description();
        lambda.versions.insert(number, version);
        number.to_string()
    }

    fn set_alias(&mut self, key: &str, version: &Value<String>, revision: Option<&String>) {
        let version = self.value(version);
        let wanted = self.wanted(key);
        let lambda = self.world.functions.get_mut(&wanted.name).unwrap();
        assert!(
            lambda.versions.contains_key(&version.parse().unwrap()),
            "no version {version}"
        );
        let name = wanted.deploy.alias.unwrap();
        let there = lambda.aliases.get(&name).map(|alias| &alias.revision);
        assert_eq!(there, revision);
        let alias = Alias {
            revision: format!("at {version}"),
            version,
            weights: BTreeMap::new(),
        };
        lambda.aliases.insert(name, alias);
    }

    fn retire(&mut self, key: &str, keep: u32) {
        let name = self.wanted(key).name;
        let lambda = self.world.functions.get_mut(&name).unwrap();
        let aliased: BTreeSet<u32> = lambda
            .aliases
            .values()
            .map(|alias| alias.version.parse().unwrap())
            .collect();
        let keep: BTreeSet<u32> = lambda
            .versions
            .keys()
            .rev()
            .take(keep as usize)
            .copied()
            .collect();
        lambda
            .versions
            .retain(|number, _| keep.contains(number) || aliased.contains(number));
    }
}

/// The digest under which a registry knows these bytes.
pub fn digest(bytes: &str) -> Digest {
    Digest::parse(&format!("sha256:{}", hex::encode(Sha256::digest(bytes)))).unwrap()
}

pub fn role_name(wanted: &Function) -> &str {
    match &wanted.role {
        RoleChoice::Own(role) => &role.name,
        RoleChoice::Given(name) => name,
    }
}

fn settle(latest: &mut FunctionState) {
    latest.state = "Active".to_owned();
    latest.last_update = "Successful".to_owned();
    latest.reason = None;
    latest.revision.push('+');
}

/// What Lambda makes of an UpdateFunctionConfiguration: absent fields stay as they are.
fn configure(settings: &mut Settings, config: &Config) {
    let Config {
        description,
        memory_mb,
        timeout_s,
        ephemeral_storage_mb,
        environment,
        tracing,
        log_format,
        log_level,
    } = config.clone();
    let environment = environment.map(|variables| {
        let reveal = |value: &jot::model::value::EnvValue| {
            Secret::new(value.reveal().expect("unknown here"))
        };
        variables
            .iter()
            .map(|(name, value)| (name.clone(), reveal(value)))
            .collect()
    });
    settings.description = description.unwrap_or(settings.description.clone());
    settings.memory_mb = memory_mb.unwrap_or(settings.memory_mb);
    settings.timeout_s = timeout_s.unwrap_or(settings.timeout_s);
    settings.ephemeral_storage_mb = ephemeral_storage_mb.unwrap_or(settings.ephemeral_storage_mb);
    settings.environment = environment.unwrap_or(settings.environment.clone());
    settings.tracing = tracing.unwrap_or(settings.tracing.clone());
    settings.log_format = log_format.unwrap_or(settings.log_format.clone());
    settings.log_level = match settings.log_format.as_str() {
        "JSON" => log_level
            .or(settings.log_level.clone())
            .or(Some("INFO".to_owned())),
        _ => None,
    };
}
