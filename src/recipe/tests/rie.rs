//! AWS's emulator.

use std::path::Path;

use super::project::Project;
use crate::{
    manifest::types::Architecture,
    model::{Checkouts, Content, ContextFile, Recipe},
    recipe::{
        Download, Error, Request, desired,
        hash::of_bytes,
        hash_cache::HashCache,
        missing,
        rie::{VERSION, file},
    },
};

/// The emulator in either image of the one function, by its bytes.
fn emulator(images: &[Recipe], sha256: &str) -> Option<ContextFile> {
    images
        .iter()
        .flat_map(|image| &image.context)
        .find(|file| file.sha256 == sha256)
        .cloned()
}

#[test]
fn the_release_is_known_before_it_is_fetched() {
    let cache = tempfile::tempdir().unwrap();
    let mut project = Project::new();
    for (architecture, name) in [
        (Architecture::X86_64, "aws-lambda-rie-x86_64"),
        (Architecture::Arm64, "aws-lambda-rie-arm64"),
    ] {
        project.function().architecture = architecture;
        let pinned = file(
            architecture,
            &project.environment,
            Some(cache.path()),
            &mut HashCache::default(),
        )
        .unwrap();
        let path = cache.path().join("rie").join(&pinned.sha256).join(name);
        assert_eq!(pinned.content, Content::Disk(path.clone()));

        let loaded = project.loaded();
        let (select, environment) = (&project.select, &project.environment);
        let request = Request {
            loaded: &loaded,
            select,
            environment,
            cache: Some(cache.path()),
            checkouts: &Checkouts::new(),
            region: None,
        };
        let images: Vec<_> = desired(&request).unwrap().recipes.into_values().collect();
        assert!(emulator(&images, &pinned.sha256).unwrap().executable);

        let host = "https://github.com/aws/aws-lambda-runtime-interface-emulator/releases/download";
        let download = Download {
            url: format!("{host}/v{VERSION}/{name}"),
            sha256: pinned.sha256,
            path: path.clone(),
        };
        assert_eq!(
            images.iter().flat_map(missing).collect::<Vec<_>>(),
            [download]
        );
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "").unwrap();
        assert_eq!(images.iter().flat_map(missing).count(), 0);
    }
}

#[test]
fn a_given_file_takes_its_place() {
    let mut project = Project::new();
    let given = project.write("my-rie", "not really an emulator");
    project.set("JOT_RIE", given.to_str().unwrap());
    let harness = project.harness();
    let found = emulator(
        std::slice::from_ref(&harness),
        &of_bytes(b"not really an emulator"),
    )
    .unwrap();
    assert_eq!(found.content, Content::Disk(given.canonicalize().unwrap()));
    assert_eq!(missing(&harness), vec![]);
}

#[test]
fn a_given_file_that_does_not_exist_is_an_error() {
    let mut project = Project::new();
    project.set("JOT_RIE", "/nowhere/rie");
    assert!(matches!(
        project.desired(),
        Err(Error::Unreadable { path, .. }) if path == Path::new("/nowhere/rie")
    ));
}

#[test]
fn without_a_place_for_it_an_error_names_the_variables() {
    let project = Project::new();
    assert!(matches!(
        file(
            Architecture::X86_64,
            &project.environment,
            None,
            &mut HashCache::default()
        ),
        Err(Error::NoCache)
    ));
}

#[test]
fn what_is_pushed_holds_it_only_on_request() {
    let mut project = Project::new();
    let given = project.write("my-rie", "not really an emulator");
    project.set("JOT_RIE", given.to_str().unwrap());
    let sha256 = of_bytes(b"not really an emulator");
    let pushed = |project: &Project| {
        let (image, base) = project.images();
        emulator(&[image, base], &sha256).is_some()
    };
    let before = project.fingerprint();
    assert!(!pushed(&project));
    project.write("my-rie", "another emulator");
    assert_eq!(project.fingerprint(), before);
    project.write("my-rie", "not really an emulator");
    project.function().build.rie = Some(true);
    assert!(pushed(&project));
    assert_ne!(project.fingerprint(), before);
    assert!(emulator(&[project.harness()], &sha256).is_some());
}
