//! Properties of adoptions: the lines that are written for a live function describe it, whatever
//! its settings and whatever else the manifest contains.

use std::collections::BTreeMap;

use jot::{
    manifest::{self, Loaded, limits},
    model::{
        Checkouts, Desired, Digest, FileSystem, ImageOverrides, Observed, Secret, Vpc,
        observed::{Docker, Function, FunctionState, LogGroup, Role, Settings},
    },
    plan,
    recipe::{
        self, Request,
        adopt::{Live, LiveRole, Values, defaults, part},
    },
};
use proptest::prelude::*;

use crate::world;

const HEADER: &str = "[project]\nname = \"numerics\"\n\n";

/// What a manifest may set for all functions, and not for one.
const DEFAULTS: [&str; 3] = [
    "",
    "[defaults]\nmemory_mb = 3008\nenvironment = { EXTRA = \"1\" }\ntags = { team = \"a\" }\n\
     logging = { retention_days = 3, format = \"json\" }\ndeploy.alias = \"other\"\n\
     tracing = \"active\"\n\
     julia = { source = \"none.jl\", argument_type = \"Int\" }\n\
     lifecycle = { ignore = [\"memory_mb\"] }\n\n",
    "[defaults]\ndescription = \"all\"\n\n[targets.prod.defaults]\ntimeout_s = 900\n\
     policies = []\n\n",
];

/// The keys besides memory and time, empty or with a value.
fn beside() -> impl Strategy<Value = (String, String, Vpc, Vec<FileSystem>, ImageOverrides)> {
    let key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f";
    let queue = "arn:aws:sqs:eu-west-1:123456789012:failed";
    let mount = FileSystem {
        arn: "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0a1b2c3d4e5f60718"
            .to_owned(),
        mount: "/mnt/data".to_owned(),
    };
    let vpc = Vpc::new(
        vec!["subnet-0a1b2c3d".to_owned()],
        vec!["sg-0a1b2c3d".to_owned()],
    );
    // File systems need a network.
    let network = prop_oneof![
        Just((Vpc::default(), Vec::new())),
        Just((vpc.clone(), Vec::new())),
        Just((vpc.clone().with_ipv6(true), Vec::new())),
        Just((vpc, vec![mount]))
    ];
    let words = || proptest::collection::vec("[a-z -]{1,8}", 0..3);
    let image = (words(), words(), prop_oneof![Just(""), Just("/tmp/work")]).prop_map(
        |(entry_point, command, working_directory)| ImageOverrides {
            entry_point,
            command,
            working_directory: working_directory.to_owned(),
        },
    );
    (
        prop_oneof![Just(String::new()), Just(key.to_owned())],
        prop_oneof![Just(String::new()), Just(queue.to_owned())],
        network,
        image,
    )
        .prop_map(|(kms_key, dead_letter, (vpc, file_systems), image)| {
            (kms_key, dead_letter, vpc, file_systems, image)
        })
}

fn settings() -> impl Strategy<Value = Settings> {
    let name = "[A-Za-z][A-Za-z0-9_]{1,8}".prop_filter("reserved", |name| {
        !limits::RESERVED_VARIABLES.contains(&name.as_str())
    });
    let environment = proptest::collection::btree_map(name, "[^\u{0}]{0,12}", 0..4);
    let format = prop_oneof![
        Just(("Text", None, None)),
        Just(("JSON", Some("INFO"), Some("INFO"))),
        Just(("JSON", Some("WARN"), None))
    ];
    let group = prop_oneof![Just(""), Just("numerics")];
    (
        ("[^\u{0}]{0,30}", 128..=10240u32, 1..=900u32, 512..=10240u32),
        environment,
        any::<bool>(),
        (format, group),
        beside(),
    )
        .prop_map(
            |(
                (description, memory_mb, timeout_s, storage),
                environment,
                traced,
                ((format, level, system_level), group),
                (kms_key, dead_letter, vpc, file_systems, image),
            )| Settings {
                description,
                memory_mb,
                timeout_s,
                ephemeral_storage_mb: storage,
                environment: environment
                    .into_iter()
                    .map(|(name, value)| (name, Secret::new(&value)))
                    .collect(),
                tracing: if traced { "Active" } else { "PassThrough" }.to_owned(),
                log_format: format.to_owned(),
                log_level: level.map(str::to_owned),
                kms_key,
                dead_letter,
                vpc,
                file_systems,
                image,
                snapstart: false,
                runtime: String::new(),
                handler: String::new(),
                layers: Vec::new(),
                system_log_level: system_level.map(str::to_owned),
                log_group: group.to_owned(),
            },
        )
}

