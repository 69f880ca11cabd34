//! Faults of AWS, registry, Docker and of jot's own process: the apply recovers, or says what to
//! do, and the next one finishes; what served traffic continues to serve.

mod arena;
mod copies;
mod kills;
mod kind;
mod pairs;
mod parts;
mod reach;
mod releases;
mod study;
mod victim;

use std::{sync::Arc, thread};

use arena::{Applied, Arena, Change, told};
use copies::Copying;
use kills::{Side, assert_recovers};
use kind::Kind;
use reach::{Callers, Reaching};
use releases::{Move, Moving, Releases};
use victim::Judge;

use crate::{
    proxy::Fault,
    signals::containers,
    story::expect,
    support::{Project, Ran, Stack},
};

/// Loses the first answer to every request that changes something in AWS, also to a gate's calls.
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
    // Created, and created again: everything that exists already belongs to this apply.
    expect(arena.apply_under(&losing()), 0);
    arena.converges().unwrap();
    // Changed, and changed again, with the revision from before.
    arena.change(Change::Everything);
    expect(arena.apply_under(&losing()), 0);
    arena.converges().unwrap();

    failures_say_what_to_do(&arena);
    for seed in 1..=3 {
        let subject = Applied::by_seed(&arena, &Kind::ALL, seed);
        let outcome = study::run(subject.as_ref(), &Kind::ALL, 0.3, seed);
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

/// A push, pull or build that is interrupted is repeated by the same apply, which says so.
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
    // If only the answer was lost, ECR has the image, and nothing is repeated.
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
        &kind::Hooks::of(&arena.victim),
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
        let subject = Applied {
            arena: &arena,
            change,
        };
        assert_recovers(&subject, operation, side);
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
    let hook = arena.victim.signal(nix::sys::signal::Signal::SIGKILL);
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
    // No plan of one apply predicts what two leave behind together.
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

/// That an apply finished, or stopped because of the other one and says what to do.
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
    // The same manifest, first without any resources, then with a change.
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
    // Different responders: each reports what happened, and the last apply wins.
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

#[test]
fn shifts_and_rollbacks_get_over_kills_and_faults_of_all_kinds() {
    let releases = Releases::new("faults");
    let of = |what| Moving {
        releases: &releases,
        what,
    };
    let shift = of(Move::Shift);
    assert_recovers(&shift, "lambda:UpdateAlias", Side::Before);
    assert_recovers(&shift, "lambda:UpdateAlias", Side::After);
    assert_recovers(&of(Move::Refused), "lambda:UpdateAlias", Side::After);
    assert_recovers(&of(Move::Rollback), "lambda:UpdateAlias", Side::After);
    let provisioned = "lambda:PutProvisionedConcurrencyConfig";
    assert_recovers(&of(Move::Provisioned), provisioned, Side::After);
    let kinds = Kind::without_docker();
    for seed in 4..=6 {
        let subject = Moving::by_seed(&releases, seed);
        let outcome = study::run(subject.as_ref(), &kinds, 0.3, seed);
        assert_eq!(outcome.wrong, None, "seed {seed}");
    }
}

#[test]
fn a_killed_copy_is_taken_up_by_the_next_promotion() {
    let copying = Copying::new();
    assert_recovers(&copying, "registry:PutBlob", Side::After);
    assert_recovers(&copying, "registry:PutManifest", Side::After);
}

#[test]
fn a_kill_among_callers_leaves_none_twice_and_none_behind() {
    let callers = Callers::new();
    let of = |what| Reaching {
        callers: &callers,
        what,
    };
    let changed = of(Change::Settings);
    assert_recovers(&changed, "lambda:AddPermission", Side::After);
    let removed = of(Change::Removal);
    assert_recovers(&removed, "lambda:DeleteEventSourceMapping", Side::After);
    let made = of(Change::Creation);
    assert_recovers(&made, "lambda:CreateEventSourceMapping", Side::After);
    assert_recovers(&made, "sns:Subscribe", Side::After);
}
