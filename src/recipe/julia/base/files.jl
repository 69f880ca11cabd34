# Copies into the root of an image.

# Julia refuses caches if a source's time differs, and a layer keeps whole seconds only. One fixed
# time, set before anything is compiled, is the same in every layer. 2000-01-01.
const FIXED_TIME = 946684800.0

"Copies a file or folder into the root at its own path, links on the way to it included."
function place(root::String, path::String)
    at = "/"
    parts = filter(!isempty, split(path, '/'))
    for (i, part) in enumerate(parts)
        at = joinpath(at, part)
        target = joinpath(root, lstrip(at, '/'))
        if islink(at)
            islink(target) || (mkpath(dirname(target)); symlink(readlink(at), target))
            at = joinpath(dirname(at), readlink(at))
            return place(root, joinpath(normpath(at), parts[i+1:end]...))
        end
        i < length(parts) && mkpath(target)
    end
    isdir(at) ? place_folder(root, at) : place_file(at, joinpath(root, lstrip(at, '/')))
end

function place_folder(root::String, folder::String)
    mkpath(joinpath(root, lstrip(folder, '/')))
    for name in readdir(folder)
        name in ("test", "docs") && isdir(joinpath(folder, name)) && continue
        place(root, joinpath(folder, name))
    end
end

place_file(from::String, to::String) = ispath(to) || cp(from, to)

"Sets a fixed time of the files of a tree, and makes them readable for all users."
function settle(root::String)
    for (folder, folders, files) in walkdir(root)
        chmod(folder, 0o755)
        for file in map(name -> joinpath(folder, name), files)
            islink(file) && continue
            chmod(file, filemode(file) & 0o100 == 0 ? 0o644 : 0o755)
            set_time(file)
        end
    end
end

function set_time(file::String)
    handle = Base.Filesystem.open(file, Base.Filesystem.JL_O_RDWR)
    try
        Base.Filesystem.futime(handle, FIXED_TIME, FIXED_TIME)
    finally
        close(handle)
    end
end

"Every file and link to one below a folder, which may not exist."
files_below(folder::String) = isdir(folder) ?
    String[joinpath(path, name) for (path, _, names) in walkdir(folder) for name in names] :
    String[]
