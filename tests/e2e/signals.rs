//! SIGINT, SIGTERM and SIGHUP: no more work is started, nothing is left behind, and the next apply
//! finishes.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::{Command, Stdio},
    time::Duration,
};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::{
    proxy::Fault,
    story::{changes, expect, increment_vector},
    support::{Project, Ran, Running, Stack, Terminal, docker, seen},
};

/// Containers that jot started for this project and did not remove.
pub fn containers(project: &Project) -> Vec<String> {
    let format = "{{.Label \"dev.jot.run\"}}";
    let all = docker::docker(&[
        "ps",
        "--all",
        "--filter",
        "label=dev.jot.run",
        "--format",
        format,
    ]);
    let mine = |run: &&str| run.starts_with(&project.name);
    all.lines().filter(mine).map(str::to_owned).collect()
}

/// The last event of `--format json`.
fn summary(ran: &Ran) -> Value {
    let last = ran.stdout.lines().last().expect("a summary");
    let last: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(last["event"], "summary", "{ran:#?}");
    last
}

fn apply(project: &Project) -> Running {
    Running::start(project.jot().args(["apply", "--yes", "--format", "json"]))
}

/// A project with a build that sleeps while it loads the responder, and a test that sleeps while it
/// is called.
fn sleeper(stack: &Stack, label: &str, loading: u32, calling: u32) -> Project {
    let project = Project::new(stack, label);
    project.write(
        "sleeper.jl",
        &format!("println(\"loading\"); sleep({loading})\nsleeper(n) = (sleep({calling}); n)\n"),
    );
    project.manifest(
        r#"
[functions.sleeper]
timeout_s = 300
julia = { source = "sleeper.jl", argument_type = "Int", version = "1.5" }
tests = [{ argument = 1, expected = 1, exemplar = false }]
"#,
    );
    project
}

#[test]
fn an_interrupted_build_goes_no_further() {
    let stack = Stack::start();
    let project = sleeper(&stack, "stop-build", 300, 0);
    let mut running = apply(&project);
    running.until(&["\"progress\"", "compiling the code"]);
    running.signal(Signal::SIGINT);
    let ran = expect(running.end(), 130);
    let summary = summary(&ran);
    assert_eq!(summary["interrupted"], true);
    let stopped = summary["stopped"].to_string();
    assert!(stopped.contains("build:"), "{summary}");
    let left = summary["not_started"].to_string();
    assert!(left.contains("push:") && !left.contains("build:"), "{left}");
    let counts = stack.proxy.counts();
    assert!(!counts.contains_key("lambda:CreateFunction"), "{counts:?}");
    assert_eq!(containers(&project), Vec::<String>::new());
}

#[test]
fn an_interrupted_push_is_finished_by_the_next_apply() {
    let stack = Stack::start();
    let project = sleeper(&stack, "stop-push", 0, 0);
    let mut running = apply(&project);
    running.until(&["\"progress\"", "push:", "\"bytes\""]);
    running.signal(Signal::SIGTERM);
    let ran = expect(running.end(), 143);
    let stopped = summary(&ran)["stopped"].to_string();
    assert!(stopped.contains("push:"), "{ran:?}");
    let counts = stack.proxy.counts();
    assert!(!counts.contains_key("lambda:CreateFunction"), "{counts:?}");
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn an_interrupted_gate_leaves_no_container_and_the_next_apply_finishes() {
    let stack = Stack::start();
    let project = sleeper(&stack, "stop-gate", 0, 300);
    let mut running = Running::start(project.jot().args(["test", "--format", "json"]));
    running.until(&["\"started\"", "test-local"]);
    // As `timeout` sends it: to the process, and to its group. Both count as one signal.
    running.signal(Signal::SIGTERM);
    running.signal(Signal::SIGTERM);
    let ran = expect(running.end(), 143);
    assert_eq!(summary(&ran)["interrupted"], true);
    assert_eq!(containers(&project), Vec::<String>::new());
    project.write("sleeper.jl", "sleeper(n) = n\n");
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn a_second_signal_ends_at_once() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "stop-twice");
    // A change in AWS may return: the first signal alone does not end it soon.
    let slow = Fault::Slow(Duration::from_secs(30));
    stack.proxy.fault("iam:CreateRole", slow, u32::MAX);
    let mut running = apply(&project);
    running.until(&["\"started\"", "role:"]);
    running.signal(Signal::SIGINT);
    // The first one was handled before the second comes.
    std::thread::sleep(Duration::from_millis(200));
    running.signal(Signal::SIGINT);
    let ran = expect(running.end(), 130);
    assert!(!ran.stdout.contains("\"summary\""), "{ran:#?}");
}

