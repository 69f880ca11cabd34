use super::*;

fn includes(script: &str) -> Vec<String> {
    named(script).includes
}

fn reads(script: &str) -> Vec<String> {
    named(script).reads
}

#[test]
fn literal_includes_are_found() {
    for (script, expected) in [
        ("include(\"a.jl\")", &["a.jl"][..]),
        (
            "include( \"lib/a.jl\" )\ninclude(\"b.jl\")",
            &["lib/a.jl", "b.jl"],
        ),
        ("include(\"a.jl\"); include(\"a.jl\")", &["a.jl"]),
        ("# include(\"a.jl\")\ninclude(\"b.jl\")", &["b.jl"]),
        ("#= #= include(\"a.jl\") =# =# include(\"b.jl\")", &["b.jl"]),
        ("x = \"include(\\\"a.jl\\\")\"", &[]),
        (
            "\"\"\"\n\"quoted\" include(\"a.jl\")\n\"\"\"\ninclude(\"b.jl\")",
            &["b.jl"],
        ),
        ("include(\"$name.jl\")", &[]),
        ("include(name)", &[]),
        ("include(\"/etc/a.jl\")", &[]),
        (
            "my_include(\"a.jl\"); reinclude(\"b.jl\"); M.include(\"c.jl\")",
            &[],
        ),
        ("includes(\"a.jl\")", &[]),
        ("include(joinpath(@__DIR__, \"a.jl\"))", &["a.jl"]),
        (
            "include(joinpath(dirname(@__FILE__), \"lib\", \"a.jl\"))",
            &["lib/a.jl"],
        ),
        ("include(joinpath(\"lib\", \"a.jl\"))", &["lib/a.jl"]),
        ("include(\"$(@__DIR__)/a.jl\")", &["a.jl"]),
        (
            "include(@__DIR__() * \"/a.jl\"); include(dirname(@__FILE__) * \"/b.jl\")",
            &["a.jl", "b.jl"],
        ),
        (
            "include(normpath(joinpath(@__DIR__, \"..\", \"a.jl\")))",
            &["../a.jl"],
        ),
        ("include(\"a.jl\" * \"b\")", &[]),
        ("a' * b'; c = '\"'; include(\"a.jl\")", &["a.jl"]),
        ("c = '\\''; d = '#'; include(\"a.jl\")", &["a.jl"]),
        ("é = 'é'; include(\"größe.jl\")", &["größe.jl"]),
        ("include(\"a.jl", &[]),
        ("#= open include(\"a.jl\")", &[]),
        ("\"open include(\"", &[]),
    ] {
        assert_eq!(includes(script), expected, "{script}");
    }
}

#[test]
fn literal_paths_in_the_scripts_folder_are_found() {
    for (script, expected) in [
        ("read(joinpath(@__DIR__, \"a.csv\"))", &["a.csv"][..]),
        (
            "joinpath( @__DIR__ , \"data\", \"b.csv\" ); joinpath(@__DIR__, \"data\")",
            &["data/b.csv", "data"],
        ),
        ("# joinpath(@__DIR__, \"a.csv\")", &[]),
        ("\"joinpath(@__DIR__, a)\"", &[]),
        ("joinpath(@__DIR__)", &[]),
        ("joinpath(@__DIR__, name)", &[]),
        ("joinpath(@__DIR__, \"$name.csv\")", &[]),
        ("joinpath(@__DIR__, \"/etc\")", &[]),
        ("joinpath(dirname(@__FILE__), \"a.csv\")", &["a.csv"]),
        (
            "joinpath(joinpath(@__DIR__, \"data\"), \"a.csv\")",
            &["data/a.csv"],
        ),
        ("joinpath(@__DIR__, \"data\", name)", &["data"]),
        (
            "normpath(joinpath(@__DIR__, \"..\", \"a.csv\"))",
            &["../a.csv"],
        ),
        ("readlines(@__DIR__() * \"/a.csv\")", &["a.csv"]),
        ("read(\"$(@__DIR__)/data/a.csv\")", &["data/a.csv"]),
        ("\"$(@__DIR__)/$name\"", &[]),
        ("joinpath(dir, \"a.csv\")", &[]),
        ("joinpath(@__DIR__, \"a.csv", &[]),
        ("myjoinpath(@__DIR__, \"a.csv\")", &[]),
    ] {
        assert_eq!(reads(script), expected, "{script}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_has_includes(
        text in "(include|joinpath|@__DIR__|,|\\(|\"|'|#=|=#|#|\\\\|é|\n|a){0,40}",
    ) {
        named(&text);
    }
}

#[test]
fn what_julia_alone_knows_is_reported_with_its_line() {
    for (script, unknown, open, texts) in [
        ("f(x) = \"a.jl\"", &[][..], false, &["a.jl"][..]),
        (
            "\nfor f in [\"a.jl\", \"b.jl\"]\n  include(f)\nend",
            &[(3, "include(f)")],
            true,
            &["a.jl", "b.jl"],
        ),
        (
            "foreach(include, (\"a.jl\", \"b.jl\"))",
            &[],
            true,
            &["a.jl", "b.jl"],
        ),
        (
            "include(\"$name.jl\")",
            &[(1, "include(\"$name.jl\")")],
            true,
            &[],
        ),
        (
            "include(x -> x, \"a.jl\")",
            &[(1, "include(x -> x, \"a.jl\")")],
            true,
            &["a.jl"],
        ),
        (
            "include(joinpath(@__DIR__, f))",
            &[(1, "include(joinpath(@__DIR__, f)")],
            true,
            &[],
        ),
        ("joinpath(@__DIR__, f); \"a.csv\"", &[], true, &["a.csv"]),
        (
            "const HERE = @__DIR__\nread(\"$HERE/a\", \"b.csv\")",
            &[],
            true,
            &["b.csv"],
        ),
        ("f(; include = true)", &[], false, &[]),
        ("include_dependency(\"a.txt\")", &[], false, &["a.txt"]),
    ] {
        let found = named(script);
        let shown: Vec<_> = found
            .unknown
            .iter()
            .map(|(line, call)| (*line, call.as_str()))
            .collect();
        assert_eq!(shown, unknown, "{script}");
        assert_eq!(found.open, open, "{script}");
        assert_eq!(found.texts, texts, "{script}");
    }
}
