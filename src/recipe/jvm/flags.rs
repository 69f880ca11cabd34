//! The options that the JVM of a function is started with.

/// jot's own options for a release of Java, one an argument.
pub fn flags(java: u32, archive: bool) -> Vec<&'static str> {
    let mut flags = vec![
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:MaxRAMPercentage=70",
        "-XX:-UsePerfData",
        // Without it, hooks of SnapStart that are registered with org.crac are never called.
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

/// Options that choose a collector.
/// <https://docs.oracle.com/en/java/javase/25/gctuning/available-collectors.html>
const COLLECTORS: [&str; 6] = [
    "-XX:+UseSerialGC",
    "-XX:+UseParallelGC",
    "-XX:+UseG1GC",
    "-XX:+UseZGC",
    "-XX:+UseShenandoahGC",
    "-XX:+UseEpsilonGC",
];

/// jot's options followed by the user's; the JVM accepts only one collector, so the user's replaces
/// jot's.
pub fn joined(own: &[&str], given: &[String]) -> Vec<String> {
    let chosen = given.iter().any(|flag| COLLECTORS.contains(&flag.as_str()));
    let own = own
        .iter()
        .filter(|flag| !(chosen && COLLECTORS.contains(flag)));
    own.map(|flag| (*flag).to_owned())
        .chain(given.iter().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_of_the_users_is_the_only_one() {
        let own = flags(25, true);
        assert!(joined(&own, &[]).contains(&"-XX:+UseSerialGC".to_owned()));
        let g1 = "-XX:+UseG1GC".to_owned();
        let joined = joined(&own, std::slice::from_ref(&g1));
        assert!(!joined.contains(&"-XX:+UseSerialGC".to_owned()));
        assert_eq!(joined.last(), Some(&g1));
    }
}
