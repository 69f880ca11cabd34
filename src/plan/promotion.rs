//! Images and archives of another target: the same content in both, copied from registry to
//! registry.

use std::collections::BTreeMap;

use crate::model::{
    Action, Code, Desired, Digest, Fingerprint, Form, Function, Recipe, Step, StepId,
    observed::{RemoteImage, Source},
    value::Value,
};

use super::{
    Error,
    builder::{self, PlanBuilder},
    inputs,
    stock::Stock,
    used::{Used, extra_tags},
};

/// The id of the step that copies an image.
pub(super) fn id(image: &Recipe) -> StepId {
    builder::id("copy", image.fingerprint.tag())
}

/// The verb of the step that yields a digest.
pub(super) fn verb(digest: &Value<Digest>) -> &'static str {
    match digest {
        Value::From(step) if step.0.starts_with("copy:") => "copy",
        _ => "push",
    }
}

/// Checks that every function runs the same code in both targets, if anything is copied.
///
/// # Errors
///
/// [`Error::OtherContent`], which names every function that differs.
pub(super) fn check(desired: &Desired) -> Result<(), Error> {
    let Some(source) = desired.supply.target() else {
        return Ok(());
    };
    let functions = desired.functions.values();
    let different: Vec<String> = functions
        .filter_map(|wanted| different((desired, wanted), source))
        .collect();
    if different.is_empty() {
        return Ok(());
    }
    Err(Error::OtherContent {
        target: target(source).to_owned(),
        different: different.join("; "),
    })
}

/// How a function's content differs between the targets, if it does.
fn different((desired, wanted): (&Desired, &Function), source: &Desired) -> Option<String> {
    let key = &wanted.key;
    let Some(other) = source.functions.get(key) else {
        return Some(format!("{key} is not declared there"));
    };
    if same(&wanted.code, &other.code) {
        return None;
    }
    let (own_tag, other_tag) = (wanted.code.tag(), other.code.tag());
    let inputs = (inputs::of(desired, wanted), inputs::of(source, other));
    let parts = inputs::between(&inputs.0, &inputs.1);
    let why = match parts.is_empty() {
        true => String::new(),
        false => format!(" (different: {})", parts.join(", ")),
    };
    Some(format!(
        "{key} has {own_tag} here and {other_tag} there{why}"
    ))
}

/// Whether both are the same artifact.
fn same(own: &Code, other: &Code) -> bool {
    match (own, other) {
        (Code::Built { recipe: own, .. }, Code::Built { recipe: other, .. }) => own == other,
        (Code::Given { digest: own, .. }, Code::Given { digest: other, .. }) => own == other,
        _ => false,
    }
}

/// Adds the copy of every missing image or archive, and before it that of its base image, if the
/// source has one: later builds pull it.
///
/// # Errors
///
/// [`Error::NotInSource`]
pub(super) fn plan(
    stock: Stock<'_>,
    missing: &[Used],
    repository: Option<&StepId>,
    builder: &mut PlanBuilder,
) -> Result<(), Error> {
    let Some(wanted) = stock
        .desired
        .supply
        .target()
        .filter(|_| !missing.is_empty())
    else {
        return Ok(());
    };
    let nothing = Source::default();
    let source = stock.observed.source.as_ref().unwrap_or(&nothing);
    let lacks = |used: &&Used| found(source, used.image).is_none();
    let lacking: Vec<String> = missing.iter().filter(lacks).map(Used::named).collect();
    let from = source.repository.as_ref();
    let Some(from) = from.filter(|_| lacking.is_empty()) else {
        return Err(Error::NotInSource {
            target: target(wanted).to_owned(),
            missing: lacking.join("; "),
        });
    };
    let mut promotion = Promotion {
        source,
        from,
        target: target(wanted),
        repository,
        builder,
    };
    let mut bases = BTreeMap::new();
    for used in missing {
        if let Some(base) = &used.image.base
            && !bases.contains_key(base)
            && stock.remote(base).is_none()
            && let Some(user) = used.users.first()
        {
            let image = stock.recipe(user, base)?;
            bases.insert(base, promotion.copy(image, Vec::new(), None));
        }
    }
    for used in missing {
        let base = used.image.base.as_ref().and_then(|base| bases.get(base));
        let tags = extra_tags(&used.users);
        promotion.copy(used.image, tags, base.cloned().flatten());
    }
    builder.notes.push(format!(
        "images are copied from target {}: the tests do not run on this machine, but in Lambda \
         before traffic",
        target(wanted)
    ));
    Ok(())
}

/// What copies have in common.
struct Promotion<'a> {
    source: &'a Source,
    /// The repository to copy from: `host/name`.
    from: &'a str,
    target: &'a str,
    repository: Option<&'a StepId>,
    builder: &'a mut PlanBuilder,
}

impl Promotion<'_> {
    /// The step that copies an image; `None` if the source lacks it.
    fn copy(
        &mut self,
        image: &Recipe,
        extra_tags: Vec<String>,
        base: Option<StepId>,
    ) -> Option<StepId> {
        let found = found(self.source, image)?;
        Some(self.builder.add(Step {
            id: id(image),
            resource: format!("image {}", image.title),
            action: Action::Copy {
                image: image.fingerprint.clone(),
                source: self.from.to_owned(),
                digest: found.digest.clone(),
                extra_tags,
            },
            after: self.repository.into_iter().cloned().chain(base).collect(),
            reasons: vec![format!("not in ECR, target {} has it", self.target)],
            changes: Vec::new(),
        }))
    }
}

/// What the source has of a recipe; of archives only readable ones.
fn found<'a>(source: &'a Source, image: &Recipe) -> Option<&'a RemoteImage> {
    let tag = Fingerprint::tag(&image.fingerprint);
    let whole = match image.form {
        Form::Image => true,
        Form::Zip => source.archives.contains_key(tag),
    };
    source.images.get(tag).filter(|_| whole)
}

/// The name of the target that images are copied from.
fn target(source: &Desired) -> &str {
    source.target.as_deref().unwrap_or_default()
}
