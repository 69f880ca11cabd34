//! Archives: the same bytes from the same entries, and what is in them.

use std::{fs, io::Read, path::Path, process::Command};

use proptest::prelude::*;
use zip::ZipArchive;

use super::*;
use crate::model::{Origin, Slot};

/// The path to which a separate run of this program writes an archive.
const WRITE_TO: &str = "JOT_TEST_ARCHIVE";

fn entry(path: &str, content: &[u8]) -> Entry {
    Entry {
        path: path.to_owned(),
        executable: false,
        modified: FIXED_TIME,
        content: Content::Bytes(content.to_vec().into()),
    }
}

fn example() -> Vec<Entry> {
    vec![
        Entry {
            executable: true,
            ..entry("bootstrap", b"#!/bin/sh\n")
        },
        Entry {
            modified: FIXED_TIME + 2,
            ..entry("lib/own.jar", b"a jar")
        },
        entry("lib/ä.txt", &[b'x'; 10_000]),
    ]
}

fn read(bytes: Vec<u8>) -> ZipArchive<Cursor<Vec<u8>>> {
    ZipArchive::new(Cursor::new(bytes)).unwrap()
}

#[test]
fn an_archive_holds_what_each_entry_says_and_no_more() {
    let mut archive = read(bytes(example()).unwrap());
    let mut own = archive.by_name("lib/own.jar").unwrap();
    assert_eq!(own.compression(), CompressionMethod::Deflated);
    assert_eq!(own.unix_mode(), Some(0o100_644));
    let time = own.last_modified().unwrap();
    assert_eq!(time.to_string(), "2000-01-01 00:00:02");
    assert_eq!(own.extra_data().unwrap_or_default(), b"");
    let mut text = String::new();
    own.read_to_string(&mut text).unwrap();
    assert_eq!(text, "a jar");
    drop(own);
    let bootstrap = archive.by_name("bootstrap").unwrap();
    assert_eq!(bootstrap.unix_mode(), Some(0o100_755));
    drop(bootstrap);
    let text = archive.by_name("lib/ä.txt").unwrap();
    assert_eq!(text.compression(), CompressionMethod::Deflated);
    assert!(text.compressed_size() < 100, "{}", text.compressed_size());
}

#[test]
fn the_digest_and_sizes_are_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    fs::write(&source, b"on disk").unwrap();
    let path = folder.path().join("code.zip");
    fs::write(&path, [0; 100_000]).unwrap();
    let on_disk = Entry {
        content: Content::Disk(source),
        ..entry("a", b"")
    };
    let archive = write(vec![on_disk, entry("b", b"12345")], &path).unwrap();
    let written = fs::read(&path).unwrap();
    assert_eq!(archive.unpacked, 12);
    assert_eq!(archive.size, written.len() as u64);
    let digest = Digest::from_bytes(Sha256::digest(&written).into());
    assert_eq!(archive.digest, digest);
    let same = bytes(vec![entry("a", b"on disk"), entry("b", b"12345")]);
    assert_eq!(
        same.unwrap(),
        written,
        "the source of the bytes has no influence"
    );
}

#[test]
fn the_machine_s_zone_and_umask_are_not_in_it() {
    if let Some(path) = std::env::var_os(WRITE_TO) {
        write(example(), Path::new(&path)).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let under = |zone: &str, umask: &str| {
        let path = folder.path().join(umask);
        let name = "recipe::archive::tests::the_machine_s_zone_and_umask_are_not_in_it";
        let script = format!("umask {umask}; exec \"$0\" --exact {name}");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script])
            .arg(std::env::current_exe().unwrap());
        let output = shell.env("TZ", zone).env(WRITE_TO, &path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        fs::read(path).unwrap()
    };
    assert_eq!(
        under("Asia/Kolkata", "077"),
        under("America/New_York", "022")
    );
}

/// Empty files: the hash does not depend on the compressor. It changes with the layout of archives,
/// and with it every package that is deployed.
#[test]
fn the_layout_is_the_same_in_every_version() {
    let empty = example().into_iter().map(|one| Entry {
        content: Content::Bytes(Vec::new().into()),
        ..one
    });
    let bytes = bytes(empty.collect()).unwrap();
    let hash = hex::encode(Sha256::digest(bytes));
    assert_eq!(
        hash,
        "5b0fc74b192050c16e9dcdcff4c71bb57a9524cc8b09db5dc86e93781b633360"
    );
}

