//! Layers of a zip archive: their plans.

use jot::{
    model::{Action, value::Shown},
    plan::Error,
};

use crate::{
    archives::{configured, deployed, plan, verbs, without_docker},
    properties::converge,
    wish::Wish,
    world::World,
};

const FONTS: &str = "arn:aws:lambda:eu-west-1:123456789012:layer:fonts:3";
const AGENT: &str = "arn:aws:lambda:eu-west-1:123456789012:layer:agent:1";

fn with(layers: Option<&[&str]>) -> Wish {
    let layers = layers.map(|all| all.iter().map(|&arn| arn.to_owned()).collect());
    configured(&crate::archives::wish(), |config| config.layers = layers)
}

/// Old and new, as the plan shows them.
fn told(plan: &Result<jot::model::Plan, Error>) -> Vec<(Shown, Shown)> {
    let steps = plan.as_ref().unwrap().steps.iter();
    let config = steps.filter(|step| matches!(step.action, Action::UpdateConfig { .. }));
    let changes = config.flat_map(|step| step.changes.clone());
    let layers = changes.filter(|change| change.field == "layers");
    layers.map(|change| (change.old, change.new)).collect()
}

const RELEASE: [&str; 6] = [
    "config",
    "version",
    "test-remote",
    "alias",
    "retire",
    "tags",
];

#[test]
fn they_are_given_in_order_changed_and_taken_back() {
    let value = |layers: &[&str]| Shown::Value(serde_json::json!(layers));
    for (before, after, old, new) in [
        (None, Some(&[FONTS][..]), Shown::Absent, value(&[FONTS])),
        (
            Some(&[FONTS, AGENT][..]),
            Some(&[AGENT, FONTS][..]),
            value(&[FONTS, AGENT]),
            value(&[AGENT, FONTS]),
        ),
        (
            Some(&[FONTS][..]),
            None,
            value(&[FONTS]),
            Shown::Default(serde_json::Value::Null),
        ),
        (
            Some(&[FONTS][..]),
            Some(&[][..]),
            value(&[FONTS]),
            Shown::Value(serde_json::Value::Null),
        ),
    ] {
        let mut world = without_docker(deployed(&with(before)));
        let plan = plan(&with(after), &world);
        assert_eq!(verbs(&plan), RELEASE, "{before:?} {after:?}");
        assert_eq!(told(&plan), [(old, new)]);
        let change = plan.unwrap().steps[0].changes[0].clone();
        assert_eq!(change.cause, jot::model::Cause::Manifest, "{change:?}");
        converge(&mut world, &with(after));
    }
}

#[test]
fn those_that_were_set_by_hand_are_put_right_where_they_are_managed() {
    let drift = |world: &mut World| {
        let lambda = world.functions.get_mut("one").unwrap();
        lambda.latest.config.layers = vec![AGENT.to_owned()];
    };
    let mut world = without_docker(deployed(&with(Some(&[FONTS]))));
    drift(&mut world);
    let put_right = plan(&with(Some(&[FONTS])), &world);
    assert_eq!(verbs(&put_right), ["config"]);
    let change = put_right.unwrap().steps[0].changes[0].clone();
    assert_eq!(change.cause, jot::model::Cause::Outside);
    let mut world = without_docker(deployed(&with(None)));
    drift(&mut world);
    assert_eq!(verbs(&plan(&with(None), &world)), [""; 0]);
}

#[test]
fn a_plan_that_tests_here_says_that_they_are_not_here() {
    let noted = |wish: &Wish| {
        let plan = plan(wish, &World::empty()).unwrap();
        plan.notes.iter().any(|note| note.contains("layers"))
    };
    assert!(noted(&with(Some(&[FONTS]))));
    assert!(!noted(&with(Some(&[]))));
    assert!(!noted(&with(None)));
}
