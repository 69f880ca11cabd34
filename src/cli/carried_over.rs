//! A project of julia-aws-lambda-image, as a manifest of jot's.

use std::path::Path;

use serde_json::{Map, Value};

/// A manifest that was made of a `config.json`.
#[derive(Debug, PartialEq, Eq)]
pub struct CarriedOver {
    /// The text of the jot.toml.
    pub manifest: String,
    /// What has no equivalent, or is to be looked at, one sentence each.
    pub notes: Vec<String>,
}

/// Where that project keeps the function, by the release of it.
const SCRIPTS: [&str; 3] = [
    "function/function.jl",
    "julia-function-runtime/runtime.jl",
    "runtime.jl",
];

/// Returns the manifest for a config.json in `folder`; `None` where the text is no JSON object.
pub fn carried_over(text: &str, folder: &Path) -> Option<CarriedOver> {
    let config: Map<String, Value> = serde_json::from_str(text).ok()?;
    let mut notes = Vec::new();
    let manifest = [
        project(&config, &mut notes),
        aws(&config),
        function(&config, folder, &mut notes),
    ]
    .join("\n");
    let unknown = config.keys().filter(|key| !KNOWN.contains(&key.as_str()));
    notes.extend(unknown.map(|key| format!("{key} has no equivalent and was left out.")));
    Some(CarriedOver { manifest, notes })
}

const KNOWN: [&str; 9] = [
    "AWSAccountId",
    "AWSRegion",
    "ImageName",
    "ImageTag",
    "FunctionName",
    "Role",
    "Timeout",
    "MemorySize",
    "Dependencies",
];

/// A text, or a number written as one; `None` where the key is absent or empty.
fn word(config: &Map<String, Value>, key: &str) -> Option<String> {
    let word = match config.get(key)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!word.is_empty()).then_some(word)
}

/// A line of TOML.
fn line(key: &str, value: impl Into<toml::Value>) -> String {
    format!("{key} = {}\n", value.into())
}

fn project(config: &Map<String, Value>, notes: &mut Vec<String>) -> String {
    let image = word(config, "ImageName").unwrap_or_else(|| "julia-lambda".to_owned());
    let lower = image.to_lowercase();
    let plain: String = lower
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let name = plain
        .split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    notes.push(format!(
        "ImageName became the project's name, `{name}`: jot keeps one ECR repository of that name and tags images by their content."
    ));
    format!("[project]\n{}", line("name", name))
}

fn aws(config: &Map<String, Value>) -> String {
    let account = word(config, "AWSAccountId").map(|id| line("account_id", id));
    let region = word(config, "AWSRegion").map(|region| line("region", region));
    let lines: String = account.into_iter().chain(region).collect();
    format!("[aws]\n{lines}")
}

fn function(config: &Map<String, Value>, folder: &Path, notes: &mut Vec<String>) -> String {
    let name = word(config, "FunctionName").unwrap_or_else(|| "julia-function".to_owned());
    let mut text = format!("[functions.{name}]\n");
    text += &line("handler", "react_to_invocation");
    if let Some(role) = word(config, "Role") {
        text += &line("role", role);
        notes.push("Role is used as it is; without `role` jot makes and keeps one.".to_owned());
    }
    text += &number(config, ("Timeout", "timeout_s"), 1..=900, notes);
    text += &number(config, ("MemorySize", "memory_mb"), 128..=10240, notes);
    if let Some(tag) = word(config, "ImageTag") {
        notes.push(format!(
            "ImageTag became `build.extra_tags`: the image is pushed as `{name}.{tag}` as well, and Lambda runs a digest."
        ));
        text += &line("build.extra_tags", vec![tag]);
    }
    text += &format!("\n[functions.{name}.julia]\n");
    text += &line("source", script(folder, notes));
    text += &line("argument_type", "Invocation");
    text += &line("dependencies", dependencies(config, notes));
    text
}

/// The script with the function.
fn script(folder: &Path, notes: &mut Vec<String>) -> String {
    let there = SCRIPTS.iter().find(|path| folder.join(path).is_file());
    if there.is_none() {
        notes.push(format!(
            "No {} is here: name the script with `react_to_invocation` in `source`.",
            SCRIPTS.join(" or ")
        ));
    }
    let script = there.unwrap_or(&SCRIPTS[0]);
    notes.push(format!(
        "In {script}, remove the definitions of Invocation, InvocationResponse and InvocationError, and `main` with its loop: jot brings them. \
         InvocationError is (errorType, errorMessage), or takes both as keywords."
    ));
    (*script).to_owned()
}

/// A setting within what Lambda takes.
fn number(
    config: &Map<String, Value>,
    (key, setting): (&str, &str),
    range: std::ops::RangeInclusive<i64>,
    notes: &mut Vec<String>,
) -> String {
    let Some(given) = word(config, key).and_then(|word| word.parse::<i64>().ok()) else {
        return String::new();
    };
    let kept = given.clamp(*range.start(), *range.end());
    if kept != given {
        notes.push(format!(
            "{key} {given} became {kept}: Lambda takes {} to {}.",
            range.start(),
            range.end()
        ));
    }
    line(setting, kept)
}

/// What `Pkg.add` was given, as far as they are names; the project's own two packages need no mention any more.
fn dependencies(config: &Map<String, Value>, notes: &mut Vec<String>) -> Vec<String> {
    let given = config.get("Dependencies").and_then(Value::as_array);
    let mut names = Vec::new();
    for item in given.into_iter().flatten() {
        let item = item
            .as_str()
            .map_or_else(|| item.to_string(), str::to_owned);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '.');
        if item.chars().all(plain) && !item.is_empty() {
            names.push(item);
        } else {
            notes.push(format!("The dependency {item} is no package's name and was left out: see `julia.registries`."));
        }
    }
    notes.push(
        "That project's image always had HTTP and JSON: where the script uses them, name them in `dependencies`.".to_owned(),
    );
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{
        "AWSAccountId": "123456789012",
        "AWSRegion": "ap-northeast-1",
        "ImageName": "Julia_Lambda",
        "ImageTag": "latest",
        "FunctionName": "adds",
        "Role": "LambdaRole",
        "Timeout": 30,
        "MemorySize": 100,
        "Dependencies": ["DataFrames", "https://example.org/A.jl"],
        "Colour": "blue"
    }"#;

    #[test]
    fn a_project_of_julia_aws_lambda_image_becomes_a_manifest() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("function")).unwrap();
        std::fs::write(folder.path().join("function/function.jl"), "f").unwrap();
        let carried = carried_over(CONFIG, folder.path()).unwrap();
        insta::assert_snapshot!(carried.manifest);
        insta::assert_snapshot!(carried.notes.join("\n"));
        // What was written can be read.
        std::fs::write(folder.path().join("jot.toml"), &carried.manifest).unwrap();
        let loaded = crate::manifest::load(&folder.path().join("jot.toml"), None).unwrap();
        assert_eq!(loaded.manifest.functions["adds"].memory_mb, Some(128));
    }

    #[test]
    fn little_is_enough_and_no_object_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let carried = carried_over("{}", folder.path()).unwrap();
        assert!(carried.manifest.contains("[functions.julia-function]"));
        assert!(
            carried
                .notes
                .iter()
                .any(|note| note.contains("name the script"))
        );
        assert_eq!(carried_over("[1]", folder.path()), None);
        assert_eq!(carried_over("{", folder.path()), None);
    }
}
