# Errors of the keys of jot.toml that describe a source: its handler, and the type of its argument.

"The user's module, and the type and the handler that a generated module asks for."
function asked_for(generated::String)
    asked = r"JotRuntime\.argument_type\(@__MODULE__, (\w+), (\"(?:[^\"\\]|\\.)*\")\)"
    type = match(asked, generated)
    handler = match(r"JotRuntime\.find_handler\(\w+, (\"(?:[^\"\\]|\\.)*\")\)", generated)
    type === nothing || handler === nothing ? nothing : (
        Symbol(type[1]), Meta.parse(String(type[2]))::String,
        Meta.parse(String(handler[1]))::String)
end

"What is wrong with handler or type if the generated module refused one of them; otherwise nothing."
function responder_fault(error, scope::Module, type::String, handler::String, is_own)
    error isa ErrorException || return nothing
    startswith(error.msg, "argument_type = ") && return type_fault(error.msg, scope, type, is_own)
    startswith(error.msg, "handler = ") && return absent_handler(scope, handler, is_own)
    startswith(error.msg, "the handler ") &&
        return unfit_handler(error.msg, scope, type, handler, is_own)
    if startswith(error.msg, "jot_after_restore")
        fault = Fault("`jot_after_restore` must be callable without an argument";
            help = methods_help(scope.jot_after_restore, 0))
        return placed(fault, definition(scope.jot_after_restore, is_own))
    end
    nothing
end

"File and line of a method in the user's files; nothing if none is."
function definition(found, is_own)
    found isa Union{Function,Type} || return nothing
    places = [(String(method.file), Int(method.line)) for method in methods(found)]
    places = filter(((file, line),) -> is_own(file) && line > 0, places)
    isempty(places) ? nothing : first(sort!(places))
end

"The functions that a module and its submodules define, by their names as handlers."
function own_functions(scope::Module, is_own, prefix::String = "", seen = Set{Module}())
    found = Pair{String,Any}[]
    push!(seen, scope)
    for name in names(scope; all = true)
        isdefined(scope, name) && Base.isidentifier(name) &&
            name !== :eval && name !== :include || continue
        value = getfield(scope, name)
        value isa Function && definition(value, is_own) !== nothing &&
            push!(found, string(prefix, name) => value)
        if value isa Module && parentmodule(value) === scope && !(value in seen)
            append!(found, own_functions(value, is_own, "$prefix$name.", seen))
        end
    end
    found
end

function absent_handler(scope::Module, handler::String, is_own)
    all = own_functions(scope, is_own)
    named = map(first, all)
    last_part(name) = String(last(split(name, '.')))
    inner = filter(name -> last_part(name) == last_part(handler) && name != handler, named)
    like = isempty(inner) ? near(handler, named) : first_three(inner)
    isempty(all) && return Fault("the source defines no function `$handler`";
        help = "it defines no functions: write `$handler(argument) = ...`")
    others = "it defines $(ticked_all(named))"
    choose = "`handler` in jot.toml names the function that answers"
    meant = something(did_you_mean(like), "$others;")
    known = length(all) > length(like) && !isempty(like) ? "; $others" : ""
    fault = Fault("the source defines no function `$handler`"; help = "$meant $choose$known")
    meant_one = isempty(like) ? first(all) : all[findfirst(==(first(like)), named)]
    label = isempty(like) ? "the first function" : "`$(first(meant_one))` is defined here"
    placed(fault, definition(last(meant_one), is_own), label)
end

"Names with `and`, at most eight."
function ticked_all(names)
    few = map(name -> "`$name`", names[1:min(8, length(names))])
    length(names) > 8 ? "$(join(few, ", ")) and $(length(names) - 8) more" :
        join(few, ", ", " and ")
end

"The value of a dotted name in a module, or nothing."
function meaning(scope::Module, name::String)
    found = scope
    for part in split(name, '.')
        found isa Module && isdefined(found, Symbol(part)) || return nothing
        found = getfield(found, Symbol(part))
    end
    found
end

