//! When Lambda updates the runtime of a function of a zip archive: its plans.

use std::collections::BTreeSet;

use jot::{
    model::{Action, Plan, RuntimeUpdate, observed::FunctionState, value::Value},
    plan::Error,
};

use crate::{
    archives::{self, configured, deployed, plan, verbs, without_docker},
    properties::converge,
    support::render,
    wish::Wish,
    world::World,
};

const OLD: &str = "arn:aws:lambda:eu-west-1::runtime:old";
const NEW: &str = "arn:aws:lambda:eu-west-1::runtime:new";

fn manual(arn: &str) -> Option<RuntimeUpdate> {
    Some(RuntimeUpdate::Manual(arn.to_owned()))
}

fn wish(update: Option<RuntimeUpdate>) -> Wish {
    with(archives::wish(), update)
}

fn with(mut wish: Wish, update: Option<RuntimeUpdate>) -> Wish {
    wish.functions.get_mut("one").unwrap().runtime_update = update;
    wish
}

/// The settings, in order: of `$LATEST`, or of a version.
fn set(plan: &Result<Plan, Error>) -> Vec<(&'static str, String)> {
    let steps = &plan
        .as_ref()
        .unwrap_or_else(|_| panic!("{}", render(plan)))
        .steps;
    let set = steps.iter().filter_map(|step| match &step.action {
        Action::SetRuntimeUpdate {
            version, update, ..
        } => {
            let of = match version {
                None => "latest",
                Some(Value::Known(_)) => "live",
                Some(Value::From(_)) => "published",
            };
            Some((of, update.to_string()))
        }
        _ => None,
    });
    set.collect()
}

fn update(state: &FunctionState) -> Option<RuntimeUpdate> {
    state.zip.as_ref().unwrap().update.clone()
}

/// Asserts that `$LATEST` and the version that serves have it.
fn has(world: &World, wanted: &RuntimeUpdate) {
    let lambda = &world.functions["one"];
    let live = &lambda.versions[&lambda.aliases["live"].version.parse().unwrap()];
    assert_eq!(update(&lambda.latest).as_ref(), Some(wanted));
    assert_eq!(update(live).as_ref(), Some(wanted));
}

#[test]
fn a_new_function_gets_it_before_its_version_and_that_one_before_its_tests() {
    for update in [Some(RuntimeUpdate::FunctionUpdate), manual(OLD)] {
        let wish = wish(update.clone());
        let plan = plan(&wish, &World::empty());
        let steps = verbs(&plan);
        let end = [
            "create",
            "runtime",
            "version",
            "runtime-version",
            "test-remote",
            "alias",
            "tags",
        ];
        assert_eq!(steps[steps.len() - end.len()..], end);
        let mut world = World::empty();
        converge(&mut world, &wish);
        has(&world, &update.unwrap());
    }
}

#[test]
fn lambda_s_default_needs_no_step() {
    let auto = wish(Some(RuntimeUpdate::Auto));
    assert_eq!(set(&plan(&auto, &World::empty())), []);
    let mut world = without_docker(deployed(&wish(None)));
    assert_eq!(verbs(&plan(&auto, &world)), ["tags"]);
    converge(&mut world, &auto);
}

#[test]
fn a_key_that_was_never_there_is_not_managed() {
    let mut world = without_docker(deployed(&wish(None)));
    drift(&mut world, RuntimeUpdate::FunctionUpdate);
    assert_eq!(verbs(&plan(&wish(None), &world)), [""; 0]);
}

/// Any of them is changed outside jot.
fn drift(world: &mut World, update: RuntimeUpdate) {
    let lambda = world.functions.get_mut("one").unwrap();
    for state in lambda.versions.values_mut().chain([&mut lambda.latest]) {
        state.zip.as_mut().unwrap().update = Some(update.clone());
    }
}

#[test]
fn a_change_of_it_alone_builds_and_publishes_nothing() {
    for (before, after, steps, told) in [
        (
            None,
            Some(RuntimeUpdate::FunctionUpdate),
            vec!["runtime", "runtime-version", "tags"],
            "runtime_update: \"auto\" -> \"function-update\"  (manifest)",
        ),
        // A version of the runtime takes traffic once the tests passed on it.
        (
            manual(OLD),
            manual(NEW),
            vec!["runtime", "test-remote", "runtime-version", "tags"],
            "runtime:old\" -> \"arn:aws:lambda:eu-west-1::runtime:new\"  (manifest)",
        ),
        (
            manual(OLD),
            Some(RuntimeUpdate::Auto),
            vec!["runtime", "runtime-version", "tags"],
            "runtime:old\" -> \"auto\"  (manifest)",
        ),
        (
            manual(OLD),
            None,
            vec!["runtime", "runtime-version", "tags"],
            "runtime:old\" -> \"auto\" (Lambda's default)",
        ),
    ] {
        let mut world = without_docker(deployed(&wish(before)));
        let after = wish(after);
        let plan = plan(&after, &world);
        assert_eq!(verbs(&plan), steps);
        let text = render(&plan);
        assert!(text.contains(told), "{told} in\n{text}");
        converge(&mut world, &after);
    }
}

