//! The effects of steps on functions, versions and aliases in the modelled world.

use std::collections::{BTreeMap, BTreeSet};

use jot::model::{
    Config, Digest, ImageOverrides, RecursiveLoop, RuntimeUpdate, Secret, Vpc,
    desired::{CREATED_MEMORY_MB, CREATED_TIMEOUT_S},
    observed::{Alias, FunctionState, Settings, ZipState},
    release::Releases,
    value::Value,
};

use super::{Lambda, run::Run};

impl Run<'_> {
    pub fn create_function(&mut self, key: &str, role: String, digest: Digest) {
        let code = self.pulled(key, &digest);
        let size = self.size(&digest);
        assert!(
            self.world.roles.values().any(|there| there.arn == role),
            "no role {role}"
        );
        let wanted = self.wanted(key);
        let own_logs = self.world.log_groups.contains_key(&wanted.log_group.name);
        let elsewhere = wanted
            .config
            .log_group
            .iter()
            .any(|group| !group.is_empty());
        assert!(own_logs || elsewhere, "Lambda would make the log group");
        let mut config = created();
        configure(&mut config, &wanted.config);
        let mut latest = FunctionState {
            arn: format!(
                "arn:aws:lambda:{}:{}:function:{}",
                self.world.region, self.world.account, wanted.name
            ),
            version: "$LATEST".to_owned(),
            package_type: wanted.form().package_type(),
            image_uri: None,
            digest: None,
            architecture: wanted.architecture,
            role,
            config,
            tags: wanted.ownership,
            state: "Active".into(),
            last_update: "Successful".into(),
            reason: None,
            revision: "r".to_owned(),
            modified: String::new(),
            reserved_concurrency: None,
            optimised: false,
            zip: None,
        };
        run(&mut latest, code, (digest, size));
        let lambda = Lambda {
            latest,
            versions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            recursive_loop: RecursiveLoop::Terminate,
            reach: BTreeMap::new(),
        };
        assert!(self.world.functions.insert(wanted.name, lambda).is_none());
    }

    /// As Lambda does: a function that equals its last version is not published again.
    pub fn publish(&mut self, key: &str) -> String {
        let wanted = self.wanted(key);
        let lambda = self.world.functions.get_mut(&wanted.name).unwrap();
        if let Some((number, last)) = lambda.versions.iter().next_back() {
            let mut settings = last.config.clone();
            settings
                .description
                .clone_from(&lambda.latest.config.description);
            let same = settings == lambda.latest.config
                && last.code() == lambda.latest.code()
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
        version.reserved_concurrency = None;
        // AWS does not say that a version takes it over.
        version
            .zip
            .iter_mut()
            .for_each(|zip| zip.update = Some(RuntimeUpdate::Auto));
        version.optimised = version.config.snapstart;
        version.config.description = wanted.version_description();
        lambda.versions.insert(number, version);
        number.to_string()
    }

    pub fn set_alias(
        &mut self,
        key: &str,
        (version, record): (&Value<String>, &Releases),
        revision: Option<&String>,
    ) {
        let version = self.value(version);
        let description = record.with(&version).to_string();
        let wanted = self.wanted(key);
        let lambda = self.world.functions.get_mut(&wanted.name).unwrap();
        let number = version.parse().unwrap();
        if record.versions.contains(&version) {
            // A release exists as long as it is recorded; which one it is does not matter here.
            let released = lambda.latest.clone();
            lambda.versions.entry(number).or_insert(released);
        }
        assert!(
            lambda.versions.contains_key(&number),
            "no version {version}"
        );
        let name = wanted.deploy.alias.unwrap();
        // A second change of an alias uses the revision of the first.
        let planned = self.aliases.get(&(wanted.name.clone(), name.clone()));
        // An alias that was deleted with its function is created again.
        let planned = planned.filter(|_| lambda.aliases.contains_key(&name));
        assert_eq!(planned, revision);
        let alias = Alias {
            revision: format!("at {version}"),
            version,
            weights: BTreeMap::new(),
            description,
        };
        lambda.aliases.insert(name, alias);
    }

    pub fn retire(&mut self, key: &str, keep: u32) {
        let name = self.wanted(key).name;
        let lambda = self.world.functions.get(&name).unwrap();
        let aliased: BTreeSet<u32> = lambda
            .aliases
            .values()
            .filter_map(|alias| alias.version.parse().ok())
            .collect();
        let alias = self.wanted(key).deploy.alias;
        let lambda = self.world.functions.get_mut(&name).unwrap();
        let alias = alias.and_then(|alias| lambda.aliases.get(&alias)?.releases());
        let releases = alias.unwrap_or_default().versions;
        let mut by_worth: Vec<u32> = lambda.versions.keys().rev().copied().collect();
        by_worth.sort_by_key(|number| {
            let place = releases.iter().position(|one| *one == number.to_string());
            place.unwrap_or(usize::MAX)
        });
        by_worth.truncate(keep as usize);
        lambda
            .versions
            .retain(|number, _| by_worth.contains(number) || aliased.contains(number));
    }
}

