//! Files out of an image.

use std::fs;

use jot::remote::Error;

use crate::support::{BASE, file, recipe, unique, with_docker};

/// The content of the folder /out of an image of data alone.
fn dockerfile(command: &str) -> String {
    let other = unique("content");
    format!(
        "FROM {BASE} AS build\nCOPY files /out/\n\
         RUN cd /out && {command} && echo {other} > /other\n\
         FROM scratch\nCOPY --from=build /out /out\nCOPY --from=build /other /other\n"
    )
}

#[test]
fn the_files_of_a_folder_come_out_as_they_are() {
    with_docker(|bench| async move {
        let command =
            "mkdir -p lib/empty && ln -s ../bootstrap lib/start && ln lib/a.jar lib/b.jar";
        let context = vec![
            file("files/bootstrap", "#!/bin/sh\n", true),
            file("files/lib/a.jar", vec![7; 300_000], false),
        ];
        let image = recipe(&dockerfile(command), context);
        let id = bench.build(&image, "a").await.0.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let found = bench
            .docker
            .export(&id, ("/out", &bench.run), folder.path());
        let found = found.await.unwrap();
        let listed: Vec<(&str, bool, usize)> = found
            .iter()
            .map(|one| {
                let bytes = fs::read(&one.file).unwrap();
                (one.path.as_str(), one.executable, bytes.len())
            })
            .collect();
        let expected = [
            ("bootstrap", true, 10),
            ("lib/a.jar", false, 300_000),
            ("lib/b.jar", false, 300_000),
            ("lib/start", true, 10),
        ];
        assert_eq!(listed, expected);
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 2, "links share their file, and nothing else stays");
    });
}

#[test]
fn what_cannot_go_into_an_archive_is_told_by_name() {
    with_docker(|bench| async move {
        let refused = async |command: &str, path: &str| {
            let context = vec![file("files/a", "a", false)];
            let image = recipe(&dockerfile(command), context);
            let id = bench.build(&image, "a").await.0.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let found = bench.docker.export(&id, (path, &bench.run), folder.path());
            let error = found.await.expect_err(command);
            assert!(matches!(error, Error::Failed { .. }), "{error:?}");
            error.to_string()
        };
        assert_eq!(
            refused("ln -s /other link", "/out").await,
            "/out of the image: `link` is a link that leads to no file in it"
        );
        assert_eq!(
            refused("true", "/no-such").await,
            "/no-such of the image: it does not exist in the image"
        );
    });
}
