//! What the steps of generated Dockerfiles do, in words, so that users need not read instructions
//! that they did not write.

use crate::model::recipe::StepTitle;

/// Words that are in a `RUN` instruction, all of them, and what it does.
pub type Titles = [(&'static [&'static str], &'static str)];

/// What every generated Dockerfile has.
const COMMON: [(&str, &str); 4] = [
    ("FROM ", "fetching the base image"),
    ("COPY ", "copying files"),
    ("ADD ", "copying files"),
    ("WORKDIR ", "creating folders"),
];

/// Returns the titles of a language's `RUN` instructions with the common ones.
pub fn all(of_language: &Titles) -> Vec<StepTitle> {
    let own = of_language
        .iter()
        .map(|(words, title)| named("RUN ", words, title));
    let common = COMMON
        .iter()
        .map(|(instruction, title)| named(instruction, &[], title));
    own.chain(common).collect()
}

fn named(instruction: &str, words: &[&str], title: &str) -> StepTitle {
    StepTitle {
        instruction: instruction.to_owned(),
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        title: title.to_owned(),
    }
}
