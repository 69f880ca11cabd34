use super::*;

/// A text that is one module is the main file of a package.
fn scope(text: &str) -> Scope {
    match text.starts_with("module A\n") {
        true => Scope::Module,
        false => Scope::File,
    }
}

/// The functions of a text that take one argument, each with the declared type.
fn callable(text: &str) -> Vec<(String, Option<String>)> {
    let outline = Outline::of(text, scope(text));
    let one = outline.defined.iter().filter(|one| one.takes_one());
    one.map(|one| (one.name.clone(), one.argument_type().map(str::to_owned)))
        .collect()
}

fn names(text: &str) -> Vec<String> {
    let defined = Outline::of(text, scope(text)).defined.into_iter();
    defined.map(|one| one.name).collect()
}

#[test]
fn definitions_are_distinguished_from_calls() {
    let some = |of: &str| vec![("f".to_owned(), Some(of.to_owned()))];
    let untyped = vec![("f".to_owned(), None)];
    for (text, wanted) in [
        ("f(x::Int) = x", some("Int")),
        ("f(x::Int)::Int = x", some("Int")),
        ("f(x::T) where {T} = x", some("T")),
        (
            "function f(x::Dict{String, Int})\nend",
            some("Dict{String, Int}"),
        ),
        (
            "function f(\n    x::Vector{Int},\n)\n    x\nend",
            some("Vector{Int}"),
        ),
        ("@inline f(x::Int) = x", some("Int")),
        ("f(x::Int; deep = 1) = x", some("Int")),
        ("f(x::Int = 1) = x", some("Int")),
        ("f(x) = x", untyped.clone()),
        ("f(x, context) = x", untyped.clone()),
        ("f(x, _) = x", untyped.clone()),
        ("f(x, digits = 2) = x", untyped.clone()),
        ("f(all...) = all", untyped.clone()),
        ("f(x::Int) = 1\nf(x::String) = 2", untyped),
    ] {
        assert_eq!(callable(text), wanted, "{text}");
    }
    for none in [
        "println(\"a\")",
        "f(x) == 1 || exit()",
        "x -> f(x)",
        "f(x",
        "f(x, y::Int) = x",
        "f() = 1",
        "f(x; needed) = x",
        "# f(x) = 1",
        "\"\"\"\nf(x) = 1\n\"\"\"",
        "struct S\n    S(x) = new(x)\nend",
        "module A\nmodule B\nf(x) = x\nend\nend",
        "module B\nf(x) = x\nend",
        "if true\n    f(x) = 1\nend",
        "function g(x, y)\nf(x) = 1\nend",
    ] {
        assert_eq!(callable(none), [], "{none}");
    }
}

#[test]
fn blocks_end_where_julia_ends_them() {
    let text = "module A\n\
        g(v) = v[end] + v[begin]\n\
        abstract type T end\n\
        h(x) = [y for y in x if y > 0]\n\
        k(x) = x' * 'e' # end\n\
        s = :end\n\
        function l(x)\n    for y in x\n        y == 1 && begin end\n    end\nend\n\
        map(1:3) do x\n    f(x) = 1\nend\n\
        f(x) = 1\nend\n";
    assert_eq!(names(text), ["g", "h", "k", "s", "l", "f"]);
}

#[test]
fn exports_includes_and_what_is_open_are_known() {
    let text = "module A\nexport one,\n    two # and\npublic three\nusing Dates, .Inner\n\
        using JSON: parse\n\
                include(\"a.jl\")\nconst four = one\nend\n";
    let outline = Outline::of(text, scope(text));
    assert_eq!(outline.exported, ["one", "two", "three"]);
    assert_eq!(outline.includes, ["a.jl"]);
    assert_eq!(outline.using, ["Dates", "Inner"]);
    assert_eq!(names(text), ["four"]);
    assert!(
        !outline.open && outline.words.contains("parse"),
        "{outline:?}"
    );
    for open in [
        "include(path)",
        "foreach(include, files)",
        "for n in (:a, :b)\n@eval $n(x) = x\nend",
        "eval(:(f(x) = x))",
        "@reexport using Other",
    ] {
        assert!(Outline::of(open, Scope::File).open, "{open}");
    }
}

#[test]
fn included_files_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.jl", "include(\"b.jl\")\n");
    write("b.jl", "include(\"a.jl\")\nf(x) = x\n");
    let outline = Outline::of_script(&folder.path().join("a.jl"));
    assert_eq!(outline.defined[0].name, "f");
    assert!(!outline.open);
    write("a.jl", "include(\"absent.jl\")\n");
    assert!(Outline::of_script(&folder.path().join("a.jl")).open);
}
