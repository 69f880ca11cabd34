//! Native binaries of functions for the JVM, by GraalVM's `native-image`.
//!
//! They have no base image: the binary contains both code and dependencies, and any changed line
//! rebuilds it. BuildKit caches the results of the stages before it.

mod builder;
mod dockerfile;
mod hints;

pub use builder::{FLAGS, builder_image};

use std::collections::BTreeMap;

use super::{
    Table, embedded,
    files::made,
    native::dockerfile::{Binary, text},
    source::{Project, in_source, lines},
    titles,
};
use crate::{
    manifest::languages::Package,
    model::Form,
    recipe::{
        self, context,
        draft::{Draft, Runtime},
        language::{Input, Made},
        source::Sources,
        titles as steps,
    },
};

/// AWS's runtime for binaries. <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
const RUNTIME: (&str, &str) = ("provided.al2023", "public.ecr.aws/lambda/provided:al2023");
/// Returns what is made of a function that becomes a binary.
pub fn make(table: &Table, input: &Input, sources: &mut Sources) -> Result<Made, recipe::Error> {
    let project = Project::read(table, input, sources)?;
    let form = match table.package {
        Package::Image => Form::Image,
        Package::Zip => Form::Zip,
    };
    Ok(Made {
        base: None,
        code: draft(&project, form),
        form,
        labels: BTreeMap::new(),
        native: true,
        source: project.source(),
        hints: hints::hints(),
        jit_budget: None,
    })
}

fn draft(project: &Project, form: Form) -> Draft {
    let source = project.files.all.iter().map(in_source);
    let mut files: Vec<_> = source.map(|file| ("source", file)).collect();
    files.extend(project.build_files());
    files.extend(
        project
            .exemplars
            .iter()
            .map(|file| ("exemplar", file.clone())),
    );
    let native = project.table.native.as_ref();
    let arguments = native
        .map(|native| native.args.as_slice())
        .unwrap_or_default();
    files.push(("build", made("build/native-image", &lines(arguments))));
    let own = embedded::NATIVE.iter().chain([&embedded::CLIENT]);
    files.extend(own.map(|(path, text)| ("runtime", context::embedded(*path, text))));
    let binary = Binary {
        builder_image: &project.jdk_image,
        form,
    };
    Draft {
        dockerfile: project.with_parts(|parts| text(parts, &binary)),
        files,
        runtime: (form == Form::Zip).then(|| runtime(project)),
        titles: steps::all(titles::ALL),
        ..Draft::default()
    }
}

fn runtime(project: &Project) -> Runtime {
    let (name, image) = RUNTIME;
    Runtime {
        name: name.to_owned(),
        handler: project.function.handler.clone().unwrap_or_default(),
        image: image.to_owned(),
        ..Runtime::default()
    }
}
