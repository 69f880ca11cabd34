# Findings of the verifier of `--trim`, in words for the author of the source: the call that cannot
# be resolved, with the author's line that leads to it. Its text is that of `verify_print_error` in
# Compiler/src/verifytrim.jl of Julia 1.12.

"""
A call that a program cannot make: the verifier's words, the call as code, and the frames around it,
the innermost first.
"""
struct Finding
    said::String
    call::String
    frames::Vector{Tuple{String,String,Int}}
end

"""
The errors in the compiler's output without duplicates; warnings concern calls that always end in an
error.
"""
function findings(text::String)
    parts = split(text, r"^Verifier (?=error|warning)"m)[2:end]
    found = map(finding, filter(part -> startswith(part, "error"), parts))
    unique(one -> (one.said, one.call, one.frames), found)
end

function finding(part::AbstractString)
    # Another part of the compiler's output may follow.
    part = first(split(part, "\n\n"; limit = 2))
    head = first(split(part, "\nStacktrace:"; limit = 2))
    said = match(r"^error #[0-9]+: (.*?)(?: from statement (.*))?$"s, head)
    said === nothing && return Finding(String(strip(head)), "", [])
    frames = [(String(frame[1]), String(frame[2]), parse(Int, frame[3]))
        for frame in eachmatch(r"^ *\[[0-9]+\] ([^\n]*)\n *@ (?:\S+ )?(\S+?):([0-9]+)"m, part)]
    Finding(String(strip(said[1])), said[2] === nothing ? "" : String(said[2]), frames)
end

"The innermost frame of a finding in the user's files; nothing if it has none."
function own_frame(found::Finding, is_own)
    i = findfirst(frame -> is_own(frame[2]), found.frames)
    i === nothing ? nothing : (i, found.frames[i])
end

"Names in code without their modules."
function plain_names(code)
    modules = r"\b(?:Base|Core|Main|JotRuntime|Responder)\.(?:[A-Z]\w*\.)*(?=\w)"
    replace(replace(short_type(code), modules => ""), r"(?<![\w.])Main\.(?=\w)" => "")
end

"The called function: the name before the first bracket outside of its own brackets."
function called_name(call::String)
    code = plain_names(call)
    named = match(r"^\(([^()]+)\)\(", code)
    named === nothing && (named = match(r"^(\$?[\w.!+\-*/<>=|&^%~]+)\(", code))
    named === nothing && (named = match(r"^\(.*?(?:::\S+)? ([-+*/^%<>=!÷∈≤≥]+) "s, code))
    named === nothing ? "" : String(replace(named[1], r"::.*$"s => ""))
end

"The arguments of unknown type, as the verifier shows them: `x::Any`."
function open_arguments(call::String)
    # The text after the last bracket is the type of the result.
    call = replace(call, r"\)::[^()]*$" => ")")
    types = Regex(raw"::((?:Any|Function|IO|Real|Number|Integer|Signed|Type|Vector\{Any\}|" *
        raw"Abstract\w+(?:\{[^{}]*\})?|Union\{[^{}]*\})\b[}]?)")
    found = [String(part[1]) for part in eachmatch(types, plain_names(call))]
    unique(found)
end

clipped(text, most::Int = 120) = length(text) <= most ? text : string(first(text, most), "...")

"What is wrong with a call, in words."
function words_of(found::Finding)
    name = called_name(found.call)
    open = open_arguments(found.call)
    occursin("ccall", found.said) && return "a call into Julia's own runtime cannot be in a program"
    occursin("finalizer", found.said) && return "the type of a finalizer is only known at run time"
    occursin("cfunction", found.said) &&
        return "the type of a function for C is only known at run time"
    what = isempty(name) ? "a call" : "`$name`"
    occursin("not yet implemented", found.said) &&
        return "$what cannot be called in a program: what it calls is found at run time"
    isempty(open) && return "which method of $what is called is only known at run time"
    types = join(map(type -> "`$type`", first_three(open)), ", ", " and ")
    "which method of $what is called is only known at run time: it gets a value of type $types"
end

const GENERAL = "a program contains only what the compiler can resolve ahead of time: " *
    "give variables, fields and elements concrete types; " *
    "`@code_warntype` shows where a type is lost"

"What to do about a call, by its line and its text."
function help_of(found::Finding, line::String)
    about = string(line, ' ', found.call)
    prints = occursin(r"\bstderr\b|\bstdout\b", found.call) ||
        occursin(r"^\s*(?:println|print|show|display|printstyled)\(", line)
    prints &&
        return "a program can print texts, numbers and Symbols to a stream of known type: " *
            "`println(...)` without a stream, or `println(Core.stderr, ...)`"
    occursin(r"\bOPENBLAS|BLAS\.", found.call) &&
        return "linear algebra by BLAS cannot be trimmed here: " *
            "write the loop, or set `compile = \"precompile\"`"
    occursin(r"\bglobal\b|::Any", found.call) && occursin(r"^\s*(?!const\b)\w+\s*=", line) &&
        return "a global variable may contain anything: " *
            "make it `const`, or declare its type, as in `x::Int = 1`"
    occursin(r"\b(?:eval|include|getfield\(.*Symbol|Meta\.parse)\b", about) &&
        return "code that is created at run time needs Julia's compiler, " *
            "which a program does not have: set `compile = \"precompile\"`"
    GENERAL
end

"""
The first finding that leads through one of the user's files, as a fault at its line; otherwise the
first one. `lines` returns the lines of a file.
"""
function trim_fault(text::String, is_own, lines = file -> isfile(file) ? readlines(file) : String[])
    all = findings(text)
    isempty(all) && return nothing
    i = findfirst(found -> own_frame(found, is_own) !== nothing, all)
    found = all[something(i, 1)]
    more = length(all) == 1 ? "" : " (the first of $(length(all)) such calls)"
    if i === nothing
        through = isempty(found.frames) ? "" : ", in $(plain_names(first(found.frames)[1]))"
        said = "the program cannot be compiled ahead of time: $(words_of(found))$through$more"
        return Fault(clipped(said, 400); help = GENERAL)
    end
    depth, (_, file, number) = own_frame(found, is_own)
    source = lines(file)
    line = number <= length(source) ? source[number] : ""
    inner = depth == 1 ? "" :
        ", within `$(first(split(plain_names(found.frames[depth-1][1]), '(')))`"
    said = "this line cannot be compiled ahead of time: $(words_of(found))$inner$more"
    Fault(clipped(said, 400); help = help_of(found, line), file = file, line = number,
        label = depth == 1 ? "found at run time" : "leads there")
end
