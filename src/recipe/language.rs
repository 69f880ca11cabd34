//! The languages: the one place that names them all.

use std::collections::BTreeMap;

use super::{dockerfile, draft::Draft, error::Error, julia, jvm, source::Sources};
use crate::{
    manifest::types::Function,
    model::{ContextFile, Form, GitSource, Hints, ImageOverrides, Test, desired},
};

/// The language of a function's source, with its table of the manifest.
#[derive(Clone, Copy, Debug)]
pub enum Language<'a> {
    /// Any, by a Dockerfile of the user's.
    Dockerfile(&'a dockerfile::Table),
    /// Julia.
    Julia(&'a julia::Table),
    /// The JVM's.
    Jvm(&'a jvm::Table),
}

/// What a language makes a recipe of.
pub struct Input<'a> {
    /// The function's key in the manifest.
    pub key: &'a str,
    /// The function.
    pub function: &'a Function,
    /// Its tests; those marked as exemplars are replayed while the artifact is built.
    pub tests: &'a [Test],
    /// The functions that share its artifact, itself among them, by key. Empty where the language shares none.
    pub peers: &'a [Peer<'a>],
    /// AWS's emulator, where the artifact itself is to hold it.
    pub emulator: Option<ContextFile>,
}

/// A function that shares an artifact with others.
pub struct Peer<'a> {
    /// The function.
    pub function: &'a Function,
    /// Its tests.
    pub tests: Vec<Test>,
}

/// What a language makes of a function.
pub struct Made {
    /// What the code stands on, where that is jot's own.
    pub base: Option<Base>,
    /// The artifact's content.
    pub code: Draft,
    /// The artifact's form.
    pub form: Form,
    /// Labels of the artifact.
    pub labels: BTreeMap<String, String>,
    /// Whether something is compiled that is tied to the platform.
    pub native: bool,
    /// What the source consists of, for the words of a reason.
    pub source: desired::Source,
    /// What there is to know of the language.
    pub hints: Hints,
    /// How much may be compiled at run time; `None`: not checked.
    pub jit_budget: Option<u32>,
}

/// A base image, which functions may share.
pub struct Base {
    /// Its content.
    pub draft: Draft,
    /// The image that it is made from, such as `debian:trixie-slim`.
    pub reference: String,
    /// What plans call it.
    pub title: String,
}

/// A first function, as `jot init` writes it.
pub struct First {
    /// Its key.
    pub function: &'static str,
    /// Its keys in the manifest, lines of TOML.
    pub keys: &'static str,
    /// The name of its source.
    pub file: &'static str,
    /// What the source holds.
    pub text: &'static str,
}

/// The first function of a project.
pub const FIRST: First = julia::FIRST;

impl<'a> Language<'a> {
    /// Returns the language of a function; `None` for one that runs an image which exists already.
    pub fn of(function: &'a Function) -> Option<Self> {
        let julia = function.julia.as_ref().map(Self::Julia);
        let jvm = function.jvm.as_ref().map(Self::Jvm);
        let dockerfile = function.dockerfile.as_ref().map(Self::Dockerfile);
        julia.or(jvm).or(dockerfile)
    }

    /// Returns the git repository that the source is in, where it is no path.
    pub fn repository(self) -> Option<GitSource> {
        match self {
            Self::Dockerfile(_) | Self::Jvm(_) => None,
            Self::Julia(table) => super::source::in_git(&table.source, table.rev.as_deref()),
        }
    }

    /// Returns what the language makes of a function.
    pub fn make(self, input: &Input, sources: &mut Sources) -> Result<Made, Error> {
        match self {
            Self::Dockerfile(table) => dockerfile::make(table, input, sources),
            Self::Julia(table) => julia::make(table, input, sources),
            Self::Jvm(table) => jvm::make(table, input, sources),
        }
    }

    /// Returns what a function starts, where its image does not say that. The manifest overrides it.
    pub fn start(self, function: &Function) -> Option<ImageOverrides> {
        match self {
            Self::Dockerfile(_) | Self::Julia(_) => None,
            Self::Jvm(table) => jvm::start(table, function),
        }
    }

    /// Whether functions with these two tables share one artifact, where all else is equal.
    pub fn shares(self, other: Language) -> bool {
        matches!((self, other), (Self::Jvm(one), Language::Jvm(other)) if one == other)
    }
}

/// Sets the compile mode of a function; `false` where its language has no such mode.
pub fn set_compile(function: &mut Function, mode: &str) -> bool {
    match (&mut function.julia, &mut function.jvm) {
        (Some(table), _) => julia::set_compile(table, mode),
        (None, Some(table)) => jvm::set_compile(table, mode),
        (None, None) => false,
    }
}
