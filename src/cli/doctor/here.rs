//! Checks of this machine: versions, disk, proxies.

use std::{
    net::{TcpStream, ToSocketAddrs},
    path::Path,
    process::Command,
    time::Duration,
};

use crate::{cli::environment::cache_folder, model::doctor::Check, report::wording};

/// Free disk space in bytes that deserves a warning; an image, its dependencies and its build need
/// this much.
const LITTLE: u64 = 5_000_000_000;
/// Free disk space in bytes below which builds fail.
const NONE: u64 = 500_000_000;
/// How long a proxy may take to accept a connection.
const PROXY: Duration = Duration::from_secs(3);

/// All checks of this machine.
pub fn checks() -> Vec<Check> {
    let mut checks = vec![versions()];
    let folder = cache_folder().unwrap_or_else(std::env::temp_dir);
    checks.extend(free(&folder).map(|bytes| disk(&folder, bytes)));
    checks.push(proxies());
    checks
}

fn versions() -> Check {
    let jot = concat!("jot ", env!("CARGO_PKG_VERSION"));
    let git = Command::new("git").arg("--version").output();
    match git {
        Ok(output) if output.status.success() => {
            let git = String::from_utf8_lossy(&output.stdout);
            Check::good("versions", format!("{jot}, {}", git.trim()))
        }
        _ => Check::doubtful(
            "versions",
            format!("{jot}; git is not found"),
            "install git if a function's source is a git URL",
        ),
    }
}

fn disk(folder: &Path, bytes: u64) -> Check {
    let message = format!("{} are free at {}", wording::bytes(bytes), folder.display());
    let help = "free space with `jot clean`, or with `docker builder prune` for the build cache";
    match bytes {
        ..NONE => Check::broken("disk", message, help),
        NONE..LITTLE => Check::doubtful("disk", message, help),
        _ => Check::good("disk", message),
    }
}

/// Free bytes in a folder or its nearest existing parent, by POSIX `df`; `None` if unknown.
/// <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/df.html>
fn free(folder: &Path) -> Option<u64> {
    let folder = folder.ancestors().find(|folder| folder.is_dir())?;
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    available(&String::from_utf8_lossy(&output.stdout))
}

fn available(table: &str) -> Option<u64> {
    let fields: Vec<&str> = table.lines().nth(1)?.split_whitespace().collect();
    // The name of a file system may contain spaces; the columns after it do not.
    let percent = fields.iter().position(|field| field.ends_with('%'))?;
    let kilobytes: u64 = fields.get(percent.checked_sub(1)?)?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn proxies() -> Check {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some((name, proxy)) = names.iter().find_map(|name| Some((*name, value(name)?))) else {
        return Check::good("proxies", "none is set");
    };
    let exceptions = value("NO_PROXY").or_else(|| value("no_proxy"));
    proxy_check(name, &proxy, exceptions.as_deref())
}

fn proxy_check(name: &str, proxy: &str, exceptions: Option<&str>) -> Check {
    let Some(place) = place(proxy) else {
        let help = "write it as http://host:port";
        return Check::broken(
            "proxies",
            format!("{name} is not the address of a proxy"),
            help,
        );
    };
    let addresses = place.to_socket_addrs().into_iter().flatten();
    let accepts = |address| TcpStream::connect_timeout(&address, PROXY).is_ok();
    if !addresses.into_iter().any(accepts) {
        let message = format!("{name} names {place}, which does not accept connections");
        return Check::broken("proxies", message, "correct it or unset it");
    }
    let message = format!("{name} names {place}");
    match exceptions {
        Some(exceptions) => Check::good("proxies", format!("{message}; not for {exceptions}")),
        None => Check::doubtful(
            "proxies",
            message,
            "set NO_PROXY=localhost,127.0.0.1,169.254.169.254 to reach local addresses directly",
        ),
    }
}

/// Host and port of a proxy, without its credentials.
fn place(proxy: &str) -> Option<String> {
    let (scheme, rest) = proxy.split_once("://").unwrap_or(("http", proxy));
    let port = match scheme {
        "http" => "80",
        "https" => "443",
        _ => return None,
    };
    let authority = rest.split(['/', '?']).next()?;
    let place = authority
        .rsplit('@')
        .next()
        .filter(|place| !place.is_empty())?;
    let has_port = place
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Some(match has_port {
        true => place.to_owned(),
        false => format!("{place}:{port}"),
    })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::model::doctor::Health;

    #[test]
    fn a_proxy_is_tried_and_its_password_is_not_shown() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = format!("http://me:secret@{address}/");
        let good = proxy_check("HTTPS_PROXY", &proxy, Some("localhost"));
        assert_eq!(good.health, Health::Good);
        assert_eq!(
            good.message,
            format!("HTTPS_PROXY names {address}; not for localhost")
        );
        assert_eq!(
            proxy_check("HTTPS_PROXY", &proxy, None).health,
            Health::Doubtful
        );
        drop(listener);
        assert_eq!(
            proxy_check("HTTPS_PROXY", &proxy, None).health,
            Health::Broken
        );
        assert_eq!(
            proxy_check("HTTPS_PROXY", "socks5://x:1", None).health,
            Health::Broken
        );
        assert_eq!(
            place("proxy.example.org").as_deref(),
            Some("proxy.example.org:80")
        );
    }

    #[test]
    fn free_space_is_read_whatever_the_file_system_is_called() {
        let table = "Filesystem     1024-blocks      Used Available Capacity Mounted on\n\
                     my disk 263174212  29000000  66000000      31% /a b\n";
        assert_eq!(available(table), Some(66_000_000 * 1024));
        assert_eq!(available(""), None);
        let health = |bytes| disk(Path::new("/c"), bytes).health;
        assert_eq!(health(400_000_000), Health::Broken);
        assert_eq!(health(4_000_000_000), Health::Doubtful);
        assert_eq!(health(40_000_000_000), Health::Good);
    }
}
