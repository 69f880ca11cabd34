//! Images: which must be built, tested and pushed, so that every function has a digest to run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::model::{
    Action, Change, Code, Desired, Digest, Fingerprint, Function, Observed, Recipe, Step, StepId,
    value::{Shown, Value},
};

use super::{
    Error,
    bases::Base,
    draft::{Draft, id},
    found,
    inputs::IMAGE_URI,
    reasons, recipe,
    record::Record,
    stock::Stock,
};

/// A responder's image that ECR does not hold.
struct Missing<'a> {
    image: &'a Recipe,
    users: Vec<&'a Function>,
    /// Whether the local Docker holds it, on the right base.
    built: bool,
    /// The step that builds it.
    build: Option<StepId>,
    /// The local gates of its users.
    gates: Vec<StepId>,
}

/// The digest of every image that functions run and jot builds, known or given by a push.
///
/// # Errors
/// Docker is needed and does not answer, or its platform cannot run what an image compiles.
pub(super) fn plan(
    desired: &Desired,
    observed: &Observed,
    repository: Option<&StepId>,
    draft: &mut Draft,
) -> Result<BTreeMap<Fingerprint, Value<Digest>>, Error> {
    let stock = Stock { desired, observed };
    let mut digests = BTreeMap::new();
    let mut missing: BTreeMap<&Fingerprint, Missing> = BTreeMap::new();
    let mut held: BTreeMap<&Fingerprint, Vec<&Function>> = BTreeMap::new();
    for function in desired.functions.values() {
        let Some(fingerprint) = function.code.recipe() else {
            continue;
        };
        let image = recipe(desired, function, fingerprint)?;
        if let Some(remote) = stock.remote(&image.fingerprint) {
            digests.insert(
                image.fingerprint.clone(),
                Value::Known(remote.digest.clone()),
            );
            let users = held.entry(&image.fingerprint).or_default();
            users.push(function);
            continue;
        }
        let responder = missing
            .entry(&image.fingerprint)
            .or_insert_with(|| Missing {
                image,
                users: Vec::new(),
                built: stock.built(image),
                build: None,
                gates: Vec::new(),
            });
        responder.users.push(function);
    }
    let missing: Vec<Missing> = missing.into_values().collect();
    digests.extend(make(stock, missing, repository, draft)?);
    for (fingerprint, users) in held {
        tag(stock, fingerprint, &users, repository, draft);
    }
    Ok(digests)
}

