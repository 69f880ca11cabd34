//! Answers of registries: OCI manifests and errors.

use std::path::Path;

use crate::remote::{
    Error,
    registry::{NewArtifact, failure::Failure, manifest},
};

const URL: &str = "https://registry.example/v2/numerics/manifests/x";

/// Reads an answer as the manifest of an archive, as one to copy, and as an error.
///
/// An archive is recognized as one, and is the same when it is written and read again. All bytes
/// of a copy have a sum. An error names the registry, says something, and may be repeated where
/// the status says so.
pub fn registry(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    archive(&text);
    if let Ok(copied) = manifest::copied(&text) {
        let total = copied.bytes();
        let most = copied.blobs.iter().map(|(_, size)| *size).max();
        assert!(total >= most.unwrap_or_default(), "the sum of all blobs");
    }
    for status in [400, 401, 403, 404, 429, 503] {
        refused(status, &text);
    }
}

fn archive(text: &str) {
    let Ok(archive) = manifest::read(text) else {
        return;
    };
    assert!(manifest::is_archive(text), "what is read is an archive");
    let written = manifest::text(&NewArtifact {
        file: Path::new("code.zip"),
        code: &archive.code,
        size: archive.size,
        tag: "1111111111111111",
        title: "double",
        annotations: &archive.annotations,
    });
    let again = manifest::read(&written).expect("what jot writes is read again");
    assert_eq!(again.code, archive.code, "the digest of its code");
    assert_eq!(again.size, archive.size, "its size");
    assert_eq!(again.annotations, archive.annotations, "its annotations");
}

fn refused(status: u16, text: &str) {
    let failure = Failure::refused(status, text);
    assert!(status == 404 || !failure.is_absent(), "absent is 404 alone");
    let Error::Registry { message, again, .. } = failure.into_error(URL) else {
        panic!("an error of a registry");
    };
    let said = ["denies access: ", "failed: "].iter().find_map(|verb| {
        let rest = message.strip_prefix("the registry registry.example ")?;
        rest.strip_prefix(verb)
    });
    assert!(said.is_some_and(|said| !said.is_empty()), "{message:?}");
    assert!(again || !matches!(status, 429 | 503), "{status} may pass");
}
