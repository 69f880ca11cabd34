//! A source for the JVM, and all that decides its images.

use super::{
    Error, Table, dockerfile, embedded, exemplars,
    files::{Files, made},
    flags, native,
    project::Commands,
    titles, zip,
};
use crate::{
    manifest::{
        languages::{JvmCompile, Package},
        types::Function,
    },
    model::{ContextFile, desired::Source, recipe::BASE_ARGUMENT},
    recipe::{self, context, draft::Draft, language::Input, source::Sources, titles as steps},
};

/// The default release of Java: the newest long-term one.
const JAVA: &str = "25";

/// Secrets that build tools read from a fixed path; others have BuildKit's.
const SECRETS: [(&str, &str); 3] = [
    ("settings.xml", "/root/.m2/settings.xml"),
    ("credentials.clj", "/root/.lein/credentials.clj"),
    ("gradle.properties", "/root/.gradle/gradle.properties"),
];

/// A source and all that decides its images.
pub struct Project<'a> {
    /// The table of the manifest.
    pub table: &'a Table,
    pub function: &'a Function,
    /// The files of the source.
    pub files: Files,
    /// How it is built, and where its jars are then.
    build: Build,
    /// The image with the JDK, or with GraalVM.
    pub jdk_image: String,
    /// What the build replays, and the handlers.
    pub exemplars: Vec<ContextFile>,
    /// Whether Lambda takes snapshots of one of the functions that share the artifact.
    snapstart: bool,
}

/// The texts of `build/command`, `build/resolve` and `build/classpath`, and the image for them.
struct Build {
    image: String,
    command: String,
    resolve: String,
    classpath: String,
}

impl<'a> Project<'a> {
    /// Reads the source.
    ///
    /// # Errors
    /// A source without a class path, or an unreadable file.
    pub fn read(
        table: &'a Table,
        input: &Input<'a>,
        sources: &mut Sources,
    ) -> Result<Self, recipe::Error> {
        let files = Files::read(input.key, table, sources)?;
        let java = java(table);
        let native = table.mode() == JvmCompile::Native;
        let given = input.function.build.base_image.clone();
        let jdk_image = match native {
            true => native::builder_image(table, java),
            false => given.unwrap_or_else(|| format!("eclipse-temurin:{java}-jdk")),
        };
        let snapstart = |function: &Function| function.snapstart == Some(true);
        let shared = input.peers.iter().any(|peer| snapstart(peer.function));
        let snapstart = shared || snapstart(input.function);
        let archive = table.mode() == JvmCompile::Archive;
        Ok(Self {
            build: Build::of(table, input.key, &files, (java, &jdk_image))?,
            exemplars: exemplars::files(input, archive || native || snapstart)?,
            table,
            function: input.function,
            files,
            jdk_image,
            snapstart,
        })
    }

    /// JRE, client and dependencies. Only its first build needs the rest of the project.
    pub fn base(&self) -> Result<Draft, recipe::Error> {
        let deciding = self.files.deciding(self.table)?;
        let decides = |file: &ContextFile| deciding.iter().any(|one| one.path == file.path);
        let (dependencies, rest): (Vec<_>, Vec<_>) = self
            .files
            .all
            .iter()
            .map(in_source)
            .zip(&self.files.all)
            .partition(|(_, file)| decides(file));
        let own = rest.into_iter().map(|(file, _)| file);
        let mut files: Vec<_> = dependencies
            .into_iter()
            .map(|(file, _)| ("dependencies", file))
            .collect();
        files.extend(self.build_files());
        files.push((
            "runtime",
            context::embedded(embedded::CLIENT.0, embedded::CLIENT.1),
        ));
        if self.is_zip() {
            return Ok(Draft {
                dockerfile: self.with_parts(zip::base),
                files,
                settled: own.collect(),
                titles: steps::all(titles::ALL),
                ..Draft::default()
            });
        }
        let runtime = embedded::RUNTIME.iter();
        files.extend(runtime.map(|(path, text)| ("runtime", context::embedded(*path, text))));
        let extra = self.function.build.dockerfile_extra.as_deref();
        let modules = self.table.modules.as_ref().map(|modules| modules.join(","));
        let base = dockerfile::Base {
            modules: modules.as_deref().unwrap_or(dockerfile::MODULES),
            beneath: extra.map(|extra| (self.jdk_image.as_str(), extra)),
        };
        Ok(Draft {
            dockerfile: self.with_parts(|parts| dockerfile::base(parts, &base)),
            files,
            settled: own.chain(self.exemplars.iter().cloned()).collect(),
            titles: steps::all(titles::ALL),
            ..Draft::default()
        })
    }

    /// The project's own jar, and its class-data archive.
    pub fn code(&self) -> Draft {
        let mut files: Vec<_> = self
            .files
            .all
            .iter()
            .map(|file| ("source", in_source(file)))
            .collect();
        files.extend(self.build_files());
        files.extend(self.exemplars.iter().map(|file| ("exemplar", file.clone())));
        let code = dockerfile::Code {
            base_argument: BASE_ARGUMENT,
            snapstart: self.snapstart,
        };
        let zip = self.is_zip();
        if zip && self.snapstart {
            let (path, text) = embedded::REHEARSAL;
            files.push(("runtime", context::embedded(path, text)));
        }
        Draft {
            dockerfile: self.with_parts(|parts| match zip {
                true => zip::code(parts, self.snapstart),
                false => dockerfile::code(parts, &code),
            }),
            files,
            runtime: zip.then(|| zip::runtime(java(self.table), self.function, &self.table.flags)),
            titles: steps::all(titles::ALL),
            ..Draft::default()
        }
    }

