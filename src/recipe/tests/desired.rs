//! From a manifest and its files to the desired state.

use std::{collections::BTreeMap, fs};

use proptest::prelude::*;

use super::project::{MANIFEST, Project, SCRIPT};
use crate::{
    manifest::types::{
        Alias, Architecture, LogFormat, LogLevel, Logging, RecursiveLoop, SystemLogLevel, Text,
        Tracing,
    },
    model::{Code, RecipeRole, RoleChoice},
    recipe::{Error, desired_names},
};

#[test]
fn a_first_manifest_gives_a_base_a_responder_and_a_function() {
    let desired = Project::new().desired().unwrap();
    assert_eq!(
        (desired.project.as_str(), desired.repository.name.as_str()),
        ("numerics", "numerics")
    );
    assert_eq!(
        desired.repository.tags,
        BTreeMap::from([("jot:project".to_owned(), "numerics".to_owned())])
    );
    assert_eq!(desired.repository.mutable_tags, ["*.*"]);
    assert_eq!(desired.aws.region.as_deref(), Some("eu-west-1"));
    assert!(desired.whole);

    let function = &desired.functions["increment-vector"];
    assert_eq!(function.name, "increment-vector");
    assert_eq!(function.architecture.as_str(), "x86_64");
    assert_eq!(function.log_group.name, "/aws/lambda/increment-vector");
    assert_eq!(
        (
            function.deploy.alias.as_deref(),
            function.deploy.keep_versions
        ),
        (Some("live"), 5)
    );
    assert_eq!(function.tags, None);
    assert_eq!(function.config, crate::model::Config::default());

    assert_eq!(desired.recipes.len(), 3);
    let image = &desired.recipes[function.code.recipe().unwrap()];
    let base = &desired.recipes[image.base.as_ref().unwrap()];
    assert_eq!(
        (image.role, base.role),
        (RecipeRole::Code, RecipeRole::Base)
    );
    assert_eq!(
        (image.title.as_str(), base.title.as_str()),
        ("increment-vector", "base (julia:1.5)")
    );
    assert_eq!(image.platform, "linux/amd64");
    assert!(image.native);
    let harness = &desired.recipes[function.code.harness().unwrap()];
    assert_eq!(harness.role, RecipeRole::Harness);
    assert_eq!(harness.base.as_ref(), function.code.recipe());
}

#[test]
fn a_log_group_is_another_one_unless_it_is_that_of_the_name() {
    for (group, wanted, elsewhere) in [
        ("numerics", "numerics", true),
        ("/aws/lambda/increment-vector", "", false),
    ] {
        let mut project = Project::new();
        let function = project.function();
        function.logging = Some(Logging {
            group: Some(Text::from(group)),
            ..Logging::default()
        });
        let desired = project.desired().unwrap();
        let function = &desired.functions["increment-vector"];
        assert_eq!(function.config.log_group.as_deref(), Some(wanted));
        assert_eq!(function.writes_elsewhere(), elsewhere);
        assert_eq!(function.writes_to(), group);
        assert_eq!(function.log_group.name, "/aws/lambda/increment-vector");
    }
}

#[test]
fn settings_are_in_lambdas_spelling() {
    let mut project = Project::new();
    let function = project.function();
    function.tracing = Some(Tracing::Active);
    function.logging = Some(Logging {
        retention_days: Some(14),
        format: Some(LogFormat::Json),
        level: Some(LogLevel::Info),
        system_level: Some(SystemLogLevel::Warn),
        group: None,
    });
    function.recursive_loop = Some(RecursiveLoop::Allow);
    function.architecture = Architecture::Arm64;
    function.deploy.alias = Some(Alias::Off);
    function.julia.as_mut().unwrap().compile = crate::manifest::languages::Compile::None;
    function.build.extra_tags = vec!["latest".to_owned()];
    function.name = Some("increment-prod".to_owned());
    let desired = project.desired().unwrap();
    let function = &desired.functions["increment-vector"];
    assert_eq!(function.config.tracing.as_deref(), Some("Active"));
    assert_eq!(function.config.log_format.as_deref(), Some("JSON"));
    assert_eq!(function.config.log_level.as_deref(), Some("INFO"));
    assert_eq!(function.config.system_log_level.as_deref(), Some("WARN"));
    assert_eq!(function.config.log_group, None);
    let mode = function.recursive_loop.as_ref();
    assert_eq!(mode.map(|mode| mode.as_str()), Some("Allow"));
    assert_eq!(function.log_group.retention_days, Some(14));
    assert_eq!(function.log_group.name, "/aws/lambda/increment-prod");
    assert_eq!(function.architecture.as_str(), "arm64");
    assert_eq!(function.deploy.alias, None);
    assert_eq!(function.extra_tags, ["increment-prod.latest"]);
    let image = &desired.recipes[function.code.recipe().unwrap()];
    assert_eq!(
        (image.platform.as_str(), image.native),
        ("linux/arm64", false)
    );
}