#[test]
fn a_signal_ends_the_wait_before_another_attempt() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "stop-wait");
    let not_yet = Fault::Refused(
        409,
        "ConcurrentModification",
        "The role is being changed by another request.",
    );
    stack.proxy.fault("iam:CreateRole", not_yet, u32::MAX);
    let mut running = apply(&project);
    running.until(&["\"retry\"", "role:"]);
    running.signal(Signal::SIGINT);
    let ran = expect(running.end(), 130);
    let stopped = summary(&ran)["stopped"].to_string();
    assert!(stopped.contains("role:"), "{ran:?}");
    let asked = stack.proxy.counts()["iam:CreateRole"];
    assert!(asked < 20, "asked {asked} times");
}

#[test]
fn a_signal_before_the_work_changes_nothing() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = silent.local_addr().expect("an address");
    let stack = Stack::start();
    let project = increment_vector(&stack, "stop-early");
    let manifest = std::fs::read_to_string(project.path().join("jot.toml")).expect("a manifest");
    let mute = manifest.replace(&stack.proxy.url(), &format!("http://{address}"));
    project.write("jot.toml", &mute);
    for (signal, status) in ENDS {
        let running = apply(&project);
        // It asks, and gets no answer.
        let asked = silent.accept().expect("jot asks");
        running.signal(signal);
        let ran = expect(running.end(), status);
        assert_eq!(ran.stderr, "Interrupted: nothing was changed.\n");
        assert_eq!(summary(&ran)["interrupted"], true);
        drop(asked);
        while pending(&silent) {}
    }
    // As `nohup` starts it: a closed terminal does not end it.
    let mut shell = Command::new("sh");
    let script = "trap '' HUP; exec \"$0\" apply --yes --format json";
    let jot = project.jot();
    shell.args(["-c", script]).arg(jot.get_program());
    shell.current_dir(project.path()).env_clear();
    let set = jot
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    let running = Running::start(shell.envs(set));
    let asked = silent.accept().expect("jot asks");
    running.signal(Signal::SIGHUP);
    running.signal(Signal::SIGTERM);
    expect(running.end(), 143);
    drop(asked);
}

/// Each signal, and how jot ends.
const ENDS: [(Signal, i32); 3] = [
    (Signal::SIGINT, 130),
    (Signal::SIGTERM, 143),
    (Signal::SIGHUP, 129),
];

/// The words at the end of a question that was interrupted.
const QUESTION: &str = "Only `yes` is accepted: ";
const INTERRUPTED: &str = "Only `yes` is accepted: \nInterrupted: nothing was changed.\n";

/// A function with these tags and without a manifest.
fn strange(stack: &Stack, name: &str, tags: &Value) {
    let digest = "0".repeat(64);
    let code = json!({ "ImageUri": format!("127.0.0.1:1/strange@sha256:{digest}") });
    let role = "arn:aws:iam::000000000000:role/strange";
    let function = json!({
        "FunctionName": name, "PackageType": "Image", "Role": role, "Code": code, "Tags": tags,
    });
    seen::lambda(stack, "POST", "/2015-03-31/functions", &function);
    seen::settle(stack, name);
}

