//! `jot prune` on generated repositories: nothing reachable is deleted, and everything else is.

use std::collections::{BTreeMap, BTreeSet};

use jot::{
    model::{
        Digest,
        prune::{Parts, PruneCause, Pruned, Rule, Stored, StoredImage},
    },
    plan,
};
use proptest::prelude::*;

const DAY_S: i64 = 24 * 60 * 60;
const NOW_S: i64 = 20_000 * DAY_S;
const RULE: Rule = Rule {
    older_than_s: 14 * DAY_S,
    other_accounts_unused: false,
};

fn digest(number: usize) -> Digest {
    Digest::parse(&format!("sha256:{number:064x}")).expect("a digest")
}

/// The digest of a layer or of an archive's bytes.
fn content(number: usize) -> Digest {
    digest(1_000_000 + number)
}

fn tag(number: usize) -> String {
    format!("{number:016x}")
}

/// The content of one place in a generated repository.
#[derive(Clone, Debug)]
enum Kind {
    /// An image on the one at that place, if that is an image, with a layer of its own or settings
    /// alone.
    Image {
        on: usize,
        layer: bool,
    },
    /// An image of its own.
    Base,
    Archive,
    /// An index of up to two of those before it.
    Index(Vec<usize>),
    /// A referrer of one before it.
    Signature(usize),
    /// Its manifest could not be read.
    Unread,
}

/// Its direct use.
#[derive(Clone, Debug)]
struct Use {
    runs: bool,
    held: bool,
    wanted: bool,
    /// A user's tag.
    named: bool,
    tagged: bool,
    pushed_days: i64,
    pulled_days: Option<i64>,
}

/// Most images are unused, so that worlds have something to prune.
fn usage() -> impl Strategy<Value = Use> {
    let seldom = || prop::bool::weighted(0.12);
    let days = || prop_oneof![4 => 14..400_i64, 1 => 0..14_i64];
    (
        seldom(),
        seldom(),
        seldom(),
        seldom(),
        any::<bool>(),
        days(),
        proptest::option::of(days()),
    )
        .prop_map(
            |(runs, held, wanted, named, tagged, pushed_days, pulled_days)| Use {
                runs,
                held,
                wanted,
                named,
                tagged,
                pushed_days,
                pulled_days,
            },
        )
}

fn kind() -> impl Strategy<Value = Kind> {
    let place = || 0..24_usize;
    prop_oneof![
        4 => (place(), any::<bool>()).prop_map(|(on, layer)| Kind::Image { on, layer }),
        2 => Just(Kind::Base),
        2 => Just(Kind::Archive),
        1 => proptest::collection::vec(place(), 1..3).prop_map(Kind::Index),
        1 => place().prop_map(Kind::Signature),
        1 => Just(Kind::Unread),
    ]
}

/// The reason to keep everything: a list that was denied, another account.
fn around() -> impl Strategy<Value = (bool, bool, bool)> {
    let seldom = || prop::bool::weighted(0.1);
    (seldom(), prop::bool::weighted(0.2), any::<bool>())
}

