//! `jot invoke`.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use super::{Error, FAILED, Global, session, session::Session};
use crate::report;

/// Calls a function in Lambda and prints what it answers.
#[derive(Debug, Args)]
pub struct Invoke {
    /// The function's key.
    #[arg(value_name = "FUNCTION")]
    function: String,
    /// The argument, a JSON text; `-` reads it from stdin. Absent: the argument of the function's first test.
    #[arg(value_name = "JSON", conflicts_with = "file", allow_hyphen_values = true)]
    argument: Option<String>,
    /// A file with the argument.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Version or alias; otherwise the alias of jot.toml.
    #[arg(long, value_name = "NAME")]
    qualifier: Option<String>,
}

/// Invokes; exit status 1 where the function answers with an error.
pub async fn invoke(global: &Global, arguments: &Invoke) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let desired = session.names(std::slice::from_ref(&arguments.function))?;
    let Some(function) = desired.functions.values().next() else {
        return Err(unknown(&arguments.function));
    };
    let payload = match payload(arguments)? {
        Some(payload) => payload,
        None => function.tests.first().map(|test| test.argument.clone().into_bytes()).ok_or_else(no_argument)?,
    };
    let alias = function.deploy.alias.as_deref();
    let qualifier = arguments.qualifier.as_deref().or(alias);
    let answer = session.aws.invoke(&function.name, qualifier, &payload, true).await?;
    session::print(&report::answer(&answer.payload, &session.style))?;
    if !session.style.quiet {
        report::log_tail(&answer.log, &session.style);
    }
    let failed = answer.function_error.is_some();
    Ok(if failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

fn payload(arguments: &Invoke) -> Result<Option<Vec<u8>>, Error> {
    if let Some(path) = &arguments.file {
        let read = std::fs::read(path).map_err(|cause| unreadable(path, cause))?;
        return Ok(Some(read));
    }
    match arguments.argument.as_deref() {
        Some("-") => {
            let mut text = Vec::new();
            std::io::stdin().read_to_end(&mut text).map_err(|cause| unreadable(Path::new("stdin"), cause))?;
            Ok(Some(text))
        }
        Some(text) => valid(text).map(Some),
        None => Ok(None),
    }
}

/// Lambda takes any bytes and answers `Could not parse request body into json`; saying it before saves the call.
fn valid(text: &str) -> Result<Vec<u8>, Error> {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(text.as_bytes().to_owned()),
        Err(cause) => Err(Error::Usage {
            message: format!("the argument is not JSON: {cause}"),
            help: "quote it for the shell: jot invoke NAME '[1, 2, 3]'".to_owned(),
        }),
    }
}

fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    Error::File { what: "read", path: path.to_owned(), cause }
}

fn unknown(function: &str) -> Error {
    Error::Usage {
        message: format!("jot.toml has no function `{function}`"),
        help: "`jot status` lists the functions".to_owned(),
    }
}

fn no_argument() -> Error {
    Error::Usage {
        message: "there is no argument to call it with".to_owned(),
        help: "give one: jot invoke NAME '[1, 2, 3]'; or declare a test, whose argument is then used".to_owned(),
    }
}
