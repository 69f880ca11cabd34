//! Names for digests, so that no case changes when a recipe does: an image of the case `equal` is
//! 1111... or, for a base, bbbb...; further ones are 2222..., 3333... and cccc..., dddd...; the
//! parts of a recipe and the digests of the configuration have names of the same kind.

use std::collections::BTreeMap;

use jot::model::{
    Code, Desired, Fingerprint, Recipe, RecipeRole,
    desired::Supply,
    recipe::{INPUT_REFERENCE, INPUT_VERSION},
};

use crate::wish::fingerprint;

/// The parts of a recipe; the last digit of a part's digest is its place here, from 1 on.
const PARTS: [&str; 7] = [
    "source",
    "runtime",
    "base",
    "dockerfile",
    "args",
    "dependencies",
    "exemplar",
];

/// The version of jot in every case.
const VERSION: &str = "0.2.0";

/// The name of each digest.
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
    /// The names of what the case `equal` desires.
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

    /// The same with every digest replaced by its name.
    pub fn renamed(mut self, mut desired: Desired) -> Desired {
        self.learn(&desired);
        if let Supply::Target(source) = &mut desired.supply {
            self.learn(source);
            self.rename(source);
        }
        self.rename(&mut desired);
        desired
    }

    fn rename(&self, desired: &mut Desired) {
        let images = std::mem::take(&mut desired.recipes).into_values();
        desired.recipes = images
            .map(|image| self.image(image))
            .map(|image| (image.fingerprint.clone(), image))
            .collect();
        for function in desired.functions.values_mut() {
            if let Code::Built { recipe, harness } = &mut function.code {
                recipe.clone_from(&self.images[&*recipe]);
                harness.clone_from(&self.images[&*harness]);
            }
            function
                .config_digest
                .clone_from(&self.configs[&function.config_digest]);
        }
    }

    fn image(&self, mut image: Recipe) -> Recipe {
        image
            .fingerprint
            .clone_from(&self.images[&image.fingerprint]);
        // No plan depends on them.
        image.context.clear();
        image.dockerfile.clear();
        image.base = image.base.map(|base| self.images[&base].clone());
        if image.role != RecipeRole::Code {
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

    /// Names everything without a name, function by function.
    fn learn(&mut self, desired: &Desired) {
        for function in desired.functions.values() {
            let next = format!("c0ffee{:010x}", self.configs.len() + 1);
            self.configs
                .entry(function.config_digest.clone())
                .or_insert(next);
            let recipe = function.code.recipe();
            let Some(image) = recipe.and_then(|recipe| desired.recipes.get(recipe)) else {
                continue;
            };
            self.learn_image(image);
            if let Some(base) = &image.base {
                self.learn_image(&desired.recipes[base]);
            }
            if let Some(harness) = function.code.harness() {
                self.learn_harness(harness, image);
            }
        }
    }

    /// A harness has the name of what it runs, except for the last two digits.
    fn learn_harness(&mut self, harness: &Fingerprint, runs: &Recipe) {
        let name = &self.images[&runs.fingerprint];
        let name = format!("{}0f", &name.as_str()[..62]);
        let name = Fingerprint::parse(&name).unwrap();
        self.images.entry(harness.clone()).or_insert(name);
    }

    fn learn_image(&mut self, image: &Recipe) {
        if self.images.contains_key(&image.fingerprint) {
            return;
        }
        let digits = match image.role {
            RecipeRole::Base => &mut self.bases,
            RecipeRole::Code => &mut self.responders,
            RecipeRole::Harness => unreachable!("a harness is no function's code"),
        };
        let name = fingerprint(&digits.next().unwrap().to_string());
        self.images.insert(image.fingerprint.clone(), name);
        // The parts of a base are among those of what is built on it.
        if image.role == RecipeRole::Base {
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