function unfit_handler(said::String, scope::Module, type::String, handler::String, is_own)
    found = meaning(scope, handler)
    if !(found isa Union{Function,Type}) && isempty(methods(found))
        others = map(first, own_functions(scope, is_own))
        kind = short_type(typeof(found))
        help = isempty(others) ? "write `$handler(argument) = ...`" :
            "`handler` in jot.toml names the function that answers; " *
            "the source defines $(ticked_all(others))"
        return Fault("`$handler` is not a function but a value of type $kind"; help = help)
    end
    counts = unique(method.nargs - 1 for method in methods(found))
    has = methods_help(found, 1)
    place = definition(found, is_own)
    if all(count -> count > 2, counts)
        fault = Fault(
            "`$handler` needs $(minimum(counts)) arguments, but gets at most one and the context";
            help = "$has; have it take one argument, such as a struct or a NamedTuple " *
                "with all fields")
        return placed(fault, place, "defined here")
    end
    if counts == [2] && !any(takes_one, methods(found)) && fits_first(found, scope, type)
        fault = Fault("`$handler` needs 2 arguments, but gets one";
            help = "$has; a second argument without a type, or of the type Context, " *
                "gets the context of the call")
        return placed(fault, place, "defined here")
    end
    if counts == [0]
        fault = Fault("`$handler` takes no argument, but gets one";
            help = "write `$handler(argument) = ...`")
        return placed(fault, place, "defined here")
    end
    fault = Fault("`$handler` has no method for $type, the argument's type";
        help = "$has; `julia.argument_type` in jot.toml is the type of the argument")
    placed(fault, place, "defined here")
end

takes_one(method::Method) = method.nargs == 2

"Whether the first argument fits."
function fits_first(found, scope::Module, text::String)
    type = try
        Core.eval(scope, Meta.parse(text))
    catch
        return false
    end
    any(methods(found)) do method
        parts = Base.unwrap_unionall(method.sig).parameters
        length(parts) > 1 && parts[2] isa Type && type <: parts[2]
    end
end

function type_fault(said::String, scope::Module, text::String, is_own)
    key = "`julia.argument_type = \"$text\"`"
    absent = match(r"UndefVarError: `?([^`\s]+?)`? not defined", said)
    if absent !== nothing
        name = String(absent[1])
        like = near(name, type_names(scope))
        own = map(string, own_types(scope))
        help = something(did_you_mean(like), isempty(own) ?
            "define `$name` in the source, or use a type of Julia " *
            "such as `Vector{Float64}` or `Dict{String,Any}`" :
            "the source defines the types $(ticked_all(own))")
        place = isempty(like) ? nothing : type_place(meaning(scope, first(like)), is_own)
        label = isempty(like) ? "" : "`$(first(like))` is defined here"
        return placed(Fault("$key: `$name` is not defined"; help = help), place, label)
    end
    reason = short_type(replace(said, r"^argument_type = \".*?\" "s => ""))
    found = match(r"^is no type but an? (.*)$"s, reason)
    found === nothing || return Fault("$key is not a type but a value of type $(found[1])";
        help = "name a type, such as `Vector{Float64}` or a struct of the source")
    place = type_place(meaning(scope, String(first(split(text, '{')))), is_own)
    reason = replace(
        reason, r"^means nothing to the responder: " => "means nothing to the source: ")
    fault = Fault("$key $reason"; help = "give it types that JSON can be read into, " *
        "such as `Int`, `String`, `Vector{Float64}` or a struct of such")
    placed(fault, place, "defined here")
end

"The types that a module defines."
own_types(scope::Module) = filter(names(scope; all = true)) do name
    isdefined(scope, name) && Base.isidentifier(name) &&
        (found = getfield(scope, name); found isa Type && parent_of(found) === scope)
end

function parent_of(type)
    inner = Base.unwrap_unionall(type)
    inner isa DataType ? parentmodule(inner) : nothing
end

type_names(scope::Module) = vcat(
    map(string, own_types(scope)),
    filter(name -> getfield(Base, Symbol(name)) isa Type,
        filter(name -> isdefined(Base, Symbol(name)), map(string, names(Base)))),
    ["Int", "Float64", "String", "Bool", "Vector", "Dict", "Any", "Nothing", "Union", "Tuple",
        "NamedTuple", "Invocation"])

"File and line of a type's definition: its constructor has the line of its first field."
function type_place(type, is_own)
    place = type isa Type ? definition(type, is_own) : nothing
    place === nothing && return nothing
    lines = readlines(place[1])
    begins = Regex("\\bstruct\\s+$(nameof(type))\\b")
    found = findlast(line -> occursin(begins, line), lines[1:min(place[2], length(lines))])
    found === nothing ? place : (place[1], found)
end
