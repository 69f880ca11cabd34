//! The manifest of an archive,
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::NewArtifact;
use crate::model::{Digest, ZipArtifact};

/// Media type of every manifest that jot writes.
pub(in crate::remote) const MEDIA_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// Artifact type of zip archives.
const ARTIFACT_TYPE: &str = "application/vnd.dev.jot.zip.v1";
const ZIP: &str = "application/zip";
const TITLE: &str = "org.opencontainers.image.title";

/// The empty configuration of an artifact.
pub(super) const EMPTY: &[u8] = b"{}";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

/// The digest of these bytes.
pub(super) fn digest_of(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}

/// The text of an archive's manifest: the same for the same archive and annotations.
pub(crate) fn text(artifact: &NewArtifact<'_>) -> String {
    let mut file = BTreeMap::from([(TITLE, format!("{}.zip", artifact.title))]);
    let layer = json!({
        "mediaType": ZIP,
        "digest": artifact.code.as_str(),
        "size": artifact.size,
        "annotations": std::mem::take(&mut file),
    });
    json!({
        "schemaVersion": 2,
        "mediaType": MEDIA_TYPE,
        "artifactType": ARTIFACT_TYPE,
        "config": {
            "mediaType": EMPTY_TYPE,
            "digest": digest_of(EMPTY).as_str(),
            "size": EMPTY.len(),
        },
        "layers": [layer],
        "annotations": artifact.annotations,
    })
    .to_string()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    artifact_type: Option<String>,
    #[serde(default)]
    layers: Vec<Layer>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// The kind of a manifest. Reads less of it than [`Manifest`], so it knows every archive.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    artifact_type: Option<String>,
}

#[derive(Deserialize)]
struct Layer {
    digest: String,
    size: u64,
}

/// Whether the text is the manifest of an archive, and not that of an image.
pub(crate) fn is_archive(text: &str) -> bool {
    let kind = serde_json::from_str::<Kind>(text).ok();
    kind.and_then(|kind| kind.artifact_type).as_deref() == Some(ARTIFACT_TYPE)
}

/// The archive of a manifest.
///
/// # Errors
///
/// Why it is not jot's, in words.
pub(crate) fn read(text: &str) -> Result<ZipArtifact, String> {
    let manifest: Manifest =
        serde_json::from_str(text).map_err(|cause| format!("its manifest is no JSON: {cause}"))?;
    if manifest.artifact_type.as_deref() != Some(ARTIFACT_TYPE) {
        return Err("it is not a zip archive that jot pushed".to_owned());
    }
    let [archive] = manifest.layers.as_slice() else {
        return Err(format!(
            "it has {} layers instead of one",
            manifest.layers.len()
        ));
    };
    let code = Digest::parse(&archive.digest);
    Ok(ZipArtifact {
        manifest: digest_of(text.as_bytes()),
        code: code.ok_or("its layer has no SHA-256 digest")?,
        size: archive.size,
        annotations: manifest.annotations,
    })
}

/// What a copy needs of the manifest of an image or archive.
#[derive(Debug)]
pub(crate) struct Copied {
    /// As the manifest names it.
    pub media_type: Option<String>,
    /// Layers and configuration, each with its bytes.
    pub blobs: Vec<(Digest, u64)>,
}

impl Copied {
    /// All bytes; a registry may claim more than can be counted.
    pub fn bytes(&self) -> u64 {
        let sizes = self.blobs.iter().map(|(_, size)| *size);
        sizes.fold(0, u64::saturating_add)
    }
}

/// The manifest of an image:
/// <https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    media_type: Option<String>,
    config: Layer,
    layers: Vec<Layer>,
}

/// The blobs of a manifest.
///
/// # Errors
///
/// Why it cannot be copied, in words.
pub(crate) fn copied(text: &str) -> Result<Copied, String> {
    let manifest: Whole = serde_json::from_str(text)
        .map_err(|cause| format!("its manifest cannot be read: {cause}"))?;
    let blobs = manifest.layers.iter().chain([&manifest.config]);
    let blobs = blobs.map(|blob| Some((Digest::parse(&blob.digest)?, blob.size)));
    let blobs: Option<Vec<_>> = blobs.collect();
    Ok(Copied {
        media_type: manifest.media_type,
        blobs: blobs.ok_or("a blob has no SHA-256")?,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value as Json;

    use super::*;
    use crate::model::artifact::ANNOTATION_UNPACKED;

    #[test]
    fn what_is_written_is_read_again() {
        let code = digest_of(b"archive");
        let annotations = BTreeMap::from([(ANNOTATION_UNPACKED.to_owned(), "70".to_owned())]);
        let artifact = NewArtifact {
            file: Path::new("code.zip"),
            code: &code,
            size: 7,
            tag: "1111111111111111",
            title: "double",
            annotations: &annotations,
        };
        let text = text(&artifact);
        let read = read(&text).unwrap();
        assert_eq!((&read.code, read.size), (&code, 7));
        assert_eq!(read.manifest, digest_of(text.as_bytes()));
        assert_eq!(read.unpacked(), Some(70));
        assert!(is_archive(&text));
        let json: Json = serde_json::from_str(&text).unwrap();
        // https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor
        let empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(json["config"]["digest"], empty);
        assert_eq!(json["layers"][0]["annotations"][TITLE], "double.zip");
    }

    #[test]
    fn an_archive_is_known_whatever_else_its_manifest_has() {
        let layer = json!({ "digest": digest_of(b"archive").as_str(), "size": 7 });
        let text = json!({ "artifactType": ARTIFACT_TYPE, "layers": [layer] }).to_string();
        let deep = "[".repeat(200) + &"]".repeat(200);
        for more in ["1e999", deep.as_str()] {
            let text = text.replacen('{', &format!("{{\"more\": {more}, "), 1);
            assert!(read(&text).is_ok() && is_archive(&text), "{text}");
        }
    }

    #[test]
    fn blobs_of_any_size_have_a_sum() {
        let blob = json!({ "digest": digest_of(b"blob").as_str(), "size": u64::MAX });
        let manifest = json!({ "config": blob, "layers": [blob] });
        let copied = copied(&manifest.to_string()).unwrap();
        assert_eq!((copied.blobs.len(), copied.bytes()), (2, u64::MAX));
    }

    #[test]
    fn what_is_no_archive_of_jot_s_is_refused() {
        assert!(read("<html>").unwrap_err().contains("no JSON"));
        let image = r#"{"schemaVersion": 2, "config": {"digest": "x"}, "layers": []}"#;
        assert!(read(image).unwrap_err().contains("not a zip archive"));
        assert!(!is_archive(image) && !is_archive("<html>"));
        let layers = |layers: Json| {
            let manifest = json!({ "artifactType": ARTIFACT_TYPE, "layers": layers });
            read(&manifest.to_string()).unwrap_err()
        };
        assert_eq!(layers(json!([])), "it has 0 layers instead of one");
        let bad = json!([{ "digest": "md5:1", "size": 1 }]);
        assert_eq!(layers(bad), "its layer has no SHA-256 digest");
    }
}
