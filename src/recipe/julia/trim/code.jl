# The code of readers. Its generators must be defined before the methods that use them.

"Code that reads the fields of an object into variables, and their names."
function fields_code(::Type{T}) where {T}
    names, variables = fieldnames(T), [Symbol(:value, i) for i in 1:fieldcount(T)]
    types = [fieldtype(T, i) for i in 1:fieldcount(T)]
    chain = :(skip_value(r))
    for i in length(names):-1:1
        assignment = :($(variables[i]) = read_as(r, $(types[i])))
        chain = Expr(:if, :(same_text($(QuoteNode(names[i])), name)), assignment, chain)
    end
    all, typed = 1:length(names), zip(variables, types)
    code = quote
        next_byte(r) == UInt8('{') || mismatch(r, T)
        $([:(local $name::Union{Unset,$type} = Unset()) for (name, type) in typed]...)
        enter(r)
        if !closes(r, '}')
            while true
                name = read_name(r)
                $chain
                more(r, '}') || break
            end
        end
        $([:($(variables[i]) isa Unset &&
            ($(variables[i]) = absent($(types[i]), $(QuoteNode(names[i])), at))) for i in all]...)
    end
    code, [:($(variables[i])::$(types[i])) for i in 1:length(names)]
end

"Code that checks whether a value of a type may begin with the byte `b`."
shape_code(::Type{F}) where {F} =
    F === Bool ? :(b == UInt8('t') || b == UInt8('f')) :
    F <: Number ? :(is_number(b)) :
    is_text(F) ? :(b == UInt8('"')) :
    F <: Union{AbstractArray,AbstractSet,Tuple} ? :(b == UInt8('[')) : :(b == UInt8('{'))

alike_code(T, types) =
    :(refuse(r.at, $("$(join(types, " and ")) have the same shape in JSON, so $T is ambiguous")))

"Code that reads one of several types which begin alike."
function fitting_code(T, fitting)
    length(fitting) == 1 && return :(read_as(r, $(fitting[1])))
    one_of(types) = isempty(types) ? :(mismatch(r, $T)) :
        length(types) == 1 ? :(read_as(r, $(types[1]))) : alike_code(T, types)
    if all(member -> member <: Number, fitting)
        whole = filter(member -> member <: Integer, fitting)
        other = filter(member -> !(member <: Integer), fitting)
        return :(scan_number(r.text, r.at)[2] ? $(one_of(whole)) : $(one_of(other)))
    end
    shape_code(fitting[1]) == :(b == UInt8('{')) ?
        struct_code(T, filter(has_fields, fitting)) : alike_code(T, fitting)
end

"Code that reads the one struct with all fields present."
function struct_code(T, fitting)
    isempty(fitting) && return :(mismatch(r, $T))
    flags = [Symbol(:fits, i) for i in 1:length(fitting)]
    names = map(member -> map(string, needed_fields(member)), fitting)
    has(needed) = foldr((name, rest) -> :($name in found && $rest), needed; init = true)
    texts = [:($(flags[i]) ? $(string(fitting[i])) : "") for i in 1:length(flags)]
    quote
        found = object_names(r)
        $([:($(flags[i]) = $(has(names[i]))) for i in 1:length(flags)]...)
        count = +(0, $(flags...))
        count == 0 && mismatch(r, $T)
        count == 1 || refuse(r.at, string(both_texts($(texts...)),
            $(" have the same shape in JSON, so $T is ambiguous")))
        $([:($(flags[i]) && return read_as(r, $(fitting[i]))) for i in 1:length(flags)-1]...)
        read_as(r, $(fitting[end]))
    end
end