/// The short digests of a function's recipe by part, its base image's parts among them.
pub(super) fn inputs(desired: &Desired, function: &Function) -> BTreeMap<String, String> {
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

/// The push of every missing image, after all that must be done before it: bases, builds, gates, in this order.
fn make(
    stock: Stock<'_>,
    mut missing: Vec<Missing<'_>>,
    repository: Option<&StepId>,
    draft: &mut Draft,
) -> Result<Vec<(Fingerprint, Value<Digest>)>, Error> {
    let titles: Vec<&str> = missing
        .iter()
        .map(|missing| missing.image.title.as_str())
        .collect();
    stock.check_docker(&titles)?;
    let mut bases = bases(stock, &missing)?;
    for base in bases.values_mut() {
        base.fetch(stock, draft)?;
    }
    for responder in missing.iter_mut().filter(|responder| !responder.built) {
        stock.check_platform(responder.image)?;
        let base = responder
            .image
            .base
            .as_ref()
            .and_then(|base| bases.get(base));
        let after = base.and_then(|base| base.local.clone());
        responder.build = Some(build(stock, responder, after, draft));
    }
    for responder in &mut missing {
        gates(stock, responder, draft)?;
        if let Some(base) = responder
            .image
            .base
            .as_ref()
            .and_then(|base| bases.get_mut(base))
        {
            base.gates.extend(responder.gates.clone());
        }
    }
    for base in bases.values_mut() {
        base.push(stock, repository, draft);
    }
    let pushes = missing.iter().map(|responder| {
        let base = responder
            .image
            .base
            .as_ref()
            .and_then(|base| bases.get(base));
        let base = base.and_then(|base| base.push.as_ref());
        let built = repository.into_iter().chain(base).chain(&responder.build);
        let after = built.chain(&responder.gates).cloned().collect();
        let push = push(responder.image, extra_tags(&responder.users), after, draft);
        (responder.image.fingerprint.clone(), Value::From(push))
    });
    Ok(pushes.collect())
}

/// The bases under these responders.
fn bases<'a>(
    stock: Stock<'a>,
    missing: &[Missing<'a>],
) -> Result<BTreeMap<&'a Fingerprint, Base<'a>>, Error> {
    let mut bases = BTreeMap::new();
    for responder in missing {
        let (Some(base), Some(user)) = (&responder.image.base, responder.users.first()) else {
            continue;
        };
        let image = recipe(stock.desired, user, base)?;
        let base = bases.entry(base).or_insert_with(|| Base::new(image));
        base.needed |= !responder.built;
    }
    Ok(bases)
}

fn build(
    stock: Stock<'_>,
    responder: &Missing,
    after: Option<StepId>,
    draft: &mut Draft,
) -> StepId {
    draft.add(Step {
        id: id("build", responder.image.fingerprint.tag()),
        resource: format!("image {}", responder.image.title),
        action: Action::Build {
            image: responder.image.fingerprint.clone(),
        },
        after: after.into_iter().collect(),
        reasons: match stock.local(&responder.image.fingerprint) {
            Some(_) => vec!["the local image is not on the base that ECR holds".to_owned()],
            None => why(stock, responder),
        },
        changes: Vec::new(),
    })
}

/// Why the image is not in ECR, by the tags of the functions that are to run it.
fn why(stock: Stock<'_>, responder: &Missing) -> Vec<String> {
    let of = |user: &&Function| {
        let latest = found(stock.observed, &user.key).latest.as_ref()?;
        let record = Record::read(&latest.tags);
        let now = inputs(stock.desired, user);
        Some(reasons::image(user, latest, &record, &now))
    };
    let told: BTreeSet<String> = responder.users.iter().filter_map(of).flatten().collect();
    if told.is_empty() {
        return vec!["not in ECR".to_owned()];
    }
    told.into_iter().collect()
}

/// Adds the gate of every function that has tests and uses the image.
fn gates(stock: Stock<'_>, responder: &mut Missing, draft: &mut Draft) -> Result<(), Error> {
    for user in responder.users.iter().filter(|user| !user.tests.is_empty()) {
        stock.check_platform(responder.image)?;
        responder.gates.push(draft.add(Step {
            id: id("test-local", &user.key),
            resource: format!("function {}", user.name),
            action: Action::TestLocal {
                function: user.key.clone(),
            },
            after: responder.build.iter().cloned().collect(),
            reasons: vec!["no image is pushed untested".to_owned()],
            changes: Vec::new(),
        }));
    }
    Ok(())
}

/// Gives an image that ECR holds the extra tags that it lacks, or that another image bears.
fn tag(
    stock: Stock<'_>,
    fingerprint: &Fingerprint,
    users: &[&Function],
    repository: Option<&StepId>,
    draft: &mut Draft,
) {
    let (Some(remote), Some(image)) = (
        stock.remote(fingerprint),
        stock.desired.recipes.get(fingerprint),
    ) else {
        return;
    };
    let mut tags = extra_tags(users);
    tags.retain(|tag| !remote.tags.contains(tag));
    if tags.is_empty() {
        return;
    }
    let added = |tag: &String| Change::new("extra_tags", Shown::Absent, Shown::Value(json!(tag)));
    draft.add(Step {
        id: id("tag", fingerprint.tag()),
        resource: format!("image {}", image.title),
        changes: tags.iter().map(added).collect(),
        action: Action::TagImage {
            image: fingerprint.clone(),
            tags,
        },
        after: repository.into_iter().cloned().collect(),
        reasons: vec!["ECR holds the image without them".to_owned()],
    });
}

fn extra_tags(users: &[&Function]) -> Vec<String> {
    let tags = users.iter().flat_map(|user| user.extra_tags.clone());
    tags.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The step that pushes an image.
pub(super) fn push(
    image: &Recipe,
    extra_tags: Vec<String>,
    after: Vec<StepId>,
    draft: &mut Draft,
) -> StepId {
    draft.add(Step {
        id: id("push", image.fingerprint.tag()),
        resource: format!("image {}", image.title),
        action: Action::Push {
            image: image.fingerprint.clone(),
            extra_tags,
        },
        after,
        reasons: vec!["not in ECR".to_owned()],
        changes: Vec::new(),
    })
}
