//! The errors of commands, which include those of the modules below.

use std::{io, path::PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::{apply, bench, carry, manifest, model::Function, observe, plan, recipe, remote};

/// An error of a command.
#[derive(Debug, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    /// jot.toml is missing or wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Manifest(#[from] Box<manifest::Error>),
    /// The manifest cannot be turned into recipes.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Recipe(#[from] recipe::Error),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Remote(#[from] remote::Error),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Observe(#[from] observe::Error),
    /// No plan leads from the observed to the desired state.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] plan::Error),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Apply(#[from] apply::Error),
    /// The source of `jot init --from` cannot be converted.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Carry(#[from] carry::Error),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Bench(#[from] bench::Error),
    /// New code cannot be loaded into the running container.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Fault(#[from] Box<recipe::fault::Drawn>),
    /// An image that the command needs could not be built; the failure itself was already printed.
    #[error("not every image could be built")]
    #[diagnostic(help("see the failure above; `jot build -v` shows the whole output of builds"))]
    NotBuilt,
    /// No build of the chosen functions collects metadata.
    #[error("no chosen function collects metadata")]
    #[diagnostic(help(
        "`--metadata` is for functions with `compile = \"native\"`: leave it out, or choose such a \
            function"
    ))]
    NothingCollected,
    #[error("cannot {what} {}", path.display())]
    #[diagnostic(help("{}", file_help(what, cause)))]
    File {
        /// The verb: `read`, `write`.
        what: &'static str,
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("cannot write the output")]
    #[diagnostic(help("check whether the disk is full, or write the output elsewhere"))]
    Output {
        #[source]
        cause: io::Error,
    },
    /// The operating system refused a thread or an open file.
    #[error("cannot start")]
    #[diagnostic(help(
        "the system refused a thread or an open file: check `ulimit -u` and `ulimit -n`"
    ))]
    Runtime {
        #[source]
        cause: io::Error,
    },
    /// Confirmation is needed, but stdin is not a terminal.
    #[error("`jot {command}` would change {changes}, but stdin is not a terminal to confirm it")]
    #[diagnostic(help("{}", unconfirmed_help(command)))]
    Unconfirmed {
        command: &'static str,
        /// The number of changes.
        changes: String,
    },
    /// The answer to the question was not `yes`.
    #[error("not confirmed: nothing was changed")]
    #[diagnostic(help("type `yes` to confirm, or use `jot {command} --yes`"))]
    Declined { command: &'static str },
    /// Environment variables that apply needs are not set.
    #[error("{names} not set on this machine")]
    #[diagnostic(help(
        "set the variables that `from_env` names in jot.toml, then run `jot apply` again"
    ))]
    Unset {
        /// The names, with the places that use them.
        names: String,
    },
    /// References that the plan needs could not be read.
    #[error("the plan needs values that could not be read: {names}")]
    #[diagnostic(help(
        "create the missing resource, or get permission to read it: ssm:GetParameters, \
            secretsmanager:GetSecretValue, cloudformation:DescribeStacks, \
            cloudformation:ListExports or s3:GetObject, and kms:Decrypt for its key; then run \
            `jot apply` again"
    ))]
    Unread {
        /// The references, each with its key and the reason.
        names: String,
    },
    /// A referenced value is not valid for its key.
    #[error("{place}: {value}")]
    #[diagnostic(help("{help}"))]
    Misfit {
        /// The key, with its line.
        place: String,
        /// The origin and the fault of the value; quotes the value only if it is not secret.
        value: String,
        /// What the key accepts.
        help: String,
    },
    #[error("{} is not a saved plan", path.display())]
    #[diagnostic(help("give a file that `jot plan --out FILE` wrote"))]
    NoPlan {
        path: PathBuf,
        /// The error from serde.
        #[source]
        cause: serde_json::Error,
    },
    /// The file is a plan of another version of jot, which this one cannot read.
    #[error(
        "{} is a plan of jot {maker}, which jot {} cannot read",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    #[diagnostic(help("use that version of jot, or make a new plan with `jot plan --out FILE`"))]
    OtherPlan {
        path: PathBuf,
        /// The version that made it.
        maker: String,
        /// The error from serde.
        #[source]
        cause: serde_json::Error,
    },
    /// The plan was already applied.
    #[error(
        "the plan in {} was already applied at {at}: a saved plan can be used only once",
        path.display()
    )]
    #[diagnostic(help(
        "make a new one with `jot plan --out {0}`; `jot show {0}` shows the old one",
        path.display()
    ))]
    PlanUsed {
        path: PathBuf,
        /// The time in UTC.
        at: String,
    },
    #[error(
        "cannot mark the plan in {} as used; nothing was changed",
        path.display()
    )]
    #[diagnostic(help("move the file to a folder that jot can write to"))]
    Unmarked {
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("{what} is not in Lambda")]
    #[diagnostic(help("{help}"))]
    Absent { what: String, help: String },
    /// A saved plan does not fit the present state.
    #[error("the plan in {} is out of date: {why}", path.display())]
    #[diagnostic(help(
        "make a new plan with `jot plan --out {}`, review it, then apply it",
        path.display()
    ))]
    PlanFile { path: PathBuf, why: String },
    /// A fault of the command line that clap cannot detect.
    #[error("{message}")]
    Usage {
        message: String,
        #[help]
        help: String,
    },
}

impl Error {
    /// The error of a failed call; suggests what to do if the function or qualifier does not exist.
    pub fn absent(error: remote::Error, function: &Function, qualifier: Option<&str>) -> Self {
        let remote::Error::Missing { .. } = error else {
            return error.into();
        };
        let name = &function.name;
        let what = match qualifier {
            Some(qualifier) => format!("function {name}, or `{qualifier}` of it,"),
            None => format!("function {name}"),
        };
        // An apply cannot create a version with a given number.
        let numbered = qualifier.is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()));
        Self::Absent {
            what,
            help: match numbered {
                true => "choose an existing version: `jot status` shows whether the function \
                    exists and which version serves"
                    .to_owned(),
                false => format!(
                    "`jot status` shows what is deployed, `jot apply {}` deploys it",
                    function.key
                ),
            },
        }
    }
}

/// The help if jot cannot ask for confirmation.
fn unconfirmed_help(command: &str) -> String {
    match command {
        "apply" => "add `--yes`, or apply a plan saved with `jot plan --out FILE`".to_owned(),
        _ => format!("use `jot {command} --yes`"),
    }
}

/// The help for a file that could not be read or written.
fn file_help(what: &str, cause: &io::Error) -> String {
    use io::ErrorKind::{
        FileTooLarge, InvalidData, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match cause.kind() {
        StorageFull | QuotaExceeded => {
            "free space on that disk, or write to another disk".to_owned()
        }
        FileTooLarge => "check `ulimit -f`".to_owned(),
        ReadOnlyFilesystem => "the disk is mounted read-only: write to another one".to_owned(),
        InvalidData => "save the file as UTF-8 text".to_owned(),
        _ => format!("check the path and the permission to {what} it"),
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
            (13, "permission to write it"),
        ] {
            let help = file_help("write", &io::Error::from_raw_os_error(code));
            assert!(help.contains(words), "{code}: {help}");
        }
    }
}
