//! The order of functions that call each other: the called function comes first.

use std::collections::BTreeSet;

use crate::model::{
    Desired, Function,
    reach::{Asynchronous, Destination},
};

/// The items in their order, except that a function that receives others' results comes before
/// these.
///
/// In a cycle, which a manifest may allow, the first item comes first.
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

/// Whether a function sends its results to a function that is not planned yet: the two form a
/// cycle, or it leads to one.
pub(super) fn closes_a_circle(
    function: &Function,
    desired: &Desired,
    planned: &BTreeSet<&str>,
) -> bool {
    let is_open = |key: &str| desired.functions.contains_key(key) && !planned.contains(key);
    called(function).any(is_open)
}

/// The keys of the functions that receive a function's results, itself excluded.
fn called(function: &Function) -> impl Iterator<Item = &str> {
    let outcomes = function.reach.asynchronous.iter();
    let destinations = outcomes.flat_map(Asynchronous::destinations);
    let keys = destinations.filter_map(|to| match to {
        Destination::Function { key, .. } => Some(key.as_str()),
        Destination::Arn(_) | Destination::From { .. } => None,
    });
    keys.filter(|key| *key != function.key)
}
