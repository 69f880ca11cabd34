//! A recipe written down as a folder.

use std::{fs, os::unix::fs::PermissionsExt};

use super::project::Project;
use crate::{
    model::{Content, Recipe},
    recipe::{Error, context::made, write_context},
};

fn image() -> (Project, Recipe) {
    let project = Project::new();
    let (mut image, _) = project.images();
    image
        .context
        .push(made("jot/start.sh", true, b"#!/bin/sh\n".to_vec()));
    (project, image)
}

#[test]
fn a_context_is_written_whole() {
    let (project, image) = image();
    let to = project.path("out/context");
    write_context(&image, &to).unwrap();
    assert_eq!(
        fs::read_to_string(to.join("Dockerfile")).unwrap(),
        image.dockerfile
    );
    for file in &image.context {
        let written = to.join(&file.path);
        let bytes = fs::read(&written).unwrap();
        assert_eq!(
            made(file.path.clone(), file.executable, bytes).sha256,
            file.sha256,
            "{}",
            file.path
        );
        let mode = fs::metadata(&written).unwrap().permissions().mode();
        assert_eq!(mode & 0o100 != 0, file.executable, "{}", file.path);
    }
    assert!(matches!(
        write_context(&image, &to),
        Err(Error::NotEmpty { .. })
    ));
}

#[test]
fn an_empty_folder_will_do() {
    let (_project, image) = image();
    write_context(&image, tempfile::tempdir().unwrap().path()).unwrap();
}

#[test]
fn a_file_that_changed_since_is_an_error() {
    let (project, mut image) = image();
    let path = project.write("data.txt", "before");
    let mut file = made("data.txt", false, b"before".to_vec());
    file.content = Content::Disk(path);
    image.context.push(file);
    write_context(&image, &project.path("first")).unwrap();
    project.write("data.txt", "after");
    assert!(matches!(
        write_context(&image, &project.path("second")),
        Err(Error::Changed { .. })
    ));
}
