# Which types cannot be told apart in JSON. Asked once, while the image is built.

"What is ambiguous in a type, after its place, such as `argument.shape: A and B have the same shape in JSON`; or nothing."
function ambiguity(type, path::String = "argument", seen::Vector{Any} = Any[])
    type in seen && return nothing
    push!(seen, type)
    if type isa Union
        members = filter(member -> !(member <: Union{Nothing,Missing}), Base.uniontypes(type))
        for i in eachindex(members), j in 1:i-1
            alike(members[j], members[i]) && return "$path: $(members[j]) and $(members[i]) have the same shape in JSON"
        end
    end
    for (step, part) in type_parts(type)
        fault = ambiguity(part, path * step, seen)
        fault === nothing || return fault
    end
    nothing
end

"One byte for each of the six kinds of value in JSON, with which such a value begins."
const KINDS = b"{[\"0tn"

"Whether one text could be a value of both types."
alike(one, other) = any(b -> has_shape(one, b) && has_shape(other, b) && !differ(one, other, b), KINDS)

function differ(one, other, kind::UInt8)
    kind == UInt8('0') && return (one <: Integer) != (other <: Integer)
    kind == UInt8('{') && return has_fields(one) && has_fields(other) && needs_beyond(one, other) && needs_beyond(other, one)
    false
end

"Whether a type needs a field that another does not have."
needs_beyond(one, other) = any(name -> !(name in fieldnames(other)), needed_fields(one))

"Steps and types of the parts of a type, as they stand in a path."
function type_parts(type)
    type isa Union && return [("", member) for member in Base.uniontypes(type)]
    type isa DataType || return []
    type <: Union{AbstractArray,AbstractSet} && return [("[]", eltype(type))]
    type <: AbstractDict && return [("[]", valtype(type))]
    type <: Tuple && return [("[]", Base.unwrapva(part)) for part in type.parameters]
    has_fields(type) || return []
    [(step_text(string(fieldname(type, i))), field_type(type, i)) for i in 1:fieldcount(type)]
end
