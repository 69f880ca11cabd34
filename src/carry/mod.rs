//! Manifests from existing projects: `jot init --from PATH`.
//!
//! A reader for each kind of source returns [`carried::Carried`], plain data; [`mod@write`] makes
//! TOML from it. Parts of a source without an equivalent in a manifest become notes.

mod carried;
mod cloudformation;
mod edn;
mod error;
mod file;
mod here;
mod julia;
mod julia_image;
mod jvm;
mod names;
mod paths;
mod settings;
mod source;
mod terraform;
mod write;
mod yaml;

use std::path::Path;

pub use error::Error;
pub use here::{Here, here};
pub use names::{folder_name, loses_letters};

use source::Source;

/// A manifest that was made of something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The text of the jot.toml.
    pub text: String,
    /// What has no equivalent or needs a look, one or two sentences each.
    pub notes: Vec<String>,
    /// The keys of the functions that Lambda may have already.
    pub deployed: Vec<String>,
}

/// Returns the manifest for the source at `path`, to be written into `folder`. `project` replaces
/// the source's own name of the project.
///
/// # Errors
/// If the source cannot be read, with file, line and what to do.
pub fn carry_over(path: &Path, folder: &Path, project: Option<&str>) -> Result<Manifest, Error> {
    let source = source::recognize(path)?;
    let base = paths::Base::new(source.folder(), folder);
    let carried = match &source {
        Source::JuliaImage { config, .. } => julia_image::read(config, &base),
        Source::Jvm { .. } => jvm::read(&base)?,
        Source::CloudFormation { file, text } => cloudformation::read(file, text, &base)?,
        Source::Terraform { file, document } => terraform::read(file, document, &base)?,
    };
    let own = carried.project.as_deref().map(names::project);
    let name = project.map(str::to_owned).or(own);
    let name = name.unwrap_or_else(|| folder_name(source.folder()));
    let deployed = carried
        .functions
        .iter()
        .filter(|function| function.deployed);
    Ok(Manifest {
        text: write::manifest(&carried, &name),
        deployed: deployed.map(|function| function.key.clone()).collect(),
        notes: together(carried.notes),
    })
}

/// Notes of the same text become one, with every place that it is about.
fn together(notes: Vec<String>) -> Vec<String> {
    let mut merged: Vec<(Option<String>, String)> = Vec::new();
    for note in notes {
        let (place, text) = match note.split_once(": ") {
            Some((place, text)) if !place.contains(' ') => (Some(place), text),
            _ => (None, &*note),
        };
        let same = merged.iter_mut().find(|(_, known)| known == text);
        match (same, place) {
            (Some((Some(places), _)), Some(place)) => *places += &format!(", {place}"),
            (Some(_), None) => {}
            _ => merged.push((place.map(str::to_owned), text.to_owned())),
        }
    }
    let notes = merged.into_iter();
    notes
        .map(|(place, text)| match place {
            Some(place) => format!("{place}: {text}"),
            None => text,
        })
        .collect()
}
