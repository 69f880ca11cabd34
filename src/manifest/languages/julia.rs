//! The table `julia` of a function: its keys, their patterns, and the rules for Julia alone.

mod outline;
mod trim;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use outline::{Defined, Outline};

use crate::manifest::{
    address::{has_credentials, is_git_url},
    at::At,
    error::Problems,
    limits::pattern,
};

/// A version of Julia, 1.5 or later, as the tags of the image `julia` write it.
/// <https://hub.docker.com/_/julia>
const VERSION: &str = "^1\\.(?:[5-9]|[1-9][0-9]+)(?:\\.[0-9]+)?(?:-(?:alpha|beta|rc)[0-9]+)?$";

/// A package that a script depends on, and the beginning of a version.
/// <https://pkgdocs.julialang.org/v1/repl/#repl-add>
const DEPENDENCY: &str =
    "^[a-zA-Z_][a-zA-Z0-9_!]*(?:@(?:0|[1-9][0-9]*)(?:\\.(?:0|[1-9][0-9]*)){0,2})?$";

/// The git URL of a registry of Julia packages, or the name of Julia's own.
const REGISTRY: &str =
    "^(?:General|(?:https?|ssh|git)://[^\\s\"\\\\]+|[a-zA-Z0-9_.-]+@[a-zA-Z0-9.-]+:[^\\s\"\\\\]+)$";

/// A folder in a repository: no part of it is `.` or `..`.
const SUBDIR: &str = "^(?:[^./\\s\\\\][^/\\\\]*|\\.[^./\\\\][^/\\\\]*)\
    (?:/(?:[^./\\s\\\\][^/\\\\]*|\\.[^./\\\\][^/\\\\]*))*/?$";

/// A source in Julia.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Julia {
    /// A script (`.jl`) or a package directory (with a Project.toml), relative to the manifest; or
    /// the git URL of a package, with `rev`: `https://`, `ssh://`, `git://` or `git@host:path`.
    #[schemars(length(min = 1))]
    pub source: String,
    /// For a git URL, required: a branch, a tag, or a full commit. Only a full commit needs no
    /// network once it is in jot's cache.
    #[schemars(regex(pattern = pattern::REVISION))]
    pub rev: Option<String>,
    /// For a git URL: the folder of the package in the repository. Default: the repository's own.
    #[schemars(regex(pattern = SUBDIR))]
    pub subdir: Option<String>,
    /// Any Julia type expression, such as `Vector{Int}`: the type of the argument. `Invocation`
    /// passes the raw event.
    #[schemars(regex(pattern = pattern::EXPRESSION))]
    pub argument_type: String,
    /// Dependencies of a script besides the standard library: `Name`, or `Name@1.2` for a release
    /// that begins with these numbers. A package lists its dependencies in its Project.toml
    /// instead.
    #[serde(default)]
    #[schemars(inner(regex(pattern = DEPENDENCY)), extend("uniqueItems" = true))]
    pub dependencies: Vec<String>,
    /// The registries that dependencies are looked up in: git URLs, and `General` for Julia's own.
    /// Default `["General"]`.
    #[schemars(inner(regex(pattern = REGISTRY)))]
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub registries: Option<Vec<String>>,
    /// Julia version of the base image `julia:<version>`, 1.5 or later, such as `1.10` (the
    /// long-term release) or `1.12.6`. Default: `1.12`, shown in the plan.
    #[schemars(regex(pattern = VERSION))]
    pub version: Option<String>,
    /// What is compiled while building. Default `precompile`.
    #[serde(default)]
    pub compile: Compile,
    /// Whether the package's own test suite joins the exemplar session; default false. A script has
    /// none.
    #[serde(default)]
    pub run_package_tests: bool,
    /// Environment variables for code that runs during the build: top-level code and the exemplar
    /// session. They are part of the fingerprint; do not put secrets here.
    #[serde(default)]
    pub exemplar_environment: BTreeMap<String, String>,
    /// Standard libraries that a system image may leave out although they work without `using`:
    /// `LinearAlgebra` for products of matrices, `Random` for `rand`. A dependency that needs one
    /// keeps it.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    pub drop_stdlibs: Vec<Droppable>,
    /// How many methods may still be compiled at run time, in all tests together; absent: not
    /// checked.
    pub jit_budget: Option<u32>,
    /// Whether changed sources are loaded into a running container; set by `jot run --watch`.
    #[serde(skip)]
    pub watched: bool,
}

