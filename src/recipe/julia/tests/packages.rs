//! Parts of a package directory: its Manifest.toml, preferences, artifacts, and what is refused.

use super::*;

const JSON3: &str = "0f8b85d8-7281-11e9-16c2-39a750bddbf1";

#[test]
fn a_dependency_in_a_folder_is_refused_by_name() {
    let case = Case::new(Compile::Precompile);
    let project = format!("{PROJECT}{DEPENDENT}");
    let entry = "uuid = \"5a3d2f0e-4c3b-4d8e-9f6a-1b2c3d4e5f60\"\npath = \"../Points\"\n";
    for manifest in [
        format!("[[Points]]\n{entry}"),
        format!("manifest_format = \"2.0\"\n\n[[deps.Points]]\n{entry}"),
    ] {
        let mut package = case.package(&project);
        package.files.push(file("Manifest.toml", &manifest));
        assert_eq!(
            base(&package).unwrap_err().to_string(),
            "the Manifest.toml of function `increment-vector` takes Points from the folder \
             ../Points, which no image contains"
        );
    }
    let sources = format!("{project}\n[sources]\nJSON3 = {{ path = \"../JSON3\" }}\n");
    let error = base(&case.package(&sources)).unwrap_err().to_string();
    assert!(
        error.contains("takes JSON3 from the folder ../JSON3"),
        "{error}"
    );
}

fn package<'a>(case: &'a Case, files: &[(&str, &str)]) -> Responder<'a> {
    let mut package = case.package(&format!("{PROJECT}{DEPENDENT}"));
    for (path, text) in files {
        package.files.retain(|file| file.path != *path);
        package.files.push(file(path, text));
    }
    package
}

#[test]
fn the_manifest_of_the_julia_version_counts() {
    let mut case = Case::new(Compile::Precompile);
    let entry =
        |version: &str| format!("[[deps.JSON3]]\nuuid = \"{JSON3}\"\nversion = \"{version}\"\n");
    let texts = ["1.0.0", "2.0.0", "3.0.0", "4.0.0"].map(entry);
    let names = [
        "Manifest.toml",
        "JuliaManifest.toml",
        "Manifest-v1.12.toml",
        "JuliaManifest-v1.12.toml",
    ];
    case.julia.version = Some("1.12.6".to_owned());
    let mut files = Vec::new();
    for (name, text) in names.into_iter().zip(&texts) {
        files.push((name, text.as_str()));
        let draft = base(&package(&case, &files)).unwrap();
        assert_eq!(
            text,
            super::text(&draft, "dependencies/Manifest.toml"),
            "{name}"
        );
        let manifests = paths(&draft)
            .iter()
            .filter(|path| path.contains("Manifest"))
            .count();
        assert_eq!(manifests, 1, "{name}");
    }
    case.julia.version = Some("1.10".to_owned());
    let draft = base(&package(&case, &files)).unwrap();
    assert_eq!(text(&draft, "dependencies/Manifest.toml"), texts[1]);
}

/// As Pkg 1.12 writes it.
#[test]
fn a_manifest_that_lists_the_package_itself_is_taken_without_it() {
    let case = Case::new(Compile::Precompile);
    let head = "julia_version = \"1.12.6\"\nmanifest_format = \"2.1\"\n\n";
    let json = format!(
        "[[deps.JSON3]]\nuuid = \"{JSON3}\"\nversion = \"1.9.0\"\n\
         \n    [deps.JSON3.deps]\n    Dates = \"ade2ca70-3891-5945-98fb-dc099432e06a\"\n\n"
    );
    let own = "[[deps.Numerics]]\ndeps = [\"JSON3\"]\npath = \".\"\n\
               uuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\nversion = \"0.1.0\"\n\n";
    let last = "[[deps.Dates]]\nuuid = \"ade2ca70-3891-5945-98fb-dc099432e06a\"\n";
    let manifest = format!("{head}{json}{own}{last}");
    let draft = base(&package(&case, &[("Manifest.toml", &manifest)])).unwrap();
    let kept = text(&draft, "dependencies/Manifest.toml");
    assert_eq!(kept, format!("{head}{json}{last}"));
    let other_ends = manifest.replace('\n', "\r\n");
    let draft = base(&package(&case, &[("Manifest.toml", &other_ends)])).unwrap();
    assert_eq!(
        text(&draft, "dependencies/Manifest.toml"),
        kept.replace('\n', "\r\n")
    );
    // Another package of the same name is another.
    let other = manifest.replace("7876af07", "00000000");
    let error = base(&package(&case, &[("Manifest.toml", &other)])).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("takes Numerics from the folder .")
    );
}

