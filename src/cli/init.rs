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
use crate::{carry, manifest, recipe::language::FIRST, remote::Docker, report::json};

/// How long the daemon is asked for its platform.
const DAEMON: Duration = Duration::from_secs(2);

/// Writes a first jot.toml and a first function into this folder, or the jot.toml of a project that
/// exists. Overwrites nothing.
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
  jot init numerics                  a first jot.toml with a first function
  jot init --from .                  a function for each handler of the project in this folder
  jot init --from template.yaml      the functions of a template of SAM or CloudFormation
  terraform show -json > state.json && jot init shop --from state.json";

/// Writes the two files, or neither; or the manifest that an existing project becomes.
pub async fn init(global: &Global, arguments: &Init) -> Result<ExitCode, Error> {
    let folder = wanted::here()?;
    if let Some(name) = arguments.name.as_deref().filter(|name| !valid(name)) {
        return Err(Error::Usage {
            message: format!(
                "`{name}` cannot name a project: an ECR repository is named in lower-case letters, digits and . _ - /"
            ),
            help: "give a name: jot init my-project".to_owned(),
        });
    }
    if let Some(source) = &arguments.from {
        return carry_over(global, source, &folder, arguments.name.as_deref());
    }
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => carry::folder_name(&folder),
    };
    let files = [
        ("jot.toml", first_manifest(&name, is_arm().await)),
        (FIRST.file, FIRST.text.to_owned()),
    ];
    for (file, _) in &files {
        refuse_existing(&folder.join(file))?;
    }
    for (file, text) in &files {
        write_new(&folder.join(file), text)?;
    }
    if Print::new(global).json() {
        output::print(&json::files(&files.map(|(file, _)| file.to_owned())))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (file, _) in files {
        output::print(&format!("wrote {file}\n"))?;
    }
    output::print(
        "\nNext: `jot check`, then `jot test` runs it in Docker as Lambda would, and `jot plan` shows what `jot apply` would do.\n",
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the manifest that the source becomes, then says what to look at and what is next.
fn carry_over(
    global: &Global,
    source: &Path,
    folder: &Path,
    name: Option<&str>,
) -> Result<ExitCode, Error> {
    let path = folder.join(manifest::FILE);
    refuse_existing(&path)?;
    let carried = carry::carry_over(source, folder, name)?;
    write_new(&path, &carried.text)?;
    let print = Print::new(global);
    if print.json() {
        output::print(&json::files(&[manifest::FILE.to_owned()]))?;
    } else {
        output::print(&format!("wrote {}\n", manifest::FILE))?;
    }
    carried.notes.iter().for_each(|note| print.note(note));
    if !print.json() {
        output::print(&next(&carried.deployed))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What to do with the manifest, by whether Lambda may have its functions already.
fn next(deployed: &[String]) -> String {
    let take_over = match deployed {
        [] => String::new(),
        _ => format!(
            "Take over each function that Lambda has already with `jot adopt NAME`: {}.\n",
            deployed.join(", ")
        ),
    };
    format!(
        "\nNext: `jot check` until it finds nothing, then `jot plan` shows what `jot apply` would do.\n{take_over}"
    )
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

fn first_manifest(name: &str, arm: bool) -> String {
    let architecture = if arm {
        "architecture = \"arm64\"\n"
    } else {
        ""
    };
    format!(
        r#"[project]
name = "{name}"

[functions.{}]
{architecture}{}
"#,
        FIRST.function, FIRST.keys
    )
}

/// ECR's rule for repository names.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>
fn valid(name: &str) -> bool {
    let part = |part: &str| {
        let inside = part
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c));
        let edge =
            |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        inside && edge(part.chars().next()) && edge(part.chars().last())
    };
    (2..=256).contains(&name.len()) && name.split('/').all(part)
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

fn write_new(path: &PathBuf, text: &str) -> Result<(), Error> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|cause| Error::File {
        what: "write",
        path: path.clone(),
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
