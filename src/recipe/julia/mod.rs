//! Recipes of functions in Julia: a base image with Julia and the runtime, and on top of it the
//! source's own image.

mod dependencies;
mod dockerfile;
mod doubt;
mod embedded;
mod error;
mod hints;
mod includes;
mod lock;
mod names;
mod package;
mod project;
mod responder;
mod responder_dockerfile;
mod script;
#[cfg(test)]
mod stages;
mod stdlib;
#[cfg(test)]
mod tests;
mod titles;
mod tools;
mod watch;
mod workspace;

pub use crate::manifest::languages::Julia as Table;
pub use error::Error;
pub use responder::Responder;

use std::{collections::BTreeMap, path::Path};

use super::{
    context,
    draft::Draft,
    language::{Base, First, Input, Made},
    source::{Sources, in_git},
    titles as steps,
};
use crate::{
    manifest::{
        languages::{Compile, Julia},
        types::{Build, Function},
    },
    model::{
        ContextFile, Form, Hints, desired::Source, hints::Sources as OwnFiles, recipe::LABEL_SOURCE,
    },
};
use dependencies::Dependencies;
use package::Package;
use responder::{GIT_CONFIGURATION, made};

/// The first function of a project.
pub const FIRST: First = First {
    function: "increment-vector",
    keys: "julia = { source = \"increment_vector.jl\", argument_type = \"Vector{Int}\" }\n\
           tests = [{ argument = [1, 2, 3], expected = [2, 3, 4] }]",
    file: "increment_vector.jl",
    text: "\"Adds one to every element.\"\nincrement_vector(v) = v .+ 1\n",
};

/// Returns the recipes of a function in Julia: a base, which functions may share, and the source's
/// image on top of it.
pub fn make(julia: &Julia, input: &Input, sources: &mut Sources) -> Result<Made, super::Error> {
    let place = (julia.source.as_str(), julia.rev.as_deref());
    let mut read = sources.of(input.key, place, script::files)?;
    if let Some(subdir) = &julia.subdir {
        read.files = below(read.files, subdir);
    }
    let workspace = match read.commit {
        Some(_) => None,
        None => sources.folder(input.key, &julia.source).ok(),
    };
    let version = responder::version(julia);
    let workspace = workspace.and_then(|folder| workspace::manifest(&folder, version));
    let default = input.key.replace('-', "_");
    let responder = Responder {
        snapstart: input.function.snapstart == Some(true),
        unwrap: input.function.unwrap == Some(true),
        key: input.key,
        handler: input.function.handler.as_deref().unwrap_or(&default),
        julia,
        build: &input.function.build,
        files: read.files,
        script: read.file,
        commit: read.commit,
        workspace,
        tests: input.tests,
        rie: input.emulator.clone(),
    };
    let code = self::responder(&responder)?;
    let package = Package::new(&responder)?;
    let hints = Hints {
        sources: Some(OwnFiles {
            image: package.own_folder(),
            here: responder.folder(),
            scope: package.scope(),
            suffix: ".jl".to_owned(),
        }),
        reload: watch::reload(&responder, &package.watched(), &code),
        ..hints::hints()
    };
    let commit = responder.commit.iter();
    let labels = commit.map(|_| (LABEL_SOURCE.to_owned(), julia.source.clone()));
    Ok(Made {
        base: Some(Base {
            draft: base(&responder)?,
            reference: base_image(julia, responder.build),
            title: title(&responder)?,
        }),
        code,
        form: Form::Image,
        labels: labels.collect::<BTreeMap<_, _>>(),
        native: julia.compile != Compile::None,
        source: source(&responder),
        hints,
        jit_budget: julia.jit_budget,
    })
}

/// Returns the variables with settings of the runtime. They change no image.
pub fn variables(function: &Function) -> BTreeMap<String, String> {
    let streams = function.url.as_ref().is_some_and(|url| url.streaming);
    let variable = streams.then(|| (STREAMING.to_owned(), "1".to_owned()));
    variable.into_iter().collect()
}

