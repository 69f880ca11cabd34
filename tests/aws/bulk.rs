//! One observation of many functions from lists, compared with an observation of each of them.

use std::collections::{BTreeMap, BTreeSet};

use jot::{
    model::{Desired, Observed},
    observe::{Depth, MANY, closer, observe},
    plan,
};

use crate::{Ground, carried::Runner, connect, crowd, observe::no_docker, on_both, stack};

const FUNCTIONS: usize = 60;

/// A manifest of 60 functions that share one recipe.
fn manifest(ground: &Ground, folder: &std::path::Path) -> std::path::PathBuf {
    std::fs::write(folder.join("answer.jl"), "answer(x) = x\n").unwrap();
    let mut text = format!(
        "[project]\nname = \"numerics\"\n[aws]\nregion = \"eu-west-1\"\nendpoint_url = \"{}\"\n\
         [defaults]\nhandler = \"answer\"\nmemory_mb = 512\nlogging = {{ retention_days = 30 }}\n\
         julia = {{ source = \"answer.jl\", argument_type = \"Int\" }}\n",
        ground.endpoint()
    );
    for number in 0..FUNCTIONS {
        text += &format!("[functions.f{number:02}]\n");
    }
    let path = folder.join("jot.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// The observation, and the requests that it took.
async fn look(ground: &Ground, desired: &Desired, depth: Depth) -> (Observed, u64) {
    let aws = connect(&ground.settings).await;
    let found = observe(desired, &aws, no_docker(), depth).await.unwrap();
    (found, aws.requests())
}

on_both!(many_functions_are_seen_in_lists);
async fn many_functions_are_seen_in_lists(ground: Ground) {
    const { assert!(FUNCTIONS > MANY) };
    let folder = tempfile::tempdir().unwrap();
    let desired = crowd::make(&manifest(&ground, folder.path()), !ground.moto).await;
    let (lists, requests) = look(&ground, &desired, Depth::Lists).await;
    // Account 1, repository 3, tags 1, roles 1, functions 2 pages, log groups 2 pages. ministack
    // returns no hash of the code, so jot requests the images; moto returns one, but lists all
    // functions at once, puts at most 100 tags on a page of resources, which it fills in an order
    // of its own, and includes no repository.
    let lists_take = if ground.moto { 15..=17 } else { 11..=11 };
    assert!(lists_take.contains(&requests), "{requests}");
    assert!(lists.functions.values().all(|one| one.from_tags));

    let (each, requests) = look(&ground, &desired, Depth::Each).await;
    // For each function its state, its alias, and the version of the alias.
    let each_takes = if ground.moto { 15..=17 } else { 9..=9 };
    assert!(each_takes.contains(&(requests - 3 * 60)), "{requests}");
    for (key, found) in &lists.functions {
        let asked = &each.functions[key];
        assert!(asked.alias.is_some() && asked.live.is_some());
        assert_eq!(found.role, asked.role);
        assert_eq!(found.log_group, asked.log_group);
        assert_eq!(asked.log_group.as_ref().unwrap().retention_days, Some(30));
        let (found, asked) = (
            found.latest.as_ref().unwrap(),
            asked.latest.as_ref().unwrap(),
        );
        assert_eq!(found.tags, asked.tags);
        assert_eq!(found.digest, asked.digest);
        assert_eq!(found.config, asked.config);
        assert_eq!(found.revision, asked.revision);
    }
    let tags =
        |observed: &Observed| -> BTreeSet<String> { observed.images.keys().cloned().collect() };
    let needed: BTreeSet<String> = desired
        .functions
        .values()
        .map(|one| one.code.tag().to_owned())
        .collect();
    assert!(tags(&lists).is_superset(&needed), "{:?}", lists.images);

    let plan = plan::plan(&desired, &lists).unwrap();
    assert_eq!(plan.steps, []);
    assert!(
        plan.notes[0].contains("60 functions: taken from tags"),
        "{:?}",
        plan.notes
    );
    assert_eq!(
        plan::plan(&desired, &each).unwrap().notes,
        Vec::<String>::new()
    );

    let aws = connect(&ground.settings).await;
    let keys = BTreeSet::from(["f03".to_owned(), "f59".to_owned()]);
    let some = closer(&desired, lists.clone(), &aws, &keys).await.unwrap();
    assert_eq!(aws.requests(), 7);
    for (key, found) in &some.functions {
        let expected = if keys.contains(key) { &each } else { &lists };
        assert_eq!(found, &expected.functions[key], "{key}");
    }
}

on_both!(what_lists_do_not_explain_is_asked_for);
async fn what_lists_do_not_explain_is_asked_for(ground: Ground) {
    let folder = tempfile::tempdir().unwrap();
    let desired = crowd::make(&manifest(&ground, folder.path()), !ground.moto).await;
    let aws = connect(&ground.settings).await;
    let arn = |key: &str| {
        let account = ground.account();
        format!("arn:aws:lambda:eu-west-1:{account}:function:{key}")
    };
    // A function that does not exist, one with another owner, and one of another target.
    aws.delete_function("f01").await.unwrap();
    let own = ["jot:project", "jot:function", "jot:target"].map(str::to_owned);
    aws.untag_function(&arn("f02"), &own).await.unwrap();
    let prod = BTreeMap::from([("jot:target".to_owned(), "prod".to_owned())]);
    aws.tag_function(&arn("f03"), &prod).await.unwrap();

    let (lists, _) = look(&ground, &desired, Depth::Lists).await;
    let (each, _) = look(&ground, &desired, Depth::Each).await;
    for key in ["f01", "f02", "f03"] {
        assert_eq!(lists.functions[key], each.functions[key], "{key}");
    }
    assert_eq!(lists.functions["f01"].latest, None);
    assert!(
        !lists.functions["f02"]
            .latest
            .as_ref()
            .unwrap()
            .tags
            .contains_key("jot:project")
    );
    assert_eq!(
        lists.functions.values().filter(|one| one.from_tags).count(),
        57
    );
    assert_eq!(lists.others, each.others);
}

#[tokio::test]
async fn archives_are_seen_in_lists_by_the_hash_of_their_bytes() {
    let ground = Ground::of(stack::ministack(), false).await;
    let mut runner = Runner::new(&ground, "").await;
    runner.multiply(MANY + 1);
    runner.put_right().await;
    let (lists, requests) = look(&ground, &runner.desired, Depth::Lists).await;
    // Account 1, repository 3, tags 1, roles 1, functions 2 pages, log groups 2 pages; of the one
    // archive that all run, its image and its manifest.
    assert_eq!(requests, 12);
    assert!(lists.functions.values().all(|one| one.from_tags));
    let plan = plan::plan(&runner.desired, &lists).unwrap();
    assert_eq!(plan.steps, []);
    assert!(plan.notes[0].contains("51 functions"), "{:?}", plan.notes);

    // Tags do not show other bytes; the list does.
    runner.tamper_with("f03", "1").await;
    let (lists, _) = look(&ground, &runner.desired, Depth::Lists).await;
    let plan = plan::plan(&runner.desired, &lists).unwrap();
    assert_eq!(plan.steps[0].id.0, "code:f03");
    let unverified = plan::unverified(&plan, &lists);
    assert_eq!(unverified, BTreeSet::from(["f03".to_owned()]));
    let closer = closer(&runner.desired, lists, &ground.aws, &unverified);
    let plan = plan::plan(&runner.desired, &closer.await.unwrap()).unwrap();
    assert_eq!(plan.steps[0].id.0, "code:f03");
}
