//! The functions that can be made from a folder's files, without an explicit source.

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

/// What a folder holds that functions can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Here {
    /// Something that they were made of.
    Made {
        /// What was found, such as `sum.jl`.
        found: String,
        /// Its text, notes and deployed functions.
        manifest: super::Manifest,
    },
    /// Nothing that they can be made of.
    Nothing {
        /// What was considered and left out, a sentence each.
        left_out: Vec<String>,
    },
}

/// Returns the manifest for the first of these in the folder: a project for the JVM, a Julia
/// package, Julia scripts, a Dockerfile.
///
/// # Errors
/// If a relevant file cannot be read.
pub fn here(folder: &Path, project: Option<&str>) -> Result<Here, Error> {
    if let Some(found) = jvm::project_file(folder) {
        return Ok(Here::Made {
            found: found.to_owned(),
            manifest: super::carry_over(folder, folder, project)?,
        });
    }
    let base = Base::new(folder, folder);
    let (found, functions, mut notes) = source(&base)?;
    if functions.is_empty() {
        return Ok(Here::Nothing { left_out: notes });
    }
    if functions
        .iter()
        .any(|function| !matches!(function.code, Code::Dockerfile { .. }))
        && folder.join(DOCKERFILE).is_file()
    {
        notes.push(format!(
            "{DOCKERFILE} was not used: `dockerfile = {{ source = \".\" }}` in place of the \
                language's table builds it."
        ));
    }
    let carried = Carried {
        functions,
        ..Carried::default()
    };
    let name = project.map_or_else(|| super::folder_name(folder), str::to_owned);
    Ok(Here::Made {
        found,
        manifest: super::Manifest {
            text: write::manifest(&carried, &name),
            notes,
            deployed: Vec::new(),
        },
    })
}

/// The name that Docker looks for.
const DOCKERFILE: &str = "Dockerfile";

/// What was found, its functions, and what to check.
type Source = (String, Vec<Function>, Vec<String>);

