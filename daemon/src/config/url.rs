//! Addresses of services: `http` or `https`, and nothing that would be a secret in a log.

use std::fmt;
use std::net::IpAddr;

/// The address of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Url {
    text: String,
    is_secure: bool,
}

/// Longest address.
const LENGTH_MAX: usize = 2_048;

impl Url {
    /// Takes an address without credentials, query or fragment.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (is_secure, rest) = split(text)?;
        if text.contains(['?', '#']) {
            return Err("has a query or a fragment");
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') {
            return Err("holds credentials, which logs would show");
        }
        check_authority(authority)?;
        let text = text.trim_end_matches('/').to_owned();
        Ok(Self { text, is_secure })
    }

    /// Whether it is `https`.
    pub(crate) const fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Whether it leads to this machine, by its address and not by a name.
    pub(crate) fn is_loopback(&self) -> bool {
        let rest = self.text.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next(),
            None => authority.split(':').next(),
        };
        host.and_then(|host| host.parse::<IpAddr>().ok())
            .is_some_and(|address| address.is_loopback())
    }

    /// The address as text, without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether `text` is the address that a collector of errors gives out: `https://KEY@HOST/PROJECT`.
pub(crate) fn check_dsn(text: &str) -> Result<(), &'static str> {
    let (_, rest) = split(text)?;
    let (authority, project) = rest.split_once('/').ok_or("names no project")?;
    let (key, host) = authority.split_once('@').ok_or("holds no key")?;
    if key.is_empty() || project.is_empty() {
        return Err("holds no key or names no project");
    }
    check_authority(host)
}

/// Whether `text` is the address of a PostgreSQL database.
pub(crate) fn check_database(text: &str) -> Result<(), &'static str> {
    let schemes = ["postgres://", "postgresql://"];
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    let rest = rest.ok_or("begins neither with `postgres://` nor with `postgresql://`")?;
    if rest.is_empty() || rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("names no database, or has blanks in it");
    }
    Ok(())
}

fn split(text: &str) -> Result<(bool, &str), &'static str> {
    if text.len() > LENGTH_MAX {
        return Err("longer than 2048 bytes");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("has blanks or letters beyond ASCII");
    }
    match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => Ok((true, rest)),
        (_, Some(rest)) => Ok((false, rest)),
        _ => Err("begins neither with `https://` nor with `http://`"),
    }
}

/// A host, a name or an address in brackets, and perhaps a port.
fn check_authority(authority: &str) -> Result<(), &'static str> {
    let (host, port) = match authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((host, rest)) if host.parse::<std::net::Ipv6Addr>().is_ok() => {
            (host, (!rest.is_empty()).then_some(rest))
        }
        Some(_) => return Err("names no host"),
        None => match authority.find(':') {
            Some(at) => (&authority[..at], Some(&authority[at..])),
            None => (authority, None),
        },
    };
    let is_of_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    if host.is_empty() || !host.bytes().all(is_of_host) {
        return Err("names no host");
    }
    let number = |port: &str| {
        port.strip_prefix(':')
            .and_then(|text| text.parse::<u16>().ok())
    };
    match port.map(number) {
        Some(None | Some(0)) => Err("has a port that is no number from 1 to 65535"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Url, check_database, check_dsn};

    #[test]
    fn addresses_read() {
        let table = [
            ("https://signer.example", true),
            ("https://signer.example:8443/v1/", true),
            ("http://127.0.0.1:1", true),
            ("https://[::1]:8443", true),
            ("https://[::1]", true),
            ("https://", false),
            ("https:///path", false),
            ("https://host:port", false),
            ("https://host:0", false),
            ("https://[host]", false),
            ("https://key@host", false),
            ("https://host?x=1", false),
            ("https://ho st", false),
            ("ftp://host", false),
            ("signer.example", false),
            ("", false),
        ];
        for (text, is_good) in table {
            assert_eq!(Url::parse(text).is_ok(), is_good, "{text}");
        }
        let url = Url::parse("https://signer.example/").unwrap();
        assert_eq!(
            (url.as_str(), url.is_secure()),
            ("https://signer.example", true)
        );
    }

    #[test]
    fn this_machine_is_known_by_its_address() {
        let table = [
            ("http://127.0.0.1:4566", true),
            ("http://[::1]:4566/kms", true),
            ("http://127.0.0.1.example", false),
            ("http://localhost", false),
        ];
        for (text, is_loopback) in table {
            assert_eq!(
                Url::parse(text).unwrap().is_loopback(),
                is_loopback,
                "{text}"
            );
        }
    }

    #[test]
    fn addresses_with_secrets_read() {
        assert!(check_dsn("https://abc@errors.example/7").is_ok());
        for text in [
            "https://errors.example/7",
            "https://abc@errors.example",
            "abc",
        ] {
            assert!(check_dsn(text).is_err(), "{text}");
        }
        assert!(check_database("postgres://ledgerd:x@db/ledger?sslmode=require").is_ok());
        for text in ["mysql://db/x", "postgres://", "postgres://a b", "ledger"] {
            assert!(check_database(text).is_err(), "{text}");
        }
    }
}
