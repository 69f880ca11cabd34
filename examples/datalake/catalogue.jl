"Where an object of the data lake is, as load-partition answers it."
struct Location
    bucket::String
    key::String
    table::Union{Nothing,String}
    path::String
end

"The statement that adds the partition of an object to Athena; `nothing` if it is in none."
function statement(location)
    parts = split(location.key, '/')
    keys = filter(part -> occursin('=', part), parts)
    table = something(location.table, "")
    (isempty(keys) || !occursin(r"^\w+$", table)) && return nothing
    # Anyone who may write an object chooses its key.
    quoted(value) = string("'", replace(value, "'" => "''"), "'")
    named = filter(pair -> occursin(r"^\w+$", pair[1]), split.(keys, '='; limit = 2))
    values = [string(name, " = ", quoted(value)) for (name, value) in named]
    isempty(values) && return nothing
    folder = first(location.path, findlast('/', location.path))
    partition = string("PARTITION (", join(values, ", "), ") LOCATION ", quoted(folder))
    return string("ALTER TABLE ", table, " ADD IF NOT EXISTS ", partition)
end

function catalogue(locations)
    statements = filter(!isnothing, map(statement, locations))
    foreach(println, statements)
    return statements
end
