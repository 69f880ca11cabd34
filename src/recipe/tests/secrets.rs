//! Values from the environment reach Lambda and nothing else.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::project::Project;
use crate::{
    manifest::types::{FromEnv, Reference, Text},
    model::{Desired, Secret, value::EnvValue},
};

fn from_env(name: &str) -> FromEnv {
    FromEnv {
        from_env: name.to_owned(),
    }
}

/// A function with a secret in its environment and one for its build.
fn project(database: Option<&str>, token: Option<&str>) -> Project {
    let mut project = Project::new();
    let variables = [(
        "DB_URL",
        Text::From(Reference::Env(from_env("LOCAL_DB_URL"))),
    )];
    project.function().environment = Some(
        variables
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
    );
    project
        .function()
        .build
        .secrets
        .insert("token".to_owned(), from_env("LOCAL_TOKEN"));
    for (name, value) in [("LOCAL_DB_URL", database), ("LOCAL_TOKEN", token)] {
        if let Some(value) = value {
            project.set(name, value);
        }
    }
    project
}

fn digest(desired: &Desired) -> String {
    desired.functions["increment-vector"].config_digest.clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_debug_output_shows_one(
        secret in "canary-[a-z0-9]{8,20}",
        token in "canary-[A-Z0-9]{8,20}",
    ) {
        let project = project(Some(&secret), Some(&token));
        let shown = format!("{:?}", project.desired().unwrap())
            + &project.with(|request| format!("{request:?}"));
        prop_assert!(!shown.contains(&secret) && !shown.contains(&token));
        prop_assert!(shown.contains("(sensitive)"));
    }

    #[test]
    fn neither_digest_nor_fingerprint_depends_on_one(
        a in prop::option::of(".{0,12}"),
        b in prop::option::of(".{0,12}"),
    ) {
        let first = project(a.as_deref(), b.as_deref());
        let second = project(b.as_deref(), a.as_deref());
        let (first, second) = (first.desired().unwrap(), second.desired().unwrap());
        prop_assert_eq!(digest(&first), digest(&second));
        prop_assert!(first.recipes.keys().eq(second.recipes.keys()));
    }
}

#[test]
fn lambda_gets_the_value() {
    let desired = project(Some("postgres://x"), None).desired().unwrap();
    let function = &desired.functions["increment-vector"];
    let variables = function.config.environment.as_ref().unwrap();
    assert_eq!(variables["DB_URL"].reveal(), Some("postgres://x"));
    let expected = EnvValue::from_env("LOCAL_TOKEN", None);
    assert_eq!(
        desired.recipes[function.code.recipe().unwrap()].secrets,
        BTreeMap::from([("token".to_owned(), expected)])
    );
}

#[test]
fn another_source_is_another_digest() {
    let mut other = project(Some("x"), None);
    let before = digest(&other.desired().unwrap());
    let variables = other.function().environment.as_mut().unwrap();
    variables.insert(
        "DB_URL".to_owned(),
        Text::From(Reference::Env(from_env("OTHER"))),
    );
    other
        .environment
        .insert("OTHER".to_owned(), Secret::new("x"));
    assert_ne!(digest(&other.desired().unwrap()), before);
}
