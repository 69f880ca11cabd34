//! Functions that run a zip archive: their plans, step by step.

use std::collections::BTreeMap;

use jot::{
    model::{
        Action, Config, Observed, Plan,
        observed::{Docker, Other},
        value::Value,
    },
    plan::{self, Error},
};

use crate::{
    properties::converge,
    support::render,
    wish::{ARCHIVE, FunctionWish, PROJECT, Wish, fingerprint},
    world::{World, digest},
};

/// A function `one` of an archive.
pub fn wish() -> Wish {
    let config = Config {
        runtime: Some("java25".to_owned()),
        handler: Some("a.B".to_owned()),
        ..Config::default()
    };
    wish_of(ARCHIVE, config)
}

/// The same function of an image.
fn of_image() -> Wish {
    wish_of("1", Config::default())
}

fn wish_of(image: &str, config: Config) -> Wish {
    let function = FunctionWish {
        image: image.to_owned(),
        architecture: "x86_64".into(),
        config_digest: digest(&format!("{config:?}")).hex()[..16].to_owned(),
        config,
        alias: Some("live".to_owned()),
        keep_versions: 2,
        ..FunctionWish::default()
    };
    Wish {
        whole: true,
        repository_tags: BTreeMap::from([("jot:project".to_owned(), PROJECT.to_owned())]),
        functions: BTreeMap::from([("one".to_owned(), function)]),
        ..Wish::default()
    }
}

/// The desired state with another configuration.
pub fn configured(wish: &Wish, change: impl FnOnce(&mut Config)) -> Wish {
    let mut config = wish.functions["one"].config.clone();
    change(&mut config);
    let image = wish.functions["one"].image.clone();
    wish_of(&image, config)
}

/// A world in which the desired state was applied.
pub fn deployed(wish: &Wish) -> World {
    let mut world = World::empty();
    converge(&mut world, wish);
    world
}

pub fn plan(wish: &Wish, world: &World) -> Result<Plan, Error> {
    let desired = wish.desired();
    plan::plan(&desired, &world.observe(&desired))
}

/// The steps' names without their fingerprints and keys.
pub fn verbs(plan: &Result<Plan, Error>) -> Vec<String> {
    let plan = plan.as_ref().unwrap_or_else(|_| panic!("{}", render(plan)));
    let verb = |id: &str| id.split(':').next().unwrap_or_default().to_owned();
    plan.steps.iter().map(|step| verb(&step.id.0)).collect()
}

const RELEASE: [&str; 4] = ["version", "test-remote", "alias", "retire"];

pub fn without_docker(mut world: World) -> World {
    world.docker = Docker::Absent("no socket".to_owned());
    world
}

#[test]
fn what_is_nowhere_is_built_tested_pushed_and_created() {
    let plan = plan(&wish(), &World::empty());
    let steps = [
        "role",
        "repository",
        "logs",
        "build",
        "test-local",
        "push",
        "create",
        "version",
        "test-remote",
        "alias",
        "tags",
    ];
    assert_eq!(verbs(&plan), steps);
    converge(&mut World::empty(), &wish());
}

#[test]
fn what_is_in_sync_needs_nothing_and_no_docker() {
    let world = without_docker(deployed(&wish()));
    assert_eq!(verbs(&plan(&wish(), &world)), [""; 0]);
}

#[test]
fn what_ecr_holds_is_created_without_docker() {
    let mut world = without_docker(deployed(&wish()));
    world.functions.clear();
    let plan = plan(&wish(), &world);
    assert_eq!(
        verbs(&plan),
        ["create", "version", "test-remote", "alias", "tags"]
    );
    let archive = &world.archives[fingerprint(ARCHIVE).tag()];
    let create = &plan.unwrap().steps[0].action;
    // Lambda identifies an archive by its bytes, and ECR by its manifest.
    assert_ne!(archive.code, archive.manifest);
    let Action::CreateFunction { digest, .. } = create else {
        panic!("{create:?}");
    };
    assert_eq!(*digest, Value::Known(archive.code.clone()));
    converge(&mut world, &wish());
}

#[test]
fn what_ecr_does_not_hold_needs_docker() {
    let mut world = without_docker(deployed(&wish()));
    world.images.clear();
    let error = plan(&wish(), &world).unwrap_err().to_string();
    assert!(error.contains("build, test and push one"), "{error}");
}

#[test]
fn what_has_the_tag_and_is_no_archive_is_not_taken_for_one() {
    let mut world = deployed(&wish());
    world.archives.clear();
    assert!(verbs(&plan(&wish(), &world)).contains(&"push".to_owned()));
}

