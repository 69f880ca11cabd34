//! `jot bench`.

mod here;
mod in_lambda;
mod variant;

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, value_parser};

use super::{
    Error, Functions, Global, TESTS_FAILED, session,
    session::{Print, Session},
    signals::Signals,
};
use crate::{
    bench::{self, Entrant},
    model::{Bench as Measured, Contender, Function, Rounds, Site},
    report,
};
use variant::Variant;

/// Measures cold starts and warm calls: of memory sizes, compile modes or git revisions beside one another.
///
/// Every round gives each contender a fresh environment, calls it once cold, then warm; the contenders take turns. Each answer is
/// held to the test whose argument was sent, and a wrong one is exit status 3.
#[derive(Debug, Args)]
pub struct Bench {
    #[command(flatten)]
    select: Functions,
    /// In local containers, restricted as Lambda restricts them (the default); images are built where they are missing.
    #[arg(long, conflicts_with = "remote")]
    local: bool,
    /// In Lambda, on versions of copies of the functions, which are deleted afterwards; the functions themselves are not touched.
    #[arg(long)]
    remote: bool,
    /// The test to call with; otherwise each function's first.
    #[arg(long, value_name = "NAME")]
    test: Option<String>,
    /// Rounds: cold starts of each contender.
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// Warm calls of a round that are not measured.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = value_parser!(u32).range(0..=10_000))]
    warmup: u32,
    /// Warm calls of a round that are measured.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = value_parser!(u32).range(1..=10_000))]
    calls: u32,
    /// Memory sizes in MB, such as 512,1024,2048; the processor follows as in Lambda, 1769 MB being one. Otherwise each
    /// function's own.
    #[arg(long, value_delimiter = ',', value_name = "MB", value_parser = value_parser!(u32).range(128..=10_240))]
    memory: Vec<u32>,
    /// Compile modes (none,precompile,sysimage) or git revisions (v1,main or v1..main; `.` is the files as they are).
    #[arg(long, value_delimiter = ',', value_name = "VARIANT")]
    compare: Vec<String>,
    /// Write a page with plots, which needs nothing but a browser.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Bench {
    fn rounds(&self) -> Rounds {
        Rounds {
            runs: self.runs,
            warmup: self.warmup,
            calls: self.calls,
        }
    }
}

/// Measures and prints; exit status 3 where a call failed.
pub async fn bench(
    global: &Global,
    arguments: &Bench,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    writable(arguments.html.as_deref())?;
    if arguments.remote {
        let session = Session::open(global).await?;
        let variants = variant::all(&session.loaded, &arguments.compare)?;
        let measured = in_lambda::measure(&session, &variants, arguments, signals).await?;
        return conclude(measured, Site::Lambda, arguments, &session.print);
    }
    let print = Print::new(global);
    let loaded = session::load(global)?;
    let variants = variant::all(&loaded, &arguments.compare)?;
    let measured = here::measure(&variants, arguments, &print, signals).await?;
    conclude(measured, Site::Local, arguments, &print)
}

/// Fails where there is no folder to write the page to: better now than when all is measured.
fn writable(page: Option<&Path>) -> Result<(), Error> {
    let folder = page.and_then(Path::parent);
    match folder.filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => Err(Error::File {
            what: "write",
            path: page.unwrap_or(folder).to_owned(),
            cause: ErrorKind::NotFound.into(),
        }),
        _ => Ok(()),
    }
}

/// The contenders, or the exit status of a command that ended before it had any.
type Outcome = Result<Vec<Contender>, ExitCode>;

fn conclude(
    measured: Outcome,
    place: Site,
    arguments: &Bench,
    print: &Print,
) -> Result<ExitCode, Error> {
    let contenders = match measured {
        Ok(contenders) => contenders,
        Err(status) => return Ok(status),
    };
    let measured = Measured {
        place,
        rounds: arguments.rounds(),
        knees: bench::knees(&contenders),
        contenders,
        prices: bench::prices(),
    };
    session::print(&report::bench(&measured, bench::RULE, &print.out))?;
    if let Some(path) = &arguments.html {
        session::write(path, &report::html::bench(&measured, bench::RULE))?;
        print.note(&format!("Wrote {}.", path.display()));
    }
    let failed = measured.contenders.iter().any(|one| one.failed.is_some());
    Ok(ExitCode::from(if failed { TESTS_FAILED } else { 0 }))
}

/// What a function enters with, once for each memory size.
fn entrants(
    function: &Function,
    variant: &Variant,
    arguments: &Bench,
) -> Result<Vec<Entrant>, Error> {
    let mut tests = function.tests.iter();
    let test = match &arguments.test {
        Some(name) => tests.find(|test| test.name == *name),
        None => tests.next(),
    };
    let test = test.ok_or_else(|| no_test(function, arguments.test.as_deref()))?;
    let mut sizes = arguments.memory.clone();
    sizes.sort_unstable();
    sizes.dedup();
    if sizes.is_empty() {
        sizes.push(function.memory_mb());
    }
    let entrant = |memory_mb| Entrant {
        function: function.key.clone(),
        test: test.clone(),
        variant: variant.label.clone(),
        memory_mb,
        timeout_s: function.timeout_s(),
        architecture: function.architecture.clone(),
    };
    Ok(sizes.into_iter().map(entrant).collect())
}

fn no_test(function: &Function, name: Option<&str>) -> Error {
    let key = &function.key;
    let Some(name) = name else {
        return Error::Usage {
            message: format!("`{key}` has no test, whose argument it could be called with"),
            help: format!("declare `tests` of `{key}` in jot.toml, or name other functions"),
        };
    };
    let names: Vec<String> = function
        .tests
        .iter()
        .map(|test| format!("`{}`", test.name))
        .collect();
    Error::Usage {
        message: format!("`{key}` has no test `{name}`"),
        help: match names.as_slice() {
            [] => format!("declare `tests` of `{key}` in jot.toml"),
            names => format!("it has {}", report::wording::list(names)),
        },
    }
}

/// Says that a round begins, unless silenced.
fn began(print: &Print, round: u32, rounds: Rounds) {
    print.note(&format!("round {round} of {}", rounds.runs));
}
