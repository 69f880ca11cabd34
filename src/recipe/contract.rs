//! What a language is given, and what it makes of that.

use std::collections::BTreeMap;

use super::draft::Draft;
use crate::{
    manifest::types::Function,
    model::{ContextFile, Form, Hints, Test, desired},
};

/// What a language makes a recipe of.
pub struct Input<'a> {
    /// The function's key in the manifest.
    pub key: &'a str,
    /// What the manifest declares of the function.
    pub function: &'a Function,
    /// Its tests; those marked as exemplars are replayed during the build.
    pub tests: &'a [Test],
    /// The functions that share its artifact, including itself, by key. Empty if the language
    /// shares none.
    pub peers: &'a [Peer<'a>],
    /// AWS's emulator, where the artifact itself is to hold it.
    pub emulator: Option<ContextFile>,
}

/// A function that shares an artifact with others.
pub struct Peer<'a> {
    /// What the manifest declares of the function.
    pub function: &'a Function,
    /// Its tests; those marked as exemplars are replayed during the build.
    pub tests: Vec<Test>,
}

/// What a language makes of a function.
pub struct Made {
    /// The base image of the code, if jot builds it.
    pub base: Option<Base>,
    /// What the build of the artifact consists of.
    pub code: Draft,
    /// Whether Lambda takes an image or a zip archive.
    pub form: Form,
    /// Labels of the artifact.
    pub labels: BTreeMap<String, String>,
    /// Whether something is compiled that is tied to the platform.
    pub native: bool,
    /// What the source consists of, for the words of a reason.
    pub source: desired::Source,
    /// What jot knows about the language.
    pub hints: Hints,
    /// How much may be compiled at run time; `None`: not checked.
    pub jit_budget: Option<u32>,
}

/// A base image, which functions may share.
pub struct Base {
    /// What the build of the base image consists of.
    pub draft: Draft,
    /// The image that it is made from, such as `debian:trixie-slim`.
    pub reference: String,
    /// What plans call it.
    pub title: String,
}

/// A first function, as `jot init` writes it.
pub struct First {
    /// Its key in the manifest, `functions.KEY`.
    pub function: &'static str,
    /// Its keys in the manifest, lines of TOML.
    pub keys: &'static str,
    /// The name of its source.
    pub file: &'static str,
    /// What the source holds.
    pub text: &'static str,
}
