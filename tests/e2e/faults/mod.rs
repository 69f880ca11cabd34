//! Faults of AWS, registry, Docker and of jot's own life: the apply gets over them, or says what to do, and the next one
//! finishes; what served traffic goes on serving.

mod arena;
mod kills;
mod kind;
mod pairs;
mod study;

use std::{sync::Arc, thread};

use arena::{Arena, Change, Judge, told};
use kills::{Point, Side, kill};
use kind::Kind;
use study::Settings;

use crate::{
    proxy::Fault,
    signals::containers,
    story::expect,
    support::{Project, Ran, Stack},
};

/// Loses the first answer to every request that changes something in AWS, a gate's calls too.
fn losing() -> Judge {
    Arc::new(|operation, nth| {
        let (service, name) = operation.split_once(':')?;
        let reads = ["Get", "Describe", "List", "Batch"];
        let changes = !reads.iter().any(|verb| name.starts_with(verb));
        let aws = !matches!(service, "registry" | "docker");
        (nth == 1 && aws && changes).then_some(Fault::Lost)
    })
}

/// Does this to the first request of an operation.
fn first(struck: &'static str, fault: Fault) -> Judge {
    Arc::new(move |operation, nth| (operation == struck && nth == 1).then(|| fault.clone()))
}

/// Does this to every request of an operation.
fn every(struck: &'static str, fault: Fault) -> Judge {
    Arc::new(move |operation, _| (operation == struck).then(|| fault.clone()))
}

#[test]
fn what_was_carried_out_is_known_again_where_the_answer_was_lost() {
    let arena = Arena::new("lost");
    // Made, and made again: everything that exists already is this apply's own.
    expect(arena.apply_under(&losing()), 0);
    arena.converges().unwrap();
    // Changed, and changed again, with the revision from before.
    arena.change(Change::Everything);
    expect(arena.apply_under(&losing()), 0);
    arena.converges().unwrap();

    failures_say_what_to_do(&arena);
    for seed in 1..=3 {
        let outcome = study::run(&arena, &Kind::ALL, 0.3, seed);
        assert_eq!(outcome.wrong, None, "seed {seed}");
    }
}

fn failures_say_what_to_do(arena: &Arena) {
    let denied = Fault::Refused(403, "DENIED", "injected");
    let cases = [
        (
            every("docker:Build", Fault::Half),
            "broke off",
            "docker info",
        ),
        (
            first("registry:PutManifest", denied),
            "pushing failed: denied",
            "not sent again",
        ),
    ];
    for (judge, message, help) in cases {
        arena.change(Change::Everything);
        let ran = expect(arena.apply_under(&judge), 1);
        let told = told(&ran);
        let told = told.first().expect("a failure is told");
        assert!(told.message.contains(message), "{told:?}");
        assert!(
            told.help.as_deref().is_some_and(|text| text.contains(help)),
            "{told:?}"
        );
        arena.serves().unwrap();
        arena.converges().unwrap();
    }
    a_failed_update_names_its_reason(arena);
}

