//! Checks the modules against the import table of ARCHITECTURE.md: an import that the table lacks
//! fails.

#[path = "architecture/circles.rs"]
mod circles;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use circles::Crate;

/// Module -> the modules of the crate that it may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("manifest", &["model"]),
    ("model", &[]),
    ("carry", &["manifest", "model"]),
    ("recipe", &["manifest", "model"]),
    ("remote", &["model"]),
    ("observe", &["model", "remote"]),
    ("plan", &["model"]),
    ("verdict", &["model"]),
    ("apply", &["model", "remote", "recipe", "verify", "verdict"]),
    ("verify", &["model", "remote"]),
    ("logs", &["model", "remote"]),
    ("bench", &["model", "remote", "verify", "logs"]),
    ("report", &["model"]),
    ("rights", &["model"]),
    (
        "fuzzing",
        &["manifest", "model", "recipe", "remote", "logs", "report"],
    ),
    (
        "cli",
        &[
            "manifest", "model", "carry", "recipe", "remote", "observe", "plan", "verdict",
            "apply", "verify", "logs", "bench", "report", "rights",
        ],
    ),
];

/// What the pure modules may not name: no clock, no environment, no I/O.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::time",
    "tokio",
];

/// Crates that only `remote` may name.
const REMOTE_ONLY: &[&str] = &[
    "bollard",
    "aws_sdk_",
    "aws_config",
    "aws_smithy_",
    "aws_types",
    "aws_credential_types",
];

/// Files below a folder, by the module that they belong to.
fn sources() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.insert(path, text);
            }
        }
    }
    found
}

fn module(path: &Path) -> Option<String> {
    let below = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    let mut parts = below.components();
    let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
    parts.next().map(|_| first)
}

/// Code without comments, with white space folded so that a `use` over several lines is one line.
fn code(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines
        .collect::<Vec<_>>()
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("")
}

/// The modules that `crate::` paths name, including `crate::{a, b::c}`.
fn named(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(group) = after.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            names.push(name);
        } else {
            names.push(
                after
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':')
                    .collect(),
            );
        }
    }
    names
        .iter()
        .filter_map(|name| name.split("::").next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_module_imports_what_the_table_does_not_allow() {
    let table: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(module) = module(&path) else {
            continue;
        };
        let allowed = table
            .get(module.as_str())
            .unwrap_or_else(|| panic!("{module} is not in the table"));
        for name in named(&code(&text)) {
            if table.contains_key(name.as_str())
                && name != module
                && !allowed.contains(&name.as_str())
            {
                wrong.push(format!("{}: {module} -> {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn plan_rights_and_model_are_pure() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !matches!(module(&path).as_deref(), Some("plan" | "rights" | "model")) {
            continue;
        }
        let code = code(&text).replace("std::{", "std::{std::");
        wrong.extend(
            IMPURE
                .iter()
                .filter(|name| code.contains(**name))
                .map(|name| format!("{}: {name}", path.display())),
        );
        for group in code.split("std::{").skip(1) {
            let group = group.split('}').next().unwrap_or_default();
            let parts = ["fs", "env", "net", "process", "time"];
            wrong.extend(
                group
                    .split([',', '{'])
                    .filter(|part| {
                        parts
                            .iter()
                            .any(|name| part == name || part.starts_with(&format!("{name}::")))
                    })
                    .map(|part| format!("{}: std::{part}", path.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_remote_knows_the_sdks() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if module(&path).as_deref() == Some("remote") {
            continue;
        }
        let code = code(&text);
        wrong.extend(
            REMOTE_ONLY
                .iter()
                .filter(|name| code.contains(**name))
                .map(|name| format!("{}: {name}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Names of languages, which only their own folders may contain.
const LANGUAGES: [&str; 7] = [
    "julia", "jvm", "java", "clojure", "kotlin", "graal", ".jl\"",
];

/// What may contain them: the languages' folders, the match over them, the fields of the manifest,
/// and the readers of other tools' projects.
const NAMES_LANGUAGES: [&str; 8] = [
    "src/manifest/languages/",
    "src/manifest/types.rs",
    "src/recipe/dockerfile/",
    "src/recipe/julia/",
    "src/recipe/jvm/",
    "src/recipe/language.rs",
    "src/recipe/mod.rs",
    "src/carry/",
];

#[test]
fn only_its_own_folders_name_a_language() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        let path = path.to_string_lossy().into_owned();
        let is_test =
            path.contains("/tests") || path.ends_with("_tests.rs") || path.contains("fixture");
        if is_test || NAMES_LANGUAGES.iter().any(|known| path.starts_with(known)) {
            continue;
        }
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code = code(shipped).to_lowercase();
        let named = LANGUAGES.iter().filter(|name| code.contains(**name));
        wrong.extend(named.map(|name| format!("{path}: {name}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_report_prints() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if module(&path).as_deref() == Some("report") {
            continue;
        }
        let code = code(&text);
        let macros = ["println!(", "print!(", "eprintln!(", "eprint!(", "dbg!("];
        wrong.extend(
            macros
                .iter()
                .filter(|name| code.contains(**name))
                .map(|name| format!("{}: {name}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_scanner_sees_every_form_of_import() {
    let text = "use crate::model::Plan; \
        use crate::{\n    recipe::{Recipe, walk},\n    remote,\n}; // crate::cli\n\
        fn f() { crate::verify::call() }";
    assert_eq!(named(&code(text)), ["model", "recipe", "remote", "verify"]);
}

#[test]
fn no_files_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let circles = Crate::read(&root).circles();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn a_circle_is_found_by_any_form_of_import() {
    let circles = |a: &str, b: &str| {
        let load = |module: &Vec<String>| match module.join("::").as_str() {
            "" => "mod a; mod b;".to_owned(),
            "a" => format!("mod inner; pub use inner::A; {a}"),
            "a::inner" => "pub struct A; pub struct Other;".to_owned(),
            "b" => format!("pub struct B; {b}"),
            other => panic!("no module {other}"),
        };
        Crate::of(&load).circles()
    };
    let both = |b: &str| circles("use super::b::B; pub struct Own;", b);
    let import = "a -> b: super::b::B";
    assert_eq!(
        both("use super::a::Own;"),
        [[import, "b -> a: super::a::Own"]]
    );
    assert_eq!(
        both("fn f(_: crate::a::Own) {}"),
        [[import, "b -> a: crate::a::Own"]]
    );
    assert_eq!(
        both("use crate::{a}; fn f() { g!(a::Own) }"),
        [[import, "b -> a: a::Own"]]
    );
    assert_eq!(
        both("use crate::a as c; fn f(_: c::Own) {}"),
        [[import, "b -> a: c::Own"]]
    );
    // A module alone, a name that it re-exports, and tests are not imports of its file.
    assert_eq!(both("use super::a;"), [[""; 0]; 0]);
    assert_eq!(both("use super::a::A;"), [[""; 0]; 0]);
    assert_eq!(
        both("#[cfg(test)] mod tests { use crate::a::Own; }"),
        [[""; 0]; 0]
    );
}

#[test]
fn no_source_file_is_longer_than_400_lines() {
    let long = |(path, text): (PathBuf, String)| {
        let lines = text.lines().count();
        (lines > 400).then(|| format!("{}: {lines}", path.display()))
    };
    let long: Vec<String> = sources().into_iter().filter_map(long).collect();
    assert!(long.is_empty(), "{long:#?}");
}
