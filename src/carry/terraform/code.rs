//! Where the code of a function comes from.

use super::{Resource, resource::Attribute};
use crate::carry::{
    carried::{Code, Function},
    cloudformation::java,
    jvm,
    paths::Base,
    settings::printable,
};

/// Returns the code; `None` with a note where jot has no language for it. The handler of a Java
/// runtime goes into `function`.
pub fn read(
    resource: &Resource<'_>,
    function: &mut Function,
    base: &Base,
    notes: &mut Vec<String>,
) -> Option<Code> {
    let address = resource.address.clone();
    let package = resource.values.get("package_type");
    let is_image = package.and_then(|kind| kind.as_str()) == Some("Image");
    if is_image || resource.attribute(&["image_uri"]) != Attribute::Absent {
        let uri = resource.text(&["image_uri"], notes);
        let code = uri.map_or(Code::Open, Code::given);
        match &code {
            Code::Tagged(_) => notes.push(format!("{address}.image_uri: {}", Code::TAGGED)),
            Code::Open => notes.push(format!("{address}.image_uri: {}", Code::OPEN)),
            _ => {}
        }
        return Some(code);
    }
    let runtime = resource.text(&["runtime"], notes).unwrap_or_default();
    let Some(java) = java(&runtime) else {
        let runtime = printable(&runtime);
        notes.push(format!(
            "{address}.runtime: jot does not support {runtime}, so the function was left out. A Dockerfile works: `dockerfile = {{ source = \"DIR\" }}`."
        ));
        return None;
    };
    function.handler = resource.text(&["handler"], notes);
    notes.push(format!(
        "{address}.runtime: AWS's runtime java{java} became `package = \"zip\"`. Without it jot builds an image, which starts faster."
    ));
    let file = resource.text(&["filename"], notes);
    let jar = file.filter(|file| file.ends_with(".jar"));
    if jar.is_none() {
        notes.push(format!(
            "{address}: the code is in an archive or a bucket: set `source` to the project's directory or its jar."
        ));
    }
    let jar = jar.unwrap_or_default();
    let built = jvm::builds(&jar, base);
    if built.is_some() {
        notes.push(format!("{address}.filename: {}", Code::OUTPUT));
    }
    Some(Code::Jvm {
        source: base.path(&built.unwrap_or(jar)),
        module: None,
        java: Some(java),
        zip: true,
    })
}
