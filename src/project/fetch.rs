//! Shared settings at an address: fetched only over https, from addresses that anybody could fetch.
//!
//! Anyone who can change `pactum.yaml` chooses the address, and the machine that checks the change
//! may reach what they cannot: itself, its network, a cloud's metadata. So a name is resolved once,
//! each of its addresses is judged, and only accepted ones are connected to; redirects are not
//! followed, and no proxy is used, since it would resolve names itself. A host of a private network
//! is reached where the environment of the run lists it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use url::{Host, Url};

use crate::engine::address::without_credentials;
use crate::error::{Error, Result};

use super::settings::variable;

/// Largest document that is fetched.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// Hosts of private networks that may be reached.
const VARIABLE: &str = "PACTUM_EXTENDS_HOSTS";

/// How long a name, a connection and a whole answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);

/// An address that shared settings may come from.
///
/// # Errors
/// When it is not an https address, or carries credentials or a query.
pub(super) fn address(text: &str) -> Result<Url> {
    let refused = |message: &str, hint: &str| {
        Err(Error::usage("bad-address", message).at(without_credentials(text)).hint(hint))
    };
    let Ok(url) = Url::parse(text) else {
        return refused("this is not an address", "extends: https://host/path.yaml#sha256=…");
    };
    if url.scheme() != "https" || !url.has_host() {
        return refused(
            "shared settings come over https alone",
            "extends: https://host/path.yaml#sha256=…, or the path of a file",
        );
    }
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    match is_plain {
        true => Ok(url),
        false => refused(
            "an address with a password, a query or a fragment is not fetched",
            "anyone who reads the setting reads them: fetch the file first, and name its path",
        ),
    }
}

/// The hosts of private networks that the environment lists.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Hosts in lower case, each with its only port, if one is given.
    hosts: Vec<(String, Option<u16>)>,
}

impl Listed {
    /// What `PACTUM_EXTENDS_HOSTS` lists: `host` or `host:port`, separated by commas.
    ///
    /// # Errors
    /// When an entry is neither.
    pub fn of_environment() -> Result<Self> {
        Self::parse(&variable(VARIABLE).unwrap_or_default())
    }

    fn parse(text: &str) -> Result<Self> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let hosts = entries.map(entry).collect::<Option<Vec<_>>>();
        hosts.map(|hosts| Self { hosts }).ok_or_else(|| {
            Error::usage("bad-variable", format!("{VARIABLE} holds an entry that names no host"))
                .hint(
                    "hosts separated by commas, each with a port or for every port: a.example:8443",
                )
        })
    }

    fn allows(&self, host: &str, port: u16) -> bool {
        let host = plain(host);
        self.hosts
            .iter()
            .any(|(known, only)| *known == host && only.is_none_or(|only| only == port))
    }
}

fn entry(text: &str) -> Option<(String, Option<u16>)> {
    // An address of version 6 has colons of its own: with a port it is in brackets.
    let is_bare = text.matches(':').count() > 1 && !text.starts_with('[');
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !is_bare && !text.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (text, None),
    };
    let host = plain(host);
    (!host.is_empty() && !host.contains(['/', '@', '*'])).then_some((host, port))
}

/// A host in one spelling.
fn plain(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    host.parse::<IpAddr>().map_or_else(|_| host.to_ascii_lowercase(), |ip| ip.to_string())
}

/// The bytes at an address.
///
/// # Errors
/// When it leads to a forbidden place, nothing answers, or the answer is not a small document.
pub(super) async fn fetch(url: &Url, listed: &Listed) -> Result<Vec<u8>> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = resolved(url, port).await?;
    if !listed.allows(&host, port) && !addresses.iter().all(|a| is_public(a.ip())) {
        return Err(Error::usage(
            "private-address",
            "the address leads to this machine or into a private network",
        )
        .hint(format!(
            "where that is meant, the run's own environment lists the host: {VARIABLE}={host}"
        )));
    }
    let client = client(&host, &addresses).map_err(unanswered)?;
    let mut answer = client.get(url.clone()).send().await.map_err(unanswered)?;
    let status = answer.status();
    if status.is_redirection() {
        return Err(Error::usage("redirected", "the address leads on to another one")
            .hint("redirects are not followed: name the place itself"));
    }
    if !status.is_success() {
        return Err(Error::usage("missing-file", format!("the answer is {}", status.as_u16()))
            .hint("check the address"));
    }
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(unanswered)? {
        bytes.extend_from_slice(&part);
        if bytes.len() > MOST_BYTES {
            return Err(Error::usage(
                "too-large",
                format!("more than {MOST_BYTES} bytes are there"),
            )
            .hint("name a file of settings"));
        }
    }
    Ok(bytes)
}

