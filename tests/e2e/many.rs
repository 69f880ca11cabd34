//! Sixty functions: too many to be observed one by one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    crowd,
    story::{self, changes, expect},
    support::{Project, Stack, http, ran, seen},
};

const FUNCTIONS: usize = 60;

/// A project of sixty functions that share one image, all in the state after an apply.
fn sixty(stack: &Stack) -> Project {
    let project = Project::new(stack, "many");
    project.write("answer.jl", "answer(x) = x\n");
    alike(&project, FUNCTIONS, |_| String::new());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(crowd::make(&project.path().join("jot.toml"), true));
    project
}

/// Writes a manifest of this many functions that share one image, each with these further tables.
fn alike(project: &Project, functions: usize, more: impl Fn(usize) -> String) {
    let functions: String = (0..functions)
        .map(|n| format!("[functions.{}]\n{}", name(project, n), more(n)))
        .collect();
    project.manifest(&format!(
        "[defaults]\nhandler = \"answer\"\nmemory_mb = 512\n\
         julia = {{ source = \"answer.jl\", argument_type = \"Int\", version = \"1.5\" }}\n\
         {functions}"
    ));
}

/// The number of functions that get a trigger: JOT_MANY, or sixty.
fn many() -> usize {
    let many = std::env::var("JOT_MANY").ok();
    many.and_then(|many| many.parse().ok()).unwrap_or(FUNCTIONS)
}

/// Every other function is called by a bucket, the others by a queue of their own. Requests are
/// counted; with JOT_MANY times and memory are printed, for a larger number.
#[test]
fn each_of_many_functions_has_a_trigger() {
    let stack = Stack::start();
    let project = Project::new(&stack, "callers");
    project.write("answer.jl", "answer(x) = x\n");
    let count = many();
    alike(&project, count, |_| String::new());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(crowd::make(&project.path().join("jot.toml"), true));
    let here = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
        </CreateBucketConfiguration>";
    let made = http::aws_rest(&stack.behind(), "s3", ("PUT", "/incoming"), here);
    assert_eq!(made.expect("ministack answers").status, 200);
    let queue = |n: usize| format!("arn:aws:sqs:eu-west-1:000000000000:jobs-{n}");
    for n in (1..count).step_by(2) {
        let made = json!({ "QueueName": format!("jobs-{n}") });
        seen::call(&stack, "AmazonSQS.CreateQueue", &made);
    }
    alike(&project, count, |n| {
        let table = format!("[functions.{}.triggers.caller]\n", name(&project, n));
        match n % 2 {
            0 => {
                format!("{table}s3 = \"incoming\"\non = [\"ObjectCreated:*\"]\nprefix = \"{n}/\"\n")
            }
            _ => format!("{table}sqs = \"{}\"\n", queue(n)),
        }
    });
    stack.proxy.reset();
    let begun = std::time::Instant::now();
    expect(ran(project.jot().args(["apply", "--yes"])), 0);
    let applied = begun.elapsed();
    let counts = requests(&stack);
    let changed = changes(&counts);
    let (even, odd) = (count.div_ceil(2) as u64, (count / 2) as u64);
    let expected = [
        ("iam:PutRolePolicy", odd),
        ("lambda:AddPermission", even),
        ("lambda:CreateEventSourceMapping", odd),
        ("lambda:TagResource", count as u64),
        ("s3:PutBucketNotificationConfiguration", 1),
    ];
    let expected: BTreeMap<String, u64> = expected
        .map(|(name, count)| (name.to_owned(), count))
        .into();
    assert_eq!(changed, expected);
    // What was set up a moment ago is in the tags: it takes no further request.
    let begun = std::time::Instant::now();
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let planned = begun.elapsed();
    let asked = requests(&stack);
    let lists = asked.keys().filter(|name| name.ends_with("ListFunctions"));
    assert_eq!(lists.count(), 1, "{asked:?}");
    let reads = [
        "GetPolicy",
        "ListEventSourceMappings",
        "GetBucketNotificationConfiguration",
    ];
    for read in reads {
        assert!(!asked.keys().any(|name| name.ends_with(read)), "{asked:?}");
    }
    let begun = std::time::Instant::now();
    let rows = status(&project);
    let told = begun.elapsed();
    let of_status = requests(&stack);
    assert_eq!(rows.len(), count);
    let (even_row, odd_row) = (&rows[0]["triggers"], &rows[1]["triggers"]);
    assert_eq!(
        (even_row, odd_row),
        (&json!({ "s3": 1 }), &json!({ "sqs": 1 }))
    );
    let (asked, of_status) = (total(&asked), total(&of_status));
    assert_eq!(of_status, asked + 1);
    if count != FUNCTIONS {
        let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN);
        println!(
            "{count} functions: apply {applied:.1?} with {} requests, plan {planned:.1?} with \
             {asked}, status {told:.1?} with {of_status}, largest process {} MB",
            total(&counts),
            usage.expect("usage of processes").max_rss() / 1024
        );
    }
}

