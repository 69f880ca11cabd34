//! `jot iam-policy`.

use std::process::ExitCode;

use clap::Args;

use super::{
    Error, Global,
    output::{self, Print},
    supply, wanted,
};
use crate::{
    model::desired::Supply,
    rights::{self, CHARACTERS, Stage},
};

/// Total length of all inline policies of a role, in characters.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const INLINE: usize = 10_240;

/// Prints the smallest IAM policy for this jot.toml and target, as JSON.
///
/// Sends no request. ARNs have `*` for the account unless `aws.account_id` is set, and the region
/// of jot.toml or AWS_REGION. Print the policy again before an apply that needs more, and after one
/// that needs less: the earlier policy also covers the removal of what a deleted key had set up.
/// `jot bench` copies functions under names of its own, which this policy does not allow.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct IamPolicy {
    /// For read-only commands, such as plan and status
    #[arg(long, conflicts_with = "apply")]
    plan: bool,
    /// For all commands except `jot prune`: apply, invoke, logs, destroy and the others (the
    /// default)
    #[arg(long)]
    apply: bool,
    /// For all commands including `jot prune`, which reads all functions of the region
    #[arg(long, conflicts_with_all = ["plan", "apply"])]
    prune: bool,
    /// Include what `jot apply --images-from TARGET` needs in that target's repository
    #[arg(long, value_name = "TARGET")]
    images_from: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  jot iam-policy > apply.json
  jot iam-policy --plan --target prod > plan.json";

/// Reads the manifest, and prints its policy.
pub fn iam_policy(global: &Global, arguments: &IamPolicy) -> Result<ExitCode, Error> {
    let print = Print::new(global);
    let loaded = wanted::load(global)?;
    let mut desired = wanted::names_offline(&loaded)?;
    if let Some(target) = &arguments.images_from {
        let source = wanted::names_offline(&supply::other(&loaded, target)?)?;
        desired.supply = Supply::Target(Box::new(source));
    }
    let stage = match () {
        () if arguments.plan => Stage::Plan,
        () if arguments.prune => Stage::Prune,
        () => Stage::Apply,
    };
    let policy = rights::policy(&desired, stage);
    for unknown in rights::unknown(&desired) {
        print.note(&unknown);
    }
    let characters = policy.characters();
    if characters > CHARACTERS {
        print.note(&format!(
            "The policy has {characters} characters. A managed policy holds at most {CHARACTERS}, \
                all inline policies of a role together {INLINE}: split its statements into several \
                managed policies."
        ));
    }
    output::print(&format!("{:#}\n", policy.document()))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_are_permitted_where_they_are_asked_for() {
        assert_eq!(crate::rights::MANY, crate::observe::MANY);
    }
}
