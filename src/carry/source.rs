//! What a path is: which reader takes it.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{
    error::{Error, Fault},
    file::text,
    julia_image, jvm,
};

/// What `--from` takes, for errors.
const ACCEPTED: &str = "name one of: a directory with project.clj, deps.edn, pom.xml, \
    build.gradle(.kts) or build.sbt; a template.yaml of SAM or CloudFormation; the output of \
    `terraform show -json`; the config.json of a project of julia-aws-lambda-image";

/// A source and what was read of it.
pub enum Source {
    /// A `config.json` of julia-aws-lambda-image.
    JuliaImage {
        folder: PathBuf,
        config: Map<String, Value>,
    },
    /// A project for the JVM.
    Jvm { folder: PathBuf },
    /// A template of CloudFormation, SAM's transform included.
    CloudFormation { file: PathBuf, text: String },
    /// What `terraform show -json` prints.
    Terraform { file: PathBuf, document: Value },
}

impl Source {
    /// The folder that the source's paths are relative to.
    pub fn folder(&self) -> &Path {
        match self {
            Self::JuliaImage { folder, .. } | Self::Jvm { folder } => folder,
            Self::CloudFormation { file, .. } | Self::Terraform { file, .. } => parent(file),
        }
    }
}

/// The folder of a file; `.` for a bare name.
pub fn parent(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Returns the kind of a path, by its name and its content.
///
/// # Errors
/// If it cannot be read, is malformed, or is not a source that `--from` accepts.
pub fn recognize(path: &Path) -> Result<Source, Error> {
    if path.is_dir() {
        return directory(path);
    }
    if jvm::is_project_file(path) {
        text(path)?;
        let folder = parent(path).to_owned();
        return Ok(Source::Jvm { folder });
    }
    let content = text(path)?;
    if content.trim_start().starts_with(['{', '[']) {
        return json(path, content);
    }
    let names_resources = content.lines().any(|line| line.starts_with("Resources:"));
    let yaml = has_extension(path, &["yaml", "yml", "template"]);
    if yaml || names_resources {
        let file = path.to_owned();
        return Ok(Source::CloudFormation {
            file,
            text: content,
        });
    }
    Err(unrecognized(path, "not a format that jot reads", ACCEPTED))
}

fn directory(path: &Path) -> Result<Source, Error> {
    if jvm::project_file(path).is_some() {
        let folder = path.to_owned();
        return Ok(Source::Jvm { folder });
    }
    let names = ["template.yaml", "template.yml", "config.json"];
    let found = names.iter().map(|name| path.join(name));
    match found.into_iter().find(|file| file.is_file()) {
        Some(file) => recognize(&file),
        None => Err(unrecognized(
            path,
            "no project file in this directory",
            ACCEPTED,
        )),
    }
}

/// A JSON file, by its top-level keys.
fn json(path: &Path, content: String) -> Result<Source, Error> {
    let document: Value =
        serde_json::from_str(&content).map_err(|error| malformed(path, &error))?;
    let has = |key: &str| document.get(key).is_some();
    let file = path.to_owned();
    if has("Resources") {
        return Ok(Source::CloudFormation {
            file,
            text: content,
        });
    }
    if has("lineage") && has("serial") {
        let help = "its format is Terraform's own: run `terraform show -json > state.json` and \
            name that file";
        return Err(unrecognized(
            path,
            "this is a state file of Terraform",
            help,
        ));
    }
    // A plan of jot has that key too.
    if has("format_version") && !has("jot_version") {
        return Ok(Source::Terraform { file, document });
    }
    match document {
        Value::Object(config) if julia_image::knows(&config) => {
            let folder = parent(path).to_owned();
            Ok(Source::JuliaImage { folder, config })
        }
        _ => Err(unrecognized(
            path,
            "not a JSON document that jot knows",
            ACCEPTED,
        )),
    }
}

fn malformed(path: &Path, error: &serde_json::Error) -> Error {
    let fault = Fault {
        line: error.line().max(1),
        column: error.column().max(1),
        message: syntax(error),
    };
    fault.of(
        path,
        "write the file again with the tool that created it, or correct it",
    )
}

/// The message of serde_json without the position, which is printed before it.
fn syntax(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let end = message.rfind(" at line ").unwrap_or(message.len());
    format!("invalid JSON: {}", &message[..end])
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().unwrap_or_default();
    extensions
        .iter()
        .any(|wanted| extension.eq_ignore_ascii_case(wanted))
}

fn unrecognized(path: &Path, message: &str, help: &str) -> Error {
    Error::Unrecognized {
        path: path.to_owned(),
        message: message.to_owned(),
        help: help.to_owned(),
    }
}
