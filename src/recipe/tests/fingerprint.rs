//! What a fingerprint depends on, and what not.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::{
    model::{ContextFile, Form, Recipe, RecipeRole, recipe::INPUT_REFERENCE, value::EnvValue},
    recipe::{
        Error,
        context::made,
        draft::Draft,
        fingerprint::{Setting, seal},
    },
};

/// A recipe before it is sealed.
#[derive(Clone, Debug)]
struct Sample {
    draft: Draft,
    setting: Setting,
}

impl Sample {
    fn seal(&self) -> Recipe {
        seal(self.draft.clone(), None, self.setting.clone()).unwrap()
    }

    fn file(&mut self, index: usize) -> &mut ContextFile {
        let count = self.draft.files.len();
        &mut self.draft.files[index % count].1
    }
}

/// Nothing of the user's.
fn setting() -> Setting {
    Setting {
        role: RecipeRole::Code,
        form: Form::Image,
        platform: String::new(),
        reference: None,
        args: BTreeMap::new(),
        network: None,
        secrets: BTreeMap::new(),
        ssh: BTreeMap::new(),
        labels: BTreeMap::new(),
        title: String::new(),
        native: false,
    }
}

const PARTS: [&str; 3] = ["source", "runtime", "exemplar"];

fn texts() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map("[A-Z]{1,4}", "[a-z=]{0,4}", 0..3)
}

prop_compose! {
    fn recipe()(
        files in prop::collection::btree_map(
            "[a-c]{1,3}(/[a-c]{1,2})?",
            (any::<Vec<u8>>(), any::<bool>(), 0..3usize),
            1..6,
        ),
        dockerfile in ".{0,20}",
        own in texts(),
        args in texts(),
        reference in prop::option::of("[a-z]{1,5}:[0-9]"),
    ) -> Sample {
        let files = files
            .into_iter()
            .map(|(path, (bytes, x, part))| (PARTS[part], made(path, x, bytes)))
            .collect();
        let setting = Setting { platform: "linux/amd64".to_owned(), reference, args, ..setting() };
        Sample { draft: Draft { dockerfile, files, args: own, ..Draft::default() }, setting }
    }
}

/// Changes one thing that decides the content of an image.
fn changed(recipe: &Sample, what: usize, index: usize) -> Sample {
    let mut other = recipe.clone();
    match what {
        0 => {
            let file = other.file(index);
            let crate::model::Content::Bytes(bytes) = file.content.clone() else {
                unreachable!()
            };
            let mut bytes = bytes.into_owned();
            bytes.push(0);
            *file = made(file.path.clone(), file.executable, bytes);
        }
        1 => other.file(index).path.push('z'),
        2 => {
            let file = other.file(index);
            file.executable = !file.executable;
        }
        3 => drop(other.setting.args.insert("new".to_owned(), String::new())),
        4 => drop(other.draft.args.insert("own".to_owned(), String::new())),
        5 => other.draft.dockerfile.push('\n'),
        6 => other.setting.platform = "linux/arm64".to_owned(),
        7 => other.setting.reference = Some("Other:1".to_owned()),
        8 => drop(other.draft.files.remove(index % other.draft.files.len())),
        _ => other
            .draft
            .files
            .push(("source", made("new", false, Vec::new()))),
    }
    other
}

proptest! {
    #[test]
    fn whatever_decides_the_content_changes_it(
        recipe in recipe(),
        what in 0..10usize,
        index in any::<usize>(),
    ) {
        let (before, after) = (recipe.seal(), changed(&recipe, what, index).seal());
        prop_assert_ne!(&before.fingerprint, &after.fingerprint);
        prop_assert_ne!(before.inputs, after.inputs, "no part shows it");
    }

    #[test]
    fn the_order_of_files_does_not(recipe in recipe(), seed in any::<u64>()) {
        let mut other = recipe.clone();
        other.draft.files.sort_by_key(|(_, file)| {
            (seed.wrapping_mul(file.path.len() as u64 + 7), file.sha256.clone())
        });
        prop_assert_eq!(recipe.seal(), other.seal());
    }

    #[test]
    fn labels_secrets_network_and_title_do_not(recipe in recipe(), text in "[a-z]{1,9}") {
        let mut other = recipe.clone();
        other.setting.labels.insert(text.clone(), text.clone());
        other.setting.secrets.insert(text.clone(), EnvValue::Plain(text.clone()));
        other.setting.ssh.insert(text.clone(), None);
        other.setting.network = Some(text.clone());
        other.setting.title = text;
        other.setting.native = true;
        let (before, after) = (recipe.seal(), other.seal());
        prop_assert_eq!((before.fingerprint, before.inputs), (after.fingerprint, after.inputs));
    }

    #[test]
    fn the_base_below_changes_the_responder(
        below in recipe(),
        above in recipe(),
        what in 0..10usize,
    ) {
        let on = |base: &Sample| {
            seal(above.draft.clone(), Some(&base.seal()), above.setting.clone()).unwrap()
        };
        let (before, after) = (on(&below), on(&changed(&below, what, 0)));
        prop_assert_ne!(before.fingerprint, after.fingerprint);
        prop_assert_ne!(before.inputs, after.inputs);
    }
}

