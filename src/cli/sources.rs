//! Sources in git repositories, fetched before they are used.

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

/// Sources that this process fetched: it resolves a branch only once, so that a command sees one
/// commit.
static FETCHED: Mutex<Checkouts> = Mutex::new(Checkouts::new());

/// Fetches the git sources of the selected functions concurrently.
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
        message: "jot has no cache folder for fetched git sources".to_owned(),
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

/// The selected functions by whether their sources are on this machine, and the cached sources;
/// sends no request.
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

/// The sources that are available without a request.
#[derive(Debug, Default)]
pub struct AtHand {
    /// Keys of functions with all sources on this machine.
    pub here: Vec<String>,
    /// Keys of functions with sources that git has to fetch.
    pub absent: Vec<String>,
    pub checkouts: Checkouts,
}
