//! Hints for plan, apply, verify and report about Julia.

use crate::model::hints::{Hints, Place, Release, StaleCache, Symptom, Trace};

/// Julia's first depot, which is writable, as jot's entry point sets it.
const WRITABLE: &str = "/tmp/.julia/";
/// The depots of Julia's packages in an image, jot's or another.
const DEPOTS: [&str; 3] = ["/opt/jot/", "/.julia/", "/share/julia/"];
/// Julia's message about an error that cannot be caught: one in an `__init__` of its system image,
/// before jot's runtime can report it (`jl_no_exc_handler` in
/// <https://github.com/JuliaLang/julia/blob/v1.5.3/src/task.c>).
const UNCAUGHT: &str = "fatal: error thrown and no exception handler available.";
/// Prefix of the line with which jot's runtime still reports such an error (`runtime/early.jl`).
const EARLY: &str = "jot: before the start: ";

/// Prefix of the line that names the packages for which Julia refused the caches (`base/proof.jl`).
const UNCACHED: &str = "jot: loaded without a cache: ";

/// Modules with methods that are not the user's code.
const FOREIGN_MODULES: [&str; 9] = [
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

/// Returns the hints for Julia.
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
        crash: Some("a crash in a native library".to_owned()),
        session: Some("it has only the variables of julia.exemplar_environment".to_owned()),
        portable: Some("set `julia.compile = \"none\"`".to_owned()),
        ..Hints::default()
    }
}

/// The folder for code that Julia compiles at run time: files in it after the tests were not
/// compiled in the image. From 1.11 on, Julia then compiles nothing, and the start reports packages
/// without a cache.
fn stale_cache() -> StaleCache {
    StaleCache {
        path: "/tmp/.julia/compiled".to_owned(),
        line: UNCACHED.to_owned(),
        message: "Julia rejected the image's cache, as it would at every cold start in Lambda"
            .to_owned(),
        help:
            "a cache is stale if a file that it depends on (`include_dependency`) differs at run \
             time; `compile = \"none\"` creates no cache"
                .to_owned(),
    }
}

/// With this variable, jot's entry point has Julia write each method that it compiles to its error
/// stream (`--trace-compile`). Julia from 1.11 on adds a comment to recompiled methods.
/// <https://docs.julialang.org/en/v1/manual/command-line-interface/#command-line-interface>
fn trace() -> Trace {
    Trace {
        variable: ("JOT_TRACE_COMPILE".to_owned(), "stderr".to_owned()),
        prefix: "precompile(".to_owned(),
        mark: String::new(),
        separator: " # ".to_owned(),
        // The gate's own question, which a start in Lambda does not ask.
        prepared: "JotProof.".to_owned(),
        beside: texts(&FOREIGN_MODULES),
        unit: ("method".to_owned(), "methods".to_owned()),
        happened: "compiled at run time".to_owned(),
        budget: "jit_budget".to_owned(),
        help: "`jot test --jit-debt` lists them: set `compile = \"sysimage\"`, cover them by a \
               test with `exemplar = true`, or raise jit_budget"
            .to_owned(),
    }
}

fn depot() -> Symptom {
    Symptom {
        place: Place::Message,
        words: texts(&[
            "read-only file system",
            "erofs",
            "permission denied",
            "eacces",
        ]),
        also: texts(&DEPOTS),
        but: texts(&[WRITABLE]),
        message: None,
        line: None,
        name: Vec::new(),
        help: "the depot in the image is read-only in Lambda: let the build install packages and \
               artifacts (`julia.dependencies`), and write to first(DEPOT_PATH), which is \
               /tmp/.julia"
            .to_owned(),
    }
}

fn failed_init() -> Symptom {
    Symptom {
        place: Place::Log,
        words: texts(&[UNCAUGHT]),
        also: Vec::new(),
        but: Vec::new(),
        message: Some("the process ended while Julia started ({how}): {line}".to_owned()),
        line: Some((EARLY.to_owned(), "Julia reported no cause".to_owned())),
        name: Vec::new(),
        help: "an `__init__` in the system image fails, and would fail in Lambda: fix it, set the \
               variables that it needs in `environment`, or use `compile = \"none\"` for a full \
               error"
            .to_owned(),
    }
}

/// What jot's runtime says of a value within itself (`runtime/write.jl`).
fn endless() -> Symptom {
    said(
        "answer",
        "arrays and objects within each other",
        "return a value that does not contain itself",
    )
}

/// What it says of a value that JSON cannot hold.
fn no_form() -> Symptom {
    said(
        "",
        "has no form in json",
        "return numbers, texts, arrays, objects, true, false or nothing",
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