#[test]
fn a_question_hears_every_signal_at_once() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "question");
    seen::form(
        &stack,
        "Action=CreateRole&RoleName=strange&AssumeRolePolicyDocument={}",
    );
    strange(&stack, "strange", &json!({}));
    let tags = json!({ "jot:project": project.name, "jot:function": "left", "jot:target": "" });
    strange(&stack, "left", &tags);
    stack.proxy.reset();
    let asked = |arguments: &[&str]| {
        let mut terminal = Terminal::start(project.jot().args(arguments));
        terminal.until(QUESTION);
        terminal
    };
    for arguments in [&["apply"][..], &["destroy"], &["adopt", "strange"]] {
        for (signal, status) in ENDS {
            let terminal = asked(arguments);
            terminal.signal(signal);
            let ran = expect(terminal.end(), status);
            assert!(ran.stdout.ends_with(INTERRUPTED), "{ran:#?}");
        }
    }
    // Typed input: the terminal shows it at the cursor, and sends the signal itself; it then also
    // drops the output that it has not shown yet.
    let mut terminal = asked(&["destroy"]);
    terminal.types("ye");
    terminal.until("accepted: ye");
    terminal.types("\u{3}");
    let ran = expect(terminal.end(), 130);
    let last = ran.stdout.rsplit("accepted: ").next().expect("a question");
    assert_eq!(last, "ye^C\nInterrupted: nothing was changed.\n");
    // The terminal is closed.
    let mut terminal = asked(&["destroy"]);
    terminal.close();
    assert_eq!(terminal.end().status, Some(129));
    // Anything else is a no.
    let mut terminal = asked(&["destroy"]);
    terminal.types("y\n");
    let ran = expect(terminal.end(), 1);
    assert!(ran.stdout.contains("nothing was changed"), "{ran:#?}");
    assert!(changes(&stack.proxy.counts()).is_empty());

    // If stdin is a pipe, no question is asked.
    let mut piped = project.jot();
    let mut child = piped
        .arg("destroy")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("jot starts");
    let stdin = child.stdin.take();
    let ended = child.wait_with_output().expect("jot ends");
    drop(stdin);
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("--yes"), "{said}");

    let mut terminal = asked(&["destroy"]);
    terminal.types("yes\n");
    expect(terminal.end(), 0);
    assert_eq!(seen::world(&stack, "left").len(), 0);
}

#[test]
fn a_terminal_that_goes_takes_the_container_with_it() {
    let stack = Stack::start();
    let project = sleeper(&stack, "hangup", 0, 0);
    let manifest = project.text("jot.toml");
    let other = "\n[functions.other]\n\
        image_uri = \"127.0.0.1:1/other@sha256:\
        0000000000000000000000000000000000000000000000000000000000000000\"\n";
    let plain = manifest.replace("version = \"1.5\"", "version = \"1.5\", compile = \"none\"");
    project.write("jot.toml", &format!("{plain}{other}"));
    let mut terminal = Terminal::start(project.jot().args(["run", "sl*", "--port", "0"]));
    terminal.until("answers at");
    assert_eq!(containers(&project).len(), 1);
    // The kernel and the shell each send it.
    terminal.signal(Signal::SIGHUP);
    terminal.signal(Signal::SIGHUP);
    expect(terminal.end(), 129);
    assert_eq!(containers(&project), Vec::<String>::new());
    ten_one_line_changes(&project);
}

/// The names of the project's local images.
fn images(project: &Project) -> Vec<String> {
    let filter = format!("label=dev.jot.project={}", project.name);
    let format = "{{.Repository}}:{{.Tag}}";
    let all = docker::docker(&["images", "--filter", &filter, "--format", format]);
    all.lines().map(str::to_owned).collect()
}

/// The name of the project's only image with this title: for a function, its key.
fn titled(project: &Project, title: &str) -> String {
    let (project, title) = (
        format!("label=dev.jot.project={}", project.name),
        format!("label=dev.jot.title={title}"),
    );
    let format = "{{.Repository}}:{{.Tag}}";
    let all = docker::docker(&[
        "images", "--filter", &project, "--filter", &title, "--format", format,
    ]);
    let names: Vec<&str> = all.lines().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    names[0].to_owned()
}

