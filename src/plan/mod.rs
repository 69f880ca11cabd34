//! The pure planner: from desired and observed to ordered steps with reasons.
//!
//! No clock, no environment, no I/O.

mod adopt;
mod attribution;
mod bases;
mod builder;
mod chain;
mod clean;
mod concurrency;
mod context;
mod destroy;
mod diff;
mod environment;
mod error;
mod failed;
mod found;
mod function;
mod gate;
mod held;
mod images;
mod inputs;
mod latest;
mod local;
mod logs;
pub mod managed;
mod moved;
mod ownership;
mod parts;
mod policy;
mod promotion;
mod prune;
mod push;
mod reach;
mod reasons;
mod record;
mod recursion;
mod releases;
mod removal;
mod replaced;
mod repository;
mod role;
mod rollback;
mod runtime_update;
mod scheduler;
mod stays;
mod stock;
mod tags;
mod taken;
mod traffic;
mod undeclared;
mod unknown;
mod untested;
mod unverified;
mod used;

pub use adopt::{adopt, take};
pub use clean::clean;
pub use destroy::{Scope, destroy};
pub use error::Error;
pub use local::{Local, local};
pub use prune::prune;
pub use rollback::{returns_to, rollback};
pub use unverified::unverified;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Desired, Observed, Plan, StepId, plan::Purpose};
use builder::PlanBuilder;
use context::FunctionContext;
use found::found;
use record::Record;
use stock::Stock;

/// The steps from observed to desired; none if they agree.
///
/// # Errors
///
/// A resource of the same name belongs to another owner; Docker is needed and absent, or of another
/// platform; a named role does not exist; a function has another package type and must not be
/// replaced; a function is protected and would be deleted; an environment is too large; builds are
/// not allowed, and ECR lacks what a function runs; the target that images are copied from has
/// other fingerprints, or lacks them too.
pub fn plan(desired: &Desired, observed: &Observed) -> Result<Plan, Error> {
    let desired = &*desired.with_values(&observed.references);
    ownership::check(desired, observed)?;
    environment::check(desired, observed)?;
    promotion::check(desired)?;
    let seen = observed;
    let (again, observed) = replaced::functions(desired, observed)?;
    let observed = &*observed;
    let mut builder = PlanBuilder::default();
    let functions = desired.functions.values();
    let roles = functions
        .clone()
        .map(|wanted| role::plan(wanted, found(observed, &wanted.key), &mut builder))
        .collect::<Result<Vec<_>, _>>()?;
    let repository = repository::plan(desired, observed, &mut builder);
    let logs: Vec<_> = functions
        .clone()
        .map(|wanted| logs::plan(wanted, found(observed, &wanted.key), &mut builder))
        .collect();
    let stock = Stock { desired, observed };
    images::plan(stock, repository.as_ref(), &mut builder)?;
    images::note_layers(desired, &mut builder);
    let scheduled = scheduler::begin(desired, observed, &mut builder)?;
    let mut settled = BTreeMap::new();
    let mut planned = BTreeSet::new();
    let mut later = Vec::new();
    let each = functions.zip(roles).zip(logs);
    for ((wanted, role), logs) in chain::ordered(each.collect(), |((wanted, _), _)| wanted) {
        let found = found(observed, &wanted.key);
        let context = FunctionContext {
            wanted,
            inputs: inputs::of(desired, wanted),
            record: Record::of(found.latest.as_ref()),
            again: again.get(wanted.key.as_str()),
            repository_wanted: &desired.repository,
            found,
            digest: images::digest(stock, wanted)?,
            shifting: held::shifting(observed, found),
            held: held::held(desired, wanted, found),
            role,
            repository: repository.clone(),
            logs,
        };
        let done = function::plan(&context, &mut builder);
        planned.insert(wanted.key.as_str());
        if reach::has_alias(&context, &builder) {
            settled.insert(wanted.key.as_str(), done.clone());
        }
        let around = reach::Around::new(desired, observed, (&settled, &scheduled));
        let granted = reach::grant(&context, &around, &done, &mut builder);
        // Functions in a cycle call each other once all of them have their aliases, and a bucket
        // may belong to several functions.
        if chain::closes_a_circle(wanted, desired, &planned) || reach::touches_a_bucket(&context) {
            later.push((context, done, granted));
            continue;
        }
        let pushed: Vec<StepId> = granted.into_iter().collect();
        reached(&context, &around, (done, &pushed), &mut builder);
    }
    let around = reach::Around::new(desired, observed, (&settled, &scheduled));
    notify(later, &around, &mut builder)?;
    moved::plan(desired, observed, &mut builder)?;
    undeclared::plan(desired, observed, &mut builder);
    scheduler::end(desired, observed, scheduler::Goal::Desired, &mut builder);
    unverified::note(desired, seen, &mut builder);
    untested::note(desired, &mut builder);
    Ok(builder.finish(desired, observed, Purpose::Apply))
}

/// Event sources and destinations, and the last steps, once the function itself is `settled`.
///
/// `pushed` are the steps that let other services call it.
fn reached(
    context: &FunctionContext,
    around: &reach::Around,
    (settled, pushed): (Vec<StepId>, &[StepId]),
    builder: &mut PlanBuilder,
) {
    let steps = reach::plan(context, around, (&settled, pushed), builder);
    let done = settled.into_iter().chain(steps).collect();
    function::finish(context, done, builder);
}

/// Plans functions that buckets notify, given the steps so far and the one that lets S3 call them.
///
/// The buckets come first, because several functions may share one, then all that follows.
///
/// # Errors
///
/// See [`reach::buckets`].
fn notify(
    functions: Vec<(FunctionContext, Vec<StepId>, Option<StepId>)>,
    around: &reach::Around,
    builder: &mut PlanBuilder,
) -> Result<(), Error> {
    let parts = functions
        .iter()
        .map(|(context, done, granted)| reach::Part {
            context,
            after: done.clone(),
            granted: granted.clone(),
        });
    let called = |part: &reach::Part| {
        !part.context.found.from_tags && reach::has_alias(part.context, builder)
    };
    let parts: Vec<reach::Part> = parts.filter(called).collect();
    let buckets = reach::buckets(&parts, around, builder)?;
    for (context, done, granted) in functions {
        let theirs = reach::buckets_of(&context);
        let theirs = buckets
            .iter()
            .filter(|(name, _)| theirs.contains(name.as_str()));
        let theirs = theirs.map(|(_, step)| step);
        let pushed: Vec<StepId> = granted.iter().chain(theirs).cloned().collect();
        reached(&context, around, (done, &pushed), builder);
    }
    Ok(())
}
