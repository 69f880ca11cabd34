//! The harness: the artifact with AWS's emulator in front of it, for this machine alone. It is never pushed.

use std::collections::BTreeMap;

use super::{
    draft::Draft,
    error::Error,
    fingerprint::{Setting, seal},
};
use crate::model::{ContextFile, Form, Recipe, RecipeRole, recipe::HARNESS_EMULATOR};

/// Nothing of the artifact is changed but for one file, so that what is tested is what is deployed.
const DOCKERFILE: &str = "# Made by jot.\nARG JOT_BASE_IMAGE\nFROM ${JOT_BASE_IMAGE}\n";

/// Returns the recipe of an artifact's harness.
pub fn of(artifact: &Recipe, emulator: ContextFile) -> Result<Recipe, Error> {
    let path = HARNESS_EMULATOR.trim_start_matches('/');
    let draft = Draft {
        dockerfile: format!("{DOCKERFILE}COPY {path} {HARNESS_EMULATOR}\n"),
        files: vec![(
            "runtime",
            ContextFile {
                path: path.to_owned(),
                executable: true,
                ..emulator
            },
        )],
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
        labels: BTreeMap::new(),
        title: format!("{} with AWS's emulator", artifact.title),
        native: artifact.native,
    };
    seal(draft, Some(artifact), setting)
}
