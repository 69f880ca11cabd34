//! Images: which ones must be built, tested and pushed, so that every function has a digest to run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::model::{
    Action, Change, Code, Desired, Digest, Fingerprint, Function, Step, StepId,
    desired::Supply,
    value::{Shown, Value},
};

use super::{
    Error,
    bases::Base,
    builder::{PlanBuilder, id},
    found::found,
    inputs,
    managed::Key,
    promotion, push, reasons,
    record::Record,
    stock::Stock,
    used::{Used, extra_tags},
};

/// Adds the push of every image that functions run and ECR lacks, and the steps before it.
///
/// # Errors
///
/// Docker is needed and does not answer, or its platform cannot run what an image compiles; builds
/// are not allowed, or the target that images are copied from lacks one.
pub(super) fn plan(
    stock: Stock<'_>,
    repository: Option<&StepId>,
    builder: &mut PlanBuilder,
) -> Result<(), Error> {
    let mut missing: BTreeMap<&Fingerprint, Used> = BTreeMap::new();
    let mut held: BTreeMap<&Fingerprint, Used> = BTreeMap::new();
    for function in stock.desired.functions.values() {
        let Some(fingerprint) = function.code.recipe() else {
            continue;
        };
        let image = stock.recipe(function, fingerprint)?;
        let images = match stock.code(image) {
            Some(_) => &mut held,
            None => &mut missing,
        };
        let users = Vec::new();
        let used = images.entry(fingerprint).or_insert(Used { image, users });
        used.users.push(function);
    }
    let missing: Vec<Used> = missing.into_values().collect();
    match &stock.desired.supply {
        Supply::Build => make(stock, &missing, repository, builder)?,
        Supply::Nowhere => none(&missing)?,
        Supply::Target(_) => promotion::plan(stock, &missing, repository, builder)?,
    }
    for used in held.values() {
        tag(stock, used, repository, builder);
    }
    Ok(())
}

/// The digest that a function will run: known, or the result of the push or copy that [`plan`]
/// adds.
///
/// # Errors
///
/// [`Error::NoRecipe`]: the planner does not have the function's recipe.
pub(super) fn digest(stock: Stock<'_>, wanted: &Function) -> Result<Value<Digest>, Error> {
    match &wanted.code {
        Code::Built { recipe, .. } => {
            let image = stock.recipe(wanted, recipe)?;
            let known = stock.code(image).cloned().map(Value::Known);
            let step = match stock.desired.supply.target() {
                Some(_) => promotion::id(image),
                None => push::id(image),
            };
            Ok(known.unwrap_or(Value::From(step)))
        }
        Code::Given { digest, .. } => Ok(Value::Known(digest.clone())),
        Code::Unread => Err(Error::NoRecipe {
            key: wanted.key.clone(),
        }),
    }
}

/// Checks that ECR lacks nothing.
///
/// # Errors
///
/// [`Error::NotInRegistry`]
fn none(missing: &[Used]) -> Result<(), Error> {
    if missing.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = missing.iter().map(Used::named).collect();
    Err(Error::NotInRegistry {
        missing: named.join("; "),
    })
}

/// Adds the push of every missing image, after bases, builds and gates, in this order.
fn make(
    stock: Stock<'_>,
    missing: &[Used],
    repository: Option<&StepId>,
    builder: &mut PlanBuilder,
) -> Result<(), Error> {
    let titles: Vec<&str> = missing.iter().map(|one| one.image.title.as_str()).collect();
    stock.check_docker(&titles)?;
    let bases = bases(stock, missing)?;
    let mut fetched = BTreeMap::new();
    for (fingerprint, base) in &bases {
        fetched.extend(base.fetch(stock, builder)?.map(|step| (*fingerprint, step)));
    }
    let mut builds = BTreeMap::new();
    for one in missing.iter().filter(|one| !stock.built(one.image)) {
        stock.check_platform(one.image)?;
        let base = one.image.base.as_ref().and_then(|base| fetched.get(base));
        builds.insert(&one.image.fingerprint, build(stock, one, base, builder));
    }
    let mut gated = Vec::new();
    for one in missing {
        let build = builds.get(&one.image.fingerprint);
        gated.push((one, build, gates(stock, one, build, builder)?));
    }
    let mut pushes = BTreeMap::new();
    for (fingerprint, base) in &bases {
        let over = gated
            .iter()
            .filter(|(one, ..)| one.image.base.as_ref() == Some(*fingerprint));
        let gates = over.flat_map(|(.., gates)| gates);
        let after = repository.into_iter().chain(fetched.get(fingerprint));
        let after = after.chain(gates).cloned().collect();
        pushes.extend(
            base.push(stock, after, builder)
                .map(|step| (*fingerprint, step)),
        );
    }
    for (one, build, gates) in &gated {
        let base = one.image.base.as_ref().and_then(|base| pushes.get(base));
        let built = repository.into_iter().chain(base).chain(*build);
        let after = built.chain(gates).cloned().collect();
        push::push(one.image, extra_tags(&one.users), after, builder);
    }
    Ok(())
}

