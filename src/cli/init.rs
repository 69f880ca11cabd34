//! `jot init`.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Args;

use super::{
    Error, Global,
    output::{self, Print},
    wanted,
};
use crate::{
    carry, manifest,
    recipe::language::FIRST,
    remote::Docker,
    report::{self, json},
};

/// How long to wait for the daemon's platform.
const DAEMON: Duration = Duration::from_secs(2);

/// Writes a jot.toml for the sources in this folder, or a first project in an empty folder.
///
/// Overwrites nothing. Finds JVM projects, Julia packages, Julia scripts and Dockerfiles.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    /// Name of the project and of its ECR repository; by default the name of the source or the
    /// folder
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Make the jot.toml from PATH: the directory of a Leiningen, tools.deps, Maven, Gradle or sbt
    /// project; a template of SAM or CloudFormation; the output of `terraform show -json`; the
    /// config.json of julia-aws-lambda-image
    #[arg(long, value_name = "PATH")]
    from: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  jot init numerics                  the jot.toml of this folder, or a first function
  jot init --from .                  a function for each handler of the project in this folder
  jot init --from template.yaml      the functions of a template of SAM or CloudFormation
  terraform show -json > state.json && jot init shop --from state.json";

/// Writes a first manifest and function, or the manifest for the folder's sources or `--from`.
pub async fn init(global: &Global, arguments: &Init) -> Result<ExitCode, Error> {
    let path = manifest_path(global)?;
    let folder = folder_of(&path);
    let name = arguments.name.as_deref();
    if let Some((name, why)) = name.and_then(|name| Some((name, fault(name)?))) {
        return Err(unnameable(&format!("`{name}`"), &why));
    }
    refuse_existing(&path)?;
    let print = Print::new(global);
    if let Some(source) = &arguments.from {
        let carried = carry::carry_over(source, &folder, name)?;
        return write_carried(&path, &carried, &print);
    }
    let name = match name {
        Some(name) => name.to_owned(),
        None => after_folder(&folder)?,
    };
    let left_out = match carry::here(&folder, Some(&name))? {
        carry::Here::Made { found, manifest } => {
            if !print.json() {
                output::print(&format!("found {found}\n"))?;
            }
            return write_carried(&path, &manifest, &print);
        }
        carry::Here::Nothing { left_out } => left_out,
    };
    let source = folder.join(FIRST.file);
    refuse_existing(&source)?;
    let text = first_manifest(&name, is_arm().await);
    let files = [(path, text), (source, FIRST.text.to_owned())];
    for (path, text) in &files {
        write_new(path, text)?;
    }
    left_out.iter().for_each(|note| print.note(note));
    let shown = files.map(|(path, _)| shown(&path));
    if print.json() {
        output::print(&json::files(&shown))?;
        return Ok(ExitCode::SUCCESS);
    }
    for file in shown {
        output::print(&format!("wrote {file}\n"))?;
    }
    next(
        "run `jot check`, then `jot test` to run it in Docker as Lambda would, then `jot plan` to \
            see what `jot apply` would do.",
        &print,
    )
}

