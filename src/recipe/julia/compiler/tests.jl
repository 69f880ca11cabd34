# Runs a package's own tests in a temporary depot, and keeps the statements that were compiled for
# them. Arguments: the package's name, which is that of its folder.

import Pkg

include("versions.jl")
include("registries.jl")
include("fault.jl")

const TRACE = "/jot/tested/"
const FOLDER = "/tmp/jot-tested"

"""
Whether the package or its tests depend on more than the standard library. Those of a workspace's
member name the package itself.
"""
function needs_registry(folder::String, package::String)
    projects = filter(
        isfile, [joinpath(folder, "Project.toml"), joinpath(folder, "test", "Project.toml")])
    parsed = map(Pkg.TOML.parsefile, projects)
    tables = [get(table, key, Dict()) for table in parsed for key in ("deps", "extras", "weakdeps")]
    any(
        name -> name != package && !isdir(joinpath(Sys.STDLIB, name)),
        Iterators.flatten(map(keys, tables)))
end

"Without any registry, Pkg fetches the default ones before any operation."
function add_empty_registry(depot::String)
    folder = mkpath(joinpath(depot, "registries", "Empty"))
    write(joinpath(folder, "Registry.toml"), """
        name = "Empty"
        uuid = "0f4e1a52-6c1b-4d5a-8f39-2f3b0c9f7e11"
        repo = ""

        [packages]
        """)
end

function run_tests(name::String)
    folder = joinpath(FOLDER, name)
    mkpath(FOLDER)
    # Pkg writes a Manifest.toml next to the package.
    cp("/opt/jot/env/$name", folder)
    # The tests use exactly the versions in the image. Julia would prefer the file for its version
    # to the general one.
    is_manifest(file) = occursin(r"^(Julia)?Manifest(-v.*)?\.toml$", file)
    foreach(file -> rm(joinpath(folder, file)), filter(is_manifest, readdir(folder)))
    installed = "/opt/jot/dependencies/Manifest.toml"
    isfile(installed) && cp(installed, joinpath(folder, "Manifest.toml"); force = true)
    use_depots(joinpath(FOLDER, "depot"), "/opt/jot/depot")
    ENV["JULIA_LOAD_PATH"] = "@:@stdlib"
    append!(empty!(LOAD_PATH), ["@", "@stdlib"])
    # Pkg reads the project before whatever it does.
    Pkg.activate(folder)
    registries = needs_registry(folder, name) ? readlines("/jot/compiler/registries") : String[]
    foreach(add_registry, registries)
    isempty(registries) && add_empty_registry(joinpath(FOLDER, "depot"))
    mkpath(TRACE)
    # Pkg starts one process for the tests.
    Pkg.test(name; julia_args = ["--trace-compile=$(TRACE)tests.jl"])
end

const ADVICE =
    "fix it, or leave the package's own tests out of the build by `run_package_tests = false`"

"The failed tests, as Julia's `Test` reports them, with files relative to the package's folder."
function failed_tests(output::String, folder::String)
    found = eachmatch(
        r"(?:Test Failed|Error During Test) at ([^\n]+):([0-9]+)\n((?:  [^\n]*\n)*)", output)
    map(collect(found)) do test
        function part(name)
            said = match(Regex("^ *$name: *(.*)\$", "m"), test[3])
            said === nothing ? "" : String(said[1])
        end
        expression, evaluated = part("Expression"), part("Evaluated")
        what = isempty(expression) ? "a test of the package has failed" :
            "a test of the package has failed: `$expression`"
        help = isempty(evaluated) ? ADVICE : "it evaluated to `$evaluated`: $ADVICE"
        file = replace(String(test[1]), Regex("^\\Q$folder\\E/") => "")
        Fault(what; help = help, file = file, line = parse(Int, test[2]))
    end
end

# From 1.7 on, Pkg has the tests' process write to the stream of its own messages, stderr
# (`stdout_f` and `stderr_f` in its utils.jl).
"""
Calls `work`, and returns the output of it and its processes to stdout and stderr, which is also
printed to stdout.
"""
function with_output(work)
    shown, errors, kept = stdout, stderr, IOBuffer()
    from, to = redirect_stdout()
    redirect_stderr(to)
    copying = @async for line in eachline(from; keep = true)
        write(kept, line)
        write(shown, line)
    end
    failure = try
        work()
        nothing
    catch error
        error
    finally
        redirect_stdout(shown)
        redirect_stderr(errors)
        close(to)
        wait(copying)
    end
    failure, String(take!(kept))
end

function main(name::String)
    failure, output = with_output(() -> run_tests(name))
    failure === nothing && return nothing
    faults = failed_tests(output, joinpath(FOLDER, name))
    isempty(faults) && push!(faults, Fault(
        "the package's own tests have failed: $(sprint(showerror, failure))"; help = ADVICE))
    foreach(tell, faults)
    exit(1)
end

isempty(ARGS) || main(ARGS[1])
