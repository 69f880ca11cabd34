# What Lambda is told about an error: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror

"Frames in an answer at most."
const MAX_FRAMES = 40

"An error as Lambda wants it: `errorType`, `errorMessage`, `stackTrace`."
function error_document(error, backtrace)
    cause, note = unwrap(error)
    type = string(nameof(typeof(cause)))
    message = message_of(cause)
    # Most errors begin their message with their type, which has a place of its own here.
    startswith(message, "$type: ") && (message = message[ncodeunits(type)+3:end])
    (errorType = type, errorMessage = as_written(note * message), stackTrace = map(as_written, frames(backtrace)))
end

"The folder that the responder's files are in where it was built, `/` at its end or empty."
const PLACE = "/opt/jot/env/place"

# Files of the generated package, or of the user's; `/tmp` where they were loaded again.
const OWN_FILES = r"/(?:opt/jot|tmp/[\w.-]+/\d+)/env/(?:JotResponder_[0-9a-f]+/src/|\w+/)"
# From 1.11 on messages say where a name is not defined.
const OWN_MODULE = r"`JotResponder_[0-9a-f]+(?:\.Script_[0-9a-f]+)?`"
const OWN_NAMES = r"(?:Main\.)?JotResponder_[0-9a-f]+\.(?:Script_[0-9a-f]+\.)?"

"A text of an error with the paths that the user knows, and without the generated modules, in which a script is what it is in `Main`."
function as_written(text::String, place::String = isfile(PLACE) ? read(PLACE, String) : "")
    occursin("JotResponder_", text) || occursin("/env/", text) || return text
    text = replace(text, OWN_FILES => place)
    text = replace(text, OWN_MODULE => "`Main`")
    replace(text, OWN_NAMES => "")
end

"The error within those that loading a package puts around it, and where it was."
unwrap(error) = (error, "")
unwrap(error::InitError) = (first(unwrap(error.error)), "__init__ of $(error.mod): ")
# Each file that includes another adds its place: the innermost is where it is.
function unwrap(error::LoadError)
    cause, note = unwrap(error.error)
    (cause, isempty(note) ? "$(error.file):$(error.line): " : note)
end

"What `showerror` prints. A faulty method of it must not end the loop."
function message_of(error)
    try
        text = sprint(showerror, error)
        isvalid(text) ? text : String(map(c -> isvalid(c) ? c : '\ufffd', collect(text)))
    catch
        "an error that cannot be shown"
    end
end

"The responder's own frames, innermost first; those of the runtime say nothing to its author."
function frames(backtrace)
    lines = String[]
    for frame in stacktrace(backtrace)
        # Where `respond` was inlined, the start script is what stands above it.
        frame.func === :respond && endswith(string(frame.file), "loop.jl") && break
        frame.func === :send_streamed && endswith(string(frame.file), "stream.jl") && break
        endswith(string(frame.file), "/env/start.jl") && break
        # The generated module, where its call of the loop was not inlined.
        frame.func === :start && startswith(basename(string(frame.file)), "JotResponder_") && break
        startswith(string(frame.file), @__DIR__) && continue
        length(lines) == MAX_FRAMES && break
        push!(lines, "$(frame.func) at $(frame.file):$(frame.line)")
    end
    lines
end

"The header that goes with an error. A type's name may hold letters that no header may."
error_type_header(document) =
    string("Lambda-Runtime-Function-Error-Type: ", filter(c -> isascii(c) && !iscntrl(c), document.errorType), "\r\n")

function document_bytes(document)
    out = IOBuffer()
    write_json(out, document)
    take!(out)
end
