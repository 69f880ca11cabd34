//! Slow credentials: a program that asks a person for input.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    process::Stdio,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

use super::{home, jot, printed, program, project};
use crate::{
    story::expect,
    support::{Stack, ran},
};

const WORDS: &str = "Waiting for the credentials of the profile `slow` (credential_process)...";

#[test]
fn a_program_that_takes_long_is_said_to_be_waited_for_and_asked_once() {
    let stack = Stack::start();
    let project = project(&stack, Some("slow"));
    let count = project.home().join("count");
    // Longer than the SDK's limit of 6.2 s.
    let script = format!(
        "echo asked >> {}\nsleep 8\necho '{}'",
        count.display(),
        printed("AKIASLOW")
    );
    let slow = program(&project, "slow", &script);
    let config = format!("[profile slow]\nregion = eu-west-1\ncredential_process = {slow}\n");
    home(&project, ".aws/config", &config);
    let planned = expect(ran(&mut jot(&stack, &project, &["plan"])), 0);
    assert_eq!(planned.stderr.matches(WORDS).count(), 1, "{planned:#?}");
    assert_eq!(fs::read_to_string(&count).expect("it ran"), "asked\n");
    assert_eq!(stack.proxy.signers()["lambda:GetFunction"], "AKIASLOW");
}

#[test]
fn ctrl_c_ends_the_wait() {
    let stack = Stack::start();
    let project = project(&stack, Some("slow"));
    let slow = program(&project, "slow", "exec sleep 600");
    let config = format!("[profile slow]\nregion = eu-west-1\ncredential_process = {slow}\n");
    home(&project, ".aws/config", &config);
    for words in [
        &["plan"][..],
        &["apply", "--yes"],
        &["destroy", "--yes"],
        &["status"],
    ] {
        // A group of its own, as at a terminal: Ctrl-C reaches the program too.
        let mut child = jot(&stack, &project, words)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("jot starts");
        let mut said = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        let waits = said.any(|line| line.is_ok_and(|line| line == WORDS));
        assert!(waits, "{words:?}");
        let group = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
        killpg(group, Signal::SIGINT).expect("it can be told");
        let status = child.wait().expect("it ends");
        assert!(!status.success(), "{words:?}");
        assert!(stack.proxy.counts().is_empty(), "{words:?}");
    }
}
