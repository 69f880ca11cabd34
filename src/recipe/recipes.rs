//! The recipes of functions: those of their languages, and the harness in front of them.

use std::collections::BTreeMap;

use super::{
    cases,
    draft::Runtime,
    environment,
    error::Error,
    fingerprint::{Setting, seal},
    harness,
    hash_cache::HashCache,
    language::{self, Language, Made, Peer},
    request::Request,
    rie,
    source::Sources,
};
use crate::{
    manifest::types::{Architecture, Build, Function},
    model::{
        Code, ContextFile, Digest, Fingerprint, Form, Hints, Recipe, RecipeRole, Test,
        desired::Source,
        recipe::{BASE_ARGUMENT, LABEL_FINGERPRINT, LABEL_PROJECT, LABEL_RUN, LABEL_VERSION},
    },
};

/// The code of a function, and what jot knows about it.
#[derive(Clone, Debug)]
pub struct Running {
    pub code: Code,
    /// What the source consists of.
    pub source: Source,
    /// What jot knows about its language.
    pub hints: Hints,
    /// How much may be compiled at run time; `None`: not checked.
    pub jit_budget: Option<u32>,
    /// The runtime of an archive.
    pub runtime: Option<Runtime>,
}

impl Running {
    /// Code without further knowledge.
    pub fn of(code: Code) -> Self {
        Self {
            code,
            source: Source::default(),
            hints: Hints::default(),
            jit_budget: None,
            runtime: None,
        }
    }
}

/// The recipes that were found needed so far.
pub struct Recipes<'a> {
    request: &'a Request<'a>,
    all: BTreeMap<Fingerprint, Recipe>,
    /// AWS's emulator by platform: read once for all functions.
    emulators: BTreeMap<&'static str, ContextFile>,
    sources: Sources<'a>,
}

impl<'a> Recipes<'a> {
    pub fn new(request: &'a Request<'a>) -> Self {
        let root = request.loaded.root.as_path();
        let known = HashCache::load(request.cache, root);
        Self {
            request,
            all: BTreeMap::new(),
            emulators: BTreeMap::new(),
            sources: Sources::new(root, request.checkouts, known),
        }
    }

    /// Adds the recipes of a function; returns what it runs.
    pub fn add(
        &mut self,
        key: &str,
        function: &Function,
        tests: &[Test],
    ) -> Result<Running, Error> {
        if let Some(uri) = &function.image_uri {
            return Ok(Running::of(given(key, uri)?));
        }
        let language = Language::of(function).ok_or_else(|| Error::NoLanguage {
            function: key.to_owned(),
        })?;
        let emulator = self.emulator(function)?;
        let peers = peers(self.request, language, function)?;
        let input = language::Input {
            key,
            function,
            tests,
            peers: &peers,
            emulator: function
                .build
                .rie
                .unwrap_or(false)
                .then(|| emulator.clone()),
        };
        let made = language.make(&input, &mut self.sources)?;
        let recipe = self.seal(key, function, &made)?;
        let harness = harness::of(&recipe, emulator, made.code.runtime.as_ref())?;
        let code = Code::Built {
            recipe: recipe.fingerprint.clone(),
            harness: harness.fingerprint.clone(),
        };
        self.keep(recipe);
        self.keep(harness);
        Ok(Running {
            code,
            source: made.source,
            hints: made.hints,
            jit_budget: made.jit_budget,
            runtime: made.code.runtime,
        })
    }

    /// Returns all recipes, and keeps what was hashed for the next run.
    pub fn finish(self) -> BTreeMap<Fingerprint, Recipe> {
        let known = self.sources.known;
        tracing::debug!(read = known.read(), "files were read to be hashed");
        known.save();
        self.all
    }

    /// The recipe of the code, on the base that is kept where it has one.
    fn seal(&mut self, key: &str, function: &Function, made: &Made) -> Result<Recipe, Error> {
        let base = made.base.as_ref();
        let below = base.map(|base| &base.draft);
        let args = below
            .into_iter()
            .chain([&made.code])
            .flat_map(|one| one.args.keys());
        let taken = args.map(String::as_str).chain([BASE_ARGUMENT]);
        unreserved(key, "build.args", &function.build.args, taken)?;
        let labels = [LABEL_FINGERPRINT, LABEL_PROJECT, LABEL_VERSION, LABEL_RUN];
        unreserved(key, "build.labels", &function.build.labels, labels)?;

        let shared = self.setting(function, made.native);
        let base = base.map(|base| {
            let setting = Setting {
                role: RecipeRole::Base,
                reference: Some(base.reference.clone()),
                title: base.title.clone(),
                ..shared.clone()
            };
            seal(base.draft.clone(), None, setting)
        });
        let base = base.transpose()?;
        let mut labels = function.build.labels.clone();
        labels.extend(made.labels.clone());
        let setting = Setting {
            form: made.form,
            title: key.to_owned(),
            labels,
            ..shared
        };
        let recipe = seal(made.code.clone(), base.as_ref(), setting)?;
        base.into_iter().for_each(|base| self.keep(base));
        Ok(recipe)
    }

