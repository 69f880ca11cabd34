//! A project in a temporary folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{
    manifest::{Document, Loaded, Manifest, types::Function},
    model::{Checkouts, Desired, Recipe, Secret},
    recipe::{self, Error, Request},
};

pub const SCRIPT: &str = "increment_vector(v::Vector{Int}) = v .+ 1\n";

/// One function, its script, one test.
pub const MANIFEST: &str = r#"
[project]
name = "numerics"
[aws]
region = "eu-west-1"
[functions.increment-vector]
julia = { source = "increment_vector.jl", argument_type = "Vector{Int}", version = "1.5" }
tests = [{ argument = [1, 2, 3], expected = [2, 3, 4] }]
"#;

pub struct Project {
    pub folder: TempDir,
    pub manifest: Manifest,
    pub target: Option<String>,
    pub select: Vec<String>,
    pub environment: BTreeMap<String, Secret>,
    pub region: Option<&'static str>,
    pub checkouts: Checkouts,
}

impl Project {
    /// A project of this manifest without files.
    pub fn empty(toml: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            manifest: toml::from_str(toml).unwrap(),
            target: None,
            select: Vec::new(),
            environment: BTreeMap::new(),
            region: None,
            checkouts: Checkouts::new(),
        }
    }

    /// A project that is complete.
    pub fn new() -> Self {
        let project = Self::empty(MANIFEST);
        project.write("increment_vector.jl", SCRIPT);
        project
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub fn function(&mut self) -> &mut Function {
        self.manifest.functions.get_mut("increment-vector").unwrap()
    }

    pub fn set(&mut self, variable: &str, value: impl Into<String>) {
        self.environment
            .insert(variable.to_owned(), Secret::new(value));
    }

    pub fn loaded(&self) -> Loaded {
        Loaded {
            references: BTreeMap::new(),
            document: Document::default(),
            name_suffix: String::new(),
            targets: Vec::new(),
            manifest: self.manifest.clone(),
            path: self.path("jot.toml"),
            root: self.folder.path().to_owned(),
            target: self.target.clone(),
        }
    }

    pub fn desired(&self) -> Result<Desired, Error> {
        self.with(recipe::desired)
    }

    pub fn with<T>(&self, ask: impl FnOnce(&Request) -> T) -> T {
        ask(&Request {
            loaded: &self.loaded(),
            select: &self.select,
            environment: &self.environment,
            cache: Some(Path::new("/nowhere/cache")),
            checkouts: &self.checkouts,
            region: self.region,
        })
    }

    /// The image of the one function, and the base under it.
    pub fn images(&self) -> (Recipe, Recipe) {
        let desired = self.desired().unwrap();
        let image =
            desired.recipes[desired.functions["increment-vector"].code.recipe().unwrap()].clone();
        let base = desired.recipes[image.base.as_ref().unwrap()].clone();
        (image, base)
    }

    /// The harness of the one function.
    pub fn harness(&self) -> Recipe {
        let desired = self.desired().unwrap();
        let harness = desired.functions["increment-vector"].code.harness();
        desired.recipes[harness.unwrap()].clone()
    }

    /// The fingerprint of the one function's image.
    pub fn fingerprint(&self) -> String {
        self.images().0.fingerprint.as_str().to_owned()
    }
}
