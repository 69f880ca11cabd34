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

/// How long the daemon is asked for its platform.
const DAEMON: Duration = Duration::from_secs(2);

/// Writes the jot.toml of what is in this folder, or a first jot.toml and a first function where it holds
/// nothing that functions are made of. Overwrites nothing.
///
/// It finds a project for the JVM, a Julia package, Julia scripts and a Dockerfile.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    /// Name of the project and of its ECR repository; otherwise the source's or the folder's.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Make the jot.toml from what is at PATH: the directory of a Leiningen, tools.deps, Maven, Gradle
    /// or sbt project; a template of SAM or CloudFormation; what `terraform show -json` prints; the
    /// config.json of julia-aws-lambda-image.
    #[arg(long, value_name = "PATH")]
    from: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  jot init numerics                  the jot.toml of this folder, or a first function
  jot init --from .                  a function for each handler of the project in this folder
  jot init --from template.yaml      the functions of a template of SAM or CloudFormation
  terraform show -json > state.json && jot init shop --from state.json";

/// Writes the two files, or neither; or the manifest of what the folder holds, or of what `--from` names.
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
        "`jot check`, then `jot test` runs it in Docker as Lambda would, and `jot plan` shows what `jot apply` would do.",
        &print,
    )
}

/// Where the manifest is to be: where `--manifest` says, else in this folder.
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

/// A path as it is shown: as in this folder where it is there.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The project's name, after its folder.
///
/// # Errors
/// The folder's name has letters that a project's name cannot have.
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

/// Said of a manifest that was made of something: no source says what a function answers.
const UNTESTED: &str = "No function has tests yet, so nothing checks it before it takes traffic: add `tests = [{ argument = ..., expected = ... }]`.";

/// Writes the manifest that was made of something, then says what to look at and what is next.
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
        "`jot check` until it finds nothing, then `jot plan` shows what `jot apply` would do.",
        print,
    )?;
    if !carried.deployed.is_empty() {
        let deployed = carried.deployed.join(", ");
        let text = format!(
            "Take over each function that Lambda has already with `jot adopt NAME`: {deployed}."
        );
        output::print(&report::wording::paragraph(&text, print.out.width))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what is next.
fn next(steps: &str, print: &Print) -> Result<ExitCode, Error> {
    let text = report::wording::paragraph(&format!("Next: {steps}"), print.out.width);
    output::print(&format!("\n{text}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether functions are best built for ARM: on the daemon's own platform they compile and run without emulation. Without a
/// daemon, this machine's.
async fn is_arm() -> bool {
    let asked = async { Docker::connect().await?.platform().await };
    match tokio::time::timeout(DAEMON, asked).await {
        Ok(Ok(platform)) => platform == "linux/arm64",
        _ => std::env::consts::ARCH == "aarch64",
    }
}

/// The lines before the first table: the schema for editors, and where every key is shown.
fn head() -> String {
    format!(
        "#:schema {SCHEMA}\n# `jot generate example` shows every key; `jot check` finds what is wrong.\n\n"
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

/// What a project may be named: ECR's rule for repository names.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>
const RULE: &str =
    "it must be 2 to 256 lower-case letters, digits and . _ - /, as ECR names repositories";

/// What is wrong with a project's name; none where nothing is.
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
            "{} is there already, and jot overwrites nothing",
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