    /// What all recipes of a function are made under.
    fn setting(&self, function: &Function, native: bool) -> Setting {
        let build = &function.build;
        let here = self.request.environment;
        let network = environment::setting("JOT_BUILD_NETWORK", here).or(build.network.as_deref());
        let secrets = build
            .secrets
            .iter()
            .map(|(id, from)| (id.clone(), environment::from_env(from, here)));
        Setting {
            role: RecipeRole::Code,
            form: Form::Image,
            platform: platform(function.architecture).to_owned(),
            reference: None,
            args: build.args.clone(),
            network: network
                .filter(|network| *network != "default")
                .map(str::to_owned),
            secrets: secrets.collect(),
            ssh: build
                .ssh
                .iter()
                .map(|agent| environment::agent(agent, here))
                .collect(),
            labels: BTreeMap::new(),
            title: String::new(),
            native,
        }
    }

    fn emulator(&mut self, function: &Function) -> Result<ContextFile, Error> {
        let platform = platform(function.architecture);
        if let Some(file) = self.emulators.get(platform) {
            return Ok(file.clone());
        }
        let file = rie::file(
            function.architecture,
            self.request.environment,
            self.request.cache,
            &mut self.sources.known,
        )?;
        self.emulators.insert(platform, file.clone());
        Ok(file)
    }

    /// Adds a recipe. An equal one is merged with it: secrets, agents and labels of both, title and
    /// network of the first.
    fn keep(&mut self, recipe: Recipe) {
        let Some(same) = self.all.get_mut(&recipe.fingerprint) else {
            self.all.insert(recipe.fingerprint.clone(), recipe);
            return;
        };
        for (id, secret) in recipe.secrets {
            same.secrets.entry(id).or_insert(secret);
        }
        for (id, socket) in recipe.ssh {
            same.ssh.entry(id).or_insert(socket);
        }
        for (label, value) in recipe.labels {
            same.labels.entry(label).or_insert(value);
        }
        same.native |= recipe.native;
    }
}

/// The functions of the manifest, selected or not, that share an artifact with this one: the
/// selection changes no recipe.
fn peers<'a>(
    request: &Request<'a>,
    language: Language,
    function: &Function,
) -> Result<Vec<Peer<'a>>, Error> {
    let loaded = request.loaded;
    let same = |other: &Function| {
        Language::of(other).is_some_and(|other| language.shares(other))
            && other.architecture == function.architecture
            && deciding(&other.build) == deciding(&function.build)
    };
    let all = loaded.manifest.functions.iter();
    let peers = all.filter(|(_, other)| same(other)).map(|(key, other)| {
        Ok(Peer {
            function: other,
            tests: cases::read(&loaded.root, key, &other.tests)?,
        })
    });
    peers.collect()
}

/// The build settings that determine the artifact; of secrets only their ids do.
fn deciding(build: &Build) -> impl PartialEq {
    (
        build.base_image.clone(),
        build.args.clone(),
        build.secrets.keys().cloned().collect::<Vec<_>>(),
        build.dockerfile_extra.clone(),
        build.rie,
    )
}

/// The image of a URI, which ends in its digest.
pub(super) fn given(key: &str, uri: &str) -> Result<Code, Error> {
    let digest = uri
        .rsplit_once('@')
        .and_then(|(_, digest)| Digest::parse(digest));
    let digest = digest.ok_or_else(|| Error::NoLanguage {
        function: key.to_owned(),
    })?;
    Ok(Code::Given {
        image_uri: uri.to_owned(),
        digest,
    })
}

/// Docker's name for an architecture of Lambda's.
fn platform(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "linux/amd64",
        Architecture::Arm64 => "linux/arm64",
    }
}

/// An error where the user sets what jot sets.
fn unreserved<'a>(
    function: &str,
    key: &'static str,
    given: &BTreeMap<String, String>,
    taken: impl IntoIterator<Item = &'a str>,
) -> Result<(), Error> {
    match taken.into_iter().find(|name| given.contains_key(*name)) {
        Some(name) => Err(Error::Reserved {
            function: function.to_owned(),
            key,
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}
