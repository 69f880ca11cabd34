mod names;
mod packages;
mod trim;

use std::collections::BTreeMap;

use super::*;
use crate::manifest::languages::Droppable;
use crate::model::{Content, Expected, Test};

const SCRIPT: &str = "increment_vector(v) = v .+ 1\n";

fn file(path: &str, text: &str) -> ContextFile {
    made(path.to_owned(), text)
}

fn test(argument: &str, exemplar: bool) -> Test {
    Test {
        name: argument.to_owned(),
        argument: argument.to_owned(),
        expected: Expected::Anything,
        tolerance: None,
        exemplar,
    }
}

fn julia(compile: Compile) -> Julia {
    Julia {
        source: "increment_vector.jl".to_owned(),
        rev: None,
        subdir: None,
        dependencies: Vec::new(),
        registries: None,
        argument_type: "Vector{Int}".to_owned(),
        version: Some("1.5".to_owned()),
        compile,
        run_package_tests: false,
        exemplar_environment: BTreeMap::new(),
        drop_stdlibs: Vec::new(),
        jit_budget: None,
        watched: false,
    }
}

struct Case {
    julia: Julia,
    build: Build,
    tests: Vec<Test>,
}

impl Case {
    fn new(compile: Compile) -> Self {
        let tests = vec![test("[1, 2]", true), test("[3]", false), test("[4]", true)];
        Self {
            julia: julia(compile),
            build: Build::default(),
            tests,
        }
    }

    fn script(&self) -> Responder<'_> {
        Responder {
            key: "increment-vector",
            handler: "increment_vector",
            julia: &self.julia,
            build: &self.build,
            files: vec![file("increment_vector.jl", SCRIPT)],
            script: Some("increment_vector.jl".to_owned()),
            commit: None,
            workspace: None,
            tests: &self.tests,
            snapstart: false,
            unwrap: false,
            rie: Some(file("aws-lambda-rie", "elf")),
        }
    }

    fn package(&self, project: &str) -> Responder<'_> {
        let files = vec![
            file("Project.toml", project),
            file("src/Numerics.jl", "module Numerics end"),
        ];
        Responder {
            files,
            script: None,
            ..self.script()
        }
    }
}

const PROJECT: &str = "name = \"Numerics\"\nuuid = \"7876af07-990d-54b4-ab0e-23690620f79a\"\n";

fn text<'a>(draft: &'a Draft, path: &str) -> &'a str {
    let found = draft.files.iter().find(|(_, file)| file.path == path);
    match found.map(|(_, file)| &file.content) {
        Some(Content::Bytes(bytes)) => std::str::from_utf8(bytes).unwrap(),
        other => panic!("{path}: {other:?}"),
    }
}

fn paths(draft: &Draft) -> Vec<String> {
    let line = |(part, file): &(&str, ContextFile)| format!("{part} {}", file.path);
    let mut paths: Vec<_> = draft.files.iter().map(line).collect();
    paths.sort();
    paths
}

#[test]
fn a_lean_base() {
    let draft = base(&Case::new(Compile::Precompile).script()).unwrap();
    insta::assert_snapshot!(draft.dockerfile);
    insta::assert_snapshot!(paths(&draft).join("\n"));
}

#[test]
fn lines_of_the_users_own_keep_the_image_beneath() {
    let mut case = Case::new(Compile::Precompile);
    case.build.dockerfile_extra = Some("RUN apt-get install -y hello\n".to_owned());
    case.build.base_image = Some("registry.example/julia:mine".to_owned());
    insta::assert_snapshot!(base(&case.script()).unwrap().dockerfile);
}

#[test]
fn a_base_without_the_emulator_does_not_copy_it() {
    let case = Case::new(Compile::Precompile);
    let responder = Responder {
        rie: None,
        ..case.script()
    };
    let draft = base(&responder).unwrap();
    assert!(!draft.dockerfile.contains("COPY bin/"));
    assert!(paths(&draft).iter().all(|path| !path.contains("bin/")));
}

#[test]
fn the_emulator_is_executable_wherever_it_came_from() {
    let draft = base(&Case::new(Compile::None).script()).unwrap();
    let emulator = draft
        .files
        .iter()
        .find(|(_, file)| file.path == "bin/aws-lambda-rie");
    assert!(emulator.unwrap().1.executable);
}

#[test]
fn a_base_depends_on_nothing_of_the_function() {
    let (one, mut other) = (Case::new(Compile::Precompile), Case::new(Compile::None));
    other.julia.argument_type = "String".to_owned();
    other.tests.clear();
    let other = Responder {
        key: "other",
        handler: "other",
        files: Vec::new(),
        ..other.script()
    };
    let (one, other) = (base(&one.script()).unwrap(), base(&other).unwrap());
    assert_eq!(one.dockerfile, other.dockerfile);
    assert_eq!(one.files, other.files);
}

