//! The options that the JVM of a function is started with.

/// jot's own options for a release of Java, one an argument.
pub fn flags(java: u32, archive: bool) -> Vec<&'static str> {
    let mut flags = vec![
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:MaxRAMPercentage=70",
        "-XX:-UsePerfData",
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
