//! Explanations by cause.

use std::sync::LazyLock;

use super::*;

fn words(outcome: TestOutcome) -> (String, String) {
    match outcome {
        TestOutcome::Broken { message, help, .. } => (message, help.unwrap_or_default()),
        other => panic!("{other:?}"),
    }
}

fn limits(memory_mb: u32, timeout_s: u32) -> Limits<'static> {
    static HINTS: LazyLock<Hints> = LazyLock::new(hints);
    Limits {
        memory_mb,
        timeout_s,
        hints: &HINTS,
    }
}

/// Hints of a language.
fn hints() -> Hints {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let store = Symptom {
        place: Place::Message,
        words: texts(&["permission denied", "read-only file system"]),
        also: texts(&["/store/"]),
        but: texts(&["/tmp/store/"]),
        message: None,
        line: None,
        name: Vec::new(),
        help: "install it in the build".to_owned(),
    };
    let early = Symptom {
        place: Place::Log,
        words: texts(&["fatal: no exception handler"]),
        also: Vec::new(),
        but: Vec::new(),
        message: Some("it ended early ({how}): {line}".to_owned()),
        line: Some(("cause: ".to_owned(), "it does not say why".to_owned())),
        name: Vec::new(),
        help: "correct the initialisation".to_owned(),
    };
    Hints {
        symptoms: vec![store, early],
        crash: Some("a native library".to_owned()),
        ..Hints::default()
    }
}

fn seen(out_of_memory: bool, log: &[&str]) -> Seen {
    Seen {
        out_of_memory,
        log: log.iter().map(|line| (*line).to_owned()).collect(),
    }
}

#[test]
fn crashes_name_the_memory_and_the_next_size() {
    let exited = |how: &str, out_of_memory| {
        let message = format!("RequestId: 1 Error: Runtime exited with error: {how}");
        words(limits(128, 3).failed("Runtime.ExitError", &message, &seen(out_of_memory, &[])))
    };
    let (message, help) = exited("signal: killed", true);
    assert_eq!(
        message,
        "it ran out of memory and was killed (137) at memory_mb = 128"
    );
    assert_eq!(help, "Lambda kills at the same limit: try memory_mb = 256");
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
        assert!(help.contains("try memory_mb = 256"), "{help}");
    }
    let (message, help) = exited("exit status 3", false);
    assert_eq!(
        (message.as_str(), help.as_str()),
        ("it ended before it answered: exit status 3", "")
    );
}

#[test]
fn the_next_size_stops_at_lambdas_limits() {
    let memory = |mb| words(limits(mb, 3).ended("signal: killed", &seen(true, &[]))).1;
    assert!(memory(6000).ends_with("try memory_mb = 10240"));
    assert!(memory(10240).contains("this is Lambda's limit"));
    let timeout = |s| words(limits(128, s).timed_out()).1;
    assert!(timeout(3).ends_with("raise timeout_s, to 6 for a start"));
    assert!(timeout(899).ends_with("raise timeout_s, to 900 for a start"));
    assert!(timeout(900).starts_with("this is Lambda's limit"));
}

#[test]
fn files_that_cannot_be_written_are_explained_by_their_place() {
    let help = |said: &str| words(limits(128, 3).failed("SystemError", said, &seen(false, &[])));
    for (said, expected) in [
        (
            "opening file \"/x\": Read-only file system",
            "write below /tmp (size",
        ),
        (
            "mkdir(\"/root\"): permission denied (EACCES)",
            "a user without rights",
        ),
        (
            "open(\"/tmp/x\"): no space left on device (ENOSPC)",
            "ephemeral_storage_mb",
        ),
        (
            "mkdir(\"/opt/store/x\"): read-only file system (EROFS)",
            "install it in the build",
        ),
        (
            "rename(\"/tmp/store/x\", \"/x\"): read-only file system (EROFS)",
            "only /tmp is",
        ),
    ] {
        let (message, help) = help(said);
        assert_eq!(message, format!("it failed with SystemError: {said}"));
        assert!(help.contains(expected), "{said}: {help}");
    }
    assert_eq!(help("it is read-only").1, "");
}

#[test]
fn lambdas_own_timeout_is_a_timeout() {
    let said = "2026-07-01T00:00:00Z 1 Task timed out after 3.00 seconds";
    let (message, _) = words(limits(128, 3).failed("Sandbox.Timedout", said, &seen(false, &[])));
    assert_eq!(message, "it did not answer within timeout_s = 3");
}

/// In the words of Lambda and of AWS's emulator.
#[test]
fn a_program_for_another_processor_is_named() {
    let lambda = "RequestId: 1 Error: fork/exec /opt/jot/bin/start: exec format error";
    let explained =
        words(limits(128, 3).failed("Runtime.InvalidEntrypoint", lambda, &seen(false, &[])));
    let docker = limits(128, 3).ended(
        "exit status 1",
        &seen(false, &["exec /opt/jot/bin/start: exec format error"]),
    );
    assert_eq!(explained, words(docker));
    assert_eq!(
        explained.0,
        "/opt/jot/bin/start is for another processor, or is not a program (exec format error)"
    );
    assert!(explained.1.contains("`architecture`"), "{}", explained.1);
}

#[test]
fn an_end_with_a_symptom_of_the_language_is_explained() {
    let ended = |log: &[&str]| {
        let message = "RequestId: 1 Error: Runtime exited with error: exit status 1";
        words(limits(128, 3).failed("Runtime.ExitError", message, &seen(false, log)))
    };
    let (message, help) = ended(&["FATAL: no exception handler", "cause: KeyError: x"]);
    assert_eq!(message, "it ended early (exit status 1): KeyError: x");
    assert_eq!(help, "correct the initialisation");
    let (message, _) = ended(&["fatal: no exception handler"]);
    assert_eq!(
        message,
        "it ended early (exit status 1): it does not say why"
    );
    let (message, _) = ended(&["cause: nothing"]);
    assert_eq!(message, "it ended before it answered: exit status 1");
}
