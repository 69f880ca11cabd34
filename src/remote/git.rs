//! Sources from git repositories, by the user's own git.
//!
//! Its credential helpers, ssh keys and `insteadOf` give access to private ones, and jot never sees
//! a secret.

mod content;

use std::{
    fs,
    io::{IsTerminal, stdin},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use sha2::{Digest, Sha256};

use super::Error;
use crate::model::{
    checkout::{Checkout, GitSource},
    redacted,
};

/// Returns the files of a commit, fetched into `cache` unless it has them.
///
/// A branch or tag is resolved at its repository every time; a full commit in the cache needs no
/// network. Submodules are fetched too, and Git LFS files where the user's git has it.
pub fn checkout(source: &GitSource, cache: &Path) -> Result<Checkout, Error> {
    if let Some(checkout) = cached(source, cache) {
        return Ok(checkout);
    }
    let commit = if is_commit(&source.rev) {
        source.rev.to_lowercase()
    } else {
        looked_up(source)?
    };
    let folder = folder(source, &commit, cache);
    if !folder.is_dir() {
        fetch(source, &commit, &folder)?;
    }
    Ok(Checkout { commit, folder })
}

/// Returns what [`checkout`] would, without the network: `None` for a branch or a tag, and for what
/// is not in the cache.
pub fn cached(source: &GitSource, cache: &Path) -> Option<Checkout> {
    let commit = is_commit(&source.rev).then(|| source.rev.to_lowercase())?;
    let folder = folder(source, &commit, cache);
    folder.is_dir().then_some(Checkout { commit, folder })
}

/// A commit of the repository that a folder is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The absolute path of the repository's folder.
    pub root: PathBuf,
    /// The whole hash of the commit, as `git rev-parse` prints it.
    pub commit: String,
}

/// Returns the commit of `revision` in the repository of `folder`, as `git rev-parse` reads it.
pub fn revision(folder: &Path, revision: &str) -> Result<Revision, Error> {
    let asked = |arguments: &[&str], why: &str, help: &str| {
        let output = git(Some(folder)).arg("rev-parse").args(arguments).output();
        let output = output.ok().filter(|output| output.status.success());
        let said = output.and_then(|output| String::from_utf8(output.stdout).ok());
        let said = said.map(|text| text.trim_end_matches('\n').to_owned());
        said.ok_or_else(|| Error::Git {
            url: folder.display().to_string(),
            why: why.to_owned(),
            help: help.to_owned(),
        })
    };
    let root = asked(
        &["--show-toplevel"],
        "it is in no git repository",
        "a revision can only be compared where the manifest is committed; see `git status`",
    )?;
    let commit = asked(
        &[
            "--verify",
            "--quiet",
            "--end-of-options",
            &format!("{revision}^{{commit}}"),
        ],
        &format!("git knows no revision `{revision}`"),
        "`git log` and `git tag` list them; compile modes are none, precompile, sysimage and trim",
    )?;
    let root = PathBuf::from(root);
    Ok(Revision { root, commit })
}

/// Returns the text without the credentials in its addresses: `https://me:token@host` becomes
/// `https://host`.
pub fn without_credentials(text: &str) -> String {
    let mut parts = text.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let ends = |c: char| matches!(c, '/' | '\'' | '"') || c.is_whitespace();
        let end = part.find(ends).unwrap_or(part.len());
        let kept = part[..end].rfind('@').map_or(0, |at| at + 1);
        clean += "://";
        clean += &part[kept..];
    }
    clean
}

/// A full SHA-1 or SHA-256: a shorter one may become ambiguous.
fn is_commit(rev: &str) -> bool {
    matches!(rev.len(), 40 | 64) && rev.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The folder of a commit, which appears complete or not at all and never changes.
fn folder(source: &GitSource, commit: &str, cache: &Path) -> PathBuf {
    let place = hex::encode(Sha256::digest(source.url.as_bytes()));
    cache.join("git").join(&place[..16]).join(commit)
}

/// The commit of a tag, else of a branch, as git itself decides between the two:
/// <https://git-scm.com/docs/gitrevisions#_specifying_revisions>
fn looked_up(source: &GitSource) -> Result<String, Error> {
    let GitSource { url, rev } = source;
    let names = [
        format!("refs/tags/{rev}^{{}}"),
        format!("refs/tags/{rev}"),
        format!("refs/heads/{rev}"),
    ];
    let mut command = git(None);
    command
        .args(["ls-remote", "--quiet", "--", url])
        .args(&names);
    let said = run(source, &mut command)?;
    let found = names.iter().find_map(|name| {
        let of = |line: &str| Some(line.strip_suffix(name.as_str())?.trim_end().to_owned());
        said.lines().find_map(of).filter(|commit| is_commit(commit))
    });
    found.ok_or_else(|| Error::Git {
        url: url.clone(),
        why: format!("it has no branch and no tag `{rev}`"),
        help: "name a branch, a tag, or a commit with all of its digits in `rev`".to_owned(),
    })
}

/// Fetches the one commit, or all branches and tags where the server does not serve single commits.
fn fetch(source: &GitSource, commit: &str, folder: &Path) -> Result<(), Error> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let part = folder.with_extension(format!("part-{}-{count}", std::process::id()));
    let fetched = fetch_into(source, commit, &part).and_then(|()| keep(&part, folder));
    // The remains of a failure are useless, and harmless if they cannot be removed.
    let _ = fs::remove_dir_all(&part);
    fetched
}