fn small() -> Sample {
    let files = vec![
        ("runtime", made("run.jl", true, b"run".to_vec())),
        ("source", made("a.jl", false, b"a".to_vec())),
    ];
    Sample {
        draft: Draft {
            dockerfile: "FROM julia:1.5\n".to_owned(),
            files,
            ..Draft::default()
        },
        setting: Setting {
            platform: "linux/amd64".to_owned(),
            reference: Some("julia:1.5".to_owned()),
            args: BTreeMap::from([("A".to_owned(), "1".to_owned())]),
            ..setting()
        },
    }
}

/// A fingerprint outlives the jot that computed it: this one may change only with the name
/// `dev.jot.recipe.v1`.
#[test]
fn the_encoding_stays_as_it_is() {
    use sha2::{Digest, Sha256};
    let mut bytes = Vec::new();
    let count = |bytes: &mut Vec<u8>, count: u64| bytes.extend(count.to_le_bytes());
    let text = |bytes: &mut Vec<u8>, text: &str| {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    };
    text(&mut bytes, "dev.jot.recipe.v1");
    text(&mut bytes, "linux/amd64");
    count(&mut bytes, 1);
    text(&mut bytes, "julia:1.5");
    count(&mut bytes, 0);
    text(&mut bytes, "FROM julia:1.5\n");
    count(&mut bytes, 1);
    text(&mut bytes, "A");
    text(&mut bytes, "1");
    count(&mut bytes, 2);
    for (path, mode, content) in [("a.jl", "-", "a"), ("run.jl", "x", "run")] {
        text(&mut bytes, path);
        text(&mut bytes, mode);
        text(&mut bytes, &hex::encode(Sha256::digest(content)));
    }
    assert_eq!(
        small().seal().fingerprint.as_str(),
        hex::encode(Sha256::digest(bytes))
    );
}

#[test]
fn only_the_part_that_changed_differs() {
    let before = small().seal();
    let parts: Vec<_> = before.inputs.keys().map(String::as_str).collect();
    assert_eq!(
        parts,
        [
            "args",
            "base",
            "dockerfile",
            "from",
            "jot",
            "runtime",
            "source"
        ]
    );
    let expected = [
        (0, "runtime"),
        (3, "args"),
        (4, "args"),
        (5, "dockerfile"),
        (6, "base"),
        (7, "base"),
    ];
    for (what, part) in expected {
        let after = changed(&small(), what, 0).seal();
        let mut differ: Vec<_> = parts
            .iter()
            .filter(|part| before.inputs[**part] != after.inputs[**part])
            .collect();
        // The reference of the base image is listed next to its digest.
        differ.retain(|part| **part != INPUT_REFERENCE);
        assert_eq!(differ, [&part], "change {what}");
    }
}

#[test]
fn a_changed_runtime_below_is_reported_as_the_runtime_and_not_as_the_base() {
    let above = Draft {
        dockerfile: "FROM $JOT_BASE_IMAGE\n".to_owned(),
        ..Draft::default()
    };
    let on = |base: &Sample| {
        seal(above.clone(), Some(&base.seal()), small().setting)
            .unwrap()
            .inputs
    };
    let (before, after) = (on(&small()), on(&changed(&small(), 0, 0)));
    let differ: BTreeSet<_> = before
        .keys()
        .filter(|part| before[*part] != after[*part])
        .map(String::as_str)
        .collect();
    assert_eq!(differ, BTreeSet::from(["runtime"]));
}

#[test]
fn two_files_of_one_path_are_refused() {
    for path in ["a.jl", "Dockerfile"] {
        let mut recipe = small();
        recipe
            .draft
            .files
            .push(("exemplar", made(path, false, Vec::new())));
        let sealed = seal(recipe.draft, None, recipe.setting);
        assert!(matches!(sealed, Err(Error::Twice { path: twice }) if twice == path));
    }
}

/// BuildKit's predefined arguments change nothing in an image, so a proxy is no reason to rebuild.
#[test]
fn arguments_that_name_proxies_are_no_content() {
    let mut recipe = small();
    let before = recipe.seal();
    for name in [
        "HTTP_PROXY",
        "https_proxy",
        "NO_PROXY",
        "all_proxy",
        "ftp_proxy",
    ] {
        recipe
            .setting
            .args
            .insert(name.to_owned(), "http://user:secret@proxy".to_owned());
    }
    let after = recipe.seal();
    assert_eq!(
        (before.fingerprint, before.inputs),
        (after.fingerprint.clone(), after.inputs)
    );
    assert_eq!(after.args["HTTP_PROXY"], "http://user:secret@proxy");
    // BuildKit does not know mixed case.
    recipe
        .setting
        .args
        .insert("Http_Proxy".to_owned(), String::new());
    assert_ne!(recipe.seal().fingerprint, after.fingerprint);
}
