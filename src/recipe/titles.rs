//! What the steps of generated Dockerfiles do, in words, so that no user reads instructions that
//! they did not write.

use crate::model::recipe::StepTitle;

/// Words that are in a `RUN` instruction, all of them, and what it does.
pub type Titles = [(&'static [&'static str], &'static str)];

/// What every generated Dockerfile has.
const COMMON: [(&str, &str); 4] = [
    ("FROM ", "fetching the image below"),
    ("COPY ", "copying files"),
    ("ADD ", "copying files"),
    ("WORKDIR ", "making folders"),
];

/// Returns the titles of a language's `RUN` instructions with those that all have in common.
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
