# The system image, made by PackageCompiler in a separate process. Arguments: environment, file of
# statements, file of a session ("" for none), image, packages.

using PackageCompiler

include("/opt/jot/runtime/versions.jl")

function main(
    project::String, statements::String, session::String, image::String, packages::Vector{String},
)
    create_sysimage(
        Symbol.(packages);
        sysimage_path = image,
        project = project,
        # From scratch, with only the packages of the environment: on Julia 1.5 a third of the size
        # (on 1.12 nearly all of it), and all of it for every processor (from the default image,
        # Julia 1.5 ignores several targets).
        incremental = false,
        filter_stdlibs = true,
        precompile_statements_file = statements,
        precompile_execution_file = isempty(session) ? String[] : [session],
        cpu_target = image_target(),
    )
end

main(ARGS[1], ARGS[2], ARGS[3], ARGS[4], ARGS[5:end])
