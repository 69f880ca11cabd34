//! The package generated from a source: its name and UUID follow from its content, so that equal
//! sources are equal packages.

use sha2::{Digest, Sha256};

use super::{Error, Responder, made, names, project::Project, responder::minor, watch};
use crate::{manifest::languages::Compile, model::ContextFile};

/// The UUID of jot's runtime as a package, as `base/dependencies.jl` has it.
const RUNTIME: &str = "6c1f6d9e-3f0c-5a55-9d2b-0c6a7d3b9a10";

/// The release of Julia that introduced extensions:
/// <https://github.com/JuliaLang/julia/blob/v1.9.0/NEWS.md>
const EXTENSIONS: u32 = 9;

pub struct Package {
    /// `JotResponder_` and 16 hex digits.
    pub name: String,
    digest: [u8; 32],
    /// Of a package directory.
    project: Option<Project>,
}

impl Package {
    /// Names the package of a source. An invalid handler or package directory is an error.
    pub fn new(responder: &Responder) -> Result<Self, Error> {
        if !responder.handler.split('.').all(names::is_name) {
            let (function, handler) = (responder.key.to_owned(), responder.handler.to_owned());
            return Err(Error::Handler { function, handler });
        }
        let project = match responder.script {
            Some(_) => None,
            None => Some(Project::read(responder)?),
        };
        // A watched source keeps its name.
        let digest = match responder.julia.watched {
            true => [0; 32],
            false => digest(responder),
        };
        let name = format!("JotResponder_{}", hex::encode(&digest[..8]));
        Ok(Self {
            name,
            digest,
            project,
        })
    }

    /// The package's files in the context, the responder's own among them.
    pub fn files(&self, responder: &Responder) -> Vec<(&'static str, ContextFile)> {
        let name = &self.name;
        let own = self.own_folder();
        let moved = responder.files.iter().map(|file| {
            let path = format!("{own}{}", file.path);
            (
                "source",
                ContextFile {
                    path,
                    ..file.clone()
                },
            )
        });
        let generated = [
            (format!("env/{name}/Project.toml"), self.project_toml()),
            (format!("env/{name}/src/{name}.jl"), self.module(responder)),
            ("env/start.jl".to_owned(), self.start(responder)),
        ];
        let loading = [
            ("env/place", responder.folder()),
            ("env/extensions", self.extensions(responder)),
        ];
        let loading = loading.into_iter().filter(|(_, text)| !text.is_empty());
        let loading = loading.map(|(path, text)| (path.to_owned(), text));
        let generated = generated.into_iter().chain(loading);
        let generated = generated.map(|(path, text)| ("source", made(path, &text)));
        let explaining = watch::files().filter(|_| responder.julia.watched);
        let explaining = explaining.map(|file| ("runtime", file));
        generated.chain(moved).chain(explaining).collect()
    }

    /// What Julia shows before the names that a script defines.
    pub fn scope(&self) -> String {
        match &self.project {
            Some(_) => String::new(),
            None => format!("{}.{}.", self.name, self.script_module()),
        }
    }

    /// The module that a script is in.
    fn script_module(&self) -> String {
        format!("Script_{}", hex::encode(&self.digest[..8]))
    }

    /// The folder of the context that the responder's own files are in.
    pub fn own_folder(&self) -> String {
        match &self.project {
            Some(project) => format!("env/{}/", project.name),
            None => format!("env/{}/src/", self.name),
        }
    }

    /// Its files, for a watch.
    pub fn watched(&self) -> watch::Watched {
        watch::Watched {
            name: self.name.clone(),
            own: self.own_folder(),
            package: self.project.as_ref().map(|project| project.name.clone()),
        }
    }

    /// The package directory with tests that the build runs.
    pub fn tested(&self, responder: &Responder) -> Option<&str> {
        let project = self.project.as_ref()?;
        let traced = !matches!(responder.julia.compile, Compile::None | Compile::Trim);
        (responder.julia.run_package_tests && traced).then_some(project.name.as_str())
    }

