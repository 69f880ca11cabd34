//! The contenders of a benchmark.

use std::process::ExitCode;

use super::{
    super::{Error, output::Print},
    arguments::Bench,
    variant::Variant,
};
use crate::{
    bench::Entrant,
    model::{Contender, Function, Rounds},
    report,
};

/// The contenders, or the exit status of a command that ended before it had any.
pub type Outcome = Result<Vec<Contender>, ExitCode>;

/// The entrants of a function, one for each memory size.
pub fn entrants(
    function: &Function,
    variant: &Variant,
    arguments: &Bench,
) -> Result<Vec<Entrant>, Error> {
    let mut tests = function.tests.iter();
    let test = match &arguments.test {
        Some(name) => tests.find(|test| test.name == *name),
        None => tests.next(),
    };
    let test = test.ok_or_else(|| no_test(function, arguments.test.as_deref()))?;
    let mut sizes = arguments.memory.clone();
    sizes.sort_unstable();
    sizes.dedup();
    if sizes.is_empty() {
        sizes.push(function.memory_mb());
    }
    let entrant = |memory_mb| Entrant {
        function: function.key.clone(),
        test: test.clone(),
        variant: variant.label.clone(),
        memory_mb,
        timeout_s: function.timeout_s(),
        architecture: function.architecture.clone(),
    };
    Ok(sizes.into_iter().map(entrant).collect())
}

fn no_test(function: &Function, name: Option<&str>) -> Error {
    let key = &function.key;
    let Some(name) = name else {
        return Error::Usage {
            message: format!("`{key}` has no test to take an argument from"),
            help: format!("declare `tests` of `{key}` in jot.toml, or choose other functions"),
        };
    };
    let names: Vec<String> = function
        .tests
        .iter()
        .map(|test| format!("`{}`", test.name))
        .collect();
    Error::Usage {
        message: format!("`{key}` has no test `{name}`"),
        help: match names.as_slice() {
            [] => format!("declare `tests` of `{key}` in jot.toml"),
            names => format!("it has {}", report::wording::list(names)),
        },
    }
}

/// Prints the number of the round, unless silenced.
pub fn began(print: &Print, round: u32, rounds: Rounds) {
    print.note(&format!("round {round} of {}", rounds.runs));
}
