//! What surrounds the crate: version and changelog, the archives of a release and their
//! installation, the workflows and the scripts. Runs without Docker, AWS and a network: the
//! installer reads a release from a folder.

#[path = "packaging/release.rs"]
mod release;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use release::Release;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The targets of a release, with the output of `uname` on each.
const TARGETS: [(&str, &str, &str); 4] = [
    ("aarch64-apple-darwin", "Darwin", "arm64"),
    ("aarch64-unknown-linux-musl", "Linux", "aarch64"),
    ("x86_64-apple-darwin", "Darwin", "x86_64"),
    ("x86_64-unknown-linux-musl", "Linux", "x86_64"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn manifest() -> toml::Table {
    read("Cargo.toml").parse().expect("Cargo.toml is TOML")
}

fn repository() -> String {
    let manifest = manifest();
    let repository = manifest["package"]["repository"].as_str();
    repository.expect("a repository").to_owned()
}

/// The name of a target's archive.
fn archive(target: &str) -> String {
    format!("jot-{VERSION}-{target}.tar.gz")
}

fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// The output of a command that must succeed.
fn printed(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_newest_release_in_the_changelog_is_not_newer_than_the_crate() {
    let changelog = read("CHANGELOG.md");
    let sections: Vec<&str> = changelog.split("\n## [").skip(1).collect();
    let (unreleased, released) = sections.split_first().expect("sections");
    assert!(unreleased.starts_with("Unreleased]"), "{unreleased:.40}");
    let crate_version = semver::Version::parse(VERSION).unwrap();
    let mut newest = None;
    for section in released {
        let (version, rest) = section.split_once(']').expect("a version in brackets");
        let version = semver::Version::parse(version).expect(version);
        let day = rest.lines().next().unwrap_or_default();
        assert!(
            day.len() == 13 && day.starts_with(" - "),
            "{version} has no day"
        );
        newest = newest.max(Some(version));
    }
    let is_released = newest.as_ref() == Some(&crate_version);
    assert!(newest <= Some(crate_version), "{newest:?} is newer");
    assert!(
        is_released || unreleased.contains("\n- "),
        "{VERSION} has no entry in the changelog"
    );
}

#[test]
fn the_installer_takes_the_archive_of_the_machine() {
    let release = Release::new();
    for (target, system, machine) in TARGETS {
        let said = printed(&mut release.installer(system, machine));
        assert!(
            said.contains(&format!("jot {VERSION} is installed")),
            "{said}"
        );
        assert_eq!(
            printed(&mut Command::new(release.installed())).trim_end(),
            target
        );
    }
    for version in [VERSION.to_owned(), format!("v{VERSION}")] {
        fs::remove_file(release.installed()).unwrap();
        printed(
            release
                .installer("Linux", "x86_64")
                .env("JOT_VERSION", version),
        );
        assert!(release.installed().exists());
    }
}

#[test]
fn the_installer_refuses_an_archive_with_another_checksum() {
    let release = Release::new();
    let path = release.archives().join(archive(TARGETS[3].0));
    let mut bytes = fs::read(&path).unwrap();
    // The time in gzip's header: the packed content stays readable.
    bytes[4] ^= 1;
    fs::write(&path, bytes).unwrap();
    release.assert_refused(
        &mut release.installer("Linux", "x86_64"),
        "nothing was installed",
    );
    printed(&mut release.installer("Linux", "aarch64"));
}

#[test]
fn the_installer_refuses_what_it_cannot_verify() {
    let release = Release::new();
    release.assert_refused(
        release
            .installer("Linux", "x86_64")
            .env("JOT_VERSION", "99.0.0"),
        "cannot download",
    );
    release.assert_refused(
        release
            .installer("Linux", "x86_64")
            .env("JOT_RELEASES", "http://127.0.0.1:9/releases"),
        "must begin with https:// or file://",
    );
    release.assert_refused(
        &mut release.installer("Linux", "riscv64"),
        "no release for the processor riscv64",
    );
    release.assert_refused(&mut release.installer("MINGW64_NT-10.0", "x86_64"), "WSL");
    let sums = release.sums();
    let others: Vec<&str> = sums
        .lines()
        .filter(|line| !line.ends_with(&archive("x86_64-unknown-linux-musl")))
        .collect();
    release.write_sums(&format!("{}\n", others.join("\n")));
    release.assert_refused(
        &mut release.installer("Linux", "x86_64"),
        "names no archive for x86_64-unknown-linux-musl",
    );
}

#[test]
fn an_archive_holds_the_binary_where_binstall_looks() {
    let manifest = manifest();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let expand = |key: &str, target: &str| {
        let text = binstall[key].as_str().expect(key);
        [
            ("{ repo }", repository().as_str()),
            ("{ version }", VERSION),
            ("{ target }", target),
            ("{ bin }", "jot"),
            ("{ binary-ext }", ""),
        ]
        .iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
    };
    assert_eq!(binstall["pkg-fmt"].as_str(), Some("tgz"));
    let release = Release::new();
    for (target, _, _) in TARGETS {
        let url = expand("pkg-url", target);
        let expected = format!(
            "{}/releases/download/v{VERSION}/{}",
            repository(),
            archive(target)
        );
        assert_eq!(url, expected);
        let entries = printed(
            Command::new("tar")
                .arg("-tzf")
                .arg(release.archives().join(archive(target))),
        );
        let binary = expand("bin-dir", target);
        assert!(entries.lines().any(|entry| entry == binary), "{entries}");
        assert!(entries.contains("/LICENSE-MIT\n"), "{entries}");
    }
}

#[test]
fn the_workflow_of_releases_builds_what_the_others_expect() {
    let workflow = read(".github/workflows/release.yml");
    let mut built: Vec<&str> = workflow
        .split("{ target: ")
        .skip(1)
        .filter_map(|rest| rest.split(',').next())
        .collect();
    built.sort_unstable();
    assert_eq!(built, TARGETS.map(|(target, _, _)| target));
    for line in [
        "scripts/archive ${{ matrix.target }}",
        "sha256sum jot-*.tar.gz >SHA256SUMS",
        "scripts/formula \"$VERSION\" SHA256SUMS >jot-lambda.rb",
        "name=jot-$VERSION-${pair#*:}-unknown-linux-musl",
        "file: packaging/Dockerfile",
    ] {
        assert!(workflow.contains(line), "{line}");
    }
    let installer = read("scripts/install");
    let releases = format!("JOT_RELEASES:-{}/releases", repository());
    assert!(installer.contains(&releases), "{releases}");
}

#[test]
fn the_formula_has_the_address_and_checksum_of_every_archive() {
    let release = Release::new();
    let sums = release.archives().join("SHA256SUMS");
    let mut command = Command::new(root().join("scripts/formula"));
    let formula = printed(command.arg(VERSION).arg(&sums));
    let lines: Vec<&str> = formula.lines().map(str::trim).collect();
    for (target, system, machine) in TARGETS {
        let url = format!(
            "url \"{}/releases/download/v{VERSION}/{}\"",
            repository(),
            archive(target)
        );
        let at = lines.iter().position(|line| *line == url).expect(&url);
        assert_eq!(lines[at + 1], format!("sha256 \"{}\"", release.sum(target)));
        let processor = if machine == "x86_64" {
            "on_intel do"
        } else {
            "on_arm do"
        };
        assert_eq!(lines[at - 1], processor, "{target}");
        let of_system = if system == "Darwin" {
            "on_macos do"
        } else {
            "on_linux do"
        };
        let block = lines[..at]
            .iter()
            .rfind(|line| ["on_macos do", "on_linux do"].contains(line));
        assert_eq!(block, Some(&of_system), "{target}");
    }
    let opened = |line: &&&str| {
        line.ends_with(" do") || line.starts_with("class ") || line.starts_with("def ")
    };
    let ends = lines.iter().filter(|line| **line == "end").count();
    assert_eq!(lines.iter().filter(opened).count(), ends, "{formula}");

    let incomplete = release.path("incomplete");
    let first = release.sums().lines().next().unwrap().to_owned();
    fs::write(&incomplete, format!("{first}\n")).unwrap();
    let output = run(Command::new(root().join("scripts/formula"))
        .arg(VERSION)
        .arg(&incomplete));
    assert!(!output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("has no checksum of"), "{said}");
}

#[test]
fn what_the_library_embeds_is_in_the_package() {
    let listed = printed(
        Command::new(env!("CARGO"))
            .args(["package", "--list", "--allow-dirty", "--offline"])
            .current_dir(root()),
    );
    let listed: Vec<&str> = listed.lines().collect();
    let mut sources = Vec::new();
    files(&root().join("src"), &mut sources);
    let mut embedded = 0;
    for source in &sources {
        let name = source.strip_prefix(root()).unwrap().display().to_string();
        assert!(listed.contains(&name.as_str()), "{name}");
        if source.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(source).unwrap();
        let outside = text
            .split("include_str!(")
            .skip(1)
            .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
            .filter(|path| path.starts_with("../"));
        for path in outside {
            let path = source.parent().unwrap().join(path);
            let path = path.canonicalize().expect("an embedded file");
            let name = path.strip_prefix(root().canonicalize().unwrap()).unwrap();
            let name = name.display().to_string();
            assert!(listed.contains(&name.as_str()), "{name}");
            embedded += 1;
        }
    }
    assert!(embedded > 0, "jot.example.toml is embedded");
    let mut events = Vec::new();
    files(&root().join("examples/events"), &mut events);
    for event in events {
        let name = event.strip_prefix(root()).unwrap().display().to_string();
        assert!(listed.contains(&name.as_str()), "{name}");
    }
}

/// All files below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn the_crate_has_a_name_of_its_own_and_the_binary_is_jot() {
    let manifest = manifest();
    assert_eq!(env!("CARGO_PKG_NAME"), "jot-lambda");
    assert_eq!(manifest["lib"]["name"].as_str(), Some("jot"));
    assert_eq!(manifest["bin"][0]["name"].as_str(), Some("jot"));
}

#[test]
fn readme_is_short_and_names_the_two_commands() {
    let readme = read("README.md");
    assert!(readme.lines().count() <= 250);
    for command in ["scripts/demo", "scripts/test"] {
        assert!(readme.contains(command), "{command}");
    }
    assert!(readme.contains("never run against AWS"));
}

#[test]
fn links_lead_to_files() {
    for page in ["README.md", "CONTRIBUTING.md", "STYLE.md", "SECURITY.md"] {
        let text = read(page);
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        let inside = links.filter(|link| !link.contains("://") && !link.starts_with('#'));
        for link in inside {
            let path = link.split('#').next().unwrap_or_default();
            assert!(root().join(path).exists(), "{page} links to {path}");
        }
    }
}

#[test]
fn the_workflow_of_changes_runs_what_a_contributor_runs() {
    let workflow = read(".github/workflows/ci.yml");
    for command in ["run: .ci/run", "run: scripts/lint"] {
        assert!(workflow.contains(command), "{command}");
    }
    for command in ["scripts/lint", "scripts/test", "cargo package --locked"] {
        assert!(read(".ci/run").contains(command), "{command}");
    }
    let minimum = r#"s/^rust-version = "\(.*\)"/\1/p"#;
    assert!(
        workflow.contains(minimum),
        "the minimum is that of Cargo.toml"
    );
}

#[test]
fn shell_scripts_parse() {
    let mut scripts = Vec::new();
    for folder in [".ci", "ci", "scripts"] {
        files(&root().join(folder), &mut scripts);
    }
    let mut parsed = 0;
    for script in scripts {
        // A file that is not text is not a script.
        let Ok(text) = fs::read_to_string(&script) else {
            continue;
        };
        let first = text.lines().next().unwrap_or_default();
        let shell = match first {
            "#!/usr/bin/env bash" | "# shellcheck shell=bash" => "bash",
            "#!/bin/sh" => "sh",
            _ => continue,
        };
        printed(Command::new(shell).arg("-n").arg(&script));
        parsed += 1;
    }
    assert!(parsed > 20, "{parsed} scripts");
}
