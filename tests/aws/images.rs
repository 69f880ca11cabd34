//! Images in ECR, made by their manifests alone.

use std::collections::BTreeSet;

use aws_sdk_ecr::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use jot::model::{Digest, desired, prune::Parts};
use serde_json::{Value, json};

use crate::{Ground, REGION, on_both, repository::numerics};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A manifest that differs from those with another seed.
fn manifest(seed: &str) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 2, "digest": format!("sha256:{seed:0>64}") },
        "layers": [{ "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "size": 2, "digest": format!("sha256:{seed:f>64}") }],
    })
}

/// The repository `numerics`, such that the emulator takes images for it: moto reads the wildcard
/// `*.*` as a regular expression, which it is not, and fails.
pub fn pushable(ground: &Ground) -> desired::Repository {
    let mut repository = numerics();
    if ground.moto {
        repository.mutable_tags.clear();
    }
    repository
}

/// Puts a manifest under a tag, and returns its digest.
async fn put(ground: &Ground, tag: &str, media_type: &str, manifest: &Value) -> String {
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(ground.endpoint())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let answer = Client::from_conf(config)
        .put_image()
        .repository_name("numerics")
        .image_tag(tag)
        .image_manifest_media_type(media_type)
        .image_manifest(manifest.to_string())
        .send()
        .await
        .unwrap();
    let id = answer.image.unwrap().image_id.unwrap();
    id.image_digest.unwrap()
}

/// Puts an image in the repository `numerics`, which must exist, under this tag; returns its
/// digest.
pub async fn push(ground: &Ground, tag: &str) -> String {
    put(ground, tag, MANIFEST, &manifest(tag)).await
}

on_both!(images_are_found_by_tag);
async fn images_are_found_by_tag(ground: Ground) {
    let aws = &ground.aws;
    aws.create_repository(&pushable(&ground)).await.unwrap();
    let one = push(&ground, "1111111111111111").await;
    let two = push(&ground, "2222222222222222").await;
    push(&ground, "3333333333333333").await;
    let asked = BTreeSet::from(["1111111111111111", "2222222222222222", "4444444444444444"]);
    let found = aws.images("numerics", &asked).await.unwrap();
    let digests: Vec<(&str, &str)> = found
        .iter()
        .map(|(tag, image)| (tag.as_str(), image.digest.as_str()))
        .collect();
    let expected = [
        ("1111111111111111", one.as_str()),
        ("2222222222222222", two.as_str()),
    ];
    assert_eq!(digests, expected);
    assert_eq!(found["1111111111111111"].tags, ["1111111111111111"]);
    assert!(found["1111111111111111"].size.is_some());
}

on_both!(an_index_stands_for_the_image_in_it);
async fn an_index_stands_for_the_image_in_it(ground: Ground) {
    let aws = &ground.aws;
    aws.create_repository(&pushable(&ground)).await.unwrap();
    let image = push(&ground, "1111111111111111").await;
    let attestation = format!("sha256:{}", "e".repeat(64));
    let index = json!({
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [
            { "mediaType": MANIFEST, "size": 2, "digest": image,
                "platform": { "os": "linux", "architecture": "amd64" } },
            { "mediaType": MANIFEST, "size": 2, "digest": attestation,
                "platform": { "os": "unknown", "architecture": "unknown" } },
        ],
    });
    put(&ground, "2222222222222222", INDEX, &index).await;
    let asked = BTreeSet::from(["2222222222222222"]);
    let found = aws.images("numerics", &asked).await.unwrap();
    assert_eq!(found["2222222222222222"].digest.as_str(), image);
}

on_both!(all_of_a_repository_is_listed_and_deleted_by_digest);
async fn all_of_a_repository_is_listed_and_deleted_by_digest(ground: Ground) {
    let aws = &ground.aws;
    assert_eq!(aws.stored_images("numerics").await.unwrap(), []);
    aws.create_repository(&pushable(&ground)).await.unwrap();
    let image = push(&ground, "1111111111111111").await;
    let index = json!({
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [{ "mediaType": MANIFEST, "size": 2, "digest": image }],
    });
    let index = put(&ground, "2222222222222222", INDEX, &index).await;
    let mut about = manifest("3");
    about["subject"] = json!({ "mediaType": MANIFEST, "size": 2, "digest": image });
    let about = put(&ground, "3333333333333333", MANIFEST, &about).await;
    let mut found = aws.stored_images("numerics").await.unwrap();
    found.sort_by(|one, other| one.tags.cmp(&other.tags));
    let digest = |text: &str| Digest::parse(text).unwrap();
    let parts: Vec<_> = found.iter().map(|one| one.parts.clone().unwrap()).collect();
    let layer = |seed: &str| Parts::Layers(vec![digest(&format!("sha256:{seed:f>64}"))]);
    let expected = [
        layer("1111111111111111"),
        Parts::Index(vec![digest(&image)]),
        layer("3"),
    ];
    assert_eq!(parts, expected);
    assert_eq!(found[2].subject, Some(digest(&image)));
    let digests: Vec<_> = found
        .iter()
        .map(|one| one.digest.clone().unwrap())
        .collect();
    assert_eq!(digests, [&image, &index, &about].map(|one| digest(one)));
    let now = aws.now_s().await.unwrap();
    assert!(
        found
            .iter()
            .all(|one| (now - one.pushed_s.unwrap()).abs() < 600),
        "{found:?}"
    );
    assert_eq!(aws.replicated_to("numerics").await.unwrap(), [""; 0]);
    // Deleting a missing image is not an error.
    let gone = format!("sha256:{:0>64}", "9");
    let kept = aws
        .delete_images("numerics", &[&gone, &index, &about])
        .await
        .unwrap();
    assert_eq!(kept, []);
    let left = aws.stored_images("numerics").await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].tags, ["1111111111111111"]);
}
