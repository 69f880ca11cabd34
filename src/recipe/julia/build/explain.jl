# Why the responder cannot be loaded, by the author's files and lines. Its source is loaded without
# a cache, so that the error is the source's own; its dependencies are loaded as usual.

const EXPLAIN = @__DIR__
include(joinpath(EXPLAIN, "fault.jl"))
include(joinpath(EXPLAIN, "syntax.jl"))
include(joinpath(EXPLAIN, "words.jl"))
include(joinpath(EXPLAIN, "responder.jl"))

"The folder with the user's files, and the file that loads them all."
function own_source(environment::String, package::String)
    is_other(name) = name != package && isfile(joinpath(environment, name, "Project.toml"))
    packages = filter(is_other, readdir(environment))
    generated = joinpath(environment, package, "src")
    isempty(packages) && return generated, joinpath(generated, "$package.jl")
    folder = joinpath(environment, first(packages))
    folder, joinpath(folder, "src", "$(first(packages)).jl")
end

is_users(file, folder) =
    startswith(file, string(folder, '/')) && !startswith(basename(file), "JotResponder_")

"""
The error without the errors that loading wraps around it, and file and line of the innermost one in
the user's files.
"""
function unwrapped(error, folder::String, place)
    error isa LoadError && is_users(error.file, folder) &&
        (place = (String(error.file), Int(error.line)))
    error isa Union{LoadError,InitError} ? unwrapped(error.error, folder, place) : (error, place)
end

"File and line of the innermost call in the user's files, and its name."
function own_place(trace, folder::String)
    for frame in trace
        file = string(frame.file)
        is_users(file, folder) && frame.line > 0 &&
            return (file, Int(frame.line)), string(frame.func)
    end
    nothing
end

is_syntax(error) = error isa ErrorException ? startswith(error.msg, "syntax: ") :
    error isa AbstractString ? startswith(error, "syntax: ") : error isa Meta.ParseError

"""
The faults behind an error. `scope` is the user's module, `asked` the requested handler and type, if
known.
"""
function faults_of(error, backtrace, folder::String, scope::Module, asked)
    cause, loaded = unwrapped(error, folder, nothing)
    if is_syntax(cause)
        found = loaded === nothing ? Fault[] : syntax_faults(read(loaded[1], String), loaded[1])
        isempty(found) || return map(fault -> below(fault, folder), found)
        said = cause isa AbstractString ? String(cause) : shown(cause)
        return [below(placed(Fault("syntax error: $(plain_syntax(said))"), loaded), folder)]
    end
    is_own(file) = is_users(file, folder)
    refused = asked === nothing ? nothing : responder_fault(cause, scope, asked..., is_own)
    refused === nothing || return [below(refused, folder)]
    fault = words(cause, backtrace, scope)
    place = own_place(stacktrace(backtrace), folder)
    place = naming_line(cause, place === nothing ? loaded : first(place))
    init = own_init(error)
    if init !== nothing
        help = isempty(fault.help) ?
            "`__init__` of `$init` runs at every start, and in the build" : fault.help
        fault = Fault("$(fault.message)"; help = help)
    end
    [below(placed(fault, place), folder)]
end

"The name of the module with the failed `__init__`, or nothing."
own_init(error) = nothing
own_init(error::LoadError) = own_init(error.error)
own_init(error::InitError) = Symbol(error.mod)

"""
The line that names the missing file or package: loading reports only the line of the module around
it.
"""
function naming_line(error, place)
    place === nothing && return nothing
    said = error isa ErrorException ? match(r"^could not open file .*?([^/]+)$", error.msg) :
        error isa SystemError ? match(r"^opening file \"?.*?([^/\"]+)\"?$", error.prefix) : nothing
    said === nothing && return place
    found = findfirst(line -> occursin("\"", line) && occursin(said[1], line), readlines(place[1]))
    found === nothing ? place : (place[1], found)
end

"The fault with its file as a path below a folder."
below(fault::Fault, folder::String) = isempty(fault.file) || !startswith(fault.file, '/') ? fault :
    Fault(fault.message, fault.help, relpath(fault.file, folder), fault.line, fault.column,
        fault.label)

