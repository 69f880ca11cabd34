//! A modelled world: what Docker, ECR, IAM, Logs and Lambda have, and what `observe` sees of it.
//! The effects of each step are in `run` and `lambda`; a step with preconditions that do not hold
//! fails the test.

mod lambda;
mod pushes;
mod reach;
mod run;
mod schedule;

use std::collections::{BTreeMap, BTreeSet};

use jot::model::{
    Action, Desired, Digest, Fingerprint, Form, Function, MappingState, Observed, Plan,
    RecursiveLoop, RoleChoice, Secret, Step, StepId, ZipArtifact,
    observed::{
        self, Alias, Belongings, Docker, FunctionState, LATEST, LocalImage, LogGroup, Other,
        Reading, RemoteImage, Repository, Role,
    },
    push::Bucket,
    reach::Found,
};
use sha2::{Digest as _, Sha256};

#[allow(unused_imports)] // not every test target changes settings by hand
pub use lambda::configure;
use lambda::created;
use run::Run;

/// What `observe` would see after the whole plan was executed on what it saw before.
pub fn execute(plan: &Plan, desired: &Desired, observed: &Observed) -> Observed {
    let mut world = World::new(desired, observed);
    world.execute(plan, desired, |_| true);
    world.observe(desired)
}

/// The whole world, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    account: String,
    region: String,
    /// The repository's host: ECR's, or an emulator's.
    registry: String,
    pub docker: Docker,
    pub repository: Option<Repository>,
    pub images: BTreeMap<String, RemoteImage>,
    /// Those of [`World::images`] that are archives.
    pub archives: BTreeMap<String, ZipArtifact>,
    /// The content of another target's repository.
    pub source: Option<observed::Source>,
    pub roles: BTreeMap<String, Role>,
    /// Event source mappings by function and alias, then by UUID: Lambda keeps them beyond the
    /// function's end.
    pub mappings: BTreeMap<(String, String), BTreeMap<String, MappingState>>,
    /// What calls functions from other services, by its id.
    pub pushes: BTreeMap<String, pushes::Calling>,
    /// The other events that buckets send, by name.
    pub buckets: BTreeMap<String, Bucket>,
    /// Whether the group of the target's schedules exists.
    pub schedule_group: bool,
    /// The names of schedules in it that belong to no trigger.
    pub schedules: BTreeSet<String>,
    /// Inline policies for destinations, by role.
    pub reaches: BTreeMap<String, serde_json::Value>,
    pub log_groups: BTreeMap<String, LogGroup>,
    /// Tags of the log groups that jot made.
    pub log_tags: BTreeMap<String, BTreeMap<String, String>>,
    pub functions: BTreeMap<String, Lambda>,
    pub references: BTreeMap<String, Reading>,
    others: Vec<Other>,
    /// Builds so far: no two builds give the same bytes.
    pub builds: u32,
}

/// One function in Lambda.
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    pub latest: FunctionState,
    pub versions: BTreeMap<u32, FunctionState>,
    pub aliases: BTreeMap<String, Alias>,
    /// What Lambda does with recursive calls.
    pub recursive_loop: RecursiveLoop,
    /// What may call it, by alias; the empty name is the function itself.
    pub reach: BTreeMap<String, jot::model::reach::Found>,
}

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "eu-west-1";

/// ECR's host in the only partition of this world.
pub fn ecr_host(account: &str, region: &str) -> String {
    format!("{account}.dkr.ecr.{region}.amazonaws.com")
}

impl World {
    /// Nothing but a Docker daemon and the user's own role.
    pub fn empty() -> Self {
        let given = Role {
            arn: format!("arn:aws:iam::{ACCOUNT}:role/theirs"),
            trust: serde_json::json!({}),
            policies: Vec::new(),
            inline: None,
            boundary: None,
            tags: BTreeMap::new(),
        };
        Self {
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            registry: ecr_host(ACCOUNT, REGION),
            docker: Docker::Present {
                platform: "linux/amd64".to_owned(),
                images: BTreeMap::new(),
            },
            repository: None,
            images: BTreeMap::new(),
            archives: BTreeMap::new(),
            source: None,
            roles: BTreeMap::from([("theirs".to_owned(), given)]),
            reaches: BTreeMap::new(),
            mappings: BTreeMap::new(),
            pushes: BTreeMap::new(),
            buckets: BTreeMap::new(),
            schedule_group: false,
            schedules: BTreeSet::new(),
            log_groups: BTreeMap::new(),
            log_tags: BTreeMap::new(),
            functions: BTreeMap::new(),
            references: BTreeMap::from([(
                "parameter /there".to_owned(),
                Reading::Secret(Secret::new("canary-there")),
            )]),
            others: Vec::new(),
            builds: 0,
        }
    }

