//! Cost of an empty plan: wall time, CPU time, peak memory and requests, for one function with
//! role, log group and alias, on a separate ministack. Run it with `scripts/bench plan`.

use std::process::ExitCode;

#[path = "support/cost.rs"]
mod cost;
#[allow(dead_code)]
#[path = "../tests/support/proxy.rs"]
mod proxy;
#[allow(dead_code, unused_imports)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

use cost::Cost;
use support::{Project, Stack};

/// Number of runs of each command; the first three warm up the emulator and do not count.
const RUNS: usize = 33;
const WARM_UP: usize = 3;

fn main() -> ExitCode {
    cost::main(bench)
}

fn bench() {
    let stack = Stack::start();
    let project = Project::new(&stack, "bench");
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    project.manifest(
        "[functions.increment-vector]\n\
         julia = { source = \"increment_vector.jl\", argument_type = \"Vector{Int}\", \
         version = \"1.5\" }\n\
         tests = [{ argument = [1, 2, 3], expected = [2, 3, 4] }]\n",
    );
    let applied = project.run(&["apply", "--yes"]);
    assert_eq!(applied.status, Some(0), "{}", applied.stderr);
    stack.proxy.reset();
    let plan = project.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.status, Some(0), "{}{}", plan.stdout, plan.stderr);
    let requests: u64 = stack.proxy.counts().values().sum();

    // The contenders take turns, so that other load on the machine affects both.
    let (mut version, mut no_op) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        version.push(cost::of(&project.jot(), &["--version"]));
        no_op.push(cost::of(&project.jot(), &["plan", "--detailed-exitcode"]));
    }
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{} processors, {} runs each, median (slowest)\n",
        cpus,
        RUNS - WARM_UP
    );
    println!("command         wall                CPU                 memory     requests");
    row("jot --version", &version[WARM_UP..], 0);
    row("jot plan", &no_op[WARM_UP..], requests);
}

fn row(name: &str, costs: &[Cost], requests: u64) {
    println!(
        "{name:<15} {:<19} {:<19} {:<10} {requests}",
        cost::spread(costs, |cost| cost.wall),
        cost::spread(costs, |cost| cost.cpu),
        cost::memory(costs),
    );
}
