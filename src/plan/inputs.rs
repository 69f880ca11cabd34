//! How each input of an image changed since the last apply, in words.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Code, Desired, Function,
    desired::Source,
    pairs::{Entry, Pairs, short},
    recipe::{INPUT_REFERENCE, INPUT_VERSION},
};

use super::{parts::SOURCE, record::Record};

/// Replaces all parts of a recipe where the image was made elsewhere.
pub(super) const IMAGE_URI: &str = "image_uri";
/// The part of a recipe that is generated from the others.
const DOCKERFILE: &str = "dockerfile";
/// Parts that are recorded in plain text, and do not change the image on their own.
const NAMED: [&str; 2] = [INPUT_VERSION, INPUT_REFERENCE];
/// How many names of one kind a sentence lists; further ones are counted.
const NAMES: usize = 4;

/// The inputs of an image by part.
type Inputs = BTreeMap<String, String>;

/// The short digests of a function's recipe by part, its base image's parts among them.
pub(super) fn of(desired: &Desired, function: &Function) -> Inputs {
    if let Code::Given { digest, .. } = &function.code {
        let digest = digest.hex()[..8].to_owned();
        return BTreeMap::from([(IMAGE_URI.to_owned(), digest)]);
    }
    let recipe = function.code.recipe();
    let image = recipe.and_then(|recipe| desired.recipes.get(recipe));
    let base = image.and_then(|image| desired.recipes.get(image.base.as_ref()?));
    let mut inputs = base.map(|base| base.inputs.clone()).unwrap_or_default();
    inputs.extend(image.map(|image| image.inputs.clone()).unwrap_or_default());
    inputs
}

/// One sentence for each part of a recipe that differs from the record.
pub(super) fn changed(wanted: &Function, record: &Record, now: &Inputs) -> Vec<String> {
    let Some(before) = &record.inputs else {
        return Vec::new();
    };
    match (before.contains_key(IMAGE_URI), now.contains_key(IMAGE_URI)) {
        (true, false) => {
            return vec!["image_uri left the manifest: jot builds the image".to_owned()];
        }
        (false, true) => return vec!["image_uri replaces the source".to_owned()],
        _ => {}
    }
    let parts = differing(before, now);
    let sentence = |part| match part {
        DOCKERFILE => "Dockerfile changed".to_owned(),
        "runtime" => runtime(before, now),
        "base" => base(wanted, before, now),
        "args" => "build arguments changed".to_owned(),
        SOURCE => {
            source(&wanted.source, record.files.as_ref()).unwrap_or_else(|| runtime(before, now))
        }
        other => format!("{other} changed"),
    };
    let mut sentences: Vec<String> = parts.into_iter().map(sentence).collect();
    let mut seen = BTreeSet::new();
    sentences.retain(|sentence| seen.insert(sentence.clone()));
    sentences
}

/// How the same function's images differ between two targets, in words.
pub(super) fn between(own: &Inputs, other: &Inputs) -> Vec<String> {
    let word = |part: &str| match part {
        DOCKERFILE => "Dockerfile".to_owned(),
        "args" => "build arguments".to_owned(),
        "base" => match moved(INPUT_REFERENCE, own, other) {
            Some((own, other)) => format!("base image {own} here, {other} there"),
            None => "base image or platform".to_owned(),
        },
        _ => part.to_owned(),
    };
    differing(own, other).into_iter().map(word).collect()
}

/// The parts that differ between the two.
fn differing<'a>(before: &'a Inputs, now: &'a Inputs) -> Vec<&'a str> {
    let all: BTreeSet<&String> = now.keys().chain(before.keys()).collect();
    let differs = |part: &&String| before.get(*part) != now.get(*part);
    let mut parts: Vec<&str> = all
        .into_iter()
        .filter(differs)
        .map(String::as_str)
        .collect();
    parts.retain(|part| !NAMED.contains(part));
    // A generated Dockerfile names what it copies, so it changes with the other parts; only alone
    // is it a reason.
    if parts.len() > 1 {
        parts.retain(|part| *part != DOCKERFILE);
    }
    parts
}

/// A part's old and new value, if both are known and differ.
fn moved<'a>(part: &str, before: &'a Inputs, now: &'a Inputs) -> Option<(&'a str, &'a str)> {
    let (before, now) = (before.get(part)?, now.get(part)?);
    (before != now).then_some((before, now))
}

fn runtime(before: &Inputs, now: &Inputs) -> String {
    match moved(INPUT_VERSION, before, now) {
        Some((old, new)) => format!("jot's runtime changed {old} -> {new}"),
        None => "jot's runtime changed".to_owned(),
    }
}

/// The part contains the reference and the platform.
fn base(wanted: &Function, before: &Inputs, now: &Inputs) -> String {
    let Some((old, new)) = moved(INPUT_REFERENCE, before, now) else {
        let known = before.contains_key(INPUT_REFERENCE) && now.contains_key(INPUT_REFERENCE);
        let what = if known { "platform" } else { "base image" };
        return format!("{what} changed");
    };
    let released = |reference: &'_ str| {
        let release = wanted.hints.release.as_ref()?;
        let version = reference.strip_prefix(&release.prefix)?.to_owned();
        Some((&release.name, version))
    };
    match (released(old), released(new)) {
        (Some((name, old)), Some((_, new))) => format!("{name} changed {old} -> {new}"),
        _ => format!("base image changed {old} -> {new}"),
    }
}

/// What changed in the source; `None` if only what jot adds to it changed.
fn source(source: &Source, recorded: Option<&Pairs>) -> Option<String> {
    let below = || Some(format!("source changed: {}", source.place));
    let Some(recorded) = recorded else {
        return below();
    };
    let (mut edited, mut added, mut unclear) = (Vec::new(), Vec::new(), false);
    for (name, value) in &source.parts {
        match recorded.of(name) {
            Entry::Digest(digest) if digest == short(value) => {}
            Entry::Digest(_) => edited.push(name.as_str()),
            Entry::Nothing => added.push(name.as_str()),
            Entry::Unclear => unclear = true,
        }
    }
    let removed = recorded.beyond(source.parts.keys());
    let mut words = Vec::new();
    words.extend(some(&edited));
    words.extend(some(&added).map(|names| format!("{names} added")));
    words.extend((removed > 0).then(|| counted(removed, "removed")));
    match words.is_empty() {
        false => Some(format!("source changed: {}", words.join(", "))),
        true if unclear => below(),
        true => None,
    }
}

/// The first names, and how many more exist.
fn some(names: &[&str]) -> Option<String> {
    let (shown, more) = names.split_at(names.len().min(NAMES));
    let rest = (!more.is_empty()).then(|| format!("{} more", more.len()));
    let words: Vec<String> = shown
        .iter()
        .map(|name| (*name).to_owned())
        .chain(rest)
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 file {what}"),
        _ => format!("{number} files {what}"),
    }
}
