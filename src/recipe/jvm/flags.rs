//! The options that the JVM of a function is started with.

/// jot's own options for a release of Java, one an argument.
pub fn flags(java: u32, archive: bool) -> Vec<&'static str> {
    let mut flags = vec![
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:MaxRAMPercentage=70",
        "-XX:-UsePerfData",
        // Without it hooks of SnapStart that are registered with org.crac are never called.
        "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac",
    ];
    if java >= 24 {
        // AWS's client calls native code: <https://openjdk.org/jeps/472>
        flags.push("--enable-native-access=ALL-UNNAMED");
        if archive {
            flags.push("-XX:+AOTClassLinking");
        }
    }
    flags
}
