//! Rules for the network, file systems, and resources that must be in the function's region.

use serde_json::json;

use crate::manifest::{at::At, error::Problems};

/// Adds conflicts between a function's network, its file systems, and the region.
pub(super) fn check(function: &At, region: Option<&At>, problems: &mut Problems) {
    vpc(function, problems);
    file_systems(function, problems);
    for key in ["kms_key", "dead_letter", "runtime_update"] {
        if let Some(arn) = function.get(key) {
            of_region(&arn, region, problems);
        }
    }
    let layers = function.get("layers").map(|all| all.items());
    for (_, layer) in layers.unwrap_or_default() {
        of_region(&layer, region, problems);
    }
    let mounted = function.get("file_systems");
    for (_, mounted) in mounted.map(|all| all.items()).unwrap_or_default() {
        if let Some(arn) = mounted.get("arn") {
            of_region(&arn, region, problems);
        }
    }
}

/// Whether the function is attached to a network.
pub(super) fn attached(function: &At) -> bool {
    let vpc = function.get("vpc");
    vpc.is_some_and(|vpc| filled(&vpc, "subnets") && filled(&vpc, "security_groups"))
}

fn filled(vpc: &At, key: &str) -> bool {
    vpc.get(key).is_some_and(|list| !list.items().is_empty())
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
fn vpc(function: &At, problems: &mut Problems) {
    let Some(vpc) = function
        .get("vpc")
        .filter(|vpc| vpc.node.entries().is_some())
    else {
        return;
    };
    ipv6(&vpc, problems);
    let lacks = match (filled(&vpc, "subnets"), filled(&vpc, "security_groups")) {
        (true, false) => "security_groups",
        (false, true) => "subnets",
        _ => return,
    };
    let message = format!("`{}` needs `{lacks}`", vpc.name());
    let help = format!(
        "Lambda needs both subnets and security groups: add `{lacks}`, or leave both empty for no \
            network"
    );
    problems.add(vpc.wrong_key(message, "incomplete").help(help));
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6>
fn ipv6(vpc: &At, problems: &mut Problems) {
    let wanted = |at: &At| at.node.to_json() == json!(true);
    let Some(ipv6) = vpc.get("ipv6").filter(wanted) else {
        return;
    };
    if filled(vpc, "subnets") || filled(vpc, "security_groups") {
        return;
    }
    let message = format!(
        "`{}` is set, but `{}` has no subnets",
        ipv6.name(),
        vpc.name()
    );
    problems.add(ipv6.wrong(message, "needs subnets").help(
        "the addresses come from dual-stack subnets: add `subnets` and \
                `security_groups`, or remove `ipv6`",
    ));
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html>
fn file_systems(function: &At, problems: &mut Problems) {
    let Some(all) = function.get("file_systems") else {
        return;
    };
    if all.items().is_empty() || attached(function) {
        return;
    }
    // Half a network is a problem of its own.
    let half = function.get("vpc");
    if half.is_some_and(|vpc| filled(&vpc, "subnets") || filled(&vpc, "security_groups")) {
        return;
    }
    let message = format!("`{}` needs a network", all.name());
    problems.add(all.wrong_key(message, "needs `vpc`").help(
        "Lambda mounts file systems over a VPC: add `vpc` with subnets and security \
                groups that reach them",
    ));
}

/// Lambda uses queues, topics, keys and file systems of its own region only.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq>
pub(super) fn of_region(arn: &At, region: Option<&At>, problems: &mut Problems) {
    let (Some(text), Some(region)) = (arn.node.text(), region) else {
        return;
    };
    let (Some(arn_region), Some(own_region)) = (text.split(':').nth(3), region.node.text()) else {
        return;
    };
    if arn_region.is_empty() || arn_region == own_region {
        return;
    }
    let message = format!(
        "`{}` is in region {arn_region}, but the function is in {own_region}",
        arn.name()
    );
    let finding = arn
        .wrong(message, "another region")
        .other(region.span(), "the function's region");
    problems.add(finding.help(format!(
        "use one in {own_region}; each target can set its own"
    )));
}
