//! Addresses as they are shown and kept: without what gives access.

/// An address without user, password, query and fragment: any of them may be a token, which does
/// not belong in a ledger or a message. The user of a host (`git@host:team/app`) stays.
pub fn without_credentials(address: &str) -> String {
    let Some(mut url) = url::Url::parse(address).ok().filter(url::Url::has_host) else {
        return by_text(address);
    };
    let spelled = url.to_string();
    // `ssh://git@host` is reached by that user; elsewhere a user alone is a token as well.
    if url.scheme() != "ssh" || url.password().is_some() {
        let _ = url.set_username("");
    }
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    // An address that the parser merely respells stays as written.
    if url.as_str() == spelled { address.to_owned() } else { url.to_string() }
}

/// As above, for an address that is not a URL with a host.
fn by_text(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    let end = if scheme.is_empty() { rest.len() } else { rest.find('/').unwrap_or(rest.len()) };
    let Some((user, _)) = rest[..end].rsplit_once('@') else { return address.to_owned() };
    match scheme.is_empty() && (!user.contains(':') || user.contains('/')) {
        true => address.to_owned(),
        false => format!("{scheme}{}", &rest[user.len() + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_remote_stays_out_of_the_ledger() {
        assert_eq!(without_credentials("https://u:t@host/r.git"), "https://host/r.git");
        for (address, plain) in [
            ("https://token@host/r.git", "https://host/r.git"),
            ("https://host/r.git?private_token=t", "https://host/r.git"),
            ("https://u:p@ss@host/r.git", "https://host/r.git"),
            ("ssh://git:t@host/r.git", "ssh://host/r.git"),
            ("u:t@host:r.git", "host:r.git"),
            ("s3://u:t@a b/r", "s3://a b/r"),
        ] {
            assert_eq!(without_credentials(address), plain);
        }
        for plain in
            ["git@host:r.git", "ssh://git@host/r.git", "/srv/r@2", "../r", "https://host", "app"]
        {
            assert_eq!(without_credentials(plain), plain);
        }
    }
}
