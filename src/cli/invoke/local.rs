//! A call in a container on this machine.

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use super::answered::print_answer;
use crate::{
    cli::{
        Error, built,
        output::Print,
        patience::patient,
        run::{self, Served},
        signals::Signals,
        wanted,
    },
    model::{Desired, LoggedCall, LoggedLine, Mark},
    remote::{self, Docker},
    report::{self, human::Call},
    verify,
};

/// Lambda's name for an error of the function itself.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_ResponseElements>
const UNHANDLED: &str = "Unhandled";

/// How long to wait for the last log lines of the container.
const LOGGED: Duration = Duration::from_secs(2);

/// Calls the function in a temporary container, and prints the answer.
///
/// # Errors
/// The image could not be built, the container does not answer, or Docker failed.
pub async fn call(
    desired: &Arc<Desired>,
    (payload, log): (&[u8], bool),
    print: &Print,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    let Some(function) = desired.functions.values().next() else {
        return Ok(ExitCode::SUCCESS);
    };
    wanted::is_built_here(function)?;
    let status = built::build(Arc::clone(desired), print, signals).await?;
    if signals.exit_code().is_some() {
        return Ok(status);
    }
    if status != ExitCode::SUCCESS {
        return Err(Error::NotBuilt);
    }
    signals.mind();
    let docker = Docker::connect().await?;
    let started = Served::start(&docker, desired, function, (print, signals, false));
    let Some(served) = patient(print, "Starting its container.", started).await? else {
        return Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS));
    };
    let behind = &served.behind;
    let began = Instant::now();
    let call = run::call(&behind.way, payload, (behind.limit, &behind.clock));
    let answered = tokio::select! {
        answered = patient(print, "Waiting for it to answer.", call) => Some(answered),
        () = signals.stopped() => None,
    };
    let mut heard = behind.heard.clone();
    if let Some(Ok(run::Called {
        timed_out: false, ..
    })) = &answered
    {
        let whole = heard.wait_for(|heard| heard.ended > 0);
        let _ = tokio::time::timeout(LOGGED, whole).await;
    }
    let lines = heard.borrow().lines.clone();
    let marks = heard.borrow().marks.clone();
    let hints = served.function.hints.clone();
    let faults = served.behind.faults.clone();
    served.end(&docker, Duration::ZERO).await?;
    let Some(answered) = answered else {
        return Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS));
    };
    if answered.is_err() {
        report::output::err(&report::human::log(&lines, &print.err));
    }
    let run::Called { answer, .. } = answered.map_err(|why| {
        Error::Remote(remote::Error::Failed {
            resource: function.key.clone(),
            reason: why.to_string(),
            help: Some(
                "see its output above; `jot test --local` explains why a container ends".to_owned(),
            ),
        })
    })?;
    let failed = verify::is_error(&answer.body);
    let mut text = String::from_utf8_lossy(&answer.body).into_owned();
    if failed {
        text = hints.with_own_paths(&text);
    }
    let call = Call {
        error: failed.then_some(UNHANDLED),
        millis: u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX),
        version: None,
        request_id: None,
        logged: LoggedCall {
            lines: lines.iter().map(|line| written(line)).collect(),
            marks: marks.into_iter().map(|one| mark(one, began)).collect(),
            ..LoggedCall::default()
        },
    };
    let asked = (function.key.as_str(), None, log);
    let status = print_answer(print, asked, (&text, &lines.join("\n")), &call)?;
    if failed {
        faults.show(&String::from_utf8_lossy(&answer.body), print);
    }
    Ok(status)
}

/// A mark of the source; its time is when the line arrived.
fn mark((name, at): (String, Instant), began: Instant) -> Mark {
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let before = began.saturating_duration_since(at);
    let after = at.saturating_duration_since(began);
    Mark {
        name,
        at_ms: Some(millis(after) - millis(before)),
    }
}

fn written(line: &str) -> LoggedLine {
    LoggedLine {
        at: String::new(),
        message: line.to_owned(),
    }
}
