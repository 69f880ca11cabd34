//! Where the code of a function comes from.

use super::{Resource, resource::Attribute};
use crate::carry::{
    carried::{Code, Function},
    cloudformation::java,
    jvm,
    paths::Base,
    settings::printable,
};

/// Returns the code; `None` with a note if jot does not support its language. The handler of a Java
/// runtime goes into `function`.
pub fn read(
    resource: &Resource<'_>,
    function: &mut Function,
    base: &Base,
    notes: &mut Vec<String>,
) -> Option<Code> {
    let package = resource.values.get("package_type");
    let is_image = package.and_then(|kind| kind.as_str()) == Some("Image");
    if is_image || resource.attribute(&["image_uri"]) != Attribute::Absent {
        return Some(image(resource, notes));
    }
    let runtime = resource.text(&["runtime"], notes).unwrap_or_default();
    let address = &resource.address;
    let Some(java) = java(&runtime) else {
        notes.push(format!(
            "{address}.runtime: jot does not support {}, so the function was left out. A \
             Dockerfile works: `dockerfile = {{ source = \"DIR\" }}`.",
            printable(&runtime)
        ));
        return None;
    };
    function.handler = resource.text(&["handler"], notes);
    notes.push(format!(
        "{address}.runtime: AWS's runtime java{java} became `package = \"zip\"`. Without it jot \
         builds an image, which starts faster."
    ));
    Some(Code::Jvm {
        source: source(resource, base, notes),
        module: None,
        java: Some(java),
        zip: true,
    })
}

fn image(resource: &Resource<'_>, notes: &mut Vec<String>) -> Code {
    let uri = resource.text(&["image_uri"], notes);
    let code = uri.map_or(Code::Open, Code::given);
    let text = match &code {
        Code::Tagged(_) => Code::TAGGED,
        Code::Open => Code::OPEN,
        _ => return code,
    };
    notes.push(format!("{}.image_uri: {text}", resource.address));
    code
}

/// The jar, or the project that builds it.
fn source(resource: &Resource<'_>, base: &Base, notes: &mut Vec<String>) -> String {
    let address = &resource.address;
    let file = resource.text(&["filename"], notes);
    let Some(jar) = file.filter(|file| file.ends_with(".jar")) else {
        notes.push(format!(
            "{address}.filename: the code is in an archive or a bucket: set `source` to the \
             project's directory or its jar."
        ));
        return base.path("");
    };
    let built = jvm::builds(&jar, base);
    if built.is_some() {
        notes.push(format!("{address}.filename: {}", Code::OUTPUT));
    }
    base.path(&built.unwrap_or(jar))
}