#[test]
fn a_script_is_wrapped_as_a_package() {
    let draft = responder(&Case::new(Compile::Precompile).script()).unwrap();
    insta::assert_snapshot!(draft.dockerfile);
    insta::assert_snapshot!(paths(&draft).join("\n"));
    let name = package_name(&draft);
    insta::assert_snapshot!(text(&draft, &format!("env/{name}/src/{name}.jl")));
    insta::assert_snapshot!(text(&draft, &format!("env/{name}/Project.toml")));
    insta::assert_snapshot!(text(&draft, "env/start.jl"));
}

fn package_name(draft: &Draft) -> String {
    let start = draft.dockerfile.find("JotResponder_").unwrap();
    draft.dockerfile[start..start + "JotResponder_".len() + 16].to_owned()
}

#[test]
fn a_system_image_before_package_images_is_the_responders() {
    let mut case = Case::new(Compile::Sysimage);
    case.julia.drop_stdlibs = vec![Droppable::Random, Droppable::LinearAlgebra];
    case.julia.exemplar_environment = BTreeMap::from([("MODE".to_owned(), "b\"uild".to_owned())]);
    insta::assert_snapshot!(base(&case.script()).unwrap().dockerfile);
    let draft = responder(&case.script()).unwrap();
    insta::assert_snapshot!(draft.dockerfile);
    assert_eq!(text(&draft, "compiler/registries"), "General\n");
    assert_eq!(
        text(&draft, "build/drop_stdlibs"),
        "LinearAlgebra\nRandom\n"
    );
    assert_eq!(
        text(&draft, "build/environment.json"),
        r#"{"MODE":"b\"uild"}"#
    );
    case.julia.version = Some("1.9".to_owned());
    let draft = responder(&case.script()).unwrap();
    assert!(!draft.dockerfile.contains("tools"), "{}", draft.dockerfile);
    let base = base(&case.script()).unwrap();
    insta::assert_snapshot!(base.dockerfile);
    assert_eq!(text(&base, "base/drop_stdlibs"), "LinearAlgebra\nRandom\n");
}

#[test]
fn a_package_with_tests_runs_them_in_a_stage_of_their_own() {
    let mut case = Case::new(Compile::Precompile);
    case.julia.run_package_tests = true;
    case.build.dockerfile_extra = Some("RUN true".to_owned());
    insta::assert_snapshot!(responder(&case.package(PROJECT)).unwrap().dockerfile);
    let script = responder(&case.script()).unwrap();
    assert!(
        !script.dockerfile.contains("tested"),
        "{}",
        script.dockerfile
    );
    // Their dependencies may be as private as the package's.
    let from_env = crate::manifest::types::FromEnv {
        from_env: "GITCONFIG".to_owned(),
    };
    case.build.secrets.insert("gitconfig".to_owned(), from_env);
    let private = responder(&case.package(PROJECT)).unwrap();
    let mounted = "RUN --mount=type=secret,id=gitconfig,target=/root/.gitconfig \
                   [\"/opt/jot/bin/julia\", \"/jot/compiler/tests.jl\"";
    assert!(
        private.dockerfile.contains(mounted),
        "{}",
        private.dockerfile
    );
    case.julia.compile = Compile::None;
    let none = responder(&case.package(PROJECT)).unwrap();
    assert!(!none.dockerfile.contains("tested"), "{}", none.dockerfile);
}

#[test]
fn exemplars_are_the_arguments_alone_and_in_order() {
    let draft = responder(&Case::new(Compile::Precompile).script()).unwrap();
    assert_eq!(text(&draft, "exemplar/0001.json"), "[1, 2]");
    assert_eq!(text(&draft, "exemplar/0002.json"), "[4]");
    assert!(
        !paths(&draft)
            .iter()
            .any(|path| path.contains("exemplar/0003"))
    );
}

#[test]
fn nothing_is_replayed_where_nothing_is_compiled() {
    let draft = responder(&Case::new(Compile::None).script()).unwrap();
    assert!(!draft.dockerfile.contains("exemplar"));
    assert!(paths(&draft).iter().all(|path| !path.contains("/0001")));
}

#[test]
fn equal_responders_are_equal_packages_and_others_are_not() {
    let case = Case::new(Compile::Precompile);
    let name = |responder: &Responder| package_name(&super::responder(responder).unwrap());
    let first = name(&case.script());
    assert_eq!(first, name(&case.script()));
    let mut reversed = case.script();
    reversed.files.push(file("a.jl", "1"));
    let mut sorted = case.script();
    sorted.files.insert(0, file("a.jl", "1"));
    assert_eq!(name(&reversed), name(&sorted));
    assert_ne!(first, name(&sorted));
    let changed = Responder {
        handler: "other",
        ..case.script()
    };
    assert_ne!(first, name(&changed));
    let unwrapping = Responder {
        unwrap: true,
        ..case.script()
    };
    assert_ne!(first, name(&unwrapping));
}