    /// The world with this observation.
    fn new(desired: &Desired, observed: &Observed) -> Self {
        let mut world = Self::empty();
        world.account.clone_from(&observed.account);
        world.region.clone_from(&observed.region);
        world.registry = match (&desired.aws.registry, &observed.repository) {
            (Some(registry), _) => registry.clone(),
            (None, Some(found)) => found.uri.split('/').next().unwrap().to_owned(),
            (None, None) => ecr_host(&world.account, &world.region),
        };
        world.docker.clone_from(&observed.docker);
        world.repository.clone_from(&observed.repository);
        if observed.repository.is_some() {
            world.images.clone_from(&observed.images);
            world.archives.clone_from(&observed.archives);
        }
        world.source.clone_from(&observed.source);
        world.references.clone_from(&observed.references);
        for other in &observed.others {
            world.add_other(other, desired);
        }
        for (key, wanted) in &desired.functions {
            let Some(found) = observed.functions.get(key) else {
                continue;
            };
            let role = found.role.clone();
            world
                .roles
                .extend(role.map(|role| (role_name(wanted).to_owned(), role)));
            let alias = wanted.deploy.alias.clone().unwrap_or_default();
            if !found.reach.mappings.is_empty() {
                let place = (wanted.name.clone(), alias.clone());
                world.mappings.insert(place, found.reach.mappings.clone());
            }
            if let Some(former) = &found.reach.former {
                let place = (wanted.name.clone(), former.name.clone());
                world.mappings.insert(place, former.reach.mappings.clone());
                let arn = world.alias_arn(&wanted.name, Some(&former.name));
                world.add_pushes(&arn, &former.reach);
            }
            let arn = world.alias_arn(&wanted.name, wanted.deploy.alias.as_deref());
            world.add_pushes(&arn, &found.reach);
            if let Some(policy) = found.reach.role_policy.clone() {
                world.reaches.insert(role_name(wanted).to_owned(), policy);
            }
            if let Some(mut logs) = found.log_group.clone() {
                let (name, tags) = (&wanted.log_group.name, std::mem::take(&mut logs.tags));
                world.log_groups.insert(name.clone(), logs);
                world.log_tags.insert(name.clone(), tags);
            }
            if let Some(latest) = found.latest.clone() {
                let live = found
                    .live
                    .iter()
                    .filter_map(|live| Some((live.version.parse().ok()?, live.clone())));
                let alias = wanted.deploy.alias.clone().zip(found.alias.clone());
                let former = found.reach.former.as_ref();
                let before = former.map(|one| {
                    let alias = Alias {
                        version: "3".to_owned(),
                        weights: BTreeMap::new(),
                        revision: "before".to_owned(),
                        description: String::new(),
                    };
                    (one.name.clone(), alias)
                });
                let mut reach = BTreeMap::from([(
                    wanted.deploy.alias.clone().unwrap_or_default(),
                    found.reach.clone(),
                )]);
                reach.extend(former.map(|one| (one.name.clone(), one.reach.clone())));
                let lambda = Lambda {
                    latest,
                    versions: live.collect(),
                    aliases: alias.into_iter().chain(before).collect(),
                    recursive_loop: found
                        .recursive_loop
                        .clone()
                        .unwrap_or(RecursiveLoop::Terminate),
                    reach,
                };
                world.functions.insert(wanted.name.clone(), lambda);
            }
        }
        if let Some(found) = &observed.scheduler {
            world.add_scheduler(desired, found);
        }
        world
    }

