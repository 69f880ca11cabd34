# Errors of the user's code, reported to jot in one line: `jot-fault`, and JSON. All other output is
# shown only with `-v`.

"""
What is wrong, what to do about it, and where: a file by its path below the user's folder, empty if
unknown.
"""
struct Fault
    message::String
    help::String
    file::String
    line::Int
    column::Int
    label::String
end

Fault(message::AbstractString; help = "", file = "", line = 0, column = 0, label = "") =
    Fault(message, help, file, line, column, label)

"The same at a place: file and line, or nothing."
placed(fault::Fault, place, label::String = fault.label) =
    place === nothing ? fault : Fault(fault.message, fault.help, place[1], place[2], 0, label)

# JotRuntime, which writes JSON, is not loaded by every build.
function quoted(text::String)
    out = IOBuffer()
    for c in text
        if c == '"' || c == '\\'
            print(out, '\\', c)
        elseif c < ' ' || c == '\x7f'
            print(out, "\\u", string(UInt32(c); base = 16, pad = 4))
        else
            print(out, isvalid(c) ? c : '\ufffd')
        end
    end
    "\"$(String(take!(out)))\""
end

"The fault as JSON, without unknown fields."
function document(fault::Fault)
    parts = ["\"message\":$(quoted(fault.message))"]
    for (name, text) in (("help", fault.help), ("file", fault.file), ("label", fault.label))
        isempty(text) || push!(parts, "\"$name\":$(quoted(text))")
    end
    for (name, number) in (("line", fault.line), ("column", fault.column))
        number > 0 && push!(parts, "\"$name\":$number")
    end
    "{$(join(parts, ','))}"
end

"Reports faults to jot."
tell(fault::Fault, out::IO = stderr) = (println(out, "jot-fault ", document(fault)); flush(out))

"""
The edit distance of two names: letters inserted, removed, changed or swapped with their neighbour.
"""
function distance(one::String, other::String)
    a, b = collect(one), collect(other)
    table = [i == 0 ? j : i for i in 0:length(a), j in 0:length(b)]
    for i in 1:length(a), j in 1:length(b)
        least = min(table[i, j+1] + 1, table[i+1, j] + 1, table[i, j] + (a[i] != b[j]))
        swapped = i > 1 && j > 1 && a[i] == b[j-1] && a[i-1] == b[j]
        table[i+1, j+1] = swapped ? min(least, table[i-1, j-1] + 1) : least
    end
    table[end, end]
end

"The at most three names that resemble one: a few letters differ, or one is part of the other."
function near(name::String, names)
    most = max(1, length(name) ÷ 3)
    like(other) = length(name) > 2 && length(other) > 2 &&
        (startswith(other, name) || startswith(name, other))
    found = [
        (distance(lowercase(name), lowercase(other)), other) for other in names if other != name]
    found = filter(((far, other),) -> far <= most || like(other), found)
    first_three(map(last, sort!(unique(found))))
end

first_three(all) = all[1:min(3, length(all))]

ticked(names) = join(map(name -> "`$name`", names), ", ", " or ")

"`did you mean ...?` for similar names; otherwise nothing."
did_you_mean(names) = isempty(names) ? nothing : "did you mean $(ticked(names))?"
