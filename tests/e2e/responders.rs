//! Every kind of responder and argument that this release supports, built, and run as in Lambda.

use crate::{
    story::expect,
    support::{Project, Stack},
};

const MANIFEST: &str = concat!(
    r#"
[defaults]
memory_mb = 512
logging = { format = "json", level = "info" }

[functions.distance]
julia = { source = "Points", argument_type = "Pair2", version = "1.5" }
tests = [
  { argument = { from = { x = 0.0, y = 0.0 }, to = { x = 3.0, y = 4.0 } }, "#,
    r#"expected = 5.0, tolerance = 1e-12 },
  { argument = { from = { x = 0.0 }, to = { x = 3.0, y = 4.0 } }, "#,
    r#"expected_error = "ArgumentError" },
]

[functions.whoami]
julia = { source = "whoami.jl", argument_type = "Union{Nothing,String}", version = "1.5" }
tests = [{ argument = "x", expected = true }, { argument_json = "null", expected = false }]

[functions.transposed]
julia = { source = "shapes.jl", argument_type = "Matrix{Float64}", version = "1.5", "#,
    r#"compile = "none" }
tests = [{ argument = [[1, 2], [3, 4]], expected = [[1, 3], [2, 4]] }]

[functions.counted]
julia = { source = "shapes.jl", argument_type = "Dict{String,Tuple{Int,Bool}}", version = "1.5" }
tests = [{ argument = { a = [1, true], b = [9007199254740993, true], c = [5, false] }, "#,
    r#"expected_json = "9007199254740994" }]

[functions.moved]
handler = "react_to_invocation"
julia = { source = "moved.jl", argument_type = "Invocation", version = "1.5" }
tests = [
  { argument = { a = 1, b = 2, operation = "+" }, expected = 3 },
  { argument = { a = 1, b = 2, operation = "/" }, expected_error = "Error" },
  { argument = {}, expected_error = "KeyError" },
]

[functions.raw]
julia = { source = "raw.jl", argument_type = "Invocation", version = "1.5" }
tests = [{ argument_json = '{"deeply": ["raw"]}', expected = 19 }]
"#,
);

/// As for julia-aws-lambda-image.
const MOVED: &str = r#"
function react_to_invocation(inv::Invocation)::Union{InvocationResponse, InvocationError}
  try
    op = inv.body["operation"]
    op == "+" || return InvocationError("Error", "Unable to execute $op")
    return InvocationResponse(string(inv.body["a"] + inv.body["b"]))
  catch e
    return InvocationError(e)
  end
end
"#;

#[test]
fn scripts_and_packages_answer_with_every_kind_of_argument() {
    let stack = Stack::start();
    let project = Project::new(&stack, "responders");
    project.write(
        "Points/Project.toml",
        "name = \"Points\"\nuuid = \"5a3d2f0e-4c3b-4d8e-9f6a-1b2c3d4e5f60\"\n\
         version = \"0.1.0\"\n\n[deps]\nLinearAlgebra = \"37e2e46d-f89d-539d-b4ee-838fcccc9c8e\"\n",
    );
    project.write(
        "Points/src/Points.jl",
        "module Points\nusing LinearAlgebra\nstruct Point\n    x::Float64\n    y::Float64\nend\n\
         struct Pair2\n    from::Point\n    to::Point\nend\n\
         include(\"distance.jl\")\nend\n",
    );
    project.write(
        "Points/src/distance.jl",
        "distance(p::Pair2) = norm([p.to.x - p.from.x, p.to.y - p.from.y])\n",
    );
    // The second argument is the context that Lambda gives.
    project.write(
        "whoami.jl",
        "whoami(name, context) = name !== nothing && !isempty(context.request_id)\n",
    );
    project.write(
        "shapes.jl",
        "transposed(m) = permutedims(m)\ncounted(d) = sum(n for (n, yes) in values(d) if yes)\n",
    );
    project.write("raw.jl", "raw(invocation) = length(invocation.bytes)\n");
    project.write("moved.jl", MOVED);
    project.manifest(MANIFEST);
    let tested = expect(project.run(&["test"]), 0);
    assert!(tested.stdout.contains("10 passed"), "{}", tested.stdout);
}

#[test]
fn what_a_script_lacks_stops_the_build_with_its_name() {
    let stack = Stack::start();
    let project = Project::new(&stack, "lacking");
    project.write("lacking.jl", "using DataFrames\nlacking(n) = n\n");
    project.manifest(
        "[functions.lacking]\njulia = { source = \"lacking.jl\", argument_type = \"Int\", \
         version = \"1.5\" }\n",
    );
    let built = expect(project.run(&["build"]), 1);
    for word in ["DataFrames", "dependencies"] {
        assert!(
            built.stderr.contains(word),
            "`{word}` is missing:\n{}",
            built.stderr
        );
    }
    // A variable of the function, which the build does not have.
    project.write("lacking.jl", "\nconst T = ENV[\"TT\"]\nlacking(n) = T\n");
    project.manifest(
        "[functions.lacking]\nenvironment = { TT = \"x\" }\n\
         julia = { source = \"lacking.jl\", argument_type = \"Int\", version = \"1.5\" }\n",
    );
    let built = expect(project.run(&["build"]), 1);
    for words in [
        "the environment variable `TT` is not set during the build",
        "lacking.jl:2",
        "const T = ENV[\"TT\"]",
        "read ENV in `__init__`",
        "julia.exemplar_environment",
    ] {
        let text = built
            .stderr
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            text.contains(words),
            "`{words}` is missing:\n{}",
            built.stderr
        );
    }
    assert!(!built.stderr.contains("Stacktrace"), "{}", built.stderr);
}

/// A script and a package that Julia cannot cache: jot does not try to cache them at run time,
/// which the gate would find.
#[test]
fn what_julia_does_not_cache_is_built_and_works() {
    let stack = Stack::start();
    let project = Project::new(&stack, "uncached");
    project.write(
        "fresh.jl",
        "__precompile__(false)\nusing Dates\nfresh(n) = (n, string(Date(2026)))\n",
    );
    project.write(
        "Fresh/Project.toml",
        "name = \"Fresh\"\nuuid = \"5a3d2f0e-4c3b-4d8e-9f6a-1b2c3d4e5f61\"\n\n[deps]\n\
         Dates = \"ade2ca70-3891-5945-98fb-dc099432e06a\"\n",
    );
    // The output of its build script exists when it is loaded.
    project.write(
        "Fresh/deps/build.jl",
        "write(joinpath(@__DIR__, \"deps.jl\"), \"const BUILT = $(1 + 1)\\n\")\n",
    );
    project.write(
        "Fresh/src/Fresh.jl",
        "__precompile__(false)\nmodule Fresh\nusing Dates\nmodule Sub\n\
         include(\"../deps/deps.jl\")\nanswer(n) = n + BUILT\nend\nend\n",
    );
    project.manifest(
        r#"
[functions.fresh]
julia = { source = "fresh.jl", argument_type = "Int", version = "1.5" }
tests = [{ argument = 1, expected = [1, "2026-01-01"] }]

[functions.packaged]
handler = "Sub.answer"
julia = { source = "Fresh", argument_type = "Int", version = "1.5", compile = "none" }
tests = [{ argument = 1, expected = 3 }]
"#,
    );
    let tested = expect(project.run(&["test"]), 0);
    assert!(tested.stdout.contains("2 passed"), "{}", tested.stdout);
}
