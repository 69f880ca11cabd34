//! All functions of a manifest, in any number, made by API calls alone, in the state after an
//! apply: no image is built. ECR has a manifest without content under each image's tag, and a small
//! archive under each archive's.

use std::{collections::BTreeMap, path::Path};

use aws_sdk_ecr::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use futures_util::future::try_join_all;
use jot::{
    manifest,
    model::{
        Action, Content, Desired, Digest, Fingerprint, Form, Function, Observed, RoleChoice,
        Secret, ZipArtifact,
        artifact::ANNOTATION_UNPACKED,
        observed::{Docker, RemoteImage},
        value::Value,
    },
    plan,
    recipe::{
        self,
        archive::{self, Entry, FIXED_TIME},
    },
    remote::{
        Aws, Error, Registry,
        aws::{NewFunction, NewZip, ZipCode},
        registry::NewArtifact,
    },
};
use serde_json::json;

const REGION: &str = "eu-west-1";
const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Functions that share one set of clients, and so one rate limit: each set makes its functions
/// without waiting.
const AT_ONCE: usize = 4;

/// What the manifest desires, and what of it was made at its own endpoint. `mutable_tags` says
/// whether the emulator accepts wildcards of mutable tags: moto does not.
pub async fn make(path: &Path, mutable_tags: bool) -> Desired {
    let mut desired = desired(path);
    if !mutable_tags {
        desired.repository.mutable_tags.clear();
    }
    let aws = Aws::connect(&desired.aws).await.expect("a region");
    let made = aws.create_repository(&desired.repository).await;
    let repository = made.expect("a repository");
    let (mut images, mut archives) = (BTreeMap::new(), BTreeMap::new());
    let recipes = desired.recipes.values();
    for recipe in recipes.filter(|recipe| recipe.role != jot::model::RecipeRole::Harness) {
        let tag = recipe.fingerprint.tag().to_owned();
        let digest = match recipe.form {
            Form::Image => put(&desired, &recipe.fingerprint).await,
            Form::Zip => {
                let artifact = push(&aws, &desired, &recipe.fingerprint).await;
                let digest = artifact.manifest.clone();
                archives.insert(tag.clone(), artifact);
                digest
            }
        };
        images.insert(tag, image(&recipe.fingerprint, digest));
    }
    let observed = Observed {
        now: None,
        scheduler: None,
        leftovers: Default::default(),
        account: aws.account().await.expect("an account"),
        region: REGION.to_owned(),
        docker: Docker::Absent("not needed".to_owned()),
        repository: Some(repository.clone()),
        images,
        archives,
        source: None,
        functions: BTreeMap::new(),
        references: BTreeMap::new(),
        others: Vec::new(),
    };
    let tags = tags(&desired, &observed);
    let functions: Vec<&Function> = desired.functions.values().collect();
    for some in functions.chunks(8 * AT_ONCE) {
        let each = some.chunks(AT_ONCE).map(async |few| {
            let aws = Aws::connect(&desired.aws).await?;
            for wanted in few {
                let code = code(&observed, &repository.uri, wanted.code.tag());
                function(&aws, wanted, &code, &tags[&wanted.key]).await?;
            }
            Ok::<_, Error>(())
        });
        try_join_all(each).await.expect("functions are made");
    }
    desired
}

/// What the manifest desires.
pub fn desired(path: &Path) -> Desired {
    let loaded = manifest::load(path, None).expect("a manifest");
    let rie = std::env::var("JOT_RIE").expect("JOT_RIE is not set: run scripts/up");
    let environment = BTreeMap::from([("JOT_RIE".to_owned(), Secret::new(rie))]);
    let request = recipe::Request {
        loaded: &loaded,
        select: &[],
        environment: &environment,
        cache: None,
        checkouts: &jot::model::Checkouts::new(),
        region: Some(REGION),
    };
    recipe::desired(&request).expect("recipes")
}

fn image(fingerprint: &Fingerprint, digest: Digest) -> RemoteImage {
    RemoteImage {
        digest,
        size: None,
        tags: vec![fingerprint.tag().to_owned()],
    }
}

/// The tags that the plan's last steps write, and those of ownership, by key.
fn tags(desired: &Desired, observed: &Observed) -> BTreeMap<String, BTreeMap<String, String>> {
    let plan = plan::plan(desired, observed).expect("a plan");
    let tags = plan.steps.into_iter().filter_map(|step| match step.action {
        Action::TagFunction { function, set, .. } => Some((function, set)),
        _ => None,
    });
    let known = |(key, set): (String, BTreeMap<String, Value<String>>)| {
        let mut tags = desired.functions[&key].ownership.clone();
        tags.extend(set.into_iter().map(|(tag, value)| match value {
            Value::Known(value) => (tag, value),
            // What is published is the first version.
            Value::From(_) if tag == "jot:release" => (tag, "1".to_owned()),
            Value::From(step) => panic!("{tag} is not known before {step}"),
        }));
        (key, tags)
    };
    tags.map(known).collect()
}

