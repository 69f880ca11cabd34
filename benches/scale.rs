//! Cost of an empty plan for 1, 100 and 1,000 functions, each with its own responder, role, log
//! group and alias, on a separate ministack; and cost of a context of 50,000 files and 1 GB, the
//! first and the second time. Run it with `scripts/bench scale`.

use std::{
    fs,
    path::Path,
    process::ExitCode,
    time::{Duration, SystemTime},
};

#[path = "support/cost.rs"]
mod cost;
#[allow(dead_code)]
#[path = "../tests/support/crowd.rs"]
mod crowd;
#[path = "support/machine.rs"]
mod machine;
#[allow(dead_code)]
#[path = "../tests/support/proxy.rs"]
mod proxy;
#[allow(dead_code, unused_imports)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

use cost::Cost;
use support::{Project, Stack};

/// Number of runs of each plan; the first one warms up the emulator and does not count.
const RUNS: usize = 6;
/// The context: number of files, and bytes of each.
const FILES: usize = 50_000;
const BYTES: usize = 20_000;

fn main() -> ExitCode {
    cost::main(|| {
        println!("{}\n{}\n", machine::line(), machine::load());
        functions();
        context();
    })
}

fn functions() {
    println!("{} runs each, median (slowest)\n", RUNS - 1);
    println!("functions  wall                    CPU                     memory     requests");
    for count in [1, 100, 1000] {
        let stack = Stack::start();
        let project = many(&stack, count);
        let mut costs = Vec::new();
        for _ in 0..RUNS {
            stack.proxy.reset();
            costs.push(cost::of(&project.jot(), &["plan", "--detailed-exitcode"]));
        }
        let counts = stack.proxy.counts();
        let requests: u64 = counts.values().sum();
        row(&count.to_string(), &costs[1..], &requests.to_string());
        if count == 1000 {
            println!("\n{counts:#?}\n");
        }
    }
}

/// A project with this many functions, each with its own script, in the state after an apply.
fn many(stack: &Stack, count: usize) -> Project {
    let project = Project::new(stack, "scale");
    let mut functions =
        "[defaults]\nmemory_mb = 512\nlogging = { retention_days = 30 }\n".to_owned();
    for number in 0..count {
        let script = format!("responder_{number:04}.jl");
        project.write(&script, &format!("answer(x) = x + {number}\n"));
        functions += &format!(
            "[functions.responder-{number:04}]\nhandler = \"answer\"\n\
             julia = {{ source = \"{script}\", argument_type = \"Int\", version = \"1.5\" }}\n\
             environment = {{ LOG_LEVEL = \"info\", NUMBER = \"{number}\" }}\n\
             tests = [{{ argument = 1, expected = {} }}]\n",
            number + 1
        );
    }
    project.manifest(&functions);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(crowd::make(&project.path().join("jot.toml"), true));
    project
}

/// `jot check` with a package of many files: the first run hashes them, the second only reads their
/// metadata.
fn context() {
    let stack = Stack::start();
    let project = Project::new(&stack, "context");
    package(&project);
    let mut costs = Vec::new();
    for _ in 0..2 {
        costs.push(cost::of(&project.jot(), &["check"]));
    }
    println!(
        "{FILES} files, {:.1} GB   wall                    CPU                     memory",
        (FILES * BYTES) as f64 / 1e9
    );
    for (name, cost) in ["first time", "second time"].into_iter().zip(&costs) {
        row(name, &[*cost], "");
    }
    let looked = project.run(&["check", "-vv"]);
    assert!(looked.stderr.contains("read=0"), "{}", looked.stderr);
    let share = costs[1].wall.as_secs_f64() / costs[0].wall.as_secs_f64();
    println!("\nthe second time takes {:.1}% of the first", share * 100.0);
}

fn package(project: &Project) {
    project.manifest(
        "[functions.big]\nhandler = \"answer\"\n\
         julia = { source = \"big\", argument_type = \"Int\", version = \"1.5\" }\n",
    );
    project.write(
        "big/Project.toml",
        "name = \"Big\"\nuuid = \"6f0d5c1e-0f6c-4a43-9d6b-0c1f3a2b4d5e\"\n",
    );
    project.write("big/src/Big.jl", "module Big\nanswer(x) = x\nend\n");
    let mut bytes = vec![0; BYTES];
    for number in 0..FILES {
        let folder = project.path().join(format!("big/data/{:03}", number / 200));
        if number % 200 == 0 {
            fs::create_dir_all(&folder).expect("a folder");
        }
        bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
        file(&folder.join(format!("{number:05}.bin")), &bytes);
    }
}

fn file(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("a file");
    let file = fs::File::options()
        .write(true)
        .open(path)
        .expect("the file");
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    file.set_modified(yesterday).expect("its time");
}

fn row(name: &str, costs: &[Cost], requests: &str) {
    println!(
        "{name:<10} {:<23} {:<23} {:<10} {requests}",
        cost::spread(costs, |cost| cost.wall),
        cost::spread(costs, |cost| cost.cpu),
        cost::memory(costs),
    );
}
