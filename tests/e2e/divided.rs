//! Traffic steps over calls that are really divided: the proxy passes each call of the alias to a
//! version by the weights that jot wrote, the emulator runs that version's image, and CloudWatch
//! counts the results.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
};

use serde_json::json;

use crate::{
    proxy::{Fault, Router},
    story::expect,
    support::{Project, Ran, Stack, http, metrics, ran, seen},
};

/// A runtime in Perl that answers an order with its number. If the file `defect` says so, it fails
/// half of the orders: those with an odd number. Nothing else fails.
const RUNTIME: &str = r#"use strict;
use IO::Socket::INET;
my $api = $ENV{AWS_LAMBDA_RUNTIME_API};
sub ask {
    my ($method, $path, $body) = @_;
    my $to = IO::Socket::INET->new(PeerAddr => $api) or die "no Runtime API: $!";
    print $to "$method /2018-06-01/runtime/invocation/$path HTTP/1.1\r\n"
        . "Host: $api\r\nConnection: close\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    local $/;
    return split /\r\n\r\n/, <$to>, 2;
}
open(my $file, '<', '/app/defect') or die "no file: $!";
my $defect = <$file> =~ /odd orders/;
while (1) {
    my ($head, $event) = ask('GET', 'next', '');
    my ($id) = $head =~ /Lambda-Runtime-Aws-Request-Id: (\S+)/i;
    my ($order) = $event =~ /"order": *(\d+)/;
    if ($defect && defined $order && $order % 2) {
        ask('POST', "$id/error", '{"errorMessage": "no such order", "errorType": "Defect"}');
    } else {
        ask('POST', "$id/response", defined $order ? $order : '"hello"');
    }
}
"#;

const DOCKERFILE: &str = r#"FROM julia:1.5
COPY . /app/
ENTRYPOINT ["perl", "/app/runtime.pl"]
"#;

/// Its test has no order in it, so the defect passes both gates.
const FUNCTION: &str = "
[functions.orders]
memory_mb = 256
dockerfile = { source = \"app\" }
tests = [{ argument = \"greet\", expected = \"hello\" }]
deploy = { traffic = { steps = [20, 50], step_minutes = 1, hold_minutes = 400, \
    watch_minutes = 4, min_calls = 30 } }
";

/// Milliseconds of a minute of the steps: long enough for calls to return between two looks.
const MINUTE_MS: &str = "400";

/// Calls of a version that returned, and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Calls {
    all: u32,
    failed: u32,
}

/// The results, by version.
type Tally = Arc<Mutex<BTreeMap<String, Calls>>>;

fn taken(tally: &Tally) -> BTreeMap<String, Calls> {
    std::mem::take(&mut *tally.lock().unwrap_or_else(PoisonError::into_inner))
}

struct World {
    stack: Stack,
    project: Project,
    /// What CloudWatch does not count yet.
    fresh: Tally,
    /// All results.
    total: Tally,
}

impl World {
    /// A function with a first version that has all traffic.
    fn new() -> World {
        let stack = Stack::start();
        let project = Project::new(&stack, "divided");
        project.write("app/Dockerfile", DOCKERFILE);
        project.write("app/runtime.pl", RUNTIME);
        project.write("app/defect", "none\n");
        project.manifest(FUNCTION);
        let world = World {
            stack,
            project,
            fresh: Tally::default(),
            total: Tally::default(),
        };
        expect(world.jot(&["apply", "--yes"]), 0);
        world.divide();
        world
    }

    fn jot(&self, arguments: &[&str]) -> Ran {
        let mut jot = self.project.jot();
        ran(jot.args(arguments).env("JOT_MINUTE_MS", MINUTE_MS))
    }

    /// Divides calls of the alias from now on, and counts the results before each of jot's looks.
    fn divide(&self) {
        let (fresh, total) = (self.fresh.clone(), self.total.clone());
        let router = Router::new(Arc::new(move |version: &str, failed: bool| {
            for tally in [&fresh, &total] {
                let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                let calls = tally.entry(version.to_owned()).or_default();
                calls.all += 1;
                calls.failed += u32::from(failed);
            }
        }));
        let (fresh, behind) = (self.fresh.clone(), self.stack.behind());
        let count = Arc::new(move || {
            for (version, calls) in taken(&fresh) {
                let (all, failed) = (calls.all, calls.failed);
                metrics::put_calls_of_a_long_step(&behind, "orders", &version, all, failed);
            }
        });
        self.stack.proxy.judge(move |operation, _| match operation {
            "lambda:Invoke" => Some(Fault::Routed(router.clone())),
            "cloudwatch:GetMetricData" => Some(Fault::Beside(count.clone())),
            _ => None,
        });
    }

    /// Applies while orders arrive; returns how it ended and the results of each version.
    fn apply_under_load(&self) -> (Ran, BTreeMap<String, Calls>) {
        taken(&self.total);
        let (ended, next) = (AtomicBool::new(false), AtomicU32::new(0));
        let ran = thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !ended.load(Ordering::Relaxed) {
                        self.order(next.fetch_add(1, Ordering::Relaxed));
                    }
                });
            }
            let ran = self.jot(&["apply", "--yes"]);
            ended.store(true, Ordering::Relaxed);
            ran
        });
        (ran, taken(&self.total))
    }

    /// One call of the alias, through the proxy.
    fn order(&self, number: u32) {
        let (address, path) = (
            self.stack.proxy.address(),
            "orders/invocations?Qualifier=live",
        );
        let body = json!({ "order": number }).to_string();
        let answer = http::aws_lambda(&address, "POST", path, &body).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// The versions that answer ten orders.
    fn serving(&self) -> BTreeMap<String, Calls> {
        taken(&self.total);
        (0..10).for_each(|number| self.order(number));
        taken(&self.total)
    }
}

