# Syntax errors with their lines. Julia's own parser reports them from 1.10 on. Before, a file is
# read expression by expression.

"The syntax errors of a file's text; before 1.10 only the first."
function syntax_faults(text::String, file::String)
    VERSION >= v"1.10-" || return old_syntax_faults(text, file)
    faults = Fault[]
    collect_faults!(faults, parse_all(text, file), text, file)
    faults
end

function collect_faults!(faults::Vector{Fault}, code, text::String, file::String)
    code isa Expr || return nothing
    if code.head in (:error, :incomplete)
        said = isempty(code.args) ? "" : code.args[1]
        return push!(faults, parser_fault(said, text, file))
    end
    foreach(part -> collect_faults!(faults, part, text, file), code.args)
end

"A fault of the parser of 1.10 and later. Its text contains the place and marks the error."
function parser_fault(fault, text::String, file::String)
    said = fault isa Exception ? sprint(showerror, fault) : string(fault)
    place = match(r"# Error @ [^\n]*?:?([0-9]+):([0-9]+)\n", said)
    line, column = place === nothing ? (1, 0) : (parse(Int, place[1]), parse(Int, place[2]))
    marked = filter(!isnothing, map(part -> match(r"^#.*── (.+)$", part), split(said, '\n')))
    what = isempty(marked) ?
        strip(last(filter(!isempty, split("syntax error\n$said", '\n')))) : first(marked)[1]
    if occursin("premature end", what) ||
            occursin(r"[Ee]xpected `(end|\)|\]|\})`", what) || occursin("unterminated", what)
        open = unclosed(text, file)
        open === nothing || return open
    end
    Fault("syntax error: $(plain_syntax(what))"; file = file, line = line, column = column)
end

function old_syntax_faults(text::String, file::String)
    at = 1
    while at <= sizeof(text)
        code, next = try
            Meta.parse(text, at; raise = false)
        catch
            return Fault[]
        end
        if code isa Expr && code.head === :incomplete
            return [something(unclosed(text, file), incomplete(code.args[1], text, at, file))]
        end
        code isa Expr && code.head === :error && return [faulty(code.args[1], text, next, file)]
        next <= at && break
        at = next
    end
    Fault[]
end

"The position at which the parser stopped, before the space that it had read."
function faulty(said, text::String, next::Int, file::String)
    at = prevind(text, min(next, sizeof(text) + 1))
    while at > 1 && isspace(text[at])
        at = prevind(text, at)
    end
    line = line_of(text, at)
    # What is open before is why the rest makes no sense.
    open = unclosed_bracket(text, file)
    open !== nothing && open.line <= line && return open
    Fault("syntax error: $(plain_syntax(string(said)))"; file = file, line = line)
end

function incomplete(said, text::String, at::Int, file::String)
    while at <= sizeof(text) && isspace(text[at])
        at = nextind(text, at)
    end
    Fault("syntax error: $(plain_syntax(string(said)))";
        file = file, line = line_of(text, at), label = "this is not closed")
end

line_of(text::String, at::Int) =
    1 + count(==('\n'), SubString(text, 1, thisind(text, max(1, min(at, ncodeunits(text))))))

"The messages of the parsers in simpler words."
function plain_syntax(said::AbstractString)
    said = replace(replace(said, r"^syntax: " => ""), r"^incomplete: " => "")
    said = replace(said, r"\"([^\" ]+)\"" => s"`\1`")
    startswith(said, "premature end of input") ? "the file ends too early" : String(said)
end

const OPENERS = ("module", "baremodule", "function", "macro", "struct", "mutable", "if", "for",
    "while", "let", "try", "begin", "quote", "abstract", "primitive")

"The bracket, text, comment or block that is not closed; nothing if all are closed."
function unclosed(text::String, file::String)
    open = unclosed_bracket(text, file)
    open === nothing || return open
    block = unclosed_block(first(without_texts(text)))
    block === nothing && return nothing
    line, word = block
    Fault("syntax error: this `$word` has no `end`";
        file = file, line = line, label = "it begins here")
end

