module BaseImage
include(joinpath(Main.SOURCE, "base", "files.jl"))
include(joinpath(Main.SOURCE, "base", "elf.jl"))
include(joinpath(Main.SOURCE, "base", "caches.jl"))
end
using Libdl

@testset "links are followed and kept" begin
    tree, root = mktempdir(), mktempdir()
    mkpath(joinpath(tree, "real"))
    write(joinpath(tree, "real", "lib.so.1"), "x")
    symlink("lib.so.1", joinpath(tree, "real", "lib.so"))
    symlink("real", joinpath(tree, "short"))
    BaseImage.place(root, joinpath(tree, "short", "lib.so"))
    copied = joinpath(root, lstrip(tree, '/'))
    @test readlink(joinpath(copied, "short")) == "real" &&
        readlink(joinpath(copied, "real", "lib.so")) == "lib.so.1"
    @test read(joinpath(copied, "short", "lib.so"), String) == "x"
end

@testset "folders go without tests, and everybody may read" begin
    tree, root = mktempdir(), mktempdir()
    foreach(name -> mkpath(joinpath(tree, name)), ["src", "test"])
    foreach(name -> write(joinpath(tree, name), "x"), ["src/a.jl", "test/b.jl"])
    chmod(joinpath(tree, "src/a.jl"), 0o600)
    BaseImage.place(root, tree)
    BaseImage.settle(root)
    copied = joinpath(root, lstrip(tree, '/'))
    @test !ispath(joinpath(copied, "test"))
    @test filemode(joinpath(copied, "src", "a.jl")) & 0o777 == 0o644
    @test mtime(joinpath(copied, "src", "a.jl")) == BaseImage.FIXED_TIME
end

@testset "a stripped library still loads" begin
    original = filter(
        path -> occursin("libsuitesparse_wrapper", path) || occursin("libccalltest", path),
        Libdl.dllist())
    push!(original,
        joinpath(dirname(unsafe_string(Base.JLOptions().image_file)), "libccalltest.so"))
    copy = tempname() * ".so"
    cp(first(filter(isfile, original)), copy; follow_symlinks = true)
    before = filesize(copy)
    BaseImage.strip_symbols(copy)
    @test filesize(copy) <= before
    @test Libdl.dlopen(copy) != C_NULL
    text = tempname()
    write(text,
        "no library at all, but longer than the head of one would be, so that it is looked at")
    BaseImage.strip_symbols(text)
    @test startswith(read(text, String), "no library")
end

@testset "caches that no start reads stay behind" begin
    compiled = mktempdir()
    # OOICCDDP: optimization, inlining, bounds, debugging, package image.
    flags = Dict("a.ji" => 0b10100011, "b.ji" => 0b10101011, "d.ji" => 0b10110011)
    for name in (
        "Dates/a.ji", "Dates/a.so", "Dates/b.ji", "Dates/b.so", "Dates/c.ji", "Dates/d.ji",
        "Dates/b.txt.so", "REPL/a.ji", "Test/a.ji",
    )
        write(joinpath(mkpath(dirname(joinpath(compiled, name))), basename(name)), "no cache")
    end
    kept = BaseImage.kept_caches(compiled, file -> get(flags, basename(file), nothing))
    @test sort(map(file -> relpath(file, compiled), kept)) ==
        ["Dates/" * name for name in ["a.ji", "a.so", "b.txt.so", "c.ji", "d.ji"]]
    # What is no cache is no reason to lose a file.
    @test length(BaseImage.kept_caches(compiled)) == 7
    @test BaseImage.cache_flags(joinpath(compiled, "Dates/a.ji")) === nothing
end

module Versions
include(joinpath(Main.SOURCE, "runtime", "versions.jl"))
end

"The flag that the lines of a start give Julia, or an empty text."
function heap_flag(version, memory, hint = nothing)
    flags = filter(flag -> occursin("heap", flag), Versions.start_flags(version))
    script = Versions.start_lines(version) * "printf %s $(join(flags))"
    variables = ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE" => memory, "JULIA_HEAP_SIZE_HINT" => hint,
        "PATH" => ENV["PATH"]]
    set = filter(variable -> last(variable) !== nothing, variables)
    read(setenv(`sh -c $script`, set...), String)
end

@testset "the heap hint" begin
    # From 1.10 on Julia takes 250 MB off it.
    for (version, memory, flag) in [
        (v"1.5.3", "512", ""), (v"1.9.4", "512", "--heap-size-hint=358M"),
        (v"1.10.0-rc1", "512", "--heap-size-hint=608M"),
        (v"1.10.10", "128", "--heap-size-hint=339M"),
        (v"1.11.3", "256", "--heap-size-hint=429M"), (v"1.12.6", "1024", "--heap-size-hint=966M"),
        (v"1.13.0", "10240", "--heap-size-hint=7418M"), (v"1.12.6", nothing, ""),
    ]
        @test heap_flag(version, memory) == flag
    end
    @test heap_flag(v"1.12.6", "512", "300M") == "--heap-size-hint=300M" &&
        heap_flag(v"1.9.0", nothing, "1G") == "--heap-size-hint=1G"
end

@testset "the system's libstdc++" begin
    folder = mktempdir()
    lines = Versions.probe_lines(v"1.12.6", ["$folder/*", folder])
    script = lines * "printf %s \"\$JULIA_PROBE_LIBSTDCXX\""
    shown(more...) = read(setenv(`sh -c $script`, "PATH" => ENV["PATH"], more...), String)
    @test shown() == "0" && shown("JULIA_PROBE_LIBSTDCXX" => "1") == "1"
    write(joinpath(mkpath(joinpath(folder, "x86_64-linux-gnu")), "libstdc++.so.6"), "")
    @test shown() == "1" && shown("JULIA_PROBE_LIBSTDCXX" => "0") == "0"
    @test Versions.probe_lines(v"1.5.3") == ""
