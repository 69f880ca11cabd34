//! `jot bench`.

mod arguments;
mod entrants;
mod here;
mod in_lambda;
mod variant;

pub use arguments::Bench;

use std::{io::ErrorKind, path::Path, process::ExitCode};

use super::{
    Error, Global, TESTS_FAILED, files,
    output::{self, Print},
    provenance,
    session::Session,
    signals::Signals,
    wanted,
};
use crate::{
    bench,
    model::{Bench as Measured, Site},
    report::{self, html::Origin},
};
use entrants::Outcome;

/// Measures and prints; exit status 3 if a call failed.
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
        let machine = format!("Lambda in {}", session.aws.region());
        let origin = origin(machine, &session.loaded.root);
        return conclude(measured, Site::Lambda, (arguments, &origin), &session.print);
    }
    let print = Print::new(global);
    let loaded = wanted::load(global)?;
    let variants = variant::all(&loaded, &arguments.compare)?;
    let measured = here::measure(&variants, arguments, &print, signals).await?;
    let origin = origin(this_machine(), &loaded.root);
    conclude(measured, Site::Local, (arguments, &origin), &print)
}

/// The place, time and git revision of the measurement.
fn origin(machine: String, root: &Path) -> Origin {
    let key = "org.opencontainers.image.revision";
    Origin {
        at: jiff::Timestamp::now()
            .strftime("%Y-%m-%d %H:%M UTC")
            .to_string(),
        machine,
        revision: provenance::labels(root).remove(key),
    }
}

/// This machine: operating system, architecture and number of processors.
fn this_machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{} {}, {}",
        std::env::consts::OS,
        std::env::consts::ARCH,
        report::wording::count(processors, "processor")
    )
}

/// Fails if the folder of the page is missing, before anything is measured.
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

fn conclude(
    measured: Outcome,
    place: Site,
    (arguments, origin): (&Bench, &Origin),
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
    output::print(&report::bench(&measured, bench::RULE, &print.out))?;
    if let Some(path) = &arguments.html {
        files::write(path, &report::html::bench(&measured, bench::RULE, origin))?;
        print.note(&format!("Wrote {}.", path.display()));
    }
    let failed = measured.contenders.iter().any(|one| one.failed.is_some());
    Ok(ExitCode::from(if failed { TESTS_FAILED } else { 0 }))
}
