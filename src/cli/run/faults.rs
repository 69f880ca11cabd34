//! Errors that a function answers with, drawn where they are in its sources.

use std::sync::Arc;

use crate::{
    cli::output::Print,
    model::{Desired, Fingerprint, Function, Hints, Problem},
    recipe::fault,
    report, verify,
};

/// What is known of a function's sources.
#[derive(Clone, Debug)]
pub struct Faults {
    desired: Arc<Desired>,
    recipe: Option<Fingerprint>,
    hints: Hints,
}

impl Faults {
    /// Of a function as it runs.
    pub fn of(desired: &Arc<Desired>, function: &Function) -> Self {
        Self {
            desired: Arc::clone(desired),
            recipe: function.code.recipe().cloned(),
            hints: function.hints.clone(),
        }
    }

    /// Draws the error that was answered, where it came from a file of the user's.
    pub fn tell(&self, answer: &str, print: &Print) {
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
            message: self.hints.with_own_paths(&verify::told_error(answer)),
            places: vec![place],
            ..Problem::default()
        };
        report::output::err(&report::problem::problem(&problem, &print.err));
    }
}
