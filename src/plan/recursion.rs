//! Lambda's handling of recursive calls.
//!
//! It belongs to the function, not to a version:
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>.

use serde_json::json;

use crate::model::{Action, Change, RecursiveLoop, Step, StepId, value::Shown};

use super::{
    draft::{Draft, id},
    managed::{self, Key},
    reasons,
    site::Site,
};

/// The step that sets it, or goes back to Lambda's default where the key left the manifest.
pub(super) fn plan(site: &Site, after: &[StepId], draft: &mut Draft) -> Option<StepId> {
    if site.found.from_tags {
        // No list has it. A change in the manifest shows in the tags, and then the function is
        // requested itself.
        return None;
    }
    let latest = site.found.latest.as_ref();
    let there = match latest {
        Some(_) => site.found.recursive_loop.clone()?,
        None => RecursiveLoop::Terminate,
    };
    let ignored = site.wanted.lifecycle.ignores(Key::RecursiveLoop.word());
    let declared = site.wanted.recursive_loop.clone();
    let declared = declared.filter(|_| latest.is_none() || !ignored);
    let left = |tags| managed::left(site.wanted, tags).contains(&Key::RecursiveLoop);
    let reset = latest.is_some_and(|latest| left(&latest.tags));
    let wanted = declared.or(reset.then_some(RecursiveLoop::Terminate))?;
    if wanted == there {
        return None;
    }
    let side = if reset { Shown::Default } else { Shown::Value };
    let cause = site.witness().recursive_loop(&there);
    let old = match latest {
        Some(_) => Shown::Value(json!(word(&there))),
        None => Shown::Absent,
    };
    let change = Change::new(Key::RecursiveLoop.word(), old, side(json!(word(&wanted))));
    let changes = vec![change.because(cause)];
    let reasons = match latest {
        Some(_) => reasons::told(&changes, "Lambda"),
        None => vec!["a new function has Lambda's default".to_owned()],
    };
    Some(draft.add(Step {
        id: id("recursion", &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action: Action::SetRecursiveLoop {
            function: site.wanted.key.clone(),
            recursive_loop: wanted,
        },
        after: after.to_vec(),
        reasons,
        changes,
    }))
}

/// The manifest's word for it.
fn word(mode: &RecursiveLoop) -> String {
    mode.as_str().to_lowercase()
}
