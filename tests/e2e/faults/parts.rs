//! The parts of the study, as `scripts/faults` names them.

use super::{
    arena::{Applied, Arena, Change},
    copies::Copying,
    kills::Point,
    kind::Kind,
    pairs,
    reach::{Callers, Reaching},
    releases::{Move, Moving, Releases},
    study::{self, Settings},
};

/// The study, with the settings of `scripts/faults`.
#[test]
#[ignore = "takes an hour: scripts/faults runs it"]
fn study() {
    let asked = |name: &str| std::env::var(name).expect("scripts/faults sets it");
    let number = |name| asked(name).parse::<f64>().expect("a number");
    let settings = Settings {
        runs: number("JOT_FAULTS_RUNS") as u64,
        rate: number("JOT_FAULTS_RATE"),
        seed: number("JOT_FAULTS_SEED") as u64,
    };
    let parts = asked("JOT_FAULTS_PARTS");
    let mut wrong = Vec::new();
    for part in parts.split_whitespace() {
        wrong.extend(match part {
            "pairs" => pairs::pairs(number("JOT_FAULTS_PAIRS") as u64),
            "kills" => applied(Change::Everything),
            "creation" => applied(Change::Creation),
            "removal" => applied(Change::Removal),
            "shifts" => moved(&[Move::Shift, Move::Refused, Move::Provisioned]),
            "rollbacks" => moved(&[Move::Rollback]),
            "copies" => study::kill_points(&Copying::new(), Point::changes),
            "reach" => reached(),
            "releases" => {
                let releases = Releases::new("study");
                let rows = [("all of them".to_owned(), Kind::without_docker())];
                let choice = |_: &[Kind], seed| Moving::by_seed(&releases, seed);
                study::at_random(&settings, &rows, &choice)
            }
            "mixed" => struck(&settings, &[("all of them".to_owned(), Kind::ALL.to_vec())]),
            "kinds" => struck(
                &settings,
                &Kind::ALL.map(|kind| (kind.words().to_owned(), vec![kind])),
            ),
            one => {
                let kind = Kind::named(one).expect("a kind of fault");
                struck(&settings, &[(kind.words().to_owned(), vec![kind])])
            }
        });
    }
    assert_eq!(wrong, Vec::<String>::new());
}

fn applied(change: Change) -> Vec<String> {
    let arena = Arena::applied("kills");
    let subject = Applied {
        arena: &arena,
        change,
    };
    study::kill_points(&subject, |_| true)
}

fn struck(settings: &Settings, rows: &[(String, Vec<Kind>)]) -> Vec<String> {
    let arena = Arena::applied("study");
    let choice = |kinds: &[Kind], seed| Applied::by_seed(&arena, kinds, seed);
    study::at_random(settings, rows, &choice)
}

fn moved(all: &[Move]) -> Vec<String> {
    let of = |what: &Move| {
        let releases = Releases::new("kills");
        let subject = Moving {
            releases: &releases,
            what: *what,
        };
        study::kill_points(&subject, Point::changes)
    };
    all.iter().flat_map(of).collect()
}

fn reached() -> Vec<String> {
    let callers = Callers::new();
    let of = |what| Reaching {
        callers: &callers,
        what,
    };
    let each = [Change::Settings, Change::Removal, Change::Creation].into_iter();
    each.flat_map(|what| study::kill_points(&of(what), Point::changes))
        .collect()
}
