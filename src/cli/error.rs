//! Errors of the commands themselves, and those of the modules below them.

use std::{io, path::PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::{apply, bench, carry, manifest, model::Function, observe, plan, recipe, remote};

/// What a command can end in.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// jot.toml is missing or wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Manifest(#[from] Box<manifest::Error>),
    /// What jot.toml names cannot be turned into recipes.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Recipe(#[from] recipe::Error),
    /// A remote call failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Remote(#[from] remote::Error),
    /// Observing failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Observe(#[from] observe::Error),
    /// There is no way from here to there.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] plan::Error),
    /// A build failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Apply(#[from] apply::Error),
    /// What `jot init --from` names cannot be carried over.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Carry(#[from] carry::Error),
    /// A benchmark failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bench(#[from] bench::Error),
    /// Code that was to be loaded is wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Fault(#[from] Box<recipe::fault::Drawn>),
    /// Images that a command needs could not be built; what failed was told as it did.
    #[error("not every image could be built")]
    #[diagnostic(help("what failed stands above; `jot build -v` shows all that builds write"))]
    NotBuilt,
    /// No build of the chosen functions collects anything.
    #[error("none of the functions collects metadata")]
    #[diagnostic(help(
        "`--metadata` is for functions with `compile = \"native\"`: leave it out, or name one of them"
    ))]
    NothingCollected,
    /// A file could not be read or written.
    #[error("cannot {what} {}", path.display())]
    #[diagnostic(help("{}", file_help(what, cause)))]
    File {
        /// `read`, `write`.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// stdout or stderr cannot be written to.
    #[error("cannot write the output")]
    #[diagnostic(help("see whether the disk is full, or write it elsewhere"))]
    Output {
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The operating system refused what a process needs.
    #[error("cannot start")]
    #[diagnostic(help(
        "the system refused a thread or an open file: see `ulimit -u` and `ulimit -n`"
    ))]
    Runtime {
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Nobody can answer the question whether to go on.
    #[error(
        "`jot {command}` would change {changes}, and stdin is not a terminal to confirm that at"
    )]
    #[diagnostic(help("{}", unconfirmed_help(command)))]
    Unconfirmed {
        /// The command.
        command: &'static str,
        /// How much.
        changes: String,
    },
    /// The question was not answered with `yes`.
    #[error("not confirmed: nothing was changed")]
    #[diagnostic(help("only `yes` is accepted; `jot {command} --yes` does not ask"))]
    Declined {
        /// The command.
        command: &'static str,
    },
    /// Values that apply needs are not set.
    #[error("{names} not set on this machine")]
    #[diagnostic(help("set what `from_env` names in jot.toml, then run `jot apply` again"))]
    Unset {
        /// Which.
        names: String,
    },
    /// Values that the plan needs could not be read.
    #[error("the plan needs values that could not be read: {names}")]
    #[diagnostic(help(
        "create what holds the value, or get permission to read it: ssm:GetParameters, secretsmanager:GetSecretValue, cloudformation:DescribeStacks, cloudformation:ListExports or s3:GetObject, and kms:Decrypt for its key; then run `jot apply` again"
    ))]
    Unread {
        /// Which, each with its key and the reason.
        names: String,
    },
    /// A value that stands elsewhere is none that its key takes.
    #[error("{place}: {value}")]
    #[diagnostic(help("{help}"))]
    Misfit {
        /// The key, with its line.
        place: String,
        /// The origin, and what is wrong with the value, which is quoted only where it may be shown.
        value: String,
        /// What the key takes.
        help: String,
    },
    /// The file is no plan.
    #[error("{} holds no plan", path.display())]
    #[diagnostic(help("name a file that `jot plan --out FILE` wrote"))]
    NoPlan {
        /// The file.
        path: PathBuf,
        /// What serde says.
        #[source]
        cause: serde_json::Error,
    },
    /// The file is a plan that this jot does not understand.
    #[error(
        "{} holds a plan of jot {maker}, which jot {} cannot read",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    #[diagnostic(help("read it with that version, or make one with `jot plan --out FILE`"))]
    OtherPlan {
        /// The file.
        path: PathBuf,
        /// The version that made it.
        maker: String,
        /// What serde says.
        #[source]
        cause: serde_json::Error,
    },
    /// The plan was carried out.
    #[error("the plan in {} was carried out at {at}: a saved plan is used once", path.display())]
    #[diagnostic(help(
        "`jot show {0}` shows it; make a new one with `jot plan --out {0}`",
        path.display()
    ))]
    PlanUsed {
        /// The file.
        path: PathBuf,
        /// When, in UTC.
        at: String,
    },
    /// The file of the plan cannot be written.
    #[error(
        "cannot mark the plan in {} as used, and nothing was changed: a saved plan is used once",
        path.display()
    )]
    #[diagnostic(help("put the file where jot may write to it and its folder"))]
    Unmarked {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// What is asked for is not in Lambda.
    #[error("{what} is not in Lambda")]
    #[diagnostic(help("{help}"))]
    Absent {
        /// Function, version or alias.
        what: String,
        /// What to do.
        help: String,
    },
    /// A saved plan is not for this jot.toml.
    #[error("the plan in {} does not fit any more: {why}", path.display())]
    #[diagnostic(help("look at the new one with `jot plan --out {}`, then apply it", path.display()))]
    PlanFile {
        /// The file.
        path: PathBuf,
        /// What differs.
        why: String,
    },
    /// Something on the command line that clap cannot check.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        #[help]
        help: String,
    },
}

impl Error {
    /// The error of a call of a function: where it is missing, what to do about that.
    pub fn absent(error: remote::Error, function: &Function, qualifier: Option<&str>) -> Self {
        let remote::Error::Missing { .. } = error else {
            return error.into();
        };
        let name = &function.name;
        let what = match qualifier {
            Some(qualifier) => format!("function {name}, or `{qualifier}` of it,"),
            None => format!("function {name}"),
        };
        // No apply makes a version of a certain number.
        let numbered = qualifier.is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()));
        Self::Absent {
            what,
            help: match numbered {
                true => "`jot status` shows whether the function exists and which version serves: name one that it has".to_owned(),
                false => format!(
                    "`jot status` shows what there is, `jot apply {}` brings it there",
                    function.key
                ),
            },
        }
    }
}

/// What to do where there is no one to ask.
fn unconfirmed_help(command: &str) -> String {
    match command {
        "apply" => "add `--yes`, or give it a plan saved with `jot plan --out FILE`".to_owned(),
        _ => format!("`jot {command} --yes` does not ask"),
    }
}

/// What to do about a file that could not be read or written.
fn file_help(what: &str, cause: &io::Error) -> String {
    use io::ErrorKind::{
        FileTooLarge, InvalidData, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match cause.kind() {
        StorageFull | QuotaExceeded => "free space on that disk, or write elsewhere".to_owned(),
        FileTooLarge => "see `ulimit -f`, or write elsewhere".to_owned(),
        ReadOnlyFilesystem => "the disk is mounted read-only: write elsewhere".to_owned(),
        InvalidData => "save the file as UTF-8 text".to_owned(),
        _ => format!("check the path, and who may {what} it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_matter_of_rights() {
        // ENOSPC and EROFS.
        for (code, words) in [
            (28, "free space"),
            (30, "read-only"),
            (13, "who may write it"),
        ] {
            let help = file_help("write", &io::Error::from_raw_os_error(code));
            assert!(help.contains(words), "{code}: {help}");
        }
    }
}
