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
    @test readlink(joinpath(copied, "short")) == "real" && readlink(joinpath(copied, "real", "lib.so")) == "lib.so.1"
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
    original = filter(path -> occursin("libsuitesparse_wrapper", path) || occursin("libccalltest", path), Libdl.dllist())
    push!(original, joinpath(dirname(unsafe_string(Base.JLOptions().image_file)), "libccalltest.so"))
    copy = tempname() * ".so"
    cp(first(filter(isfile, original)), copy; follow_symlinks = true)
    before = filesize(copy)
    BaseImage.strip_symbols(copy)
    @test filesize(copy) <= before
    @test Libdl.dlopen(copy) != C_NULL
    text = tempname()
    write(text, "no library at all, but longer than the head of one would be, so that it is looked at")
    BaseImage.strip_symbols(text)
    @test startswith(read(text, String), "no library")
end

@testset "caches that no start reads stay behind" begin
    compiled = mktempdir()
    # OOICCDDP: optimization, inlining, bounds, debugging, package image.
    flags = Dict("a.ji" => 0b10100011, "b.ji" => 0b10101011, "d.ji" => 0b10110011)
    for name in ("Dates/a.ji", "Dates/a.so", "Dates/b.ji", "Dates/b.so", "Dates/c.ji", "Dates/d.ji", "Dates/b.txt.so", "REPL/a.ji", "Test/a.ji")
        write(joinpath(mkpath(dirname(joinpath(compiled, name))), basename(name)), "no cache")
    end
    kept = BaseImage.kept_caches(compiled, file -> get(flags, basename(file), nothing))
    @test sort(map(file -> relpath(file, compiled), kept)) == ["Dates/" * name for name in ["a.ji", "a.so", "b.txt.so", "c.ji", "d.ji"]]
    # What is no cache is no reason to lose a file.
    @test length(BaseImage.kept_caches(compiled)) == 7
    @test BaseImage.cache_flags(joinpath(compiled, "Dates/a.ji")) === nothing
end

module Versions
include(joinpath(Main.SOURCE, "runtime", "versions.jl"))
end

"The flag that the lines of a start give Julia, or an empty text."
function heap_flag(version, memory, hint = nothing)
    script = Versions.start_lines(version) * "printf %s $(join(filter(flag -> occursin("heap", flag), Versions.start_flags(version))))"
    variables = ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE" => memory, "JULIA_HEAP_SIZE_HINT" => hint, "PATH" => ENV["PATH"]]
    read(setenv(`sh -c $script`, filter(variable -> last(variable) !== nothing, variables)...), String)
end

@testset "the heap hint" begin
    # From 1.10 on Julia takes 250 MB off it.
    for (version, memory, flag) in [
        (v"1.5.3", "512", ""), (v"1.9.4", "512", "--heap-size-hint=358M"), (v"1.10.0-rc1", "512", "--heap-size-hint=608M"), (v"1.10.10", "128", "--heap-size-hint=339M"),
        (v"1.11.3", "256", "--heap-size-hint=429M"), (v"1.12.6", "1024", "--heap-size-hint=966M"), (v"1.13.0", "10240", "--heap-size-hint=7418M"), (v"1.12.6", nothing, ""),
    ]
        @test heap_flag(version, memory) == flag
    end
    @test heap_flag(v"1.12.6", "512", "300M") == "--heap-size-hint=300M" && heap_flag(v"1.9.0", nothing, "1G") == "--heap-size-hint=1G"
end

@testset "the entry point" begin
    root = mktempdir()
    mkpath(joinpath(root, "opt", "jot", "runtime"))
    cp(joinpath(SOURCE, "runtime", "versions.jl"), joinpath(root, "opt", "jot", "runtime", "versions.jl"))
    script = "push!(ARGS, \"$root\"); include(\"$(joinpath(SOURCE, "base", "entry.jl"))\"); write_entry(\"$root/bin\")"
    run(`$(Base.julia_cmd()) --startup-file=no -e $script`)
    start = joinpath(root, "bin", "start")
    @test filemode(start) & 0o777 == 0o755
    @test success(`sh -n $start`)
    text = read(start, String)
    @test occursin("export JULIA_DEPOT_PATH=/tmp/.julia:/opt/jot/depot:\n", text)
    @test occursin("--load /opt/jot/bin/scratch.jl", text) && success(`$(Base.julia_cmd()) --startup-file=no -e $("Meta.parse(read(\"$root/bin/scratch.jl\", String))")`)
    @test occursin("export JULIA_LOAD_PATH=/opt/jot/packages:/opt/jot/env:@stdlib\n", text)
    @test occursin("heap-size-hint", text) == (VERSION >= v"1.9") && occursin("=existing", text) == (VERSION >= v"1.11")
    # Outside Lambda and without AWS's emulator there is nothing to talk to.
    @test !success(pipeline(setenv(`sh $start`, "PATH" => ENV["PATH"]); stderr = devnull))
end
