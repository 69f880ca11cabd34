//! One observation of everything that belongs to one function, and the number of requests that it
//! takes.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jot::{
    model::{
        Code, Config, Deploy, Desired, Fingerprint, Form, Function, LogGroup, Recipe, RecipeRole,
        RoleChoice, desired, observed,
    },
    observe::{Depth, Error, observe},
    remote::{self, Aws, Docker, aws::NewFunction},
};

use crate::{
    Ground, connect,
    function::{ONE, double},
    on_both,
    repository::numerics,
    role::{BASIC, own_role},
    tags,
};

/// A Docker that does not answer.
pub async fn no_docker() -> Result<Docker, remote::Error> {
    Err(remote::Error::Docker {
        message: "nobody is there".to_owned(),
        help: None,
    })
}

/// Function `double` with role, log group and alias.
fn desired(settings: &desired::Aws) -> Desired {
    let fingerprint = Fingerprint::parse(&ONE.repeat(4)).unwrap();
    let image = Recipe {
        role: RecipeRole::Code,
        form: Form::Image,
        fingerprint: fingerprint.clone(),
        base: None,
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
        inputs: BTreeMap::new(),
        title: "double".to_owned(),
        native: false,
    };
    let function = Function {
        key: "double".to_owned(),
        name: "double".to_owned(),
        code: Code::Built {
            recipe: fingerprint.clone(),
            harness: fingerprint.clone(),
        },
        revision: None,
        hints: Default::default(),
        config: Config::default(),
        role: RoleChoice::Own(own_role()),
        references: Vec::new(),
        reserved_concurrency: None,
        recursive_loop: None,
        runtime_update: None,
        log_group: log_group(),
        architecture: "x86_64".into(),
        tags: None,
        ownership: BTreeMap::new(),
        config_digest: "2222222222222222".to_owned(),
        deploy: Deploy {
            alias: Some("live".to_owned()),
            keep_versions: 5,
            traffic: None,
        },
        tests: Vec::new(),
        jit: Default::default(),
        extra_tags: Vec::new(),
        source: desired::Source::default(),
        lifecycle: desired::Lifecycle::default(),
        reach: Default::default(),
    };
    Desired {
        project: "numerics".to_owned(),
        target: None,
        aws: settings.clone(),
        repository: numerics(),
        recipes: BTreeMap::from([(fingerprint, image)]),
        functions: BTreeMap::from([("double".to_owned(), function)]),
        root: std::path::PathBuf::from("/project"),
        whole: true,
        undeclared: desired::Undeclared::Keep,
        replace: false,
        retry: false,
        ignored_alarms: Vec::new(),
        supply: Default::default(),
        role_ending: String::new(),
        scheduler: Default::default(),
    }
}

fn log_group() -> LogGroup {
    LogGroup {
        name: "/aws/lambda/double".to_owned(),
        retention_days: Some(30),
        tags: BTreeMap::new(),
    }
}

/// Creates everything that `desired` names, and a second function.
async fn deployed(ground: &Ground) -> String {
    let aws = &ground.aws;
    let (state, digest) = double(ground).await;
    aws.create_log_group(&log_group()).await.unwrap();
    let version = aws.publish_version("double", "first", &state.revision);
    let version = version.await.unwrap().version;
    aws.create_alias(
        "double",
        "live",
        jot::remote::aws::Pointed::at(&version, ""),
    )
    .await
    .unwrap();
    let image_uri = state.image_uri.unwrap();
    let stray = NewFunction {
        name: "stray",
        image_uri: &image_uri,
        role: &state.role,
        architecture: "x86_64",
        config: &Config::default(),
        tags: &tags([
            ("jot:project", "numerics"),
            ("jot:function", "old"),
            ("jot:target", "prod"),
        ]),
    };
    aws.create_function(&stray).await.unwrap();
    digest
}

