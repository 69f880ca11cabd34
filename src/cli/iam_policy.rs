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

/// Characters of all inline policies of a role together.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const INLINE: usize = 10_240;

/// Prints the least IAM policy that this jot.toml and target need, as JSON.
///
/// Sends no request. The account is `*` in ARNs unless `aws.account_id` names it, the region that
/// of jot.toml or of AWS_REGION. Print it again before an apply that needs more, and after one that
/// needs less: what a key that left jot.toml needs to be taken back is in the policy from before.
/// `jot bench` makes copies of functions under names of their own, which no policy here allows.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct IamPolicy {
    /// For the commands that only look, such as plan and status.
    #[arg(long, conflicts_with = "apply")]
    plan: bool,
    /// For all commands but `jot prune`, among them apply, invoke, logs and destroy: the default.
    #[arg(long)]
    apply: bool,
    /// For all commands, `jot prune` too: it reads what all functions of the region run.
    #[arg(long, conflicts_with_all = ["plan", "apply"])]
    prune: bool,
    /// Also what `jot apply --images-from TARGET` needs of that target's repository.
    #[arg(long, value_name = "TARGET")]
    images_from: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  jot iam-policy > apply.json
  jot iam-policy --plan --target prod > plan.json";

/// Reads the manifest, and prints what it needs.
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
            "The policy has {characters} characters. A managed policy holds {CHARACTERS}, all inline policies of a role \
             together {INLINE}: divide its statements among several managed policies."
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
