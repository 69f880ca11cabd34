# What the generated package needs while it is compiled. Julia compiles what the package calls in
# every build, so nothing here is compiled for each type and handler, and code for errors is called
# through `invokelatest`.

"""
The type of an expression in the responder's scope. The responder's module is closed when this runs,
and code can be evaluated only in an open module, so its names are written out as that module's.
"""
function argument_type(package::Module, responder::Module, text::String)
    expression = Meta.parse(text; raise = false)
    expression isa Expr && expression.head in (:error, :incomplete) &&
        wrong_type(text, string("is not a Julia expression: ", expression.args[1]))
    type = try
        Core.eval(package, qualified(responder, macroexpand(responder, expression), Symbol[]))
    catch fault
        Base.invokelatest(meaningless_type, text, fault)
    end
    type isa Type || wrong_type(text, string("is no type but a ", typeof(type)))
    fault = type === Invocation ? nothing : ambiguity(type)
    fault === nothing || wrong_type(text, string("is ambiguous: ", fault))
    type
end

meaningless_type(text::String, fault) =
    wrong_type(text, "means nothing to the responder: $(sprint(showerror, fault))")
wrong_type(text::String, reason::String) = error("argument_type = \"$text\" $reason")

"An expression with its names bound in a module, except those that a `where` introduces."
function qualified(scope::Module, @nospecialize(code), bound::Vector{Symbol})
    code isa Symbol && return qualified_name(scope, code, bound)
    code isa Expr || return code
    code.head === :where &&
        (bound = Base.invokelatest(with_names, bound, code.args)::Vector{Symbol})
    made = Expr(code.head)
    for i in 1:length(code.args)
        # The part after a point is a name in the part before it.
        is_part = code.head === :. && i > 1
        push!(made.args, is_part ? code.args[i] : qualified(scope, code.args[i], bound))
    end
    made
end

function qualified_name(scope::Module, name::Symbol, bound::Vector{Symbol})
    name in bound && return name
    !isdefined(scope, name) && (name === :Invocation || name === :Context) &&
        return GlobalRef(JotRuntime, name)
    GlobalRef(scope, name)
end

with_names(bound::Vector{Symbol}, parts::Vector{Any}) = vcat(bound, map(bound_name, parts[2:end]))
bound_name(name::Symbol) = name
bound_name(bounds::Expr) = bounds.head === :comparison ? bounds.args[3] : bounds.args[1]

"The function that the manifest's `handler` names in the responder's module."
function find_handler(responder::Module, name::String)
    found = responder
    for part in split(name, '.')
        isdefined(found, Symbol(part)) ||
            error("handler = \"$name\": the responder defines no such function")
        found = getfield(found, Symbol(part))
    end
    found
end

"""
Whether the handler takes the context too; an error if it accepts the argument in neither way. One
that can be called without it takes it if the type or the name of its second argument says so: `f(x,
context = nothing)`, but not `f(x, digits = 2)`.
"""
function takes_context(@nospecialize(handler), @nospecialize(type::Type))
    if accepts(handler, Tuple{type,Context})
        accepts(handler, Tuple{type}) || return true
        return Base.invokelatest(asks_for_context, handler, type)::Bool
    end
    accepts(handler, Tuple{type}) && return false
    Base.invokelatest(takes_neither, handler, type)
end

asks_for_context(handler, type) = any(names_context, methods(handler, Tuple{type,Context}))

function names_context(method::Method)
    types, names = Base.unwrap_unionall(method.sig).parameters, Base.method_argnames(method)
    length(types) == 3 && length(names) >= 3 || return false
    second = types[3]
    Base.isvarargtype(second) && return false
    occursin(r"context|ctx"i, string(names[3])) ||
        (second isa Type && second !== Any && Context <: second)
end

takes_neither(handler, type) =
    error("the handler $handler has a method neither for ($type) nor for ($type, Context)")

"""
The responder's `jot_after_restore()`, called in every copy of a SnapStart snapshot; nothing if it
defines none.
"""
function restore_hook(responder::Module)
    isdefined(responder, :jot_after_restore) || return nothing
    hook = getfield(responder, :jot_after_restore)
    accepts(hook, Tuple{}) || error("jot_after_restore has no method without arguments")
    hook
end

# A method may take only some of the values of a type that is not concrete.
accepts(@nospecialize(handler), @nospecialize(types)) =
    hasmethod(handler, types) ||
        (!isconcretetype(types) && Base.invokelatest(has_methods, handler, types)::Bool)

has_methods(handler, types) = !isempty(methods(handler, types))

"""
Compiles the statements of a file into the package that is being precompiled: one `precompile(...)`
per line, as `--trace-compile` writes them. Names of modules are looked up among the loaded ones.
Failed statements are written to the file that JOT_FAILED_STATEMENTS names.
"""
function precompile_statements(scope::Module, file::String)
    isfile(file) && ccall(:jl_generating_output, Cint, ()) == 1 &&
        Base.invokelatest(compile_statements, scope, file)
    nothing
end

function compile_statements(scope::Module, file::String)
    bind_modules(scope)
    failed = filter(text -> !compiles(scope, text), readlines(file))
    report = get(ENV, "JOT_FAILED_STATEMENTS", "")
    isempty(report) || write(report, join(failed, '\n'))
end

"""
Binds the names of all loaded modules, and of the package itself, in a module that is still being
defined.
"""
function bind_modules(scope::Module)
    package = parentmodule(scope)
    Core.eval(scope, :(const $(nameof(package)) = $package))
    for (id, loaded) in Base.loaded_modules
        name = Symbol(id.name)
        isdefined(scope, name) || Core.eval(scope, :(const $name = $loaded))
    end
end

function compiles(scope::Module, text::String)
    try
        Core.eval(scope, Meta.parse(text)) === true
    catch
        false
    end
end
