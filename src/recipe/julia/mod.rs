//! Stands in for the Julia recipes until they are merged.

use miette::Diagnostic;
use thiserror::Error;

use super::draft::Draft;
use crate::{
    manifest::types::{Build, Julia},
    model::{ContextFile, Test},
};

/// The release of Julia that is used where the manifest names none.
pub const DEFAULT_VERSION: &str = "1.11";

/// What can be wrong with a responder in Julia.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// Stands in.
    #[error("no handler")]
    Handler,
}

/// A responder in Julia, its files read.
pub struct Responder<'a> {
    /// The manifest's key.
    pub key: &'a str,
    /// The function that answers.
    pub handler: &'a str,
    /// The manifest's table.
    pub julia: &'a Julia,
    /// The manifest's table.
    pub build: &'a Build,
    /// Files of the source, paths relative to the source's folder.
    pub files: Vec<ContextFile>,
    /// File name of a script; `None` for a package directory.
    pub script: Option<String>,
    /// Tests.
    pub tests: &'a [Test],
    /// AWS's emulator.
    pub rie: Option<ContextFile>,
}

/// The base image's recipe.
pub fn base(responder: &Responder) -> Result<Draft, Error> {
    let from = base_image(responder.julia, responder.build);
    let files = responder.rie.iter().cloned().map(|file| ("runtime", file));
    Ok(Draft {
        dockerfile: format!("FROM {from}\n"),
        files: files.collect(),
        ..Draft::default()
    })
}

/// The responder image's recipe.
pub fn responder(responder: &Responder) -> Result<Draft, Error> {
    let mut files: Vec<_> = responder
        .files
        .iter()
        .cloned()
        .map(|file| ("responder", file))
        .collect();
    for (index, test) in responder
        .tests
        .iter()
        .enumerate()
        .filter(|(_, test)| test.exemplar)
    {
        let bytes = test.argument.clone().into_bytes();
        files.push((
            "exemplar",
            super::context::made(format!("jot/exemplar/{index}.json"), false, bytes),
        ));
    }
    let dockerfile = format!(
        "ARG JOT_BASE_IMAGE\nFROM $JOT_BASE_IMAGE\n# {}\n",
        responder.handler
    );
    Ok(Draft {
        dockerfile,
        files,
        ..Draft::default()
    })
}

/// The image that the base is `FROM`.
pub fn base_image(julia: &Julia, build: &Build) -> String {
    let version = julia.version.as_deref().unwrap_or(DEFAULT_VERSION);
    build
        .base_image
        .clone()
        .unwrap_or_else(|| format!("julia:{version}"))
}

/// Literal relative paths that a script includes.
pub fn includes(script_text: &str) -> Vec<String> {
    let calls = script_text.split("include(\"").skip(1);
    calls
        .filter_map(|rest| rest.split_once("\")"))
        .map(|(path, _)| path.to_owned())
        .collect()
}
