# The packages that a script uses: the standard libraries that it names, like those of the manifest,
# become dependencies of its package; anything else is an error.

"Names and UUIDs of the standard libraries of this Julia."
function standard_libraries()
    found = Dict{String,String}()
    for name in readdir(Sys.STDLIB)
        project = joinpath(Sys.STDLIB, name, "Project.toml")
        isfile(project) || continue
        uuid = match(r"^uuid\s*=\s*\"([^\"]+)\""m, read(project, String))
        uuid === nothing || (found[name] = uuid[1])
    end
    found
end

"""
Writes a script's dependencies into its package's Project.toml; those of the generated module exist
already.
"""
function prepare_script(package::String)
    source = joinpath(package, "src")
    places = Dict{String,Tuple{String,Int}}("Sockets" => ("", 0))
    faults = Fault[]
    for file in script_files(source, basename(package))
        text, path = read(file, String), relpath(file, source)
        wrong = syntax_faults(text, path)
        append!(faults, wrong)
        isempty(wrong) && survey!(places, faults, parse_all(text, file), path, Ref(1))
    end
    declared = direct_dependencies()
    known = merge(standard_libraries(), declared)
    names = sort!(collect(keys(places)))
    for name in names
        haskey(known, name) ||
            push!(faults, placed(missing_package(name, collect(keys(known))), places[name]))
    end
    isempty(faults) || stop(faults)
    union!(names, keys(declared))
    open(joinpath(package, "Project.toml"), "a") do io
        foreach(name -> println(io, name, " = \"", known[name], '"'), sort!(names))
    end
end

function script_files(source::String, package::String)
    files = String[]
    for (folder, _, names) in walkdir(source), name in names
        endswith(name, ".jl") &&
            !(name in ("$package.jl", "statements.jl")) && push!(files, joinpath(folder, name))
    end
    sort!(files)
end

"""
Collects the packages that top-level code names, with the first place of each, and its calls of Pkg,
which would install packages during the build.
"""
function survey!(
    places::Dict{String,Tuple{String,Int}}, faults::Vector{Fault}, code, file::String,
    line::Ref{Int},
)
    code isa LineNumberNode && (line[] = code.line)
    code isa Expr || return nothing
    code.head in (:using, :import) &&
        return foreach(part -> add_root!(places, part, (file, line[])), code.args)
    code.head in (:quote, :function, :macro, :->) && return nothing
    if is_pkg_call(code)
        fault = Fault(
            "$(code.args[1]) cannot be called at top level: the build installs no packages for it";
            help = "remove the call, and add the package to `julia.dependencies` of jot.toml",
            file = file, line = line[])
        push!(faults, fault)
    end
    foreach(part -> survey!(places, faults, part, file, line), code.args)
end

is_pkg_call(code::Expr) = code.head === :call && code.args[1] isa Expr &&
    code.args[1].head === :. && code.args[1].args[1] === :Pkg

"The package of `using A`, `using A.B`, `using A: b` and `import A as B`; none for `using .A`."
function add_root!(places::Dict{String,Tuple{String,Int}}, part::Expr, place::Tuple{String,Int})
    part.head in (:(:), :as) && return add_root!(places, part.args[1], place)
    root = part.args[1]
    root in (:., :Base, :Core, :Main) || get!(places, string(root), place)
    nothing
end
