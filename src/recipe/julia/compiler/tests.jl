# Runs a package's own tests in a depot that is thrown away, and keeps what was compiled for them.
# Arguments: the package's name, which is that of its folder.

import Pkg

include("versions.jl")
include("registries.jl")

const TRACE = "/jot/tested/"

function run_tests(name::String)
    folder = "/tmp/jot-tested/$name"
    mkpath(dirname(folder))
    # Pkg writes a Manifest.toml beside the package.
    cp("/opt/jot/env/$name", folder)
    use_depot("/tmp/jot-tested/depot")
    ENV["JULIA_LOAD_PATH"] = "@:@stdlib"
    append!(empty!(LOAD_PATH), ["@", "@stdlib"])
    foreach(add_registry, readlines("/jot/compiler/registries"))
    Pkg.activate(folder)
    mkpath(TRACE)
    # Pkg starts one process for the tests.
    Pkg.test(name; julia_args = ["--trace-compile=$(TRACE)tests.jl"])
end

try
    run_tests(ARGS[1])
catch fault
    println(stderr, "jot: the package's own tests have failed: ", sprint(showerror, fault))
    println(stderr, "jot: mend them, or leave them out of the build by run_package_tests = false")
    exit(1)
end
