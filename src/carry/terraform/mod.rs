//! The output of `terraform show -json` for a state or a plan.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format>

mod code;
mod function;
mod related;
mod resource;

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use super::{
    carried::{Carried, Function},
    error::Error,
    names,
    paths::Base,
};
use resource::Resource;

/// Returns a function for each `aws_lambda_function` that jot can deploy.
///
/// # Errors
/// If the document has no resources, or no such function.
pub fn read(file: &Path, document: &Value, base: &Base) -> Result<Carried, Error> {
    let resources = resource::all(document);
    let mut notes = Vec::new();
    let mut functions: Vec<Function> = Vec::new();
    let (mut addresses, mut places) = (Vec::new(), BTreeSet::new());
    let declared = resources
        .iter()
        .filter(|one| one.kind == "aws_lambda_function");
    for resource in declared {
        let Some((name, mut function)) = function::read(resource, base, &mut notes) else {
            continue;
        };
        related::read(&name, &mut function, &resources, &mut notes);
        let taken = |key: &str| functions.iter().any(|one| one.key == key);
        function.key = names::unused(&function.key, taken);
        places.extend(resource.place());
        addresses.push(quoted(&resource.address));
        functions.push(function);
    }
    if functions.is_empty() {
        return Err(none(file, &notes));
    }
    notes.extend(related::left_out(&resources));
    if functions.iter().any(|function| !function.later.is_empty()) {
        notes.push(LATER.to_owned());
    }
    notes.push(format!(
        "Once jot manages the functions, Terraform must not: remove them from its configuration \
            and run `terraform state rm` for {}.",
        addresses.join(" ")
    ));
    let (account_id, region) = place(&places, &mut notes);
    Ok(Carried {
        account_id,
        region,
        functions,
        notes,
        ..Carried::default()
    })
}

/// What to say of what calls a function.
const LATER: &str = "Event sources and URLs are in jot.toml; those with an unknown value are \
    comments: complete them. jot creates new ones for the alias: remove them from Terraform \
    afterwards, so that events do not arrive twice.";

fn none(file: &Path, notes: &[String]) -> Error {
    let absent = "it has no resource of type aws_lambda_function: run `terraform show -json` where \
                  the functions are declared";
    let help = match notes.is_empty() {
        true => absent.to_owned(),
        false => notes.join("\n"),
    };
    let path = file.to_owned();
    Error::NoFunctions { path, help }
}

/// An address as a shell takes it.
fn quoted(address: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match address.chars().all(plain) {
        true => address.to_owned(),
        false => format!("'{address}'"),
    }
}

/// The account and region of all functions; with a note if they have several.
fn place(
    places: &BTreeSet<(String, String)>,
    notes: &mut Vec<String>,
) -> (Option<String>, Option<String>) {
    let mut all = places.iter();
    match (all.next(), all.next()) {
        (Some((region, account)), None) => (Some(account.clone()), Some(region.clone())),
        (None, _) => (None, None),
        _ => {
            notes.push(
                "The functions are in several accounts or regions: a jot.toml has one of each; use \
                    `[targets]` for more.".to_owned(),
            );
            (None, None)
        }
    }
}
