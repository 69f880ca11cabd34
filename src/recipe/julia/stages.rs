//! Checks that a generated Dockerfile asks no registry for a name of jot.

use std::{collections::BTreeSet, fs, path::Path};

use crate::model::recipe::BASE_ARGUMENT;

/// The wrong name of an image in a Dockerfile, if any: each has to be an earlier stage, the base's
/// argument, `scratch` or the user's image, which has a tag here.
fn wrong(dockerfile: &str) -> Option<String> {
    let base = format!("${{{BASE_ARGUMENT}}}");
    let mut stages = BTreeSet::new();
    for line in dockerfile.lines() {
        let words: Vec<&str> = line.split([' ', ',']).collect();
        let named = match words[..] {
            ["FROM", image, ..] => vec![image],
            _ => words
                .iter()
                .filter_map(|word| word.strip_prefix("--from=").or(word.strip_prefix("from=")))
                .collect(),
        };
        let known = |name: &&str| {
            stages.contains(*name) || [&*base, "scratch"].contains(name) || name.contains(':')
        };
        if line.contains("syntax=") || !named.iter().all(known) {
            return Some(line.to_owned());
        }
        if let ["FROM", _, "AS", stage] = words[..] {
            stages.insert(stage.to_owned());
        }
    }
    None
}

#[test]
fn every_image_that_a_dockerfile_names_is_a_stage_before_or_the_users() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/recipe/julia/snapshots");
    let mut dockerfiles = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        dockerfiles += u32::from(text.contains("\nFROM "));
        assert_eq!(wrong(&text), None);
    }
    assert!(dockerfiles >= 5, "{dockerfiles} Dockerfiles");
}

#[test]
fn a_name_that_is_no_stage_is_found() {
    for line in [
        "FROM base",
        "COPY --from=base /a /b",
        "RUN --mount=type=bind,from=base,target=/a true",
        "# syntax=docker/dockerfile:1",
    ] {
        assert_eq!(
            wrong(&format!("FROM scratch AS other\n{line}\n")).as_deref(),
            Some(line)
        );
    }
}
