//! `jot init --from PATH` on projects, templates and states of the kinds that users have.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jot::carry::{Error, Manifest, carry_over};
use proptest::prelude::*;

/// A copy of a fixture's folder, so that the output contains no path of this machine.
struct Fixture {
    _root: tempfile::TempDir,
    folder: PathBuf,
}

impl Fixture {
    fn path(&self) -> &Path {
        &self.folder
    }
}

fn fixture(name: &str) -> Fixture {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/carry")
        .join(name);
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join(name);
    copy(&from, &folder);
    Fixture {
        _root: root,
        folder,
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// The manifest for `path` of a fixture, written next to it.
fn carried(name: &str, path: &str) -> Manifest {
    let folder = fixture(name);
    let carried = carry_over(&folder.path().join(path), folder.path(), None).unwrap();
    carried.text.parse::<toml::Table>().unwrap();
    assert!(!carried.text.contains("comment of a user"));
    carried
}

/// The text, the notes and the functions to adopt, in one snapshot.
fn shown(carried: &Manifest) -> String {
    let notes: Vec<_> = carried
        .notes
        .iter()
        .map(|note| format!("- {note}"))
        .collect();
    let deployed = carried.deployed.join(" ");
    format!(
        "{}\n--- notes\n{}\n--- deployed\n{deployed}\n",
        carried.text,
        notes.join("\n")
    )
}

#[test]
fn a_leiningen_project() {
    insta::assert_snapshot!(shown(&carried("leiningen", "project.clj")));
}

#[test]
fn a_maven_project_of_several_modules() {
    let folder = fixture("maven");
    let carried = carry_over(folder.path(), folder.path(), Some("store")).unwrap();
    insta::assert_snapshot!(shown(&carried));
}

#[test]
fn a_gradle_project_in_kotlin() {
    insta::assert_snapshot!(shown(&carried("gradle", "build.gradle.kts")));
}

#[test]
fn a_tools_deps_project_whose_handler_is_a_method() {
    insta::assert_snapshot!(shown(&carried("deps", "deps.edn")));
}

#[test]
fn an_sbt_project_without_a_handler() {
    insta::assert_snapshot!(shown(&carried("sbt", "build.sbt")));
}

#[test]
fn a_sam_template_with_globals() {
    let carried = carried("sam", "template.yaml");
    insta::assert_snapshot!(shown(&carried));
    assert!(!shown(&carried).contains("do-not-write"));
}

/// A template with a function that is called in every way that jot.toml has.
const CALLED: &str = r#"Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
      ImageUri: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders@sha256:<digest>
      AutoPublishAlias: serving
      FunctionUrlConfig: { AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM }
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 }
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig:
          OnFailure: { Destination: "arn:aws:sqs:eu-west-1:123456789012:failed" }
      Events:
        jobs:
          Type: SQS
          Properties:
            Queue: arn:aws:sqs:eu-west-1:123456789012:jobs
            BatchSize: 10
            FilterCriteria: { Filters: [{ Pattern: '{"body": {"kind": ["order"]}}' }] }
        told:
          Type: SNS
          Properties:
            Topic: arn:aws:sns:eu-west-1:123456789012:told
            FilterPolicy: { kind: [order] }
            FilterPolicyScope: MessageBody
        counted:
          Type: SNS
          Properties:
            Topic: "arn:aws:sns:eu-west-1:123456789012:told"
            FilterPolicy: { number: [{ numeric: ["=", 1] }] }
        rule:
          Type: EventBridgeRule
          Properties: { EventBusName: shop, Pattern: { source: [orders] } }
        nightly:
          Type: ScheduleV2
          Properties: { ScheduleExpression: rate(1 day), Input: '{"all": true}' }
        others: { Type: SQS, Properties: { Queue: !GetAtt Others.Arn } }
"#;

#[test]
fn what_calls_a_function_is_written_where_it_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("template.yaml");
    fs::write(&file, CALLED.replace("<digest>", &"1a".repeat(32))).unwrap();
    let carried = carry_over(&file, folder.path(), Some("shop")).unwrap();
    let incomplete = "# Complete this table, then remove the `#` before each of its lines.\n\
                      # [functions.Orders.triggers.others]\n# sqs = \"!GetAtt Others.Arn\"\n";
    assert!(carried.text.contains(incomplete), "{}", carried.text);
    let path = folder.path().join("jot.toml");
    let loaded = jot::manifest::read(&path, &carried.text, None).unwrap();
    let orders = &loaded.manifest.functions["Orders"];
    assert!(orders.url.as_ref().unwrap().streaming);
    assert_eq!(orders.asynchronous.as_ref().unwrap().retries, Some(1));
    assert_eq!(orders.deploy.provisioned_concurrency, Some(2));
    let jobs = &orders.triggers.as_ref().unwrap()["jobs"];
    let kinds = &jobs.filters.as_ref().unwrap()[0]["body"]["kind"];
    assert_eq!(kinds.to_string(), "[\"order\"]");
    let triggers = orders.triggers.as_ref().unwrap();
    let names: Vec<&str> = triggers.keys().map(String::as_str).collect();
    assert_eq!(names, ["jobs", "nightly", "rule", "told"]);
    let input = triggers["nightly"].input.as_ref().unwrap();
    assert_eq!(input.to_string(), "{\"all\":true}");
    let pattern = triggers["rule"].event_pattern.as_ref().unwrap();
    assert_eq!(pattern["source"].to_string(), "[\"orders\"]");
    assert_eq!(triggers["rule"].bus.as_deref(), Some("shop"));
    let told = &triggers["told"];
    assert_eq!(
        told.filter_policy.as_ref().unwrap()["kind"].to_string(),
        "[\"order\"]"
    );
    assert!(
        format!("{:?}", told.filter_scope).contains("Body"),
        "{told:?}"
    );
    // A YAML number may be a text: the user has to decide.
    assert!(
        carried
            .text
            .contains("# [functions.Orders.triggers.counted]"),
        "{}",
        carried.text
    );
}