fn source(base: &Base) -> Result<Source, Error> {
    let scripts = julia::scripts(base, &files(&base.folder)?)?;
    if let Some((found, functions, mut notes)) = julia::package(base)? {
        let left_out = scripts.into_iter().flat_map(|(_, functions, _)| functions);
        notes.extend(left_out.filter_map(|one| match one.code {
            Code::Julia { source, .. } => Some(format!(
                "{source} was left out: the package is declared instead; if the script is also a \
                    function, declare it."
            )),
            _ => None,
        }));
        return Ok((found, functions, notes));
    }
    let (found, functions, notes) = scripts.unwrap_or_default();
    if !functions.is_empty() || !base.folder.join(DOCKERFILE).is_file() {
        return Ok((found, functions, notes));
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
    Ok((DOCKERFILE.to_owned(), vec![function], notes))
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

    /// What was found, and the manifest of it.
    struct Made {
        found: String,
        text: String,
        notes: Vec<String>,
    }

    fn looked(files: &[(&str, &str)]) -> Here {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("numerics");
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        let made = here(&folder, None).unwrap();
        if let Here::Made { manifest, .. } = &made {
            let path = folder.join(manifest::FILE);
            manifest::read(&path, &manifest.text, None).unwrap();
        }
        made
    }

    fn made(files: &[(&str, &str)]) -> Made {
        match looked(files) {
            Here::Made { found, manifest } => Made {
                found,
                text: manifest.text,
                notes: manifest.notes,
            },
            nothing => panic!("{nothing:?}"),
        }
    }

    fn text(files: &[(&str, &str)]) -> String {
        made(files).text
    }

    /// The files of a package with this source.
    fn package(source: &str) -> [(&'static str, &str); 2] {
        let project = "name = \"Routes\"\nuuid = \"8d5f7f7e-2f3c-4b5e-9d3a-0a1b2c3d4e5f\"\n";
        [("Project.toml", project), ("src/Routes.jl", source)]
    }

    #[test]
    fn an_empty_folder_holds_nothing() {
        let nothing = Here::Nothing {
            left_out: Vec::new(),
        };
        assert_eq!(looked(&[]), nothing);
        assert_eq!(looked(&[("notes.txt", "x")]), nothing);
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
            ("parts.jl", "g(x) = 1\n"),
            ("more.jl", "include(\"./parts.jl\")\nmore(x::Int) = g(x)\n"),
        ]);
        assert_eq!(here.found, "more.jl, product.jl and sum.jl");
        let left_out = "helpers.jl was left out: it defines `f`, but nothing named `helpers`";
        assert!(
            here.notes.len() == 1 && here.notes[0].starts_with(left_out),
            "{:?}",
            here.notes
        );
        let text = here.text;
        assert!(
            text.contains("argument_type = \"Vector{Tuple{Int, Int}}\""),
            "{text}"
        );
        assert!(text.contains("[functions.product]"), "{text}");
        assert!(!text.contains("helpers"), "{text}");
    }

    #[test]
    fn a_script_that_defines_another_name_names_it() {
        let here = made(&[("main.jl", "using Dates\nhandle!(event) = event\n")]);
        let text = &here.text;
        assert!(
            text.contains("[functions.main]\nhandler = \"handle!\"\n"),
            "{text}"
        );
        assert!(text.contains("argument_type = \"Any\""), "{text}");
        assert!(here.notes[0].contains("argument_type"), "{:?}", here.notes);
    }

    #[test]
    fn a_package_has_a_function_for_each_that_it_exports() {
        let source = "module Routes\nexport route_length, Point, between\nstruct Point end\n\
                      between(a, b) = 1\n\
                      route_length(points::Vector{Float64}) = 1\nend\n";
        let files = [&package(source)[..], &[("test/runtests.jl", "")]].concat();
        let text = text(&files);
        assert!(
            text.contains(
                "[functions.route-length]\n\
                 julia = { source = \".\", argument_type = \"Vector{Float64}\" }\n"
            ),
            "{text}"
        );
        assert!(
            !text.contains("Point") && !text.contains("between"),
            "{text}"
        );
    }

    #[test]
    fn a_package_that_exports_nothing_is_answered_by_a_function_that_it_has() {
        for (source, handler) in [
            (
                "module Routes\n    two(a, b) = 1\n    length(v::Int) = two(v, v)\nend\n",
                "length",
            ),
            (
                "module Routes\nhelp(x) = x\nhandle(v::Int) = help(v)\nend\n",
                "handle",
            ),
            ("module Routes\ninclude(\"own.jl\")\nend\n", "inner"),
        ] {
            let own = [("src/own.jl", "inner(v::Int) = v\n")];
            let text = text(&[&package(source)[..], &own].concat());
            let wanted = format!(
                "[functions.routes]\nhandler = \"{handler}\"\n\
                 julia = {{ source = \".\", argument_type = \"Int\" }}\n"
            );
            assert!(text.contains(&wanted), "{text}");
        }
        let named = "module Routes\nhelp(x) = x\nroutes(v::Int) = help(v)\nend\n";
        assert!(!text(&package(named)).contains("handler"));
    }

    #[test]
    fn an_unknown_handler_is_a_marked_placeholder() {
        for (source, why) in [
            (
                "module Routes\na(x) = x\nb(x) = x\nend\n",
                "src/Routes.jl defines `a` and `b`, so",
            ),
            (
                "module Routes\nconst a = 1\nend\n",
                "src/Routes.jl has no function with one argument, so",
            ),
        ] {
            let here = made(&package(source));
            let marked =
                "[functions.routes]\n# PLACEHOLDER: write the name of the handler in src/Routes.jl";
            assert!(here.text.contains(marked), "{}", here.text);
            assert!(
                here.text.contains("handler = \"name_of_the_handler\"\n"),
                "{}",
                here.text
            );
            assert!(here.notes[0].contains(why), "{:?}", here.notes);
        }
        let here = made(&[("sums.jl", "a(x) = x\nb(x) = x\n")]);
        assert!(
            here.text.contains("[functions.sums]\n# PLACEHOLDER"),
            "{}",
            here.text
        );
    }

    #[test]
    fn scripts_of_other_names_are_declared_or_named() {
        let here = made(&[
            ("alpha.jl", "f(x::Int) = x\n"),
            ("beta.jl", "g(x::Int) = x\n"),
        ]);
        assert_eq!(
            (here.found.as_str(), here.notes.len()),
            ("alpha.jl and beta.jl", 0)
        );
        assert!(
            here.text.contains("[functions.beta]\nhandler = \"g\"\n"),
            "{}",
            here.text
        );
        let left_out =
            vec!["data.jl was left out: it has no function with one argument.".to_owned()];
        assert_eq!(
            looked(&[("data.jl", "const x = 1\n")]),
            Here::Nothing { left_out }
        );
    }

    #[test]
    fn a_script_next_to_a_package_is_named() {
        let source = "module Routes\nroutes(v::Int) = v\nend\n";
        let here = made(&[&package(source)[..], &[("sum.jl", "sum(v::Int) = v\n")]].concat());
        assert!(
            here.notes[0].starts_with("sum.jl was left out: the package"),
            "{:?}",
            here.notes
        );
    }

    #[test]
    fn a_dockerfile_is_a_function_of_the_folder_s_name() {
        let text = text(&[("Dockerfile", "FROM scratch\n")]);
        assert!(text.contains("[functions.numerics]\n"), "{text}");
        assert!(text.contains("dockerfile = { source = \".\""), "{text}");
    }

    #[test]
    fn a_dockerfile_next_to_a_script_is_named() {
        let here = made(&[("sum.jl", "sum(v::Int) = 1"), ("Dockerfile", "FROM x")]);
        assert_eq!(here.found, "sum.jl");
        assert!(
            here.notes[0].starts_with("Dockerfile was not used"),
            "{:?}",
            here.notes
        );
    }
}