    /// The folder of the package in the image, as a line, if it has extensions. Their caches must
    /// load without the package that they extend, which Julia finds only in an environment of the
    /// package itself (`manifest_uuid_path` in base/loading.jl of 1.9 to 1.13).
    fn extensions(&self, responder: &Responder) -> String {
        let project = self.project.as_ref();
        let extended = project
            .filter(|project| project.has_extensions() && minor(responder.version()) >= EXTENSIONS);
        extended.map_or_else(String::new, |project| {
            format!("/opt/jot/env/{}\n", project.name)
        })
    }

    /// The build adds the standard libraries that a script names: only Julia knows their UUIDs.
    fn project_toml(&self) -> String {
        let (name, uuid) = (&self.name, self.uuid());
        let mut text =
            format!("name = \"{name}\"\nuuid = \"{uuid}\"\n\n[deps]\nJotRuntime = \"{RUNTIME}\"\n");
        if let Some(project) = &self.project {
            text.push_str(&format!("{} = \"{}\"\n", project.name, project.uuid));
        }
        text
    }

    /// A UUID in the form of version 5, derived from the digest:
    /// <https://www.rfc-editor.org/rfc/rfc9562#section-5.5>
    fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.digest[16..]);
        bytes[6] = bytes[6] & 0x0f | 0x50;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let digits = hex::encode(bytes);
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
        parts.join("-")
    }

    /// The module. The script has its own inner module, with a name that it cannot use itself.
    fn module(&self, responder: &Responder) -> String {
        let (name, hash) = (&self.name, hex::encode(&self.digest[..8]));
        let (scope, load) = match (&self.project, &responder.script) {
            (Some(project), _) if responder.julia.watched => {
                (project.name.clone(), watch::import(&project.name))
            }
            (Some(project), _) => (project.name.clone(), format!("import {}\n", project.name)),
            (None, script) => {
                let scope = self.script_module();
                let file = literal(script.as_deref().unwrap_or_default());
                let load = format!("module {scope}\nusing ..JotRuntime\ninclude({file})\nend\n");
                (scope, load)
            }
        };
        let (kind, handler) = (
            literal(&responder.julia.argument_type),
            literal(responder.handler),
        );
        let run = "JotRuntime.run(handler, ArgumentType, takes_context, after_restore)";
        let start = match responder.unwrap {
            true => format!("const unwraps = true\nstart() = (JotRuntime.unwraps[] = true; {run})"),
            false => format!("start() = {run}"),
        };
        format!(
            "# Made by jot.\nmodule {name}\n\nimport JotRuntime\n\n{load}\n\
             const ArgumentType = JotRuntime.argument_type(@__MODULE__, {scope}, {kind})\n\
             const handler = JotRuntime.find_handler({scope}, {handler})\n\
             const takes_context = JotRuntime.takes_context(handler, ArgumentType)\n\
             const after_restore = JotRuntime.restore_hook({scope})\n\n\
             {start}\n\n\
             module Statements_{hash}\nimport ..JotRuntime\n\
             JotRuntime.precompile_statements(@__MODULE__, joinpath(@__DIR__, \"statements.jl\"))\n\
             end\n\n\
             end\n"
        )
    }

    /// What the entry point runs.
    fn start(&self, responder: &Responder) -> String {
        let name = &self.name;
        if responder.julia.watched {
            return watch::start(&self.watched());
        }
        format!(
            "# Made by jot.\ntry\n    import {name}\ncatch error\n    \
             import JotRuntime\n    \
             Base.invokelatest(() -> JotRuntime.report_init_error(error, catch_backtrace()))\n    \
             exit(1)\nend\n{name}.start()\n"
        )
    }
}

/// A text as a Julia string.
fn literal(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' | '$' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Everything that makes one package another: files, handler, argument type.
fn digest(responder: &Responder) -> [u8; 32] {
    let mut files: Vec<_> = responder
        .files
        .iter()
        .map(|file| (&file.path, &file.sha256))
        .collect();
    files.sort_unstable();
    let mut hasher = Sha256::new();
    let script = responder.script.as_deref().unwrap_or_default();
    for text in [responder.handler, &responder.julia.argument_type, script] {
        feed(&mut hasher, text);
    }
    if responder.unwrap {
        feed(&mut hasher, "unwrap");
    }
    for (path, sha256) in files {
        feed(&mut hasher, path);
        feed(&mut hasher, sha256);
    }
    hasher.finalize().into()
}

/// Adds a text with its length, so that no two sequences of texts are one.
fn feed(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}