#[test]
fn a_version_that_fails_half_of_some_calls_is_returned_and_its_repair_released() {
    let world = World::new();
    let all_of = |version: &str| {
        let calls = Calls { all: 10, failed: 0 };
        BTreeMap::from([(version.to_owned(), calls)])
    };
    assert_eq!(world.serving(), all_of("1"));

    world.project.write("app/defect", "odd orders\n");
    let (ended, calls) = world.apply_under_load();
    let ended = expect(ended, 1);
    let said = ended.stderr.split_whitespace().collect::<Vec<_>>();
    let said = said.join(" ").replace(" | ", " ");
    for words in [
        "calls failed",
        "version 1 has all traffic again",
        "this code is held",
    ] {
        assert!(said.contains(words), "`{words}` is missing:\n{said}");
    }
    let (old, new) = (calls["1"], calls["2"]);
    assert_eq!(old.failed, 0, "{calls:?}");
    assert!(new.failed > 0 && new.failed < new.all, "{calls:?}");
    // It never got more than the share of the first step.
    assert!(new.all * 3 < old.all, "{calls:?}");
    let (version, weights, description) = seen::alias(&world.stack, "orders");
    assert_eq!((version.as_str(), weights), ("1", json!({})));
    let held = "release 1 of 1 | held 2 ";
    assert!(
        description.starts_with(held) && description.ends_with(" by steps"),
        "{description}"
    );
    assert_eq!(world.serving(), all_of("1"));
    let plan = expect(world.jot(&["plan", "--detailed-exitcode"]), 2);
    assert!(plan.stdout.contains("stays at version 1"), "{plan:#?}");

    world.project.write("app/defect", "none, any more\n");
    let (ended, calls) = world.apply_under_load();
    expect(ended, 0);
    let versions: Vec<&str> = calls.keys().map(String::as_str).collect();
    assert_eq!(versions, ["1", "3"], "{calls:?}");
    assert!(calls.values().all(|calls| calls.failed == 0), "{calls:?}");
    assert!(calls["3"].all >= 30, "{calls:?}");
    let released = ("3".into(), json!({}), "release 3 of 3,1".into());
    assert_eq!(seen::alias(&world.stack, "orders"), released);
    assert_eq!(world.serving(), all_of("3"));
    expect(world.jot(&["plan", "--detailed-exitcode"]), 0);
}
