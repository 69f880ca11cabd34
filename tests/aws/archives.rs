//! Zip functions, with the archive in the request and in a bucket.

use std::{fs, io::Write, path::Path};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use jot::{
    model::{Config, Content, Digest, RuntimeUpdate},
    recipe::archive::{self, Archive, Entry, FIXED_TIME},
    remote::{
        Aws, Error,
        aws::{CodeObject, NewZip, ZipCode},
    },
};

use crate::{
    Ground, REGION, connect,
    faults::{help, scripted},
    on_both,
    proxy::Proxy,
    role::own_role,
    script::{Answer, error, json},
    settings, tags,
};

pub const BUCKET: &str = "numerics-code";

/// A package of a Python handler that answers `answer`.
pub fn package(folder: &Path, answer: &str) -> (Archive, Vec<u8>) {
    let source = format!("def handler(event, context):\n    return {answer}\n");
    let entry = Entry {
        path: "double.py".to_owned(),
        executable: false,
        modified: FIXED_TIME,
        content: Content::Bytes(source.into_bytes().into()),
    };
    let file = folder.join("code.zip");
    let archive = archive::write(vec![entry], &file).unwrap();
    (archive, fs::read(file).unwrap())
}

pub async fn create(
    aws: &Aws,
    code: &ZipCode,
) -> Result<jot::model::observed::FunctionState, Error> {
    let role = aws.create_role(&own_role()).await.unwrap();
    let config = Config {
        memory_mb: Some(512),
        runtime: Some("python3.12".to_owned()),
        handler: Some("double.handler".to_owned()),
        ..Config::default()
    };
    let wanted = NewZip {
        name: "double",
        code,
        role: &role,
        architecture: "x86_64",
        config: &config,
        tags: &tags([("jot:project", "numerics"), ("jot:function", "double")]),
    };
    aws.create_zip_function(&wanted).await
}

on_both!(a_zip_function_is_made_read_and_updated);
async fn a_zip_function_is_made_read_and_updated(ground: Ground) {
    let aws = &ground.aws;
    let folder = tempfile::tempdir().unwrap();
    let (archive, bytes) = package(folder.path(), "1");
    let made = create(aws, &ZipCode::Bytes(bytes)).await.unwrap();
    assert_eq!(made.tags["jot:function"], "double");
    let found = aws.settled("double", None).await.unwrap();
    assert_eq!(
        (found.package_type.as_str(), found.config.memory_mb),
        ("Zip", 512)
    );
    assert_eq!((&found.digest, &found.image_uri), (&None, &None));
    assert_eq!(found.tags["jot:function"], "double");
    let zip = found.zip.clone().unwrap();
    assert_eq!(zip.code, Some(archive.digest), "in sync means equal");
    assert_eq!(zip.size, archive.size);
    assert_eq!(
        (found.config.runtime.as_str(), found.config.handler.as_str()),
        ("python3.12", "double.handler")
    );

    let (second, bytes) = package(folder.path(), "2");
    let code = ZipCode::Bytes(bytes);
    let updated = aws.update_zip_code("double", &code, "x86_64", &found.revision);
    updated.await.unwrap();
    let found = aws.settled("double", None).await.unwrap();
    assert_eq!(found.zip.unwrap().code, Some(second.digest));

    let config = Config {
        memory_mb: Some(256),
        runtime: Some("python3.13".to_owned()),
        handler: Some("double.other".to_owned()),
        ..Config::default()
    };
    let changed = aws.update_config("double", &config, &found.role, &found.revision);
    changed.await.unwrap();
    let found = aws.settled("double", None).await.unwrap();
    assert_eq!(found.config.memory_mb, 256);
    assert_eq!(
        (found.config.runtime.as_str(), found.config.handler.as_str()),
        ("python3.13", "double.other")
    );
    if !ground.moto {
        // moto takes no RevisionId.
        let stale = aws
            .update_zip_code("double", &code, "x86_64", "stale")
            .await;
        assert!(matches!(stale, Err(Error::Changed { .. })), "{stale:?}");
    }
}

