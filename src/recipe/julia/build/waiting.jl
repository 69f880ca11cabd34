# Processes that load the responder, started before it can be loaded: Julia's start takes as long as
# everything before that.

"A file that the first load creates if the handler takes raw events."
const TAKES_ALL = "/jot/takes-all"

"""
The error output of the first load: printed after it succeeded, because a failure is explained in
other words.
"""
const LOAD_LOG = "/jot/load.log"

"""
A command that waits to be released, and then runs `code`; it does nothing if this process ends
before.
"""
waiting(code::String) = `$JULIA -e "isempty(readline()) && exit(); $code"`

"Releases a process; returns whether it succeeded."
function let_go(process)
    # It may have been killed.
    process_running(process) && write(process.in, "go\n")
    close(process.in)
    success(process)
end

"The process that compiles and loads the package first."
function first_load(package::String)
    command = waiting("push!(ARGS, \"$package\"); include(\"/jot/build/load.jl\")")
    open(pipeline(command; stderr = LOAD_LOG), "w", stdout)
end

told_by_load() = isfile(LOAD_LOG) ? read(LOAD_LOG, String) : ""

"""
The process that checks whether the start accepts the caches: those that it creates itself go into a
separate folder.
"""
function proof(package::String)
    scratch = mktempdir()
    process = withenv(
        () -> open(waiting("import $package"), "w", stdout), "JOT_DEPOT_PATH" => "$scratch:$DEPOT:")
    (process, joinpath(scratch, "compiled"))
end

"Whether the start would use the caches, and not make its own."
accepted((process, made)) = let_go(process) && !ispath(made)