/// What is compiled while building.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compile {
    /// What the tests exercise is compiled into the package's cache.
    #[default]
    Precompile,
    /// Everything is compiled into a system image by PackageCompiler, which takes minutes and
    /// starts fastest.
    Sysimage,
    /// Nothing.
    None,
    /// Experimental, for Julia 1.12 and later and an argument of a concrete type: an executable
    /// made with `--trim=safe`, in an image without Julia's compiler. Code that the compiler cannot
    /// resolve ahead of time fails the build.
    Trim,
}

/// A standard library that works without `using` and that a system image may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Droppable {
    /// Products of matrices, and BLAS.
    LinearAlgebra,
    /// `rand`.
    Random,
}

/// The reserved words of Julia.
/// <https://docs.julialang.org/en/v1/base/base/#Keywords>
const KEYWORDS: [&str; 29] = [
    "baremodule",
    "begin",
    "break",
    "catch",
    "const",
    "continue",
    "do",
    "else",
    "elseif",
    "end",
    "export",
    "false",
    "finally",
    "for",
    "function",
    "global",
    "if",
    "import",
    "let",
    "local",
    "macro",
    "module",
    "quote",
    "return",
    "struct",
    "true",
    "try",
    "using",
    "while",
];

/// Adds what is wrong with the table of one function, and with its handler.
pub(super) fn check(key: &str, function: &At, table: &At, root: &Path, problems: &mut Problems) {
    handler(key, function, problems);
    let Some((at, source)) = table.text("source") else {
        return;
    };
    if source.is_empty() {
        return;
    }
    let remote = is_git_url(source);
    let fault = if remote {
        remote_fault(table, source)
    } else {
        fault(root, source)
    };
    if let Some((what, label, help)) = fault {
        let message = format!("`{}` {what}", at.name());
        problems.add(at.wrong(message, label).help(help));
    }
    for key in ["rev", "subdir"] {
        if let Some(at) = table.get(key).filter(|_| !remote) {
            let message = format!("`{}` is for a git URL", at.name());
            let help = "remove it, or name a git repository in `source`";
            problems.add(at.wrong(message, "no git URL").help(help));
        }
    }
    dependencies(table, remote || root.join(source).is_dir(), problems);
    registries(table, problems);
    trim::check(function, table, problems);
}

/// The handler is an identifier, or one in a submodule after the names of modules. Its default is
/// the key with `-` as `_`.
fn handler(key: &str, function: &At, problems: &mut Problems) {
    let Some((at, handler)) = function.text("handler") else {
        let default = key.replace('-', "_");
        // What else is wrong with a key is the schema's to say.
        if KEYWORDS.contains(&default.as_str()) || default.starts_with(|c: char| c.is_ascii_digit())
        {
            let message = format!(
                "`{}` needs a handler: the default `{default}` is not a Julia identifier",
                function.name()
            );
            let help = "add `handler`, the name of the Julia function that answers";
            problems.add(function.wrong_key(message, "not an identifier").help(help));
        }
        return;
    };
    let help =
        "name the source's function that answers; write one of a submodule as `Module.answer`";
    let keyword = handler.split('.').find(|part| KEYWORDS.contains(part));
    if let Some(keyword) = keyword {
        let message = match keyword == handler {
            true => format!("`{}` is `{keyword}`, a keyword of Julia", at.name()),
            false => format!("`{}` contains `{keyword}`, a keyword of Julia", at.name()),
        };
        problems.add(at.wrong(message, "a keyword").help(help));
    } else if !handler.split('.').all(is_identifier)
        && !handler.is_empty()
        && !handler.contains(char::is_whitespace)
    {
        let message = format!("`{}` is not a Julia identifier", at.name());
        problems.add(at.wrong(message, "not an identifier").help(help));
    }
}

