//! What the docker command keeps in its config.json.
//!
//! <https://docs.docker.com/reference/cli/docker/#configuration-files>

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::remote::Error;

/// Its name in the folder.
const FILE: &str = "config.json";

/// The parts of config.json that concern jot.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Config {
    /// Where it was read.
    #[serde(skip)]
    pub(super) path: PathBuf,
    /// The context that `docker context use` chose; empty: `default`.
    pub(super) current_context: String,
}

impl Config {
    /// Reads it from the folder; one that does not exist, or is not ours to read, is empty.
    pub(super) fn load(folder: &Path) -> Result<Config, Error> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                String::new()
            }
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "Docker's configuration is not read");
                String::new()
            }
        };
        if text.trim().is_empty() {
            return Ok(Config {
                path,
                ..Config::default()
            });
        }
        // Without the text that is wrong, which may be a password.
        let parsed: Config = serde_json::from_str(&text).map_err(|error| Error::Docker {
            message: format!(
                "{} is not what the docker command writes: line {}, column {}",
                path.display(),
                error.line(),
                error.column()
            ),
            help: Some("fix the file, or name another folder in DOCKER_CONFIG".to_owned()),
        })?;
        Ok(Config { path, ..parsed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, Error> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        Config::load(folder.path())
    }

    #[test]
    fn no_file_and_an_empty_one_are_an_empty_configuration() {
        let folder = tempfile::tempdir().unwrap();
        assert!(
            Config::load(folder.path())
                .unwrap()
                .current_context
                .is_empty()
        );
        assert!(load("").unwrap().current_context.is_empty());
        let other = r#"{"currentContext": "colima", "HttpHeaders": {"a": "b"}}"#;
        assert_eq!(load(other).unwrap().current_context, "colima");
    }

    #[test]
    fn a_broken_file_is_named_and_not_quoted() {
        let error = load("{\"auths\": {\"h\": {\"auth\": canary-77}}}").unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("config.json") && text.contains("line 1"),
            "{text}"
        );
        assert!(!text.contains("canary-77"), "{text}");
    }
}