    /// A function besides those that are desired; of one that was not observed, only the name is
    /// known.
    fn add_other(&mut self, other: &Other, desired: &Desired) {
        let Some(there) = &other.belongings else {
            self.others.push(other.clone());
            return;
        };
        let role = there.role.clone();
        self.roles.extend(role.clone());
        let group = format!("/aws/lambda/{}", other.name);
        if let Some(there) = &there.log_group {
            let tags = [
                ("jot:project", &desired.project),
                ("jot:target", &other.target),
                ("jot:function", &other.function),
            ];
            let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned()));
            self.log_groups.insert(group.clone(), there.clone());
            self.log_tags.insert(group, tags.into());
        }
        if !there.mappings.is_empty() {
            let place = (other.name.clone(), String::new());
            self.mappings.insert(place, there.mappings.clone());
        }
        let found = Found {
            pushes: there.pushes.clone(),
            ..Found::default()
        };
        self.add_pushes(&other.arn, &found);
        let Some(tags) = &there.tags else { return };
        let latest = FunctionState {
            arn: other.arn.clone(),
            version: "$LATEST".to_owned(),
            package_type: "Image".into(),
            digest: None,
            image_uri: None,
            architecture: "x86_64".into(),
            role: role
                .as_ref()
                .map(|(_, role)| role.arn.clone())
                .unwrap_or_default(),
            config: created(),
            tags: tags.clone(),
            state: "Active".into(),
            last_update: "Successful".into(),
            reason: None,
            revision: "r".to_owned(),
            modified: String::new(),
            reserved_concurrency: None,
            optimised: false,
            zip: None,
        };
        let lambda = Lambda {
            latest,
            versions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            recursive_loop: RecursiveLoop::Terminate,
            reach: BTreeMap::new(),
        };
        self.functions.insert(other.name.clone(), lambda);
    }

    /// Functions and log groups of the project besides those that are desired, by their tags.
    fn observe_others(&self, desired: &Desired) -> Vec<Other> {
        let functions = self.functions.iter();
        let functions = functions
            .map(|(name, lambda)| (name.as_str(), &lambda.latest.arn, &lambda.latest.tags));
        let groups = self.log_groups.keys().filter_map(|group| {
            let name = group.strip_prefix("/aws/lambda/")?;
            Some((name, group, self.log_tags.get(group)?))
        });
        let mut others = BTreeMap::new();
        for (name, arn, tags) in functions.chain(groups) {
            let tag = |key: &str| tags.get(key).cloned().unwrap_or_default();
            let mut wanted = desired.functions.values();
            if tag("jot:project") != desired.project || wanted.any(|wanted| wanted.name == name) {
                continue;
            }
            others.entry(name).or_insert_with(|| Other {
                name: name.to_owned(),
                arn: arn.clone(),
                target: tag("jot:target"),
                function: tag("jot:function"),
                belongings: None,
            });
        }
        let looked = others
            .into_values()
            .filter_map(|other| self.look(other, desired));
        self.others.iter().cloned().chain(looked).collect()
    }

    /// The same with its dependent resources, if a plan for `desired` may delete it.
    fn look(&self, other: Other, desired: &Desired) -> Option<Other> {
        let lambda = self.functions.get(&other.name);
        let mut functions = desired.functions.values();
        let moved = functions.any(|one| one.lifecycle.moved_from.as_ref() == Some(&other.function));
        let ours = other.target == desired.target.clone().unwrap_or_default();
        if !ours || !(desired.whole || moved) {
            return lambda.is_some().then_some(other);
        }
        let mut roles = self.roles.iter();
        let role = roles.find(|(name, role)| match lambda {
            Some(lambda) => *name != "theirs" && role.arn == lambda.latest.role,
            None => name.starts_with(&format!("jot-{}-", other.name)),
        });
        let group = format!("/aws/lambda/{}", other.name);
        let mut pushes = lambda
            .filter(|lambda| reach::is_recorded(lambda, "trig"))
            .map_or_else(BTreeMap::new, |lambda| {
                let key = lambda
                    .latest
                    .tags
                    .get("jot:function")
                    .unwrap_or(&other.name);
                self.pushes_of(desired, &other.name, key, lambda)
            });
        pushes.extend(self.schedules_of(desired, (&other.function, &other.name), None));
        let belongings = Belongings {
            tags: lambda.map(|lambda| lambda.latest.tags.clone()),
            role: role.map(|(name, role)| (name.clone(), role.clone())),
            log_group: self.log_groups.get(&group).cloned(),
            mappings: self.mappings_of(&other.name, lambda),
            pushes,
        };
        Some(Other {
            belongings: Some(belongings),
            ..other
        })
    }

    /// What `observe` sees of it.
    pub fn observe(&self, desired: &Desired) -> Observed {
        let known = desired.with_values(&self.references);
        let functions = desired.functions.iter();
        Observed {
            now: None,
            leftovers: Default::default(),
            account: self.account.clone(),
            region: self.region.clone(),
            docker: self.docker.clone(),
            repository: self.repository.clone(),
            images: self.images.clone(),
            archives: self.observe_archives(desired),
            source: self.source.clone(),
            functions: functions
                .map(|(key, wanted)| {
                    let mut found = self.observe_function(wanted);
                    let alias = wanted.deploy.alias.as_deref();
                    if wanted.unknown_triggers().next().is_some() {
                        // Resources with names from other sources are requested once the names are
                        // read.
                        let late = self.observe_function(&known.functions[key]).reach;
                        found.reach.pushes = late.pushes;
                        found.reach.buckets = late.buckets;
                    }
                    let schedules = self.schedules_of(desired, (key, &wanted.name), alias);
                    found.reach.pushes.extend(schedules);
                    if let Some(former) = &wanted.lifecycle.moved_from {
                        let before = self.schedules_of(desired, (former, &wanted.name), alias);
                        let before = before.into_iter().filter(|(_, one)| one.calls);
                        found.reach.pushes.extend(before);
                    }
                    (key.clone(), found)
                })
                .collect(),
            references: desired
                .origins()
                .into_iter()
                .map(|origin| origin.to_string())
                .filter_map(|name| Some((name.clone(), self.references.get(&name)?.clone())))
                .collect(),
            others: self.observe_others(desired),
            scheduler: self.observe_scheduler(desired),
        }
    }

    /// As `observe` does: it looks for archives under the tags of recipes that make one.
    fn observe_archives(&self, desired: &Desired) -> BTreeMap<String, ZipArtifact> {
        let tags: BTreeSet<&str> = desired
            .recipes
            .values()
            .filter(|recipe| recipe.form == Form::Zip)
            .map(|recipe| recipe.fingerprint.tag())
            .collect();
        let held = self
            .archives
            .iter()
            .filter(|(tag, _)| self.images.contains_key(*tag) && tags.contains(tag.as_str()));
        held.map(|(tag, archive)| (tag.clone(), archive.clone()))
            .collect()
    }

    fn observe_function(&self, wanted: &Function) -> observed::Function {
        let lambda = self.functions.get(&wanted.name);
        let name = wanted.deploy.alias.as_ref();
        let alias = lambda
            .zip(name)
            .and_then(|(lambda, name)| lambda.aliases.get(name));
        let version = |alias: &Alias| lambda?.versions.get(&alias.version.parse().ok()?);
        let asked = |state: &FunctionState| self.asked(wanted, lambda, state);
        observed::Function {
            latest: lambda.map(|lambda| asked(&lambda.latest)),
            alias: alias.cloned(),
            live: match (alias, lambda) {
                (Some(alias), Some(lambda)) if alias.version == LATEST => {
                    Some(asked(&lambda.latest))
                }
                _ => alias.and_then(version).map(asked),
            },
            role: self.observe_role(wanted, lambda),
            log_group: self.observe_log_group(wanted, lambda),
            versions: match lambda {
                Some(lambda) if lambda.latest.state.as_str() == "Failed" => {
                    lambda.versions.keys().map(u32::to_string).collect()
                }
                _ => Vec::new(),
            },
            from_tags: false,
            recursive_loop: self.observe_recursive_loop(wanted, lambda),
            reach: self.observe_reach(wanted, lambda),
        }
    }

    /// As `observe` does: it requests the update of the runtime if that is desired now or was
    /// desired once.
    fn asked(
        &self,
        wanted: &Function,
        lambda: Option<&Lambda>,
        state: &FunctionState,
    ) -> FunctionState {
        let tags = lambda.and_then(|lambda| lambda.latest.tags.get("jot:managed"));
        let managed = tags.is_some_and(|words| words.split(' ').any(|word| word == "rtup"));
        let mut state = state.clone();
        if let Some(zip) = state.zip.as_mut() {
            let there = zip.update.take().unwrap_or_default();
            zip.update = (managed || wanted.runtime_update.is_some()).then_some(there);
        }
        state
    }

    /// As `observe` does: it is requested if it is desired now or was desired once.
    fn observe_recursive_loop(
        &self,
        wanted: &Function,
        lambda: Option<&Lambda>,
    ) -> Option<RecursiveLoop> {
        let lambda = lambda?;
        let tags = lambda.latest.tags.get("jot:managed");
        let managed = tags.is_some_and(|words| words.split(' ').any(|word| word == "loop"));
        (managed || wanted.recursive_loop.is_some()).then(|| lambda.recursive_loop.clone())
    }

    /// With its tags, unless a function shows its owner.
    fn observe_log_group(&self, wanted: &Function, lambda: Option<&Lambda>) -> Option<LogGroup> {
        let name = &wanted.log_group.name;
        let mut group = self.log_groups.get(name).cloned()?;
        if lambda.is_none() {
            group.tags = self.log_tags.get(name).cloned().unwrap_or_default();
        }
        Some(group)
    }

    /// As `observe` does: an inline policy is requested if one is desired or recorded, and if
    /// nothing could record one.
    fn observe_role(&self, wanted: &Function, lambda: Option<&Lambda>) -> Option<Role> {
        let mut role = self.roles.get(role_name(wanted)).cloned()?;
        let is_wanted = matches!(&wanted.role, RoleChoice::Own(role) if role.inline.is_some());
        let recorded = |lambda: &Lambda| {
            let managed = lambda.latest.tags.get("jot:managed");
            managed.is_some_and(|words| words.split(' ').any(|word| word == "policy"))
        };
        if !is_wanted && !lambda.is_none_or(recorded) {
            role.inline = None;
        }
        Some(role)
    }

    /// Executes every step that `succeeds` and has only predecessors that were done; returns those
    /// that were done.
    pub fn execute(
        &mut self,
        plan: &Plan,
        desired: &Desired,
        mut succeeds: impl FnMut(&Step) -> bool,
    ) -> BTreeSet<StepId> {
        let references = self.references.clone();
        let desired = &*desired.with_values(&references);
        let revisions: BTreeMap<String, String> = self
            .functions
            .iter()
            .map(|(name, lambda)| (name.clone(), lambda.latest.revision.clone()))
            .collect();
        let aliases: BTreeMap<(String, String), String> = self
            .functions
            .iter()
            .flat_map(|(name, lambda)| {
                let aliases = lambda.aliases.iter();
                aliases.map(|(alias, at)| ((name.clone(), alias.clone()), at.revision.clone()))
            })
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
                destroys: plan.purpose != jot::model::plan::Purpose::Apply,
                revisions: &revisions,
                aliases: &aliases,
            }
            .step(&step.action);
            given.insert(step.id.clone(), value);
            if plan.purpose == jot::model::plan::Purpose::Apply {
                self.assert_serving(serving, step, desired);
            }
        }
        given.into_keys().collect()
    }

    /// Aliases with a version that exists and has its image in ECR and its role.
    pub fn serving(&self) -> BTreeSet<(String, String)> {
        let mut serving = BTreeSet::new();
        for (name, lambda) in &self.functions {
            for (alias, at) in &lambda.aliases {
                let numbered = || lambda.versions.get(&at.version.parse().ok()?);
                let version = match at.version.as_str() {
                    LATEST => Some(&lambda.latest),
                    _ => numbered(),
                };
                let serves = |version: &FunctionState| {
                    // Lambda keeps archives itself.
                    let held = version.zip.is_some()
                        || version
                            .digest
                            .as_ref()
                            .is_some_and(|digest| self.holds(digest));
                    held && self.roles.values().any(|role| role.arn == version.role)
                };
                if version.is_some_and(serves) {
                    serving.insert((name.clone(), alias.clone()));
                }
            }
        }
        serving
    }

    fn assert_serving(
        &self,
        mut before: BTreeSet<(String, String)>,
        step: &Step,
        desired: &Desired,
    ) {
        let gone = match &step.action {
            Action::DeleteFunction { name } => Some(name),
            Action::ReplaceFunction {
                function,
                revision: Some(_),
                ..
            } => Some(&desired.functions[function].name),
            _ => None,
        };
        before.retain(|(function, _)| Some(function) != gone);
        if let Action::DeleteAlias { function, alias } = &step.action {
            // The alias of the manifest serves in its place.
            let wanted = &desired.functions[function];
            let name = wanted.name.clone();
            let place = (
                name.clone(),
                wanted.deploy.alias.clone().unwrap_or_default(),
            );
            let was_serving = before.remove(&(name, alias.clone()));
            assert!(
                !was_serving || before.contains(&place),
                "{place:?} serves nothing"
            );
        }
        let lost: Vec<_> = before.difference(&self.serving()).cloned().collect();
        assert!(lost.is_empty(), "{} cost {lost:?} its traffic", step.id);
    }

    pub fn holds(&self, digest: &Digest) -> bool {
        self.images.values().any(|image| image.digest == *digest)
            || self
                .archives
                .values()
                .any(|archive| archive.code == *digest)
    }

    pub fn local(&mut self) -> &mut BTreeMap<Fingerprint, LocalImage> {
        match &mut self.docker {
            Docker::Present { images, .. } => images,
            Docker::Absent(why) => panic!("a step needs docker: {why}"),
        }
    }
}

/// The digest of these bytes in a registry.
pub fn digest(bytes: &str) -> Digest {
    Digest::parse(&format!("sha256:{}", hex::encode(Sha256::digest(bytes)))).unwrap()
}

pub fn role_name(wanted: &Function) -> &str {
    match &wanted.role {
        RoleChoice::Own(role) => &role.name,
        RoleChoice::Given(name) => name,
        RoleChoice::From(_) => "",
    }
}
