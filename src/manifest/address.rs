//! Addresses of git repositories, as `source` and `registries` take them.

/// How an address that git fetches from begins; the other form is `user@host:path`.
const SCHEMES: [&str; 4] = ["https://", "http://", "ssh://", "git://"];

/// Whether a `source` is the address of a git repository and not a path. A manifest has no Windows
/// paths.
pub fn is_git_url(source: &str) -> bool {
    let short = || {
        let (host, path) = source.split_once(':')?;
        let (user, host) = host.split_once('@')?;
        let plain = |part: &str| !part.is_empty() && !part.contains('/');
        Some(plain(user) && plain(host) && !path.is_empty())
    };
    SCHEMES.iter().any(|scheme| source.starts_with(scheme)) || short().unwrap_or(false)
}

/// Whether an address contains a password or token: anything before the `@` over HTTP, or after a
/// `:` before it. An SSH user name alone is not a secret.
pub fn has_credentials(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else {
        return false;
    };
    scheme != "ssh" || user.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_distinguished_from_paths() {
        for (source, is) in [
            ("https://example.org/a.git", true),
            ("ssh://git@example.org/a", true),
            ("git://127.0.0.1:9418/a.git", true),
            ("git@example.org:team/a.git", true),
            ("a.jl", false),
            ("./git@example.org:a", false),
            ("folder/a@b:c.jl", false),
            ("ext::sh -c true", false),
            ("-u:a@b", false),
            ("@b:c", false),
        ] {
            assert_eq!(is_git_url(source), is, "{source}");
        }
    }

    #[test]
    fn credentials_are_seen() {
        for (address, has) in [
            ("https://example.org/a.git", false),
            ("https://token@example.org/a.git", true),
            ("https://me:token@example.org/a.git", true),
            ("https://example.org/a@b", false),
            ("ssh://git@example.org/a", false),
            ("ssh://git:secret@example.org/a", true),
            ("git@example.org:a.git", false),
        ] {
            assert_eq!(has_credentials(address), has, "{address}");
        }
    }
}
