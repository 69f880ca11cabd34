//! Layers, logs and recursive calls of a zip function, planned and executed.

use aws_sdk_lambda::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    primitives::Blob,
    types::LayerVersionContentInput,
};
use jot::{
    model::{Config, RecursiveLoop},
    observe::{Depth, observe},
};

use crate::{
    Ground, REGION, archives::package, carried::Runner, connect, observe::no_docker, stack,
};

/// A layer that the emulator has, by the ARN of its version.
async fn layer(ground: &Ground, name: &str) -> String {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(ground.endpoint())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let folder = tempfile::tempdir().unwrap();
    let (_, bytes) = package(folder.path(), "1");
    let content = LayerVersionContentInput::builder().zip_file(Blob::new(bytes));
    let request = Client::from_conf(config).publish_layer_version();
    let request = request.layer_name(name).content(content.build());
    let made = request.send().await.unwrap();
    made.layer_version_arn.unwrap()
}

/// The requests that one observation takes.
async fn requests(ground: &Ground, runner: &Runner<'_>) -> u64 {
    let aws = connect(&ground.settings).await;
    observe(&runner.desired, &aws, no_docker(), Depth::Each)
        .await
        .unwrap();
    aws.requests()
}

fn wish(
    runner: &mut Runner<'_>,
    digest: &str,
    recursive_loop: Option<RecursiveLoop>,
    beyond: Config,
) {
    let function = runner.desired.functions.get_mut("answer").unwrap();
    let (runtime, handler) = (
        function.config.runtime.take(),
        function.config.handler.take(),
    );
    function.config = Config {
        runtime,
        handler,
        ..beyond
    };
    function.recursive_loop = recursive_loop;
    function.config_digest = digest.repeat(16);
}

const RELEASE: [&str; 6] = [
    "config:answer",
    "recursion:answer",
    "version:answer",
    "alias:answer",
    "retire:answer",
    "tags:answer",
];

#[tokio::test]
async fn they_follow_the_manifest_and_go_back_to_lambda_s_defaults() {
    let ground = Ground::of(stack::ministack(), false).await;
    let aws = &ground.aws;
    let (fonts, agent) = (layer(&ground, "fonts").await, layer(&ground, "agent").await);
    let mut runner = Runner::new(&ground, "").await;
    runner.put_right().await;
    assert_eq!(requests(&ground, &runner).await, 13);

    let wanted = Config {
        log_format: Some("JSON".to_owned()),
        log_level: Some("INFO".to_owned()),
        system_log_level: Some("WARN".to_owned()),
        log_group: Some("numerics".to_owned()),
        layers: Some(vec![fonts.clone(), agent.clone()]),
        ..Config::default()
    };
    wish(&mut runner, "1", Some(RecursiveLoop::Allow), wanted.clone());
    assert_eq!(runner.put_right().await, RELEASE);
    let live = aws.function("answer", Some("live")).await.unwrap().unwrap();
    assert!(wanted.is_met_by(&live.config), "{:#?}", live.config);
    assert_eq!(requests(&ground, &runner).await, 14);

    // The settings are changed outside jot.
    aws.set_recursive_loop("answer", &RecursiveLoop::Terminate)
        .await
        .unwrap();
    let latest = aws.function("answer", None).await.unwrap().unwrap();
    let other = Config {
        layers: Some(vec![agent, fonts]),
        log_format: Some("JSON".to_owned()),
        log_group: Some("other".to_owned()),
        ..Config::default()
    };
    aws.update_config("answer", &other, &latest.role, &latest.revision)
        .await
        .unwrap();
    aws.settled("answer", None).await.unwrap();
    let steps = runner.put_right().await;
    assert_eq!(steps, ["config:answer", "recursion:answer"]);

    // The keys are removed from the manifest.
    wish(&mut runner, "2", None, Config::default());
    assert_eq!(runner.put_right().await, RELEASE);
    let live = aws.function("answer", Some("live")).await.unwrap().unwrap();
    assert_eq!(live.config.layers, [""; 0]);
    assert_eq!(live.config.log_group, "");
    let mode = aws.recursive_loop("answer").await.unwrap();
    assert_eq!(mode, Some(RecursiveLoop::Terminate));
    assert_eq!(requests(&ground, &runner).await, 13);
}
