//! When Lambda updates the runtime of a zip function, planned and executed. Neither emulator
//! supports it: a stand-in in a proxy keeps a setting for `$LATEST` and for each version, as AWS
//! does.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use jot::{
    model::RuntimeUpdate,
    observe::{Depth, observe},
};
use serde_json::{Value, json};

use crate::{
    Ground,
    carried::Runner,
    connect,
    observe::no_docker,
    proxy::{Fault, Proxy},
    settings, stack,
};

const ARN: &str = "arn:aws:lambda:eu-west-1::runtime:0123456789abcdef";

/// The settings, by qualifier.
#[derive(Clone, Default)]
struct Modes(Arc<Mutex<BTreeMap<String, Value>>>);

impl Modes {
    /// Answers in Lambda's place from now on.
    fn stand_in(&self, proxy: &Proxy) {
        for operation in ["Get", "Put"] {
            let modes = self.clone();
            let forge =
                move |method: &str, path: &str, body: &str| modes.answer(method, path, body);
            let operation = format!("lambda:{operation}RuntimeManagementConfig");
            proxy.fault(&operation, Fault::Forged(Arc::new(forge)), u32::MAX);
        }
    }

    fn answer(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let qualifier = path
            .split_once("Qualifier=")
            .map_or("$LATEST", |(_, at)| at);
        let mut modes = self.0.lock().unwrap();
        let mode = modes
            .entry(qualifier.to_owned())
            .or_insert_with(|| json!({ "UpdateRuntimeOn": "Auto" }));
        if method == "PUT" {
            *mode = serde_json::from_str(body).unwrap();
        }
        let mut answer = mode.clone();
        answer["FunctionArn"] = json!("arn:aws:lambda:eu-west-1:000000000000:function:answer");
        (200, answer.to_string())
    }

    /// The modes that were set or requested, by qualifier.
    fn told(&self) -> Vec<(String, String)> {
        let modes = self.0.lock().unwrap();
        let told = |(of, mode): (&String, &Value)| {
            let mode = mode["RuntimeVersionArn"]
                .as_str()
                .or(mode["UpdateRuntimeOn"].as_str());
            (of.clone(), mode.unwrap().to_owned())
        };
        modes.iter().map(told).collect()
    }
}

fn told<const N: usize>(modes: [(&str, &str); N]) -> Vec<(String, String)> {
    modes
        .map(|(of, mode)| (of.to_owned(), mode.to_owned()))
        .to_vec()
}

/// The requests that one observation takes.
async fn requests(ground: &Ground, runner: &Runner<'_>) -> u64 {
    let aws = connect(&ground.settings).await;
    observe(&runner.desired, &aws, no_docker(), Depth::Each)
        .await
        .unwrap();
    aws.requests()
}

#[tokio::test]
async fn it_follows_the_manifest_and_is_asked_for_where_it_is_managed_alone() {
    let emulator = stack::ministack();
    let proxy = Proxy::start(emulator.endpoint()["http://".len()..].parse().unwrap()).unwrap();
    let modes = Modes::default();
    modes.stand_in(&proxy);
    let settings = settings(&proxy.url());
    let ground = Ground {
        aws: connect(&settings).await,
        settings,
        moto: false,
        emulator,
    };
    let mut runner = Runner::new(&ground, "").await;
    runner.put_right().await;
    assert_eq!(modes.told(), told([]), "not managed, not asked for");
    assert_eq!(requests(&ground, &runner).await, 13);

    let set = |runner: &mut Runner, update| {
        runner
            .desired
            .functions
            .get_mut("answer")
            .unwrap()
            .runtime_update = update;
    };
    set(&mut runner, Some(RuntimeUpdate::FunctionUpdate));
    let steps = runner.put_right().await;
    assert_eq!(
        steps,
        ["runtime:answer", "runtime-version:answer", "tags:answer"]
    );
    let both = told([("$LATEST", "FunctionUpdate"), ("1", "FunctionUpdate")]);
    assert_eq!(modes.told(), both);
    // One request for `$LATEST`, one for the alias's version.
    assert_eq!(requests(&ground, &runner).await, 15);

    // The version that serves is changed outside jot.
    modes.0.lock().unwrap().remove("1");
    assert_eq!(runner.put_right().await, ["runtime-version:answer"]);
    assert_eq!(modes.told(), both);

    // A new version gets it as well, before the alias points at it.
    let function = runner.desired.functions.get_mut("answer").unwrap();
    function.config.memory_mb = Some(640);
    function.config_digest = "0123456789abcdef".to_owned();
    set(&mut runner, Some(RuntimeUpdate::Manual(ARN.to_owned())));
    let steps = runner.put_right().await;
    let release = [
        "config",
        "runtime",
        "version",
        "runtime-version",
        "alias",
        "retire",
        "tags",
    ];
    assert_eq!(steps, release.map(|step| format!("{step}:answer")));
    assert_eq!(
        modes.told(),
        told([("$LATEST", ARN), ("1", "FunctionUpdate"), ("2", ARN)])
    );

    // The key is removed from the manifest, and Lambda's default returns.
    set(&mut runner, None);
    let steps = runner.put_right().await;
    assert_eq!(
        steps,
        ["runtime:answer", "runtime-version:answer", "tags:answer"]
    );
    assert_eq!(
        modes.told(),
        told([("$LATEST", "Auto"), ("1", "FunctionUpdate"), ("2", "Auto")])
    );
    assert_eq!(requests(&ground, &runner).await, 13);
}
