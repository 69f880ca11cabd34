//! The profile in the AWS configuration files that a run uses.
//!
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>

use std::{env, path::PathBuf};

use aws_config::profile::{self, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};

use crate::remote::Error;

/// Name of the default profile.
const DEFAULT: &str = "default";
/// How many names of profiles an error lists.
const LISTED: usize = 10;
/// Similarity of names, from 0 to 1, from which one is suggested for the other.
const ALIKE: f64 = 0.75;

/// What selected the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    /// The key `aws.profile` in jot.toml.
    Manifest,
    /// The environment variable `AWS_PROFILE`.
    Environment,
    /// Neither: `default`, which need not exist.
    Default,
}

/// The source of a profile's first credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Access keys in a file.
    Keys,
    /// A program, by `credential_process`.
    Process,
    /// A session of IAM Identity Center.
    Sso,
    /// A session of `aws login`.
    Login,
    /// A token of an OpenID Connect provider in a file.
    WebIdentity,
    /// `credential_source`, by its value.
    Source(String),
    /// None in the files.
    Nothing,
}

/// A profile, and its files.
#[derive(Clone, Debug)]
pub(in crate::remote) struct Profile {
    pub(super) name: String,
    pub(super) chosen: Chosen,
    set: ProfileSet,
}

impl Profile {
    /// The profile that the manifest names, else `AWS_PROFILE`, else `default`.
    ///
    /// # Errors
    ///
    /// [`Error::Credentials`] where a named one does not exist, or the files cannot be read.
    pub(in crate::remote) async fn choose(manifest: Option<&str>) -> Result<Self, Error> {
        let named = |name: String, chosen| (name, chosen);
        let (name, chosen) = manifest
            .map(|name| named(name.to_owned(), Chosen::Manifest))
            .or_else(|| variable("AWS_PROFILE").map(|name| named(name, Chosen::Environment)))
            .unwrap_or_else(|| named(DEFAULT.to_owned(), Chosen::Default));
        let read = profile::load(&Fs::real(), &Env::real(), &Default::default(), None).await;
        let set = match read {
            Ok(set) => set,
            Err(_) if chosen == Chosen::Default => ProfileSet::default(),
            Err(cause) => return Err(unreadable(&name, &cause)),
        };
        if name != DEFAULT && set.get_profile(&name).is_none() {
            return Err(missing(&name, chosen, &set));
        }
        Ok(Self { name, chosen, set })
    }

    /// A key of the profile itself.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.set.get_profile(&self.name)?.get(key)
    }

    /// The profiles that provide credentials in turn: this one first, each with the one after it as
    /// its source.
    fn sources(&self) -> Vec<&str> {
        let mut names = vec![self.name.as_str()];
        while let Some(profile) = names.last().and_then(|name| self.set.get_profile(name)) {
            let assumes = profile.get("role_arn").is_some()
                && profile.get("web_identity_token_file").is_none();
            match profile.get("source_profile") {
                Some(next) if assumes && !names.contains(&next) => names.push(next),
                _ => break,
            }
        }
        names
    }

    /// Whether a role is assumed, and the source of the first credentials.
    pub(super) fn kind(&self) -> (bool, Base) {
        let names = self.sources();
        let last = names.last().and_then(|name| self.set.get_profile(name));
        let Some(last) = last else {
            return (names.len() > 1, Base::Nothing);
        };
        let has = |key: &str| last.get(key).is_some();
        let base = match last.get("credential_source") {
            Some(source) => Base::Source(source.to_owned()),
            None if names.len() > 1 && has("aws_access_key_id") => Base::Keys,
            None if has("web_identity_token_file") => Base::WebIdentity,
            None if has("sso_session") || has("sso_start_url") => Base::Sso,
            None if has("login_session") => Base::Login,
            None if has("credential_process") => Base::Process,
            None if has("aws_access_key_id") => Base::Keys,
            None => Base::Nothing,
        };
        let assumes = has("role_arn") && base != Base::WebIdentity;
        (names.len() > 1 || assumes, base)
    }

    /// The first profile in use with a role that requires a one-time password, and the device's
    /// serial number.
    pub(super) fn mfa(&self) -> Option<(&str, &str)> {
        let wants = |name: &&str| {
            let profile = self.set.get_profile(name)?;
            profile.get("role_arn")?;
            profile.get("mfa_serial")
        };
        let names = self.sources();
        names
            .into_iter()
            .find_map(|name| Some((name, wants(&name)?)))
    }
}

/// A variable of the environment that is not empty.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where the AWS CLI looks for profiles.
fn files() -> [String; 2] {
    let file = |name: &str, usual: &str| {
        let home = || variable("HOME").map_or_else(|| PathBuf::from("~"), PathBuf::from);
        let path = variable(name).map_or_else(|| home().join(usual), PathBuf::from);
        path.display().to_string()
    };
    [
        file("AWS_CONFIG_FILE", ".aws/config"),
        file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
    ]
}

fn unreadable(name: &str, cause: &dyn std::fmt::Display) -> Error {
    let [config, credentials] = files();
    Error::Credentials {
        message: format!("the profile `{name}` cannot be read: {cause}"),
        help: format!("check {config} and {credentials}"),
    }
}

fn missing(name: &str, chosen: Chosen, set: &ProfileSet) -> Error {
    let [config, credentials] = files();
    let by = match chosen {
        Chosen::Manifest => "`aws.profile` in jot.toml",
        _ => "AWS_PROFILE",
    };
    Error::Credentials {
        message: format!(
            "the profile `{name}`, which {by} names, does not exist in {config} or {credentials}"
        ),
        help: existing(name, set.profiles().collect()),
    }
}

/// The existing profiles, for the error about a missing one.
fn existing(name: &str, mut names: Vec<&str>) -> String {
    names.sort_unstable();
    let alike = |other: &&&str| strsim::jaro_winkler(name, other);
    let nearest = names
        .iter()
        .filter(|other| alike(other) >= ALIKE)
        .max_by(|one, two| alike(one).total_cmp(&alike(two)));
    let nearest = nearest.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let more = names.len().saturating_sub(LISTED);
    let listed: Vec<String> = names.iter().map(|one| format!("`{one}`")).collect();
    let listed = listed[..listed.len().min(LISTED)].join(", ");
    match (names.is_empty(), more) {
        (true, _) => {
            "the files have no profile; `aws configure sso`, `aws login` or `aws configure` \
             creates one"
                .to_owned()
        }
        (false, 0) => format!("{nearest}the profiles are {listed}"),
        (false, more) => format!("{nearest}the profiles are {listed} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exists_is_listed_and_what_is_near_comes_first() {
        assert_eq!(
            existing("prd", vec!["staging", "prod"]),
            "did you mean `prod`? the profiles are `prod`, `staging`"
        );
        assert!(existing("x", Vec::new()).starts_with("the files have no profile"));
        let many: Vec<String> = (0..12).map(|n| format!("p{n:02}")).collect();
        let help = existing("zzz", many.iter().map(String::as_str).collect());
        assert!(help.ends_with("`p09` and 2 more"), "{help}");
    }
}
