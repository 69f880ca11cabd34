# What an error means, in plain words, and what to do about it.

const BUILD_TIME = "top-level code runs during the build, without the function's environment: " *
    "read ENV in `__init__` or in a function, " *
    "or set a value for the build in `julia.exemplar_environment`"

"Common names that need a standard library."
const LIBRARIES = Dict(
    "mean" => "Statistics", "median" => "Statistics", "std" => "Statistics", "var" => "Statistics",
    "cor" => "Statistics", "quantile" => "Statistics",
    "norm" => "LinearAlgebra", "dot" => "LinearAlgebra", "det" => "LinearAlgebra",
    "inv" => "LinearAlgebra", "eigen" => "LinearAlgebra", "I" => "LinearAlgebra",
    "Date" => "Dates", "DateTime" => "Dates", "now" => "Dates", "today" => "Dates",
    "shuffle" => "Random", "randperm" => "Random", "sparse" => "SparseArrays",
    "sha256" => "SHA", "readdlm" => "DelimitedFiles", "UUID" => "UUIDs", "uuid4" => "UUIDs",
)

"What is wrong and what to do, for an error with its backtrace in code of a module."
function words(error, backtrace, scope::Module)
    try
        return described(error, backtrace, scope)
    catch
        return Fault(shown(error))
    end
end

described(error, backtrace, scope::Module) = Fault(shown(error))

"The output of `showerror`, on one line and without the type's name."
function shown(error)
    text = try
        sprint(showerror, error)
    catch
        "an error of type $(typeof(error)), which cannot be shown"
    end
    # From 1.5 on, Julia adds advice on separate lines, such as the closest methods.
    lines = split(first(split(text, "\nClosest candidates are")), '\n')
    said = join(filter(!isempty, map(strip, lines)), ' ')
    said = replace(said, Regex("^$(nameof(typeof(error))): ") => "")
    isempty(said) ? "an error of type $(nameof(typeof(error)))" : String(said)
end

function described(error::UndefVarError, backtrace, scope::Module)
    name = string(error.var)
    like = near(name, known_names(scope))
    library = get(LIBRARIES, name, nothing)
    help = library !== nothing && isempty(filter(==(name), like)) ? "add `using $library`" :
        something(did_you_mean(like), "define it before this line runs, or import it with `using`")
    Fault("`$name` is not defined"; help = help)
end

"Names that code of a module can use: its own, and those of Julia."
function known_names(scope::Module)
    own = filter(name -> isdefined(scope, name), names(scope; all = true, imported = true))
    all = map(string, vcat(own, names(Base)))
    filter(all) do name
        Base.isidentifier(name) && !startswith(name, "JotR") && !startswith(name, "Script_")
    end
end

function described(error::MethodError, backtrace, scope::Module)
    f = error.f
    f isa Union{Function,Type} || return Fault(
        "a value of type $(typeof(f)) is called like a function";
        help = "check what the name before the bracket means here")
    types = error.args isa Type ? error.args.parameters : map(typeof, collect(Any[error.args...]))
    occursin("kwcall", string(f)) || endswith(string(f), "##kw") ? Fault(shown(error)) :
        Fault("`$(short_name(f))` has no method for ($(join(map(short_type, types), ", ")))";
            help = methods_help(f, length(types)))
end

short_name(f) = f isa Type ? short_type(f) : string(nameof(f))

"A type as its author writes it, without jot's generated modules."
short_type(type) =
    replace(string(type), r"(?:\w+\.)*(?:JotResponder_\w+|Script_\w+|Main|Reloaded)\." => "")

"The methods of a function with as many arguments, or else the first ones."
function methods_help(f, arguments::Int)
    all = collect(methods(f))
    fitting = filter(method -> method.nargs - 1 == arguments, all)
    shown_methods = first_three(isempty(fitting) ? all : fitting)
    more = length(all) - length(shown_methods)
    isempty(all) && return "it has no methods"
    signatures = join(map(method -> "`$(signature(method))`", shown_methods), ", ")
    string("it has ", signatures, more > 0 ? ", and $more more" : "")
end

"`f(x::Int64, y)`."
signature(method::Method) =
    short_type(String(match(r"^(.*?)(?: in | @ |$)"s, sprint(show, method))[1]))

method_of(found) = nothing
method_of(found::Method) = found
method_of(found::Union{Core.MethodInstance,Core.CodeInstance}) = method_of(found.def)

# A base's system image has no debugging information: later versions know only the method of a frame
# in it, and treat it as C's.
"The name of the file with a frame's function."
function file_of(frame)
    method = method_of(frame.linfo)
    basename(string(method === nothing ? frame.file : method.file))
end