#[test]
fn a_template_in_json_becomes_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n\
        \x20     Runtime: java17\n      Handler: a.B\n      Role: !Ref R\n";
    let json = r#"{"Resources": {"A": {"Type": "AWS::Lambda::Function",
        "Properties": {"Runtime": "java17", "Handler": "a.B", "Role": {"Ref": "R"}}}}}"#;
    let read = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        carry_over(&file, folder.path(), Some("p")).unwrap()
    };
    assert_eq!(read("t.yaml", yaml), read("t.json", json));
}

#[test]
fn a_state_of_terraform() {
    let carried = carried("terraform", "state.json");
    insta::assert_snapshot!(shown(&carried));
    assert!(!shown(&carried).contains("do-not-write"));
}

#[test]
fn a_plan_of_terraform() {
    insta::assert_snapshot!(shown(&carried("terraform", "plan.json")));
}

#[test]
fn a_project_of_julia_aws_lambda_image() {
    let folder = fixture("julia");
    let carried = carry_over(&folder.path().join("config.json"), folder.path(), None).unwrap();
    insta::assert_snapshot!(shown(&carried));
    let path = folder.path().join("jot.toml");
    fs::write(&path, &carried.text).unwrap();
    let loaded = jot::manifest::load(&path, None).unwrap();
    assert_eq!(loaded.manifest.functions["adds"].memory_mb, Some(128));
}

const ALL: [(&str, &str); 8] = [
    ("leiningen", "project.clj"),
    ("maven", "pom.xml"),
    ("gradle", "build.gradle.kts"),
    ("deps", "deps.edn"),
    ("sbt", "build.sbt"),
    ("sam", "template.yaml"),
    ("terraform", "state.json"),
    ("terraform", "plan.json"),
];

