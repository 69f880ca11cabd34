# Detects types with the same shape in JSON, once during the build. Julia compiles what this calls
# in every build, so nothing is compiled for each type, and code only for unions, tuples and structs
# is called through `invokelatest`.

"""
The ambiguity in a type, after its place, such as `argument.shape: A and B have the same shape in
JSON`; or nothing.
"""
function ambiguity(@nospecialize(type), path::String = "argument", seen::Vector{Any} = Any[])
    type in seen && return nothing
    push!(seen, type)
    if type isa Union
        fault = Base.invokelatest(alike_members, type, path)
        fault === nothing || return fault
    end
    steps, parts = String[], Any[]
    add_parts!(steps, parts, type)
    for i in 1:length(parts)
        fault = ambiguity(parts[i], string(path, steps[i]), seen)
        fault === nothing || return fault
    end
    nothing
end

"The first two members of a union that have the same shape, after its place; or nothing."
function alike_members(type::Union, path::String)
    members = filter(member -> !(member <: Union{Nothing,Missing}), Base.uniontypes(type))
    for i in eachindex(members), j in 1:i-1
        alike(members[j], members[i]) &&
            return "$path: $(members[j]) and $(members[i]) have the same shape in JSON"
    end
    nothing
end

"One byte for each of the six kinds of value in JSON, with which such a value begins."
const KINDS = b"{[\"0tn"

"Whether one text could be a value of both types."
alike(one, other) =
    any(b -> has_shape(one, b) && has_shape(other, b) && !differ(one, other, b), KINDS)

function differ(one, other, kind::UInt8)
    kind == UInt8('0') && return (one <: Integer) != (other <: Integer)
    kind == UInt8('{') && return has_fields(one) && has_fields(other) &&
        needs_beyond(one, other) && needs_beyond(other, one)
    false
end

"Whether a type needs a field that another does not have."
needs_beyond(one, other) = any(name -> !(name in fieldnames(other)), needed_fields(one))

"Adds the types of the parts of a type, and the steps to them in a path."
function add_parts!(steps::Vector{String}, parts::Vector{Any}, @nospecialize(type))
    if type isa Union || (type isa DataType && type <: Tuple)
        Base.invokelatest(add_members!, steps, parts, type)
    elseif !(type isa DataType)
        # Any part of it is as free as itself.
    elseif type <: Union{AbstractArray,AbstractSet}
        push!(steps, "[]")
        push!(parts, eltype(type))
    elseif type <: AbstractDict
        push!(steps, "[]")
        push!(parts, valtype(type))
    elseif isstructtype(type)
        Base.invokelatest(add_fields!, steps, parts, type)
    end
    nothing
end

function add_members!(steps::Vector{String}, parts::Vector{Any}, type)
    members = type isa Union ? Base.uniontypes(type) :
        map(Base.unwrapva, collect(Any, type.parameters))
    append!(steps, fill(type isa Union ? "" : "[]", length(members)))
    append!(parts, members)
end

function add_fields!(steps::Vector{String}, parts::Vector{Any}, type)
    has_fields(type) || return nothing
    for i in 1:fieldcount(type)
        push!(steps, step_text(string(fieldname(type, i))))
        push!(parts, field_type(type, i))
    end
end
