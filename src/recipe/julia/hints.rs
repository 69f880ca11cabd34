//! What plan, apply, verify and report must know of Julia.

use crate::model::hints::{Hints, Place, Release, StaleCache, Symptom, Trace};

/// Julia's first depot as jot's entry point sets it, which can be written to.
const WRITABLE: &str = "/tmp/.julia/";
/// Where an image keeps Julia's packages and what belongs to them, jot's or another.
const DEPOTS: [&str; 3] = ["/opt/jot/", "/.julia/", "/share/julia/"];
/// What Julia says of an error that nobody could catch: one in an `__init__` that its system image
/// runs, before jot's runtime
/// can report it (`jl_no_exc_handler` in <https://github.com/JuliaLang/julia/blob/v1.5.3/src/task.c>).
const UNCAUGHT: &str = "fatal: error thrown and no exception handler available.";
/// How the line begins in which jot's runtime reports such an error all the same (`runtime/early.jl`).
const EARLY: &str = "jot: before the start: ";

/// How the line begins in which the start says of which packages Julia refused the caches (`base/proof.jl`).
const UNCACHED: &str = "jot: loaded without a cache: ";

/// Modules whose methods are not of the user's code.
const BESIDE: [&str; 9] = [
    "Base",
    "Core",
    "JotRuntime",
    "Main",
    "Sockets",
    "Dates",
    "UUIDs",
    "Random",
    "FileWatching",
];

/// Returns what there is to know of Julia.
pub fn hints() -> Hints {
    Hints {
        release: Some(Release {
            prefix: "julia:".to_owned(),
            name: "Julia".to_owned(),
        }),
        stale_cache: Some(stale_cache()),
        trace: Some(trace()),
        proof: Some(("JOT_PROVE_CACHES".to_owned(), "true".to_owned())),
        notices: vec![UNCACHED.to_owned()],
        symptoms: vec![depot(), failed_init(), endless(), no_form()],
        idle: None,
        faster_start: Some(
            "set `snapstart = true`, or before Julia 1.11 `compile = \"sysimage\"`".to_owned(),
        ),
        crash: Some("a library that is not Julia's".to_owned()),
        session: Some("it sees no variables but julia.exemplar_environment".to_owned()),
        portable: Some("set `julia.compile = \"none\"`".to_owned()),
        ..Hints::default()
    }
}

/// Where Julia puts what it compiles at run time: what exists there after the tests was not compiled in the image. From 1.11 on it compiles
/// nothing then, and the start says what has no cache.
fn stale_cache() -> StaleCache {
    StaleCache {
        path: "/tmp/.julia/compiled".to_owned(),
        line: UNCACHED.to_owned(),
        message: "Julia rejected the image's own, as it would at every cold start in Lambda".to_owned(),
        help: "a cache is stale where a file that it depends on (`include_dependency`) is another one at run time; `compile = \"none\"` makes none"
            .to_owned(),
    }
}

/// By this variable jot's entry point has Julia write, to its error stream, each method that it compiles
/// (`--trace-compile`). Julia from 1.11 on adds a comment where it compiled one anew.
/// <https://docs.julialang.org/en/v1/manual/command-line-interface/#command-line-interface>
fn trace() -> Trace {
    Trace {
        variable: ("JOT_TRACE_COMPILE".to_owned(), "stderr".to_owned()),
        prefix: "precompile(".to_owned(),
        mark: String::new(),
        separator: " # ".to_owned(),
        // The gate's own question, which a start in Lambda does not ask.
        prepared: "JotProof.".to_owned(),
        beside: texts(&BESIDE),
        unit: ("method".to_owned(), "methods".to_owned()),
        happened: "compiled at run time".to_owned(),
        budget: "jit_budget".to_owned(),
        help: "`jot test --jit-debt` lists them: set `compile = \"sysimage\"`, let a test with `exemplar = true` lead to them, or raise jit_budget"
            .to_owned(),
    }
}

fn depot() -> Symptom {
    Symptom {
        place: Place::Message,
        words: texts(&["read-only file system", "erofs", "permission denied", "eacces"]),
        also: texts(&DEPOTS),
        but: texts(&[WRITABLE]),
        message: None,
        line: None,
        name: Vec::new(),
        help: "the depot that is in the image cannot be written to in Lambda: have packages and artifacts installed by the build (`julia.dependencies`), \
               and write to first(DEPOT_PATH), which is /tmp/.julia"
            .to_owned(),
    }
}

fn failed_init() -> Symptom {
    Symptom {
        place: Place::Log,
        words: texts(&[UNCAUGHT]),
        also: Vec::new(),
        but: Vec::new(),
        message: Some("it ended while Julia started ({how}): {line}".to_owned()),
        line: Some((EARLY.to_owned(), "Julia does not say why".to_owned())),
        name: Vec::new(),
        help: "an `__init__` in the system image fails, in Lambda too: fix it, give it in `environment` what it asks for, or see more of it with `compile = \"none\"`"
            .to_owned(),
    }
}

/// What jot's runtime says of a value within itself (`runtime/write.jl`).
fn endless() -> Symptom {
    said(
        "answer",
        "arrays and objects within each other",
        "a value that contains itself has no end: answer with one that does not",
    )
}

/// What it says of a value that JSON cannot hold.
fn no_form() -> Symptom {
    said(
        "",
        "has no form in json",
        "have the function answer with numbers, texts, arrays, objects, true, false or nothing",
    )
}

/// What to do about an error with one text, and another.
fn said(also: &str, words: &str, help: &str) -> Symptom {
    Symptom {
        place: Place::Message,
        words: texts(&[words]),
        also: texts(&[also]),
        but: Vec::new(),
        message: None,
        line: None,
        name: Vec::new(),
        help: help.to_owned(),
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
