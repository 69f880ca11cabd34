//! The images that functions need: for Julia a base, which functions may share, and the responder on top of it.

use std::collections::BTreeMap;

use super::{
    Request, environment,
    error::Error,
    fingerprint::{Setting, seal},
    julia::{self, Responder},
    known::Known,
    rie, source,
};
use crate::{
    manifest::types::{Architecture, Compile, Function, Julia},
    model::{
        ContextFile, Fingerprint, Image, Test,
        desired::Source,
        image::{
            BASE_ARGUMENT, LABEL_FINGERPRINT, LABEL_PROJECT, LABEL_RUN, LABEL_SOURCE, LABEL_VERSION,
        },
    },
};

/// The images that were found needed so far.
pub struct Images<'a> {
    request: &'a Request<'a>,
    /// By fingerprint.
    all: BTreeMap<Fingerprint, Image>,
    /// AWS's emulator by platform: read once, however many functions there are.
    emulators: BTreeMap<&'static str, ContextFile>,
    /// By the manifest's words: read once, however many functions share it.
    sources: BTreeMap<(String, Option<String>), source::Source>,
    known: Known,
}

impl<'a> Images<'a> {
    /// Returns none yet.
    pub fn new(request: &'a Request<'a>) -> Self {
        Self {
            request,
            all: BTreeMap::new(),
            emulators: BTreeMap::new(),
            sources: BTreeMap::new(),
            known: Known::load(request.cache, &request.loaded.root),
        }
    }

    /// Adds the images of a function; returns the fingerprint of the one that it runs, and what that is made of.
    pub fn add(
        &mut self,
        key: &str,
        function: &Function,
        tests: &[Test],
    ) -> Result<(Fingerprint, Source), Error> {
        if let Some(uri) = &function.image_uri {
            return Ok((given(key, uri)?, Source::default()));
        }
        let julia = function.julia.as_ref().ok_or_else(|| Error::NoResponder {
            function: key.to_owned(),
        })?;
        let source = self.source(key, julia)?;
        let handler = function
            .handler
            .clone()
            .unwrap_or_else(|| key.replace('-', "_"));
        let responder = Responder {
            snapstart: function.snapstart == Some(true),
            key,
            handler: &handler,
            julia,
            build: &function.build,
            files: source.files,
            script: source.script,
            commit: source.commit,
            tests,
            rie: self.emulator(function)?,
        };
        let (base, image) = self.pair(key, function, &responder)?;
        let source = julia::source(&responder);
        self.keep(base);
        let fingerprint = image.fingerprint.clone();
        self.keep(image);
        Ok((fingerprint, source))
    }

    /// Returns all images, and keeps what was hashed for the next run.
    pub fn finish(self) -> BTreeMap<Fingerprint, Image> {
        tracing::debug!(read = self.known.read(), "files were read to be hashed");
        self.known.save();
        self.all
    }

    fn source(&mut self, key: &str, julia: &Julia) -> Result<source::Source, Error> {
        let place = (julia.source.clone(), julia.rev.clone());
        if let Some(read) = self.sources.get(&place) {
            return Ok(read.clone());
        }
        let (root, checkouts) = (&self.request.loaded.root, self.request.checkouts);
        let read = source::read(root, key, julia, checkouts, &mut self.known)?;
        self.sources.insert(place, read.clone());
        Ok(read)
    }

    /// The base image and the responder's.
    fn pair(
        &self,
        key: &str,
        function: &Function,
        responder: &Responder,
    ) -> Result<(Image, Image), Error> {
        let reference = julia::base_image(responder.julia, responder.build);
        let (below, above) = (julia::base(responder)?, julia::responder(responder)?);
        let taken = below
            .args
            .keys()
            .chain(above.args.keys())
            .map(String::as_str)
            .chain([BASE_ARGUMENT]);
        unreserved(key, "build.args", &function.build.args, taken)?;
        let labels = [LABEL_FINGERPRINT, LABEL_PROJECT, LABEL_VERSION, LABEL_RUN];
        unreserved(key, "build.labels", &function.build.labels, labels)?;

        let shared = self.setting(function, responder.julia.compile);
        let title = julia::title(responder)?;
        let base = seal(
            below,
            None,
            Setting {
                reference: Some(reference),
                title,
                ..shared.clone()
            },
        )?;
        let mut labels = function.build.labels.clone();
        if responder.commit.is_some() {
            labels.insert(LABEL_SOURCE.to_owned(), responder.julia.source.clone());
        }
        let image = seal(
            above,
            Some(&base),
            Setting {
                title: key.to_owned(),
                labels,
                ..shared
            },
        )?;
        Ok((base, image))
    }

    /// What both images of a function are made under.
    fn setting(&self, function: &Function, compile: Compile) -> Setting {
        let build = &function.build;
        let here = self.request.environment;
        let network = environment::setting("JOT_BUILD_NETWORK", here).or(build.network.as_deref());
        let secrets = build
            .secrets
            .iter()
            .map(|(id, from)| (id.clone(), environment::from_env(from, here)));
        Setting {
            platform: platform(function.architecture).to_owned(),
            args: build.args.clone(),
            network: network
                .filter(|network| *network != "default")
                .map(str::to_owned),
            secrets: secrets.collect(),
            native: compile != Compile::None,
            ..Setting::default()
        }
    }

    fn emulator(&mut self, function: &Function) -> Result<Option<ContextFile>, Error> {
        if !function.build.rie.unwrap_or(true) {
            return Ok(None);
        }
        let platform = platform(function.architecture);
        if let Some(file) = self.emulators.get(platform) {
            return Ok(Some(file.clone()));
        }
        let file = rie::file(
            function.architecture,
            self.request.environment,
            self.request.cache,
            &mut self.known,
        )?;
        self.emulators.insert(platform, file.clone());
        Ok(Some(file))
    }

    /// Adds an image. Where an equal recipe is there already, secrets and labels of both come together; the first gives the
    /// title and the network.
    fn keep(&mut self, image: Image) {
        let Some(same) = self.all.get_mut(&image.fingerprint) else {
            self.all.insert(image.fingerprint.clone(), image);
            return;
        };
        for (id, secret) in image.secrets {
            same.secrets.entry(id).or_insert(secret);
        }
        for (label, value) in image.labels {
            same.labels.entry(label).or_insert(value);
        }
        same.native |= image.native;
    }
}

/// The digest at the end of an image's URI, in the place of a fingerprint: it names the content as well.
fn given(key: &str, uri: &str) -> Result<Fingerprint, Error> {
    let digest = uri.rsplit_once("@sha256:").map_or("", |(_, hex)| hex);
    Fingerprint::parse(digest).ok_or_else(|| Error::NoResponder {
        function: key.to_owned(),
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