"Why the source cannot be loaded; nothing if it can, so that only its compilation failed."
function load_faults(environment::String, package::String)
    folder, main = own_source(environment, package)
    generated = joinpath(environment, package, "src", "$package.jl")
    text = read(generated, String)
    asked = asked_for(text)
    main == generated || (OWN_PACKAGE[] = splitext(basename(main))[1])
    try
        Base.include(Main, main)
        if main != generated
            inside = replace(
                text, "\nimport $(OWN_PACKAGE[])\n" => "\nimport Main.$(OWN_PACKAGE[])\n")
            include_string(Main, inside, generated)
        end
        return nothing
    catch error
        backtrace = catch_backtrace()
        return Base.invokelatest(faults_in, error, backtrace, folder, package, asked)
    end
end

"The faults, with the user's module as far as it was loaded."
function faults_in(error, backtrace, folder::String, package::String, asked, root::Module = Main)
    scope = asked === nothing ? nothing : meaning(root, string(asked[1]))
    scope isa Module ||
        (scope = asked === nothing ? nothing : meaning(root, "$package.$(asked[1])"))
    scope isa Module || return faults_of(error, backtrace, folder, root, nothing)
    faults_of(error, backtrace, folder, scope, (asked[2], asked[3]))
end

"""
The report of the failed load about a package that uses an undeclared one, which is only possible
without a cache.
"""
function undeclared_faults(log::String, folder::String)
    found = match(r"Package (\S+) does not have (\S+) in its dependencies", log)
    found === nothing && return nothing
    uses = Regex("^\\s*(using|import)\\b.*\\b$(found[2])\\b")
    fault = undeclared_package(String(found[1]), String(found[2]))
    for (parent, _, names) in walkdir(folder), name in filter(endswith(".jl"), names)
        path = joinpath(parent, name)
        line = findfirst(line -> occursin(uses, line), readlines(path))
        line === nothing || return [below(placed(fault, (path, line)), folder)]
    end
    [fault]
end

"""
The error that the failed load reported, for a source that loads without a cache; nothing if it
reported none.
"""
function logged_faults(log::String, folder::String)
    said = match(r"^ERROR: (?:(?:LoadError|InitError): )*([^\n]+)"m, log)
    said === nothing && return nothing
    found = eachmatch(r"(?:in expression starting at|@|at) (/[^\n:]+):([0-9]+)", log)
    places = [(String(place[1]), parse(Int, place[2])) for place in found]
    places = filter(((file, _),) -> is_users(file, folder), places)
    fault = Fault(said[1]; help = "this happens while Julia precompiles the source; " *
        "`compile = \"none\"` does not precompile")
    [below(placed(fault, isempty(places) ? nothing : first(places)), folder)]
end

# jl_atexit_hook (src/init.c) of later versions drops the frames of interpreted code before hooks
# run.
"The line that calls `exit` in the file that is being loaded, or nothing."
function ending_line(folder::String)
    file = Base.source_path("")
    is_users(file, folder) && isfile(file) || return nothing
    line = findfirst(line -> occursin(r"^[^#]*\bexit\(", line), readlines(file))
    line === nothing ? nothing : (file, line)
end

"""
Reports why the source of an environment cannot be loaded, and ends the process: with an error if it
can. `log` is the output of the failed load.
"""
function report(environment::String, package::String, log::String = "")
    ended = Ref(false)
    folder = first(own_source(environment, package))
    # A call in the source that ends Julia is reported as well.
    atexit() do
        ended[] && return nothing
        place = own_place(stacktrace(), folder)
        place = place === nothing ? ending_line(folder) : first(place)
        fault = Fault("the source ends Julia while it is loaded";
            help = "remove the call of `exit`: a function returns, and jot ends the process")
        tell(below(placed(fault, place), folder))
    end
    found = try
        load_faults(environment, package)
    finally
        ended[] = true
    end
    found === nothing && (found = undeclared_faults(log, folder))
    found === nothing && (found = logged_faults(log, folder))
    found === nothing && exit(1)
    foreach(tell, found)
    exit(0)
end
