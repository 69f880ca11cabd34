//! Stages of Dockerfiles.

use std::path::Path;

use crate::recipe::dockerfile::{Error, stages};

/// No name of a stage has a space.
const ABSENT: &str = "no such stage";

/// Finds the stages of a Dockerfile: each one that an error lists can be chosen by its name in any
/// case, each number below their count can be chosen, and a further stage is found after any text.
pub fn dockerfile(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let has =
        |text: &str, stage: &str| stages::check("f", Path::new("Dockerfile"), text, stage).is_ok();
    let names = match stages::check("f", Path::new("Dockerfile"), text, ABSENT) {
        Err(Error::NoStage { stages, .. }) => stages,
        other => panic!("`{ABSENT}` must be refused, got {other:?}"),
    };
    for (number, name) in names.iter().enumerate() {
        assert!(has(text, name), "stage {name:?} is listed and refused");
        let upper = name.to_ascii_uppercase();
        assert!(has(text, &upper), "stage {upper:?} differs in case alone");
        assert!(has(text, &number.to_string()), "stage number {number}");
    }
    // A stage takes at least the four bytes of `FROM`.
    let beyond = text.len().to_string();
    assert!(
        !has(text, &beyond) || names.contains(&beyond),
        "the text has fewer than {beyond} stages"
    );
    // The first line break may be escaped.
    let more = format!("{text}\n\nFROM scratch AS added\n");
    assert!(has(&more, "added"), "a further stage is found");
}