/// What a function is made from.
enum Code {
    /// The image's URI.
    Image(String),
    /// The archive.
    Zip(ZipCode),
}

fn code(observed: &Observed, repository: &str, tag: &str) -> Code {
    match observed.archives.contains_key(tag) {
        true => Code::Zip(ZipCode::Bytes(archive(tag).1)),
        false => {
            let digest = observed.images[tag].digest.as_str();
            Code::Image(format!("{repository}@{digest}"))
        }
    }
}

async fn function(
    aws: &Aws,
    wanted: &Function,
    code: &Code,
    tags: &BTreeMap<String, String>,
) -> Result<(), Error> {
    let RoleChoice::Own(role) = &wanted.role else {
        panic!("only jot's own roles are made here");
    };
    let (role, ()) = tokio::try_join!(
        aws.create_role(role),
        aws.create_log_group(&wanted.log_group)
    )?;
    let (name, config) = (&wanted.name, &wanted.config);
    let architecture = wanted.architecture.as_str();
    let role = &role;
    match code {
        Code::Image(image_uri) => {
            let new = NewFunction {
                name,
                image_uri,
                role,
                architecture,
                config,
                tags,
            };
            aws.create_function(&new).await?;
        }
        Code::Zip(code) => {
            let new = NewZip {
                name,
                code,
                role,
                architecture,
                config,
                tags,
            };
            aws.create_zip_function(&new).await?;
        }
    }
    let made = aws.settled(&wanted.name, None).await?;
    let description = wanted.version_description();
    let version = aws.publish_version(&wanted.name, &description, &made.revision);
    let version = version.await?;
    let alias = wanted.deploy.alias.as_deref().expect("an alias");
    aws.create_alias(
        &wanted.name,
        alias,
        jot::remote::aws::Pointed::at(&version.version, ""),
    )
    .await?;
    Ok(())
}

/// An archive that differs from all others, with its bytes.
fn archive(tag: &str) -> (archive::Archive, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let entry = Entry {
        path: "tag".to_owned(),
        executable: false,
        modified: FIXED_TIME,
        content: Content::Bytes(tag.as_bytes().to_vec().into()),
    };
    let file = folder.path().join("archive.zip");
    let archive = archive::write(vec![entry], &file).expect("an archive");
    (archive, std::fs::read(file).expect("its bytes"))
}

/// Pushes an archive that differs from all others under the fingerprint's tag.
async fn push(aws: &Aws, desired: &Desired, fingerprint: &Fingerprint) -> ZipArtifact {
    let host = desired
        .aws
        .registry
        .as_deref()
        .expect("the emulator's registry");
    let repository = &format!("{host}/{}", desired.repository.name);
    let (archive, bytes) = archive(fingerprint.tag());
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(&file, bytes).expect("the archive");
    let unpacked = archive.unpacked.to_string();
    let artifact = NewArtifact {
        file: file.path(),
        code: &archive.digest,
        size: archive.size,
        tag: fingerprint.tag(),
        title: "archive",
        annotations: &BTreeMap::from([(ANNOTATION_UNPACKED.to_owned(), unpacked)]),
    };
    let login = aws.registry_login(repository).await.expect("a login");
    let registry = Registry::new(aws, repository, &login);
    let pushed = registry.push(&artifact, &mut |_| {}).await;
    pushed.expect("the registry takes the archive").artifact
}

/// Puts a manifest that differs from all others under the image's tag.
async fn put(desired: &Desired, fingerprint: &Fingerprint) -> Digest {
    let endpoint = desired.aws.endpoint_url.as_deref();
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint.expect("an emulator"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let layer = |seed: &str| format!("sha256:{seed:0>64}");
    let tag = fingerprint.tag();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 2, "digest": layer(tag) },
        "layers": [{ "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "size": 2, "digest": layer(tag) }],
    });
    let client = Client::from_conf(config);
    let put = client.put_image();
    let put = put.repository_name(&desired.repository.name).image_tag(tag);
    let put = put.image_manifest_media_type(MANIFEST);
    let answer = put.image_manifest(manifest.to_string()).send().await;
    let image = answer.expect("ECR takes the manifest").image;
    let digest = image.and_then(|image| image.image_id?.image_digest);
    digest
        .and_then(|digest| Digest::parse(&digest))
        .expect("a digest")
}
