# Why the responder cannot be loaded, by the files and lines of its author. Its source is loaded without a cache, so that the error is the
# source's own; what it depends on is loaded as usual.
# Arguments: the folder of the environment, and the generated package's name.

const ENVIRONMENT, PACKAGE = ARGS

"The folder with the user's files, and the file that loads them all."
function own_source()
    packages = filter(name -> name != PACKAGE && isfile(joinpath(ENVIRONMENT, name, "Project.toml")), readdir(ENVIRONMENT))
    generated = joinpath(ENVIRONMENT, PACKAGE, "src")
    isempty(packages) && return generated, joinpath(generated, "$PACKAGE.jl")
    folder = joinpath(ENVIRONMENT, first(packages))
    folder, joinpath(folder, "src", "$(first(packages)).jl")
end

is_own(file, folder) = startswith(file, string(folder, '/')) && basename(file) != "$PACKAGE.jl"

"The error within those that loading puts around it, and file and line of the innermost of them that is the user's."
function unwrapped(error, folder::String, place)
    error isa LoadError && is_own(error.file, folder) && (place = (error.file, error.line))
    error isa Union{LoadError,InitError} ? unwrapped(error.error, folder, place) : (error, place)
end

"File and line of the innermost call that stands in the user's files."
function own_place(backtrace, folder::String)
    for frame in stacktrace(backtrace)
        file = string(frame.file)
        is_own(file, folder) && frame.line > 0 && return file, frame.line
    end
    nothing
end

"Three lines of a file, that of the error between its neighbours."
function excerpt(file::String, line::Integer)
    lines = isfile(file) ? readlines(file) : String[]
    shown = max(1, line - 1):min(length(lines), line + 1)
    width = ndigits(max(1, last(shown)))
    [string(number == line ? "> " : "  ", lpad(number, width), " | ", lines[number]) for number in shown]
end

const BUILD_TIME = "code at top level runs while the image is built, without the function's environment: read ENV in `__init__` or in a function, or give the build a value in `julia.exemplar_environment`"

"What to do about an error, as far as it and where it came from tell."
function advice(error, backtrace)
    error isa KeyError && any(frame -> basename(string(frame.file)) == "env.jl", stacktrace(backtrace)) && return ": $BUILD_TIME"
    ""
end

"Lines that tell of an error, the last of them in one sentence."
function told(error, backtrace, folder::String)
    cause, loaded = unwrapped(error, folder, nothing)
    place = something(own_place(backtrace, folder), Some(loaded))
    text = strip(sprint(showerror, cause))
    sentence = join(filter(!isempty, map(strip, split(text, '\n'))), ' ')
    where = place === nothing ? "" : "$(relpath(place[1], folder)):$(place[2]): "
    lines = place === nothing ? String[] : vcat("$where$(first(split(text, '\n')))", excerpt(place...))
    push!(lines, "jot: $where$sentence$(advice(cause, backtrace))")
end

"Lines that tell why the source cannot be loaded; nothing where it can, so that what failed was the way in which Julia compiled it."
function fault()
    folder, main = own_source()
    generated = joinpath(ENVIRONMENT, PACKAGE, "src", "$PACKAGE.jl")
    try
        Base.include(Main, main)
        if main != generated
            name = splitext(basename(main))[1]
            text = replace(read(generated, String), "\nimport $name\n" => "\nimport Main.$name\n")
            include_string(Main, text, generated)
        end
        return nothing
    catch error
        return told(error, catch_backtrace(), folder)
    end
end

"Writes why the source cannot be loaded, and ends the process: with an error where it can."
function report()
    lines = fault()
    lines === nothing && exit(1)
    foreach(line -> println(stderr, line), lines)
    exit(0)
end
