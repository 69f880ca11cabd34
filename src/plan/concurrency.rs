//! Reserved concurrency.
//!
//! It belongs to the function, not to a version:
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>.

use serde_json::{Value as Json, json};

use crate::model::{Action, Change, Step, StepId, observed::FunctionState, value::Shown};

use super::{
    draft::{Draft, id},
    managed::{self, Key},
    reasons,
    site::Site,
};

/// Whether Lambda refuses every call after this plan: a function with a reservation of zero runs
/// nothing, not even a test.
pub(super) fn stopped(site: &Site) -> bool {
    let latest = site.found.latest.as_ref();
    let stays = latest.filter(|latest| !left(site, latest));
    let stays = stays.and_then(|latest| latest.reserved_concurrency);
    wanted(site).or(stays) == Some(0)
}

/// Whether Lambda refuses every call until this plan is executed.
pub(super) fn was_stopped(site: &Site) -> bool {
    let latest = site.found.latest.as_ref();
    latest.is_some_and(|latest| latest.reserved_concurrency == Some(0))
}

/// The step that sets the reservation, or removes it where the key left the manifest.
pub(super) fn plan(site: &Site, after: &[StepId], draft: &mut Draft) -> Option<StepId> {
    if site.found.from_tags {
        // No list has it. A change in the manifest shows in the tags, and then the function is
        // requested itself.
        return None;
    }
    let latest = site.found.latest.as_ref();
    let there = latest.and_then(|latest| latest.reserved_concurrency);
    let wanted = wanted(site);
    let reset = latest.is_some_and(|latest| left(site, latest));
    if wanted == there || (wanted.is_none() && !reset) {
        return None;
    }
    let old = there.map_or(Shown::Absent, |number| Shown::Value(json!(number)));
    let new = wanted.map_or(Shown::Default(Json::Null), |number| {
        Shown::Value(json!(number))
    });
    let cause = site.witness().concurrency(there);
    let changes = vec![Change::new(Key::Concurrency.word(), old, new).because(cause)];
    let reasons = match latest {
        Some(_) => reasons::told(&changes, "Lambda"),
        None => vec!["a new function has none".to_owned()],
    };
    Some(draft.add(Step {
        id: id("concurrency", &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action: Action::SetConcurrency {
            function: site.wanted.key.clone(),
            reserved: wanted,
        },
        after: after.to_vec(),
        reasons,
        changes,
    }))
}

/// What the manifest asks for, unless `lifecycle` leaves it to others by now.
fn wanted(site: &Site) -> Option<u32> {
    let theirs = site.wanted.lifecycle.ignores(Key::Concurrency.word());
    let wanted = site.wanted.reserved_concurrency;
    wanted.filter(|_| site.found.latest.is_none() || !theirs)
}

fn left(site: &Site, latest: &FunctionState) -> bool {
    managed::left(site.wanted, &latest.tags).contains(&Key::Concurrency)
}
