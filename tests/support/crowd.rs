//! All functions of a manifest, however many, made by API calls alone, as an apply leaves them: no image is built, ECR holds
//! a manifest of nothing under each tag.

use std::{collections::BTreeMap, path::Path};

use aws_sdk_ecr::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use futures_util::future::try_join_all;
use jot::{
    manifest,
    model::{
        Action, Desired, Digest, Fingerprint, Function, Observed, RoleChoice, Secret,
        observed::{Docker, RemoteImage},
        value::Value,
    },
    plan, recipe,
    remote::{Aws, Error, aws::NewFunction},
};
use serde_json::json;

const REGION: &str = "eu-west-1";
const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Functions that share one set of clients, and so one rate limit: each set makes its functions without waiting.
const AT_ONCE: usize = 4;

/// What the manifest asks for, and what of it was made behind its own endpoint. `mutable_tags` says whether the emulator
/// takes wildcards of mutable tags: moto does not.
pub async fn make(path: &Path, mutable_tags: bool) -> Desired {
    let mut desired = desired(path);
    if !mutable_tags {
        desired.repository.mutable_tags.clear();
    }
    let aws = Aws::connect(&desired.aws).await.expect("a region");
    let made = aws.create_repository(&desired.repository).await;
    let repository = made.expect("a repository");
    let mut images = BTreeMap::new();
    let recipes = desired.recipes.values();
    let pushed = recipes.filter(|recipe| recipe.role != jot::model::RecipeRole::Harness);
    for fingerprint in pushed.map(|recipe| &recipe.fingerprint) {
        let digest = put(&desired, fingerprint).await;
        images.insert(fingerprint.tag().to_owned(), image(fingerprint, digest));
    }
    let observed = Observed {
        leftovers: Default::default(),
        account: aws.account().await.expect("an account"),
        region: REGION.to_owned(),
        docker: Docker::Absent("not needed".to_owned()),
        repository: Some(repository.clone()),
        images,
        functions: BTreeMap::new(),
        parameters: BTreeMap::new(),
        others: Vec::new(),
    };
    let tags = tags(&desired, &observed);
    let functions: Vec<&Function> = desired.functions.values().collect();
    for some in functions.chunks(8 * AT_ONCE) {
        let each = some.chunks(AT_ONCE).map(async |few| {
            let aws = Aws::connect(&desired.aws).await?;
            for wanted in few {
                let image = &observed.images[wanted.code.tag()];
                let uri = format!("{}@{}", repository.uri, image.digest.as_str());
                function(&aws, wanted, &uri, &tags[&wanted.key]).await?;
            }
            Ok::<_, Error>(())
        });
        try_join_all(each).await.expect("functions are made");
    }
    desired
}

/// What the manifest asks for.
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
            Value::From(step) => panic!("{tag} is not known before {step}"),
        }));
        (key, tags)
    };
    tags.map(known).collect()
}

async fn function(
    aws: &Aws,
    wanted: &Function,
    image_uri: &str,
    tags: &BTreeMap<String, String>,
) -> Result<(), Error> {
    let RoleChoice::Own(role) = &wanted.role else {
        panic!("only jot's own roles are made here");
    };
    let (role, ()) = tokio::try_join!(
        aws.create_role(role),
        aws.create_log_group(&wanted.log_group)
    )?;
    let new = NewFunction {
        name: &wanted.name,
        image_uri,
        role: &role,
        architecture: &wanted.architecture,
        config: &wanted.config,
        tags,
    };
    aws.create_function(&new).await?;
    let made = aws.settled(&wanted.name, None).await?;
    let description = wanted.version_description();
    let version = aws.publish_version(&wanted.name, &description, &made.revision);
    let version = version.await?;
    let alias = wanted.deploy.alias.as_deref().expect("an alias");
    aws.create_alias(&wanted.name, alias, &version.version)
        .await?;
    Ok(())
}

/// Puts a manifest unlike any other under the image's tag.
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
        "config": { "mediaType": "application/vnd.docker.container.image.v1+json", "size": 2, "digest": layer(tag) },
        "layers": [{ "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 2, "digest": layer(tag) }],
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
