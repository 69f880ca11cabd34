//! `jot invoke`.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use super::{Error, FAILED, Global, session, session::Session};
use crate::report::{
    self,
    json::{self, Answer},
};

/// Calls a function in Lambda and prints what it answers.
#[derive(Debug, Args)]
pub struct Invoke {
    /// The function's key.
    #[arg(value_name = "FUNCTION")]
    function: String,
    /// The argument, a JSON text; `-` reads it from stdin. Absent: the argument of the function's first test.
    #[arg(
        value_name = "JSON",
        conflicts_with = "file",
        allow_hyphen_values = true
    )]
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
    let payload = payload(arguments)?;
    let session = Session::open(global).await?;
    let desired = session.desired_or_names(&arguments.function, payload.is_none())?;
    let Some(function) = desired.functions.values().next() else {
        return Err(no_argument());
    };
    let payload = match payload {
        Some(payload) => payload,
        None => function
            .tests
            .first()
            .map(|test| test.argument.clone().into_bytes())
            .ok_or_else(no_argument)?,
    };
    let alias = function.deploy.alias.as_deref();
    let qualifier = arguments.qualifier.as_deref().or(alias);
    let answer = session
        .aws
        .invoke(&function.name, qualifier, &payload, true)
        .await
        .map_err(|error| Error::absent(error, function, qualifier))?;
    let text = String::from_utf8_lossy(&answer.payload);
    let failed = answer.function_error.is_some();
    let status = ExitCode::from(if failed { FAILED } else { 0 });
    if session.print.json() {
        let log = answer.log.lines().collect();
        let mut answer = Answer::new(&function.key, qualifier, &text, log);
        answer.failed = failed;
        session::print(&json::answer(&answer))?;
        return Ok(status);
    }
    session::print(&report::human::answer(&text, &session.print.out))?;
    if !session.print.err.quiet {
        let lines: Vec<&str> = answer.log.lines().collect();
        report::output::err(&report::human::log(&lines, &session.print.err));
    }
    Ok(status)
}

fn payload(arguments: &Invoke) -> Result<Option<Vec<u8>>, Error> {
    if let Some(path) = &arguments.file {
        let read = std::fs::read(path).map_err(|cause| unreadable(path, cause))?;
        return valid(read, &format!("what {} holds", path.display())).map(Some);
    }
    match arguments.argument.as_deref() {
        Some("-") => {
            let mut text = Vec::new();
            std::io::stdin()
                .read_to_end(&mut text)
                .map_err(|cause| unreadable(Path::new("stdin"), cause))?;
            valid(text, "what came from stdin").map(Some)
        }
        Some(text) => valid(text.into(), "the argument").map(Some),
        None => Ok(None),
    }
}

/// Lambda takes any bytes and answers `Could not parse request body into json`; saying it before saves the call.
fn valid(text: Vec<u8>, what: &str) -> Result<Vec<u8>, Error> {
    match serde_json::from_slice::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(text),
        Err(cause) => Err(Error::Usage {
            message: format!("{what} is not JSON: {cause}"),
            help: "quote it for the shell: jot invoke NAME '[1, 2, 3]'".to_owned(),
        }),
    }
}

fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    Error::File {
        what: "read",
        path: path.to_owned(),
        cause,
    }
}

fn no_argument() -> Error {
    Error::Usage {
        message: "there is no argument to call it with".to_owned(),
        help:
            "give one: jot invoke NAME '[1, 2, 3]'; or declare a test, whose argument is then used"
                .to_owned(),
    }
}
