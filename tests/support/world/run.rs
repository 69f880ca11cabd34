//! The effects of each step on the modelled world.

use std::collections::BTreeMap;

use jot::model::{
    Action, Desired, Digest, Fingerprint, Form, Function, RoleChoice, RuntimeUpdate, StepId,
    ZipArtifact,
    desired::Role as OwnRole,
    observed::{FunctionState, LATEST, LocalImage, LogGroup, RemoteImage, Repository, Role},
    plan::Inline,
    repository::with_others,
    value::Value,
};

use super::{
    World, digest as digest_of,
    lambda::{configure, run, settle},
};

/// A plan during its execution.
pub struct Run<'a> {
    pub world: &'a mut World,
    pub desired: &'a Desired,
    /// The value of each step.
    pub given: &'a BTreeMap<StepId, String>,
    /// Whether nothing will replace what is deleted.
    pub destroys: bool,
    /// Of functions when planned.
    pub revisions: &'a BTreeMap<String, String>,
    /// Of aliases when planned, by function and name.
    pub aliases: &'a BTreeMap<(String, String), String>,
}

impl Run<'_> {
    /// The value of the step.
    pub fn step(&mut self, action: &Action) -> String {
        if self.reach(action) || self.pushes(action) || self.schedules(action) {
            return String::new();
        }
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
                inline,
                boundary,
            } => {
                self.update_role(function, arn, (attach, detach), *trust, *tags);
                self.update_inline_policy(function, *inline);
                self.update_boundary(function, *boundary);
            }
            Action::CreateLogGroup { function } => {
                let wanted = self.wanted(function);
                let group = LogGroup {
                    retention_days: wanted.log_group.retention_days,
                    tags: BTreeMap::new(),
                };
                let name = wanted.log_group.name.clone();
                self.world
                    .log_tags
                    .insert(name.clone(), wanted.log_group.tags.clone());
                assert!(self.world.log_groups.insert(name, group).is_none());
            }
            Action::TagLogGroup { function } => {
                let wanted = &self.wanted(function).log_group;
                let (name, tags) = (wanted.name.clone(), wanted.tags.clone());
                assert!(self.world.log_groups.contains_key(&name));
                self.world.log_tags.entry(name).or_default().extend(tags);
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
                let code = self.wanted(function).code;
                let image = code.recipe().expect("jot builds it").clone();
                self.harness(&image, code.harness().expect("jot runs it"));
                assert!(
                    self.world.local().contains_key(&image),
                    "tests an image that is not there"
                );
            }
            Action::Push { image, extra_tags } => return self.push(image, extra_tags),
            Action::Copy {
                image,
                source,
                digest,
                extra_tags,
            } => return self.copy(image, (source, digest), extra_tags),
            Action::TagImage { image, tags } => self.tag(image, tags),
            Action::SetConcurrency { function, reserved } => {
                self.latest(function).reserved_concurrency = *reserved;
            }
            Action::CreateFunction {
                function,
                role,
                digest,
            } => {
                let (role, digest) = (self.value(role), self.digest(digest));
                self.create_function(function, role, digest);
            }
            Action::ReplaceFunction {
                function,
                role,
                digest,
                revision,
            } => {
                let (role, digest) = (self.value(role), self.digest(digest));
                let wanted = self.wanted(function);
                let gone = self.world.functions.remove(&wanted.name).unwrap();
                if revision.is_some() {
                    assert_eq!(gone.latest.revision, *revision.as_ref().unwrap());
                    let package = wanted.form().package_type();
                    assert_ne!(gone.latest.package_type, package, "it could be updated");
                } else {
                    assert_eq!(gone.latest.state.as_str(), "Failed");
                    let served = !gone.versions.is_empty() || !gone.aliases.is_empty();
                    assert!(!served, "it took traffic");
                }
                self.create_function(function, role, digest);
            }
            Action::UpdateCode {
                function,
                digest,
                revision,
                ..
            } => {
                let digest = self.digest(digest);
                let code = self.pulled(function, &digest);
                let size = self.size(&digest);
                let wanted = self.wanted(function);
                assert_eq!(self.revisions[&wanted.name], *revision);
                self.assert_untested_is_hidden(function);
                let latest = self.latest(function);
                assert_eq!(latest.package_type, wanted.form().package_type());
                let stays = !is_manual(latest) || latest.architecture == wanted.architecture;
                assert!(
                    stays,
                    "Lambda changes no architecture of a runtime that stays with one version"
                );
                run(latest, code, (digest, size));
                latest.architecture.clone_from(&wanted.architecture);
                settle(latest);
            }
            Action::UpdateConfig {
                function,
                role,
                reset,
                log_group,
                revision,
            } => {
                let role = self.value(role);
                let wanted = self.wanted(function);
                assert_eq!(self.revisions[&wanted.name], *revision);
                self.assert_untested_is_hidden(function);
                let latest = self.latest(function);
                latest.role = role;
                let stays = latest.config.log_group.clone();
                let says = wanted.config.with(reset).log_group.is_some()
                    && !wanted.lifecycle.ignores("logging.group");
                let kept = Some(stays).filter(|group| !says && !group.is_empty());
                assert_eq!(kept, *log_group);
                let there = &latest.config.environment;
                let stays = !is_manual(latest) || latest.config.runtime == runtime(&wanted, latest);
                assert!(
                    stays,
                    "Lambda changes no runtime that stays with one version"
                );
                let config = wanted
                    .config
                    .with(reset)
                    .respecting(&wanted.lifecycle, there);
                configure(&mut latest.config, &config);
                settle(latest);
            }
            Action::SetRecursiveLoop {
                function,
                recursive_loop,
            } => {
                let name = self.wanted(function).name;
                let lambda = self.world.functions.get_mut(&name).unwrap();
                assert_ne!(lambda.recursive_loop, *recursive_loop, "it is so already");
                lambda.recursive_loop = recursive_loop.clone();
            }
            Action::SetRuntimeUpdate {
                function,
                version,
                update,
            } => {
                let version = version.as_ref().map(|version| self.value(version));
                let name = self.wanted(function).name;
                let lambda = self.world.functions.get_mut(&name).unwrap();
                let state = match version {
                    None => &mut lambda.latest,
                    Some(version) => lambda.versions.get_mut(&version.parse().unwrap()).unwrap(),
                };
                state.zip.as_mut().expect("images have none").update = Some(update.clone());
            }
            Action::PublishVersion { function } => return self.publish(function),
            Action::TestRemote { function, version } => {
                let version = self.value(version);
                let lambda = &self.world.functions[&self.wanted(function).name];
                let runs = lambda.latest.reserved_concurrency != Some(0);
                assert!(runs, "tests what Lambda does not run");
                assert!(
                    version == "$LATEST" || lambda.versions.contains_key(&version.parse().unwrap())
                );
            }
            Action::SetAlias {
                function,
                version,
                revision,
                record,
                traffic: _,
            } => self.set_alias(function, (version, record), revision.as_ref()),
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
            Action::DeleteFunction { name } => {
                let mappings = self.world.mappings.iter();
                let left = mappings.filter(|((of, _), _)| of == name);
                let owned = left
                    .flat_map(|(_, all)| all.values())
                    .any(|one| one.tags.contains_key("jot:trigger"));
                assert!(!owned, "a mapping would outlive {name}");
                self.world.assert_uncalled(name, self.desired);
                let gone = self.world.functions.remove(name).unwrap();
                self.assert_replaced(&gone.latest);
            }
            Action::DeleteRole { name, policies } => {
                let role = self.world.roles.remove(name).unwrap();
                self.world.reaches.remove(name);
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
            Action::AddPermissions { .. }
            | Action::RemovePermissions { .. }
            | Action::CreateUrl { .. }
            | Action::UpdateUrl { .. }
            | Action::DeleteUrl { .. }
            | Action::DeleteAlias { .. }
            | Action::SetAsync { .. }
            | Action::ResetAsync { .. }
            | Action::SetRolePolicy { .. }
            | Action::SetProvisioned { .. }
            | Action::CreateMapping { .. }
            | Action::UpdateMapping { .. }
            | Action::DeleteMapping { .. }
            | Action::PutPush { .. }
            | Action::DeletePush { .. }
            | Action::CreateScheduleGroup { .. }
            | Action::CreateSchedulerRole { .. }
            | Action::UpdateSchedulerRole { .. }
            | Action::DeleteSchedule { .. }
            | Action::DeleteScheduleGroup { .. }
            | Action::SetNotifications { .. } => unreachable!("carried out above"),
            // Only a destroy observes the content of the bucket.
            Action::DeleteObjects { .. } => assert!(self.destroys),
            Action::DeleteRepository { .. } => {
                assert!(self.world.repository.take().is_some());
                self.world.images.clear();
            }
        }
        String::new()
    }

    pub fn wanted(&self, key: &str) -> Function {
        self.desired.functions[key].clone()
    }

    pub fn latest(&mut self, key: &str) -> &mut FunctionState {
        let name = self.desired.functions[key].name.clone();
        &mut self.world.functions.get_mut(&name).unwrap().latest
    }

    pub fn value(&self, value: &Value<String>) -> String {
        match value {
            Value::Known(value) => value.clone(),
            Value::From(step) => self.given[step].clone(),
        }
    }

    pub fn digest(&self, value: &Value<Digest>) -> Digest {
        match value {
            Value::Known(digest) => digest.clone(),
            Value::From(step) => Digest::parse(&self.given[step]).unwrap(),
        }
    }

    /// The place of a function's image for Lambda: the project's repository, or another one that
    /// has it. An archive is sent.
    pub fn pulled(&self, key: &str, digest: &Digest) -> Option<String> {
        let wanted = self.wanted(key);
        if let Some(uri) = wanted.code.image_uri() {
            return Some(uri.to_owned());
        }
        assert!(self.world.holds(digest), "nobody can pull {digest:?}");
        (wanted.form() == Form::Image).then(|| self.uri(digest))
    }

    /// Bytes of an archive in ECR; none for an image.
    pub fn size(&self, code: &Digest) -> u64 {
        let mut archives = self.world.archives.values();
        let held = archives.find(|archive| archive.code == *code);
        held.map_or(0, |archive| archive.size)
    }

    /// The image or archive that Lambda gets: never a tag.
    pub fn uri(&self, digest: &Digest) -> String {
        assert!(self.world.repository.is_some());
        let (host, name) = (&self.world.registry, &self.desired.repository.name);
        format!("{host}/{name}@{}", digest.as_str())
    }

    fn create_repository(&mut self) {
        assert!(self.world.repository.is_none());
        self.world.images.clear();
        let wanted = &self.desired.repository;
        self.world.repository = Some(Repository {
            uri: format!(
                "{}/{}",
                super::ecr_host(&self.world.account, &self.world.region),
                wanted.name
            ),
            arn: format!(
                "arn:aws:ecr:{}:{}:repository/{}",
                self.world.region, self.world.account, wanted.name
            ),
            tags: BTreeMap::new(),
            policy: None,
            lifecycle: None,
            mutability: "".into(),
            mutability_exceptions: Vec::new(),
        });
        self.update_repository();
    }

    fn update_repository(&mut self) {
        let wanted = self.desired.repository.clone();
        let repository = self.world.repository.as_mut().unwrap();
        repository.tags.extend(wanted.tags);
        repository.policy = Some(with_others(&wanted.policy, repository.policy.as_ref()));
        repository.lifecycle = Some(wanted.lifecycle);
        let word = if wanted.mutable_tags.is_empty() {
            "IMMUTABLE"
        } else {
            "IMMUTABLE_WITH_EXCLUSION"
        };
        repository.mutability = word.into();
        repository.mutability_exceptions = wanted.mutable_tags;
    }

    fn own_role(&self, key: &str) -> OwnRole {
        match self.wanted(key).role {
            RoleChoice::Own(role) => role,
            other => panic!("{other:?} is not jot's to change"),
        }
    }

    fn create_role(&mut self, key: &str) -> String {
        let wanted = self.own_role(key);
        let account = &self.world.account;
        let arn = format!("arn:aws:iam::{account}:role{}{}", wanted.path, wanted.name);
        let role = Role {
            arn: arn.clone(),
            trust: wanted.trust,
            policies: wanted.policies,
            inline: wanted.inline,
            boundary: wanted.boundary,
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
            let lifecycle = &self.desired.functions[key].lifecycle;
            role.tags.extend(lifecycle.managed_tags(&wanted.tags));
        }
    }

    fn update_inline_policy(&mut self, key: &str, inline: Option<Inline>) {
        let Some(inline) = inline else { return };
        let wanted = self.own_role(key);
        let role = self.world.roles.get_mut(&wanted.name).unwrap();
        role.inline = match inline {
            Inline::Put => Some(wanted.inline.expect("puts what is not wanted")),
            Inline::Delete => None,
        };
    }

    fn update_boundary(&mut self, key: &str, boundary: Option<Inline>) {
        let Some(boundary) = boundary else { return };
        let wanted = self.own_role(key);
        let role = self.world.roles.get_mut(&wanted.name).unwrap();
        role.boundary = match boundary {
            Inline::Put => Some(wanted.boundary.expect("puts what is not wanted")),
            Inline::Delete => None,
        };
    }

    /// No desired alias sends traffic to what is about to change.
    fn assert_untested_is_hidden(&self, key: &str) {
        let wanted = self.wanted(key);
        let lambda = &self.world.functions[&wanted.name];
        let alias = wanted
            .deploy
            .alias
            .and_then(|name| lambda.aliases.get(&name));
        let exposed = alias
            .is_some_and(|alias| alias.version == LATEST || alias.weights.contains_key(LATEST));
        assert!(!exposed, "what is not tested yet would take traffic");
    }

    /// A tag is on one image.
    fn tag(&mut self, image: &Fingerprint, tags: &[String]) {
        for other in self.world.images.values_mut() {
            other.tags.retain(|tag| !tags.contains(tag));
        }
        let held = self.world.images.get_mut(image.tag()).expect("no image");
        held.tags.extend_from_slice(tags);
    }

    /// What a function moved from is deleted only once the new one has its traffic.
    fn assert_replaced(&self, gone: &FunctionState) {
        let from = gone.tags.get("jot:function");
        let mut functions = self.desired.functions.values();
        let new = functions.find(|one| from.is_some() && one.lifecycle.moved_from.as_ref() == from);
        let Some(new) = new.filter(|new| !gone.arn.ends_with(&format!(":{}", new.name))) else {
            return;
        };
        if self.destroys {
            return;
        }
        let lambda = self.world.functions.get(&new.name).expect("it goes first");
        let alias = new.deploy.alias.as_ref();
        let there = alias.is_none_or(|alias| lambda.aliases.contains_key(alias));
        assert!(there, "{} goes before its replacement serves", gone.arn);
    }

    fn pull(&mut self, image: &Fingerprint, digest: &Digest) {
        assert_eq!(self.world.images[image.tag()].digest, *digest);
        let local = LocalImage {
            id: digest.as_str().to_owned(),
            repo_digests: vec![self.uri(digest)],
            base: None,
        };
        self.world.local().insert(image.clone(), local);
    }

    fn build(&mut self, image: &Fingerprint) {
        let recipe = &self.desired.recipes[image];
        let base = recipe.base.as_ref().map(|base| {
            let base = self.world.local().get(base).expect("builds on nothing");
            base.id.clone()
        });
        self.world.builds += 1;
        let id = format!("build {} of {}", self.world.builds, image.tag());
        let before = self.world.local().insert(
            image.clone(),
            LocalImage {
                id,
                repo_digests: Vec::new(),
                base: base.clone(),
            },
        );
        let same = before.is_some_and(|before| before.base == base);
        assert!(!same, "builds what is there");
    }

    /// The image that runs another one on this machine.
    fn harness(&mut self, image: &Fingerprint, harness: &Fingerprint) {
        let Some(runs) = self.world.local().get(image) else {
            return;
        };
        let made = LocalImage {
            id: format!("harness of {}", runs.id),
            repo_digests: Vec::new(),
            base: Some(runs.id.clone()),
        };
        self.world.local().insert(harness.clone(), made);
    }

    /// The digest of this image in the repository: Docker does not compress a layer again that it
    /// has pushed before.
    fn pushed_before(&self, local: &LocalImage) -> Option<Digest> {
        let (host, name) = (&self.world.registry, &self.desired.repository.name);
        let here = format!("{host}/{name}@");
        let mut digests = local.repo_digests.iter();
        digests.find_map(|known| Digest::parse(known.strip_prefix(&here)?))
    }

    /// An archive of the build; equal bytes give the same one.
    fn push_archive(&mut self, image: &Fingerprint) -> (Digest, Digest) {
        let local = self.world.local().get(image);
        let id = local.expect("pushes what is not there").id.clone();
        let (code, manifest) = (
            digest_of(&format!("archive of {id}")),
            digest_of(&format!("manifest of {id}")),
        );
        let archive = ZipArtifact {
            manifest: manifest.clone(),
            code: code.clone(),
            size: 1,
            annotations: BTreeMap::new(),
        };
        let tag = image.tag().to_owned();
        self.world.archives.insert(tag, archive);
        (manifest, code)
    }

    /// The registry's name of an image, and what Lambda gets.
    fn push_image(&mut self, image: &Fingerprint) -> (Digest, Digest) {
        let local = self.world.local().get(image);
        let local = local.expect("pushes what is not there").clone();
        let digest = self.pushed_before(&local);
        let digest = digest.unwrap_or_else(|| digest_of(&local.id));
        let known = self.uri(&digest);
        let digests = &mut self.world.local().get_mut(image).unwrap().repo_digests;
        if !digests.contains(&known) {
            digests.push(known);
        }
        (digest.clone(), digest)
    }

    /// Nothing is built: the source's content is here as well, under the same digest.
    fn copy(
        &mut self,
        image: &Fingerprint,
        (source, digest): (&str, &Digest),
        extra_tags: &[String],
    ) -> String {
        let found = self.world.source.clone().expect("copies from nowhere");
        assert_eq!(found.repository.as_deref(), Some(source));
        assert_eq!(found.images[image.tag()].digest, *digest);
        assert!(!self.desired.supply.is_build(), "copies what may be built");
        let code = match found.archives.get(image.tag()) {
            Some(archive) => {
                let tag = image.tag().to_owned();
                self.world.archives.insert(tag, archive.clone());
                archive.code.clone()
            }
            None => digest.clone(),
        };
        self.hold(image, (digest.clone(), code), extra_tags)
    }

    fn push(&mut self, image: &Fingerprint, extra_tags: &[String]) -> String {
        assert!(self.desired.supply.is_build(), "pushes what was built");
        let pushed = match self.desired.recipes[image].form {
            Form::Image => self.push_image(image),
            Form::Zip => self.push_archive(image),
        };
        self.hold(image, pushed, extra_tags)
    }

    /// Adds the image to the repository; returns what Lambda gets.
    fn hold(
        &mut self,
        image: &Fingerprint,
        (digest, code): (Digest, Digest),
        extra_tags: &[String],
    ) -> String {
        let tags = vec![image.tag().to_owned()];
        let remote = RemoteImage {
            digest,
            size: None,
            tags,
        };
        let before = self.world.images.insert(image.tag().to_owned(), remote);
        assert!(before.is_none(), "tags are immutable");
        self.tag(image, extra_tags);
        code.as_str().to_owned()
    }
}

/// Whether the function stays with one version of its runtime.
fn is_manual(latest: &FunctionState) -> bool {
    let update = latest.zip.as_ref().and_then(|zip| zip.update.as_ref());
    update.is_some_and(RuntimeUpdate::is_manual)
}

/// The runtime that an update of the settings gives it.
fn runtime(wanted: &Function, latest: &FunctionState) -> String {
    let runtime = wanted.config.runtime.clone();
    let runtime = runtime.filter(|_| !wanted.lifecycle.ignores("runtime"));
    runtime.unwrap_or_else(|| latest.config.runtime.clone())
}
