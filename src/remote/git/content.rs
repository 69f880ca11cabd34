//! Remains of git in the files of a checkout.

use std::{fs, io, path::Path};

/// Start of a Git LFS pointer file: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
/// Longest pointer, in bytes.
const LONGEST: u64 = 1024;

/// Removes git's own files from the folders of submodules; returns the first Git LFS pointer.
pub(super) fn clean(root: &Path) -> io::Result<Option<String>> {
    let mut pointers = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let (entry, at_root) = (entry?, folder == root);
            let (path, kind) = (entry.path(), entry.file_type()?);
            if entry.file_name() == ".git" {
                match kind.is_dir() {
                    true if at_root => {}
                    true => fs::remove_dir_all(&path)?,
                    false => fs::remove_file(&path)?,
                }
            } else if kind.is_dir() {
                waiting.push(path);
            } else if kind.is_file() && is_pointer(&path)? {
                let path = path.strip_prefix(root).unwrap_or(&path);
                pointers.push(path.display().to_string());
            }
        }
    }
    pointers.sort_unstable();
    Ok(pointers.into_iter().next())
}

fn is_pointer(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.len() <= LONGEST && fs::read(path)?.starts_with(POINTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_keeps_goes_and_pointers_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &[u8]| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(".git/config", b"");
        write("lib/sub/.git", b"gitdir: /elsewhere");
        write("lib/sub/a.jl", b"1");
        write("empty", b"");
        assert_eq!(clean(folder.path()).unwrap(), None);
        assert!(folder.path().join(".git/config").exists());
        assert!(!folder.path().join("lib/sub/.git").exists());
        assert!(folder.path().join("lib/sub/a.jl").exists());
        let pointer = [POINTER, b"oid sha256:00\nsize 1\n"].concat();
        write("z.bin", &pointer);
        write("data/a.bin", &pointer);
        // A longer file only begins like a pointer.
        write("a.txt", &[POINTER, &[b' '; 2000]].concat());
        assert_eq!(clean(folder.path()).unwrap().as_deref(), Some("data/a.bin"));
    }
}
