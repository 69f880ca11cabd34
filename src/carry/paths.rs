//! Paths in the manifest's form: relative to it, with `/`, without `.` and unnecessary `..`.

use std::path::{Component, Path, PathBuf};

/// The folder of the manifest, and the source's folder, to which its paths are relative.
#[derive(Clone, Debug)]
pub struct Base {
    /// The source's folder, as this machine has it.
    pub folder: PathBuf,
    /// The same relative to the manifest, in parts.
    parts: Vec<String>,
}

impl Base {
    /// Returns the base for a source's folder and a manifest's. Both must exist for `..` and links
    /// to be resolved; otherwise they are compared as written.
    pub fn new(folder: &Path, manifest: &Path) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let (source, manifest) = (real(folder), real(manifest));
        let shared = source
            .components()
            .zip(manifest.components())
            .take_while(|(one, other)| one == other)
            .count();
        let up = manifest.components().skip(shared).map(|_| "..".to_owned());
        let down = source.components().skip(shared).map(text);
        Self {
            folder: folder.to_owned(),
            parts: up.chain(down).collect(),
        }
    }

    /// Returns a path of the source relative to the manifest; an absolute one unchanged.
    pub fn path(&self, below: &str) -> String {
        let given = Path::new(below);
        if given.is_absolute() {
            return below.to_owned();
        }
        let mut parts = self.parts.clone();
        for component in given.components() {
            match component {
                Component::ParentDir if parts.last().is_some_and(|part| part != "..") => {
                    parts.pop();
                }
                Component::CurDir => {}
                other => parts.push(text(other)),
            }
        }
        match parts.is_empty() {
            true => ".".to_owned(),
            false => parts.join("/"),
        }
    }
}

fn text(component: Component<'_>) -> String {
    component.as_os_str().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_manifest() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir(root.path().join("c")).unwrap();
        let below = Base::new(&folder, root.path());
        assert_eq!(below.path(""), "a/b");
        assert_eq!(below.path("./x/../y/"), "a/b/y");
        assert_eq!(below.path("../../.."), "..");
        assert_eq!(below.path("/opt/x.jar"), "/opt/x.jar");
        let sibling = Base::new(&folder, &root.path().join("c"));
        assert_eq!(sibling.path("x"), "../a/b/x");
        assert_eq!(sibling.path("../../.."), "../..");
        assert_eq!(Base::new(root.path(), root.path()).path("."), ".");
    }
}