function described(error::KeyError, backtrace, scope::Module)
    from_env = any(frame -> file_of(frame) == "env.jl", stacktrace(backtrace, true))
    from_env || return Fault("key $(repr(error.key)) does not exist")
    Fault("the environment variable `$(error.key)` is not set during the build"; help = BUILD_TIME)
end

function described(error::SystemError, backtrace, scope::Module)
    opened = match(r"^opening file \"?(.*?)\"?$", error.prefix)
    (opened === nothing || error.errnum != Base.Libc.ENOENT) && return Fault(shown(error))
    missing_file(String(opened[1]))
end

# `include` and `open` of later versions throw this one.
function described(error::Base.IOError, backtrace, scope::Module)
    opened = match(r"\"?([^\"(]*?)\"?[)]?: no such file or directory", error.msg)
    error.code == Base.UV_ENOENT && opened !== nothing ? missing_file(String(opened[1])) :
        Fault(shown(error))
end

function missing_file(path::AbstractString)
    folder = dirname(path)
    beside = isdir(folder) ? readdir(folder) : String[]
    help = "the image contains the files below the source's folder: " *
        "name one by `joinpath(@__DIR__, \"$(basename(path))\")`"
    like = near(basename(path), beside)
    Fault("the file `$path` does not exist"; help = something(did_you_mean(like), help))
end

function described(error::ArgumentError, backtrace, scope::Module)
    absent = match(r"Package (\S+) not found in current path", error.msg)
    absent === nothing || return missing_package(String(absent[1]))
    undeclared = match(r"Package (\S+) does not have (\S+) in its dependencies", error.msg)
    undeclared === nothing ||
        return undeclared_package(String(undeclared[1]), String(undeclared[2]))
    wanted = match(
        r"Package (\S+) \[[^\]]*\] is required but does not seem to be installed", error.msg)
    wanted === nothing && return Fault(shown(error))
    Fault("`$(wanted[1])` is not in the image, although a Project.toml names it";
        help = "`Pkg.resolve()` writes it to Manifest.toml; commit that file")
end

"The package directory that is loaded; empty for a script."
const OWN_PACKAGE = Ref("")

"A package that a script or a package uses and that is missing."
function missing_package(name::String, known = package_names(), package::String = OWN_PACKAGE[])
    like = near(name, known)
    isempty(package) || return undeclared_package(package, name, like)
    help = isempty(like) ? "add it to `julia.dependencies` of jot.toml" :
        "$(did_you_mean(like)) Another package: add it to `julia.dependencies` of jot.toml"
    Fault("`$name` is neither a standard library nor a dependency"; help = help)
end

undeclared_package(package::String, name::String, like = String[]) =
    Fault("`$name` is not a dependency of the package `$package`";
        help = something(did_you_mean(like),
            "`Pkg.add(\"$name\")` in the package's environment writes it to Project.toml"))

"Packages that can be loaded: the standard libraries, and those that were installed in the image."
package_names() = unique(vcat(
    isdir(Sys.STDLIB) ? readdir(Sys.STDLIB) : String[],
    map(id -> id.name, collect(keys(Base.loaded_modules)))))

function described(error::ErrorException, backtrace, scope::Module)
    library = match(r"could not load library \"([^\"]+)\"", error.msg)
    library === nothing || return missing_library(String(library[1]))
    included = match(r"^could not open file (.+)$", error.msg)
    included === nothing || return missing_file(included[1])
    Fault(shown(error))
end

"A shared library that the image lacks."
missing_library(name::String) = Fault("the shared library `$(basename(name))` cannot be loaded";
    help = "install it with `build.dockerfile_extra`, or use the package that contains it, " *
        "with a name that ends in `_jll`")

described(error::StackOverflowError, backtrace, scope::Module) =
    Fault("the calls never end: Julia's stack is full"; help = "check where the recursion ends")
described(error::OutOfMemoryError, backtrace, scope::Module) =
    Fault("not enough memory"; help = "compute less at top level")
described(error::DivideError, backtrace, scope::Module) = Fault("an integer is divided by zero")
described(error::InterruptException, backtrace, scope::Module) = Fault("it was interrupted")

function described(error::BoundsError, backtrace, scope::Module)
    isdefined(error, :a) && isdefined(error, :i) && error.a isa AbstractArray ||
        return Fault(shown(error))
    index = join(error.i isa Tuple ? error.i : (error.i,), ", ")
    Fault("index [$index] is outside of a $(summary(error.a))")
end

function described(error::TypeError, backtrace, scope::Module)
    got = error.got isa Type ? "the type $(short_type(error.got))" :
        "a value of type $(short_type(typeof(error.got)))"
    what = error.func === :if || error.context == "boolean" || error.expected === Bool ?
        "a condition must be true or false" : "a $(short_type(error.expected)) is needed"
    Fault("$what, got $got")
end