#[test]
fn a_handler_a_runtime_and_layers_change_without_a_build() {
    let layers = |arns: &[&str]| Some(arns.iter().map(|arn| (*arn).to_owned()).collect());
    let other = configured(&wish(), |config| config.handler = Some("a.C".to_owned()));
    let newer = configured(&wish(), |config| config.runtime = Some("java26".to_owned()));
    let layered = configured(&wish(), |config| {
        config.layers = layers(&["arn:b", "arn:a"])
    });
    let turned = configured(&wish(), |config| {
        config.layers = layers(&["arn:a", "arn:b"])
    });
    for (before, after, told) in [
        (&wish(), &other, "handler: \"a.B\" -> \"a.C\"  (manifest)"),
        (
            &wish(),
            &newer,
            "runtime: \"java25\" -> \"java26\"  (manifest)",
        ),
        (
            &wish(),
            &layered,
            "layers: (absent) -> [\"arn:b\",\"arn:a\"]  (manifest)",
        ),
        (
            &layered,
            &turned,
            "layers: [\"arn:b\",\"arn:a\"] -> [\"arn:a\",\"arn:b\"]  (manifest)",
        ),
        (
            &layered,
            &wish(),
            "layers: [\"arn:b\",\"arn:a\"] -> null (Lambda's default)",
        ),
    ] {
        let mut world = without_docker(deployed(before));
        let plan = plan(after, &world);
        let steps: Vec<&str> = ["config"]
            .into_iter()
            .chain(RELEASE)
            .chain(["tags"])
            .collect();
        assert_eq!(verbs(&plan), steps, "{told}");
        let text = render(&plan);
        assert!(text.contains(told), "{told} in\n{text}");
        converge(&mut world, after);
    }
}

#[test]
fn other_bytes_in_lambda_are_put_right_from_ecr() {
    let mut world = without_docker(deployed(&wish()));
    let lambda = world.functions.get_mut("one").unwrap();
    lambda.latest.zip.as_mut().unwrap().code = Some(digest("by hand"));
    let plan = plan(&wish(), &world);
    assert_eq!(verbs(&plan)[0], "code");
    let text = render(&plan);
    assert!(text.contains("    archive: "), "{text}");
    assert!(
        text.contains("changed outside jot since the last apply"),
        "{text}"
    );
    converge(&mut world, &wish());
}

#[test]
fn without_an_alias_the_archive_before_is_what_is_put_back() {
    let mut wish = wish();
    wish.functions.get_mut("one").unwrap().alias = None;
    let mut world = deployed(&wish);
    let latest = &mut world.functions.get_mut("one").unwrap().latest;
    latest.zip.as_mut().unwrap().code = Some(digest("by hand"));
    let plan = plan(&wish, &world).unwrap();
    let previous = plan.steps.iter().find_map(|step| match &step.action {
        Action::UpdateCode { previous, .. } => previous.clone(),
        _ => None,
    });
    assert_eq!(previous.as_deref(), Some(digest("by hand").as_str()));
}

#[test]
fn another_package_type_is_replaced_on_request_alone() {
    for (before, after) in [(wish(), of_image()), (of_image(), wish())] {
        let mut world = deployed(&before);
        let error = plan(&after, &world).unwrap_err();
        assert!(matches!(error, Error::PackageType { .. }), "{error}");
        let mut allowed = after.clone();
        allowed.replace = true;
        let plan = plan(&allowed, &world);
        let steps = [
            "build",
            "test-local",
            "push",
            "replace",
            "version",
            "test-remote",
            "alias",
            "tags",
        ];
        assert_eq!(verbs(&plan), steps);
        let mut protected = allowed.clone();
        let lifecycle = &mut protected.functions.get_mut("one").unwrap().lifecycle;
        lifecycle.prevent_destroy = true;
        let error = crate::archives::plan(&protected, &world).unwrap_err();
        assert!(matches!(error, Error::Protected { .. }), "{error}");
        converge(&mut world, &allowed);
        // Nothing remains to replace.
        assert_eq!(verbs(&crate::archives::plan(&after, &world)), [""; 0]);
    }
}

/// The world with a function that was made outside jot.
fn made_by_hand(world: World) -> World {
    let mut world = without_docker(world);
    world.functions.get_mut("one").unwrap().latest.tags.clear();
    world
}

pub fn execute(plan: &Plan, wish: &Wish, world: &mut World) {
    world.execute(plan, &wish.desired(), |_| true);
}

