//! The files in the context of JVM builds in addition to the source.

/// A file's path in the context, and its text.
pub type File = (&'static str, &'static str);

/// What builds the jars of a project: in both contexts, below `build/`, with the function's files
/// `command`, `resolve` and `classpath`.
pub const BUILD: [File; 2] = [
    ("build/project.sh", include_str!("build/project.sh")),
    (
        "build/class-path.gradle",
        include_str!("build/class-path.gradle"),
    ),
];

/// jot's own tools, in both contexts.
pub const TOOLS: [File; 24] = [
    ("tools/Arguments.java", include_str!("tools/Arguments.java")),
    ("tools/Client.java", include_str!("tools/Client.java")),
    ("tools/Exemplar.java", include_str!("tools/Exemplar.java")),
    ("tools/Handlers.java", include_str!("tools/Handlers.java")),
    ("tools/Jar.java", include_str!("tools/Jar.java")),
    ("tools/Libraries.java", include_str!("tools/Libraries.java")),
    ("tools/Main.java", include_str!("tools/Main.java")),
    (
        "tools/Namespaces.java",
        include_str!("tools/Namespaces.java"),
    ),
    ("tools/Nested.java", include_str!("tools/Nested.java")),
    ("tools/Own.java", include_str!("tools/Own.java")),
    ("tools/Pack.java", include_str!("tools/Pack.java")),
    ("tools/Primers.java", include_str!("tools/Primers.java")),
    ("tools/Project.java", include_str!("tools/Project.java")),
    (
        "tools/Repository.java",
        include_str!("tools/Repository.java"),
    ),
    ("tools/Root.java", include_str!("tools/Root.java")),
    (
        "tools/RuntimeApi.java",
        include_str!("tools/RuntimeApi.java"),
    ),
    ("tools/Services.java", include_str!("tools/Services.java")),
    ("tools/Session.java", include_str!("tools/Session.java")),
    ("tools/Split.java", include_str!("tools/Split.java")),
    ("tools/Stop.java", include_str!("tools/Stop.java")),
    ("tools/Task.java", include_str!("tools/Task.java")),
    ("tools/Train.java", include_str!("tools/Train.java")),
    ("tools/Used.java", include_str!("tools/Used.java")),
    ("tools/Write.java", include_str!("tools/Write.java")),
];

/// AWS's client and its hashes, in the base's context.
pub const CLIENT: File = ("client.list", include_str!("client.list"));

/// jot's own classes in addition to the client: in the context of an image's base, and of an
/// archive that Lambda takes a snapshot of.
pub const RUNTIME: [File; 2] = [PRIMED, REHEARSAL];
const PRIMED: File = ("runtime/Primed.java", include_str!("runtime/Primed.java"));
/// Of them what an archive needs.
pub const REHEARSAL: File = (
    "runtime/Rehearsal.java",
    include_str!("runtime/Rehearsal.java"),
);

/// The context of a native binary's build, in addition to [`BUILD`], [`TOOLS`] and [`CLIENT`].
pub const NATIVE: [File; 6] = [
    (
        "runtime/Bootstrap.java",
        include_str!("native/Bootstrap.java"),
    ),
    ("tools/Link.java", include_str!("native/Link.java")),
    ("tools/Metadata.java", include_str!("native/Metadata.java")),
    ("tools/Native.java", include_str!("native/Native.java")),
    ("tools/Trace.java", include_str!("native/Trace.java")),
    (
        "metadata/com.amazonaws/aws-lambda-java-runtime-interface-client/\
         reachability-metadata.json",
        include_str!("native/client-metadata.json"),
    ),
];
