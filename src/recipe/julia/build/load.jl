# The first load of the generated package, which compiles it. Records the packages that were loaded
# for it. Argument: the package's name.

const BEFORE = Set(keys(Base.loaded_modules))

Core.eval(Main, Expr(:import, Expr(:., Symbol(ARGS[1]))))
let package = getfield(Main, Symbol(ARGS[1]))
    isdefined(package, :JotRuntime) &&
        package.ArgumentType === package.JotRuntime.Invocation && touch("/jot/takes-all")
end
open("/jot/loaded", "w") do io
    for id in keys(Base.loaded_modules)
        id.uuid === nothing || id in BEFORE || println(io, id.uuid, ' ', id.name)
    end
end
