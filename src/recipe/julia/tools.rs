//! The build stage with a compiler and a package manager, for what the base image cannot do itself.

use std::collections::BTreeMap;

use super::{
    GIT_CONFIGURATION, Responder, dependencies,
    dockerfile::SystemImage,
    embedded, made,
    responder::{minor, version},
    responder_dockerfile::{Purpose, Tools},
};
use crate::{
    manifest::languages::{Compile, Droppable, Julia},
    model::ContextFile,
    recipe::context,
};

/// The release that introduced package images, caches with native code:
/// <https://github.com/JuliaLang/julia/blob/v1.9.0/NEWS.md>. Its counterpart in Julia is in
/// `runtime/versions.jl`.
const PACKAGE_IMAGES: u32 = 9;

/// Which system image the base has.
pub fn system_image(julia: &Julia) -> SystemImage {
    let version = version(julia);
    match julia.compile {
        Compile::Sysimage if minor(version) < PACKAGE_IMAGES => SystemImage::Responder,
        Compile::Sysimage => SystemImage::Base,
        Compile::Trim => SystemImage::Program,
        _ => SystemImage::Own,
    }
}

/// The stage that a source's build needs, on the image that Julia comes from; `None` if the base is
/// enough. A base with everything of that image may also have what the user's lines installed, so
/// it is the stage itself.
pub fn of<'a>(responder: &Responder, from: &'a str) -> Option<Tools<'a>> {
    let Julia {
        compile,
        run_package_tests,
        ..
    } = responder.julia;
    let tested = *run_package_tests && *compile != Compile::None && responder.script.is_none();
    let purpose = match system_image(responder.julia) {
        SystemImage::Responder => Some(Purpose::SystemImage),
        SystemImage::Program => Some(Purpose::Program),
        _ => tested.then_some(Purpose::Tests),
    };
    purpose.map(|purpose| Tools {
        from: responder.build.dockerfile_extra.is_none().then_some(from),
        purpose,
        git_configuration: responder.build.secrets.contains_key(GIT_CONFIGURATION),
        arguments: responder.arguments(),
    })
}

/// The files for a source's build that follow from the manifest, and those of the stage, if used.
pub fn files(responder: &Responder, stage: Option<Purpose>) -> Vec<(&'static str, ContextFile)> {
    let mut files = Vec::new();
    match stage {
        Some(Purpose::Program) => files.extend(trim()),
        Some(_) => files.extend(compiler(responder.julia)),
        None => {}
    }
    if system_image(responder.julia) == SystemImage::Responder {
        files.extend(dropped("build", &responder.julia.drop_stdlibs));
    }
    files.extend(environment(&responder.julia.exemplar_environment));
    files
}

/// The files for a base with a system image of its own.
pub fn base_files(julia: &Julia) -> Vec<(&'static str, ContextFile)> {
    if system_image(julia) != SystemImage::Base {
        return Vec::new();
    }
    let mut files = compiler(julia);
    files.extend(dropped("base", &julia.drop_stdlibs));
    files
}

/// What installs packages for the build itself.
fn compiler(julia: &Julia) -> Vec<(&'static str, ContextFile)> {
    let own = embedded::COMPILER.iter();
    let own = own.map(|(name, text)| {
        (
            "runtime",
            context::embedded(format!("compiler/{name}"), text),
        )
    });
    let registries = dependencies::registries(julia);
    let registries = made("compiler/registries".to_owned(), &registries);
    own.chain([("dependencies", registries)]).collect()
}

/// What compiles a program.
fn trim() -> impl Iterator<Item = (&'static str, ContextFile)> {
    let files = embedded::TRIM.iter();
    files.map(|(name, text)| {
        (
            "runtime",
            context::embedded(format!("build/trim/{name}"), text),
        )
    })
}

fn dropped(folder: &str, libraries: &[Droppable]) -> Option<(&'static str, ContextFile)> {
    let names: Vec<_> = libraries
        .iter()
        .map(|library| format!("{library:?}"))
        .collect();
    let file = || {
        made(
            format!("{folder}/drop_stdlibs"),
            &dependencies::lines(&names),
        )
    };
    (!names.is_empty()).then(|| ("args", file()))
}

fn environment(variables: &BTreeMap<String, String>) -> Option<(&'static str, ContextFile)> {
    let text = || serde_json::json!(variables).to_string();
    let file = || made("build/environment.json".to_owned(), &text());
    (!variables.is_empty()).then(|| ("exemplar", file()))
}