#[tokio::test]
async fn a_zip_function_answers_as_its_archive_says() {
    let ground = Ground::of(crate::stack::ministack(), false).await;
    let folder = tempfile::tempdir().unwrap();
    let (_, bytes) = package(folder.path(), "event * 2");
    create(&ground.aws, &ZipCode::Bytes(bytes)).await.unwrap();
    ground.aws.settled("double", None).await.unwrap();
    let answer = ground.aws.invoke("double", None, b"21", false).await;
    assert_eq!(answer.unwrap().payload, b"42");
}

/// A client that does what jot does not do.
fn s3(ground: &Ground) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(ground.endpoint())
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

/// Puts an object that jot does not own.
pub async fn put(ground: &Ground, key: &str) {
    let request = s3(ground).put_object().bucket(BUCKET).key(key);
    request.send().await.unwrap();
}

pub async fn exists(ground: &Ground, key: &str) -> bool {
    let request = s3(ground).head_object().bucket(BUCKET).key(key);
    request.send().await.is_ok()
}

pub async fn create_bucket(ground: &Ground) {
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(REGION.into())
        .build();
    let request = s3(ground).create_bucket();
    let request = request.bucket(BUCKET).create_bucket_configuration(place);
    request.send().await.unwrap();
}

on_both!(a_large_archive_goes_by_a_bucket_once);
async fn a_large_archive_goes_by_a_bucket_once(ground: Ground) {
    create_bucket(&ground).await;
    let aws = &ground.aws;
    let folder = tempfile::tempdir().unwrap();
    let (archive, _) = package(folder.path(), "1");
    let file = folder.path().join("code.zip");
    let object = CodeObject {
        bucket: BUCKET,
        owner: ground.account(),
        project: "numerics",
        code: &archive.digest,
    };
    let key = format!("jot/numerics/{}.zip", archive.digest.hex());
    assert_eq!(object.key(), key);
    let sent = aws.put_code(&object, (&file, archive.size)).await.unwrap();
    assert_eq!(sent, archive.size);
    let before = aws.requests();
    let sent = aws.put_code(&object, (&file, archive.size)).await.unwrap();
    assert_eq!((sent, aws.requests() - before), (0, 1));

    let code = ZipCode::Bucket {
        bucket: BUCKET.to_owned(),
        key,
    };
    create(aws, &code).await.unwrap();
    let found = aws.settled("double", None).await.unwrap();
    assert_eq!(found.zip.unwrap().code, Some(archive.digest.clone()));
    let code = aws.update_zip_code("double", &code, "x86_64", &found.revision);
    code.await.unwrap();

    let absent = CodeObject {
        bucket: "no-such-bucket",
        ..object
    };
    let error = aws
        .put_code(&absent, (&file, archive.size))
        .await
        .unwrap_err();
    assert!(
        help(&error).contains("`aws.bucket` must name an existing bucket"),
        "{error:?}"
    );
}

#[tokio::test]
async fn archives_are_put_once_listed_and_deleted() {
    let ground = Ground::of(crate::stack::ministack(), false).await;
    create_bucket(&ground).await;
    let upstream = ground.endpoint()["http://".len()..].parse().unwrap();
    let proxy = Proxy::start(upstream).unwrap();
    let aws = connect(&settings(&proxy.url())).await;
    let folder = tempfile::tempdir().unwrap();
    let (archive, _) = package(folder.path(), "1");
    let object = CodeObject {
        bucket: BUCKET,
        owner: ground.account(),
        project: "numerics",
        code: &archive.digest,
    };
    let file = folder.path().join("code.zip");
    for _ in 0..2 {
        let put = aws.put_code(&object, (&file, archive.size));
        put.await.unwrap();
    }
    let place = (BUCKET, ground.account());
    let there = aws.archives_in(place, "numerics").await.unwrap();
    assert_eq!(there, [object.key()]);
    aws.delete_code(place, &object.key()).await.unwrap();
    assert!(!exists(&ground, &object.key()).await);
    let counts: Vec<(String, u64)> = proxy.counts().into_iter().collect();
    let counts: Vec<(&str, u64)> = counts
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    let expected = [
        ("s3:DeleteObject", 1),
        ("s3:HeadObject", 2),
        ("s3:ListObjectsV2", 1),
        ("s3:PutObject", 1),
    ];
    assert_eq!(counts, expected);
}

