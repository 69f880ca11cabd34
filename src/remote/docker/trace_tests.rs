use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog};

use super::*;

fn vertex(digest: &str, name: &str, state: &str) -> Vertex {
    Vertex {
        digest: digest.to_owned(),
        name: name.to_owned(),
        cached: state == "cached",
        started: (state != "known").then(Default::default),
        completed: ["done", "cached", "failed"]
            .contains(&state)
            .then(Default::default),
        error: match state {
            "failed" => "executor failed running [/bin/sh -c make]: exit code: 2".to_owned(),
            _ => String::new(),
        },
        ..Default::default()
    }
}

fn log(digest: &str, text: &str) -> VertexLog {
    VertexLog {
        vertex: digest.to_owned(),
        msg: text.into(),
        ..Default::default()
    }
}

fn take(trace: &mut Trace, vertexes: Vec<Vertex>, logs: Vec<VertexLog>) -> Vec<Work> {
    let mut seen = Vec::new();
    let status = StatusResponse {
        vertexes,
        logs,
        ..Default::default()
    };
    trace.take(status, &mut |work| seen.push(work));
    seen
}

fn step(doing: &str, done: u64, total: u64) -> Work {
    Work::Step {
        doing: doing.to_owned(),
        done,
        total,
    }
}

#[test]
fn steps_of_the_dockerfile_count_and_errands_do_not() {
    let mut trace = Trace::default();
    let known = vec![
        vertex("i", "[internal] load build context", "done"),
        vertex("a", "[1/2] FROM base", "cached"),
        vertex("b", "[2/2] RUN  make \\\n all", "known"),
    ];
    // The second step is not known yet when the first is reported.
    assert_eq!(
        take(&mut trace, known, vec![]),
        [step("[1/2] FROM base (cached)", 1, 1)]
    );
    let begun = vertex("b", "[2/2] RUN  make \\\n all", "begun");
    let seen = take(&mut trace, vec![begun.clone(), begun], vec![]);
    assert_eq!(seen, [step("[2/2] RUN make \\ all", 1, 2)]);
    let seen = take(
        &mut trace,
        vec![vertex("e", "exporting to image", "begun")],
        vec![],
    );
    assert_eq!(seen, [step("exporting to image", 1, 2)]);
}

/// As BuildKit reports two stages that are built at once.
#[test]
fn the_step_that_goes_on_is_shown_once_another_has_ended() {
    let mut trace = Trace::default();
    let long = "[tested 1/1] RUN test";
    let both = vec![
        vertex("a", long, "begun"),
        vertex("b", "[build 1/2] COPY env/ /env/", "begun"),
    ];
    let seen = take(&mut trace, both, vec![]);
    let copy = "[build 1/2] COPY env/ /env/";
    assert_eq!(seen, [step(long, 0, 1), step(copy, 0, 2)]);
    let done = vertex("b", copy, "done");
    let seen = take(&mut trace, vec![done.clone()], vec![]);
    assert_eq!(seen, [step(copy, 1, 2), step(long, 1, 2)]);
    // A running step is shown once.
    assert_eq!(take(&mut trace, vec![], vec![log("a", "more\n")]).len(), 1);
    let next = vertex("c", "[build 2/2] RUN make", "begun");
    let seen = take(&mut trace, vec![next], vec![]);
    assert_eq!(seen, [step("[build 2/2] RUN make", 1, 3)]);
    let seen = take(&mut trace, vec![vertex("a", long, "done")], vec![]);
    let running = step("[build 2/2] RUN make", 2, 3);
    assert_eq!(seen, [step(long, 2, 3), running]);
}

/// It may take long, depending on the registry, and the image's name for users is shown.
#[test]
fn a_look_up_that_goes_on_is_shown() {
    let mut trace = Trace::on(Some("jot/p:0"), &[]);
    let name = "[internal] load metadata for 127.0.0.1:1/jot/p-1:0-0";
    let begun = take(&mut trace, vec![vertex("m", name, "begun")], vec![]);
    assert_eq!(begun, [step("looking up jot/p:0", 0, 0)]);
    assert_eq!(
        take(&mut trace, vec![vertex("m", name, "done")], vec![]),
        []
    );
    let from = vertex("a", "[1/1] FROM 127.0.0.1:1/jot/p-1:0-0@sha256:00", "begun");
    assert_eq!(
        take(&mut trace, vec![from], vec![]),
        [step("[1/1] FROM jot/p:0@sha256:00", 0, 1)]
    );
    let error = trace.failure(
        "f",
        "pull of 127.0.0.1:1/jot/q-2:0-1 (127.0.0.1:1/jot/p): no",
    );
    assert!(
        error.to_string().ends_with("pull of jot/p:0 (jot/p:0): no"),
        "{error}"
    );
}

#[test]
fn a_failure_of_a_builder_that_writes_text_names_its_step_too() {
    let mut trace = Trace::default();
    trace.write("STEP 1/2: FROM a\nSTEP 2/2: RUN make\nwhy\n", &mut |_| {});
    let said = "building at STEP \"RUN make\": while running runtime: exit status 2\n";
    let error = trace.failure("base", said);
    assert_eq!(
        error.to_string(),
        "the build of base failed at [2/2] RUN make: exit status 2"
    );
    assert!(
        matches!(error, Error::Build { output: Some(BuildOutput(lines)), .. } if lines == ["why"])
    );
}

#[test]
fn output_is_given_by_whole_lines() {
    let mut trace = Trace::default();
    let logs = vec![
        log("a", "one\ntw"),
        log("b", "other\n"),
        log("a", "o\n1%\r2%\r\nthr"),
    ];
    let seen = take(&mut trace, vec![], logs);
    let lines = ["one", "other", "two", "2%"].map(|line| Work::Output(line.to_owned()));
    assert_eq!(seen, lines);
}

#[test]
fn a_failure_names_the_step_and_its_last_lines() {
    let mut trace = Trace::default();
    let failed = vec![
        vertex("a", "[1/2] FROM b", "done"),
        vertex("b", "[2/2] RUN make", "failed"),
    ];
    let many: String = (0..40).map(|n| format!("line {n}\n")).collect();
    take(
        &mut trace,
        failed,
        vec![log("b", &many), log("b", "the end")],
    );
    let error = trace.failure("base", "whatever");
    assert_eq!(
        error.to_string(),
        "the build of base failed at [2/2] RUN make: exit status 2"
    );
    let Error::Build {
        output: Some(BuildOutput(lines)),
        ..
    } = error
    else {
        panic!()
    };
    assert_eq!((lines.len(), lines[0].as_str()), (31, "line 10"));
    assert_eq!(lines[30], "the end");
}

#[test]
fn what_a_tool_of_jots_own_says_is_the_reason_and_no_step_is_named() {
    let mut trace = Trace::default();
    let failed = vec![vertex("b", "[2/2] RUN /jot/build", "failed")];
    let lines = "precompiling\njot: f.jl:1: no f\n";
    take(&mut trace, failed, vec![log("b", lines)]);
    let error = trace.failure("f", "whatever");
    assert_eq!(error.to_string(), "f cannot be built: f.jl:1: no f");
}

#[test]
fn a_failure_before_the_first_step_says_what_docker_said() {
    let said = "failed to solve: failed to create LLB definition: dockerfile parse error line 1";
    let error = Trace::default().failure("base", said).to_string();
    assert_eq!(
        error,
        "the build of base failed at the beginning: dockerfile parse error line 1"
    );
}
