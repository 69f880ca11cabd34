//! What makes binaries.

use super::super::Table;

/// GraalVM's own image for a release of Java, on Oracle Linux 9: its glibc is 2.34, like that of
/// AWS's runtime.
/// <https://github.com/graalvm/container>
const BUILDER: &str = "ghcr.io/graalvm/native-image-community:{java}-ol9";
/// Options of the JVM that answers the exemplars: AWS's client calls native code,
/// <https://openjdk.org/jeps/472>.
pub const FLAGS: [&str; 1] = ["--enable-native-access=ALL-UNNAMED"];

/// Returns the image that has `native-image`.
pub fn builder_image(table: &Table, java: &str) -> String {
    let given = table
        .native
        .as_ref()
        .and_then(|native| native.builder_image.clone());
    given.unwrap_or_else(|| BUILDER.replace("{java}", java))
}
