# Log lines. Lambda sets AWS_LAMBDA_LOG_FORMAT=JSON if the function's log format is JSON:
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html

const CoreLogging = Base.CoreLogging

logs_json() = get(ENV, "AWS_LAMBDA_LOG_FORMAT", "") == "JSON"

"The request that is being answered, for log lines."
const current_request = Ref("")

"""
`2024-02-29T23:59:59.123Z`, without the Dates library. Days to date after H. Hinnant,
chrono-Compatible Low-Level Date Algorithms.
"""
function timestamp(seconds::Float64 = time())
    days, rest = fldmod(floor(Int, 1000 * seconds), 86_400_000)
    year, month, day = calendar(days)
    two(n) = lpad(n, 2, '0')
    string(year, '-', two(month), '-', two(day), 'T',
        two(rest ÷ 3_600_000), ':', two(rest ÷ 60_000 % 60), ':', two(rest ÷ 1000 % 60),
        '.', lpad(rest % 1000, 3, '0'), 'Z')
end

"Year, month and day of a number of days since 1970."
function calendar(days::Int)
    era, day_of_era = fldmod(days + 719_468, 146_097)
    year_of_era =
        (day_of_era - day_of_era ÷ 1460 + day_of_era ÷ 36_524 - day_of_era ÷ 146_096) ÷ 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era ÷ 4 - year_of_era ÷ 100)
    shifted = (5 * day_of_year + 2) ÷ 153
    day = day_of_year - (153 * shifted + 2) ÷ 5 + 1
    month = shifted < 10 ? shifted + 3 : shifted - 9
    (year_of_era + 400 * era + (month <= 2), month, day)
end

"Writes an error of an invocation to the log."
function log_error(document)
    if logs_json()
        line = (timestamp = timestamp(), level = "ERROR", requestId = current_request[],
            errorType = document.errorType, errorMessage = document.errorMessage,
            stackTrace = document.stackTrace)
        return write_line(line)
    end
    out = IOBuffer()
    println(out, "ERROR RequestId: ", current_request[],
        " ", document.errorType, ": ", document.errorMessage)
    foreach(frame -> println(out, "  ", frame), document.stackTrace)
    write(stderr, take!(out))
    nothing
end

"Writes one line in one write, so that lines never mix."
function write_line(line)
    out = IOBuffer()
    write_json(out, line)
    println(out)
    write(stderr, take!(out))
    nothing
end

"Writes the responder's logs, such as by `@info`, as lines of JSON."
struct JsonLogger <: CoreLogging.AbstractLogger
    least::CoreLogging.LogLevel
end

const LEVELS = Dict("TRACE" => -2000, "DEBUG" => -1000, "INFO" => 0, "WARN" => 1000,
    "ERROR" => 2000, "FATAL" => 3000)

JsonLogger() =
    JsonLogger(CoreLogging.LogLevel(get(LEVELS, get(ENV, "AWS_LAMBDA_LOG_LEVEL", "INFO"), 0)))

CoreLogging.min_enabled_level(logger::JsonLogger) = logger.least
CoreLogging.shouldlog(::JsonLogger, arguments...) = true

function CoreLogging.handle_message(
    ::JsonLogger, level, message, _module, group, id, file, line; fields...
)
    entry = Dict{String,Any}(
        "timestamp" => timestamp(), "level" => level_name(level),
        "requestId" => current_request[], "message" => string(message))
    for (name, value) in fields
        entry[string(name)] =
            value isa Union{Bool,Integer,AbstractString} ? value : plain_text(value)
    end
    write_line(entry)
end

plain_text(value) = sprint(print, value)
plain_text((error, _)::Tuple{Exception,Any}) = sprint(showerror, error)
plain_text(error::Exception) = sprint(showerror, error)

level_name(level) = level < CoreLogging.Info ? "DEBUG" : level < CoreLogging.Warn ? "INFO" :
    level < CoreLogging.Error ? "WARN" : "ERROR"