fn state() -> impl Strategy<Value = FunctionState> {
    let tags = proptest::collection::btree_map(
        "[a-z][a-zA-Z0-9 ._:/=+@-]{0,8}[a-z]",
        "[a-zA-Z0-9 ._:/=+@-]{0,8}",
        0..3,
    )
    .prop_filter("kept for others", |tags| {
        !tags
            .keys()
            .any(|key| key.starts_with("aws:") || key.starts_with("jot:"))
    });
    let place = prop_oneof![
        Just("127.0.0.1:4566/theirs:v1"),
        Just("123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b@sha256:00"),
        Just("host/theirs")
    ];
    let reserved = proptest::option::of(0..1000u32);
    (
        settings(),
        tags,
        place,
        "[0-9a-f]{64}",
        any::<bool>(),
        reserved,
    )
        .prop_map(
            |(config, tags, image_uri, hex, arm, reserved_concurrency)| FunctionState {
                arn: "arn:aws:lambda:eu-west-1:123456789012:function:by-hand-prod".to_owned(),
                version: "$LATEST".to_owned(),
                package_type: "Image".into(),
                digest: Digest::parse(&format!("sha256:{hex}")),
                image_uri: Some(image_uri.to_owned()),
                architecture: if arm { "arm64" } else { "x86_64" }.into(),
                role: "arn:aws:iam::123456789012:role/service-role/theirs".to_owned(),
                config,
                tags,
                state: "Active".into(),
                last_update: "Successful".into(),
                reason: None,
                revision: "revision".to_owned(),
                modified: String::new(),
                reserved_concurrency,
                optimised: false,
                zip: None,
            },
        )
}

/// What a command would make of the manifest.
fn desired(loaded: &Loaded, key: &str, environment: &BTreeMap<String, Secret>) -> Desired {
    let request = Request {
        loaded,
        select: &[key.to_owned()],
        environment,
        cache: None,
        checkouts: &Checkouts::new(),
        region: Some(world::REGION),
    };
    recipe::desired(&request).unwrap()
}

fn observed(state: &FunctionState, key: &str, retention_days: Option<u32>) -> Observed {
    let function = Function {
        latest: Some(state.clone()),
        role: Some(Role {
            arn: state.role.clone(),
            trust: serde_json::json!({}),
            policies: Vec::new(),
            inline: None,
            boundary: None,
            tags: BTreeMap::new(),
        }),
        log_group: Some(LogGroup {
            retention_days,
            tags: BTreeMap::new(),
        }),
        ..Function::default()
    };
    Observed {
        leftovers: Default::default(),
        account: world::ACCOUNT.to_owned(),
        region: world::REGION.to_owned(),
        docker: Docker::Absent("not needed".to_owned()),
        repository: None,
        images: BTreeMap::new(),
        archives: BTreeMap::new(),
        source: None,
        references: BTreeMap::new(),
        functions: BTreeMap::from([(key.to_owned(), function)]),
        others: Vec::new(),
        now: None,
        scheduler: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_written_of_a_function_is_what_it_is(
        state in state(),
        days in proptest::option::of(proptest::sample::select(limits::RETENTION_DAYS.to_vec())),
        text in proptest::sample::select(DEFAULTS.to_vec()),
        prod in any::<bool>(), plain in any::<bool>(), renamed in any::<bool>(),
    ) {
        let prod = prod.then_some("prod");
        let text = match prod {
            Some(_) => format!("{HEADER}{text}[targets.prod]\nname_suffix = \"-prod\"\n\n"),
            None => format!("{HEADER}{text}"),
        };
        let name = if prod.is_some() { "by-hand" } else { "by-hand-prod" };
        let key = if renamed { "other-key" } else { name };
        let live = Live {
            key,
            target: prod,
            name,
            state: &state,
            retention_days: days,
            role: LiveRole::Given("theirs"),
            alias: None,
            unset: defaults(&text, prod),
        };
        let variables = &state.config.environment;
        let values = match plain {
            true => Values::Plain,
            false => Values::FromEnv(
                variables.keys().map(|name| (name.clone(), format!("X_{name}"))).collect(),
            ),
        };
        let written = part(&live, &values);
        for value in variables.values().filter(|value| !plain && value.reveal().len() > 8) {
            prop_assert!(!written.contains(value.reveal()), "{}", written);
        }
        let whole = format!("{text}{written}");
        let loaded = manifest::read("/project/jot.toml".as_ref(), &whole, prod)
            .map_err(|error| {
                TestCaseError::fail(format!("{:?}\n{whole}", miette::Report::new(error)))
            })?;
        let here = variables
            .iter()
            .map(|(name, value)| (format!("X_{name}"), value.clone()))
            .collect();
        // If the values are not known they are not compared, and no step uses them.
        for environment in [here, BTreeMap::new()] {
            let desired = desired(&loaded, key, &environment);
            prop_assert_eq!(&desired.functions[key].name, "by-hand-prod");
            let before = observed(&state, key, days);
            let adoption = plan::adopt(&desired, &before)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{whole}")))?;
            prop_assert!(!adoption.is_empty());
            let after = world::execute(&adoption, &desired, &before);
            let now = after.functions[key].latest.as_ref().unwrap();
            prop_assert_eq!(&now.revision, &state.revision);
            for (tag, value) in &state.tags {
                prop_assert_eq!(now.tags.get(tag), Some(value));
            }
            let plan = plan::plan(&desired, &after).unwrap();
            prop_assert!(plan.is_empty(), "{}\n{:#?}", whole, plan.steps);
            prop_assert!(plan::adopt(&desired, &after).unwrap().is_empty());
        }
    }
}