#[test]
fn the_role_belongs_to_project_target_and_region() {
    let mut project = Project::new();
    project
        .manifest
        .project
        .tags
        .insert("team".to_owned(), "numerics".to_owned());
    let role = |project: &Project| match &project.desired().unwrap().functions["increment-vector"]
        .role
    {
        RoleChoice::Own(role) => role.clone(),
        RoleChoice::Given(_) | RoleChoice::From(_) => unreachable!("the manifest names no role"),
    };
    let first = role(&project);
    assert_eq!(first.path, "/jot/numerics/");
    assert_eq!(
        first.policies,
        ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
    );
    assert_eq!(first.tags["jot:function"], "increment-vector");
    assert_eq!(
        (
            first.tags["jot:target"].as_str(),
            first.tags["team"].as_str()
        ),
        ("", "numerics")
    );

    project.target = Some("prod".to_owned());
    let prod = role(&project);
    assert_ne!(prod.name, first.name);
    assert_eq!(prod.tags["jot:target"], "prod");

    project.target = None;
    project.region = Some("us-east-1");
    assert_eq!(
        role(&project).name,
        first.name,
        "the manifest's region has precedence over the SDK's"
    );
    project.manifest.aws.region = None;
    let found = role(&project);
    assert_ne!(found.name, first.name);
    project.region = Some("cn-north-1");
    assert_eq!(
        role(&project).policies,
        ["arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
    );
}

/// The digest is part of version descriptions: it may change only together with what it covers.
#[test]
fn the_digest_of_settings_stays_as_it_is() {
    let mut project = Project::new();
    let function = project.function();
    function.memory_mb = Some(2048);
    function.role = Some("numerics-runtime".into());
    let text = Text::from("info");
    function.environment = Some(BTreeMap::from([("LOG_LEVEL".to_owned(), text)]));
    let json =
        r#"{"description":null,"memory_mb":2048,"timeout_s":null,"ephemeral_storage_mb":null,"#
            .to_owned()
            + r#""environment":{"LOG_LEVEL":"info"},"tracing":null,"log_format":null,"#
            + r#""log_level":null,"role":"numerics-runtime"}"#;
    let expected = &crate::recipe::hash::of_bytes(json.as_bytes())[..16];
    assert_eq!(
        project.desired().unwrap().functions["increment-vector"].config_digest,
        expected
    );
}

#[test]
fn what_no_version_freezes_is_not_in_the_digest() {
    let mut project = Project::new();
    let digest = |project: &Project| {
        project.desired().unwrap().functions["increment-vector"]
            .config_digest
            .clone()
    };
    let before = digest(&project);
    project.function().logging = Some(Logging {
        retention_days: Some(7),
        ..Logging::default()
    });
    project.function().policies = Some(vec![
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess".into(),
    ]);
    assert_eq!(digest(&project), before);
    project.function().timeout_s = Some(9);
    assert_ne!(digest(&project), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_only_configures_lambda_never_rebuilds(
        memory in 128..10240u32,
        text in "[a-z]{0,8}",
        expected in any::<i64>(),
        keep in 1..9u32,
    ) {
        let mut project = Project::new();
        let before = project.fingerprint();
        let function = project.function();
        function.memory_mb = Some(memory);
        function.description = Some(text.clone());
        let plain = Text::Plain(text.clone());
        function.environment = Some(BTreeMap::from([("TEXT".to_owned(), plain)]));
        function.tests[0].expected = Some(expected.into());
        function.tests[0].tolerance = Some(0.5);
        function.deploy.keep_versions = Some(keep);
        function.build.labels.insert("label".to_owned(), text.clone());
        function.build.network = Some(text);
        prop_assert_eq!(project.fingerprint(), before);
    }

    #[test]
    fn whatever_is_built_from_does(what in 0..5usize, number in any::<i64>()) {
        let mut project = Project::new();
        let before = project.fingerprint();
        match what {
            0 => {
                let script = format!("{SCRIPT}const NUMBER = {number}\n");
                drop(project.write("increment_vector.jl", &script));
            }
            1 => project.function().tests[0].argument = Some(vec![number, 7].into()),
            2 => {
                let args = &mut project.function().build.args;
                drop(args.insert("NUMBER".to_owned(), number.to_string()));
            }
            3 => project.function().architecture = Architecture::Arm64,
            _ => project.function().julia.as_mut().unwrap().version = Some("1.6".to_owned()),
        }
        prop_assert_ne!(project.fingerprint(), before);
    }
}

#[test]
fn functions_with_equal_runtimes_share_a_base() {
    let twice = MANIFEST.to_owned()
        + r#"
[functions.double]
julia = { source = "double.jl", argument_type = "Int", version = "1.5" }
"#;
    let project = Project::empty(&twice);
    project.write("increment_vector.jl", SCRIPT);
    project.write("double.jl", "double(n::Int) = 2n\n");
    let desired = project.desired().unwrap();
    assert_eq!(desired.recipes.len(), 5);
    let bases: Vec<_> = desired
        .functions
        .values()
        .map(|function| &desired.recipes[function.code.recipe().unwrap()].base)
        .collect();
    assert_eq!(bases[0], bases[1]);
}

#[test]
fn names_need_no_source() {
    let mut project = Project::new();
    let whole = project.desired().unwrap();
    fs::remove_file(project.path("increment_vector.jl")).unwrap();
    project.function().tests[0].argument_file = Some("gone.json".to_owned());
    let names = project.with(desired_names).unwrap();
    assert!(names.recipes.is_empty());
    let (before, after) = (
        &whole.functions["increment-vector"],
        &names.functions["increment-vector"],
    );
    assert_eq!(
        (&before.name, &before.role, &before.config_digest),
        (&after.name, &after.role, &after.config_digest)
    );
    assert_eq!(after.code, Code::Unread);
    assert_eq!(names.repository, whole.repository);
}

#[test]
fn a_selection_is_not_the_whole() {
    let mut project = Project::new();
    project.select = vec!["increment-*".to_owned()];
    let desired = project.desired().unwrap();
    assert_eq!((desired.functions.len(), desired.whole), (1, false));
    project.select = vec!["nothing".to_owned()];
    assert!(matches!(project.desired(), Err(Error::NoMatch { .. })));
}

#[test]
fn the_network_of_this_machine_goes_before_the_manifests() {
    let mut project = Project::new();
    project.function().build.network = Some("host".to_owned());
    assert_eq!(project.images().0.network.as_deref(), Some("host"));
    project.set("JOT_BUILD_NETWORK", "other");
    assert_eq!(project.images().1.network.as_deref(), Some("other"));
    project.set("JOT_BUILD_NETWORK", "default");
    assert_eq!(project.images().0.network, None);
    project.set("JOT_BUILD_NETWORK", "");
    assert_eq!(project.images().0.network.as_deref(), Some("host"));
}

#[test]
fn jots_own_arguments_and_labels_are_refused() {
    let mut project = Project::new();
    project
        .function()
        .build
        .args
        .insert("JOT_BASE_IMAGE".to_owned(), "x".to_owned());
    assert!(matches!(
        project.desired(),
        Err(Error::Reserved {
            key: "build.args",
            ..
        })
    ));
    project.function().build.args.clear();
    project
        .function()
        .build
        .labels
        .insert("dev.jot.fingerprint".to_owned(), "x".to_owned());
    assert!(matches!(
        project.desired(),
        Err(Error::Reserved {
            key: "build.labels",
            ..
        })
    ));
}