/// A push, pull or build that breaks off is taken up again by the same apply, which says so.
#[test]
fn what_breaks_off_at_docker_or_the_registry_is_taken_up_again() {
    let arena = Arena::applied("again");
    let cases = [
        ("docker:Build", Fault::Half, "broke off"),
        ("docker:Pull", Fault::Half, "broke off"),
        ("docker:Push", Fault::Half, "broke off"),
        (
            "registry:PutManifest",
            Fault::Status(503),
            "pushing failed: ",
        ),
        ("registry:PutManifest", Fault::Cut, "pushing failed: "),
    ];
    for (operation, fault, why) in cases {
        arena.change(Change::Everything);
        if operation == "docker:Pull" {
            arena.forget_base();
        }
        let ran = expect(arena.apply_under(&first(operation, fault)), 0);
        let retries = ran.stdout.lines().filter_map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).ok()?;
            (event["event"] == "retry").then(|| event["why"].to_string())
        });
        let retries: Vec<String> = retries.collect();
        assert!(
            matches!(&retries[..], [told] if told.contains(why)),
            "{operation}: {retries:?}"
        );
        arena.converges().unwrap();
    }
    // Where only the answer was lost, ECR holds the image, and nothing is repeated.
    arena.change(Change::Everything);
    let ran = expect(
        arena.apply_under(&first("registry:PutManifest", Fault::Lost)),
        0,
    );
    assert!(!ran.stdout.contains(r#""event":"retry""#), "{ran:#?}");
    arena.converges().unwrap();
}

fn a_failed_update_names_its_reason(arena: &Arena) {
    arena.change(Change::Settings);
    let failed = Kind::FailedUpdate.fault(
        "lambda:GetFunction",
        &mut kind::Dice::for_request(0, "", 0),
        &kind::Hooks::of(arena),
    );
    // The first two requests observe the function and the version that serves.
    let judge: Judge = Arc::new(move |operation, nth| {
        (operation == "lambda:GetFunction" && nth > 2)
            .then(|| failed.clone())
            .flatten()
    });
    let ran = expect(arena.apply_under(&judge), 1);
    let told = told(&ran);
    assert!(told[0].message.contains("ImageAccessDenied"), "{told:?}");
    assert!(told[0].help.is_some(), "{told:?}");
    arena.serves().unwrap();
    arena.converges().unwrap();
}

#[test]
fn a_killed_apply_loses_nothing_and_the_next_one_finishes() {
    let arena = Arena::applied("killed");
    let killed = |change, operation: &str, side| {
        let reached = kill(&arena, change, &Point::first(operation), side);
        assert_eq!(reached, Ok(true), "{change:?}, {operation}, {side:?}");
    };
    for operation in [
        "docker:StartContainer",
        "registry:PutManifest",
        "lambda:UpdateFunctionCode",
    ] {
        killed(Change::Everything, operation, Side::After);
    }
    for operation in [
        "UpdateFunctionConfiguration",
        "PublishVersion",
        "Invoke",
        "UpdateAlias",
        "TagResource",
    ] {
        killed(
            Change::Settings,
            &format!("lambda:{operation}"),
            Side::After,
        );
    }
    killed(Change::Settings, "lambda:UpdateAlias", Side::Before);
}

#[test]
fn a_test_container_of_a_killed_run_goes_with_the_next() {
    let arena = Arena::new("leftover");
    let hook = arena.signal(nix::sys::signal::Signal::SIGKILL);
    let ran = arena.apply_under(&first("docker:StartContainer", Fault::After(hook)));
    assert_eq!(ran.status, None, "it was killed: {ran:#?}");
    assert_eq!(
        containers(&arena.project).len(),
        1,
        "nobody was left to remove it"
    );
    expect(arena.project.run(&["test"]), 0);
    assert_eq!(
        containers(&arena.project).len(),
        1,
        "it is another Docker's, as far as jot can tell"
    );
    let tested = crate::support::ran(&mut arena.jot(&["test"]));
    expect(tested, 0);
    assert_eq!(containers(&arena.project), Vec::<String>::new());
}

fn apply_both(one: &Project, other: &Project) -> [Ran; 2] {
    // What two leave behind together no plan of one foretells.
    let apply = |project: &Project| {
        let mut jot = project.jot();
        crate::support::ran(jot.args(["apply", "--yes", "--format", "json"]))
    };
    let both = thread::scope(|scope| {
        let first = scope.spawn(|| apply(one));
        let second = scope.spawn(|| apply(other));
        [first.join(), second.join()]
    });
    both.map(|ran| ran.expect("jot ran"))
}

/// That an apply finished, or that it stopped because of the other one and says what to do.
fn gave_way(ran: &Ran) {
    if ran.status == Some(0) {
        return;
    }
    assert_eq!(ran.status, Some(1), "{ran:#?}");
    let told = told(ran);
    assert!(!told.is_empty(), "{ran:#?}");
    assert!(told.iter().all(|one| one.help.is_some()), "{told:?}");
}

#[test]
fn two_applies_at_once() {
    let stack = Stack::start();
    let one = crate::story::increment_vector(&stack, "two");
    let other = one.twin();
    let copy = |name: &str| {
        let text = std::fs::read_to_string(one.path().join(name)).expect("a file of the project");
        other.write(name, &text);
    };
    copy("jot.toml");
    copy("increment_vector.jl");
    // The same manifest, first when nothing is there, then with a change.
    for line in [
        "increment_vector(v) = v .+ 1\n",
        "increment_vector(v) = v .+ 2 .- 1\n",
    ] {
        one.write("increment_vector.jl", line);
        other.write("increment_vector.jl", line);
        for ran in apply_both(&one, &other) {
            gave_way(&ran);
        }
        expect(other.run(&["apply", "--yes"]), 0);
        expect(one.run(&["plan", "--detailed-exitcode"]), 0);
    }
    // Different responders: whoever comes first, each says the truth, and the last apply wins.
    other.write("increment_vector.jl", "increment_vector(v) = 1 .+ v\n");
    one.write("increment_vector.jl", "increment_vector(v) = v .+ 3 .- 2\n");
    for ran in apply_both(&one, &other) {
        gave_way(&ran);
    }
    expect(one.run(&["apply", "--yes"]), 0);
    expect(one.run(&["plan", "--detailed-exitcode"]), 0);
    expect(other.run(&["plan", "--detailed-exitcode"]), 2);
    assert_eq!(containers(&one), Vec::<String>::new());
}

#[test]
fn of_two_applies_over_a_change_none_is_lost() {
    assert_eq!(pairs::pairs(3), Vec::<String>::new());
}

/// The study, with what `scripts/faults` asks for.
#[test]
#[ignore = "takes an hour: scripts/faults runs it"]
fn study() {
    let asked =
        |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let number = |name, default| asked(name, default).parse::<f64>().expect("a number");
    let settings = Settings {
        runs: number("JOT_FAULTS_RUNS", "50") as u64,
        rate: number("JOT_FAULTS_RATE", "0.3"),
        seed: number("JOT_FAULTS_SEED", "1") as u64,
    };
    let parts = asked(
        "JOT_FAULTS_PARTS",
        "kills creation removal mixed kinds pairs",
    );
    let mut wrong = Vec::new();
    for part in parts.split_whitespace() {
        wrong.extend(match part {
            "pairs" => pairs::pairs(number("JOT_FAULTS_PAIRS", "100") as u64),
            "kills" => study::kill_points(Change::Everything),
            "creation" => study::kill_points(Change::Creation),
            "removal" => study::kill_points(Change::Removal),
            "mixed" => {
                study::at_random(&settings, &[("all of them".to_owned(), Kind::ALL.to_vec())])
            }
            "kinds" => study::at_random(
                &settings,
                &Kind::ALL.map(|kind| (kind.words().to_owned(), vec![kind])),
            ),
            one => {
                let kind = Kind::ALL
                    .into_iter()
                    .find(|kind| format!("{kind:?}") == one);
                let kind = kind.expect("a kind of fault");
                study::at_random(&settings, &[(kind.words().to_owned(), vec![kind])])
            }
        });
    }
    assert_eq!(wrong, Vec::<String>::new());
}
