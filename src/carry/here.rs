//! What a folder holds that functions can be made of, without being asked for it by name.

use std::{fs, path::Path};

use super::{
    carried::{Carried, Code, Function},
    error::Error,
    file::text,
    julia, jvm, names,
    paths::Base,
    write,
};
use crate::manifest;

/// A manifest of what a folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Here {
    /// What was found, such as `sum.jl`.
    pub found: String,
    /// The manifest.
    pub manifest: super::Manifest,
}

/// Returns the manifest of the first of these that the folder holds: a project for the JVM, a Julia
/// package, Julia scripts, a Dockerfile. `None` where it holds none.
///
/// # Errors
/// Where a file that decides cannot be read.
pub fn here(folder: &Path, project: Option<&str>) -> Result<Option<Here>, Error> {
    if let Some(found) = jvm::project_file(folder) {
        return Ok(Some(Here {
            found: found.to_owned(),
            manifest: super::carry_over(folder, folder, project)?,
        }));
    }
    let base = Base::new(folder, folder);
    let Some((found, functions, mut notes)) = source(&base)? else {
        return Ok(None);
    };
    if functions
        .iter()
        .any(|function| !matches!(function.code, Code::Dockerfile { .. }))
        && folder.join(DOCKERFILE).is_file()
    {
        notes.push(format!(
            "{DOCKERFILE} was not used: `dockerfile = {{ source = \".\" }}` in place of the language's table builds it."
        ));
    }
    let carried = Carried {
        functions,
        ..Carried::default()
    };
    let name = project.map_or_else(|| super::folder_name(folder), str::to_owned);
    Ok(Some(Here {
        found,
        manifest: super::Manifest {
            text: write::manifest(&carried, &name),
            notes,
            deployed: Vec::new(),
        },
    }))
}

/// The name that Docker looks for.
const DOCKERFILE: &str = "Dockerfile";

/// What was found, the functions of it, and what to look at.
type Source = (String, Vec<Function>, Vec<String>);

fn source(base: &Base) -> Result<Option<Source>, Error> {
    if let Some(package) = julia::package(base)? {
        return Ok(Some(package));
    }
    if let Some(scripts) = julia::scripts(base, &files(&base.folder)?)? {
        return Ok(Some(scripts));
    }
    if !base.folder.join(DOCKERFILE).is_file() {
        return Ok(None);
    }
    text(&base.folder.join(DOCKERFILE))?;
    let function = Function {
        key: names::key(&super::folder_name(&base.folder)),
        code: Code::Dockerfile {
            source: base.path(""),
            file: DOCKERFILE.to_owned(),
            stage: None,
        },
        ..Function::default()
    };
    Ok(Some((DOCKERFILE.to_owned(), vec![function], Vec::new())))
}

/// The names of a folder's files, sorted, without the manifest's.
fn files(folder: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |cause| Error::Unreadable {
        path: folder.to_owned(),
        cause,
    };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let files = entries.flatten().filter(|entry| entry.path().is_file());
    let names = files.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name != manifest::FILE).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(files: &[(&str, &str)]) -> Option<Here> {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("numerics");
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        let made = here(&folder, None).unwrap();
        if let Some(here) = &made {
            let path = folder.join(manifest::FILE);
            manifest::read(&path, &here.manifest.text, None).unwrap();
        }
        made
    }

    fn text(files: &[(&str, &str)]) -> String {
        made(files).unwrap().manifest.text
    }

    #[test]
    fn an_empty_folder_holds_nothing() {
        assert_eq!(made(&[]), None);
        assert_eq!(made(&[("notes.txt", "x")]), None);
    }

    #[test]
    fn a_script_is_a_function_of_its_argument_s_type() {
        let script = "helper(x) = x\n\nfunction word_count(text::String)\n  1\nend\n";
        assert_eq!(
            text(&[("word_count.jl", script)]),
            "[project]\nname = \"numerics\"\n\n[functions.word-count]\n\
             julia = { source = \"word_count.jl\", argument_type = \"String\" }\n"
        );
    }

    #[test]
    fn every_script_with_a_function_of_its_name_is_one() {
        let here = made(&[
            ("sum.jl", "sum(v::Vector{Tuple{Int, Int}}) = 1\n"),
            ("product.jl", "function product(v::Vector{Int})::Int\nend\n"),
            ("helpers.jl", "f(x) = 1\n"),
        ])
        .unwrap();
        assert_eq!(here.found, "product.jl and sum.jl");
        let text = here.manifest.text;
        assert!(
            text.contains("argument_type = \"Vector{Tuple{Int, Int}}\""),
            "{text}"
        );
        assert!(text.contains("[functions.product]"), "{text}");
        assert!(!text.contains("helpers"), "{text}");
    }

    #[test]
    fn a_script_whose_function_has_another_name_names_it() {
        let here = made(&[("main.jl", "using Dates\nhandle!(event) = event\n")]).unwrap();
        let text = &here.manifest.text;
        assert!(
            text.contains("[functions.main]\nhandler = \"handle!\"\n"),
            "{text}"
        );
        assert!(text.contains("argument_type = \"Any\""), "{text}");
        assert!(here.manifest.notes[0].contains("argument_type"), "{here:?}");
    }

    #[test]
    fn a_package_has_a_function_for_each_that_it_exports() {
        let text = text(&[
            (
                "Project.toml",
                "name = \"Routes\"\nuuid = \"8d5f7f7e-2f3c-4b5e-9d3a-0a1b2c3d4e5f\"\n",
            ),
            (
                "src/Routes.jl",
                "module Routes\nexport route_length, Point\nstruct Point end\n\
                 route_length(points::Vector{Float64}) = 1\nend\n",
            ),
            ("test/runtests.jl", ""),
        ]);
        assert!(
            text.contains(
                "[functions.route-length]\n\
                 julia = { source = \".\", argument_type = \"Vector{Float64}\" }\n"
            ),
            "{text}"
        );
        assert!(!text.contains("Point"), "{text}");
    }

    #[test]
    fn a_dockerfile_is_a_function_of_the_folder_s_name() {
        let text = text(&[("Dockerfile", "FROM scratch\n")]);
        assert!(text.contains("[functions.numerics]\n"), "{text}");
        assert!(text.contains("dockerfile = { source = \".\""), "{text}");
    }

    #[test]
    fn beside_a_script_a_dockerfile_is_named() {
        let here = made(&[("sum.jl", "sum(v::Int) = 1"), ("Dockerfile", "FROM x")]).unwrap();
        assert_eq!(here.found, "sum.jl");
        assert!(
            here.manifest.notes[0].starts_with("Dockerfile was not used"),
            "{here:?}"
        );
    }
}