/// Dependencies of other members do not count; another member as a dependency is refused, because
/// no image contains it.
#[test]
fn a_member_of_a_workspace_has_its_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "Project.toml",
        "[workspace]\nprojects = [\"Other\", \"Numerics\"]\n",
    );
    let json = format!("[[deps.JSON3]]\ndeps = [\"Tables\"]\nuuid = \"{JSON3}\"\n\n");
    let others = "[[deps.Other]]\ndeps = [\"Plots\"]\npath = \"Other\"\n\
                  uuid = \"00000000-0000-0000-0000-000000000001\"\n\n\
                  [[deps.Plots]]\nuuid = \"00000000-0000-0000-0000-000000000002\"\n\n";
    let tables = "[[deps.Tables]]\nuuid = \"00000000-0000-0000-0000-000000000003\"\n";
    write(
        "Manifest-v1.12.toml",
        &format!("manifest_format = \"2.0\"\n\n{json}{others}{tables}"),
    );
    write("Numerics/Project.toml", PROJECT);
    write("Alone/Project.toml", PROJECT);
    let of = |name: &str, julia: &str| workspace::manifest(&folder.path().join(name), julia);
    assert_eq!(of("Alone", "1.12"), None);
    assert_eq!(of("Numerics", "1.11"), None);
    let mut case = Case::new(Compile::Precompile);
    case.julia.version = Some("1.12".to_owned());
    let mut member = package(&case, &[]);
    member.workspace = of("Numerics", "1.12");
    let draft = base(&member).unwrap();
    assert_eq!(
        text(&draft, "dependencies/Manifest.toml"),
        format!("manifest_format = \"2.0\"\n\n{json}{tables}")
    );
    let needs = member
        .workspace
        .unwrap()
        .replace("[\"Tables\"]", "[\"Other\"]");
    member.workspace = Some(needs);
    let error = base(&member).unwrap_err().to_string();
    assert!(
        error.contains(
            "the Manifest.toml of the workspace of function `increment-vector` takes Other from \
             the folder Other"
        ),
        "{error}"
    );
}

/// Julia reads the preferences of what the same Project.toml names.
#[test]
fn preferences_go_where_the_dependencies_are() {
    let case = Case::new(Compile::Precompile);
    let project = format!(
        "{PROJECT}{DEPENDENT}\n[preferences.JSON3]\nfast = true\n\n[preferences.Numerics]\n\
         unit = \"m\"\n"
    );
    let manifest = format!(
        "[[JSON3]]\nuuid = \"{JSON3}\"\n\n[[MPI_jll]]\n\
         uuid = \"00000000-0000-0000-0000-000000000004\"\n"
    );
    let local = "[MPI_jll]\nbinary = \"system\"\n\n[Unknown]\na = 1\n";
    let files = [
        ("Project.toml", project.as_str()),
        ("Manifest.toml", &manifest),
        ("LocalPreferences.toml", local),
    ];
    let draft = base(&package(&case, &files)).unwrap();
    assert_eq!(text(&draft, "dependencies/LocalPreferences.toml"), local);
    let table: toml::Table = toml::from_str(text(&draft, "dependencies/Project.toml")).unwrap();
    let extras: Vec<_> = table["extras"]
        .as_table()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(extras, ["MPI_jll", "Numerics"]);
    assert_eq!(
        table["extras"]["Numerics"].as_str(),
        Some("7876af07-990d-54b4-ab0e-23690620f79a")
    );
    assert_eq!(table["preferences"]["JSON3"]["fast"].as_bool(), Some(true));
    // Without preferences, the table is absent and the base is unchanged.
    let plain = base(&package(&case, &[])).unwrap();
    assert!(!text(&plain, "dependencies/Project.toml").contains("extras"));
}

#[test]
fn a_package_s_own_artifacts_are_in_the_base() {
    let case = Case::new(Compile::Precompile);
    let artifacts =
        "[data]\ngit-tree-sha1 = \"0000000000000000000000000000000000000000\"\nlazy = true\n";
    let mut alone = case.package(PROJECT);
    alone.files.push(file("Artifacts.toml", artifacts));
    let draft = base(&alone).unwrap();
    let installed = |draft: &Draft| {
        paths(draft)
            .into_iter()
            .filter(|path| path.starts_with("dependencies dependencies/"))
            .collect::<Vec<_>>()
    };
    // No registry is asked for them.
    assert_eq!(
        installed(&draft),
        ["dependencies dependencies/Artifacts.toml"]
    );
    assert_eq!(title(&alone).unwrap(), "base (julia:1.5, artifacts)");
    let with = base(&package(&case, &[("Artifacts.toml", artifacts)])).unwrap();
    assert_eq!(installed(&with).len(), 3);
    // A script has none of its own.
    let mut script = case.script();
    script.files.push(file("Artifacts.toml", artifacts));
    assert!(installed(&base(&script).unwrap()).is_empty());
}