#[test]
fn a_responder_that_takes_answers_says_so_when_it_starts() {
    let case = Case::new(Compile::Precompile);
    let module = |responder: &Responder| {
        let draft = super::responder(responder).unwrap();
        let name = package_name(&draft);
        text(&draft, &format!("env/{name}/src/{name}.jl")).to_owned()
    };
    assert!(!module(&case.script()).contains("unwraps"));
    let unwrapping = Responder {
        unwrap: true,
        ..case.script()
    };
    assert!(
        module(&unwrapping).contains(
            "const unwraps = true\nstart() = (JotRuntime.unwraps[] = true; JotRuntime.run("
        )
    );
}

#[test]
fn a_package_keeps_its_own_project() {
    let case = Case::new(Compile::Precompile);
    let project = format!("{PROJECT}[deps]\nDates = \"ade2ca70-3891-5945-98fb-dc099432e06a\"\n");
    let draft = responder(&case.package(&project)).unwrap();
    let name = package_name(&draft);
    insta::assert_snapshot!(text(&draft, &format!("env/{name}/src/{name}.jl")));
    assert!(text(&draft, &format!("env/{name}/Project.toml")).contains("Numerics = \"7876af07"));
    assert_eq!(text(&draft, "env/Numerics/Project.toml"), project);
}

#[test]
fn a_package_has_a_project() {
    let case = Case::new(Compile::Precompile);
    let message = |project: &str| responder(&case.package(project)).unwrap_err().to_string();
    assert!(message("name = \"Numerics\"\n").contains("it has no `uuid`"));
    assert!(message("name = \n").contains("no usable Project.toml"));
    assert!(
        message(&PROJECT.replace("Numerics", "Other")).contains("the package has no src/Other.jl")
    );
}

/// What a script with these dependencies is built on.
fn base_of(dependencies: &[&str], registries: Option<&[&str]>) -> Draft {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let mut case = Case::new(Compile::Precompile);
    case.julia.dependencies = owned(dependencies);
    case.julia.registries = registries.map(owned);
    base(&case.script()).unwrap()
}

#[test]
fn a_base_with_dependencies() {
    let draft = base_of(&["Shapes@1.0", "JSON3"], None);
    insta::assert_snapshot!(draft.dockerfile);
    assert_eq!(text(&draft, "dependencies/requests"), "JSON3\nShapes@1.0\n");
    assert_eq!(text(&draft, "dependencies/registries"), "General\n");
    let mut case = Case::new(Compile::Precompile);
    case.julia.dependencies = vec!["JSON3".to_owned()];
    case.build.dockerfile_extra = Some("RUN apt-get install -y hello".to_owned());
    let from_env = crate::manifest::types::FromEnv {
        from_env: "GITCONFIG".to_owned(),
    };
    case.build.secrets.insert("gitconfig".to_owned(), from_env);
    insta::assert_snapshot!(base(&case.script()).unwrap().dockerfile);
}

#[test]
fn the_order_of_dependencies_and_registries_makes_no_other_base() {
    let one = base_of(&["A", "B@1"], Some(&["General", "git://127.0.0.1/r"]));
    let other = base_of(&["B@1", "A"], Some(&["git://127.0.0.1/r", "General"]));
    assert_eq!(one.files, other.files);
    assert_ne!(one.files, base_of(&["A", "B@2"], None).files);
}

#[test]
fn standard_libraries_alone_need_no_registry() {
    let plain = base(&Case::new(Compile::Precompile).script()).unwrap();
    let standard = base_of(&["Dates", "Random"], None);
    assert_eq!(
        (plain.dockerfile, plain.files),
        (standard.dockerfile, standard.files)
    );
}

#[test]
fn a_plan_distinguishes_bases() {
    let titled = |dependencies: &[&str]| {
        let mut case = Case::new(Compile::Precompile);
        case.julia.dependencies = dependencies.iter().map(|&name| name.to_owned()).collect();
        title(&case.script()).unwrap()
    };
    assert_eq!(titled(&[]), "base (julia:1.5)");
    assert_eq!(titled(&["B", "A@1"]), "base (julia:1.5, A@1, B)");
    assert_eq!(
        titled(&["A", "B", "C", "D", "E"]),
        "base (julia:1.5, A, B, C and 2 more)"
    );
}

const DEPENDENT: &str = "\n[deps]\nJSON3 = \"0f8b85d8-7281-11e9-16c2-39a750bddbf1\"\n\
                         Dates = \"ade2ca70-3891-5945-98fb-dc099432e06a\"\n\n[extras]\n\
                         Test = \"8dfed614-e22c-5e08-85e1-65c5234f0b40\"\n\n\
                         [compat]\njulia = \"1.5\"\nJSON3 = \"1.9\"\nTest = \"1\"\n";

#[test]
fn a_package_says_itself_what_it_depends_on() {
    let case = Case::new(Compile::Precompile);
    let project = format!("{PROJECT}{DEPENDENT}");
    let package = case.package(&project);
    let draft = base(&package).unwrap();
    insta::assert_snapshot!(text(&draft, "dependencies/Project.toml"));
    // What concerns no dependency leaves the base as it is.
    let renamed = format!("{PROJECT}version = \"2.0.0\"\nauthors = [\"A\"]\n{DEPENDENT}");
    assert_eq!(base(&case.package(&renamed)).unwrap().files, draft.files);
}