fn fetch_into(source: &GitSource, commit: &str, part: &Path) -> Result<(), Error> {
    fs::create_dir_all(part).map_err(|cause| unwritable(part, &cause))?;
    run(source, git(Some(part)).args(["init", "--quiet"]))?;
    let url = source.url.as_str();
    let one = [
        "fetch",
        "--quiet",
        "--no-tags",
        "--depth=1",
        "--",
        url,
        commit,
    ];
    if run(source, git(Some(part)).args(one)).is_err() {
        let all = [
            "fetch",
            "--quiet",
            "--tags",
            "--",
            url,
            "+refs/heads/*:refs/remotes/origin/*",
        ];
        run(source, git(Some(part)).args(all))?;
    }
    // Submodules with relative addresses and Git LFS use it.
    run(
        source,
        git(Some(part)).args(["remote", "add", "origin", url]),
    )?;
    let checkout = ["checkout", "--quiet", "--force", "--detach", commit];
    run(source, git(Some(part)).args(checkout))?;
    if part.join(".gitmodules").is_file() {
        let update = ["submodule", "--quiet", "update", "--init", "--recursive"];
        run(source, git(Some(part)).args(update))?;
    }
    let files = content::clean(part).map_err(|cause| unwritable(part, &cause))?;
    match files {
        None => Ok(()),
        Some(pointer) => Err(Error::Git {
            url: source.url.clone(),
            why: format!("its file {pointer} is kept by Git LFS, and only a pointer to it came"),
            help: "install git-lfs and run `git lfs install`, so that your git fetches such files"
                .to_owned(),
        }),
    }
}

fn keep(part: &Path, folder: &Path) -> Result<(), Error> {
    let moved = fs::remove_dir_all(part.join(".git")).and_then(|()| fs::rename(part, folder));
    match moved {
        // Another jot process was quicker.
        Err(_) if folder.is_dir() => Ok(()),
        moved => moved.map_err(|cause| unwritable(folder, &cause)),
    }
}

/// The commit of a checkout, with `-dirty` where it has uncommitted changes; `None` outside a
/// checkout and without git.
pub fn described(folder: &Path) -> Option<String> {
    let describe = [
        "describe",
        "--always",
        "--abbrev=40",
        "--dirty",
        "--exclude=*",
    ];
    said(folder, &describe)
}

/// The address that a checkout was cloned from, without credentials; `None` if it has none.
pub fn origin(folder: &Path) -> Option<String> {
    let url = said(folder, &["remote", "get-url", "origin"])?;
    Some(without_credentials(&url))
}

/// git's output; `None` without git or outside a checkout.
fn said(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// git, in a folder if one is given.
///
/// Files have the committed line endings, whatever this machine's configuration, and hooks of the
/// user's do not run.
fn git(folder: Option<&Path>) -> Command {
    let mut command = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    if let Some(folder) = folder {
        command.arg("-C").arg(folder);
    }
    for setting in [
        "core.autocrlf=false",
        "core.eol=lf",
        "core.hooksPath=/dev/null",
    ] {
        command.args(["-c", setting]);
    }
    if !stdin().is_terminal() {
        command.env("GIT_TERMINAL_PROMPT", "0");
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a command of git, and returns what it wrote to stdout.
fn run(source: &GitSource, command: &mut Command) -> Result<String, Error> {
    let failed = |why: String| Error::Git {
        url: source.url.clone(),
        why,
        help: "jot fetches with your own git: try `git ls-remote` with this address; a whole \
               commit in `rev` needs no network once it was fetched"
            .to_owned(),
    };
    let output = command
        .output()
        .map_err(|cause| failed(format!("git cannot be run: {cause}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = without_credentials(&String::from_utf8_lossy(&output.stderr));
    let said = redacted(&said);
    Err(failed(format!("git says:\n{}", said.trim())))
}

fn unwritable(path: &Path, cause: &std::io::Error) -> Error {
    Error::Failed {
        resource: path.display().to_string(),
        reason: cause.to_string(),
        help: Some("jot's cache is in XDG_CACHE_HOME, else in ~/.cache".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_loses_the_credentials_in_its_addresses_and_nothing_else() {
        for (text, expected) in [
            (
                "fatal: unable to access 'https://me:token@example.org/a.git/': 403, \
                 me@example.org",
                "fatal: unable to access 'https://example.org/a.git/': 403, me@example.org",
            ),
            (
                "https://a@b@example.org and ssh://x:y@h",
                "https://example.org and ssh://h",
            ),
            ("git@example.org:a.git", "git@example.org:a.git"),
            ("https://example.org/a@b.git", "https://example.org/a@b.git"),
        ] {
            assert_eq!(without_credentials(text), expected);
        }
    }

    #[test]
    fn only_a_whole_commit_is_one() {
        assert!(is_commit(&"a0".repeat(20)) && is_commit(&"F9".repeat(32)));
        for rev in [
            "main",
            "v1.0",
            "a0a0a0a",
            &"g0".repeat(20),
            &"a0".repeat(21),
        ] {
            assert!(!is_commit(rev), "{rev}");
        }
    }
}
