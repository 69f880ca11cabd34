//! Every file in `tests/manifest/bad` is refused; `tests/manifest/snapshots` contains what the user
//! sees.

use std::path::{Path, PathBuf};

use jot::manifest;
use miette::{GraphicalReportHandler, GraphicalTheme};

/// The target for which the files with these names are loaded; the rest are loaded for `prod` if
/// they have it.
const TARGETS: [(&str, Option<&str>); 1] = [("unknown-target", Some("prod"))];

fn bad_files() -> Vec<PathBuf> {
    let folder = Path::new("tests/manifest/bad").read_dir().unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn rendered(error: &dyn miette::Diagnostic) -> String {
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    handler
        .with_width(100)
        .with_links(false)
        .render_report(&mut text, error)
        .unwrap();
    let text = text.replace(concat!("jot ", env!("CARGO_PKG_VERSION")), "jot [version]");
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn target(name: &str, text: &str) -> Option<&'static str> {
    let named = TARGETS
        .iter()
        .find(|(file, _)| *file == name)
        .map(|(_, target)| *target);
    named.unwrap_or(text.contains("[targets.prod").then_some("prod"))
}

#[test]
fn bad_manifests_are_explained() {
    let files = bad_files();
    assert!(files.len() >= 25, "{} files", files.len());
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let error = manifest::load(&path, target(name, &text)).expect_err(name);
        insta::with_settings!({
            snapshot_path => "manifest/snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, rendered(&error));
        });
    }
}