/// The observation, and the requests that it takes, counted by clients of its own. Requests that
/// the emulator did not answer are left out: a dozen at once are sometimes too many for moto.
async fn look(settings: &desired::Aws, desired: &Desired) -> (observed::Observed, u64) {
    let repeated = Arc::new(AtomicU64::new(0));
    let count = repeated.clone();
    let aws = connect(settings).await;
    let aws = aws.with_retry_listener(Arc::new(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    }));
    let found = observe(desired, &aws, no_docker(), Depth::Lists)
        .await
        .unwrap();
    (found, aws.requests() - repeated.load(Ordering::SeqCst))
}

on_both!(nothing_there_is_seen_as_nothing);
async fn nothing_there_is_seen_as_nothing(ground: Ground) {
    let (found, requests) = look(&ground.settings, &desired(&ground.settings)).await;
    assert_eq!(requests, 12);
    assert_eq!(found.account, ground.account());
    assert_eq!(found.region, "eu-west-1");
    assert_eq!(found.repository, None);
    assert!(found.images.is_empty() && found.others.is_empty());
    assert_eq!(found.functions["double"], observed::Function::default());
    let absent = observed::Docker::Absent("docker: nobody is there".to_owned());
    assert_eq!(found.docker, absent);
}

on_both!(everything_is_seen_in_twelve_requests);
async fn everything_is_seen_in_twelve_requests(ground: Ground) {
    let digest = deployed(&ground).await;
    let (found, requests) = look(&ground.settings, &desired(&ground.settings)).await;
    // moto has no repositories among the tagged resources: jot requests the tags from ECR, the
    // thirteenth request.
    assert_eq!(requests, if ground.moto { 13 } else { 12 });
    let repository = found.repository.unwrap();
    assert_eq!(repository.tags, numerics().tags);
    assert_eq!(repository.policy, Some(numerics().policy));
    assert_eq!(repository.lifecycle, Some(numerics().lifecycle));
    assert_eq!(found.images[ONE].digest.as_str(), digest);

    let function = &found.functions["double"];
    let latest = function.latest.as_ref().unwrap();
    assert_eq!(latest.digest.as_ref().unwrap().as_str(), digest);
    assert_eq!(latest.tags["jot:project"], "numerics");
    assert_eq!(function.alias.as_ref().unwrap().version, "1");
    let live = function.live.as_ref().unwrap();
    assert_eq!(live.version, "1");
    assert_eq!(live.config.description, "first");
    let role = function.role.as_ref().unwrap();
    assert_eq!(
        (&role.arn, &role.policies),
        (&latest.role, &vec![BASIC.to_owned()])
    );
    assert_eq!(
        function.log_group.as_ref().unwrap().retention_days,
        Some(30)
    );

    let [other] = &found.others[..] else {
        panic!("{:?}", found.others);
    };
    let of_it = (
        other.name.as_str(),
        other.target.as_str(),
        other.function.as_str(),
    );
    assert_eq!(of_it, ("stray", "prod", "old"));
}

on_both!(a_role_that_is_given_is_asked_for_only_by_name);
async fn a_role_that_is_given_is_asked_for_only_by_name(ground: Ground) {
    let arn = ground.aws.create_role(&own_role()).await.unwrap();
    let mut desired = desired(&ground.settings);
    for (given, expected) in [(own_role().name, 11), (arn.clone(), 10)] {
        let function = desired.functions.get_mut("double").unwrap();
        function.role = RoleChoice::Given(given);
        let (found, requests) = look(&ground.settings, &desired).await;
        assert_eq!(found.functions["double"].role.as_ref().unwrap().arn, arn);
        assert_eq!(requests, expected);
    }
    let function = desired.functions.get_mut("double").unwrap();
    function.deploy.alias = None;
    let (_, requests) = look(&ground.settings, &desired).await;
    assert_eq!(requests, 8);
}

on_both!(another_account_is_refused);
async fn another_account_is_refused(ground: Ground) {
    let mut settings = ground.settings.clone();
    settings.account_id = Some("111111111111".to_owned());
    let aws: Aws = connect(&settings).await;
    let refused = observe(&desired(&settings), &aws, no_docker(), Depth::Lists).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, Error::WrongAccount { .. }), "{refused:?}");
    let text = refused.to_string();
    assert!(
        text.contains(ground.account()) && text.contains("111111111111"),
        "{text}"
    );
}
