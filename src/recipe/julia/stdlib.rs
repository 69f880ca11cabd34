//! The standard libraries of each release of Julia, which need no registry.

/// Standard libraries that every Julia from 1.5 on has.
const ALWAYS: &[&str] = &[
    "Base64",
    "CRC32c",
    "Dates",
    "DelimitedFiles",
    "Distributed",
    "FileWatching",
    "Future",
    "InteractiveUtils",
    "LibGit2",
    "Libdl",
    "LinearAlgebra",
    "Logging",
    "Markdown",
    "Mmap",
    "Pkg",
    "Printf",
    "Profile",
    "REPL",
    "Random",
    "SHA",
    "Serialization",
    "SharedArrays",
    "Sockets",
    "SparseArrays",
    "Statistics",
    "Test",
    "UUIDs",
    "Unicode",
];

/// Later standard libraries, with the minor version that introduced them, by its NEWS:
/// <https://github.com/JuliaLang/julia/blob/v1.6.0/NEWS.md>,
/// <https://github.com/JuliaLang/julia/blob/v1.11.0/NEWS.md>,
/// <https://github.com/JuliaLang/julia/blob/v1.12.0/NEWS.md>. Before, packages of these names and
/// UUIDs may be in General.
const SINCE: &[(&str, u32)] = &[
    ("ArgTools", 6),
    ("Artifacts", 6),
    ("Downloads", 6),
    ("JuliaSyntaxHighlighting", 12),
    ("LazyArtifacts", 6),
    ("LibCURL", 6),
    ("NetworkOptions", 6),
    ("StyledStrings", 11),
    ("TOML", 6),
    ("Tar", 6),
];

/// Whether a package is part of this Julia, given as `1.11` or `1.11.3`.
pub fn is_standard(package: &str, julia: &str) -> bool {
    let minor = julia.split('.').nth(1).and_then(|part| part.parse().ok());
    let minor: u32 = minor.unwrap_or_default();
    ALWAYS.contains(&package)
        || SINCE
            .iter()
            .any(|(name, since)| *name == package && minor >= *since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_library_is_one_from_its_own_version_on() {
        for (package, julia, standard) in [
            ("Dates", "1.5", true),
            ("TOML", "1.5", false),
            ("TOML", "1.6", true),
            ("StyledStrings", "1.10.4", false),
            ("StyledStrings", "1.11.0-rc1", true),
            ("JSON3", "1.12", false),
        ] {
            assert_eq!(is_standard(package, julia), standard, "{package} {julia}");
        }
    }
}
