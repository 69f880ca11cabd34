//! Saved plans, and the source of images: what is refused before the first request.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{MANIFEST, command, documents, jot, project};

/// A plan as `jot plan --out` saves it.
fn plan() -> Value {
    let step = json!({
        "id": "concurrency:increment-vector", "resource": "function increment-vector",
        "action": { "kind": "set_concurrency", "function": "increment-vector", "reserved": 5 },
        "after": [], "reasons": ["reserved_concurrency changed"],
        "changes": [{ "field": "reserved_concurrency",
            "old": { "value": 4 }, "new": { "value": 5 } }],
    });
    json!({
        "saved_at": "2026-11-28T07:00:00Z",
        "plan": {
            "format_version": 1, "jot_version": env!("CARGO_PKG_VERSION"), "project": "numerics",
            "target": "prod", "account": "123456789012", "region": "eu-west-1", "purpose": "apply",
            "steps": [step], "notes": ["a note"],
        },
    })
}

fn save(folder: &Path, plan: &Value) {
    fs::write(folder.join("plan.json"), plan.to_string()).unwrap();
}

#[test]
fn a_saved_plan_is_shown_without_a_manifest() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), &plan());
    insta::assert_snapshot!(jot(folder.path(), &["show", "plan.json"]));
    let page = jot(
        folder.path(),
        &["show", "plan.json", "--format", "markdown"],
    );
    for words in [
        "### jot plan: numerics, target prod",
        "Saved at 2026-11-28T07:00:00Z",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn a_used_plan_is_shown_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut used = plan();
    used["used_at"] = json!("2026-11-28T07:10:00Z");
    save(folder.path(), &used);
    let said = jot(folder.path(), &["show", "plan.json"]);
    assert!(said.contains("applied at 2026-11-28T07:10:00Z"), "{said}");
    assert!(said.contains("reserved_concurrency"), "{said}");
    let words = ["show", "plan.json", "--format", "json"];
    let output = command(folder.path(), &words).output().unwrap();
    let document = String::from_utf8(output.stdout).unwrap();
    documents::assert_valid(&words, &document);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["used_at"], "2026-11-28T07:10:00Z");
    assert_eq!(document["counts"]["update"], 1, "{document:#}");
}

#[test]
fn what_another_jot_added_to_a_plan_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut newer = plan();
    newer["plan"]["jot_version"] = json!("99.1.0");
    newer["plan"]["more"] = json!(1);
    newer["plan"]["steps"][0]["more"] = json!(1);
    newer["more"] = json!(1);
    save(folder.path(), &newer);
    let said = jot(folder.path(), &["show", "plan.json"]);
    assert!(said.contains("by jot 99.1.0, for"), "{said}");
    newer["plan"]["steps"][0]["action"]["kind"] = json!("do_what_only_99_does");
    save(folder.path(), &newer);
    let said = jot(folder.path(), &["show", "plan.json"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    for words in [
        "plan.json is a plan of jot 99.1.0, which jot",
        "use that version of jot",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_file_that_is_no_plan_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    for (bytes, words) in [
        (&b"{}"[..], "missing field"),
        (b"\xff\xfe\0", "expected value"),
        (b"", "EOF"),
    ] {
        fs::write(&path, bytes).unwrap();
        let said = jot(folder.path(), &["show", "plan.json"]);
        assert!(
            said.starts_with("status: 1\n--- stdout\n--- stderr\n"),
            "{said}"
        );
        for words in [
            "plan.json is not a saved plan",
            "jot plan --out FILE",
            words,
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
    fs::remove_file(&path).unwrap();
    let said = jot(folder.path(), &["show", "plan.json"]);
    assert!(said.contains("cannot read plan.json"), "{said}");
}

#[test]
fn a_used_plan_is_refused_before_anything_is_asked() {
    let folder = project();
    let mut used = plan();
    used["used_at"] = json!("2026-11-28T07:10:00Z");
    save(folder.path(), &used);
    let said = jot(folder.path(), &["apply", "--plan", "plan.json"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    for words in [
        "the plan in plan.json was already applied at 2026-11-28T07:10:00Z",
        "jot plan --out plan.json",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_plan_that_is_refused_stays_usable() {
    let folder = project();
    save(folder.path(), &plan());
    // AWS does not answer.
    let said = jot(folder.path(), &["apply", "--plan", "plan.json"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    let text = fs::read_to_string(folder.path().join("plan.json")).unwrap();
    assert!(!text.contains("used_at"), "{text}");
}

#[test]
fn images_come_from_another_target_of_the_file() {
    let folder = project();
    let targets = format!("{MANIFEST}\n[targets.staging]\n\n[targets.prod]\n");
    fs::write(folder.path().join("jot.toml"), targets).unwrap();
    for (arguments, words) in [
        (
            &["plan", "--target", "prod", "--images-from", "prod"][..],
            "names the target of this apply",
        ),
        (
            &["apply", "--target", "prod", "--images-from", "stagin"],
            "did you mean `--target staging`?",
        ),
        (
            &["apply", "--images-from", "staging", "--plan", "plan.json"],
            "cannot be used with",
        ),
        (&["apply", "--no-build", "--yes"], "127.0.0.1:1"),
    ] {
        let said = jot(folder.path(), arguments);
        assert!(said.starts_with("status: 1\n"), "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
}
