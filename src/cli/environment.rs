//! Settings from the environment of this process.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use jiff::Timestamp;

use crate::{apply, model::Secret};

/// Length of AWS's shortest secret key.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html>
const SHORTEST_KEY: usize = 16;

/// The region in AWS_REGION or AWS_DEFAULT_REGION.
pub fn region() -> Option<String> {
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let mut set = named.iter().filter_map(|name| std::env::var(name).ok());
    set.find(|region| !region.is_empty())
}

/// jot's cache folder; `None` if the environment has no home.
pub fn cache_folder() -> Option<PathBuf> {
    cache(&environment())
}

/// jot's cache folder: `$XDG_CACHE_HOME/jot`, else `~/.cache/jot`.
/// <https://specifications.freedesktop.org/basedir-spec/latest/>
pub fn cache(environment: &BTreeMap<String, Secret>) -> Option<PathBuf> {
    let folder = |name: &str| {
        let path = PathBuf::from(environment.get(name)?.reveal());
        path.is_absolute().then_some(path)
    };
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    caches.map(|caches| caches.join("jot"))
}

/// The environment of this process; all values count as secret, because some are.
pub fn environment() -> BTreeMap<String, Secret> {
    let text = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((
            key.into_string().ok()?,
            Secret::new(value.into_string().ok()?),
        ))
    };
    let environment: BTreeMap<String, Secret> = std::env::vars_os().filter_map(text).collect();
    let keys = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let keys = keys.iter().filter_map(|name| environment.get(*name));
    // Shorter keys are dummies for emulators: words such as `test`.
    keys.filter(|key| key.reveal().len() >= SHORTEST_KEY)
        .for_each(Secret::guard);
    environment
}

/// The time in UTC, to the second.
pub fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The length of a minute of traffic steps; tests shorten it with JOT_MINUTE_MS.
pub fn minute() -> Duration {
    let given = std::env::var("JOT_MINUTE_MS").ok();
    let given = given.and_then(|text| text.parse().ok());
    given.map_or(apply::MINUTE, Duration::from_millis)
}
