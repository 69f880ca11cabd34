//! Programs of `compile = "trim"`: their Dockerfiles and contexts.

use super::*;

fn case() -> Case {
    let mut case = Case::new(Compile::Trim);
    case.julia.version = Some("1.12".to_owned());
    case
}

#[test]
fn a_program_is_made_in_a_stage_with_a_linker_and_stands_on_libraries_alone() {
    let case = case();
    let base = base(&case.script()).unwrap();
    let program = responder(&case.script()).unwrap();
    // Where every Dockerfile is that the tests of stages and titles read.
    insta::with_settings!({ snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(base.dockerfile);
        insta::assert_snapshot!(program.dockerfile);
    });
}

#[test]
fn what_makes_a_program_is_in_no_other_context() {
    let mut case = case();
    let made = |case: &Case| paths(&responder(&case.script()).unwrap());
    let of_trim = |paths: &[String]| {
        let found = paths.iter().filter(|path| path.contains("build/trim/"));
        found.count()
    };
    let program = made(&case);
    assert_eq!(of_trim(&program), embedded::TRIM.len());
    assert!(
        program
            .iter()
            .any(|path| path.ends_with("exemplar/0001.json"))
    );
    assert!(!program.iter().any(|path| path.contains("compiler/")));
    case.julia.compile = Compile::Precompile;
    assert_eq!(of_trim(&made(&case)), 0);
}

#[test]
fn a_program_shares_no_base_with_other_modes() {
    let mut case = case();
    let program = base(&case.script()).unwrap();
    case.julia.compile = Compile::None;
    let other = base(&case.script()).unwrap();
    assert_ne!(program.dockerfile, other.dockerfile);
    assert_eq!(paths(&program), paths(&other));
}

#[test]
fn a_trial_is_of_releases_that_make_programs_and_of_other_modes() {
    let tried = |version: &str, compile| {
        let mut table = julia(compile);
        table.version = Some(version.to_owned());
        table.jit_budget = Some(0);
        table.drop_stdlibs = vec![Droppable::Random];
        let way = trial(&mut table);
        (
            way,
            table.compile,
            table.jit_budget,
            table.drop_stdlibs.len(),
        )
    };
    let way = Some("compile = \"trim\"");
    assert_eq!(tried("1.12", Compile::None), (way, Compile::Trim, None, 0));
    assert_eq!(
        tried("1.13.1", Compile::Precompile),
        (way, Compile::Trim, None, 0)
    );
    assert_eq!(
        tried("1.11", Compile::None),
        (None, Compile::None, Some(0), 1)
    );
    assert_eq!(
        tried("1.12", Compile::Trim),
        (None, Compile::Trim, Some(0), 1)
    );
}
