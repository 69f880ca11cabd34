//! Properties of every manifest and every world: a plan that was executed leaves nothing to do,
//! also if it was interrupted or a step failed in between, whatever happened to the world before.

use std::collections::{BTreeMap, BTreeSet};

use jot::{
    model::{
        Action, Architecture, Config, Desired, Digest, FileSystem, ImageOverrides, LastUpdate,
        Mutability, Observed, Origin, PackageType, Plan, Push, RecursiveLoop, RuntimeUpdate,
        Secret, State, Vpc,
        desired::Lifecycle,
        observed,
        reach::{Cors, Url, UrlAuth},
        value::EnvValue,
    },
    plan,
};
use proptest::{
    option,
    prelude::*,
    sample::{select, subsequence},
};

use crate::{
    support::{assert_ordered, render},
    wish::{ARCHIVE, FunctionWish, PROJECT, ReachWish, SCHEDULER, Wish, fingerprint},
    world::{Lambda, World, configure, digest},
};

/// A change of a world outside jot.
#[derive(Clone, Debug)]
pub enum Drift {
    RepositoryPolicy,
    RepositoryLifecycle,
    RepositoryTag,
    RepositoryMutability,
    RepositoryGone,
    ImageGone(&'static str),
    ImageReplaced(&'static str),
    LocalImagesGone,
    LocalImageRebuilt(&'static str),
    FunctionGone,
    FunctionFailed,
    FunctionCode,
    FunctionArchitecture,
    FunctionSettings(Box<Config>),
    FunctionTags,
    FunctionRole,
    FunctionBeyond,
    RuntimeUpdate,
    RecursiveLoop(bool),
    Concurrency(Option<u32>),
    ReachGone,
    ReachChanged,
    ExtraTags,
    InlinePolicy(bool),
    Parameter,
    RoleGone,
    RolePolicies(Vec<String>),
    RoleTrust,
    RoleTag,
    LogGroupGone,
    Retention(Option<u32>),
    AliasGone,
    VersionGone,
    AliasMoved,
    AliasWeighted,
    AliasAtLatest,
    LatestWeighted,
    CreationFailed,
    Boundary(Option<&'static str>),
}

/// Everything that may be absent.
const ABSENCES: [Drift; 10] = [
    Drift::RepositoryGone,
    Drift::ImageGone("1"),
    Drift::ImageGone("2"),
    Drift::ImageGone("b"),
    Drift::LocalImagesGone,
    Drift::FunctionGone,
    Drift::RoleGone,
    Drift::LogGroupGone,
    Drift::AliasGone,
    Drift::VersionGone,
];

const OWNERSHIP: [&str; 3] = ["jot:project", "jot:function", "jot:target"];

fn drift() -> impl Strategy<Value = Drift> {
    let image = || select(&["1", "2", ARCHIVE, "b"][..]);
    prop_oneof![
        Just(Drift::RepositoryPolicy),
        Just(Drift::RepositoryLifecycle),
        Just(Drift::RepositoryTag),
        Just(Drift::RepositoryMutability),
        Just(Drift::RepositoryGone),
        image().prop_map(Drift::ImageGone),
        image().prop_map(Drift::ImageReplaced),
        Just(Drift::LocalImagesGone),
        image().prop_map(Drift::LocalImageRebuilt),
        Just(Drift::FunctionGone),
        Just(Drift::FunctionFailed),
        Just(Drift::FunctionCode),
        Just(Drift::FunctionArchitecture),
        config().prop_map(|config| Drift::FunctionSettings(Box::new(known(config)))),
        Just(Drift::FunctionTags),
        Just(Drift::FunctionRole),
        Just(Drift::FunctionBeyond),
        Just(Drift::RuntimeUpdate),
        any::<bool>().prop_map(Drift::RecursiveLoop),
        option::of(0..3u32).prop_map(Drift::Concurrency),
        Just(Drift::ReachGone),
        Just(Drift::ReachChanged),
        Just(Drift::ExtraTags),
        any::<bool>().prop_map(Drift::InlinePolicy),
        Just(Drift::Parameter),
        Just(Drift::RoleGone),
        policies().prop_map(Drift::RolePolicies),
        Just(Drift::RoleTrust),
        Just(Drift::RoleTag),
        Just(Drift::LogGroupGone),
        option::of(select(&[1u32, 7, 30][..])).prop_map(Drift::Retention),
        Just(Drift::AliasGone),
        Just(Drift::VersionGone),
        Just(Drift::AliasMoved),
        Just(Drift::AliasWeighted),
        Just(Drift::AliasAtLatest),
        Just(Drift::LatestWeighted),
        Just(Drift::CreationFailed),
        option::of(select(&["arn:a", "arn:b"][..])).prop_map(Drift::Boundary),
    ]
}

fn policies() -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(
        vec!["arn:a".to_owned(), "arn:b".to_owned(), "arn:c".to_owned()],
        0..=3,
    )
}

/// A setting that was changed outside jot has a value.
fn known(mut config: Config) -> Config {
    for variable in config.environment.iter_mut().flat_map(BTreeMap::values_mut) {
        if variable.reveal().is_none() {
            *variable = EnvValue::Plain("canary-by-hand".to_owned());
        }
    }
    config
}

fn config() -> impl Strategy<Value = Config> {
    let plain = "[a-z]{0,2}".prop_map(EnvValue::Plain);
    let secret =
        "canary-[a-z]".prop_map(|value| EnvValue::from_env("HERE", Some(Secret::new(value))));
    let parameter = Just(EnvValue::From {
        origin: Origin::Ssm("/there".to_owned()),
        value: None,
    });
    let value = prop_oneof![plain, secret, parameter];
    let variables = proptest::collection::btree_map("[A-C]", value, 0..3);
    let logging = select(
        &[
            (None, None, None),
            (Some("Text"), None, None),
            (Some("JSON"), None, None),
            (Some("JSON"), Some("DEBUG"), None),
            (Some("JSON"), Some("DEBUG"), Some("WARN")),
        ][..],
    );
    let group = option::of(select(&["", "shared", "other"][..]));
    (
        option::of("[a-z]{0,3}"),
        option::of(128..130u32),
        option::of(3..5u32),
        option::of(512..514u32),
        option::of(variables),
        option::of(select(&["Active", "PassThrough"][..])),
        (logging, group),
        beyond(),
    )
        .prop_map(
            |(
                description,
                memory_mb,
                timeout_s,
                ephemeral_storage_mb,
                environment,
                tracing,
                (logging, group),
                beyond,
            )| Config {
                description,
                memory_mb,
                timeout_s,
                ephemeral_storage_mb,
                environment,
                tracing: tracing.map(str::to_owned),
                log_format: logging.0.map(str::to_owned),
                log_level: logging.1.map(str::to_owned),
                system_log_level: logging.2.map(str::to_owned),
                log_group: group.map(str::to_owned),
                ..beyond
            },
        )
}

/// Settings that reach beyond the function. What is mounted needs the network.
fn beyond() -> impl Strategy<Value = Config> {
    let vpc = select(vec![
        Vpc::default(),
        Vpc::new(vec!["subnet-a".to_owned()], vec!["sg-a".to_owned()]),
        Vpc::new(vec!["subnet-b".to_owned()], vec!["sg-a".to_owned()]),
        Vpc::new(vec!["subnet-b".to_owned()], vec!["sg-a".to_owned()]).with_ipv6(true),
    ]);
    let image = select(&[("", ""), ("boot", ""), ("", "/app")][..]);
    (
        option::of(select(&["arn:key", "arn:other"][..])),
        option::of(select(&["arn:queue", "arn:topic"][..])),
        option::of(vpc),
        option::of(any::<bool>()),
        option::of(image),
    )
        .prop_map(|(kms_key, dead_letter, vpc, mounted, image)| {
            let attached = vpc.as_ref().is_some_and(|vpc| *vpc != Vpc::default());
            let disk = FileSystem {
                arn: "arn:disk".to_owned(),
                mount: "/mnt/disk".to_owned(),
            };
            Config {
                kms_key: kms_key.map(str::to_owned),
                dead_letter: dead_letter.map(str::to_owned),
                // Without a network in the manifest, nothing is mounted either.
                file_systems: match (mounted, attached) {
                    (Some(true), true) => Some(vec![disk]),
                    (None, true) => None,
                    _ => Some(Vec::new()),
                },
                vpc,
                image: image.map(|(program, folder)| ImageOverrides {
                    entry_point: [program.to_owned()]
                        .into_iter()
                        .filter(|one| !one.is_empty())
                        .collect(),
                    command: Vec::new(),
                    working_directory: folder.to_owned(),
                }),
                ..Config::default()
            }
        })
}

pub fn function() -> impl Strategy<Value = FunctionWish> {
    (
        (
            select(&["1", "2", ARCHIVE][..]),
            select(&["x86_64", "arm64"][..]),
            config(),
            start(),
        ),
        (
            option::of(select(
                &["theirs", "arn:aws:iam::123456789012:role/theirs"][..],
            )),
            policies(),
            option::of(select(&["a:A", "b:B"][..])),
            option::of(select(&["arn:a", "arn:c"][..])),
        ),
        (
            option::of(select(&[1u32, 7][..])),
            option::of(select(&[0u32, 1, 5][..])),
            option::of(select(
                &[RuntimeUpdate::Auto, RuntimeUpdate::FunctionUpdate][..],
            )),
            option::of(select(
                &[RecursiveLoop::Allow, RecursiveLoop::Terminate][..],
            )),
        ),
        option::of(proptest::collection::btree_map("[a-c]", "[a-z]{0,2}", 0..3)),
        (
            option::of(select(&["live", "prod"][..])),
            1..3u32,
            any::<bool>(),
            any::<bool>(),
            reach(),
        ),
    )
        .prop_map(
            |(
                (image, architecture, config, start),
                (role, policies, inline, boundary),
                (retention_days, reserved_concurrency, runtime_update, recursive_loop),
                tags,
                (alias, keep, untested, latest, reach),
            )| {
                let config = match image {
                    ARCHIVE => Config {
                        image: None,
                        ..config.with(&start)
                    },
                    _ => config,
                };
                // A digest of its inputs, as the recipe makes it, except for sensitive values.
                let digest = digest(&format!(
                    "{config:?} {role:?} {policies:?} {retention_days:?}"
                ));
                FunctionWish {
                    name: None,
                    lifecycle: Lifecycle::default(),
                    reach,
                    image: image.to_owned(),
                    architecture: architecture.into(),
                    config,
                    config_digest: digest.hex()[..16].to_owned(),
                    role: role.map(str::to_owned),
                    policies,
                    inline: inline.map(|action| {
                        serde_json::json!({
                            "Statement": { "Effect": "Allow", "Action": action, "Resource": "*" }
                        })
                    }),
                    boundary: boundary.map(str::to_owned),
                    reserved_concurrency,
                    runtime_update: runtime_update.filter(|_| image == ARCHIVE),
                    recursive_loop,
                    retention_days,
                    tags,
                    alias: alias.map(str::to_owned),
                    keep_versions: keep,
                    untested,
                    extra_tags: latest
                        .then(|| format!("{image}.latest"))
                        .into_iter()
                        .collect(),
                }
            },
        )
}

/// What may call a function. Every third function has none of it.
fn reach() -> impl Strategy<Value = ReachWish> {
    let auth = select(&[UrlAuth::Iam, UrlAuth::None][..]);
    let cors = option::of(select(&["https://example.org", "*"][..]));
    let url = (auth, any::<bool>(), cors).prop_map(|(auth, streaming, origin)| Url {
        auth,
        streaming,
        cors: origin.map(|origin| Cors {
            origins: vec![origin.to_owned()],
            ..Cors::default()
        }),
    });
    let accounts = select(vec![vec![], vec!["1"], vec!["2"], vec!["1", "2"]]);
    let to = select(&["queue", "three", "two"][..]);
    let some = (
        option::of(url),
        option::of(accounts),
        option::of(0..3u32),
        option::of(to),
        option::of(1..3u32),
        option::of(subsequence(
            vec![
                "sqs:eu-west-1:123456789012:jobs",
                "kinesis:eu-west-1:123456789012:stream/a",
                "kinesis:eu-west-1:123456789012:stream/ab",
                "s3:incoming",
                "sns:eu-west-1:123456789012:orders",
                "events:default",
                "scheduler:rate",
            ],
            0..=7,
        )),
        1..4u32,
    );
    let some = some.prop_map(
        |(url, accounts, retries, to, provisioned, sources, batch)| ReachWish {
            url,
            accounts,
            retries,
            to,
            provisioned,
            sources,
            batch,
        },
    );
    prop_oneof![2 => some, 1 => Just(ReachWish::default())]
}

/// What AWS's runtime starts of an archive.
fn start() -> impl Strategy<Value = Config> {
    let layers = select(vec![
        vec![],
        vec!["arn:layer:1"],
        vec!["arn:layer:1", "arn:b:2"],
    ]);
    let layers = option::of(layers);
    (
        select(&["java21", "java25"][..]),
        select(&["a.B", "a.C"][..]),
        layers,
    )
        .prop_map(|(runtime, handler, layers)| Config {
            runtime: Some(runtime.to_owned()),
            handler: Some(handler.to_owned()),
            layers: layers.map(|arns| arns.into_iter().map(str::to_owned).collect()),
            ..Config::default()
        })
}

pub fn wish() -> impl Strategy<Value = Wish> {
    let functions =
        proptest::collection::btree_map(select(&["one", "two", "three"][..]), function(), 0..4);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (functions, flags).prop_map(|(functions, (base, mutable, tagged))| Wish {
        whole: true,
        replace: true,
        base,
        mutable_tags: if mutable {
            vec!["*.*".to_owned()]
        } else {
            Vec::new()
        },
        repository_tags: BTreeMap::from([("jot:project".to_owned(), PROJECT.to_owned())]),
        functions: functions
            .into_iter()
            .map(|(key, mut function)| {
                function
                    .extra_tags
                    .extend(tagged.then(|| format!("{key}.latest")));
                (key.to_owned(), function)
            })
            .collect(),
        ..Wish::default()
    })
}

/// A world in which the first desired state was applied, with these changes since.
pub fn world(first: &Wish, drifts: &[Drift]) -> World {
    let mut world = World::empty();
    let desired = first.desired();
    let plan = plan::plan(&desired, &world.observe(&desired)).unwrap();
    world.execute(&plan, &desired, |_| true);
    for drift in drifts {
        happen(&mut world, drift);
    }
    world
}

fn happen(world: &mut World, drift: &Drift) {
    let other: Digest = digest("somebody else's");
    if let Some(repository) = &mut world.repository {
        match drift {
            Drift::RepositoryPolicy => repository.policy = None,
            Drift::RepositoryLifecycle => repository.lifecycle = None,
            Drift::RepositoryTag => drop(
                repository
                    .tags
                    .insert("team".to_owned(), "other".to_owned()),
            ),
            Drift::RepositoryMutability => repository.mutability = Mutability::Mutable,
            _ => {}
        }
    }
    match drift {
        Drift::RepositoryGone => {
            world.repository = None;
            world.images.clear();
        }
        Drift::ImageGone(digit) => drop(world.images.remove(fingerprint(digit).tag())),
        Drift::ImageReplaced(digit) => {
            let image = world.images.get_mut(fingerprint(digit).tag());
            image
                .into_iter()
                .for_each(|image| image.digest = other.clone());
            let archive = world.archives.get_mut(fingerprint(digit).tag());
            archive
                .into_iter()
                .for_each(|archive| archive.code = other.clone());
        }
        Drift::LocalImagesGone => world.local().clear(),
        Drift::LocalImageRebuilt(digit) => {
            let image = world.local().get_mut(&fingerprint(digit));
            image
                .into_iter()
                .for_each(|image| image.repo_digests.clear());
        }
        Drift::ExtraTags => world
            .images
            .values_mut()
            .for_each(|image| image.tags.truncate(1)),
        Drift::Parameter => {
            let changed = observed::Reading::Secret(Secret::new("canary-other"));
            let origin = Origin::Ssm("/there".to_owned());
            world.references.insert(origin.to_string(), changed);
        }
        Drift::FunctionGone => world.functions.clear(),
        Drift::ReachGone => {
            world.reaches.clear();
            world.mappings.clear();
            world.pushes.clear();
            world.schedule_group = false;
        }
        Drift::ReachChanged => {
            for one in world.pushes.values_mut() {
                match &mut one.push {
                    Push::Notification(one) => one.events = vec!["s3:ObjectTagging:*".to_owned()],
                    Push::Rule(one) => one.enabled = !one.enabled,
                    Push::Subscription(one) => one.on_failure = Some("arn:a".to_owned()),
                    Push::Schedule(schedule) => {
                        one.calls = "elsewhere".to_owned();
                        schedule.foreign = true;
                    }
                }
            }
            let all = world.mappings.values_mut().flat_map(BTreeMap::values_mut);
            all.for_each(|one| one.mapping.batch_window_s = 9);
        }
        Drift::RoleGone => {
            world.roles.retain(|name, _| name == "theirs");
            world.reaches.clear();
        }
        Drift::LogGroupGone => world.log_groups.clear(),
        Drift::Retention(days) => world
            .log_groups
            .values_mut()
            .for_each(|group| group.retention_days = *days),
        _ => {}
    }
    for role in world
        .roles
        .iter_mut()
        .filter(|(name, _)| *name != "theirs")
        .map(|(_, role)| role)
    {
        match drift {
            Drift::RolePolicies(policies) => role.policies.clone_from(policies),
            Drift::InlinePolicy(deleted) => {
                role.inline = (!deleted).then(|| serde_json::json!({ "Statement": [] }));
            }
            Drift::Boundary(arn) => role.boundary = arn.map(str::to_owned),
            Drift::RoleTrust => role.trust = serde_json::json!({ "Statement": [] }),
            Drift::RoleTag => drop(role.tags.insert("team".to_owned(), "other".to_owned())),
            _ => {}
        }
    }
    for lambda in world.functions.values_mut() {
        let latest = &mut lambda.latest;
        match drift {
            Drift::CreationFailed => {
                latest.state = State::Failed;
                latest
                    .tags
                    .retain(|key, _| OWNERSHIP.contains(&key.as_str()));
                lambda.versions.clear();
                lambda.aliases.clear();
                lambda.reach.clear();
            }
            Drift::FunctionFailed => latest.last_update = LastUpdate::Failed,
            Drift::FunctionCode => match &mut latest.zip {
                Some(zip) => zip.code = Some(other.clone()),
                None => latest.digest = Some(other.clone()),
            },
            Drift::FunctionArchitecture => latest.architecture = Architecture::Arm,
            Drift::FunctionSettings(config) => configure(&mut latest.config, config),
            Drift::FunctionTags => latest
                .tags
                .retain(|key, _| OWNERSHIP.contains(&key.as_str())),
            Drift::FunctionRole => latest.role = "arn:aws:iam::123456789012:role/other".to_owned(),
            Drift::FunctionBeyond => {
                let config = &mut latest.config;
                config.kms_key = "arn:theirs".to_owned();
                config.dead_letter = "arn:theirs".to_owned();
                config.vpc = Vpc::new(vec!["subnet-z".to_owned()], vec!["sg-z".to_owned()]);
                config.image.command = vec!["theirs".to_owned()];
                config.file_systems.clear();
            }
            Drift::RuntimeUpdate => {
                let versions = lambda.versions.values_mut();
                for state in versions.chain([latest]) {
                    let zip = state.zip.iter_mut();
                    zip.for_each(|zip| zip.update = Some(RuntimeUpdate::FunctionUpdate));
                }
            }
            Drift::RecursiveLoop(allowed) => {
                lambda.recursive_loop = match allowed {
                    true => RecursiveLoop::Allow,
                    false => RecursiveLoop::Terminate,
                };
            }
            Drift::Concurrency(reserved) => latest.reserved_concurrency = *reserved,
            Drift::ReachGone => lambda.reach.clear(),
            Drift::ReachChanged => lambda.reach.values_mut().for_each(|found| {
                if let Some(found) = &mut found.url {
                    found.url.streaming = !found.url.streaming;
                }
                found
                    .statements
                    .values_mut()
                    .for_each(|one| one.foreign = true);
                if let Some(found) = &mut found.asynchronous {
                    found.max_age_s = 60;
                }
                if let Some(found) = &mut found.provisioned {
                    found.status = "FAILED".to_owned();
                }
            }),
            Drift::AliasGone => {
                lambda.aliases.clear();
                lambda.reach.clear();
            }
            Drift::VersionGone => lambda.versions.clear(),
            Drift::AliasMoved => {
                let mut version = latest.clone();
                version.config.memory_mb = 10_240;
                version.version = "9".to_owned();
                lambda.versions.insert(9, version);
                lambda
                    .aliases
                    .values_mut()
                    .for_each(|alias| alias.version = "9".to_owned());
            }
            Drift::AliasAtLatest => lambda.aliases.values_mut().for_each(|alias| {
                alias.version = observed::LATEST.to_owned();
            }),
            Drift::LatestWeighted => lambda.aliases.values_mut().for_each(|alias| {
                alias.weights = BTreeMap::from([(observed::LATEST.to_owned(), 0.1)]);
            }),
            Drift::AliasWeighted => lambda.aliases.values_mut().for_each(|alias| {
                alias.weights = BTreeMap::from([("1".to_owned(), 0.1)]);
            }),
            _ => {}
        }
    }
}

pub fn drifts() -> impl Strategy<Value = Vec<Drift>> {
    proptest::collection::vec(drift(), 0..4)
}

/// Plans, executes the whole plan, and asserts that nothing remains to do.
pub fn converge(world: &mut World, wish: &Wish) -> Observed {
    let desired = wish.desired();
    let observed = world.observe(&desired);
    let plan = plan::plan(&desired, &observed).unwrap();
    assert_ordered(&plan);
    world.execute(&plan, &desired, |_| true);
    let after = world.observe(&desired);
    let again = plan::plan(&desired, &after).unwrap();
    assert!(
        again.is_empty(),
        "first:\n{}\nthen:\n{}",
        render(&Ok(plan)),
        render(&Ok(again))
    );
    after
}

/// The names of functions that ran and that the plan deletes and creates again.
pub fn replaced(plan: &Plan, desired: &Desired) -> BTreeSet<String> {
    let names = plan.steps.iter().filter_map(|step| match &step.action {
        Action::ReplaceFunction {
            function,
            revision: Some(_),
            ..
        } => Some(desired.functions[function].name.clone()),
        _ => None,
    });
    names.collect()
}

#[test]
fn every_combination_of_absent_resources_is_repaired() {
    let function = |image: &str| FunctionWish {
        image: image.to_owned(),
        architecture: "x86_64".into(),
        alias: Some("live".to_owned()),
        keep_versions: 2,
        ..FunctionWish::default()
    };
    let functions = [("one", "1"), ("two", "2"), ("three", "2")];
    let wish = Wish {
        whole: true,
        base: true,
        repository_tags: BTreeMap::from([("jot:project".to_owned(), PROJECT.to_owned())]),
        functions: functions
            .map(|(key, image)| (key.to_owned(), function(image)))
            .into(),
        ..Wish::default()
    };
    for combination in 0..1u32 << ABSENCES.len() {
        let absent = (0..ABSENCES.len()).filter(|place| combination >> place & 1 == 1);
        let absent: Vec<Drift> = absent.map(|place| ABSENCES[place].clone()).collect();
        converge(&mut world(&wish, &absent), &wish);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_plan_carried_out_leaves_nothing_to_do(
        first in wish(),
        drifts in drifts(),
        then in wish(),
    ) {
        let mut world = world(&first, &drifts);
        converge(&mut world, &then);
    }

    #[test]
    fn an_interrupted_plan_is_finished_by_the_next(
        first in wish(),
        drifts in drifts(),
        then in wish(),
        done in 0..40usize,
    ) {
        let mut world = world(&first, &drifts);
        let desired = then.desired();
        let plan = plan::plan(&desired, &world.observe(&desired)).unwrap();
        let mut left = done;
        world.execute(&plan, &desired, |_| {
            let go = left > 0;
            left = left.saturating_sub(1);
            go
        });
        converge(&mut world, &then);
    }

    #[test]
    fn no_step_deletes_what_its_replacement_needs(
        first in wish(),
        drifts in drifts(),
        then in wish(),
        fails in any::<prop::sample::Index>(),
    ) {
        let mut world = world(&first, &drifts);
        let desired = then.desired();
        let plan = plan::plan(&desired, &world.observe(&desired)).unwrap();
        prop_assume!(!plan.is_empty());
        let failed = &plan.steps[fails.index(plan.steps.len())];
        let before = world.serving();
        // The world asserts this after each step too.
        world.execute(&plan, &desired, |step| step.id != failed.id);
        let replaced = replaced(&plan, &desired);
        let mut lost: Vec<_> = before.difference(&world.serving()).cloned().collect();
        lost.retain(|(name, _)| !replaced.contains(name));
        // An alias with another name is deleted once that of the manifest serves.
        let serving = world.serving();
        lost.retain(|(name, _)| !desired.functions.values().any(|one| {
            let alias = one.deploy.alias.clone().unwrap_or_default();
            one.name == *name && serving.contains(&(name.clone(), alias))
        }));
        prop_assert!(lost.is_empty(), "without {}, {lost:?} lost its traffic", failed.id);
    }

    #[test]
    fn what_is_foreign_stops_the_plan(first in wish(), then in wish(), which in 0..3u8) {
        let mut world = world(&first, &[]);
        let desired = then.desired();
        let strange = |tags: &mut BTreeMap<String, String>|
            drop(tags.insert("jot:project".to_owned(), "other".to_owned()));
        let wanted = match which {
            0 => {
                world
                    .functions
                    .get_mut("two")
                    .into_iter()
                    .for_each(|lambda| strange(&mut lambda.latest.tags));
                world.functions.contains_key("two") && then.functions.contains_key("two")
            }
            1 => {
                world
                    .roles
                    .get_mut("jot-two-0a1b2c3d")
                    .into_iter()
                    .for_each(|role| strange(&mut role.tags));
                world.roles.contains_key("jot-two-0a1b2c3d")
                    && then.functions.get("two").is_some_and(|two| two.role.is_none())
            }
            _ => {
                world.repository.iter_mut().for_each(|repository| strange(&mut repository.tags));
                world.repository.is_some()
            }
        };
        prop_assert_eq!(plan::plan(&desired, &world.observe(&desired)).is_err(), wanted);
    }

    #[test]
    fn a_failed_step_stops_only_what_needs_it(
        first in wish(),
        then in wish(),
        fails in any::<prop::sample::Index>(),
    ) {
        let mut world = world(&first, &[]);
        let desired = then.desired();
        let plan = plan::plan(&desired, &world.observe(&desired)).unwrap();
        prop_assume!(!plan.is_empty());
        let failed = &plan.steps[fails.index(plan.steps.len())];
        let done = world.execute(&plan, &desired, |step| step.id != failed.id);
        let mut lost = BTreeSet::from([&failed.id]);
        for step in &plan.steps {
            if step.after.iter().any(|id| lost.contains(id)) {
                lost.insert(&step.id);
            }
        }
        prop_assert_eq!(done.len() + lost.len(), plan.steps.len());
        converge(&mut world, &then);
    }

    #[test]
    fn the_same_world_gives_the_same_plan_and_no_secret_is_in_it(
        first in wish(),
        drifts in drifts(),
        then in wish(),
    ) {
        let world = world(&first, &drifts);
        let desired = then.desired();
        let observed = world.observe(&desired);
        let plan = plan::plan(&desired, &observed).unwrap();
        prop_assert_eq!(&plan, &plan::plan(&desired.clone(), &observed.clone()).unwrap());
        let text = serde_json::to_string(&plan).unwrap();
        prop_assert!(!text.contains("canary"), "{text}");
        prop_assert_eq!(plan, serde_json::from_str(&text).unwrap());
    }

    #[test]
    fn what_is_destroyed_is_gone_and_the_rest_stays(first in wish(), done in 0..20usize) {
        let mut world = world(&first, &[]);
        let others = |tags: &mut BTreeMap<String, String>|
            drop(tags.insert("jot:project".to_owned(), "other".to_owned()));
        world
            .functions
            .get_mut("two")
            .into_iter()
            .for_each(|lambda| others(&mut lambda.latest.tags));
        world.roles.get_mut("jot-two-0a1b2c3d").into_iter().for_each(|role| others(&mut role.tags));
        let two = |name: &String| name.contains("two") || name == "theirs";
        let mut rest = world.clone();
        rest.functions.retain(|name, _| two(name));
        rest.log_groups.retain(|name, _| two(name));
        rest.roles.retain(|name, _| two(name));
        // The callers of another owner's function stay with it, and the role keeps its policy for
        // them.
        let policy = world.roles.get(SCHEDULER).and_then(|role| role.inline.as_ref());
        let scheduled = policy.is_some_and(|policy| policy.to_string().contains(":function:two"));
        let desired = Wish { destroy: true, ..first }.desired();
        for done in [done, usize::MAX] {
            let plan =
                plan::destroy(&desired, &world.observe(&desired), &Default::default()).unwrap();
            assert_ordered(&plan);
            let mut left = done;
            world.execute(&plan, &desired, |_| {
                let go = left > 0;
                left = left.saturating_sub(1);
                go
            });
        }
        prop_assert!(
            plan::destroy(&desired, &world.observe(&desired), &Default::default())
                .unwrap()
                .is_empty()
        );
        // Another owner's function runs an image of it; of an archive Lambda has a copy.
        let image = |lambda: &Lambda| lambda.latest.package_type == PackageType::Image;
        prop_assert_eq!(world.repository.is_some(), rest.functions.get("two").is_some_and(image));
        let role = world.roles.remove(SCHEDULER);
        prop_assert_eq!((world.schedule_group, role.is_some()), (scheduled, scheduled));
        prop_assert_eq!(
            (world.functions, world.log_groups, world.roles),
            (rest.functions, rest.log_groups, rest.roles)
        );
    }
}
