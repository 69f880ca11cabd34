# What a script asks for: standard libraries that it names become dependencies of its package, as those of the manifest are;
# anything else is an error.

const HELP = "declare it in julia.dependencies of jot.toml"

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

"Writes a script's dependencies into its package's Project.toml; the generated module's own are there."
function prepare_script(package::String)
    source = joinpath(package, "src")
    names = Set(["Sockets"])
    faults = String[]
    for file in script_files(source, basename(package))
        survey!(names, faults, parse_all(read(file, String), file), relpath(file, source), Ref(1))
    end
    declared = direct_dependencies()
    known = merge(standard_libraries(), declared)
    for name in sort!(collect(names))
        haskey(known, name) || push!(faults, "$name is no standard library and no dependency: $HELP")
    end
    isempty(faults) || stop(join(faults, "\njot: "))
    union!(names, keys(declared))
    open(joinpath(package, "Project.toml"), "a") do io
        foreach(name -> println(io, name, " = \"", known[name], '"'), sort!(collect(names)))
    end
end

function script_files(source::String, package::String)
    files = String[]
    for (folder, _, names) in walkdir(source), name in names
        endswith(name, ".jl") && !(name in ("$package.jl", "statements.jl")) && push!(files, joinpath(folder, name))
    end
    sort!(files)
end

"Collects the packages that code at top level names, and its calls of Pkg, which would install at build time."
function survey!(names::Set{String}, faults::Vector{String}, code, file::String, line::Ref{Int})
    code isa LineNumberNode && (line[] = code.line)
    code isa Expr || return nothing
    code.head in (:using, :import) && return foreach(part -> add_root!(names, part), code.args)
    code.head in (:quote, :function, :macro, :->) && return nothing
    if code.head in (:error, :incomplete)
        push!(faults, syntax_fault(code.args[1], file, line[]))
        return nothing
    end
    if is_pkg_call(code)
        push!(faults, "$file:$(line[]): $(code.args[1]) at top level: no package is installed while an image is built; $HELP")
    end
    foreach(part -> survey!(names, faults, part, file, line), code.args)
end

"A syntax error in one line. From 1.10 on it is an error of the parser's own, whose text has an excerpt, and a point at the fault."
function syntax_fault(fault, file::String, line::Int)
    fault isa Exception || return "$file:$line: $fault"
    lines = split(sprint(showerror, fault), '\n')
    place = match(r"# Error @ .*?([0-9]+):[0-9]+", join(lines, '\n'))
    said = filter(!isnothing, map(text -> match(r"^#.*── (.+)$", text), lines))
    what = isempty(said) ? strip(last(filter(!isempty, lines))) : last(said)[1]
    "$file:$(place === nothing ? line : place[1]): syntax error: $what"
end

is_pkg_call(code::Expr) = code.head === :call && code.args[1] isa Expr && code.args[1].head === :. && code.args[1].args[1] === :Pkg

"The package of `using A`, `using A.B`, `using A: b` and `import A as B`; none for `using .A`."
function add_root!(names::Set{String}, part::Expr)
    part.head in (:(:), :as) && return add_root!(names, part.args[1])
    root = part.args[1]
    root in (:., :Base, :Core, :Main) || push!(names, string(root))
    nothing
end
