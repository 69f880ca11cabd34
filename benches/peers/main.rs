//! Cost of a deployment compared with other tools: jot, a script around the AWS CLI, `sam deploy`
//! and `terraform apply`, each with its own function in one emulator, behind one counting proxy.
//! They take turns within every round, so that other load on the machine affects all of them. Run
//! it with `scripts/bench peers`; `--rounds 1` is the short form.

use std::{
    env,
    time::{Duration, Instant},
};

use nix::sys::resource::{UsageWho, getrusage};
use serde_json::{Value, json};

#[path = "../support/machine.rs"]
mod machine;
#[path = "../../tests/support/proxy.rs"]
#[allow(dead_code)]
mod proxy;
#[path = "../../tests/e2e/support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;

mod contender;
mod source;
mod table;
mod versions;

use contender::Contender;
use support::{Stack, http};
use table::Cost;

const ROUNDS: usize = 5;

/// The kind of deployment.
#[derive(Clone, Copy)]
enum Change {
    Nothing,
    OneLine,
}

fn main() {
    let rounds = rounds();
    let stack = Stack::start();
    let source = source::Source::new(&stack);
    let (mut contenders, absent) = contender::all(&stack, &source);
    println!("{}", machine::line());
    println!("{}\n{}\n", versions::describe(&contenders), machine::load());
    for change in [Change::Nothing, Change::OneLine] {
        let mut rows = Vec::new();
        rows.resize_with(contenders.len(), Vec::new);
        for round in 0..rounds {
            for turn in 0..contenders.len() {
                // Each round begins with another contender.
                let at = (round + turn) % contenders.len();
                eprintln!("round {} of {rounds}: {}", round + 1, contenders[at].name);
                rows[at].push(measure(&stack, &mut contenders[at], change));
            }
        }
        let title = match change {
            Change::Nothing => "nothing changed",
            Change::OneLine => "one line changed",
        };
        let names = contenders.iter().map(|one| one.name);
        println!("{title}\n{}", table::render(names.zip(&rows), &absent));
    }
    println!("{}\n{rounds} rounds; {}", table::NOTES, machine::load());
}

fn rounds() -> usize {
    let mut after = env::args().skip_while(|argument| argument != "--rounds");
    match after.nth(1).map(|number| number.parse()) {
        Some(Ok(rounds @ 1..)) => rounds,
        None => ROUNDS,
        Some(_) => panic!("--rounds takes a number from 1 on"),
    }
}

/// One deployment, after which the function must answer according to its sources.
fn measure(stack: &Stack, contender: &mut Contender, change: Change) -> Cost {
    if let Change::OneLine = change {
        contender.change();
    }
    let before = revision(stack, contender);
    stack.proxy.reset();
    let (began, used) = (Instant::now(), children());
    let output = contender::succeed(&mut contender.deploy());
    let (wall, cpu) = (began.elapsed(), children() - used);
    let (requests, uploads) = (stack.proxy.counts(), stack.proxy.uploads());
    let updated = revision(stack, contender) != before;
    let answer = invoke(stack, contender);
    assert_eq!(
        answer,
        json!(contender.expected()),
        "{} deployed something else",
        contender.name
    );
    Cost {
        wall,
        cpu,
        tests: tests(&output),
        requests,
        uploaded: uploads.bytes,
        updated,
    }
}

/// CPU time of the finished child processes of this one, and of theirs.
fn children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage of children");
    let micros = |time: nix::sys::time::TimeVal| time.tv_sec() * 1_000_000 + time.tv_usec();
    let micros = micros(usage.user_time()) + micros(usage.system_time());
    Duration::from_micros(u64::try_from(micros).expect("time is not negative"))
}

/// The time of jot's two gates, which the other tools lack, from its events.
fn tests(output: &str) -> Duration {
    let events = output
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let gates = events.filter(|event| {
        event["event"] == "finished"
            && event["step"]
                .as_str()
                .is_some_and(|step| step.contains("test"))
    });
    Duration::from_millis(gates.filter_map(|event| event["millis"].as_u64()).sum())
}

/// Lambda's revision of the function's code and configuration, requested without the proxy.
fn revision(stack: &Stack, contender: &Contender) -> Value {
    let path = format!(
        "/2015-03-31/functions/{}/configuration",
        contender.function()
    );
    lambda(stack, "GET", &path, "")["RevisionId"].clone()
}

fn invoke(stack: &Stack, contender: &Contender) -> Value {
    let path = format!("/2015-03-31/functions/{}/invocations", contender.invoked());
    lambda(stack, "POST", &path, "[1, 2, 3]")
}

/// The emulator reads region and service from the signature, but does not verify it.
fn lambda(stack: &Stack, method: &str, path: &str, body: &str) -> Value {
    let signature = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/lambda/aws4_request, \
                     SignedHeaders=host, Signature=0";
    let headers = [("authorization", signature)];
    let answer = http::request(&stack.behind(), method, path, &headers, body.as_bytes())
        .expect("ministack answers");
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{path}: {}", answer.text()))
}