#[test]
fn a_build_script_with_dependencies_of_its_own_is_refused_by_name() {
    let case = Case::new(Compile::Precompile);
    assert!(base(&package(&case, &[("deps/build.jl", "")])).is_ok());
    let files = [("deps/build.jl", ""), ("deps/Project.toml", "[deps]\n")];
    let error = base(&package(&case, &files)).unwrap_err().to_string();
    assert!(error.contains("deps/Project.toml"), "{error}");
}

/// Before 1.11, Julia would silently take another release from a registry.
#[test]
fn sources_are_for_the_releases_that_read_them() {
    let mut case = Case::new(Compile::Precompile);
    let url = "JSON3 = { url = \"https://example.org/JSON3.git\", rev = \"main\" }";
    let project = format!("{PROJECT}{DEPENDENT}\n[sources]\n{url}\n");
    let files = [("Project.toml", project.as_str())];
    let error = base(&package(&case, &files)).unwrap_err().to_string();
    assert!(error.contains("`[sources]` from 1.11 on"), "{error}");
    let locked = [files[0], ("Manifest.toml", "")];
    assert!(base(&package(&case, &locked)).is_ok());
    case.julia.version = Some("1.11".to_owned());
    let draft = base(&package(&case, &files)).unwrap();
    let table: toml::Table = toml::from_str(text(&draft, "dependencies/Project.toml")).unwrap();
    assert_eq!(table["sources"]["JSON3"]["rev"].as_str(), Some("main"));
}

#[test]
fn a_package_may_be_below_a_repository_s_root() {
    let files = [
        "README.md",
        "lib/Numerics/Project.toml",
        "lib/Numerics/src/Numerics.jl",
        "lib/Numerics2/Project.toml",
    ];
    let files = files.map(|path| file(path, "")).to_vec();
    let paths = |subdir: &str| {
        below(files.clone(), subdir)
            .into_iter()
            .map(|file| file.path)
            .collect::<Vec<_>>()
    };
    assert_eq!(paths("lib/Numerics"), ["Project.toml", "src/Numerics.jl"]);
    assert_eq!(paths("lib/Numerics/"), ["Project.toml", "src/Numerics.jl"]);
    assert!(paths("lib/Num").is_empty());
}

#[test]
fn build_arguments_reach_what_installs() {
    let mut case = Case::new(Compile::Sysimage);
    case.julia.dependencies = vec!["JSON3".to_owned()];
    case.build
        .args
        .insert("JULIA_SSL_CA_ROOTS_PATH".to_owned(), "/ca.pem".to_owned());
    let lines = "ARG JULIA_PKG_SERVER\nARG JULIA_SSL_CA_ROOTS_PATH\n";
    for draft in [
        base(&case.script()).unwrap(),
        responder(&case.script()).unwrap(),
    ] {
        assert!(draft.dockerfile.contains(lines), "{}", draft.dockerfile);
    }
}

#[test]
fn a_line_that_copies_what_no_build_has_is_refused() {
    let mut case = Case::new(Compile::Precompile);
    for (line, good) in [
        ("COPY ca.pem /etc/ca.pem", false),
        ("RUN true\n  add --chown=1 a b", false),
        ("COPY --from=alpine:3 /a /b", true),
        ("ADD https://example.org/a /a", true),
        ("COPY <<END /etc/a\nx\nEND", true),
        ("RUN cp a b # COPY a b", true),
    ] {
        case.build.dockerfile_extra = Some(line.to_owned());
        assert_eq!(base(&case.script()).is_ok(), good, "{line}");
    }
}

/// Julia finds an extension automatically only in an environment of its package alone.
#[test]
fn a_package_with_extensions_says_where_it_is() {
    let project = format!(
        "{PROJECT}\n[weakdeps]\nDates = \"ade2ca70-3891-5945-98fb-dc099432e06a\"\n\n[extensions]\n\
         NumericsDates = \"Dates\"\n"
    );
    let mut case = Case::new(Compile::Precompile);
    case.julia.source = "packages/Numerics".to_owned();
    let draft = responder(&case.package(&project)).unwrap();
    assert!(!paths(&draft).contains(&"source env/extensions".to_owned()));
    assert_eq!(text(&draft, "env/place"), "packages/Numerics/");
    for (source, folder) in [
        (".", ""),
        ("./", ""),
        ("./lib", "lib/"),
        ("../lib/", "../lib/"),
    ] {
        case.julia.source = source.to_owned();
        assert_eq!(case.package(&project).folder(), folder, "{source}");
    }
    case.julia.version = Some("1.9".to_owned());
    let draft = responder(&case.package(&project)).unwrap();
    assert_eq!(text(&draft, "env/extensions"), "/opt/jot/env/Numerics\n");
    let draft = responder(&case.package(PROJECT)).unwrap();
    assert!(!paths(&draft).contains(&"source env/extensions".to_owned()));
}
