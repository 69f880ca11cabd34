//! The JSON schemas, as files that a test generates from the types: to generate them at each start
//! would take longer than to read them.

#[cfg(test)]
mod generate;

/// The JSON schema (draft 7, which Taplo and VS Code read) of `jot.toml` as it is written: for
/// editors, and for every layer.
pub const WRITTEN: &str = include_str!("../../schema/jot.schema.json");

/// The schema of the merged document.
pub(super) const MERGED: &str = include_str!("../../schema/merged.schema.json");

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use super::{generate, *};

    #[test]
    fn the_schemas_are_fresh() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
        for (file, kept, schema) in [
            ("jot.schema.json", WRITTEN, generate::written()),
            ("merged.schema.json", MERGED, generate::merged()),
        ] {
            let fresh = format!("{schema:#}\n");
            if env::var_os("JOT_UPDATE_SCHEMA").is_some() {
                fs::write(folder.join(file), &fresh).unwrap();
            } else {
                assert!(
                    kept == fresh,
                    "schema/{file} is stale: run `JOT_UPDATE_SCHEMA=1 cargo test --lib fresh`"
                );
            }
        }
    }
}
