//! What a destroy finds of a project besides its functions: archives in a bucket.

use std::{fs, sync::Arc};

use jot::{
    apply::{self, Clients},
    model::{Digest, Plan},
    observe::{self, Depth},
    plan,
    remote::aws::CodeObject,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc::unbounded_channel, watch};

use crate::{
    Ground,
    archives::{BUCKET, create_bucket, put},
    carried::read,
    observe::no_docker,
    on_both,
};

/// The plan of a destroy, with all that remains of the project.
async fn destroy(ground: &Ground, desired: &jot::model::Desired) -> (Plan, Vec<String>) {
    let seen = observe::observe(desired, &ground.aws, no_docker(), Depth::Each).await;
    let seen = observe::leftovers(desired, seen.unwrap(), &ground.aws).await;
    let seen = seen.unwrap();
    let plan = plan::destroy(desired, &seen, &Default::default()).unwrap();
    (plan, seen.leftovers.objects)
}

on_both!(a_destroy_deletes_the_project_s_archives_and_nothing_else);
async fn a_destroy_deletes_the_project_s_archives_and_nothing_else(ground: Ground) {
    let folder = tempfile::tempdir().unwrap();
    let mut desired = read(&ground, &folder, "");
    // No bucket of that name exists yet.
    desired.aws.bucket = Some(BUCKET.to_owned());
    assert_eq!(destroy(&ground, &desired).await.1, [""; 0]);

    create_bucket(&ground).await;
    let file = folder.path().join("code.zip");
    fs::write(&file, "1").unwrap();
    let digest = Digest::from_bytes(Sha256::digest("1").into());
    let mut keys = Vec::new();
    for project in ["numerics", "numerics/more", "numerics-more"] {
        let object = CodeObject {
            bucket: BUCKET,
            owner: ground.account(),
            project,
            code: &digest,
        };
        ground.aws.put_code(&object, (&file, 1)).await.unwrap();
        keys.push(object.key());
    }
    let theirs = "jot/numerics/README.txt";
    put(&ground, theirs).await;

    let (plan, objects) = destroy(&ground, &desired).await;
    assert_eq!(objects, keys[..1]);
    let [step] = &plan.steps[..] else {
        panic!("{:#?}", plan.steps);
    };
    assert_eq!(
        step.resource,
        "archives below jot/numerics/ in bucket numerics-code"
    );
    assert!(
        step.reasons
            .contains(&"1 archive is lost for good".to_owned()),
        "{step:?}"
    );
    let clients = Clients {
        aws: Some(ground.aws.clone()),
        docker: None,
        run: "leftovers".to_owned(),
        labels: Default::default(),
        cache: folder.path().to_owned(),
        minute: jot::apply::MINUTE,
    };
    let (events, _heard) = unbounded_channel();
    let (_stop, stop) = watch::channel(false);
    let (plan, wanted) = (Arc::new(plan), Arc::new(desired.clone()));
    let summary = apply::apply(plan, wanted, clients, events, stop).await;
    assert!(summary.complete());
    assert_eq!(destroy(&ground, &desired).await.1, [""; 0]);
    for key in keys[1..].iter().map(String::as_str).chain([theirs]) {
        assert!(crate::archives::exists(&ground, key).await, "{key}");
    }
}
