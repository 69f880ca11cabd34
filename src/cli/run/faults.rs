//! Errors in a function's answers, shown at their place in the source.

use std::sync::Arc;

use crate::{
    cli::output::Print,
    model::{Desired, Fingerprint, Function, Hints, Problem},
    recipe::fault,
    report, verify,
};

/// The sources of a function, for messages.
#[derive(Clone, Debug)]
pub struct Faults {
    desired: Arc<Desired>,
    recipe: Option<Fingerprint>,
    hints: Hints,
}

impl Faults {
    /// The sources of a running function.
    pub fn of(desired: &Arc<Desired>, function: &Function) -> Self {
        Self {
            desired: Arc::clone(desired),
            recipe: function.code.recipe().cloned(),
            hints: function.hints.clone(),
        }
    }

    /// Shows the error in an answer, if it came from a file of the user.
    pub fn show(&self, answer: &str, print: &Print) {
        let recipe = self.recipe.as_ref();
        let recipe = recipe.and_then(|id| self.desired.recipes.get(id));
        let place = verify::place(answer, &self.hints);
        let (Some(recipe), Some(place), false) = (recipe, place, print.err.quiet || print.json())
        else {
            return;
        };
        let Some(place) = fault::completed(&place, &recipe.context, &self.hints) else {
            return;
        };
        let problem = Problem {
            message: self.hints.with_own_paths(&verify::error_message(answer)),
            places: vec![place],
            ..Problem::default()
        };
        report::output::err(&report::problem::problem(&problem, &print.err));
    }
}