/// Loads the manifest made from a fixture, changed as a user would or as a test needs.
fn load((name, path): (&str, &str), change: impl Fn(&str) -> String) {
    let folder = fixture(name);
    let carried = carry_over(&folder.path().join(path), folder.path(), None).unwrap();
    let target = folder.path().parent().unwrap().join("loader/target");
    fs::create_dir_all(&target).unwrap();
    fs::write(target.join("loader.jar"), "").unwrap();
    fs::write(folder.path().join("Dockerfile"), "FROM scratch\n").unwrap();
    fs::write(folder.path().join("x.jl"), "f(x) = x\n").unwrap();
    let lines: Vec<_> = carried.text.lines().map(change).collect();
    let manifest = folder.path().join("jot.toml");
    fs::write(&manifest, lines.join("\n")).unwrap();
    if let Err(error) = jot::manifest::load(&manifest, None) {
        panic!("{name}: {:?}", miette::Report::new(error));
    }
}

/// Every setting is one that `jot check` accepts. A Julia script replaces the languages.
#[test]
fn settings_pass_the_check() {
    let julia = "julia = { source = \"x.jl\", argument_type = \"Int\" }\nhandler = \"f\"";
    for fixture in ALL {
        load(fixture, |line| {
            let language = ["jvm = ", "dockerfile = ", "# dockerfile = "];
            if language.iter().any(|table| line.starts_with(table)) {
                return julia.to_owned();
            }
            let dropped = ["handler = ", "build.args", "layers = "];
            if dropped.iter().any(|key| line.starts_with(key)) {
                String::new()
            } else {
                line.to_owned()
            }
        });
    }
}

/// Every manifest is one that `jot check` accepts.
/// If the source does not name the code, the user chooses one of the two that are commented out.
#[test]
fn what_is_written_passes_the_check() {
    for fixture in ALL {
        load(fixture, |line| match line.strip_prefix("# ") {
            Some(chosen @ "handler = \"package.Class\"") => chosen.to_owned(),
            Some(chosen) if chosen.starts_with("dockerfile = ") => chosen.to_owned(),
            _ => line.to_owned(),
        });
    }
}

#[test]
fn a_manifest_elsewhere_names_the_source_by_its_way_there() {
    let folder = fixture("gradle");
    let beside = folder.path().join("src");
    let from_beside = carry_over(folder.path(), &beside, None).unwrap();
    assert!(
        from_beside.text.contains("source = \"..\""),
        "{}",
        from_beside.text
    );
    let above = folder.path().parent().unwrap();
    let from_above = carry_over(folder.path(), above, None).unwrap();
    assert!(from_above.text.contains("source = \"gradle\""));
}

/// The message for a file with this name and content.
fn error(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, content).unwrap();
    let error = carry_over(&file, folder.path(), None).unwrap_err();
    let said = format!("{error}\n{}", help(&error));
    said.replace(&format!("{}/", folder.path().display()), "")
}

fn help(error: &Error) -> String {
    miette::Diagnostic::help(error)
        .map(|help| help.to_string())
        .unwrap_or_default()
}

