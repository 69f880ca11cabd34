//! Faults in the user's code that a build reports: why it fails.

use super::Error;
use crate::{
    model::{Desired, Fault, Fingerprint, Hints},
    recipe::fault::Drawn,
    remote::{self, docker::Work},
};

/// The faults that a build has reported so far.
#[derive(Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Records a report of a fault; returns whether `work` was one.
    pub fn take(&mut self, work: &Work) -> bool {
        let Work::Output(line) = work else {
            return false;
        };
        let fault = Fault::of_line(line);
        let taken = fault.is_some();
        self.0.extend(fault);
        taken
    }

    /// The faults in the code instead of the build's error; that error if the build reported
    /// none.
    pub fn instead(&self, error: Error, desired: &Desired, image: &Fingerprint) -> Error {
        let failed = matches!(
            error,
            Error::Remote(remote::Error::Build { .. } | remote::Error::Source { .. })
        );
        if !failed || self.0.is_empty() {
            return error;
        }
        let recipe = desired.recipes.get(image);
        let context = recipe.map_or(&[][..], |recipe| &recipe.context);
        let mut functions = desired.functions.values();
        let function = functions.find(|one| one.code.recipe() == Some(image));
        let none = Hints::default();
        let hints = function.map_or(&none, |function| &function.hints);
        let drawn = |fault: &Fault| Drawn::of(fault, context, hints);
        match &self.0[..] {
            [fault] => Error::Fault(Box::new(drawn(fault))),
            faults => Error::Faults {
                title: recipe.map_or_else(String::new, |recipe| recipe.title.clone()),
                faults: faults.iter().map(drawn).collect(),
            },
        }
    }
}
