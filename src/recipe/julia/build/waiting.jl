# Processes that load the responder, started before there is anything to load: Julia's start takes as
# long as all that comes before it.

"Left by the first load, where the handler takes raw events."
const TAKES_ALL = "/jot/takes-all"

"Starts a process that waits to be let go, and then does what `code` says; nothing if this one ends before."
waiting(code::String) = open(`$JULIA -e "isempty(readline()) && exit(); $code"`, "w", stdout)

"Has a process go on; gives whether it went well."
function let_go(process)
    # It may have been killed.
    process_running(process) && write(process.in, "go\n")
    close(process.in)
    success(process)
end

"The process that compiles and loads the package first."
first_load(package::String) =
    waiting("import $package; $package.ArgumentType === $package.JotRuntime.Invocation && touch(\"$TAKES_ALL\")")

"""
The process that shows whether the start takes the caches as they are: those that it makes itself go
into a folder of their own.
"""
function proof(package::String)
    scratch = mktempdir()
    process = withenv(() -> waiting("import $package"), "JOT_DEPOT_PATH" => "$scratch:$DEPOT:")
    (process, joinpath(scratch, "compiled"))
end

"Whether the start would take the caches, and not make its own."
accepted((process, made)) = let_go(process) && !ispath(made)
