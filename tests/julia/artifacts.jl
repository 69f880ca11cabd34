# The artifacts of a package's own Artifacts.toml, as the base's build installs them: in the image's
# own folders, in a container.
import Pkg, SHA

@testset "artifacts are downloaded for this machine, lazy ones too" begin
    root = mktempdir()
    write(joinpath(mkpath(joinpath(root, "data")), "a.txt"), "artifact")
    hash = bytes2hex(Pkg.GitTools.tree_hash(joinpath(root, "data")))
    archive = joinpath(root, "data.tar.gz")
    run(`tar -C $(joinpath(root, "data")) -czf $archive .`)
    write(joinpath(mkpath("/opt/jot/dependencies"), "Artifacts.toml"), """
        [data]
        git-tree-sha1 = "$hash"
        lazy = true

            [[data.download]]
            url = "file://$archive"
            sha256 = "$(bytes2hex(open(SHA.sha256, archive)))"

        [[elsewhere]]
        arch = "x86_64"
        git-tree-sha1 = "$(repeat('0', 40))"
        os = "windows"

            [[elsewhere.download]]
            url = "file:///nowhere"
            sha256 = "$(repeat('0', 64))"

        [made_by_the_package]
        git-tree-sha1 = "$(repeat('1', 40))"
        """)
    script = joinpath(SOURCE, "base", "resolve.jl")
    process = run(pipeline(ignorestatus(`$(Base.julia_cmd()) --startup-file=no $script`);
        stdout = devnull, stderr = devnull))
    @test process.exitcode == 0
    @test readdir("/opt/jot/depot/artifacts") == [hash]
    @test read("/opt/jot/depot/artifacts/$hash/a.txt", String) == "artifact"
    # No registry was asked for: there is none in what is left.
    @test !ispath("/opt/jot/depot/registries")
end
