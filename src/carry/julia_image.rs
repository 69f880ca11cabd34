//! The `config.json` of julia-aws-lambda-image.

use serde_json::{Map, Value};

use super::{
    carried::{Carried, Code, Function},
    names,
    paths::Base,
    settings::{MEMORY_MB, TIMEOUT_S, within},
};

/// Where such a project keeps the function, by its release.
const SCRIPTS: [&str; 3] = [
    "function/function.jl",
    "julia-function-runtime/runtime.jl",
    "runtime.jl",
];

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

/// Whether a document looks like such a file.
pub fn knows(config: &Map<String, Value>) -> bool {
    config.contains_key("ImageName") || config.contains_key("FunctionName")
}

/// Returns the one function of the project.
pub fn read(config: &Map<String, Value>, base: &Base) -> Carried {
    let mut notes = Vec::new();
    let project = project(config, &mut notes);
    let function = function(config, base, &mut notes);
    let unknown = config.keys().filter(|key| !KNOWN.contains(&key.as_str()));
    notes.extend(unknown.map(|key| format!("{key} has no equivalent and was left out.")));
    Carried {
        project: Some(project),
        account_id: word(config, "AWSAccountId"),
        region: word(config, "AWSRegion"),
        functions: vec![function],
        notes,
    }
}

/// A text, or a number written as one; `None` if the key is absent or empty.
fn word(config: &Map<String, Value>, key: &str) -> Option<String> {
    let word = match config.get(key)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!word.is_empty()).then_some(word)
}

fn project(config: &Map<String, Value>, notes: &mut Vec<String>) -> String {
    let image = word(config, "ImageName").unwrap_or_else(|| "julia-lambda".to_owned());
    let name = names::project(&image);
    notes.push(format!(
        "ImageName became the project's name, `{name}`: jot uses one ECR repository of that name \
            and tags images by their content."
    ));
    name
}

fn function(config: &Map<String, Value>, base: &Base, notes: &mut Vec<String>) -> Function {
    let name = word(config, "FunctionName").unwrap_or_else(|| "julia-function".to_owned());
    let key = names::key(&name);
    let role = word(config, "Role");
    if role.is_some() {
        notes.push("Role is used as it is; without `role` jot creates and manages one.".to_owned());
    }
    let timeout_s = number(config, "Timeout", TIMEOUT_S, notes);
    let memory_mb = number(config, "MemorySize", MEMORY_MB, notes);
    let tag = word(config, "ImageTag");
    if let Some(tag) = &tag {
        notes.push(format!(
            "ImageTag became `build.extra_tags`: the image is also pushed as `{key}.{tag}`, but \
                Lambda runs a digest."
        ));
    }
    Function {
        handler: Some("react_to_invocation".to_owned()),
        role,
        timeout_s,
        memory_mb,
        extra_tags: tag.into_iter().collect(),
        code: Code::Julia {
            source: script(base, notes),
            argument_type: "Invocation".to_owned(),
            dependencies: Some(dependencies(config, notes)),
        },
        key,
        deployed: true,
        ..Function::default()
    }
}

/// The script with the function.
fn script(base: &Base, notes: &mut Vec<String>) -> String {
    let found = SCRIPTS.iter().find(|path| base.folder.join(path).is_file());
    if found.is_none() {
        notes.push(format!(
            "{} does not exist: set `source` to the script with `react_to_invocation`.",
            SCRIPTS.join(" or ")
        ));
    }
    let script = base.path(found.unwrap_or(&SCRIPTS[0]));
    notes.push(format!(
        "In {script}, remove the definitions of Invocation, InvocationResponse and \
            InvocationError, and `main` with its loop: jot provides them. InvocationError is \
            (errorType, errorMessage), or takes both as keywords."
    ));
    script
}

/// A setting within what Lambda takes.
fn number(
    config: &Map<String, Value>,
    key: &str,
    range: (i64, i64),
    notes: &mut Vec<String>,
) -> Option<i64> {
    let given = word(config, key).and_then(|word| word.parse::<i64>().ok())?;
    within(key, given, range, notes)
}

/// The names among what `Pkg.add` was given.
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
            notes.push(format!(
                "The dependency {item} is not the name of a package and was left \
                out: see `julia.registries`."
            ));
        }
    }
    notes.push(
        "That project's image always had HTTP and JSON: if the script uses them, add them to \
            `dependencies`."
            .to_owned(),
    );
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(text: &str, folder: &std::path::Path) -> Carried {
        let config: Map<String, Value> = serde_json::from_str(text).unwrap();
        read(&config, &Base::new(folder, folder))
    }

    #[test]
    fn little_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let carried = carried("{}", folder.path());
        assert_eq!(carried.functions[0].key, "julia-function");
        assert!(
            carried
                .notes
                .iter()
                .any(|note| note.contains("set `source` to the script"))
        );
    }

    #[test]
    fn keys_of_other_types_and_odd_names_are_no_reason_to_stop() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{
            "FunctionName": "a b/c", "Timeout": "9999999999", "MemorySize": [], "Dependencies": 3
        }"#;
        let carried = carried(text, folder.path());
        assert_eq!(carried.functions[0].key, "a-b-c");
        assert_eq!(carried.functions[0].timeout_s, Some(900));
        assert_eq!(carried.functions[0].memory_mb, None);
    }
}
