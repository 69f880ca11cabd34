//! The walk of a source folder.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
        net::UnixListener,
    },
    path::Path,
};

use crate::{
    model::{Content, ContextFile},
    recipe::{
        Error,
        context::{self, made},
        hash_cache::HashCache,
    },
};

fn walk(source: &Path) -> Result<Vec<ContextFile>, Error> {
    context::walk(source, &mut HashCache::default())
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn paths(folder: &Path) -> Vec<String> {
    walk(folder)
        .unwrap()
        .into_iter()
        .map(|file| file.path)
        .collect()
}

/// The files with their bytes in place, to be compared.
fn contents(files: Vec<ContextFile>) -> Vec<ContextFile> {
    let read = |file: ContextFile| match &file.content {
        Content::Disk(path) => made(file.path.clone(), file.executable, fs::read(path).unwrap()),
        Content::Bytes(_) => file,
    };
    files.into_iter().map(read).collect()
}

#[test]
fn files_come_sorted_with_their_hashes() {
    let folder = folder(&[("b.jl", "b"), ("a/z.jl", ""), ("a.jl", "a")]);
    let files = walk(folder.path()).unwrap();
    let hashes: Vec<_> = files
        .iter()
        .map(|file| (file.path.as_str(), &file.sha256[..8]))
        .collect();
    assert_eq!(
        hashes,
        [
            ("a.jl", "ca978112"),
            ("a/z.jl", "e3b0c442"),
            ("b.jl", "3e23e816")
        ]
    );
}

#[test]
fn many_files_each_get_their_own_hash() {
    let texts: Vec<_> = (0..300)
        .map(|n| (format!("f{n:03}"), n.to_string().repeat(n)))
        .collect();
    let folder = folder(
        &texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect::<Vec<_>>(),
    );
    let expected: Vec<_> = texts
        .into_iter()
        .map(|(path, text)| made(path, false, text.into_bytes()))
        .collect();
    assert_eq!(contents(walk(folder.path()).unwrap()), expected);
}

#[test]
fn the_executable_bit_is_the_owners() {
    let folder = folder(&[("run", ""), ("read", ""), ("others", "")]);
    for (name, mode) in [("run", 0o700), ("read", 0o644), ("others", 0o655)] {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let executable: Vec<_> = walk(folder.path())
        .unwrap()
        .into_iter()
        .map(|file| file.executable)
        .collect();
    assert_eq!(executable, [false, false, true]);
}

#[test]
fn ignored_files_droppings_and_version_control_are_left_out() {
    let folder = folder(&[
        (".dockerignore", "*.log\nbig\n!big/keep.txt\n"),
        ("a.log", ""),
        ("sub/a.log", ""),
        ("big/x", ""),
        ("big/keep.txt", ""),
        (".git/config", ""),
        ("sub/.hg/x", ""),
        ("a.jl~", ""),
        ("sub/.dockerignore", "*"),
        ("sub/a.jl", ""),
        (".gitignore", ""),
    ]);
    assert_eq!(
        paths(folder.path()),
        [
            ".gitignore",
            "big/keep.txt",
            "sub/.dockerignore",
            "sub/a.jl",
            "sub/a.log"
        ]
    );
}

#[test]
fn links_inside_are_followed() {
    let folder = folder(&[("data/x.txt", "x")]);
    symlink("data/x.txt", folder.path().join("file")).unwrap();
    symlink("data", folder.path().join("folder")).unwrap();
    let files = contents(walk(folder.path()).unwrap());
    let expected =
        ["data/x.txt", "file", "folder/x.txt"].map(|path| made(path, false, b"x".to_vec()));
    assert_eq!(files, expected);
}

#[test]
fn a_link_that_leaves_is_refused_by_link_and_target() {
    let outside = folder(&[("secret", "s")]);
    for target in [
        outside.path().join("secret"),
        outside.path().to_owned(),
        "..".into(),
    ] {
        let inside = folder(&[("a.jl", "")]);
        symlink(&target, inside.path().join("link")).unwrap();
        let error = walk(inside.path()).unwrap_err();
        assert!(
            matches!(&error, Error::Leaves { target: reported, .. } if *reported == target),
            "{error}"
        );
        assert!(error.to_string().contains("link"), "{error}");
        fs::write(inside.path().join(".dockerignore"), "link").unwrap();
        assert_eq!(paths(inside.path()), ["a.jl"]);
    }
}

#[test]
fn a_neighbour_with_a_name_that_begins_alike_is_outside() {
    let parent = folder(&[("app/a.jl", ""), ("app-secrets/key", "")]);
    symlink("../app-secrets/key", parent.path().join("app/key")).unwrap();
    assert!(matches!(
        walk(&parent.path().join("app")),
        Err(Error::Leaves { .. })
    ));
}

#[test]
fn links_to_nothing_and_in_circles_are_refused() {
    let folder = folder(&[("a/x", ""), ("b/y", "")]);
    symlink("missing", folder.path().join("link")).unwrap();
    assert!(matches!(walk(folder.path()), Err(Error::Dangling { .. })));
    fs::remove_file(folder.path().join("link")).unwrap();
    symlink("../b", folder.path().join("a/to-b")).unwrap();
    symlink("../a", folder.path().join("b/to-a")).unwrap();
    assert!(matches!(walk(folder.path()), Err(Error::Loop { .. })));
}

#[test]
fn a_source_that_is_reached_by_a_link_is_its_own_root() {
    let folder = folder(&[("real/a.jl", "")]);
    symlink("real", folder.path().join("alias")).unwrap();
    assert_eq!(paths(&folder.path().join("alias")), ["a.jl"]);
}

#[test]
fn sockets_and_names_that_are_no_text_are_refused() {
    let folder = folder(&[("a.jl", "")]);
    let socket = UnixListener::bind(folder.path().join("socket")).unwrap();
    assert!(matches!(walk(folder.path()), Err(Error::Special { .. })));
    drop(socket);
    fs::remove_file(folder.path().join("socket")).unwrap();
    fs::write(folder.path().join(OsStr::from_bytes(b"caf\xe9")), "").unwrap();
    assert!(matches!(walk(folder.path()), Err(Error::NotUnicode { .. })));
}

#[test]
fn a_bad_ignore_file_is_named_with_its_line() {
    let folder = folder(&[(".dockerignore", "ok\n[z-\n")]);
    let error = walk(folder.path()).unwrap_err().to_string();
    assert!(
        error.ends_with(".dockerignore:2: `[z-` is not a pattern: its `[` is never closed"),
        "{error}"
    );
}

#[test]
fn a_part_of_jot_is_a_file_with_the_hash_of_its_own_text() {
    // The second text is the beginning of the first: both have the same address.
    let text: &'static str = "module A\nend\n";
    for text in [text, &text[..8], text] {
        let expected = made("a.jl", false, text.as_bytes().to_vec());
        assert_eq!(context::embedded("a.jl", text), expected);
    }
}
