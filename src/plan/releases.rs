//! What an alias records of its releases.

use crate::model::{
    Function,
    observed::{FunctionState, LATEST},
    release::Releases,
    traffic::{LONG_MIN, Traffic},
};

use super::{
    draft::Draft,
    site::{Site, is},
};

/// The releases so far, of which as many are kept as versions. Where the alias records none it is the version that has all
/// traffic. What was held is not any more once another version is released.
pub(super) fn before(site: &Site) -> Releases {
    let Some(alias) = &site.found.alias else {
        return Releases::default();
    };
    let recorded = alias.releases();
    let mut versions = recorded.map_or_else(Vec::new, |record| record.versions);
    if versions.is_empty() && alias.version != LATEST && alias.weights.is_empty() {
        versions.push(alias.version.clone());
    }
    // The version that is released comes before them.
    let keep = site.wanted.deploy.keep_versions.max(2) as usize;
    versions.truncate(keep - 1);
    Releases {
        versions,
        ..Releases::default()
    }
}

/// The steps in which a new version takes traffic; a note where the manifest asks for some and there are none.
pub(super) fn steps(site: &Site, draft: &mut Draft) -> Option<Traffic> {
    let wanted = site.wanted;
    let traffic = wanted.deploy.traffic.as_ref()?;
    let why = match (&site.found.alias, &site.found.live) {
        (None, _) => "it is the first release",
        (Some(alias), _) if alias.version == LATEST => "its alias points at $LATEST",
        (_, None) => "the version that has the traffic is gone",
        (_, Some(live)) if !is(&site.role.arn, Some(&live.role)) => {
            "Lambda divides no traffic among versions of several roles"
        }
        (_, Some(live)) if dead_letter(wanted, live) => {
            "Lambda divides no traffic among versions of several dead letter targets"
        }
        _ => {
            let minutes = traffic.minutes(wanted.timeout_s());
            if minutes > LONG_MIN {
                draft.notes.push(format!(
                    "function {}: its traffic steps take {minutes} minutes, and the credentials must last as long",
                    wanted.name
                ));
            }
            return Some(traffic.clone());
        }
    };
    draft.notes.push(format!(
        "function {}: all traffic at once, without steps: {why}",
        wanted.name
    ));
    None
}

/// Whether what is wanted sends failed events elsewhere than this version.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html>
fn dead_letter(wanted: &Function, live: &FunctionState) -> bool {
    let given = wanted.config.dead_letter.as_ref();
    given.is_some_and(|given| *given != live.config.dead_letter)
}
