//! Calls with Lambda's timeout.

use std::time::{Duration, Instant};

use tokio::{sync::watch, time};

use crate::{
    logs,
    model::Function,
    verify::{self, Answer, CallError, INIT_S, Way},
};

/// Lambda's limit for the initialisation of a function that uses SnapStart, in seconds.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>
const SNAPSHOT_S: u32 = 130;
/// Number of the function's log lines that are kept.
const LINES: usize = 1000;

/// The state of a container as its log shows it.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Whether the function has initialised, or failed to.
    pub initialised: bool,
    pub ended: usize,
    /// The function's own last lines, ready to show.
    pub lines: Vec<String>,
    /// The marks of the source, and when they arrived.
    pub marks: Vec<(String, Instant)>,
}

impl Heard {
    /// Processes a line of the log; `shown` is the form to show.
    pub fn take(&mut self, line: &str, shown: String) {
        self.initialised |= verify::ends_initialisation(line);
        self.ended += usize::from(verify::ends_call(line));
        if !verify::is_the_emulators(line) {
            if let Some(marked) = logs::marked(&shown) {
                self.marks.push((marked.name, Instant::now()));
                let over = self.marks.len().saturating_sub(LINES);
                self.marks.drain(..over);
            }
            self.lines.push(shown);
            let over = self.lines.len().saturating_sub(LINES);
            self.lines.drain(..over);
        }
    }
}

/// The time limits of a container's calls.
#[derive(Clone, Debug)]
pub struct Clock {
    timeout_s: u32,
    init: Duration,
    heard: watch::Receiver<Heard>,
}

impl Clock {
    /// The limits of a running function.
    pub fn new(function: &Function, heard: watch::Receiver<Heard>) -> Self {
        let init = match function.config.snapstart {
            Some(true) => SNAPSHOT_S,
            _ => INIT_S,
        };
        Self {
            timeout_s: function.timeout_s(),
            init: Duration::from_secs(init.into()),
            heard,
        }
    }

    /// Waits until Lambda would end a call that begins now.
    ///
    /// The timeout counts from the end of the initialisation. Lambda repeats an initialisation that
    /// takes too long within the call.
    async fn over(&self) {
        let mut heard = self.heard.clone();
        let initialised = heard.wait_for(|heard| heard.initialised);
        // A failed initialisation is reported elsewhere.
        let _ = time::timeout(self.init, initialised).await;
        time::sleep(Duration::from_secs(self.timeout_s.into())).await;
    }

    /// Lambda's answer for a call that timed out.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>
    fn timed_out(&self) -> String {
        format!(
            "{{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"Task timed out after {}.00 \
                seconds\"}}",
            self.timeout_s
        )
    }
}

/// The outcome of a call.
#[derive(Debug)]
pub struct Called {
    /// The answer for the caller.
    pub answer: Answer,
    /// Whether the call timed out: the container is still busy.
    pub timed_out: bool,
}

/// Calls the function; ends the call when Lambda would.
///
/// # Errors
/// The container does not answer.
pub async fn call(
    way: &Way,
    payload: &[u8],
    (limit, clock): (Duration, &Clock),
) -> Result<Called, CallError> {
    let begin = time::Instant::now();
    let answer = tokio::select! {
        answered = verify::call(way, payload, limit) => Some(answered?),
        () = clock.over() => None,
    };
    let timed_out = answer
        .as_ref()
        .is_none_or(|answer| verify::timed_out(&answer.body));
    Ok(Called {
        answer: match answer {
            Some(answer) if !timed_out => answer,
            _ => Answer {
                status: 200,
                body: clock.timed_out().into_bytes(),
                took: begin.elapsed(),
            },
        },
        timed_out,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_says_how_far_a_call_is() {
        let mut heard = Heard::default();
        for line in [
            "21 Nov 2026 09:58:15,285 [INFO] (rapid) exec '/x' (cwd=/, handler=)",
            "START RequestId: a Version: $LATEST",
            "loading",
        ] {
            heard.take(line, line.to_owned());
        }
        assert!(!heard.initialised && heard.ended == 0);
        for line in [
            "21 Nov 2026 09:58:15,348 [INFO] (rapid) INIT REPORT(durationMs: 1500.5)",
            "working",
            "END RequestId: a",
            "REPORT RequestId: a\tDuration: 1 ms",
        ] {
            heard.take(line, line.to_owned());
        }
        assert!(heard.initialised && heard.ended == 1);
        assert_eq!(heard.lines, ["loading", "working"]);
    }
}