/// The path of the new manifest: `--manifest`, or jot.toml in this folder.
fn manifest_path(global: &Global) -> Result<PathBuf, Error> {
    match &global.manifest {
        Some(path) if path.is_dir() => Ok(path.join(manifest::FILE)),
        Some(path) => Ok(path.clone()),
        None => Ok(wanted::here()?.join(manifest::FILE)),
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A path for display: relative to this folder if it is inside.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The project's name, from its folder.
///
/// # Errors
/// The folder's name has characters that a project's name cannot have.
fn after_folder(folder: &Path) -> Result<String, Error> {
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let own = real
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    match carry::loses_letters(&own) {
        true => Err(unnameable(&format!("the folder's name `{own}`"), RULE)),
        false => Ok(carry::folder_name(folder)),
    }
}

/// Printed with a converted manifest: no source says what a function should answer.
const UNTESTED: &str = "No function has tests yet, so nothing checks it before it takes traffic: \
    add `tests = [{ argument = ..., expected = ... }]`.";

/// Writes a converted manifest, then prints what to review and the next steps.
fn write_carried(path: &Path, carried: &carry::Manifest, print: &Print) -> Result<ExitCode, Error> {
    write_new(path, &format!("{}{}", head(), carried.text))?;
    let file = shown(path);
    if print.json() {
        output::print(&json::files(&[file]))?;
    } else {
        output::print(&format!("wrote {file}\n"))?;
    }
    carried.notes.iter().for_each(|note| print.note(note));
    print.note(UNTESTED);
    if print.json() {
        return Ok(ExitCode::SUCCESS);
    }
    next(
        "run `jot check` until it finds no errors, then `jot plan` to see what `jot apply` \
            would do.",
        print,
    )?;
    if !carried.deployed.is_empty() {
        let deployed = carried.deployed.join(", ");
        let text = format!(
            "Adopt each function that already exists in Lambda with `jot adopt NAME`: {deployed}."
        );
        output::print(&report::wording::paragraph(&text, print.out.width))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the next steps.
fn next(steps: &str, print: &Print) -> Result<ExitCode, Error> {
    let text = report::wording::paragraph(&format!("Next: {steps}"), print.out.width);
    output::print(&format!("\n{text}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether to build for ARM: the daemon's own platform needs no emulation. Without a daemon this
/// machine decides.
async fn is_arm() -> bool {
    let asked = async { Docker::connect().await?.platform().await };
    match tokio::time::timeout(DAEMON, asked).await {
        Ok(Ok(platform)) => platform == "linux/arm64",
        _ => std::env::consts::ARCH == "aarch64",
    }
}

/// The lines before the first table: the schema for editors, and where to find every key.
fn head() -> String {
    format!(
        "#:schema {SCHEMA}\n# `jot generate example` shows every key; `jot check` finds what is \
            wrong.\n\n"
    )
}

/// The schema of this release, for editors.
const SCHEMA: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/raw/v",
    env!("CARGO_PKG_VERSION"),
    "/schema/jot.schema.json"
);

fn first_manifest(name: &str, arm: bool) -> String {
    let architecture = if arm {
        "architecture = \"arm64\"\n"
    } else {
        ""
    };
    format!(
        r#"{}# The name of the project is that of its ECR repository.
[project]
name = "{name}"

# A function's key is its name in Lambda. Its tests run in Docker before its image is pushed, and in
# Lambda before it takes traffic.
[functions.{}]
{architecture}{}
"#,
        head(),
        FIRST.function,
        FIRST.keys
    )
}

/// The rule for the name of a project, which is ECR's rule for repositories.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>
const RULE: &str =
    "it must be 2 to 256 lower-case letters, digits and . _ - /, as ECR names repositories";

/// The fault of a project's name, if it has one.
fn fault(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let length = name.chars().count();
    if !(2..=256).contains(&length) {
        return Some(format!("{RULE}, got {length}"));
    }
    if let Some(wrong) = name.chars().find(|c| !plain(*c) && !"._-/".contains(*c)) {
        return Some(format!("{RULE}, got `{wrong}`"));
    }
    let part = |part: &str| part.starts_with(plain) && part.ends_with(plain);
    (!name.split('/').all(part)).then(|| {
        "each part between / must begin and end with a lower-case letter or digit".to_owned()
    })
}

fn unnameable(what: &str, why: &str) -> Error {
    Error::Usage {
        message: format!("{what} cannot name a project: {why}"),
        help: "give a name: jot init my-project".to_owned(),
    }
}

fn refuse_existing(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!(
            "{} already exists, and jot does not overwrite files",
            path.display()
        ),
        help: "use another folder, or edit that file: `jot generate example` shows every key"
            .to_owned(),
    })
}

fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|cause| Error::File {
        what: "write",
        path: path.to_owned(),
        cause,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_on_arm_the_architecture_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(manifest::FILE);
        std::fs::write(folder.path().join(FIRST.file), FIRST.text).unwrap();
        for (arm, word) in [(false, None), (true, Some("Arm64"))] {
            std::fs::write(&path, first_manifest("numerics", arm)).unwrap();
            let loaded = manifest::load(&path, None).unwrap();
            let named = loaded.manifest.functions["increment-vector"].architecture;
            assert!(
                format!("{named:?}").contains(word.unwrap_or("X86_64")),
                "{named:?}"
            );
        }
        assert!(!first_manifest("numerics", false).contains("architecture"));
    }
}