fn world(all: &[(Kind, Use)], denied: bool, shared: bool) -> Stored {
    let mut stored = Stored {
        project: "numerics".to_owned(),
        repository: "numerics".to_owned(),
        tags: BTreeMap::from([("jot:project".to_owned(), "numerics".to_owned())]),
        now_s: NOW_S,
        ..Stored::default()
    };
    stored
        .unseen
        .extend(denied.then(|| "functions of this region".to_owned()));
    stored
        .others
        .extend(shared.then(|| "account 444455556666".to_owned()));
    for (at, (kind, used)) in all.iter().enumerate() {
        let before = |place: &usize| (at > 0).then(|| place % at.max(1));
        let mut subject = None;
        let parts = match kind {
            Kind::Image { on, layer } => {
                let under = before(on).and_then(|place| stored.images[place].parts.clone());
                let mut layers = match under {
                    Some(Parts::Layers(layers)) => layers,
                    _ => Vec::new(),
                };
                if *layer || layers.is_empty() {
                    layers.push(content(at));
                }
                Some(Parts::Layers(layers))
            }
            Kind::Base => Some(Parts::Layers(vec![content(at)])),
            Kind::Archive => Some(Parts::Archive(content(at))),
            Kind::Index(named) => {
                let named: BTreeSet<usize> = named.iter().filter_map(before).collect();
                Some(Parts::Index(named.into_iter().map(digest).collect()))
            }
            Kind::Signature(about) => {
                subject = before(about).map(digest);
                Some(Parts::Layers(vec![content(at)]))
            }
            Kind::Unread => None,
        };
        let mut tags = Vec::new();
        if used.tagged || used.held || used.wanted {
            tags.push(tag(at));
        }
        if used.named {
            tags.push("v1.2".to_owned());
        }
        let name = || BTreeSet::from([format!("f{at}:3")]);
        if used.runs {
            let code = match &parts {
                Some(Parts::Archive(code)) => code.clone(),
                _ => digest(at),
            };
            stored.running.insert(code, name());
        }
        if used.held {
            stored.held.insert(tag(at), name());
        }
        if used.wanted {
            stored.wanted.insert(tag(at), name());
        }
        stored.images.push(StoredImage {
            digest: Some(digest(at)),
            tags,
            bytes: 100,
            pushed_s: Some(NOW_S - used.pushed_days * DAY_S),
            pulled_s: used.pulled_days.map(|days| NOW_S - days * DAY_S),
            parts,
            subject,
        });
    }
    stored
}

/// The places of what has to stay, computed in the simplest way: repeatedly over all pairs.
fn reachable(stored: &Stored, all: &[(Kind, Use)]) -> BTreeSet<usize> {
    let young = |one: &Use| one.pushed_days < 14 || one.pulled_days.is_some_and(|days| days < 14);
    let root = |(kind, one): &(Kind, Use)| {
        one.runs
            || one.held
            || one.wanted
            || one.named
            || young(one)
            || matches!(kind, Kind::Unread)
    };
    let mut stays: BTreeSet<usize> = (0..all.len()).filter(|&at| root(&all[at])).collect();
    let belongs = |one: &StoredImage, to: &StoredImage| {
        let names = |index: &StoredImage, named: &StoredImage| match &index.parts {
            Some(Parts::Index(all)) => all.contains(named.digest.as_ref().expect("known")),
            _ => false,
        };
        let under = match (&one.parts, &to.parts) {
            (Some(Parts::Layers(lower)), Some(Parts::Layers(upper))) => upper.starts_with(lower),
            _ => false,
        };
        under
            || names(one, to)
            || names(to, one)
            || one.subject.is_some() && one.subject == to.digest
            || to.subject.is_some() && to.subject == one.digest
    };
    loop {
        let more: Vec<usize> = (0..all.len())
            .filter(|at| !stays.contains(at))
            .filter(|&at| {
                stays
                    .iter()
                    .any(|&to| belongs(&stored.images[at], &stored.images[to]))
            })
            .collect();
        if more.is_empty() {
            return stays;
        }
        stays.extend(more);
    }
}