/// Neither emulator checks the owner. S3 gives no other reason than this.
#[tokio::test]
async fn a_bucket_of_another_account_is_refused() {
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let denied = Answer::Http(403, "x-script: 1", denied.to_owned());
    let head = Answer::Http(403, "x-script: 1", String::new());
    let (aws, script, _) = scripted(vec![head, denied]).await;
    let folder = tempfile::tempdir().unwrap();
    let (archive, _) = package(folder.path(), "1");
    let object = CodeObject {
        bucket: BUCKET,
        owner: "111111111111",
        project: "numerics",
        code: &archive.digest,
    };
    let file = folder.path().join("code.zip");
    let error = aws.put_code(&object, (&file, archive.size)).await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::AccessDenied { .. }), "{error:?}");
    assert_eq!(
        help(&error),
        "these credentials need the IAM action `s3:PutObject`, and the bucket numerics-code must \
         belong to account 111111111111"
    );
    let asked = script.seen();
    let hash = format!(
        "x-amz-checksum-sha256: {}\r\n",
        archive.digest.code_sha256()
    );
    assert!(asked[1].contains(&hash), "{}", asked[1]);
    for asked in asked {
        let owner = "x-amz-expected-bucket-owner: 111111111111\r\n";
        assert!(asked.contains(owner), "{asked}");
    }
}

#[tokio::test]
async fn an_archive_that_changed_on_its_way_is_refused_by_s3() {
    let ground = Ground::of(crate::stack::ministack(), false).await;
    create_bucket(&ground).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code.zip");
    fs::File::create(&file)
        .unwrap()
        .write_all(b"other bytes")
        .unwrap();
    let code = Digest::from_bytes([7; 32]);
    let object = CodeObject {
        bucket: BUCKET,
        owner: ground.account(),
        project: "numerics",
        code: &code,
    };
    let error = ground.aws.put_code(&object, (&file, 11)).await;
    assert!(
        matches!(&error, Err(Error::Refused { code, .. }) if code == "BadDigest"),
        "{error:?}"
    );
}

/// Neither emulator keeps it.
#[tokio::test]
async fn when_a_runtime_is_updated_is_read_and_set() {
    let arn = "arn:aws:lambda:eu-west-1::runtime:0a";
    let body = |mode: &str, arn: &str| {
        json(&format!(
            r#"{{"UpdateRuntimeOn": "{mode}", "FunctionArn": "f", "RuntimeVersionArn": {arn}}}"#
        ))
    };
    let quoted = format!("\"{arn}\"");
    let answers: Vec<Answer> = vec![
        body("Auto", "null"),
        body("FunctionUpdate", "null"),
        body("Manual", &quoted),
        error(404, "ResourceNotFoundException", "Function not found"),
        body("Manual", &quoted),
    ];
    let (aws, script, _) = scripted(answers).await;
    let manual = RuntimeUpdate::Manual(arn.to_owned());
    let expected = [
        Some(RuntimeUpdate::Auto),
        Some(RuntimeUpdate::FunctionUpdate),
        Some(manual.clone()),
        None,
    ];
    for expected in expected {
        let found = aws.runtime_update("double", Some("3")).await.unwrap();
        assert_eq!(found, expected);
    }
    aws.set_runtime_update("double", Some("3"), &manual)
        .await
        .unwrap();
    let seen = script.seen();
    assert!(
        seen.iter().all(|asked| asked.contains("Qualifier=3")),
        "{seen:?}"
    );
    let asked = script.seen().pop().unwrap();
    assert!(asked.contains("\"UpdateRuntimeOn\":\"Manual\""), "{asked}");
    assert!(
        asked.contains(&format!("\"RuntimeVersionArn\":{quoted}")),
        "{asked}"
    );
}
