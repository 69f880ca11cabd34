//! Rules of `compile = "trim"`: Julia 1.12 or later, an argument of a concrete type, and no key
//! that has no effect on a program.

use crate::manifest::{at::At, error::Problems, languages::streaming};

/// The first release with `--trim`: <https://github.com/JuliaLang/julia/blob/v1.12.0/NEWS.md>.
const OLDEST: u32 = 12;

/// Keys that have no effect on a program, as paths below the function, and what to do instead.
const NOT_USED: [(&str, &str); 4] = [
    (
        "julia.drop_stdlibs",
        "remove it: a program holds only what it reaches",
    ),
    (
        "julia.jit_budget",
        "remove it: a program has no JIT and compiles nothing at run time",
    ),
    (
        "julia.run_package_tests",
        "remove it: a program holds what the handler reaches, whatever the tests compile",
    ),
    (
        "build.dockerfile_extra",
        "the program has no base image: use `compile = \"precompile\"`",
    ),
];

/// Names of types that are not concrete, and of types that only code found at run time can
/// construct.
const REFUSED: [(&[&str], &str, &str); 5] = [
    (
        &["Any"],
        "a value of the type Any may be anything",
        "name the type of each value, such as `Dict{String,Float64}` or a struct of the source",
    ),
    (
        &["Invocation"],
        "a raw event may hold anything",
        "parse the event into a struct of the source with the fields that it needs",
    ),
    (
        &[
            "AbstractArray",
            "AbstractChar",
            "AbstractDict",
            "AbstractFloat",
            "AbstractIrrational",
            "AbstractMatrix",
            "AbstractRange",
            "AbstractSet",
            "AbstractString",
            "AbstractVecOrMat",
            "AbstractVector",
            "Enum",
            "Exception",
            "Function",
            "Integer",
            "Number",
            "Real",
            "Signed",
            "Type",
            "Unsigned",
        ],
        "it is an abstract type, which values of several types belong to",
        "name a concrete type, such as `Float64`, `Int`, `String` or `Vector{Float64}`",
    ),
    (
        &["BigFloat", "BigInt", "Date", "DateTime"],
        "its values are read by code that cannot be trimmed",
        "use a number or a `String` and convert it in the function, or use \
            `compile = \"precompile\"`",
    ),
    (
        &[
            "Array",
            "Dict",
            "Matrix",
            "NamedTuple",
            "Set",
            "Tuple",
            "Vector",
        ],
        "without parameters its elements may be anything",
        "name the elements' type, such as `Vector{Float64}` or `Dict{String,Int}`",
    ),
];

/// Adds what does not go with the mode, where it is `trim`.
pub(super) fn check(function: &At, table: &At, problems: &mut Problems) {
    let Some((mode, _)) = table.text("compile").filter(|(_, mode)| *mode == "trim") else {
        return;
    };
    let and = format!("`{}` is \"trim\"", mode.name());
    for (path, help) in NOT_USED {
        let mut at = Some(function.clone());
        for key in path.split('.') {
            at = at.and_then(|at| at.get(key));
        }
        if let Some(at) = at {
            let message = format!("`{}` has no effect: {and}", at.name());
            problems.add(at.wrong_key(message, "not used").help(help));
        }
    }
    let snapstart = function.get("snapstart");
    if let Some(at) = snapstart.filter(|at| at.node.to_json() == serde_json::json!(true)) {
        let message = format!("`{}` has no effect on a program: {and}", at.name());
        let help = "remove it: a program starts in milliseconds, and is not notified of a snapshot";
        problems.add(at.wrong_key(message, "not with a program").help(help));
    }
    let help = "remove it, or use another mode: a program does not stream its response";
    streaming::refuse(function, (&and, help), problems);
    let minor = |version: &str| version.split('.').nth(1)?.split('-').next()?.parse().ok();
    let old = |(_, version): &(At, &str)| minor(version).is_some_and(|minor: u32| minor < OLDEST);
    if let Some((at, version)) = table.text("version").filter(old) {
        let message = format!(
            "`{}` must be at least 1.{OLDEST} with `compile = \"trim\"`, got {version}",
            at.name()
        );
        let help = "remove `version`, or use another mode: older releases cannot trim";
        problems.add(at.wrong(message, "too old").help(help));
    }
    argument_type(table, &and, problems);
}

/// The argument has to be of a concrete type, as far as the text shows.
fn argument_type(table: &At, and: &str, problems: &mut Problems) {
    let Some((at, text)) = table.text("argument_type") else {
        return;
    };
    if let Some((name, why, help)) = refused(text) {
        let has = if text == name { "is" } else { "has" };
        let message = format!("`{}` {has} `{name}`, and {and}: {why}", at.name());
        problems.add(at.wrong(message, "cannot be trimmed").help(help));
    }
}

/// The first type in a type expression that is refused, why, and what to do. Names inside the
/// user's own modules are not checked.
fn refused(text: &str) -> Option<(&str, &'static str, &'static str)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '!' | '.');
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let from = &rest[start..];
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let (path, after) = from.split_at(end);
        rest = after;
        let known = ["Base.", "Core.", "Dates."];
        let name = known
            .iter()
            .find_map(|module| path.strip_prefix(module))
            .unwrap_or(path);
        for (names, why, help) in REFUSED {
            let parametric = name == "Type" || names.contains(&"Vector");
            if names.contains(&name) && !(parametric && after.trim_start().starts_with('{')) {
                return Some((name, why, help));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::refused;

    fn name(text: &str) -> Option<&str> {
        refused(text).map(|(name, ..)| name)
    }

    #[test]
    fn what_text_shows_not_to_be_concrete_is_refused() {
        for (text, found) in [
            ("Any", "Any"),
            ("Dict{String,Any}", "Any"),
            ("Dict{String, Vector{Any}}", "Any"),
            ("Invocation", "Invocation"),
            ("Real", "Real"),
            ("Base.Real", "Real"),
            ("Vector{<:Real}", "Real"),
            ("AbstractVector{Float64}", "AbstractVector"),
            ("Vector", "Vector"),
            ("Vector{Vector}", "Vector"),
            ("Tuple{Int,Dict}", "Dict"),
            ("Union{Nothing,DateTime}", "DateTime"),
            ("Dates.Date", "Date"),
        ] {
            assert_eq!(name(text), Some(found), "{text}");
        }
    }

    #[test]
    fn what_may_be_concrete_is_taken() {
        for text in [
            "Int",
            "Vector{Float64}",
            "Vector {Int}",
            "Dict{String,Vector{Int}}",
            "Union{Nothing,Route}",
            "Shapes.Real",
            "AnyThing",
            "@NamedTuple{Real_part::Float64}",
            "Tuple{Int,String}",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
