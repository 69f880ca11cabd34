//! An alias that sends traffic to `$LATEST`, which serves any code it receives, untested.
//!
//! jot never sets such an alias.

use crate::model::{
    Action, Step, StepId,
    observed::{Alias, LATEST},
    value::Value,
};

use super::{
    draft::{Draft, id},
    gate, reasons,
    site::Site,
    traffic::{self, NewAlias},
};

/// The alias, if it sends all or part of its traffic to `$LATEST`.
pub(super) fn alias<'a>(site: &Site<'a>) -> Option<&'a Alias> {
    let alias = site.found.alias.as_ref()?;
    (alias.version == LATEST || alias.weights.contains_key(LATEST)).then_some(alias)
}

/// The steps that move traffic off `$LATEST` before it changes, or where no version can be tested.
///
/// What serves is published unchanged, and the alias points at that version. Returns the last step;
/// `None` where a tested version takes the traffic anyway.
pub(super) fn pin(site: &Site, changes: bool, draft: &mut Draft) -> Option<StepId> {
    let alias = alias(site)?;
    let name = site.wanted.deploy.alias.as_ref()?;
    if !changes && !gate::untestable(site) {
        return None;
    }
    // A deleted version serves nothing: all that serves is the share of `$LATEST`.
    let numbered = site.found.live.as_ref().filter(|_| alias.version != LATEST);
    let (version, after) = match numbered {
        None => {
            let published = publish(site, draft);
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
        step: id("hold", &site.wanted.key),
        reason,
        after,
        ..NewAlias::new(site, name, version)
    };
    Some(traffic::set_alias(site, new, draft))
}

fn publish(site: &Site, draft: &mut Draft) -> StepId {
    draft.add(Step {
        id: id("pin", &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action: Action::PublishVersion {
            function: site.wanted.key.clone(),
        },
        after: site.role.ready.iter().cloned().collect(),
        reasons: vec![
            "the code in use keeps its traffic until a version has passed its tests".to_owned(),
        ],
        changes: Vec::new(),
    })
}