/// Whether a text is an identifier: letters, digits, `_` and `!`, no digit or `!` first, or
/// anything beyond ASCII.
/// <https://docs.julialang.org/en/v1/manual/variables/#man-allowed-variable-names>
fn is_identifier(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    let mut rest = text.chars();
    rest.next().is_some_and(letter) && rest.all(|c| letter(c) || c.is_ascii_digit() || c == '!')
}

/// A package says itself what it depends on, and nothing is asked for twice.
fn dependencies(julia: &At, is_package: bool, problems: &mut Problems) {
    let Some(dependencies) = julia.get("dependencies") else {
        return;
    };
    let items = dependencies.items();
    if is_package && !items.is_empty() {
        let message = format!("`{}` is for a script", dependencies.name());
        let help = "list a package's dependencies in its Project.toml; its Manifest.toml pins \
            their versions";
        problems.add(dependencies.wrong(message, "of a package").help(help));
        return;
    }
    let mut seen = BTreeMap::new();
    for (_, item) in items {
        let text = item.node.text().unwrap_or_default();
        let name = text.split('@').next().unwrap_or_default();
        // The schema itself refuses the same text twice.
        let before = seen.insert(name, text);
        if !name.is_empty() && before.is_some_and(|before| before != text) {
            let message = format!("`{}` names {name} again", item.name());
            let help = "name each package once, with the version that it needs: \"Name@1.2\"";
            problems.add(item.wrong(message, "named before").help(help));
        }
    }
}

fn registries(julia: &At, problems: &mut Problems) {
    let items = julia.get("registries").map(|at| at.items());
    for (_, item) in items.unwrap_or_default() {
        if has_credentials(item.node.text().unwrap_or_default()) {
            let message = format!("`{}` {SECRET}", item.name());
            let help = "remove them, and pass git's configuration to the build: \
                `build.secrets = { gitconfig = { from_env = \"...\" } }`";
            problems.add(item.wrong(message, "a secret").help(help));
        }
    }
}

const SECRET: &str = "contains credentials, and the manifest is not secret";

fn remote_fault(julia: &At, source: &str) -> Option<Fault> {
    if has_credentials(source) {
        return Some((
            SECRET,
            "a secret",
            "remove them: jot fetches with your own git, which uses your credential helpers and \
                SSH keys",
        ));
    }
    julia.get("rev").is_none().then_some((
        "is a git URL without `rev`",
        "without `rev`",
        "add `rev = \"...\"`: a branch, a tag or a commit",
    ))
}

type Fault = (&'static str, &'static str, &'static str);

fn fault(root: &Path, source: &str) -> Option<Fault> {
    const RELATIVE: &str = "name a file or folder relative to the manifest";
    if Path::new(source).is_absolute() {
        return Some((
            "is an absolute path, which differs between machines",
            "absolute",
            RELATIVE,
        ));
    }
    let path: PathBuf = root.join(source);
    if path.is_dir() {
        let package = path.join("Project.toml").is_file();
        return (!package).then_some((
            "is a folder without a Project.toml",
            "not a package",
            "name a script, or a folder that holds a Julia package",
        ));
    }
    if !path.is_file() {
        return Some(("does not exist", "not found", RELATIVE));
    }
    let script = path.extension().is_some_and(|extension| extension == "jl");
    (!script).then_some((
        "is not a Julia script",
        "not a `.jl` file",
        "name a `.jl` file, or a folder that holds a Julia package",
    ))
}
