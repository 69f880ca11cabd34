//! What may be wrong with a source, as far as its text shows without running it.

use std::{fs, path::Path};

use super::stdlib;
use crate::manifest::{
    languages::{Julia, Outline},
    nearest,
};

/// How many names are shown.
const NAMED: usize = 8;

/// Reports a handler that is missing in the source; `None` if it exists, or if the text cannot show
/// it: code by `eval`, unknown files, and names that other packages export.
pub fn handler(root: &Path, handler: &str, table: &Julia, version: &str) -> Option<String> {
    let source = root.join(&table.source);
    let (place, outline) = match source.is_dir() {
        true => package(&source, &table.source)?,
        false => (table.source.clone(), Outline::of_script(&source)),
    };
    let mut using = outline.using.iter();
    if outline.open || !using.all(|name| stdlib::is_standard(name, version)) {
        return None;
    }
    let mut parts = handler.split('.');
    if parts.all(|part| outline.words.contains(part)) {
        return None;
    }
    let callable = outline.defined.iter().filter(|one| one.takes_one());
    let names: Vec<&str> = callable.map(|one| one.name.as_str()).collect();
    // What defines nothing may have its handler from Julia itself.
    let (first, rest) = names.split_first()?;
    let defined = rest.iter().take(NAMED - 1);
    let defined = defined.fold(format!("`{first}`"), |all, name| format!("{all}, `{name}`"));
    let near = nearest::name(handler, names.iter().copied());
    let near = near.map_or_else(String::new, |near| format!(" Did you mean `{near}`?"));
    Some(format!(
        "no function `{handler}` is found in {place}, which defines {defined}.{near}"
    ))
}

/// The main file of a package, as it is shown, and what it defines.
fn package(folder: &Path, shown: &str) -> Option<(String, Outline)> {
    let project = fs::read_to_string(folder.join("Project.toml")).ok()?;
    let project: toml::Table = toml::from_str(&project).ok()?;
    let name = project.get("name")?.as_str()?;
    let file = format!("src/{name}.jl");
    let outline = Outline::of_package(&folder.join(&file));
    let place = Path::new(shown).join(file);
    let place = place.strip_prefix(".").unwrap_or(&place);
    Some((place.display().to_string(), outline))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a handler of a script with this text.
    fn said(name: &str, text: &str) -> Option<String> {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("s.jl"), text).unwrap();
        let table = "source = \"s.jl\"\nargument_type = \"Int\"";
        handler(root.path(), name, &toml::from_str(table).unwrap(), "1.12")
    }

    #[test]
    fn a_handler_that_the_source_lacks_is_reported_with_those_that_it_has() {
        let text = "using Dates\nadd_one(x::Int) = x\nother(x) = x\ntwo(a, b) = 1\n";
        assert_eq!(
            said("ad_one", text).unwrap(),
            "no function `ad_one` is found in s.jl, which defines `add_one`, `other`. Did you mean \
             `add_one`?"
        );
        assert!(said("zzz", text).unwrap().ends_with("`other`."));
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("sums");
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("Project.toml"), "name = \"Sums\"\n").unwrap();
        fs::write(folder.join("src/Sums.jl"), "module Sums\nsum(x) = x\nend\n").unwrap();
        let table = toml::from_str("source = \"sums\"\nargument_type = \"Int\"").unwrap();
        let text = handler(root.path(), "sums", &table, "1.12").unwrap();
        assert!(text.contains("is found in sums/src/Sums.jl,"), "{text}");
        assert_eq!(handler(root.path(), "sum", &table, "1.12"), None);
    }

    #[test]
    fn nothing_is_said_if_the_text_leaves_it_open() {
        for text in [
            "using JSON\nf(x) = x\n",
            "f(x) = x\ninclude(path)\n",
            "f(x) = x\n@eval $(name)(x) = x\n",
            "f(x) = x\nimport Other: handler\n",
            "f(x) = x\nconst handler = f\n",
            "f(x) = x\nif true\n    handler(x) = x\nend\n",
            "module Inner\nhandler(x) = x\nend\nf(x) = x\n",
            "println(1)\n",
        ] {
            assert_eq!(said("handler", text), None, "{text}");
        }
        assert_eq!(
            said(
                "Inner.handler",
                "module Inner\nhandler(x) = x\nend\nf(x) = x\n"
            ),
            None
        );
    }
}
