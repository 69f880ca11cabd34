//! Names: of handlers, types and base images.

use super::*;
use crate::recipe::julia::responder::DEFAULT_VERSION;

#[test]
fn a_handler_is_a_name() {
    let case = Case::new(Compile::Precompile);
    for (handler, valid) in [
        ("increment", true),
        ("Deep.increment!", true),
        ("größe", true),
        ("", false),
        ("a-b", false),
        ("a.", false),
        ("exit()", false),
        ("1a", false),
    ] {
        let found = Responder {
            handler,
            ..case.script()
        };
        assert_eq!(responder(&found).is_ok(), valid, "{handler}");
    }
}

#[test]
fn an_argument_type_cannot_end_its_string() {
    let mut case = Case::new(Compile::Precompile);
    case.julia.argument_type = "Val{\"$(1)\\\"}".to_owned();
    let draft = responder(&case.script()).unwrap();
    let name = package_name(&draft);
    assert!(text(&draft, &format!("env/{name}/src/{name}.jl")).contains(r#""Val{\"\$(1)\\\"}""#));
}

#[test]
fn references_of_base_images() {
    let mut case = Case::new(Compile::Precompile);
    assert_eq!(base_image(&case.julia, &case.build), "julia:1.5");
    case.julia.version = None;
    assert_eq!(
        base_image(&case.julia, &case.build),
        format!("julia:{DEFAULT_VERSION}")
    );
    case.build.base_image = Some("mine".to_owned());
    assert_eq!(base_image(&case.julia, &case.build), "mine");
}
