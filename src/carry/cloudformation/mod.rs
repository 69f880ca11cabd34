//! A template of CloudFormation, with SAM's resources and globals.

mod code;
mod events;
mod function;
mod policies;
mod reading;
mod related;
mod values;

use std::{path::Path, rc::Rc};

use super::{
    carried::{Carried, Function},
    error::Error,
    names,
    paths::Base,
    settings::printable,
    yaml::{self, Node, Value},
};
pub use code::java;
use reading::Reading;
use values::Template;

/// Types of resources that are functions.
const FUNCTIONS: [&str; 2] = ["AWS::Serverless::Function", "AWS::Lambda::Function"];

/// Returns a function for each function of the template that jot can deploy.
///
/// # Errors
/// If the text is neither YAML nor JSON, has no resources, or no such function.
pub fn read(file: &Path, text: &str, base: &Base) -> Result<Carried, Error> {
    let help = "correct the template, then run `jot init` again; `sam validate` shows more";
    let root = match serde_json::from_str(text) {
        Ok(document) => yaml::of_json(document),
        Err(_) => yaml::read(text).map_err(|fault| fault.of(file, help))?,
    };
    let resources = root.get("Resources");
    let Some(resources) = resources.filter(|node| !node.entries().is_empty()) else {
        return Err(Error::Unrecognized {
            path: file.to_owned(),
            message: "no `Resources`, which a CloudFormation template must have".to_owned(),
            help: "name the template, such as template.yaml; the template of a generator is \
                   in its output folder"
                .to_owned(),
        });
    };
    let template = Template::new(&root);
    let mut notes = Vec::new();
    let mut named = functions(&root, resources, (&template, base), &mut notes);
    let taken = related::read(&mut named, resources, &template);
    let functions: Vec<Function> = named.into_iter().map(|(_, function)| function).collect();
    notes.extend(unnamed(&functions));
    notes.extend(others(resources, &taken));
    notes.extend(template.defaults_note());
    if functions.is_empty() {
        return Err(none(file, &notes));
    }
    if functions.iter().any(|function| !function.later.is_empty()) {
        notes.push(LATER.to_owned());
    }
    Ok(Carried {
        functions,
        notes,
        ..Carried::default()
    })
}

/// What to say of what calls a function.
const LATER: &str = "Events and URLs are in jot.toml; those with an unknown value are comments: \
    complete them. jot creates new ones for the alias: remove them from the template afterwards, \
    so that events do not arrive twice.";

fn none(file: &Path, notes: &[String]) -> Error {
    let absent = "it has no resource of type AWS::Serverless::Function or AWS::Lambda::Function";
    let help = match notes.is_empty() {
        true => absent.to_owned(),
        false => notes.join("\n"),
    };
    let path = file.to_owned();
    Error::NoFunctions { path, help }
}

/// The functions, each with the id of its resource.
fn functions(
    root: &Node,
    resources: &Node,
    (template, base): (&Template, &Base),
    notes: &mut Vec<String>,
) -> Vec<(String, Function)> {
    let mut functions: Vec<(String, Function)> = Vec::new();
    for (id, resource) in resources.entries() {
        let mut reading = Reading {
            template,
            base,
            resource: printable(id),
            notes,
        };
        let Some(mut function) = resource_function(root, resource, &mut reading) else {
            continue;
        };
        let taken = |key: &str| functions.iter().any(|(_, one)| one.key == key);
        function.key = names::unused(&function.key, taken);
        functions.push((id.clone(), function));
    }
    functions
}

/// The function that a resource is, if it is one.
fn resource_function(root: &Node, resource: &Node, reading: &mut Reading<'_>) -> Option<Function> {
    let kind = resource.get("Type")?.text()?;
    let own = resource.get("Properties").cloned();
    let own = own.unwrap_or_else(|| Rc::new(Node::new(Value::Mapping(Vec::new()), resource.line)));
    let properties = match kind {
        "AWS::Serverless::Function" => match root.at(&["Globals", "Function"]) {
            Some(globals) => values::merged(globals, &own),
            None => own,
        },
        "AWS::Lambda::Function" => own,
        _ => return None,
    };
    if resource.get("Condition").is_some() {
        reading.note(
            "Condition",
            "the function is written without it: use `[targets]` for stages.",
        );
    }
    function::read(
        &properties,
        resource.get("Metadata").map(Rc::as_ref),
        reading,
    )
}

/// Reports which functions have names that CloudFormation makes up.
fn unnamed(functions: &[Function]) -> Option<String> {
    let unnamed = functions.iter().filter(|function| !function.deployed);
    let keys: Vec<_> = unnamed.map(|function| function.key.as_str()).collect();
    (!keys.is_empty()).then(|| {
        format!(
            "CloudFormation generates the names of: {}. jot creates functions named after their \
                keys, unless `name` is the name in Lambda.",
            keys.join(", ")
        )
    })
}

/// Lists the resources that were left out: neither functions nor taken over with one.
fn others(resources: &Node, taken: &[String]) -> Option<String> {
    let named = resources.entries().iter().filter_map(|(id, resource)| {
        let kind = resource.get("Type")?.text()?;
        let left = !FUNCTIONS.contains(&kind) && !taken.contains(id);
        left.then(|| format!("{} ({})", printable(id), printable(kind)))
    });
    let named: Vec<_> = named.collect();
    (!named.is_empty()).then(|| {
        format!(
            "jot manages functions, their roles, log groups and repository: keep the rest in the \
             template. Left out: {}.",
            named.join(", ")
        )
    })
}
