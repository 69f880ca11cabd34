//! Lambda's handling of recursive calls.
//!
//! It belongs to the function, not to a version:
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>.

use serde_json::json;

use crate::model::{Action, Change, RecursiveLoop, Step, StepId, value::Shown};

use super::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    managed::{self, Key},
    reasons,
};

/// The step that sets it, or goes back to Lambda's default if the key left the manifest.
pub(super) fn plan(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    if context.found.from_tags {
        // No list has it. A change in the manifest shows in the tags, and then the function is
        // requested itself.
        return None;
    }
    let latest = context.found.latest.as_ref();
    let current = match latest {
        Some(_) => context.found.recursive_loop.clone()?,
        None => RecursiveLoop::Terminate,
    };
    let ignored = context.wanted.lifecycle.ignores(Key::RecursiveLoop.word());
    let declared = context.wanted.recursive_loop.clone();
    let declared = declared.filter(|_| latest.is_none() || !ignored);
    let left = |tags| managed::left(context.wanted, tags).contains(&Key::RecursiveLoop);
    let reset = latest.is_some_and(|latest| left(&latest.tags));
    let wanted = declared.or(reset.then_some(RecursiveLoop::Terminate))?;
    if wanted == current {
        return None;
    }
    let side = if reset { Shown::Default } else { Shown::Value };
    let cause = context.attribution().recursive_loop(&current);
    let old = match latest {
        Some(_) => Shown::Value(json!(word(&current))),
        None => Shown::Absent,
    };
    let change = Change::new(Key::RecursiveLoop.word(), old, side(json!(word(&wanted))));
    let changes = vec![change.because(cause)];
    let reasons = match latest {
        Some(_) => reasons::sentences(&changes, "Lambda"),
        None => vec!["a new function has Lambda's default".to_owned()],
    };
    Some(builder.add(Step {
        id: id("recursion", &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action: Action::SetRecursiveLoop {
            function: context.wanted.key.clone(),
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