#[test]
fn what_was_changed_by_hand_is_put_right_where_it_was_changed() {
    let wish = wish(Some(RuntimeUpdate::FunctionUpdate));
    let mut world = without_docker(deployed(&wish));
    drift(&mut world, RuntimeUpdate::Auto);
    let text = render(&plan(&wish, &world));
    assert!(
        text.contains("changed outside jot since the last apply"),
        "{text}"
    );
    let lambda = world.functions.get_mut("one").unwrap();
    lambda.latest.zip.as_mut().unwrap().update = Some(RuntimeUpdate::FunctionUpdate);
    assert_eq!(verbs(&plan(&wish, &world)), ["runtime-version"]);
    converge(&mut world, &wish);
    has(&world, &RuntimeUpdate::FunctionUpdate);
}

#[test]
fn a_function_leaves_one_version_before_its_runtime_changes() {
    let newer = |wish: &Wish| configured(wish, |config| config.runtime = Some("java26".to_owned()));
    for (after, expected) in [
        (
            manual(NEW),
            vec![
                ("latest", "auto".to_owned()),
                ("latest", NEW.to_owned()),
                ("published", NEW.to_owned()),
            ],
        ),
        (
            Some(RuntimeUpdate::FunctionUpdate),
            vec![
                ("latest", "function-update".to_owned()),
                ("published", "function-update".to_owned()),
            ],
        ),
        (None, vec![("latest", "auto".to_owned())]),
    ] {
        let mut world = without_docker(deployed(&wish(manual(OLD))));
        let after = with(newer(&archives::wish()), after);
        let plan = plan(&after, &world);
        assert_eq!(set(&plan), expected);
        converge(&mut world, &after);
    }
}

#[test]
fn without_an_alias_a_change_is_tested_on_latest() {
    let unaliased = |update| {
        let mut wish = wish(update);
        wish.functions.get_mut("one").unwrap().alias = None;
        wish
    };
    let mut world = without_docker(deployed(&unaliased(None)));
    let after = unaliased(manual(NEW));
    assert_eq!(
        verbs(&plan(&after, &world)),
        ["runtime", "test-remote", "tags"]
    );
    converge(&mut world, &after);
}

#[test]
fn what_is_left_to_others_counts_at_creation_alone() {
    let mut left = wish(Some(RuntimeUpdate::FunctionUpdate));
    let ignore = &mut left.functions.get_mut("one").unwrap().lifecycle.ignore;
    ignore.insert("runtime_update".to_owned());
    let mut world = without_docker(deployed(&left));
    has(&world, &RuntimeUpdate::FunctionUpdate);
    drift(&mut world, RuntimeUpdate::Auto);
    assert_eq!(verbs(&plan(&left, &world)), [""; 0]);
}

/// What a step waits for, directly or through others.
fn waited_for(plan: &Plan, id: &str) -> BTreeSet<String> {
    let step = plan.steps.iter().find(|step| step.id.0 == id);
    let step = step.unwrap_or_else(|| panic!("there is no {id}"));
    let after = step.after.iter().map(|id| id.0.clone());
    let all = after.flat_map(|id| {
        let mut ids = waited_for(plan, &id);
        ids.insert(id);
        ids
    });
    all.collect()
}

/// New code is sent once the runtime's update is set, and no step publishes or tests what ran
/// before it.
#[test]
fn new_code_waits_for_the_runtime_s_update_and_its_tests_for_both() {
    for (alias, tested) in [(Some("live"), "version:one"), (None, "test-remote:one")] {
        let with_alias = |mut wish: Wish| {
            wish.functions.get_mut("one").unwrap().alias = alias.map(str::to_owned);
            wish
        };
        let world = deployed(&with_alias(wish(Some(RuntimeUpdate::Auto))));
        let mut then = with_alias(wish(Some(RuntimeUpdate::FunctionUpdate)));
        then.functions.get_mut("one").unwrap().image = "4".to_owned();
        let plan = plan(&then, &world).unwrap_or_else(|error| panic!("{error}"));
        let code = waited_for(&plan, "code:one");
        assert!(code.contains("runtime:one"), "{code:?}");
        let before = waited_for(&plan, tested);
        assert!(before.contains("code:one"), "{tested} waits for {before:?}");
        assert!(waited_for(&plan, "tags:one").contains("code:one"));
    }
}
