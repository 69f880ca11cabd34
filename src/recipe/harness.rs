//! The harness: a local image of the artifact with AWS's emulator in front of it. It is never
//! pushed.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    draft::{Draft, Runtime},
    error::Error,
    fingerprint::{Setting, seal},
    titles,
};
use crate::model::{
    ContextFile, Form, Recipe, RecipeRole,
    recipe::{ARCHIVE_CONTEXT, ARCHIVE_FOLDER, HARNESS_EMULATOR, HARNESS_TITLE},
};

/// The harness adds only one file, so that the tested artifact is the deployed one.
const DOCKERFILE: &str = "# Made by jot.\nARG JOT_BASE_IMAGE\nFROM ${JOT_BASE_IMAGE}\n";

/// Its base, and how the artifact gets into it: an archive is unpacked into the context during the
/// build.
fn head(runtime: Option<&Runtime>) -> String {
    let Some(runtime) = runtime else {
        return DOCKERFILE.to_owned();
    };
    let entry_point = match runtime.entry_point.as_slice() {
        [] => String::new(),
        words => format!("ENTRYPOINT {}\n", Json::from(words)),
    };
    let image = &runtime.image;
    format!(
        "# Made by jot.\nFROM {image}\nCOPY {ARCHIVE_CONTEXT}/ {ARCHIVE_FOLDER}/\n{entry_point}"
    )
}

/// Returns the recipe of an artifact's harness; `runtime` is an archive's.
pub fn of(
    artifact: &Recipe,
    emulator: ContextFile,
    runtime: Option<&Runtime>,
) -> Result<Recipe, Error> {
    let path = HARNESS_EMULATOR.trim_start_matches('/');
    let draft = Draft {
        dockerfile: format!("{}COPY {path} {HARNESS_EMULATOR}\n", head(runtime)),
        files: vec![(
            "runtime",
            ContextFile {
                path: path.to_owned(),
                executable: true,
                ..emulator
            },
        )],
        titles: titles::all(&[]),
        ..Draft::default()
    };
    let setting = Setting {
        role: RecipeRole::Harness,
        form: Form::Image,
        platform: artifact.platform.clone(),
        reference: None,
        args: BTreeMap::new(),
        network: None,
        secrets: BTreeMap::new(),
        ssh: BTreeMap::new(),
        labels: BTreeMap::new(),
        title: format!("{}{HARNESS_TITLE}", artifact.title),
        native: artifact.native,
    };
    seal(draft, Some(artifact), setting)
}
