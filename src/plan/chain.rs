//! The order of functions that lead to one another: those that are called come first.

use std::collections::BTreeSet;

use crate::model::{
    Function,
    reach::{Asynchronous, Destination},
};

/// The items in their order, except that a function which others call with their outcomes comes before these. The
/// manifest has no circles.
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

/// The keys of the functions that a function calls with its outcomes, itself excluded.
fn called(function: &Function) -> impl Iterator<Item = &str> {
    let outcomes = function.reach.asynchronous.iter();
    let destinations = outcomes.flat_map(Asynchronous::destinations);
    let keys = destinations.filter_map(|to| match to {
        Destination::Function { key, .. } => Some(key.as_str()),
        Destination::Arn(_) => None,
    });
    keys.filter(|key| *key != function.key)
}
