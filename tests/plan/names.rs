//! Names for digests, so that no case changes where a recipe does: an image of the case `equal` is 1111... or, a base,
//! bbbb...; further ones are 2222..., 3333... and cccc..., dddd...; the parts of a recipe and the digests of the
//! configuration are named likewise.

use std::collections::BTreeMap;

use jot::model::{
    Desired, Fingerprint, Image, ImageKind,
    image::{INPUT_REFERENCE, INPUT_VERSION},
};

use crate::wish::fingerprint;

/// The parts of a recipe; the last digit of one's digest is its place here, from 1 on.
const PARTS: [&str; 7] = [
    "responder",
    "runtime",
    "base",
    "dockerfile",
    "args",
    "dependencies",
    "exemplar",
];

/// The version of jot in every case.
const VERSION: &str = "0.2.0";

/// What each digest is called.
pub struct Names {
    images: BTreeMap<Fingerprint, Fingerprint>,
    inputs: BTreeMap<String, String>,
    configs: BTreeMap<String, String>,
    /// Digits for what is not in the case `equal`.
    responders: std::str::Chars<'static>,
    bases: std::str::Chars<'static>,
    letters: std::str::Chars<'static>,
}

impl Names {
    /// The names of what the case `equal` wants.
    pub fn new(equal: &Desired) -> Self {
        let mut names = Self {
            images: BTreeMap::new(),
            inputs: BTreeMap::new(),
            configs: BTreeMap::new(),
            responders: "123456789".chars(),
            bases: "bcdef".chars(),
            letters: "abcdef".chars(),
        };
        names.learn(equal);
        names
    }

    /// The same with every digest called by its name.
    pub fn renamed(mut self, mut desired: Desired) -> Desired {
        self.learn(&desired);
        let images = std::mem::take(&mut desired.images).into_values();
        desired.images = images
            .map(|image| self.image(image))
            .map(|image| (image.fingerprint.clone(), image))
            .collect();
        for function in desired.functions.values_mut() {
            if let Some(name) = self.images.get(&function.image) {
                function.image.clone_from(name);
            }
            function
                .config_digest
                .clone_from(&self.configs[&function.config_digest]);
        }
        desired
    }

    fn image(&self, mut image: Image) -> Image {
        image
            .fingerprint
            .clone_from(&self.images[&image.fingerprint]);
        // No plan depends on them.
        image.context.clear();
        image.dockerfile.clear();
        image.base = image.base.map(|base| self.images[&base].clone());
        if image.kind == ImageKind::Base {
            image.inputs.clear();
        }
        for (part, digest) in &mut image.inputs {
            match part.as_str() {
                INPUT_REFERENCE => {}
                INPUT_VERSION => VERSION.clone_into(digest),
                _ => digest.clone_from(&self.inputs[digest]),
            }
        }
        image
    }

    /// Names whatever has no name yet, function by function.
    fn learn(&mut self, desired: &Desired) {
        for function in desired.functions.values() {
            let next = format!("c0ffee{:010x}", self.configs.len() + 1);
            self.configs
                .entry(function.config_digest.clone())
                .or_insert(next);
            let Some(image) = desired.images.get(&function.image) else {
                continue;
            };
            self.learn_image(image);
            if let Some(base) = &image.base {
                self.learn_image(&desired.images[base]);
            }
        }
    }

    fn learn_image(&mut self, image: &Image) {
        if self.images.contains_key(&image.fingerprint) {
            return;
        }
        let digits = match image.kind {
            ImageKind::Base => &mut self.bases,
            ImageKind::Responder => &mut self.responders,
        };
        let name = fingerprint(&digits.next().unwrap().to_string());
        self.images.insert(image.fingerprint.clone(), name);
        // Those of a base are in those of what stands on it.
        if image.kind == ImageKind::Base {
            return;
        }
        let letter = self.letters.next().unwrap().to_string().repeat(4);
        let digests = image
            .inputs
            .iter()
            .filter(|(part, _)| ![INPUT_REFERENCE, INPUT_VERSION].contains(&part.as_str()));
        for (part, digest) in digests {
            let place = PARTS.iter().position(|known| known == part).unwrap() + 1;
            let name = format!("{letter}{place:04}");
            self.inputs.entry(digest.clone()).or_insert(name);
        }
    }
}