async fn resolved(url: &Url, port: u16) -> Result<Vec<SocketAddr>> {
    let name = match url.host() {
        Some(Host::Ipv4(ip)) => return Ok(vec![(ip, port).into()]),
        Some(Host::Ipv6(ip)) => return Ok(vec![(ip, port).into()]),
        Some(Host::Domain(name)) => name.to_owned(),
        None => String::new(),
    };
    let unknown = || {
        Error::try_again("store", "no machine of this name answers")
            .hint("check the name, then try again")
    };
    let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((name, port))).await;
    let found: Vec<SocketAddr> =
        found.map_err(|_| unknown())?.map_err(|e| unknown().caused_by(e))?.collect();
    if found.is_empty() { Err(unknown()) } else { Ok(found) }
}

/// A client that connects to these addresses of the host and to nothing else.
fn client(host: &str, addresses: &[SocketAddr]) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .https_only(true)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .resolve_to_addrs(host, addresses)
        .connect_timeout(PATIENCE)
        .timeout(WHOLE)
        .user_agent(concat!("pactum/", env!("CARGO_PKG_VERSION")))
        .build()
}

fn unanswered(error: reqwest::Error) -> Error {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Error::try_again("store", format!("the address does not answer: {cause}"))
        .hint("check the name and the port, then try again")
        .caused_by(error)
}

/// Whether an address is publicly reachable.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => is_public_4(ip),
        IpAddr::V6(ip) => is_public_6(ip),
    }
}

/// By the registry of special-purpose addresses (RFC 6890 and its successors).
fn is_public_4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        // This network; private; this machine; this link.
        [0 | 10 | 127, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..] => true,
        // Shared by a provider's customers; benchmarks.
        [100, 64..=127, ..] | [198, 18..=19, ..] => true,
        // Protocols, documentation, relays.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Groups, reserved, everybody on this link.
        [224..=255, ..] => true,
        _ => false,
    };
    !special
}

/// Only what is global unicast, less addresses that represent others or none: addresses mapped from
/// version 4, unique local, of this link and of groups lie outside of it.
fn is_public_6(ip: Ipv6Addr) -> bool {
    let [first, second, third, ..] = ip.segments();
    match (first, second) {
        (0x2000..=0x3fff, _) if !matches!(first, 0x2001 | 0x2002 | 0x3fff) => true,
        // Protocols (tunnels among them) and documentation.
        (0x2001, 0..=0x01ff | 0x0db8) => false,
        (0x2001, _) => true,
        // The address contains the tunnel's target.
        (0x2002, _) => {
            let [a, b] = second.to_be_bytes();
            let [c, d] = third.to_be_bytes();
            is_public_4(Ipv4Addr::new(a, b, c, d))
        }
        (0x3fff, _) => second > 0x0fff,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_private_networks_are_told_in_every_spelling() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "3fff::1",
            "5f00::1",
            "100::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "193.0.0.1",
            "198.17.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2002:808:808::1",
            "2a00::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn only_plain_https_addresses_are_fetched() {
        address("https://host/platform.yaml").unwrap();
        for refused in [
            "http://host/a.yaml",
            "ftp://host/a.yaml",
            "file:///etc/a.yaml",
            "s3://bucket/a.yaml",
            "https://u:secret@host/a.yaml",
            "https://secret@host/a.yaml",
            "https://host/a.yaml?secret=1",
            "https://",
            "://host",
        ] {
            let error = address(refused).unwrap_err();
            assert_eq!(error.code(), "bad-address", "{refused}");
            assert!(!format!("{error:?}").contains("secret@"), "{error:?}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        // Other spellings of this machine's address.
        for spelled in ["https://2130706433/a", "https://0x7f.1/a", "https://127.1/a"] {
            assert_eq!(address(spelled).unwrap().host_str(), Some("127.0.0.1"));
        }
    }

    #[test]
    fn hosts_are_listed_with_a_port_or_for_every_port() {
        let listed = Listed::parse("A.example, b.example:8443,[::1]:9,fd00::1, 10.0.0.1").unwrap();
        for (host, port) in [
            ("a.example", 1),
            ("a.example.", 2),
            ("b.example", 8443),
            ("[::1]", 9),
            ("fd00::1", 3),
            ("10.0.0.1", 4),
        ] {
            assert!(listed.allows(host, port), "{host}:{port}");
        }
        for (host, port) in [("b.example", 443), ("::1", 8), ("c.a.example", 1), ("10.0.0.2", 4)] {
            assert!(!listed.allows(host, port), "{host}:{port}");
        }
        for wrong in ["https://a.example", "a:b", "*.example", "u@a.example"] {
            assert_eq!(Listed::parse(wrong).unwrap_err().code(), "bad-variable", "{wrong}");
        }
        assert!(!Listed::default().allows("", 443));
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_before_anything_is_sent() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
            let url = address(&format!("https://{host}:{port}/a.yaml")).unwrap();
            let error = fetch(&url, &Listed::default()).await.unwrap_err();
            assert_eq!(error.code(), "private-address", "{host}");
        }
        assert!(listener.accept().is_err());
    }
}
