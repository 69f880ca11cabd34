//! The releases that an alias records.

use crate::model::{
    Function,
    observed::{FunctionState, LATEST},
    release::Releases,
    traffic::{LONG_MIN, Traffic},
};

use super::{
    builder::PlanBuilder,
    context::{FunctionContext, is},
};

/// The releases so far, limited to the number of kept versions.
///
/// Where the alias records none, the version with all traffic is one. A version is no longer held
/// once another one is released.
pub(super) fn before(context: &FunctionContext) -> Releases {
    let Some(alias) = &context.found.alias else {
        return Releases::default();
    };
    let recorded = alias.releases();
    let mut versions = recorded.map_or_else(Vec::new, |record| record.versions);
    if versions.is_empty() && alias.version != LATEST && alias.weights.is_empty() {
        versions.push(alias.version.clone());
    }
    // The version to be released comes before them.
    let keep = context.wanted.deploy.keep_versions.max(2) as usize;
    versions.truncate(keep - 1);
    Releases {
        versions,
        ..Releases::default()
    }
}

/// The traffic shift of a new version; a note if the manifest asks for one that is impossible.
pub(super) fn steps(context: &FunctionContext, builder: &mut PlanBuilder) -> Option<Traffic> {
    let wanted = context.wanted;
    let traffic = wanted.deploy.traffic.as_ref()?;
    let why = match (&context.found.alias, &context.found.live) {
        (None, _) => "it is the first release",
        (Some(alias), _) if alias.version == LATEST => "its alias points at $LATEST",
        (_, None) => "the version with the traffic no longer exists",
        (_, Some(live)) if !is(&context.role.arn, Some(&live.role)) => {
            "Lambda cannot split traffic between versions with different roles"
        }
        (_, Some(live)) if dead_letter(wanted, live) => {
            "Lambda cannot split traffic between versions with different dead letter targets"
        }
        _ => {
            let minutes = traffic.minutes(wanted.timeout_s());
            if minutes > LONG_MIN {
                builder.notes.push(format!(
                    "function {}: its traffic steps take {minutes} minutes, and the credentials \
                     must last as long",
                    wanted.name
                ));
            }
            return Some(traffic.clone());
        }
    };
    builder.notes.push(format!(
        "function {}: all traffic at once, without steps: {why}",
        wanted.name
    ));
    None
}

/// Whether the wanted dead letter queue differs from this version's.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html>
fn dead_letter(wanted: &Function, live: &FunctionState) -> bool {
    let given = wanted.config.dead_letter.as_ref();
    given.is_some_and(|given| *given != live.config.dead_letter)
}
