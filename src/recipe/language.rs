//! The languages: the one place that names them all.

use std::{collections::BTreeMap, path::Path};

pub use super::contract::{Base, First, Input, Made, Peer};

use super::{dockerfile, error::Error, julia, jvm, source::Sources};
use crate::{
    manifest::types::Function,
    model::{GitSource, ImageOverrides},
};

/// The language of a function's source, with its table of the manifest.
#[derive(Clone, Copy, Debug)]
pub enum Language<'a> {
    /// Any, by a Dockerfile of the user's.
    Dockerfile(&'a dockerfile::Table),
    /// A script or package in Julia.
    Julia(&'a julia::Table),
    /// A project or jars for the JVM.
    Jvm(&'a jvm::Table),
}

/// The first function of a project.
pub const FIRST: First = julia::FIRST;

impl<'a> Language<'a> {
    /// Returns the language of a function; `None` for an existing image.
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

    /// Returns what a function starts, if its image does not specify that. The manifest overrides
    /// it.
    pub fn start(self, function: &Function) -> Option<ImageOverrides> {
        match self {
            Self::Dockerfile(_) | Self::Julia(_) => None,
            Self::Jvm(table) => jvm::start(table, function),
        }
    }

    /// Returns variables of the function, in addition to the manifest's, with settings of its
    /// runtime.
    pub fn variables(self, function: &Function) -> BTreeMap<String, String> {
        match self {
            Self::Dockerfile(_) | Self::Jvm(_) => BTreeMap::new(),
            Self::Julia(_) => julia::variables(function),
        }
    }

    /// Reports what may be wrong with the source of a function with this key, as far as its text
    /// shows without a build.
    pub fn doubt(self, root: &Path, key: &str, function: &Function) -> Option<String> {
        match self {
            Self::Dockerfile(_) | Self::Jvm(_) => None,
            Self::Julia(table) => julia::doubt(root, (key, function), table),
        }
    }

    /// Whether functions with these two tables share one artifact if everything else is equal.
    pub fn shares(self, other: Language) -> bool {
        matches!((self, other), (Self::Jvm(one), Language::Jvm(other)) if one == other)
    }
}

/// Makes a function respond to changed sources as early as possible: nothing is compiled during the
/// build, and its container loads changed files if its language can.
pub fn watch(function: &mut Function) {
    function.snapstart = None;
    // A language without such a mode is built as it is.
    let _ = set_compile(function, "none");
    if let Some(table) = &mut function.julia {
        julia::watch(table);
    }
}

/// Changes a function to a compile mode that it does not use, to find out whether it could; returns
/// the keys of that mode. `None` if the language has none to try.
pub fn trial(function: &mut Function) -> Option<&'static str> {
    if function.build.dockerfile_extra.is_some() {
        return None;
    }
    let way = function.julia.as_mut().and_then(julia::trial)?;
    function.snapstart = None;
    Some(way)
}

/// Sets the compile mode of a function; `false` if its language does not have it.
pub fn set_compile(function: &mut Function, mode: &str) -> bool {
    match (&mut function.julia, &mut function.jvm) {
        (Some(table), _) => julia::set_compile(table, mode),
        (None, Some(table)) => jvm::set_compile(table, mode),
        (None, None) => false,
    }
}
