//! An alias that sends traffic to `$LATEST`, which serves any code it receives, untested.
//!
//! jot never sets such an alias.

use crate::model::{
    Action, Step, StepId,
    observed::{Alias, LATEST},
    value::Value,
};

use super::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    gate, reasons,
    traffic::{self, NewAlias},
};

/// The alias, if it sends all or part of its traffic to `$LATEST`.
pub(super) fn alias<'a>(context: &FunctionContext<'a>) -> Option<&'a Alias> {
    let alias = context.found.alias.as_ref()?;
    (alias.version == LATEST || alias.weights.contains_key(LATEST)).then_some(alias)
}

/// The steps that move traffic off `$LATEST` before it changes, or if no version can be tested.
///
/// What serves is published unchanged, and the alias points at that version. Returns the last step;
/// `None` if a tested version takes the traffic anyway.
pub(super) fn pin(
    context: &FunctionContext,
    changes: bool,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let alias = alias(context)?;
    let name = context.wanted.deploy.alias.as_ref()?;
    if !changes && !gate::untestable(context) {
        return None;
    }
    // A deleted version serves nothing: all that serves is the share of `$LATEST`.
    let numbered = context
        .found
        .live
        .as_ref()
        .filter(|_| alias.version != LATEST);
    let (version, after) = match numbered {
        None => {
            let published = publish(context, builder);
            (Value::From(published.clone()), Some(published))
        }
        Some(_) => (Value::Known(alias.version.clone()), None),
    };
    let reason = match after {
        Some(_) => reasons::LATEST.to_owned(),
        None => {
            "a share of it points at $LATEST, which takes changes before they are tested".to_owned()
        }
    };
    let new = NewAlias {
        step: id("hold", &context.wanted.key),
        reason,
        after,
        ..NewAlias::new(context, name, version)
    };
    Some(traffic::set_alias(context, new, builder))
}

fn publish(context: &FunctionContext, builder: &mut PlanBuilder) -> StepId {
    builder.add(Step {
        id: id("pin", &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action: Action::PublishVersion {
            function: context.wanted.key.clone(),
        },
        after: context.role.ready.iter().cloned().collect(),
        reasons: vec![
            "the code in use keeps its traffic until a version has passed its tests".to_owned(),
        ],
        changes: Vec::new(),
    })
}
