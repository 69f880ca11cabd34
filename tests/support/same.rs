//! Whether the world is as the modelled one predicts, compared as JSON without the values that no
//! model can predict.

use jot::model::{Observed, observed};
use serde_json::Value as Json;

/// The parts of an observation that are not predicted, and why. `*` is any key.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "docker/present/images/*/id",
        "a digest of bytes that no two builds share",
    ),
    ("docker/present/images/*/base", "such a digest too"),
    ("images/*/size", "what ECR makes of the layers"),
    ("archives/*/size", "what the compressor makes of the files"),
    (
        "archives/*/annotations",
        "for people, and how much it unpacks to",
    ),
    (
        "functions/*/latest/zip/size",
        "what the compressor makes too",
    ),
    ("functions/*/live/zip/size", "what the compressor makes too"),
    ("functions/*/latest/revision", "drawn by Lambda"),
    ("functions/*/live/revision", "drawn by Lambda"),
    ("functions/*/alias/revision", "drawn by Lambda"),
    ("functions/*/latest/modified", "Lambda's clock"),
    ("functions/*/live/modified", "Lambda's clock"),
    ("functions/*/reach/url/address", "drawn by Lambda too"),
    (
        "functions/*/reach/mappings",
        "by UUIDs that Lambda draws: the tests of triggers look at them",
    ),
    (
        "functions/*/live/tags",
        "a version has none of its own, and both emulators report the function's",
    ),
    ("repository/mutability_exceptions", "ministack keeps none"),
];

/// Fails with the lines that differ.
pub fn assert_same(foretold: &Observed, really: &Observed) {
    let (foretold, mut really) = (comparable(foretold), comparable(really));
    forget_pulls(&foretold, &mut really);
    let text = |value| serde_json::to_string_pretty(value).expect("JSON");
    let (foretold, really) = (text(&foretold), text(&really));
    let lines = similar::TextDiff::from_lines(&foretold, &really);
    assert!(
        foretold == really,
        "the world is not as the model foretold it (-):\n{}",
        lines.unified_diff()
    );
}

/// An observation as JSON, with environments revealed, digests replaced by the tag that they are
/// pushed under, and without what is not predicted.
fn comparable(observed: &Observed) -> Json {
    let mut whole = serde_json::to_value(observed).expect("JSON");
    for (key, function) in &observed.functions {
        for (name, state) in [("latest", &function.latest), ("live", &function.live)] {
            let Some(state) = state else { continue };
            let environment = state.config.environment.iter();
            whole["functions"][key][name]["config"]["environment"] = environment
                .map(|(name, value)| (name.clone(), Json::from(value.reveal())))
                .collect();
        }
        forget_commits(&mut whole["functions"][key]);
        call_version(&mut whole["functions"][key], function);
        if let Some(reach) = whole["functions"][key].get_mut("reach") {
            call_subscriptions(&mut reach["pushes"]);
        }
    }
    for (path, _) in DIFFERENCES {
        remove(&mut whole, &path.split('/').collect::<Vec<_>>());
    }
    let mut text = whole.to_string();
    for (tag, image) in &observed.images {
        text = text.replace(image.digest.as_str(), &format!("the digest of {tag}"));
    }
    for (tag, archive) in &observed.archives {
        text = text.replace(archive.code.as_str(), &format!("the code of {tag}"));
    }
    serde_json::from_str(&text).expect("JSON")
}

/// Leaves out the git commit, which the model does not include, from the record of the version that
/// serves.
fn forget_commits(whole: &mut Json) {
    if let Some(release) = whole.pointer_mut(RELEASE) {
        *release = Json::from(first_word(release));
    }
    let Some(description) = whole.pointer_mut("/live/config/description") else {
        return;
    };
    let text = description.as_str().unwrap_or_default();
    if text.starts_with("jot ") {
        let words: Vec<&str> = text.split(' ').take(3).collect();
        *description = Json::from(words.join(" "));
    }
}

/// The place of the tag with the version that serves.
const RELEASE: &str = "/latest/tags/jot:release";

fn first_word(text: &Json) -> &str {
    let text = text.as_str().unwrap_or_default();
    text.split(' ').next().unwrap_or_default()
}

/// Names the version that the alias points at "live": its content is predicted, but not its number.
/// Lambda publishes nothing if nothing changed since the last version, and an observation does not
/// show what changed and was changed back.
fn call_version(whole: &mut Json, function: &observed::Function) {
    let (Some(alias), Some(live)) = (&function.alias, &function.live) else {
        return;
    };
    assert_eq!(alias.version, live.version);
    if let Some(release) = whole.pointer_mut(RELEASE)
        && release.as_str() == Some(alias.version.as_str())
    {
        *release = Json::from("live");
    }
    let begins = format!(
        "release {} of ",
        whole["alias"]["version"].as_str().unwrap_or_default()
    );
    let description = whole["alias"]["description"].as_str().unwrap_or_default();
    let records = description.starts_with(&begins);
    whole["alias"]["description"] = Json::from(records);
    whole["alias"]["version"] = Json::from("live");
    whole["live"]["version"] = Json::from("live");
}

/// Names a subscription by its topic: SNS chooses its ARN.
fn call_subscriptions(pushes: &mut Json) {
    let Some(all) = pushes.as_object_mut() else {
        return;
    };
    for (id, one) in std::mem::take(all) {
        let topic = one["push"]["subscription"]["topic"].as_str();
        let name = topic.map(|topic| format!("subscription of {topic}"));
        all.insert(name.unwrap_or(id), one);
    }
}

/// ministack pulls what it runs, including pushes of others, into the same Docker: a digest that a
/// local image got from this was not predicted, but no predicted one may be missing.
fn forget_pulls(foretold: &Json, really: &mut Json) {
    let images = really.pointer_mut("/docker/present/images");
    for (fingerprint, image) in images.and_then(Json::as_object_mut).into_iter().flatten() {
        let foretold = &foretold["docker"]["present"]["images"][fingerprint]["repo_digests"];
        let known = |digest: &Json| foretold.as_array().is_some_and(|all| all.contains(digest));
        if let Some(digests) = image["repo_digests"].as_array_mut() {
            digests.retain(known);
        }
    }
}

fn remove(whole: &mut Json, path: &[&str]) {
    match path {
        [] => {}
        ["*", rest @ ..] => {
            for one in whole
                .as_object_mut()
                .into_iter()
                .flat_map(|all| all.values_mut())
            {
                remove(one, rest);
            }
        }
        [last] => drop(whole.as_object_mut().map(|all| all.remove(*last))),
        [first, rest @ ..] => {
            if let Some(one) = whole.get_mut(*first) {
                remove(one, rest);
            }
        }
    }
}
