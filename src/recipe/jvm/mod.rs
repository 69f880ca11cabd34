//! Recipes of functions for the JVM: a base with a JRE, AWS's client and the dependencies, and the
//! project's own jar on top; or an archive of both for AWS's own runtime.
//!
//! The first build of a base settles it: its fingerprint covers the files that determine the
//! project's dependencies and how it is built. That build needs the whole project, and keeps none
//! of the project's own code.

mod dockerfile;
mod embedded;
mod error;
mod exemplars;
mod files;
mod flags;
mod hints;
mod native;
mod project;
mod source;
#[cfg(test)]
mod tests;
mod titles;
mod zip;

pub use crate::manifest::languages::Jvm as Table;
pub use error::Error;

use std::collections::BTreeMap;

use super::{
    language::{Base, Input, Made},
    source::Sources,
};
use crate::{
    manifest::{
        languages::{JvmCompile, Package},
        types::Function,
    },
    model::{Form, ImageOverrides},
};
use source::Project;

/// Returns what is made of a function for the JVM.
pub fn make(table: &Table, input: &Input, sources: &mut Sources) -> Result<Made, super::Error> {
    if table.mode() == JvmCompile::Native {
        return native::make(table, input, sources);
    }
    let project = Project::read(table, input, sources)?;
    let archive = table.mode() == JvmCompile::Archive;
    let zip = project.is_zip();
    Ok(Made {
        base: Some(Base {
            draft: project.base()?,
            reference: project.jdk_image.clone(),
            title: project.title(),
        }),
        code: project.code(),
        form: if zip { Form::Zip } else { Form::Image },
        labels: BTreeMap::new(),
        native: archive,
        source: project.source(),
        hints: hints::hints(archive, zip),
        jit_budget: table.jit_budget,
    })
}

/// Returns what the image of a function starts: its handler, after the class that has the exemplars
/// answered if a snapshot is taken.
pub fn start(table: &Table, function: &Function) -> Option<ImageOverrides> {
    if table.package == Package::Zip {
        return None;
    }
    let entry_point = match function.snapstart {
        Some(true) => vec![
            "/opt/jot/jre/bin/java".to_owned(),
            "@/opt/jot/jvm-tiered.args".to_owned(),
            dockerfile::PRIMED.to_owned(),
        ],
        _ => Vec::new(),
    };
    Some(ImageOverrides {
        entry_point,
        command: function.handler.iter().cloned().collect(),
        working_directory: String::new(),
    })
}

/// Sets the compile mode; `false` if it does not exist.
pub fn set_compile(table: &mut Table, mode: &str) -> bool {
    let mode = match (mode, table.package) {
        ("none", _) => JvmCompile::None,
        ("archive", Package::Image) => JvmCompile::Archive,
        ("native", _) => JvmCompile::Native,
        _ => return false,
    };
    table.compile = Some(mode);
    true
}
