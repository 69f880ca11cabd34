# Errors as reported to Lambda:
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror

"The most frames in an answer."
const MAX_FRAMES = 40

"An error in Lambda's form: `errorType`, `errorMessage`, `stackTrace`."
function error_document(error, backtrace)
    cause, note = unwrap(error)
    type = string(nameof(typeof(cause)))
    message = message_of(cause)
    # Most errors begin their message with their type, which has its own field here.
    startswith(message, "$type: ") && (message = message[ncodeunits(type)+3:end])
    (errorType = type, errorMessage = as_written(note * message),
        stackTrace = map(as_written, frames(backtrace)))
end

"The folder of the responder's files on the machine that built it, with `/` at its end, or empty."
const PLACE = "/opt/jot/env/place"

# Files of the generated package, or of the user; in `/tmp` after they were reloaded.
const OWN_FILES = r"/(?:opt/jot|tmp/[\w.-]+/\d+)/env/(?:JotResponder_[0-9a-f]+/src/|\w+/)"
# From 1.11 on messages say where a name is not defined.
const OWN_MODULE = r"`JotResponder_[0-9a-f]+(?:\.Script_[0-9a-f]+)?`"
const OWN_NAMES = r"(?:Main\.)?JotResponder_[0-9a-f]+\.(?:Script_[0-9a-f]+\.)?"

"""
A text of an error with the paths that the user knows, and without the generated modules, as if the
script ran in `Main`.
"""
function as_written(text::String, place::String = isfile(PLACE) ? read(PLACE, String) : "")
    occursin("JotResponder_", text) || occursin("/env/", text) || return text
    text = replace(text, OWN_FILES => place)
    text = replace(text, OWN_MODULE => "`Main`")
    replace(text, OWN_NAMES => "")
end

"The error without the errors that loading a package wraps around it, and its place."
unwrap(error) = (error, "")
unwrap(error::InitError) = (first(unwrap(error.error)), "__init__ of $(error.mod): ")
# Each file that includes another adds its place: the innermost is the real one.
function unwrap(error::LoadError)
    cause, note = unwrap(error.error)
    (cause, isempty(note) ? "$(error.file):$(error.line): " : note)
end

"The output of `showerror`. A faulty method of it must not end the loop."
function message_of(error)
    try
        text = sprint(showerror, error)
        isvalid(text) ? text : String(map(c -> isvalid(c) ? c : '\ufffd', collect(text)))
    catch
        "an error that cannot be shown"
    end
end

"The responder's own frames, innermost first; those of the runtime do not help its author."
function frames(backtrace)
    lines = String[]
    for frame in stacktrace(backtrace)
        # If `respond` was inlined, the start script is directly above it.
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

"The header for an error. A type's name may contain characters that a header may not."
error_type_header(document) =
    string("Lambda-Runtime-Function-Error-Type: ",
        filter(c -> isascii(c) && !iscntrl(c), document.errorType), "\r\n")

function document_bytes(document)
    out = IOBuffer()
    write_json(out, document)
    take!(out)
end