#[test]
fn what_an_archive_cannot_hold_is_refused_by_name() {
    let refused = |entries: Vec<Entry>| bytes(entries).unwrap_err().to_string();
    for path in ["", "/etc/passwd", "a//b", "../a", "a/./b", "a\\b", "a/"] {
        let said = refused(vec![entry(path, b"")]);
        assert!(
            said.contains("cannot be the path of a file"),
            "{path}: {said}"
        );
    }
    let twice = refused(vec![entry("a", b"1"), entry("b", b""), entry("a", b"2")]);
    assert_eq!(twice, "`a` is in the archive twice");
    for modified in [0, 5_000_000_000, i64::MAX] {
        let one = Entry {
            modified,
            ..entry("a", b"")
        };
        let said = refused(vec![one]);
        assert!(said.contains("must be between 1980 and 2107"), "{said}");
    }
    let absent = Entry {
        content: Content::Disk("/no/such/file".into()),
        ..entry("a", b"")
    };
    assert_eq!(refused(vec![absent]), "cannot read /no/such/file");
}

#[test]
fn lambda_s_limits_are_checked_to_the_byte() {
    let archive = |size, unpacked| Archive {
        digest: Digest::from_bytes([0; 32]),
        size,
        unpacked,
    };
    let mut aws = Aws::default();
    assert!(archive(LARGEST_SENT, UNPACKED - 1).check(&aws).is_ok());
    let sent = archive(LARGEST_SENT + 1, 1);
    assert!(sent.needs_bucket());
    assert_eq!(
        sent.check(&aws).unwrap_err().to_string(),
        "without a bucket, the archive must be at most 50 MB, got 51 MB"
    );
    aws.reference = Some(Reference {
        slot: Slot::Archives,
        origin: Some(Origin::Ssm("/code".to_owned())),
        value: None,
    });
    assert_eq!(
        sent.check(&aws).unwrap_err().to_string(),
        "without a bucket, the archive must be at most 50 MB, got 51 MB; `aws.bucket` is unknown \
         here: parameter /code"
    );
    aws.bucket = Some("code".to_owned());
    assert!(sent.check(&aws).is_ok());
    assert_eq!(
        archive(1, UNPACKED).check(&aws).unwrap_err().to_string(),
        "the archive must unpack to less than 250 MB with its layers, got 250 MB"
    );
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let modified = 315_532_800..4_354_819_200_i64;
    let bytes = prop::collection::vec(any::<u8>(), 0..500);
    (
        "[a-z]{1,3}(/[a-z]{1,3}){0,2}",
        any::<bool>(),
        modified,
        bytes,
    )
        .prop_map(|(path, executable, modified, bytes)| Entry {
            path,
            executable,
            modified,
            content: Content::Bytes(bytes.into()),
        })
}

/// Entries of different paths, and the same in another order.
fn shuffled() -> impl Strategy<Value = (Vec<Entry>, Vec<Entry>)> {
    prop::collection::btree_map("[a-z]{1,9}", any_entry(), 0..8).prop_flat_map(|named| {
        let entries: Vec<Entry> = named
            .into_iter()
            .map(|(path, one)| Entry { path, ..one })
            .collect();
        let other = Just(entries.clone()).prop_shuffle();
        (Just(entries), other)
    })
}

proptest! {
    #[test]
    fn the_order_of_entries_is_not_in_it((entries, other) in shuffled()) {
        prop_assert_eq!(bytes(entries).unwrap(), bytes(other).unwrap());
    }

    #[test]
    fn everything_that_goes_in_comes_out(one in any_entry()) {
        let mut archive = read(bytes(vec![one.clone()]).unwrap());
        let mut file = archive.by_index(0).unwrap();
        prop_assert_eq!(file.name().unwrap(), one.path.as_str());
        let executable = file.unix_mode().unwrap() & 0o111 != 0;
        prop_assert_eq!(executable, one.executable);
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        prop_assert_eq!(Content::Bytes(content.into()), one.content);
        let time = file.last_modified().unwrap();
        let even = Timestamp::from_second(one.modified & !1).unwrap();
        let even = TimeZone::UTC.to_datetime(even).to_string().replace('T', " ");
        prop_assert_eq!(time.to_string(), even);
    }
}
