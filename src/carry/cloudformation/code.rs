//! Where the code of a function comes from.

use super::Reading;
use crate::carry::{
    carried::{Code, Function},
    jvm,
    settings::{looks_secret, printable},
    yaml::{Node, Value},
};

/// Returns the code; `None` with a note if jot does not support its language. Build arguments, and
/// the handler of a Java runtime, go into `function`.
pub fn read(
    properties: &Node,
    metadata: Option<&Node>,
    function: &mut Function,
    reading: &mut Reading<'_>,
) -> Option<Code> {
    let text = |key: &str, reading: &mut Reading<'_>| {
        let node = properties.get(key)?;
        reading.text(key, node)
    };
    if text("PackageType", reading).as_deref() == Some("Image") {
        return Some(image(properties, metadata, function, reading));
    }
    let uri = properties
        .get("ImageUri")
        .or(properties.at(&["Code", "ImageUri"]));
    if uri.is_some() || metadata.is_some_and(|metadata| metadata.get("Dockerfile").is_some()) {
        return Some(image(properties, metadata, function, reading));
    }
    let runtime = text("Runtime", reading)?;
    let Some(java) = java(&runtime) else {
        let runtime = printable(&runtime);
        reading.note(
            "Runtime",
            &format!(
                "jot does not support {runtime}, so the function was left out. A Dockerfile \
                works: `dockerfile = {{ source = \"DIR\" }}`."
            ),
        );
        return None;
    };
    function.handler = text("Handler", reading);
    Some(java_code(properties, java, reading))
}

/// The release of a Java runtime: 21 of `java21`, 8 of `java8.al2`.
pub fn java(runtime: &str) -> Option<String> {
    let release = runtime.strip_prefix("java")?.split('.').next()?;
    let digits = !release.is_empty() && release.chars().all(|c| c.is_ascii_digit());
    digits.then(|| release.to_owned())
}

fn java_code(properties: &Node, java: String, reading: &mut Reading<'_>) -> Code {
    let given = properties.get("CodeUri").or(properties.get("Code"));
    let is_place = given.is_some_and(|node| !matches!(node.value, Value::Scalar(_)));
    let path = match given {
        Some(node) if !is_place => reading.text("CodeUri", node),
        _ => None,
    };
    if is_place || properties.get("InlineCode").is_some() {
        reading.note(
            "Code",
            "the code is in a bucket or in the template: set `source` to the project's directory \
                or its jar.",
        );
    }
    reading.note(
        "Runtime",
        &format!(
            "AWS's runtime java{java} became `package = \"zip\"`. Without it jot builds an \
            image, which starts faster."
        ),
    );
    let path = path
        .filter(|path| !path.starts_with("s3://"))
        .unwrap_or_default();
    let built = jvm::builds(&path, reading.base);
    if built.is_some() {
        reading.note("CodeUri", Code::OUTPUT);
    }
    Code::Jvm {
        source: reading.base.path(&built.unwrap_or(path)),
        module: None,
        java: Some(java),
        zip: true,
    }
}

fn image(
    properties: &Node,
    metadata: Option<&Node>,
    function: &mut Function,
    reading: &mut Reading<'_>,
) -> Code {
    let text = |key: &str, reading: &mut Reading<'_>| {
        let node = metadata?.get(key)?;
        reading.text(&format!("Metadata.{key}"), node)
    };
    let (context, file) = (text("DockerContext", reading), text("Dockerfile", reading));
    let (stage, tag) = (
        text("DockerBuildTarget", reading),
        text("DockerTag", reading),
    );
    function.extra_tags = tag.into_iter().collect();
    if context.is_some() || file.is_some() {
        arguments(metadata, function, reading);
        return Code::Dockerfile {
            source: reading.base.path(&context.unwrap_or_default()),
            file: file.unwrap_or_else(|| "Dockerfile".to_owned()),
            stage,
        };
    }
    let uri = properties
        .get("ImageUri")
        .or(properties.at(&["Code", "ImageUri"]))
        .cloned();
    let uri = uri.and_then(|node| reading.text("ImageUri", &node));
    let code = uri.map_or(Code::Open, Code::given);
    match &code {
        Code::Tagged(_) => reading.note("ImageUri", Code::TAGGED),
        Code::Open => reading.note("ImageUri", Code::OPEN),
        _ => {}
    }
    code
}

/// Build arguments, except those that look like secrets.
fn arguments(metadata: Option<&Node>, function: &mut Function, reading: &mut Reading<'_>) {
    let arguments = metadata.and_then(|metadata| metadata.get("DockerBuildArgs"));
    for (name, node) in arguments.map(|node| node.entries()).unwrap_or_default() {
        let property = format!("Metadata.DockerBuildArgs.{name}");
        let Some(value) = reading.text(&property, node) else {
            continue;
        };
        if looks_secret(name, &value) {
            reading.note(
                &property,
                "looks like a secret, left out: use `build.secrets`.",
            );
        } else {
            function.build_args.insert(name.clone(), value);
        }
    }
}
