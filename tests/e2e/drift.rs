//! Every drift is reported with its reason, corrected by the steps that it needs and no others, and
//! gone afterwards.

use crate::{
    by_hand::{FUNCTION, Somebody},
    story::{expect, json},
    support::{Project, Stack},
};

const MANIFEST: &str = r#"
[functions.increment-vector]
memory_mb = 512
environment = { LOG_LEVEL = "info" }
logging = { retention_days = 30 }
tags = { team = "numerics" }
policies = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
julia = { source = "increment_vector.jl", argument_type = "Vector{Int}", version = "1.5" }
tests = [{ argument = [1, 2, 3], expected = [2, 3, 4] }]
"#;

#[test]
fn each_drift_is_told_and_put_right() {
    let stack = Stack::start();
    let project = Project::new(&stack, "drift");
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    project.manifest(MANIFEST);
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let somebody = Somebody::new(&stack, &project.name);
    let drift = |name: &str, happens: &dyn Fn()| {
        happens();
        put_right(&project, name);
    };

    drift("responder_changed", &|| {
        project.write("increment_vector.jl", "increment_vector(v) = v .+ 2 .- 1\n");
    });
    drift("memory_changed_by_hand", &|| somebody.sets_memory(1024));
    drift("variable_added_by_hand", &|| {
        somebody.adds_a_variable("DEBUG", "1");
    });
    drift("tag_removed", &|| somebody.removes_the_tag("team"));
    drift("policy_detached", &|| {
        somebody.detaches_the_policy("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
    });
    drift("alias_moved_by_hand", &|| somebody.points_the_alias_at("1"));
    drift("alias_at_latest", &|| {
        somebody.points_the_alias_at("$LATEST")
    });
    drift("alias_at_latest_and_responder_changed", &|| {
        somebody.points_the_alias_at("$LATEST");
        project.write("increment_vector.jl", "increment_vector(v) = v .+ 3 .- 2\n");
    });
    drift("leftover_weights", &|| somebody.gives_weight_to("1"));
    drift("retention_changed", &|| somebody.sets_the_retention(7));
    drift("repository_policy_removed", &|| {
        somebody.removes_the_repository_policy();
    });
    drift("image_deleted", &|| somebody.deletes_the_image());
    drift("another_image_under_the_same_tag", &|| {
        somebody.pushes_another_image_under_the_same_tag();
    });
    drift("memory_changed_on_both_sides", &|| {
        somebody.sets_memory(1024);
        project.manifest(&MANIFEST.replace("512", "640"));
    });
    drift("memory_by_hand_and_log_level_in_the_manifest", &|| {
        somebody.sets_memory(1024);
        let manifest = MANIFEST.replace("512", "640").replace("info", "debug");
        project.manifest(&manifest);
    });
    drift("function_deleted", &|| somebody.deletes_the_function());
}

/// Compares the whole plan with the reviewed one, executes it, and asserts that nothing remains to
/// do.
fn put_right(project: &Project, name: &str) {
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    let document = json(&expect(project.run(&["plan", "--format", "json"]), 0));
    let text = format!("{}\n{}", plan.stdout, causes(&document));
    insta::assert_snapshot!(name, stable(&text, &project.name));
    expect(project.run(&["apply", "--yes"]), 0);
    let again = expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    assert!(again.stdout.contains("No changes."), "{}", again.stdout);
}

/// The cause of every change, as programs read it.
fn causes(document: &serde_json::Value) -> String {
    let steps = document["steps"].as_array().into_iter().flatten();
    let changes = steps.flat_map(|step| step["changes"].as_array().into_iter().flatten());
    let cause = |change: &serde_json::Value| format!("{}: {}\n", change["field"], change["cause"]);
    changes.map(cause).collect::<String>().replace('"', "")
}

/// The text without what differs from run to run.
fn stable(text: &str, project: &str) -> String {
    let text = text.replace(project, "numerics");
    let text = masked(&text, &format!("jot-{FUNCTION}-"), 8);
    masked(&text, "sha256:", 12)
}

/// The text with this many hex digits after each `before` masked.
fn masked(text: &str, before: &str, digits: usize) -> String {
    let mut parts = text.split(before);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let hex = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        let cut = if hex >= digits { digits } else { 0 };
        masked += before;
        masked += &"x".repeat(cut);
        masked += &part[cut..];
    }
    masked
}
