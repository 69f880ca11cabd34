//! The fuzzers' targets on the files of `fuzz/corpus` and on mutations of them, the same ones in
//! each run. `scripts/fuzz` gives the targets to libFuzzer.

use std::{collections::BTreeSet, fmt, fs, path::Path};

use jot::fuzzing::{TARGETS, Target};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// Mutated inputs of a target.
const CASES: u32 = 256;
/// The highest number of edits of an input.
const EDITS: usize = 6;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the entries of a folder below `fuzz`, sorted.
fn names(folder: &str) -> BTreeSet<String> {
    let folder = root().join("fuzz").join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// The files of a target's corpus with their names.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("corpus/{target}");
    let files: Vec<_> = names(&folder)
        .into_iter()
        .map(|name| {
            let path = root().join("fuzz").join(&folder).join(&name);
            (name, fs::read(path).unwrap())
        })
        .collect();
    assert!(!files.is_empty(), "fuzz/{folder} has no file");
    files
}

/// An input, shown as text.
#[derive(Clone)]
struct Input(Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// A change of an input. Each place is a share of the length.
#[derive(Clone, Debug)]
enum Edit {
    /// Another byte.
    Set(Index, u8),
    /// One bit inverted.
    Flip(Index, u8),
    /// The bytes between two places removed.
    Cut(Index, Index),
    /// The bytes between two places repeated.
    Repeat(Index, Index),
    /// The rest replaced by the rest of another file.
    Join(Index, Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = any::<Index>;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (place(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (place(), place()).prop_map(|(one, other)| Edit::Cut(one, other)),
        (place(), place()).prop_map(|(one, other)| Edit::Repeat(one, other)),
        (place(), place(), place()).prop_map(|(file, at, from)| Edit::Join(file, at, from)),
    ]
}

/// Two places in order, each from 0 to the length.
fn range(one: Index, other: Index, length: usize) -> std::ops::Range<usize> {
    let (one, other) = (one.index(length + 1), other.index(length + 1));
    one.min(other)..one.max(other)
}

fn edited(mut data: Vec<u8>, edits: &[Edit], files: &[(String, Vec<u8>)]) -> Vec<u8> {
    for edit in edits {
        let length = data.len();
        match edit {
            Edit::Set(..) | Edit::Flip(..) if length == 0 => {}
            Edit::Set(at, byte) => data[at.index(length)] = *byte,
            Edit::Flip(at, bit) => data[at.index(length)] ^= 1_u8 << *bit,
            Edit::Cut(one, other) => drop(data.drain(range(*one, *other, length))),
            Edit::Repeat(one, other) => {
                let range = range(*one, *other, length);
                let again = data[range.clone()].to_vec();
                data.splice(range.end..range.end, again);
            }
            Edit::Join(file, at, from) => {
                let (_, other) = file.get(files);
                data.truncate(at.index(length + 1));
                data.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
    data
}

/// Calls a target with each file of its corpus, then with mutations of them.
fn hold(name: &str) {
    let (_, target): (&str, Target) = *TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let files = corpus(name);
    for (file, data) in &files {
        eprintln!("fuzz/corpus/{name}/{file}");
        target(data);
    }
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let of = files.clone();
    let inputs = (any::<Index>(), prop::collection::vec(edit(), 1..=EDITS)).prop_map(
        move |(file, edits)| {
            let (_, data) = file.get(&of);
            Input(edited(data.clone(), &edits, &of))
        },
    );
    let held = TestRunner::new_with_rng(config, rng).run(&inputs, |input| {
        target(&input.0);
        Ok(())
    });
    if let Err(broken) = held {
        panic!("{name}: {broken}");
    }
}

#[test]
fn stages_of_dockerfiles() {
    hold("dockerfile");
}

#[test]
fn ignore_files() {
    hold("ignore");
}

#[test]
fn log_lines() {
    hold("logs");
}

#[test]
fn manifests() {
    hold("manifest");
}

#[test]
fn saved_plans() {
    hold("plan");
}

#[test]
fn answers_of_registries() {
    hold("registry");
}

#[test]
fn every_target_has_a_fuzzer_and_a_corpus() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("corpus"), targets, "folders of fuzz/corpus");
    let files: BTreeSet<String> = targets.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names("fuzz_targets"), files, "files of fuzz/fuzz_targets");
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for name in &targets {
        let binary = format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
        assert!(manifest.contains(&binary), "fuzz/Cargo.toml lacks {name}");
        let file = root().join(format!("fuzz/fuzz_targets/{name}.rs"));
        let file = fs::read_to_string(file).unwrap();
        let call = format!("jot::fuzzing::{name}(data)");
        assert!(file.contains(&call), "{name}.rs does not call {call}");
    }
    let this = fs::read_to_string(root().join("tests/fuzz.rs")).unwrap();
    for name in &targets {
        let call = format!("hold(\"{name}\");");
        assert!(this.contains(&call), "no test here holds {name}");
    }
}