function unclosed_bracket(text::String, file::String)
    _, open = without_texts(text)
    open === nothing && return nothing
    at, what, closing = open
    Fault("syntax error: $what is not closed: `$closing` is missing";
        file = file, line = line_of(text, at), label = "it begins here")
end

"""
The code with spaces for texts and comments, and the blocks that are open at its end: position,
keyword, and the missing end. Brackets are checked as well; a mismatched one ends the search,
because the parser reports it better.
"""
function without_texts(text::String)
    out, brackets, at = IOBuffer(), Tuple{Int,Char}[], firstindex(text)
    closing = Dict('(' => ')', '[' => ']', '{' => '}')
    while at <= lastindex(text)
        c = text[at]
        passed = passed_over(text, at)
        if passed !== nothing
            stop, what, missing = passed
            stop === nothing && return String(take!(out)), (at, what, missing)
            foreach(c -> print(out, c == '\n' ? c : ' '), SubString(text, at, prevind(text, stop)))
            at = stop
            continue
        end
        haskey(closing, c) && push!(brackets, (at, c))
        if c in (')', ']', '}')
            if isempty(brackets) || closing[last(brackets)[2]] != c
                return String(take!(out)), nothing
            end
            pop!(brackets)
        end
        # An `end` or `for` in brackets is no block of its own line.
        print(out, isempty(brackets) || c == '\n' ? c : ' ')
        at = nextind(text, at)
    end
    isempty(brackets) && return String(take!(out)), nothing
    at, c = last(brackets)
    String(take!(out)), (at, "this `$c`", string(closing[c]))
end

"""
The end of the text or comment that begins at `at`, if one does; nothing as the end if it is not
closed.
"""
function passed_over(text::String, at::Int)
    rest = SubString(text, at)
    startswith(rest, "#=") && return (after(text, nextind(text, at, 2), "=#"), "this comment", "=#")
    startswith(rest, '#') &&
        return (something(findnext(isequal('\n'), text, at), ncodeunits(text) + 1), "", "")
    startswith(rest, "\"\"\"") &&
        return (after(text, nextind(text, at, 3), "\"\"\""), "this text", "\"\"\"")
    startswith(rest, '"') && return (after(text, nextind(text, at), "\""), "this text", "\"")
    character = match(r"^'(\\.[^']*|[^\\'])'", rest)
    # An apostrophe behind a name or a bracket is an adjoint.
    before = at > 1 ? text[prevind(text, at)] : ' '
    if character === nothing || before in (')', ']', '\'') || isletter(before) || isdigit(before)
        return nothing
    end
    nextind(text, at, length(character.match)), "", ""
end

"The position after the next `mark` without a backslash before it."
function after(text::String, at::Int, mark::String)
    while at <= ncodeunits(text)
        text[at] == '\\' && (at = nextind(text, min(nextind(text, at), lastindex(text))); continue)
        startswith(SubString(text, at), mark) && return nextind(text, at, length(mark))
        at = nextind(text, at)
    end
    nothing
end

"""
Line and keyword of the block without an `end`, by its indentation; nothing if every block has one.
"""
function unclosed_block(code::String)
    open = Tuple{Int,Int,String}[]
    for (number, line) in enumerate(split(code, '\n'))
        indent = length(line) - length(lstrip(line))
        found = eachmatch(r"(?<![\w.:@!])[A-Za-z_]+\b(?!\s*=(?!=))", line)
        words = [String(word.match) for word in found]
        for (nth, word) in enumerate(words)
            if word == "end"
                isempty(open) && return nothing
                while nth == 1 && last(open)[2] > indent && length(open) > 1
                    return last(open)[1], last(open)[3]
                end
                pop!(open)
            elseif word in OPENERS &&
                    !(word == "struct" && nth > 1 && words[nth-1] == "mutable") && !(word == "type")
                # What is indented as little as an open block begins after that block.
                if nth == 1 && !isempty(open) && last(open)[2] >= indent &&
                        !(last(open)[3] in ("module", "baremodule"))
                    return last(open)[1], last(open)[3]
                end
                push!(open, (number, indent, word))
            elseif word == "do"
                push!(open, (number, indent, word))
            end
        end
    end
    isempty(open) ? nothing : (last(open)[1], last(open)[3])
end
