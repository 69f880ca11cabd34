//! `jot status`: the state of a function, from the sources here to what Lambda runs.

use serde_json::{Value, json};

use crate::{
    story::{expect, json},
    support::{Project, Stack, registry::git},
};

const FUNCTION: &str = "[functions.words]\ndockerfile = { source = \"words\" }\n";
const BOTH: &str =
    "[defaults]\ndockerfile = { source = \"words\" }\n[functions.words]\n[functions.others]\n";

fn rows(project: &Project) -> Vec<Value> {
    let status = json(&expect(project.run(&["status", "--format", "json"]), 0));
    status["functions"].as_array().cloned().expect("rows")
}

fn commit(project: &Project, message: &str) -> String {
    let folder = project.path();
    git(&folder, &["add", "--all"]);
    git(&folder, &["commit", "--quiet", "--message", message]);
    git(&folder, &["rev-parse", "HEAD"])
}

#[test]
fn code_is_followed_from_the_checkout_to_lambda() {
    let stack = Stack::start();
    let project = Project::new(&stack, "status");
    project.write("words/Dockerfile", "FROM scratch\nCOPY words /\n");
    project.write("words/words", "all\n");
    project.manifest(BOTH);
    git(&project.path(), &["init", "--quiet"]);
    let first = commit(&project, "first");

    let row = &rows(&project)[0];
    assert_eq!(row["state"], "absent", "{row}");
    assert_eq!(row["image_here"], "", "{row}");
    assert_eq!(
        (&row["revision"], &row["checkout"]),
        (&json!(""), &json!(first))
    );
    expect(project.run(&["build"]), 0);
    let row = &rows(&project)[0];
    assert_ne!(row["image_here"], "", "{row}");
    assert_eq!(row["digest_in_ecr"], "", "{row}");

    expect(project.run(&["apply", "--yes"]), 0);
    let row = &rows(&project)[1];
    assert_eq!(row["function"], "words", "{row}");
    for digest in ["digest_in_ecr", "digest_here"] {
        assert_eq!(row[digest], row["digest"], "{row}");
    }
    assert!(
        row["digest"]
            .as_str()
            .is_some_and(|it| it.starts_with("sha256:")),
        "{row}"
    );
    assert_eq!(
        (&row["revision"], &row["checkout"]),
        (&json!(first), &json!(first))
    );
    assert_eq!(
        row["traffic"],
        json!([{ "version": "1", "percent": 100 }]),
        "{row}"
    );
    assert_eq!(
        (&row["in_sync"], &row["from_tags"]),
        (&json!("yes"), &json!(false))
    );
    assert!(row["age_s"].as_u64().is_some_and(|age| age < 3600), "{row}");
    let table = expect(project.run(&["status"]), 0).stdout;
    let line = table
        .lines()
        .find(|line| line.contains("words"))
        .unwrap_or_default();
    assert_eq!(line.matches(" = ").count(), 2, "{table}");

    // The sources change, and one function is removed from the manifest.
    project.write("words/words", "more\n");
    project.manifest(FUNCTION);
    let all = rows(&project);
    let [row, left] = &all[..] else {
        panic!("{all:?}");
    };
    assert_eq!(row["checkout"], json!(format!("{first}-dirty")), "{row}");
    assert_eq!(
        (&row["digest_in_ecr"], &row["image_here"]),
        (&json!(""), &json!(""))
    );
    assert_ne!(row["in_sync"], "yes", "{row}");
    assert_eq!(
        (&left["function"], &left["state"], &left["declared"]),
        (&json!("others"), &json!("undeclared"), &json!(false))
    );
    assert_eq!(
        (&left["version"], &left["revision"]),
        (&json!("1"), &json!(first))
    );
    // Nothing of another function.
    let named = expect(project.run(&["status", "words"]), 0).stdout;
    assert!(
        named.contains("\n  revision:   ") && !named.contains("others"),
        "{named}"
    );

    let second = commit(&project, "second");
    expect(project.run(&["apply", "--yes"]), 0);
    let row = &rows(&project)[0];
    assert_eq!(
        (&row["version"], &row["revision"]),
        (&json!("2"), &json!(second))
    );
    // The image after a rollback shows what it was made from.
    expect(project.run(&["rollback", "--yes"]), 0);
    let row = &rows(&project)[0];
    assert_eq!(
        (&row["version"], &row["revision"]),
        (&json!("1"), &json!(first))
    );
    assert_eq!(row["in_sync"], "no: held by a rollback", "{row}");
    assert_eq!(row["held"][0]["version"], "2", "{row}");
    assert_ne!(row["digest"], row["digest_in_ecr"], "{row}");
    expect(project.run(&["destroy", "--yes"]), 0);
}
