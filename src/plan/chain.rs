//! The order of functions that lead to one another: those that are called come first.

use std::collections::BTreeSet;

use crate::model::{
    Desired, Function,
    reach::{Asynchronous, Destination},
};

/// The items in their order, except that a function which others call with their outcomes comes before these. Of
/// a circle, which a manifest may allow, the one that stands first comes first.
pub(super) fn ordered<'a, T>(items: Vec<T>, function: impl Fn(&T) -> &'a Function) -> Vec<T> {
    let mut waiting = items;
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let keys: BTreeSet<&str> = waiting
            .iter()
            .map(|item| function(item).key.as_str())
            .collect();
        let is_ready = |item: &T| called(function(item)).all(|key| !keys.contains(key));
        let next = waiting.iter().position(is_ready).unwrap_or_default();
        ordered.push(waiting.remove(next));
    }
    ordered
}

/// Whether a function calls another one with its outcomes that is not among those planned so far: the two stand in a circle, or
/// it leads to one.
pub(super) fn closes_a_circle(
    function: &Function,
    desired: &Desired,
    planned: &BTreeSet<&str>,
) -> bool {
    let is_open = |key: &str| desired.functions.contains_key(key) && !planned.contains(key);
    called(function).any(is_open)
}

/// The keys of the functions that a function calls with its outcomes, itself excluded.
fn called(function: &Function) -> impl Iterator<Item = &str> {
    let outcomes = function.reach.asynchronous.iter();
    let destinations = outcomes.flat_map(Asynchronous::destinations);
    let keys = destinations.filter_map(|to| match to {
        Destination::Function { key, .. } => Some(key.as_str()),
        Destination::Arn(_) | Destination::From { .. } => None,
    });
    keys.filter(|key| *key != function.key)
}
