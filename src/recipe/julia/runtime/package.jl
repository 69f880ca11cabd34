# What the generated package needs while it is compiled.

"""
The type that an expression means in the responder's scope. The responder's module is closed when this runs, and code
may only be evaluated in a module that is open, so its names are written out as that module's.
"""
function argument_type(package::Module, responder::Module, text::String)
    expression = Meta.parse(text; raise = false)
    expression isa Expr && expression.head in (:error, :incomplete) &&
        error("argument_type = \"$text\" is no Julia expression: $(expression.args[1])")
    type = try
        Core.eval(package, qualified(responder, macroexpand(responder, expression), Symbol[]))
    catch fault
        error("argument_type = \"$text\" means nothing to the responder: $(sprint(showerror, fault))")
    end
    type isa Type || error("argument_type = \"$text\" is no type but a $(typeof(type))")
    fault = type === Invocation ? nothing : ambiguity(type)
    fault === nothing || error("argument_type = \"$text\" is ambiguous: $fault")
    type
end

"An expression with its names bound in a module, but for those that a `where` brings in."
function qualified(scope::Module, name::Symbol, bound::Vector{Symbol})
    name in bound && return name
    !isdefined(scope, name) && name in (:Invocation, :Context) && return GlobalRef(JotRuntime, name)
    GlobalRef(scope, name)
end
qualified(::Module, other, ::Vector{Symbol}) = other
function qualified(scope::Module, expression::Expr, bound::Vector{Symbol})
    expression.head === :. && return Expr(:., qualified(scope, expression.args[1], bound), expression.args[2:end]...)
    expression.head === :where && (bound = vcat(bound, map(bound_name, expression.args[2:end])))
    Expr(expression.head, map(part -> qualified(scope, part, bound), expression.args)...)
end

bound_name(name::Symbol) = name
bound_name(bounds::Expr) = bounds.head === :comparison ? bounds.args[3] : bounds.args[1]

"The function that the manifest's `handler` names in the responder's module."
function find_handler(responder::Module, name::String)
    found = responder
    for part in split(name, '.')
        isdefined(found, Symbol(part)) || error("handler = \"$name\": the responder defines no such function")
        found = getfield(found, Symbol(part))
    end
    found
end

"Whether the handler wants the context too; an error where it takes the argument in neither way."
function takes_context(handler, ::Type{T}) where {T}
    accepts(handler, Tuple{T}) && return false
    accepts(handler, Tuple{T,Context}) && return true
    error("the handler $handler has a method neither for ($T) nor for ($T, Context)")
end

"The responder's `jot_after_restore()`, called in every copy of a SnapStart snapshot; nothing where it defines none."
function restore_hook(responder::Module)
    isdefined(responder, :jot_after_restore) || return nothing
    hook = getfield(responder, :jot_after_restore)
    accepts(hook, Tuple{}) || error("jot_after_restore has no method without arguments")
    hook
end

# A method may take only some of the values of a type that is not concrete.
accepts(handler, types) = hasmethod(handler, types) || (!isconcretetype(types) && !isempty(methods(handler, types)))

"""
Has the statements of a file compiled into the package that is being precompiled: one `precompile(...)` a line, as
`--trace-compile` writes them. Names of modules are looked up among those that are loaded. Those that fail are written
to the file that JOT_FAILED_STATEMENTS names.
"""
function precompile_statements(scope::Module, file::String)
    (isfile(file) && ccall(:jl_generating_output, Cint, ()) == 1) || return nothing
    bind_modules(scope)
    failed = filter(text -> !compiles(scope, text), readlines(file))
    report = get(ENV, "JOT_FAILED_STATEMENTS", "")
    isempty(report) || write(report, join(failed, '\n'))
    nothing
end

"Binds the names of all loaded modules, and of the package itself, in a module that is still open."
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
