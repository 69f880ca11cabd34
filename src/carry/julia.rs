//! A Julia package or Julia scripts: what they define, read without running them.

use serde_json::Value;

use super::{
    carried::{Code, Function},
    error::Error,
    file::text,
    names,
    paths::Base,
};

/// What was found, the functions of it, and what to look at.
type Found = (String, Vec<Function>, Vec<String>);

/// A function that a source defines at its top level.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Defined {
    name: String,
    /// The type of its only argument, where it has one and names its type.
    argument_type: Option<String>,
}

/// Returns the functions of a package: those that it exports, or one of its own name.
///
/// # Errors
/// Where its files cannot be read.
pub fn package(base: &Base) -> Result<Option<Found>, Error> {
    let project = base.folder.join("Project.toml");
    if !project.is_file() {
        return Ok(None);
    }
    let Some(name) = package_name(&text(&project)?) else {
        return Ok(None);
    };
    let file = base.folder.join("src").join(format!("{name}.jl"));
    if !file.is_file() {
        return Ok(None);
    }
    let source = text(&file)?;
    let (exported, defined) = (exports(&source), defined(&source));
    let mut chosen: Vec<Defined> = defined
        .iter()
        .filter(|one| exported.contains(&one.name))
        .cloned()
        .collect();
    if chosen.is_empty() {
        let name = names::kebab(&name).replace('-', "_");
        chosen.push(Defined {
            name,
            argument_type: None,
        });
    }
    let mut notes = Vec::new();
    let functions = chosen
        .into_iter()
        .map(|one| function(names::kebab(&one.name), one, base.path(""), &mut notes))
        .collect();
    Ok(Some((format!("the package {name}"), functions, notes)))
}

/// Returns a function for each script that defines one of its own name; of a single script, the only
/// one that it defines.
///
/// # Errors
/// Where a script cannot be read.
pub fn scripts(base: &Base, files: &[String]) -> Result<Option<Found>, Error> {
    let mut scripts = Vec::new();
    for file in files {
        if let Some(stem) = file.strip_suffix(".jl") {
            scripts.push((file, stem, defined(&text(&base.folder.join(file))?)));
        }
    }
    let alone = scripts.len() == 1;
    let (mut found, mut functions, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for (file, stem, defined) in scripts {
        let same = defined.iter().find(|one| one.name == stem);
        let only = defined.first().filter(|_| alone && defined.len() == 1);
        let Some(one) = same.or(only) else { continue };
        found.push(file.clone());
        let key = names::key(&names::kebab(stem));
        functions.push(function(key, one.clone(), base.path(file), &mut notes));
    }
    match functions.is_empty() {
        true => Ok(None),
        false => Ok(Some((listed(&found), functions, notes))),
    }
}

fn function(key: String, one: Defined, source: String, notes: &mut Vec<String>) -> Function {
    let argument_type = one.argument_type.unwrap_or_else(|| {
        notes.push(format!(
            "{key}: the type of the argument of `{}` is not known: name it in `argument_type`.",
            one.name
        ));
        "Any".to_owned()
    });
    Function {
        handler: (key.replace('-', "_") != one.name).then(|| one.name.clone()),
        code: Code::Julia {
            source,
            argument_type,
            dependencies: None,
        },
        key,
        ..Function::default()
    }
}

/// The name in a Project.toml, of a package and not of an environment.
fn package_name(project: &str) -> Option<String> {
    let project: Value = toml::from_str(project).ok()?;
    project.get("uuid")?;
    Some(project.get("name")?.as_str()?.to_owned())
}

/// The names that a source exports.
fn exports(source: &str) -> Vec<String> {
    let lines = source.lines().map(uncommented);
    let lists = lines.filter_map(|line| line.trim_start().strip_prefix("export "));
    let names = lists.flat_map(|list| list.split(','));
    names.map(|name| name.trim().to_owned()).collect()
}

/// The functions that a source defines, each once, by its lines that begin with a definition.
fn defined(source: &str) -> Vec<Defined> {
    let mut all: Vec<Defined> = Vec::new();
    for one in source
        .lines()
        .filter_map(|line| definition(uncommented(line)))
    {
        match all.iter_mut().find(|known| known.name == one.name) {
            // Several methods: which type is meant is for the user to say.
            Some(known) => known.argument_type = None,
            None => all.push(one),
        }
    }
    all
}

fn uncommented(line: &str) -> &str {
    line.split('#').next().unwrap_or(line)
}

/// `function name(x::T)` or `name(x::T) =`, where the line begins with it.
fn definition(line: &str) -> Option<Defined> {
    let (text, long) = match line.strip_prefix("function ") {
        Some(rest) => (rest.trim_start(), true),
        None => (line, false),
    };
    let (name, rest) = text.split_once('(')?;
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '!';
    let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !begins || !name.chars().all(plain) {
        return None;
    }
    let end = closing(rest)?;
    if !long && !is_assignment(&rest[end + 1..]) {
        return None;
    }
    let arguments = &rest[..end];
    let only = top_level_commas(arguments) == 0 && !arguments.contains(';');
    let argument_type = arguments.split_once("::").filter(|_| only);
    let argument_type = argument_type.map(|(_, of)| of.split('=').next().unwrap_or(of).trim());
    Some(Defined {
        name: name.to_owned(),
        argument_type: argument_type
            .filter(|of| !of.is_empty() && !of.ends_with("..."))
            .map(str::to_owned),
    })
}

/// Whether what follows the arguments makes it a definition: `=`, after a type and `where` perhaps.
fn is_assignment(rest: &str) -> bool {
    let rest = rest.trim_start();
    let annotated = rest.starts_with("::") || rest.starts_with("where ");
    let after = if annotated {
        rest.split_once(" = ").map(|(_, after)| after)
    } else {
        rest.strip_prefix('=')
    };
    after.is_some_and(|after| !after.starts_with('='))
}

/// Where the parenthesis that was opened before is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '{' | '[' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' | '}' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// Commas outside of parentheses, braces and brackets.
fn top_level_commas(text: &str) -> usize {
    let (mut depth, mut commas) = (0_i32, 0);
    for letter in text.chars() {
        match letter {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth -= 1,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    commas
}

/// The names in a sentence.
fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_told_from_calls() {
        let of = |line: &str| definition(line).map(|one| (one.name, one.argument_type));
        let some = |name: &str, of: Option<&str>| Some((name.to_owned(), of.map(str::to_owned)));
        assert_eq!(of("f(x::Int) = x"), some("f", Some("Int")));
        assert_eq!(of("f(x::Int)::Int = x"), some("f", Some("Int")));
        assert_eq!(of("f(x::T) where {T} = x"), some("f", Some("T")));
        assert_eq!(
            of("function f(x::Dict{String, Int})"),
            some("f", Some("Dict{String, Int}"))
        );
        assert_eq!(of("function f(x, y::Int)"), some("f", None));
        assert_eq!(of("f(x::Int; deep = 1) = x"), some("f", None));
        for none in [
            "println(\"a\")",
            "f(x) == 1 || exit()",
            "  f(x) = 1",
            "x = f(1)",
            "f(x",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