end

module Entry
include(joinpath(Main.SOURCE, "runtime", "versions.jl"))
include(joinpath(Main.SOURCE, "base", "dependencies.jl"))
include_string(Entry,
    replace(read(joinpath(Main.SOURCE, "base", "entry.jl"), String), r"^include\(.*\)$"m => ""))
end

@testset "the entry point" begin
    root = mktempdir()
    mkpath(joinpath(root, "opt", "jot", "runtime"))
    cp(joinpath(SOURCE, "runtime", "versions.jl"),
        joinpath(root, "opt", "jot", "runtime", "versions.jl"))
    script = "push!(ARGS, \"$root\"); include(\"$(joinpath(SOURCE, "base", "entry.jl"))\"); " *
        "write_entry(\"$root/bin\")"
    run(`$(Base.julia_cmd()) --startup-file=no -e $script`)
    start = joinpath(root, "bin", "start")
    @test filemode(start) & 0o777 == 0o755
    @test success(`sh -n $start`)
    text = read(start, String)
    @test occursin("export JULIA_DEPOT_PATH=/tmp/.julia:/opt/jot/depot:\n", text)
    parse_scratch = "Meta.parse(read(\"$root/bin/scratch.jl\", String))"
    @test occursin("--load /opt/jot/bin/scratch.jl", text) &&
        success(`$(Base.julia_cmd()) --startup-file=no -e $parse_scratch`)
    VERSION < v"1.9" &&
        @test occursin("export JULIA_LOAD_PATH=/opt/jot/packages:/opt/jot/env:@stdlib\n", text)
    # A package with extensions is an environment of its own, before the folder of all.
    shown = Entry.extensions_line(v"1.12.0") * "\necho $(Entry.load_path(v"1.12.0"))"
    @test read(`sh -c $shown`, String) == "/opt/jot/packages:/opt/jot/env:@stdlib\n"
    write(joinpath(mkpath("/opt/jot/env"), "extensions"), "/opt/jot/env/Own\n")
    @test read(`sh -c $shown`, String) ==
        "/opt/jot/packages:/opt/jot/env/Own:/opt/jot/env:@stdlib\n"
    rm("/opt/jot/env/extensions")
    @test occursin("heap-size-hint", text) == (VERSION >= v"1.9") &&
        occursin("=existing", text) == (VERSION >= v"1.11")
    # Outside Lambda and without AWS's emulator there is nothing to talk to.
    @test !success(pipeline(setenv(`sh $start`, "PATH" => ENV["PATH"]); stderr = devnull))
end

module Proof
include(joinpath(Main.SOURCE, "base", "proof.jl"))
end

@testset "what was loaded without its cache is named" begin
    filter!(callback -> callback !== Proof.JotProof.tell, Base.package_callbacks)
    id(name) = Base.PkgId(Base.UUID(sum(codeunits(name))), name)
    loaded = [id("Shapes"), id("Rates"), id("Volumes"), id("JotResponder_00"), Base.PkgId("Main")]
    cache(id) = id.name == "Rates" ? "/opt/jot/depot/compiled/Rates.ji" : nothing
    @test Proof.JotProof.refused(loaded, ["Volumes"], cache) ==
        ["Shapes", "the function's own code"]
    @test isempty(Proof.JotProof.refused(loaded, ["Volumes", "Shapes", "JotResponder_00"], cache))
    @test Versions.proof_lines(v"1.10.9") == ""
    script = Versions.proof_lines(v"1.11.0") * "echo julia \$proof"
    start(asked) = read(setenv(`sh -c $script`, "PATH" => ENV["PATH"], asked...), String)
    @test start([]) == "julia\n" &&
        start(["JOT_PROVE_CACHES" => "true"]) == "julia --load /opt/jot/bin/proof.jl\n"
    # Julia calls it after every package that it loads.
    code = "include(\"$(joinpath(SOURCE, "base", "proof.jl"))\"); import Dates; " *
        "println(length(Base.package_callbacks))"
    @test read(`$(Base.julia_cmd()) --startup-file=no -e $code`, String) == "1\n"
    if VERSION >= v"1.11"
        depot, packages = mktempdir(), mktempdir()
        package = joinpath(packages, "JotResponder_00")
        source = joinpath(mkpath(joinpath(package, "src")), "JotResponder_00.jl")
        write(source, "module JotResponder_00\nend\n")
        write(joinpath(package, "Project.toml"),
            "name = \"JotResponder_00\"\nuuid = \"6c1f6d9e-3f0c-5a55-9d2b-0c6a7d3b9a11\"\n")
        proof = joinpath(SOURCE, "base", "proof.jl")
        julia(flags...) = `$(Base.julia_cmd()) --startup-file=no $flags --load $proof
            -e "import JotResponder_00"`
        paths = ("JULIA_LOAD_PATH" => "$packages:@stdlib", "JULIA_DEPOT_PATH" => "$depot:")
        said(flags...) = withenv(paths...) do
            told = tempname()
            run(pipeline(julia(flags...); stderr = told))
            read(told, String)
        end
        @test said("--compiled-modules=existing") ==
            "jot: loaded without a cache: the function's own code\n"
        @test !occursin("without a cache", said()) && said("--compiled-modules=existing") == ""
    end
end
