//! `jot init`.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Args;

use super::{Error, Global, carried_over::carried_over, session, session::Print};
use crate::{manifest, remote::Docker, report::json};

/// How long the daemon is asked for its platform.
const DAEMON: Duration = Duration::from_secs(2);

/// Begins a project in this folder: a jot.toml and a first responder, or the jot.toml of a project that there is. Overwrites
/// nothing.
#[derive(Debug, Args)]
pub struct Init {
    /// Name of the project and of its ECR repository; otherwise the folder's.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Make the jot.toml of this config.json, of a project of julia-aws-lambda-image.
    #[arg(long, value_name = "CONFIG", conflicts_with = "name")]
    from: Option<PathBuf>,
}

/// Writes the two files, or neither; or the one that a config.json becomes.
pub async fn init(global: &Global, arguments: &Init) -> Result<ExitCode, Error> {
    let folder = session::here()?;
    if let Some(config) = &arguments.from {
        return carry_over(global, config, &folder);
    }
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => folder_name(&folder),
    };
    if !valid(&name) {
        return Err(Error::Usage {
            message: format!(
                "`{name}` cannot name a project: an ECR repository is named in lower-case letters, digits and . _ - /"
            ),
            help: "give a name: jot init my-project".to_owned(),
        });
    }
    let files = [
        ("jot.toml", first_manifest(&name, is_arm().await)),
        ("increment_vector.jl", RESPONDER.to_owned()),
    ];
    for (file, _) in &files {
        refuse_existing(&folder.join(file))?;
    }
    for (file, text) in &files {
        write_new(&folder.join(file), text)?;
    }
    if Print::new(global).json() {
        session::print(&json::files(&files.map(|(file, _)| file.to_owned())))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (file, _) in files {
        session::print(&format!("wrote {file}\n"))?;
    }
    session::print(
        "\nNext: `jot check`, then `jot test` runs it in Docker as Lambda would, and `jot plan` shows what `jot apply` would do.\n",
    )?;
    Ok(ExitCode::SUCCESS)
}

fn carry_over(global: &Global, config: &Path, folder: &Path) -> Result<ExitCode, Error> {
    let text = std::fs::read_to_string(config).map_err(|cause| Error::File {
        what: "read",
        path: config.to_owned(),
        cause,
    })?;
    let carried = carried_over(&text, folder).ok_or_else(|| Error::Usage {
        message: format!("{} is no JSON object", config.display()),
        help: "name the config.json of a project of julia-aws-lambda-image".to_owned(),
    })?;
    let path = folder.join(manifest::FILE);
    refuse_existing(&path)?;
    write_new(&path, &carried.manifest)?;
    let print = Print::new(global);
    if print.json() {
        session::print(&json::files(&[manifest::FILE.to_owned()]))?;
    } else {
        session::print(&format!("wrote {}\n", manifest::FILE))?;
    }
    carried.notes.iter().for_each(|note| print.note(note));
    Ok(ExitCode::SUCCESS)
}

const RESPONDER: &str = "\"Adds one to every element.\"\nincrement_vector(v) = v .+ 1\n";

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

[functions.increment-vector]
{architecture}julia = {{ source = "increment_vector.jl", argument_type = "Vector{{Int}}" }}
tests = [{{ argument = [1, 2, 3], expected = [2, 3, 4] }}]
"#
    )
}

fn folder_name(folder: &Path) -> String {
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let kept = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    kept.collect::<String>().trim_matches('-').to_owned()
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
        std::fs::write(folder.path().join("increment_vector.jl"), RESPONDER).unwrap();
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
