//! Rules for the role's policies and boundary: which role they apply to, how many are possible, and
//! the content of the inline policy's file.

use std::path::Path;

use super::json;
use crate::manifest::limits::{INLINE_POLICY, ROLE_POLICIES, own_policies};
use crate::manifest::{at::At, error::Problems};

/// Adds what is wrong with the policies of one function's role.
pub(super) fn check(function: &At, root: &Path, problems: &mut Problems) {
    let mut mine = true;
    for key in ["policies", "policy_file", "permissions_boundary"] {
        if let (Some(policies), Some(role)) = (function.get(key), function.get("role")) {
            of_another_role(&policies, &role, problems);
            mine = false;
        }
    }
    if mine {
        number(function, problems);
    }
    if let Some((at, path)) = function
        .text("policy_file")
        .filter(|(_, path)| !path.is_empty())
    {
        document(&at, &root.join(path), problems);
    }
}

fn of_another_role(policies: &At, role: &At, problems: &mut Problems) {
    let message = format!(
        "`{}` cannot be combined with `{}`: jot changes only roles that it created",
        policies.name(),
        role.name()
    );
    let finding = policies
        .wrong_key(message, "only for jot's role")
        .other(role.node.key_span(), "your own role");
    problems.add(finding.help(
        "remove `role`, so that jot creates one, or attach policies and boundary to the role \
            yourself",
    ));
}

fn number(function: &At, problems: &mut Problems) {
    let Some(policies) = function.get("policies") else {
        return;
    };
    let active = function
        .text("tracing")
        .is_some_and(|(_, mode)| mode == "active");
    let own = own_policies(active, super::network::attached(function));
    let count = policies.items().len();
    if count + own > ROLE_POLICIES {
        let message = format!(
            "`{}` must have at most {} policies, got {count}",
            policies.name(),
            ROLE_POLICIES - own
        );
        let help = format!(
            "IAM allows {ROLE_POLICIES} for one role (10 unless your quota was raised), and jot \
                attaches {own} itself"
        );
        problems.add(policies.wrong_key(message, "too many").help(help));
    }
}

/// Characters and size are limits of IAM,
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>; the grammar of a
/// document is at
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
fn document(at: &At, path: &Path, problems: &mut Problems) {
    const SHAPE: &str = "write one JSON object: \
        {\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \
        \"Action\": \"s3:GetObject\", \"Resource\": \"*\"}]}";
    let Some(text) = json::file(at, path, problems) else {
        return;
    };
    let Some(policy) = json::value(&text) else {
        return;
    };
    let statements = policy.get("Statement");
    let whole = statements.is_some_and(|one| one.is_array() || one.is_object());
    if !whole {
        let message = format!("`{}` is not a policy: it has no `Statement`", at.name());
        problems.add(at.wrong(message, "not a policy").help(SHAPE));
        return;
    }
    let sent = policy.to_string();
    if let Some(character) = sent.chars().find(|c| !(' '..='\u{ff}').contains(c)) {
        let message = format!(
            "`{}` contains {character:?}, which IAM does not accept",
            at.name()
        );
        problems.add(
            at.wrong(message, "not permitted")
                .help("remove it: IAM accepts characters up to U+00FF"),
        );
    }
    let size = sent.chars().filter(|c| !c.is_whitespace()).count();
    if size > INLINE_POLICY {
        let message = format!(
            "`{}` must have at most {INLINE_POLICY} characters without white space, got {size}",
            at.name()
        );
        problems.add(
            at.wrong(message, "too large")
                .help("move parts of it into managed policies, and list those in `policies`"),
        );
    }
}