#[test]
fn an_archive_made_by_hand_is_adopted_as_it_is() {
    let mut world = made_by_hand(deployed(&wish()));
    let desired = wish().desired();
    let error = plan(&wish(), &world).unwrap_err();
    assert!(matches!(error, Error::ForeignFunction { .. }), "{error}");
    let adoption = plan::adopt(&desired, &world.observe(&desired));
    assert_eq!(verbs(&adoption), ["logs", "tags"]);
    execute(&adoption.unwrap(), &wish(), &mut world);
    assert_eq!(verbs(&plan(&wish(), &world)), [""; 0]);
}

#[test]
fn an_archive_of_other_bytes_is_adopted_and_the_next_plan_says_what_differs() {
    let mut world = made_by_hand(deployed(&wish()));
    let latest = &mut world.functions.get_mut("one").unwrap().latest;
    latest.zip.as_mut().unwrap().code = Some(digest("by hand"));
    latest.config.memory_mb = 640;
    let wish = configured(&wish(), |config| config.memory_mb = Some(512));
    let desired = wish.desired();
    let observed = world.observe(&desired);
    let error = plan::adopt(&desired, &observed).unwrap_err();
    assert!(matches!(error, Error::NotAsItIs { .. }), "{error}");
    let adoption = plan::take(&desired, &observed);
    assert_eq!(verbs(&adoption), ["logs", "tags"]);
    assert_eq!(adoption.as_ref().unwrap().notes, [""; 0]);
    execute(&adoption.unwrap(), &wish, &mut world);
    let plan = plan(&wish, &world);
    assert_eq!(verbs(&plan)[..2], ["code", "config"]);
    let text = render(&plan);
    assert!(text.contains("memory_mb: 640 -> 512"), "{text}");
    converge(&mut world, &wish);
}

#[test]
fn another_package_type_is_adopted_and_then_replaced_on_request() {
    for (before, after, told) in [
        (
            wish(),
            of_image(),
            "is a zip archive, and the manifest declares an image",
        ),
        (
            of_image(),
            wish(),
            "is an image, and the manifest declares a zip archive",
        ),
    ] {
        let mut world = deployed(&before);
        world.functions.get_mut("one").unwrap().latest.tags.clear();
        let desired = after.desired();
        let observed = world.observe(&desired);
        let error = plan::adopt(&desired, &observed).unwrap_err();
        assert!(matches!(error, Error::PackageType { .. }), "{error}");
        let adoption = plan::take(&desired, &observed);
        assert_eq!(verbs(&adoption), ["logs", "tags"]);
        let notes = adoption.as_ref().unwrap().notes.join("\n");
        assert!(notes.contains(told), "{notes}");
        assert!(notes.contains("--allow-replace"), "{notes}");
        execute(&adoption.unwrap(), &after, &mut world);
        let error = plan(&after, &world).unwrap_err();
        assert!(matches!(error, Error::PackageType { .. }), "{error}");
        let mut allowed = after.clone();
        allowed.replace = true;
        assert!(verbs(&plan(&allowed, &world)).contains(&"replace".to_owned()));
        converge(&mut world, &allowed);
    }
}

#[test]
fn archives_in_the_bucket_go_with_the_last_functions_of_the_project() {
    let world = deployed(&wish());
    let gone = Wish {
        destroy: true,
        ..wish()
    };
    let mut desired = gone.desired();
    desired.aws.bucket = Some("numerics-code".to_owned());
    let mut observed = world.observe(&desired);
    observed.leftovers.objects = vec!["jot/numerics/a.zip".to_owned()];
    let destroy = |observed: &Observed| plan::destroy(&desired, observed, &plan::Scope::default());
    let plan = destroy(&observed);
    let steps = verbs(&plan);
    assert_eq!(
        steps[steps.len() - 2..],
        ["delete-objects", "delete-repository"]
    );
    let text = render(&plan);
    assert!(text.contains("1 archive is lost for good"), "{text}");

    observed.others.push(Other {
        name: "two".to_owned(),
        arn: "arn:aws:lambda:eu-west-1:123456789012:function:two".to_owned(),
        target: "prod".to_owned(),
        function: "two".to_owned(),
        belongings: None,
    });
    let plan = destroy(&observed);
    assert!(!verbs(&plan).contains(&"delete-objects".to_owned()));
    let notes = plan.unwrap().notes.join("\n");
    assert!(
        notes.contains("archives in bucket numerics-code stay"),
        "{notes}"
    );
}
