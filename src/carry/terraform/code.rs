//! Where the code of a function comes from.

use super::{
    super::{
        carried::{Code, Function},
        cloudformation::java,
        paths::Base,
        settings::printable,
    },
    Resource,
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
    let is_image = resource
        .values
        .get("package_type")
        .and_then(|value| value.as_str());
    if is_image == Some("Image")
        || resource
            .values
            .get("image_uri")
            .is_some_and(|uri| !uri.is_null())
    {
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
            "{address}.runtime: {runtime} is no language of jot, so the function was left out. With a Dockerfile of its own it is `dockerfile = {{ source = \"DIR\" }}`."
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
    Some(Code::Jvm {
        source: base.path(&jar.unwrap_or_default()),
        module: None,
        java: Some(java),
        zip: true,
    })
}