/// Superseded images of the same function are removed, and a build of the previous sources finds
/// its cache.
fn ten_one_line_changes(project: &Project) {
    let layers = |tag: &str| {
        let name = format!("jot/{}:{tag}", project.name);
        docker::docker(&[
            "image",
            "inspect",
            "--format",
            "{{json .RootFS.Layers}}",
            &name,
        ])
    };
    let newest = titled(project, "sleeper");
    let first = newest.rsplit(':').next().expect("a tag").to_owned();
    let before = layers(&first);
    for n in 1..=10 {
        project.write("sleeper.jl", &format!("sleeper(n) = n + {n} - {n}\n"));
        expect(project.run(&["build", "sleeper"]), 0);
    }
    let left = images(project);
    assert_eq!(
        left.len(),
        6,
        "five of the function and its base: {left:#?}"
    );
    assert!(!left.iter().any(|name| name.ends_with(&first)), "{left:#?}");
    project.write(
        "sleeper.jl",
        "println(\"loading\"); sleep(0)\nsleeper(n) = (sleep(0); n)\n",
    );
    expect(project.run(&["build", "sleeper"]), 0);
    assert_eq!(layers(&first), before, "built from the cache");
    let left = images(project);
    assert!(left.len() <= 7, "{left:#?}");
}

/// Accepts one more connection of the ones that a jot made before it ended, if one exists.
fn pending(listener: &TcpListener) -> bool {
    listener.set_nonblocking(true).expect("a setting");
    let taken = listener.accept().is_ok();
    listener.set_nonblocking(false).expect("a setting");
    taken
}

/// What a terminal would show after a text with the escape codes of bars: those that move up, and
/// those that clear a line.
fn screen(text: &str) -> Vec<String> {
    let (mut lines, mut row, mut column) = (vec![Vec::<char>::new()], 0_usize, 0_usize);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => {
                let mut number = String::new();
                let end = characters.by_ref().skip(1).find(|one| match one {
                    '0'..='9' | ';' | '?' => {
                        number.push(*one);
                        false
                    }
                    _ => true,
                });
                match end {
                    Some('A') => row = row.saturating_sub(number.parse().unwrap_or(1)),
                    Some('K') if number == "2" => lines[row].clear(),
                    Some('K') => lines[row].truncate(column),
                    Some('J') => {
                        lines.truncate(row + 1);
                        lines[row].truncate(column);
                    }
                    _ => {}
                }
            }
            '\r' => column = 0,
            '\n' => {
                (row, column) = (row + 1, 0);
                if lines.len() == row {
                    lines.push(Vec::new());
                }
            }
            other => {
                let line = &mut lines[row];
                if line.len() <= column {
                    line.resize(column + 1, ' ');
                }
                line[column] = other;
                column += 1;
            }
        }
    }
    let text = |line: Vec<char>| line.into_iter().collect::<String>().trim_end().to_owned();
    lines.into_iter().map(text).collect()
}

#[test]
fn no_bar_is_left_where_a_build_is_interrupted() {
    let stack = Stack::start();
    let project = sleeper(&stack, "stop-bar", 300, 0);
    let mut jot = project.jot();
    jot.args(["build", "--color", "never"]);
    jot.env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
    let mut terminal = Terminal::sized(&jot);
    terminal.until("compiling the code");
    terminal.types("\u{3}");
    let ran = expect(terminal.end(), 130);
    let shown = screen(&ran.stdout);
    let frames = |line: &&String| "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏".chars().any(|frame| line.contains(frame));
    assert_eq!(shown.iter().find(frames), None, "{shown:#?}");
    let left = |line: &&String| line.contains("compiling the code");
    assert_eq!(shown.iter().find(left), None, "{shown:#?}");
    let said = |line: &String| line.starts_with("Interrupted: ");
    assert!(shown.iter().any(said), "{shown:#?}");
    assert_eq!(shown.last().map(String::as_str), Some(""), "{shown:#?}");
    assert_eq!(containers(&project), Vec::<String>::new());
}
