"Where an object of the data lake is, as load-partition answers it."
struct Location
    bucket::String
    key::String
    table::Union{Nothing,String}
    path::String
end

"The statement that makes Athena know the partition of an object; nothing of one that is in none."
function statement(location)
    parts = split(location.key, '/')
    keys = filter(part -> occursin('=', part), parts)
    table = something(location.table, "")
    (isempty(keys) || !occursin(r"^\w+$", table)) && return nothing
    # Whoever may write an object chooses its key.
    quoted(value) = string("'", replace(value, "'" => "''"), "'")
    values = [string(name, " = ", quoted(value)) for (name, value) in split.(keys, '='; limit = 2) if occursin(r"^\w+$", name)]
    isempty(values) && return nothing
    folder = first(location.path, findlast('/', location.path))
    return string(
        "ALTER TABLE ", table, " ADD IF NOT EXISTS PARTITION (", join(values, ", "), ") LOCATION ", quoted(folder),
    )
end

function catalogue(locations)
    statements = filter(!isnothing, map(statement, locations))
    foreach(println, statements)
    return statements
end
