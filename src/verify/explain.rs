//! Words for what went wrong, and what to try.

use crate::model::TestOutcome;

/// What Lambda names a function that ended instead of answering.
const EXITED: &str = "Runtime.ExitError";
/// Lambda's most memory, MB. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const MOST_MEMORY: u32 = 10_240;
/// Lambda's longest timeout, seconds. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>
const LONGEST: u32 = 900;

/// The settings that an explanation names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// MB.
    pub(super) memory_mb: u32,
    /// Seconds.
    pub(super) timeout_s: u32,
}

impl Limits {
    /// The outcome of a call that took longer than the function may.
    pub(super) fn timed_out(self) -> TestOutcome {
        let timeout = self.timeout_s;
        let help = match timeout {
            LONGEST.. => "Lambda allows no more: make the work smaller".to_owned(),
            _ => format!(
                "raise timeout_s, to {} for a start",
                (timeout * 2).min(LONGEST)
            ),
        };
        broken(
            format!("it did not answer within timeout_s = {timeout}"),
            Some(help),
        )
    }

    /// The outcome of an error that the function, or Lambda in its place, answered with.
    pub(super) fn failed(self, kind: &str, message: &str, out_of_memory: bool) -> TestOutcome {
        if message.contains("Task timed out after") {
            return self.timed_out();
        }
        if kind == EXITED || kind == "Runtime.OutOfMemory" {
            return self.ended(message, out_of_memory);
        }
        let said = match message {
            "" => format!("it failed with {kind}"),
            _ => format!("it failed with {kind}: {message}"),
        };
        broken(said, self.help(kind, message))
    }

    /// The outcome of a process that ended, as the kernel or a shell words it.
    pub(super) fn ended(self, how: &str, out_of_memory: bool) -> TestOutcome {
        let memory = self.memory_mb;
        let more = self.more_memory();
        if out_of_memory {
            let message =
                format!("it ran out of memory and was killed (137) at memory_mb = {memory}");
            return broken(message, Some(more));
        }
        if how.contains("signal: killed") || how.contains("exit status 137") {
            let message =
                format!("it was killed (137), most likely for memory, at memory_mb = {memory}");
            return broken(message, Some(more));
        }
        if how.contains("segmentation fault") || how.contains("exit status 139") {
            let message = format!("it crashed (139, segmentation fault) at memory_mb = {memory}");
            return broken(
                message,
                Some(format!("too little memory can be the cause: {more}")),
            );
        }
        let how = how.rsplit("exited with error: ").next().unwrap_or(how);
        broken(format!("it ended before it answered: {how}"), None)
    }

    fn help(self, kind: &str, message: &str) -> Option<String> {
        let message = message.to_lowercase();
        if message.contains("read-only file system") || message.contains("erofs") {
            return Some("only /tmp is writable in Lambda: write below /tmp".to_owned());
        }
        if message.contains("no space left on device") {
            return Some("/tmp is full: raise ephemeral_storage_mb".to_owned());
        }
        kind.contains("OutOfMemory").then(|| self.more_memory())
    }

    fn more_memory(self) -> String {
        match self.memory_mb {
            MOST_MEMORY.. => "Lambda gives no more: make the work smaller".to_owned(),
            memory => format!("try memory_mb = {}", (memory * 2).min(MOST_MEMORY)),
        }
    }
}

pub(super) fn broken(message: String, help: Option<String>) -> TestOutcome {
    TestOutcome::Broken { message, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(outcome: TestOutcome) -> (String, String) {
        match outcome {
            TestOutcome::Broken { message, help } => (message, help.unwrap_or_default()),
            other => panic!("{other:?}"),
        }
    }

    fn limits(memory_mb: u32, timeout_s: u32) -> Limits {
        Limits {
            memory_mb,
            timeout_s,
        }
    }

    #[test]
    fn crashes_name_the_memory_and_the_next_size() {
        let exited = |how: &str, out_of_memory| {
            let message = format!("RequestId: 1 Error: Runtime exited with error: {how}");
            words(limits(128, 3).failed("Runtime.ExitError", &message, out_of_memory))
        };
        let (message, help) = exited("signal: killed", true);
        assert_eq!(
            message,
            "it ran out of memory and was killed (137) at memory_mb = 128"
        );
        assert_eq!(help, "try memory_mb = 256");
        assert!(
            exited("exit status 137", false)
                .0
                .contains("most likely for memory")
        );
        for how in ["signal: segmentation fault", "exit status 139"] {
            let (message, help) = exited(how, false);
            assert!(
                message.contains("139") && message.ends_with("memory_mb = 128"),
                "{message}"
            );
            assert!(help.ends_with("try memory_mb = 256"), "{help}");
        }
        let (message, help) = exited("exit status 3", false);
        assert_eq!(
            (message.as_str(), help.as_str()),
            ("it ended before it answered: exit status 3", "")
        );
    }

    #[test]
    fn the_next_size_stops_at_lambdas_limits() {
        let memory = |mb| words(limits(mb, 3).ended("signal: killed", true)).1;
        assert_eq!(memory(6000), "try memory_mb = 10240");
        assert!(memory(10240).starts_with("Lambda gives no more"));
        let timeout = |s| words(limits(128, s).timed_out()).1;
        assert_eq!(timeout(3), "raise timeout_s, to 6 for a start");
        assert_eq!(timeout(899), "raise timeout_s, to 900 for a start");
        assert!(timeout(900).starts_with("Lambda allows no more"));
    }

    #[test]
    fn a_write_outside_tmp_is_explained() {
        let said = "opening file \"/x\": Read-only file system";
        let (message, help) = words(limits(128, 3).failed("SystemError", said, false));
        assert_eq!(message, format!("it failed with SystemError: {said}"));
        assert!(help.contains("/tmp"), "{help}");
    }

    #[test]
    fn lambdas_own_timeout_is_a_timeout() {
        let said = "2026-07-01T00:00:00Z 1 Task timed out after 3.00 seconds";
        let (message, _) = words(limits(128, 3).failed("Sandbox.Timedout", said, false));
        assert_eq!(message, "it did not answer within timeout_s = 3");
    }
}