/// Short, and different from any other test's.
fn name(project: &Project, number: usize) -> String {
    format!("{}-{number:02}", project.name.replace("e2e-", ""))
}

/// Changes outside jot in Lambda.
fn lambda(stack: &Stack, method: &str, path: &str, body: &str) -> Value {
    let answer = http::aws_lambda(&stack.behind(), method, path, body);
    let answer = answer.expect("ministack answers");
    assert!(answer.status < 300, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// Waits until changes outside jot have settled: half a second later in ministack, which reports it
/// in the state too.
fn settled(stack: &Stack, name: &str) {
    while lambda(stack, "GET", &format!("{name}/configuration"), "")["State"] != "Active" {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// The rows of `jot status`.
fn status(project: &Project) -> Vec<Value> {
    let status = story::json(&expect(project.run(&["status", "--format", "json"]), 0));
    status["functions"].as_array().cloned().expect("rows")
}

fn total(counts: &BTreeMap<String, u64>) -> u64 {
    counts.values().sum()
}

fn requests(stack: &Stack) -> BTreeMap<String, u64> {
    let counts = stack.proxy.counts();
    stack.proxy.reset();
    counts
}

#[test]
fn unchanged_functions_are_listed_and_what_differs_is_asked_for() {
    let stack = Stack::start();
    let project = sixty(&stack);
    stack.proxy.reset();

    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    assert!(
        plan.stdout
            .contains("60 functions: taken from tags, `--refresh` asks AWS"),
        "{}",
        plan.stdout
    );
    assert!(plan.stdout.lines().count() < 6, "{}", plan.stdout);
    let counts = requests(&stack);
    assert_eq!(counts.values().sum::<u64>(), 11, "{counts:?}");
    assert_eq!(
        (
            counts["lambda:ListFunctions"],
            counts.get("lambda:GetFunction")
        ),
        (2, None)
    );

    // The clock in addition to a plan's requests.
    let rows = status(&project);
    let told = |row: &Value| {
        let fields = ["version", "in_sync", "from_tags", "state"];
        fields.map(|field| row[field].clone())
    };
    assert_eq!(rows.len(), 60);
    for row in &rows {
        assert_eq!(
            told(row),
            [json!("1"), json!("yes"), json!(true), json!("Active")]
        );
        assert_eq!(row["digest"], row["digest_in_ecr"], "{row}");
        assert!(row["age_s"].is_u64(), "{row}");
    }
    let counts = requests(&stack);
    assert_eq!(counts.values().sum::<u64>(), 11 + 1, "{counts:?}");

    // Outside jot: another memory setting, and another alias, which no list shows.
    let (memory, alias) = (name(&project, 7), name(&project, 9));
    lambda(
        &stack,
        "PUT",
        &format!("{memory}/configuration"),
        r#"{"MemorySize":256}"#,
    );
    lambda(
        &stack,
        "PUT",
        &format!("{alias}/configuration"),
        r#"{"MemorySize":256}"#,
    );
    let other = lambda(&stack, "POST", &format!("{alias}/versions"), "{}")["Version"].clone();
    lambda(
        &stack,
        "PUT",
        &format!("{alias}/configuration"),
        r#"{"MemorySize":512}"#,
    );
    lambda(
        &stack,
        "PUT",
        &format!("{alias}/aliases/live"),
        &format!(r#"{{"FunctionVersion":{other}}}"#),
    );
    settled(&stack, &memory);
    settled(&stack, &alias);

    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    assert!(
        plan.stdout.contains("memory_mb: 256 -> 512"),
        "{}",
        plan.stdout
    );
    assert!(
        plan.stdout.contains("59 functions: taken from tags"),
        "{}",
        plan.stdout
    );
    assert!(
        plan.stdout.contains("0 to create, 1 to update"),
        "{}",
        plan.stdout
    );
    assert!(!plan.stdout.contains(&alias), "{}", plan.stdout);
    let counts = requests(&stack);
    // The lists, images once more, and the one function with its alias.
    assert_eq!(counts.values().sum::<u64>(), 11 + 4, "{counts:?}");

    let rows = status(&project);
    let changed = rows.iter().find(|row| row["function"] == *memory);
    let changed = changed.expect("its row");
    let in_sync = changed["in_sync"].as_str().unwrap_or_default();
    assert!(in_sync.ends_with("to go"), "{changed}");
    assert_eq!(changed["from_tags"], false, "{changed}");
    let counts = requests(&stack);
    assert_eq!(counts.values().sum::<u64>(), 11 + 1 + 4, "{counts:?}");

    let plan = expect(
        project.run(&["plan", "--detailed-exitcode", "--refresh"]),
        2,
    );
    assert!(
        plan.stdout.contains(&memory) && plan.stdout.contains(&alias),
        "{}",
        plan.stdout
    );
    assert!(!plan.stdout.contains("taken from tags"), "{}", plan.stdout);
    let counts = requests(&stack);
    assert_eq!(counts["lambda:GetFunction"], 2 * 60, "{counts:?}");
    assert_eq!(counts["lambda:GetAlias"], 60, "{counts:?}");

    let applied = expect(project.run(&["apply", "--yes", "--refresh"]), 0);
    let changed = changes(&requests(&stack));
    let expected = [
        ("lambda:PublishVersion", 1),
        ("lambda:TagResource", 1),
        ("lambda:UpdateAlias", 1),
        ("lambda:UpdateFunctionConfiguration", 1),
    ];
    let expected: BTreeMap<String, u64> = expected
        .map(|(name, count)| (name.to_owned(), count))
        .into();
    assert_eq!(changed, expected, "{applied:#?}");
    expect(
        project.run(&["plan", "--detailed-exitcode", "--refresh"]),
        0,
    );
}

/// The functions of [`all_languages`].
const MIXED: usize = 200;

/// A project of 200 functions in every language and form, all in the state after an apply.
fn all_languages(stack: &Stack) -> Project {
    let project = Project::new(stack, "mixed");
    let kinds: [fn(&Project, usize) -> String; 6] =
        [julia, jvm, jvm_zip, native, dockerfile, shared];
    let functions: String = (0..MIXED)
        .map(|n| {
            let keys = kinds[n % kinds.len()](&project, n);
            format!("[functions.{}]\n{keys}\n", name(&project, n))
        })
        .collect();
    project.write("words/Dockerfile", "FROM scratch\nCOPY words /\n");
    project.write("words/words", "all\n");
    project.manifest(&format!("[defaults]\nmemory_mb = 512\n{functions}"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(crowd::make(&project.path().join("jot.toml"), true));
    project
}

fn julia(project: &Project, n: usize) -> String {
    project.write(format!("answer_{n}.jl"), &format!("answer(x) = x + {n}\n"));
    format!(
        "handler = \"answer\"\n\
         julia = {{ source = \"answer_{n}.jl\", argument_type = \"Int\", version = \"1.5\" }}"
    )
}

/// A Maven project of its own, as a function with these further keys of `jvm`.
fn maven(project: &Project, n: usize, keys: &str) -> String {
    let folder = format!("maven_{n}");
    project.write(format!("{folder}/pom.xml"), "<project/>\n");
    let class = format!("class Answer {{ static final int STEP = {n}; }}\n");
    project.write(format!("{folder}/src/main/java/Answer.java"), &class);
    format!("handler = \"numerics.Answer\"\njvm = {{ source = \"{folder}\"{keys} }}")
}

fn jvm(project: &Project, n: usize) -> String {
    maven(project, n, "")
}

fn jvm_zip(project: &Project, n: usize) -> String {
    maven(project, n, ", package = \"zip\"")
}

fn native(project: &Project, n: usize) -> String {
    maven(project, n, ", package = \"zip\", compile = \"native\"")
}

fn dockerfile(project: &Project, n: usize) -> String {
    let folder = format!("image_{n}");
    project.write(
        format!("{folder}/Dockerfile"),
        "FROM scratch\nCOPY answer /\n",
    );
    project.write(format!("{folder}/answer"), &format!("{n}\n"));
    format!("dockerfile = {{ source = \"{folder}\" }}")
}

/// One image for all of these, which differ in their command.
fn shared(_: &Project, n: usize) -> String {
    format!("dockerfile = {{ source = \"words\" }}\nimage = {{ command = [\"{n}\"] }}")
}

#[test]
fn two_hundred_functions_of_all_languages_are_planned_in_a_few_lists() {
    let stack = Stack::start();
    let project = all_languages(&stack);
    stack.proxy.reset();
    let mut jot = project.jot();
    jot.args(["plan", "--detailed-exitcode"]);
    let plan = expect(ran(jot.env("DOCKER_HOST", "unix:///nowhere")), 0);
    assert!(
        plan.stdout.contains("200 functions: taken from tags"),
        "{}",
        plan.stdout
    );
    let counts = requests(&stack);
    // Lists of fifty functions, manifests of a hundred archives, and each other request once.
    assert_eq!(counts["lambda:ListFunctions"], 4, "{counts:?}");
    assert_eq!(counts["ecr:BatchGetImage"], 1, "{counts:?}");
    assert_eq!(counts.values().sum::<u64>(), 16, "{counts:?}");
}
