# The program for `--trim`: included by Julia's own script for executables (share/julia/juliac). The
# environment names the generated package.

const JOT_PACKAGE = Symbol(ENV["JOT_PACKAGE"])

Core.eval(Main, :(import $JOT_PACKAGE))
const Responder = getfield(Main, JOT_PACKAGE)
const Runtime = Responder.JotRuntime

# Julia's own image contains linear algebra, which loads BLAS in its `__init__`: the program gets it
# only if it calls BLAS.
if !haskey(ENV, "JOT_BLAS")
    for (id, loaded) in Base.loaded_modules
        if id.name in ("OpenBLAS_jll", "libblastrampoline_jll", "LinearAlgebra") &&
                isdefined(loaded, :__init__)
            Base.delete_binding(loaded, :__init__)
        end
    end
end

foreach(name -> Base.include(Runtime, joinpath(@__DIR__, name)),
    ["code.jl", "read.jl", "write.jl", "errors.jl", "loop.jl"])

# `stdout` may hold any stream. The methods of base/coreio.jl.
Core.eval(Base, quote
    print(x) = print(Core.stdout, x)
    print(x1, x2) = print(Core.stdout, x1, x2)
    print(xs...) = print(Core.stdout, xs...)
    println(x) = print(Core.stdout, x, "\n")
    println(x1, x2) = print(Core.stdout, x1, x2, "\n")
    println(xs...) = print(Core.stdout, xs..., "\n")
end)

"Checks before the program is compiled, which leave nothing in it."
module Before

import ..Responder, ..Runtime

const BUILD = dirname(@__DIR__)
foreach(name -> include(joinpath(BUILD, name)),
    ["fault.jl", "words.jl", "responder.jl", joinpath("trim", "types.jl")])

is_own(file) = startswith(file, "/opt/jot/env/") && !startswith(basename(file), "JotResponder_")

"Ends the process without Julia's own output."
refuse(fault::Fault) = (tell(fault); ccall(:_exit, Cvoid, (Cint,), 1))

"""
Refuses types that a program cannot have; returns the handler, with its answer converted to one
type.
"""
function checked(handler, type, takes_context::Bool)
    found = argument_fault(Runtime, type)
    if found !== nothing
        fault = fault_of(found, "`julia.argument_type`", short_type)
        place = type_place(type isa DataType ? type : found.type, is_own)
        refuse(placed(fault, place, "defined here"))
    end
    types = takes_context ? Tuple{type,Runtime.Context} : Tuple{type}
    answer = reduce(
        (one, other) -> Union{one,other}, Base.return_types(handler, types); init = Union{})
    written, code = settled(answer, :value)
    found = answer_fault(Runtime, written)
    if found !== nothing
        fault = fault_of(found, "what `$(nameof(handler))` returns", short_type)
        refuse(placed(fault, definition(handler, is_own), "the function that answers"))
    end
    written === answer && return handler
    arguments = takes_context ? [:argument, :context] : [:argument]
    Core.eval(Runtime, :(settled_answer($(arguments...)) =
        (value = $handler($(arguments...)); $code)))
end

"The types of errors that the source defines, submodules included."
function own_errors(scope::Module, seen = Set{Module}())
    push!(seen, scope)
    found = Any[]
    for name in names(scope; all = true)
        isdefined(scope, name) && !Base.isdeprecated(scope, name) || continue
        value = getfield(scope, name)
        value isa DataType && value <: Exception && isconcretetype(value) &&
            parentmodule(value) === scope && push!(found, value)
        value isa Module && parentmodule(value) === scope && value !== scope &&
            !(value in seen) && append!(found, own_errors(value, seen))
    end
    found
end

"The outermost module of the source."
own_root(scope::Module) =
    parentmodule(scope) in (scope, Responder) ? scope : own_root(parentmodule(scope))

"Code for the message of an error of the source's own."
function message_code(type)
    shows = which(showerror, Tuple{IO,type}).module !== Base
    shows && return :(error isa $type && return sprint(showerror, error))
    field = findfirst(
        name -> name in (:msg, :message) && fieldtype(type, name) === String,
        collect(fieldnames(type)))
    field === nothing ? nothing : :(error isa $type && return getfield(error, $field))
end

end

const answer = Before.checked(Responder.handler, Responder.ArgumentType, Responder.takes_context)
Core.eval(Runtime, :(function own_message(@nospecialize(error))
    $(map(
        Before.message_code,
        Before.own_errors(Before.own_root(parentmodule(Responder.handler))))...)
    string("an error of type ", nameof(typeof(error)))
end))

const wants_answers = isdefined(Responder, :unwraps)

function (@main)(args::Vector{String})::Cint
    Runtime.unwraps[] = wants_answers
    Runtime.serve(answer, Responder.ArgumentType, Val(Responder.takes_context))
end