/// Gives the function an image by its URI, or an archive if it has no image.
pub fn run(latest: &mut FunctionState, image_uri: Option<String>, (code, size): (Digest, u64)) {
    if image_uri.is_none() {
        let update = latest.zip.take().and_then(|zip| zip.update);
        latest.zip = Some(ZipState {
            code: Some(code),
            size,
            runtime_version: None,
            update: update.or(Some(RuntimeUpdate::Auto)),
        });
        return;
    }
    latest.image_uri = image_uri;
    latest.digest = Some(code);
}

pub fn settle(latest: &mut FunctionState) {
    latest.state = "Active".into();
    latest.last_update = "Successful".into();
    latest.reason = None;
    latest.revision.push('+');
}

/// The settings of a function without any in the manifest.
pub fn created() -> Settings {
    Settings {
        description: String::new(),
        memory_mb: CREATED_MEMORY_MB,
        timeout_s: CREATED_TIMEOUT_S,
        ephemeral_storage_mb: 512,
        environment: BTreeMap::new(),
        tracing: "PassThrough".to_owned(),
        log_format: "Text".to_owned(),
        log_level: None,
        system_log_level: None,
        log_group: String::new(),
        kms_key: String::new(),
        dead_letter: String::new(),
        vpc: Vpc::default(),
        file_systems: Vec::new(),
        image: ImageOverrides::default(),
        snapstart: false,
        runtime: String::new(),
        handler: String::new(),
        layers: Vec::new(),
    }
}

/// Lambda's treatment of an UpdateFunctionConfiguration: absent fields do not change.
pub fn configure(settings: &mut Settings, config: &Config) {
    let Config {
        description,
        memory_mb,
        timeout_s,
        ephemeral_storage_mb,
        environment,
        tracing,
        log_format,
        log_level,
        system_log_level,
        log_group,
        kms_key,
        dead_letter,
        vpc,
        file_systems,
        image,
        snapstart,
        runtime,
        handler,
        layers,
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
    settings.kms_key = kms_key.unwrap_or(settings.kms_key.clone());
    settings.dead_letter = dead_letter.unwrap_or(settings.dead_letter.clone());
    settings.vpc = vpc.unwrap_or(settings.vpc.clone());
    settings.file_systems = file_systems.unwrap_or(settings.file_systems.clone());
    let mounts = settings.file_systems.is_empty() || !settings.vpc.subnets.is_empty();
    assert!(mounts, "Lambda mounts file systems in a network only");
    settings.image = image.unwrap_or(settings.image.clone());
    settings.snapstart = snapstart.unwrap_or(settings.snapstart);
    settings.runtime = runtime.unwrap_or(settings.runtime.clone());
    settings.handler = handler.unwrap_or(settings.handler.clone());
    settings.layers = layers.unwrap_or(settings.layers.clone());
    settings.log_group = log_group.unwrap_or(settings.log_group.clone());
    let system = system_log_level.or(settings.system_log_level.clone());
    settings.system_log_level = system.filter(|_| settings.log_format == "JSON");
    settings.log_level = match settings.log_format.as_str() {
        "JSON" => log_level
            .or(settings.log_level.clone())
            .or(Some("INFO".to_owned())),
        _ => None,
    };
}