    /// Whether one of AWS's Java runtimes runs it.
    pub fn is_zip(&self) -> bool {
        self.table.package == Package::Zip && self.table.mode() != JvmCompile::Native
    }

    /// What both contexts hold in addition to the source.
    pub fn build_files(&self) -> Vec<(&'static str, ContextFile)> {
        let mut packages = self.table.own_packages.clone();
        packages.sort_unstable();
        let texts = [
            ("build/command", self.build.command.clone()),
            ("build/resolve", self.build.resolve.clone()),
            ("build/classpath", self.build.classpath.clone()),
            ("packages", lines(&packages)),
        ];
        // AWS's runtime takes options from its environment.
        let flags = (!self.is_zip()).then(|| ("flags", lines(&self.flags())));
        let texts = texts.into_iter().chain(flags);
        let given = texts.map(|(path, text)| ("build", made(path, &text)));
        let embedded = embedded::BUILD.iter().chain(&embedded::TOOLS);
        let embedded = embedded.map(|(path, text)| ("runtime", context::embedded(*path, text)));
        given.chain(embedded).collect()
    }

    fn flags(&self) -> Vec<String> {
        let java = java(self.table);
        let archive = self.table.mode() == JvmCompile::Archive;
        let own = match (self.table.mode(), self.table.default_flags) {
            (JvmCompile::Native, _) => native::FLAGS.to_vec(),
            (_, Some(false)) => Vec::new(),
            _ => flags::flags(java.parse().unwrap_or_default(), archive),
        };
        flags::joined(&own, &self.table.flags)
    }

    /// Returns the text that `text` makes from the parts of both Dockerfiles.
    pub fn with_parts(&self, text: impl FnOnce(&dockerfile::Parts) -> String) -> String {
        let build = &self.function.build;
        let secrets: Vec<(&str, String)> = build.secrets.keys().map(|id| place(id)).collect();
        let secrets: Vec<(&str, &str)> = secrets.iter().map(|(id, to)| (*id, &**to)).collect();
        let arguments: Vec<&str> = build.args.keys().map(String::as_str).collect();
        text(&dockerfile::Parts {
            builder_image: &self.build.image,
            jdk_image: &self.jdk_image,
            build_platform: Some("$BUILDPLATFORM"),
            secrets: &secrets,
            arguments: &arguments,
            archive: self.table.mode() == JvmCompile::Archive,
        })
    }

    /// The title of the base in plans: `base (eclipse-temurin:25-jdk, Maven)`, and for an archive
    /// `dependencies (java25, Maven)`.
    pub fn title(&self) -> String {
        let tool = self.files.tool.map(|tool| format!(", {}", tool.name));
        let tool = tool.unwrap_or_default();
        match self.is_zip() {
            true => format!("dependencies (java{}{tool})", java(self.table)),
            false => format!("base ({}{tool})", self.jdk_image),
        }
    }

    /// The parts of the source: its files, below the folder in the manifest.
    pub fn source(&self) -> Source {
        let place = self.table.source.as_str();
        let folder = match &self.files.jar {
            Some(jar) => place
                .strip_suffix(jar.as_str())
                .unwrap_or_default()
                .to_owned(),
            None => match place.trim_end_matches('/') {
                "." => String::new(),
                folder => format!("{folder}/"),
            },
        };
        let files = self.files.all.iter().map(|file| {
            let mode = if file.executable { "x" } else { "-" };
            let content = format!("{mode}{}", &file.sha256[..16]);
            (format!("{folder}{}", file.path), content)
        });
        Source {
            place: place.to_owned(),
            parts: files.collect(),
        }
    }
}

impl Build {
    fn of(
        table: &Table,
        key: &str,
        files: &Files,
        (java, jdk_image): (&str, &str),
    ) -> Result<Self, Error> {
        let module = table.module.as_deref();
        let commands = match (files.tool, module) {
            (Some(tool), Some(_)) => Some(tool.module.ok_or(Error::NoModules {
                function: key.to_owned(),
                tool: tool.name,
            })?),
            (tool, _) => tool.map(|tool| tool.whole),
        };
        let of = |text: fn(&Commands) -> &'static str| {
            commands.map(|commands| Commands::of(text(&commands), module))
        };
        let given = table.classpath.as_ref().map(|patterns| patterns.join("\n"));
        let classpath = given
            .or_else(|| files.jar.clone())
            .or_else(|| of(|commands| commands.classpath))
            .ok_or_else(|| Error::NoClassPath {
                function: key.to_owned(),
                folder: table.source.clone(),
            })?;
        let image = files
            .tool
            .map(|tool| tool.builder_image.replace("{java}", java));
        Ok(Self {
            image: table
                .builder_image
                .clone()
                .or(image)
                .unwrap_or_else(|| jdk_image.to_owned()),
            command: table
                .build
                .clone()
                .or_else(|| of(|commands| commands.build))
                .unwrap_or_default(),
            resolve: of(|commands| commands.resolve).unwrap_or_default(),
            classpath: format!("{classpath}\n"),
        })
    }
}

/// The release of Java.
fn java(table: &Table) -> &str {
    table.java.as_deref().unwrap_or(JAVA)
}

/// Where a build finds a secret.
fn place(id: &str) -> (&str, String) {
    let known = SECRETS.iter().find(|(known, _)| *known == id);
    let place = known.map(|(_, place)| (*place).to_owned());
    (id, place.unwrap_or_else(|| format!("/run/secrets/{id}")))
}

/// The file at its place in the build context.
pub fn in_source(file: &ContextFile) -> ContextFile {
    ContextFile {
        path: format!("source/{}", file.path),
        ..file.clone()
    }
}

/// The items, one a line.
pub fn lines(items: &[String]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}