/// The bases under these images.
fn bases<'a>(
    stock: Stock<'a>,
    missing: &[Used<'a>],
) -> Result<BTreeMap<&'a Fingerprint, Base<'a>>, Error> {
    let mut bases = BTreeMap::new();
    for one in missing {
        let (Some(base), Some(user)) = (&one.image.base, one.users.first()) else {
            continue;
        };
        let on_it = |other: &&Used| other.image.base.as_ref() == Some(base);
        let mut over = missing.iter().filter(on_it);
        let needed = over.any(|other| !stock.built(other.image));
        let image = stock.recipe(user, base)?;
        bases.insert(base, Base { image, needed });
    }
    Ok(bases)
}

fn build(
    stock: Stock<'_>,
    used: &Used,
    base: Option<&StepId>,
    builder: &mut PlanBuilder,
) -> StepId {
    builder.add(Step {
        id: id("build", used.image.fingerprint.tag()),
        resource: format!("image {}", used.image.title),
        action: Action::Build {
            image: used.image.fingerprint.clone(),
        },
        after: base.into_iter().cloned().collect(),
        reasons: match stock.local(&used.image.fingerprint) {
            Some(_) => vec!["the local image is not built on ECR's base image".to_owned()],
            None => why(stock, used),
        },
        changes: Vec::new(),
    })
}

/// Why the image is not in ECR, by the tags of the functions that will run it.
fn why(stock: Stock<'_>, used: &Used) -> Vec<String> {
    let of = |user: &&Function| {
        let latest = found(stock.observed, &user.key).latest.as_ref()?;
        let record = Record::read(&latest.tags);
        let now = inputs::of(stock.desired, user);
        Some(reasons::image(user, latest, &record, &now))
    };
    let all: BTreeSet<String> = used.users.iter().filter_map(of).flatten().collect();
    if all.is_empty() {
        return vec!["not in ECR".to_owned()];
    }
    all.into_iter().collect()
}

/// Adds the gate of every function that has tests and uses the image.
fn gates(
    stock: Stock<'_>,
    used: &Used,
    build: Option<&StepId>,
    builder: &mut PlanBuilder,
) -> Result<Vec<StepId>, Error> {
    let mut gates = Vec::new();
    for user in used.users.iter().filter(|user| !user.tests.is_empty()) {
        stock.check_platform(used.image)?;
        gates.push(builder.add(Step {
            id: id("test-local", &user.key),
            resource: format!("function {}", user.name),
            action: Action::TestLocal {
                function: user.key.clone(),
            },
            after: build.into_iter().cloned().collect(),
            reasons: vec!["no image is pushed untested".to_owned()],
            changes: Vec::new(),
        }));
    }
    Ok(gates)
}

/// Notes the functions with local tests that lack layers: only Lambda unpacks them.
pub(super) fn note_layers(desired: &Desired, builder: &mut PlanBuilder) {
    let tested = builder.steps.iter().filter_map(|step| match &step.action {
        Action::TestLocal { function } => desired.functions.get(function),
        _ => None,
    });
    let layered = |one: &&Function| {
        let layers = one.config.layers.as_ref();
        layers.is_some_and(|layers| !layers.is_empty()) || one.takes(Key::Layers.word())
    };
    let notes = tested.filter(layered).map(|one| {
        let name = &one.name;
        format!(
            "function {name}: its layers are in Lambda only, tests on this machine run without them"
        )
    });
    let notes: Vec<String> = notes.collect();
    builder.notes.extend(notes);
}

/// Gives an image in ECR the extra tags that it lacks, or that another image has.
fn tag(stock: Stock<'_>, used: &Used, repository: Option<&StepId>, builder: &mut PlanBuilder) {
    let fingerprint = &used.image.fingerprint;
    let Some(remote) = stock.remote(fingerprint) else {
        return;
    };
    let mut tags = extra_tags(&used.users);
    tags.retain(|tag| !remote.tags.contains(tag));
    if tags.is_empty() {
        return;
    }
    let added = |tag: &String| Change::new("extra_tags", Shown::Absent, Shown::Value(json!(tag)));
    builder.add(Step {
        id: id("tag", fingerprint.tag()),
        resource: format!("image {}", used.image.title),
        changes: tags.iter().map(added).collect(),
        action: Action::TagImage {
            image: fingerprint.clone(),
            tags,
        },
        after: repository.into_iter().cloned().collect(),
        reasons: vec!["ECR holds the image without them".to_owned()],
    });
}