/// Set if the function's URL accepts streamed responses only; the runtime reads it, see
/// `runtime/stream.jl`.
const STREAMING: &str = "JOT_STREAMING";

/// Reports what may be wrong with a function's source, as far as its text shows.
pub fn doubt(root: &Path, (key, function): (&str, &Function), julia: &Julia) -> Option<String> {
    if in_git(&julia.source, julia.rev.as_deref()).is_some() {
        return None;
    }
    let default = key.replace('-', "_");
    let handler = function.handler.as_deref().unwrap_or(&default);
    doubt::handler(root, handler, julia, responder::version(julia))
}

/// The files below a folder, which their paths are relative to then.
fn below(files: Vec<ContextFile>, folder: &str) -> Vec<ContextFile> {
    let folder = format!("{}/", folder.trim_end_matches('/'));
    let moved = files.into_iter().filter_map(|file| {
        let path = file.path.strip_prefix(&folder)?.to_owned();
        Some(ContextFile { path, ..file })
    });
    moved.collect()
}

/// Sets the compile mode; `false` if it does not exist.
pub fn set_compile(julia: &mut Julia, mode: &str) -> bool {
    julia.compile = match mode {
        "none" => Compile::None,
        "precompile" => Compile::Precompile,
        "sysimage" => Compile::Sysimage,
        "trim" => Compile::Trim,
        _ => return false,
    };
    true
}

/// Sets the mode that makes a program, if the release of Julia supports it and the table has
/// another; returns it as written in jot.toml.
pub fn trial(julia: &mut Julia) -> Option<&'static str> {
    let makes_programs = responder::minor(responder::version(julia)) >= PROGRAMS;
    if !makes_programs || julia.compile == Compile::Trim {
        return None;
    }
    julia.compile = Compile::Trim;
    julia.jit_budget = None;
    julia.drop_stdlibs.clear();
    julia.run_package_tests = false;
    Some("compile = \"trim\"")
}

/// The minor version of the first release that makes programs, as in the manifest's rules.
const PROGRAMS: u32 = 12;

/// Has changed sources loaded into a running container, if possible.
pub fn watch(julia: &mut Julia) {
    julia.watched = true;
}

/// Returns the recipe of the base image: Julia, the source's dependencies, and the runtime. It
/// contains nothing of a function itself, so that functions with the same dependencies share it. It
/// is lean (from scratch, only what Julia needs) unless `build.dockerfile_extra` is set: those
/// lines may need the tools of their base image.
pub fn base(responder: &Responder) -> Result<Draft, Error> {
    let extra = responder.build.dockerfile_extra.as_deref();
    if let Some(line) = extra.and_then(dockerfile::copies) {
        return Err(Error::Copies {
            function: responder.key.to_owned(),
            line: line.to_owned(),
        });
    }
    let from = base_image(responder.julia, responder.build);
    let mut files: Vec<_> = embedded::RUNTIME
        .iter()
        .map(|(name, text)| {
            (
                "runtime",
                context::embedded(format!("runtime/{name}"), text),
            )
        })
        .collect();
    files.extend(
        embedded::BASE
            .iter()
            .map(|(name, text)| ("runtime", context::embedded(format!("base/{name}"), text))),
    );
    files.extend(responder.rie.clone().map(|file| {
        let path = "bin/aws-lambda-rie".to_owned();
        let file = ContextFile {
            path,
            executable: true,
            ..file
        };
        ("runtime", file)
    }));
    let installed = Dependencies::of(responder)?;
    files.extend(installed.iter().flat_map(Dependencies::files));
    files.extend(tools::base_files(responder.julia));
    let parts = dockerfile::Parts {
        from: &from,
        extra,
        emulator: responder.rie.is_some(),
        dependencies: installed.is_some(),
        git_configuration: responder.build.secrets.contains_key(GIT_CONFIGURATION),
        arguments: responder.arguments(),
        image: tools::system_image(responder.julia),
    };
    Ok(Draft {
        dockerfile: dockerfile::base(&parts),
        files,
        titles: steps::all(titles::BASE),
        ..Draft::default()
    })
}