#[test]
fn what_cannot_be_carried_over_is_an_error_that_says_what_to_do() {
    let cases = [
        error("template.yaml", "Resources:\n  A: [1\n  B: }\n"),
        error("template.yaml", "Resources:\n\tA: 1\n"),
        error("template.yaml", "Outputs: {}\n"),
        error(
            "template.yaml",
            "Resources:\n  A:\n    Type: AWS::Lambda::Function\n\
             \x20   Properties: {Runtime: nodejs22.x}\n",
        ),
        error(
            "template.yaml",
            "Resources:\n  A: {Type: AWS::S3::Bucket}\n",
        ),
        error("project.clj", "(defproject a \"1\"\n  :x [1 2)"),
        error("project.clj", "(defproject a \"1"),
        error("deps.edn", "{:deps {}}}"),
        error("pom.xml", "<project>\n  <artifactId>a</project>"),
        error("state.json", "{\"format_version\": \"1.0\",\n \"values\": "),
        error("state.json", "{\"format_version\": \"1.0\"}"),
        error(
            "terraform.tfstate",
            "{\"version\": 4, \"serial\": 1, \"lineage\": \"x\"}",
        ),
        error("plan.out", b"PK\x03\x04\xff"),
        error("state.json", b"\xff\xfe{\0}\0"),
        error("pom.xml", b"<project>\xff</project>"),
        error("config.json", "[1]"),
        error("config.json", "{\"port\": 8080}"),
        error(
            "plan.json",
            "{\"format_version\": 1, \"jot_version\": \"0.1.0\"}",
        ),
        error("package.json", "{\"name\": \"x\"}"),
        error("notes.txt", "hello"),
    ];
    insta::assert_snapshot!(cases.join("\n\n"));
    let folder = tempfile::tempdir().unwrap();
    for (path, wanted) in [(".", "no project file"), ("absent.yaml", "cannot read")] {
        let error = carry_over(&folder.path().join(path), folder.path(), None).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

/// Files of every kind that a reader takes, to be damaged.
const FIXTURES: [&str; 7] = [
    "leiningen/project.clj",
    "maven/pom.xml",
    "deps/deps.edn",
    "sam/template.yaml",
    "terraform/state.json",
    "terraform/plan.json",
    "julia/config.json",
];

/// Tokens with a meaning in one of the formats.
const SIGNS: &[u8] = b"{}[]()\"'<>:!&*#~^`@,-%|\n\t\\";

/// Reads a file with this name and content: it must not panic, and the output must be TOML.
fn survives(name: &str, content: &[u8]) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(Path::new(name).file_name().unwrap());
    fs::write(&file, content).unwrap();
    match carry_over(&file, folder.path(), None) {
        Ok(carried) => {
            let parsed = carried.text.parse::<toml::Table>();
            prop_assert!(parsed.is_ok(), "{}", carried.text);
        }
        Err(error) => prop_assert!(!help(&error).is_empty(), "{error}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_files_end_in_an_error_or_a_manifest(
        which in 0..FIXTURES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..12),
    ) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/carry");
        let mut content = fs::read(root.join(FIXTURES[which])).unwrap();
        for (at, kind, byte) in edits {
            if content.is_empty() {
                break;
            }
            let at = at.index(content.len());
            let sign = SIGNS[usize::from(byte) % SIGNS.len()];
            match kind {
                0 => content[at] = sign,
                1 => content.insert(at, sign),
                2 => drop(content.remove(at)),
                _ => {
                    let end = (at + byte as usize).min(content.len());
                    let piece = content[at..end].to_vec();
                    let to = content.len() / 2;
                    content.splice(to..to, piece);
                }
            }
        }
        survives(FIXTURES[which], &content)?;
    }

    #[test]
    fn any_bytes_end_in_an_error_or_a_manifest(
        which in 0..FIXTURES.len(),
        content in prop::collection::vec(any::<u8>(), 0..200),
        text in "[\\[\\]{}()<>\"':!&*#~^`@,.%|\\\\ \n\ta-z0-9-]{0,200}",
    ) {
        survives(FIXTURES[which], &content)?;
        survives(FIXTURES[which], text.as_bytes())?;
    }

    #[test]
    fn any_sources_are_survived(
        text in "(class|implements|package|object|RequestHandler|ns|gen-class\
            |[{}()\\[\\]<>;:.\"'/*\\\\#^ \n]|[a-c]){0,60}",
    ) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["A.java", "a.kt", "a.scala", "a.clj", "build.sbt"] {
            fs::write(folder.path().join(name), &text).unwrap();
        }
        let carried = carry_over(folder.path(), folder.path(), None).unwrap();
        prop_assert!(carried.text.parse::<toml::Table>().is_ok(), "{}", carried.text);
    }
}

#[test]
fn depth_ends_no_process() {
    for (name, unit) in [
        ("project.clj", "("),
        ("project.clj", "'"),
        ("project.clj", "#_"),
        ("project.clj", "^"),
        ("pom.xml", "<a>"),
        ("template.yaml", "["),
        ("template.yaml", "{a: "),
        ("state.json", "["),
        ("state.json", "{\"a\":"),
    ] {
        let _ = error(name, unit.repeat(100_000));
    }
    let deep = (0..3000).map(|depth| format!("{}a:\n", " ".repeat(depth)));
    let _ = error("template.yaml", deep.collect::<String>());
}
