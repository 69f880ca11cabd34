//! Sources in git repositories: fetched before anything is made of them.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
};

use super::Error;
use crate::{
    manifest::Loaded,
    model::{Checkout, Checkouts, GitSource},
    recipe,
    remote::git,
};

/// What was fetched in this run: a branch is asked for once, so that all that a command does is about one commit.
static FETCHED: Mutex<Checkouts> = Mutex::new(Checkouts::new());

/// The sources of the selected functions that are in git repositories, fetched side by side.
pub fn fetched(
    loaded: &Loaded,
    select: &[String],
    cache: Option<&Path>,
) -> Result<Checkouts, Error> {
    let sources = recipe::sources(loaded, select)?;
    let sources: BTreeSet<GitSource> = sources.into_values().flatten().collect();
    if sources.is_empty() {
        return Ok(Checkouts::new());
    }
    let cache = cache.ok_or_else(|| Error::Usage {
        message: "there is no folder to keep what git fetches in".to_owned(),
        help: "set HOME or XDG_CACHE_HOME".to_owned(),
    })?;
    let mut known = FETCHED.lock().unwrap_or_else(PoisonError::into_inner);
    let found = thread::scope(|scope| {
        let new = sources.iter().filter(|source| !known.contains_key(source));
        let started: Vec<_> = new
            .map(|source| (source, scope.spawn(|| git::checkout(source, cache))))
            .collect();
        let ended = started.into_iter().map(|(source, thread)| {
            let found = thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok((source.clone(), found?))
        });
        ended.collect::<Result<Vec<(GitSource, Checkout)>, Error>>()
    })?;
    known.extend(found);
    Ok(known.clone())
}

/// Which of the selected functions have all of their sources on this machine, and which have not, by key; and those sources that
/// are in jot's cache. Asks nobody.
pub fn at_hand(loaded: &Loaded, select: &[String], cache: Option<&Path>) -> Result<AtHand, Error> {
    let mut all = AtHand::default();
    for (key, source) in recipe::sources(loaded, select)? {
        let Some(source) = source else {
            all.here.push(key);
            continue;
        };
        match cache.and_then(|cache| git::cached(&source, cache)) {
            Some(checkout) => {
                all.here.push(key);
                all.checkouts.insert(source, checkout);
            }
            None => all.absent.push(key),
        }
    }
    Ok(all)
}

/// What can be looked at without a request.
#[derive(Debug, Default)]
pub struct AtHand {
    /// Keys of functions.
    pub here: Vec<String>,
    /// Keys of functions whose sources git would have to fetch.
    pub absent: Vec<String>,
    /// What git has fetched before.
    pub checkouts: Checkouts,
}