/// Returns the title of the base image in plans: `base (julia:1.12)`, or `base (julia:1.12, JSON3,
/// Tables)`.
pub fn title(responder: &Responder) -> Result<String, Error> {
    let reference = base_image(responder.julia, responder.build);
    Ok(match Dependencies::of(responder)? {
        Some(installed) => format!("base ({reference}, {})", installed.summary()),
        None => format!("base ({reference})"),
    })
}

/// Returns the recipe of the source's image: the generated package, and its caches or a system
/// image, on top of the base image.
pub fn responder(responder: &Responder) -> Result<Draft, Error> {
    let package = Package::new(responder)?;
    let exemplars = exemplars(responder);
    let mut files = package.files(responder);
    files.extend(
        embedded::BUILD
            .iter()
            .map(|(name, text)| ("runtime", context::embedded(format!("build/{name}"), text))),
    );
    let from = base_image(responder.julia, responder.build);
    let tools = tools::of(responder, &from);
    let parts = responder_dockerfile::Parts {
        package: &package.name,
        mode: mode(responder.julia.compile),
        exemplars: responder.julia.compile != Compile::None && !exemplars.is_empty(),
        rehearsed: responder.snapstart && !exemplars.is_empty(),
        snapstart: responder.snapstart,
        tested: package.tested(responder),
        tools,
        commit: responder.commit.as_deref(),
    };
    let dockerfile = responder_dockerfile::responder(&parts);
    let titles = steps::all(match parts.exemplars {
        true => titles::TRAINED,
        false => titles::CODE,
    });
    files.extend(exemplars);
    let stage = parts.tools.as_ref().map(|tools| tools.purpose);
    files.extend(tools::files(responder, stage));
    Ok(Draft {
        dockerfile,
        files,
        titles,
        ..Draft::default()
    })
}

/// The word for it in the manifest, which the build script takes.
fn mode(compile: Compile) -> &'static str {
    match compile {
        Compile::None => "none",
        Compile::Precompile => "precompile",
        Compile::Sysimage => "sysimage",
        Compile::Trim => "trim",
    }
}

/// Returns the parts of the source under the names that its author knows: the files, and the keys
/// that are compiled in.
pub fn source(responder: &Responder) -> Source {
    let place = responder.julia.source.as_str();
    let folder = responder.folder();
    let files = responder.files.iter().map(|file| {
        let mode = if file.executable { "x" } else { "-" };
        let content = format!("{mode}{}", &file.sha256[..16]);
        (format!("{folder}{}", file.path), content)
    });
    let keys = [
        ("handler", responder.handler),
        ("julia.argument_type", &responder.julia.argument_type),
    ];
    let commit = responder.commit.as_deref().map(|commit| ("commit", commit));
    let unwrap = responder.unwrap.then_some(("unwrap", "true"));
    let keys = keys.into_iter().chain(unwrap).chain(commit);
    let keys = keys.map(|(key, value)| (key.to_owned(), value.to_owned()));
    Source {
        place: place.to_owned(),
        parts: files.chain(keys).collect(),
    }
}

/// Returns the reference of the image that Julia comes from, such as `julia:1.12`.
pub fn base_image(julia: &Julia, build: &Build) -> String {
    let version = responder::version(julia);
    let given = build.base_image.clone();
    given.unwrap_or_else(|| format!("julia:{version}"))
}

/// The arguments that the exemplar session and SnapStart replay, in the tests' order. Their names
/// have no influence: no image depends on them.
fn exemplars(responder: &Responder) -> Vec<(&'static str, ContextFile)> {
    if responder.julia.compile == Compile::None && !responder.snapstart {
        return Vec::new();
    }
    let chosen = responder.tests.iter().filter(|test| test.exemplar);
    chosen
        .enumerate()
        .map(|(i, test)| {
            let path = format!("exemplar/{:04}.json", i + 1);
            ("exemplar", made(path, &test.argument))
        })
        .collect()
}