fn pruned(stored: &Stored, rule: Rule) -> BTreeMap<String, Pruned> {
    let all = plan::prune(stored, rule).expect("its own repository");
    assert_eq!(all.len(), stored.images.len(), "each once");
    all.into_iter()
        .map(|one| (one.digest.clone(), one))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_reachable_goes_and_everything_else_does(
        all in proptest::collection::vec((kind(), usage()), 0..24),
        (denied, shared, unused) in around(),
    ) {
        let stored = world(&all, denied, shared);
        let rule = Rule { other_accounts_unused: unused, ..RULE };
        let free = !denied && (!shared || unused);
        let reachable = reachable(&stored, &all);
        let pruned = pruned(&stored, rule);
        for (at, image) in stored.images.iter().enumerate() {
            let one = &pruned[image.digest.as_ref().expect("known").as_str()];
            let goes = free && !reachable.contains(&at);
            prop_assert_eq!(one.goes, goes, "{:?}: {}", &all[at], one.why);
            prop_assert_eq!(one.goes, one.cause == PruneCause::Unreached);
            prop_assert!(!one.why.is_empty());
        }
    }

    #[test]
    fn what_names_others_goes_before_them(
        all in proptest::collection::vec((kind(), usage()), 0..24),
    ) {
        let stored = world(&all, false, false);
        let order: Vec<String> = plan::prune(&stored, RULE)
            .expect("its own repository")
            .into_iter()
            .map(|one| one.digest)
            .collect();
        let at = |digest: &Digest| order.iter().position(|one| one == digest.as_str());
        for image in &stored.images {
            let place = at(image.digest.as_ref().expect("known"));
            // A signature's subject may be an index: it is deleted with it, in either order.
            if let (Some(Parts::Index(named)), None) = (&image.parts, &image.subject) {
                for one in named {
                    let other = stored
                        .images
                        .iter()
                        .find(|image| image.digest.as_ref() == Some(one));
                    let index =
                        other.is_some_and(|other| matches!(other.parts, Some(Parts::Index(_))));
                    prop_assert!(
                        index
                            || other.is_some_and(|other| other.subject.is_some())
                            || place < at(one)
                    );
                }
            }
        }
    }
}

fn one(used: Use) -> Stored {
    world(&[(Kind::Base, used)], false, false)
}

const IDLE: Use = Use {
    runs: false,
    held: false,
    wanted: false,
    named: false,
    tagged: true,
    pushed_days: 40,
    pulled_days: Some(20),
};

#[test]
fn each_reason_is_said() {
    let why = |stored: &Stored, rule: Rule| {
        let all = plan::prune(stored, rule).expect("its own repository");
        all.iter().map(|one| one.why.clone()).collect::<Vec<_>>()
    };
    let cases = [
        (
            IDLE,
            "nothing runs it, pushed 40 days ago, last pulled 20 days ago",
        ),
        (
            Use {
                pulled_days: None,
                ..IDLE
            },
            "nothing runs it, pushed 40 days ago, never pulled",
        ),
        (Use { runs: true, ..IDLE }, "f0:3 runs it"),
        (Use { held: true, ..IDLE }, "it is held for f0:3"),
        (
            Use {
                wanted: true,
                ..IDLE
            },
            "jot.toml asks for it: f0:3",
        ),
        (
            Use {
                named: true,
                ..IDLE
            },
            "it has the tag `v1.2`, which is not jot's",
        ),
        (
            Use {
                pushed_days: 1,
                ..IDLE
            },
            "it was pushed 1 day ago",
        ),
        (
            Use {
                pulled_days: Some(0),
                ..IDLE
            },
            "it was pulled less than a day ago",
        ),
    ];
    for (used, expected) in cases {
        assert_eq!(why(&one(used), RULE), [expected]);
    }
    let mut stored = one(IDLE);
    stored.others.push("account 444455556666".to_owned());
    assert_eq!(why(&stored, RULE), ["account 444455556666 may run it"]);
    stored
        .unseen
        .push("functions of this region (denied)".to_owned());
    let expected = "not everything could be read: functions of this region (denied)";
    let all = Rule {
        other_accounts_unused: true,
        ..RULE
    };
    assert_eq!(why(&stored, all), [expected]);
}

#[test]
fn a_base_and_what_an_index_names_stay_with_it() {
    let running = Use { runs: true, ..IDLE };
    let all = [
        (Kind::Base, IDLE),
        (Kind::Image { on: 0, layer: true }, running),
    ];
    let stored = world(&all, false, false);
    let pruned = pruned(&stored, RULE);
    assert_eq!(
        pruned[digest(0).as_str()].why,
        format!("it is the base of {}", tag(1))
    );
}

#[test]
fn another_projects_repository_is_left() {
    let mut stored = one(IDLE);
    stored
        .tags
        .insert("jot:project".to_owned(), "other".to_owned());
    let error = plan::prune(&stored, RULE).expect_err("not its own");
    assert!(error.to_string().contains("numerics"), "{error}");
}
