# Types of argument and answer that a program cannot have, detected before compilation: the verifier
# would report them in its own words.

"What is wrong with a part of a type: its path, the type, why, and what to do."
struct Untrimmable
    path::String
    type::Any
    reason::String
    help::String
end

const CONCRETE = "name a concrete type, such as `Float64`, `Vector{Int}` " *
    "or a struct with only fields of such types"

"Why values of a type, except for its parts, cannot be read; nothing if they can."
function unreadable_reason(runtime::Module, @nospecialize(type))
    type isa Union && return nothing
    type isa DataType && isconcretetype(type) ||
        return ("its values may be of several types", CONCRETE)
    type <: Union{Bool,Base.BitInteger,Base.IEEEFloat,String,Symbol,Char,Enum,Nothing,Missing,
        Base.UUID} && return nothing
    type <: Union{Array,Dict,Set,Tuple,NamedTuple} && return nothing
    simple = "use a number or a `String`, and convert it in the function"
    type <: Union{BigInt,BigFloat} && return (
        "numbers of any size are read by code that cannot be trimmed", "use `Int` or `Float64`")
    runtime.is_time(type) &&
        return ("dates and times are read by code that cannot be trimmed", simple)
    type <: Union{Integer,AbstractFloat,AbstractString,AbstractChar} &&
        return ("a program cannot read it", simple)
    type <: AbstractArray && return ("a program cannot read it",
        "use `Vector{...}` or `Array{...}`, and convert it in the function")
    type <: Union{AbstractDict,AbstractSet} && return ("a program cannot read it",
        "use `Dict{...}` or `Set{...}`, and convert it in the function")
    type <: Union{Function,Module,Type,Ptr,Task,IO,Regex} &&
        return ("it has no form in JSON", CONCRETE)
    isstructtype(type) || return ("it has no form in JSON", CONCRETE)
    fieldcount(type) > 0 && runtime.takes_keywords(type) && return (
        "its constructor takes keywords, as with `@kwdef`, " *
        "and a program cannot call it with only the keywords of an argument",
        "write the struct without `@kwdef`, " *
        "and give fields that may be absent a type such as `Union{Nothing,Int}`")
    nothing
end

"The types of a type's parts, with the steps to them."
function type_parts(runtime::Module, @nospecialize(type))
    type isa Union && return [("", part) for part in Base.uniontypes(type)]
    type isa DataType && isconcretetype(type) || return []
    type <: Union{AbstractString,Symbol,AbstractChar,Number,Enum,Base.UUID} && return []
    type <: AbstractDict && return [("[]", keytype(type)), ("[]", valtype(type))]
    type <: Union{AbstractArray,AbstractSet} && return [("[]", eltype(type))]
    (type <: Union{Function,Module,Type,Ptr,Task,IO,Regex} || !isstructtype(type)) && return []
    type <: Tuple && return [("[$i]", fieldtype(type, i)) for i in 1:fieldcount(type)]
    fields = 1:fieldcount(type)
    [(runtime.step_text(string(fieldname(type, i))), fieldtype(type, i)) for i in fields]
end

"The first part of a type with a reason."
function first_fault(reason, runtime::Module, @nospecialize(type), path::String, seen = Any[])
    any(known -> known === type, seen) && return nothing
    push!(seen, type)
    found = reason(runtime, type)
    found === nothing || return Untrimmable(path, type, found...)
    for (step, part) in type_parts(runtime, type)
        fault = first_fault(reason, runtime, part, string(path, step), seen)
        fault === nothing || return fault
    end
    nothing
end

"Why an argument of a type cannot be read by a program; nothing if it can."
argument_fault(runtime::Module, @nospecialize(type)) =
    first_fault(unreadable_reason, runtime, type, "argument")

const KNOWN = "`@code_warntype` shows where a type is lost: " *
    "give variables, fields and elements concrete types, and let each function return one type"

"Why values of a type cannot be written."
function unwritable_reason(runtime::Module, @nospecialize(type))
    (type isa Union || type === Union{}) && return nothing
    nameof_runtime = type isa DataType && parentmodule(type) === runtime
    nameof_runtime && nameof(type) === :InvocationResponse &&
        return ("it may contain anything", "return the answer itself")
    type isa DataType && isconcretetype(type) && return nothing
    ("its values are known only at run time", KNOWN)
end

"Why an answer of a type cannot be written by a program; nothing if it can."
answer_fault(runtime::Module, @nospecialize(type)) =
    first_fault(unwritable_reason, runtime, type, "answer")

"""
The names and types of the fields of a named tuple type that depends on its values; nothing for any
other type.
"""
function open_fields(@nospecialize(type))
    type isa UnionAll && type <: NamedTuple && type.body isa DataType &&
        type.body.parameters[2] === type.var || return nothing
    names, fields = type.body.parameters[1], type.var.ub
    names isa Tuple && fields isa DataType && fields <: Tuple &&
        length(fields.parameters) == length(names) || return nothing
    any(Base.isvarargtype, fields.parameters) ? nothing : (names, collect(Any, fields.parameters))
end

"""
The type in which an answer is written, and the code that converts to it: a named tuple with a union
in it gets a type that does not depend on its values, and a tuple with one is written as a vector.
"""
function settled(@nospecialize(type), value)
    found = open_fields(type)
    if found !== nothing
        parts = [settled(part, :(getfield($value, $i)::$part)) for (i, part) in enumerate(found[2])]
        made = NamedTuple{found[1],Tuple{map(first, parts)...}}
        return made, Expr(:new, made, map(last, parts)...)
    end
    if type isa DataType && type <: Tuple && !isconcretetype(type) &&
            !any(Base.isvarargtype, type.parameters)
        numbered = enumerate(type.parameters)
        parts = [settled(part, :(getfield($value, $i)::$part)) for (i, part) in numbered]
        element = Union{map(first, parts)...}
        return Vector{element}, Expr(:ref, element, map(last, parts)...)
    end
    type, value
end

"The fault to show. `what` is the key or the function with the type."
fault_of(fault::Untrimmable, what::String, shorten) =
    Fault("$what cannot be in a program by `compile = \"trim\"`: " *
        "$(fault.path) has the type $(shorten(fault.type)), and $(fault.reason)"; help = fault.help)
