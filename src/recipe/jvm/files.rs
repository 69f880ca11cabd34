//! The files of a source for the JVM.

use std::{collections::BTreeSet, path::Path};

use globset::GlobBuilder;

use super::{
    Error, Table,
    project::{BuildTool, build_tool},
};
use crate::{
    manifest,
    model::ContextFile,
    recipe::{
        self, context, hash,
        hash_cache::HashCache,
        ignore::{self, Rules},
        source::Sources,
    },
};

/// A context file of jot's own.
pub fn made(path: &str, text: &str) -> ContextFile {
    context::made(path, false, text.as_bytes().to_vec())
}

/// A source: a project, a folder of jars, or one jar.
pub struct Files {
    /// Sorted; paths are relative to the folder, or to that of the jar.
    pub all: Vec<ContextFile>,
    /// The build tool, if known.
    pub tool: Option<&'static BuildTool>,
    /// The name of a jar that is the source.
    pub jar: Option<String>,
}

impl Files {
    /// Reads the source of function `key`.
    pub fn read(key: &str, table: &Table, sources: &mut Sources) -> Result<Self, recipe::Error> {
        if table.source.ends_with(".jar") {
            let read = sources.of(key, (&table.source, None), one)?;
            if let Some(jar) = read.file {
                return Ok(Self {
                    all: read.files,
                    tool: None,
                    jar: Some(jar),
                });
            }
        }
        let folder = sources.folder(key, &table.source)?;
        let tool = tool(&folder);
        let written = tool.map_or("".to_owned(), |tool| tool.outputs.join("\n"));
        let written = ignore::parse(&written).unwrap_or_default();
        let own: Option<Rules> = context::rules(&folder.join(ignore::FILE))?;
        let rules = own.unwrap_or_default().after(written);
        let mut all = context::walk_by(&folder, &rules, Some(ignore::FILE), &mut sources.known)?;
        // What it says of a build is in the build's own files.
        all.retain(|file| file.path != manifest::FILE);
        if let Some(tool) = tool {
            let outputs = outputs(tool, &all);
            all.retain(|file| !outputs.iter().any(|folder| file.path.starts_with(folder)));
        }
        Ok(Self {
            all,
            tool,
            jar: None,
        })
    }

    /// The files that determine the base: project and lock files, and existing jars of
    /// dependencies.
    pub fn deciding(&self, table: &Table) -> Result<Vec<&ContextFile>, Error> {
        let given = table.classpath.iter().flatten().skip(1);
        let globs = given.map(|pattern| {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            glob.map(|glob| glob.compile_matcher())
                .map_err(|_| Error::Pattern {
                    pattern: pattern.clone(),
                })
        });
        let globs = globs.collect::<Result<Vec<_>, _>>()?;
        // With an unknown tool, any file of the source may determine the dependencies.
        let unknown = self.tool.is_none() && table.build.is_some();
        let decides = |file: &&ContextFile| {
            self.tool.is_some_and(|tool| tool.decides(&file.path))
                || unknown && !file.path.contains('/')
                || globs.iter().any(|glob| glob.is_match(&file.path))
        };
        Ok(self.all.iter().filter(decides).collect())
    }
}

/// The jar that is the whole source.
fn one(
    folder: &Path,
    name: &str,
    known: &mut HashCache,
) -> Result<Vec<ContextFile>, recipe::Error> {
    let root = folder
        .canonicalize()
        .map_err(recipe::error::unreadable(folder))?;
    let found = context::found(&root, &root.join(name), name.to_owned())?;
    hash::read(vec![found], known)
}

fn tool(folder: &Path) -> Option<&'static BuildTool> {
    let known = &manifest::languages::PROJECTS;
    let present = known.iter().filter(|name| folder.join(name).is_file());
    build_tool(&present.copied().collect::<Vec<_>>())
}

/// The output folders of a tool below modules, which sbt detects without a file in them; those of
/// the root are never read.
fn outputs(tool: &BuildTool, files: &[ContextFile]) -> BTreeSet<String> {
    let modules = files.iter().filter_map(|file| {
        let (folder, name) = file.path.rsplit_once('/')?;
        let source = file.path.split_once("/src/main/");
        match tool.files.contains(&name) {
            true => Some(folder),
            false => source.map(|(folder, _)| folder),
        }
    });
    let written = modules.flat_map(|folder| {
        let outputs = tool.outputs.iter();
        outputs.map(move |output| format!("{folder}/{output}/"))
    });
    written.collect()
}
