# The environment for a system image: the packages of /opt/jot/env by their folder, the installed
# dependencies of the base image, and the standard libraries that stay. Written by hand, because Pkg
# would access a registry.

"""
Standard libraries that work without `using`: matrix products and `rand` need them. `drop_stdlibs`
in a folder lists those to leave out.
"""
function kept_libraries(folder::String)
    file = joinpath(folder, "drop_stdlibs")
    setdiff(["LinearAlgebra", "Random"], isfile(file) ? readlines(file) : String[])
end

struct Entry
    name::String
    uuid::String
    dependencies::Vector{String}
    path::String
end

"Name, UUID and dependencies of a package's Project.toml."
function read_entry(folder::String, path::String)
    text = replace(read(joinpath(folder, "Project.toml"), String), "\r\n" => "\n")
    function field(key)
        found = match(Regex("^$key\\s*=\\s*\"([^\"]+)\"", "m"), text)
        found === nothing ? "" : String(found[1])
    end
    table = match(r"^\[deps\]\n(.*?)(?=^\[|\z)"ms, text)
    names = table === nothing ? String[] :
        [String(found[1]) for found in eachmatch(r"^(\w+)\s*="m, table[1])]
    Entry(field("name"), field("uuid"), names, path)
end

"The packages of folders with one folder per package."
function local_entries(environments::Vector{String})
    folders = reduce(vcat, map(environment -> readdir(environment; join = true), environments))
    filter!(folder -> isfile(joinpath(folder, "Project.toml")), folders)
    map(folder -> read_entry(folder, folder), folders)
end

"Adds the standard library of a name, with all its dependencies."
function add_standard!(entries::Vector{Entry}, name::String, installed::Set{String})
    folder = joinpath(Sys.STDLIB, name)
    known = name in installed || any(entry -> entry.name == name, entries)
    (known || !isfile(joinpath(folder, "Project.toml"))) && return nothing
    entry = read_entry(folder, "")
    push!(entries, entry)
    foreach(dependency -> add_standard!(entries, dependency, installed), entry.dependencies)
end

function manifest_text(entry::Entry, prefix::String)
    lines = ["[[$prefix$(entry.name)]]"]
    isempty(entry.dependencies) ||
        push!(lines, string("deps = [", join(map(repr, entry.dependencies), ", "), "]"))
    isempty(entry.path) || push!(lines, "path = $(repr(entry.path))")
    join(push!(lines, "uuid = $(repr(entry.uuid))", ""), '\n')
end

"The tables of a Project.toml with preferences, so that an image is compiled with the same ones."
function preferences(folder::String)
    file = joinpath(folder, "Project.toml")
    text = isfile(file) ? read(file, String) : ""
    tables = split(text, r"^(?=\[)"m)
    string('\n', join(filter(table -> occursin(r"^\[(extras|preferences)[\].]", table), tables)))
end

"""
Writes Project.toml and Manifest.toml into a folder; returns the names of all packages and standard
libraries in it. `kept` are the standard libraries that stay in the image without a dependent;
`named` are names and UUIDs of installed packages that the environment names directly.
"""
function write_project(
    folder::String, environments::Vector{String}, dependencies::String, kept::Vector{String},
    named::Dict{String,String} = Dict{String,String}(),
)
    mkpath(folder)
    file = joinpath(dependencies, "Manifest.toml")
    head, prefix = manifest_format()
    installed_text = isfile(file) ? read(file, String) : head
    isfile(file) && (prefix = occursin("[[deps.", installed_text) ? "deps." : "")
    installed = Set(
        String(found[1]) for found in eachmatch(r"^\[\[(?:deps\.)?([^\].]+)\]\]"m, installed_text))
    entries = local_entries(environments)
    packages = map(entry -> (entry.name, entry.uuid), entries)
    for name in vcat(kept, reduce(vcat, map(entry -> entry.dependencies, entries); init = String[]))
        add_standard!(entries, name, installed)
    end
    write(joinpath(folder, "Manifest.toml"), installed_text, '\n',
        join(map(entry -> manifest_text(entry, prefix), entries), '\n'))
    standard = [(entry.name, entry.uuid) for entry in entries if entry.name in kept]
    named_ones = [(name, uuid) for (name, uuid) in named]
    lines = map(((name, uuid),) -> "$name = \"$uuid\"",
        sort!(unique(vcat(packages, standard, named_ones))))
    write(joinpath(folder, "Project.toml"), "[deps]\n",
        join(lines, '\n'), '\n', preferences(dependencies))
    local_preferences = joinpath(dependencies, "LocalPreferences.toml")
    isfile(local_preferences) &&
        cp(local_preferences, joinpath(folder, "LocalPreferences.toml"); force = true)
    sort!(vcat(collect(installed), map(entry -> entry.name, entries)))
end
