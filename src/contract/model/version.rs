//! Semantic versions of contracts.

/// A semantic version: major, minor, patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Breaking changes.
    pub major: u64,
    /// Additions.
    pub minor: u64,
    /// Corrections.
    pub patch: u64,
}

impl std::str::FromStr for Version {
    type Err = ();

    /// Reads `1.2.3`, `v1.2.3` or `1.2.3-rc.1+build` (pre-release and build are ignored).
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let parts: Vec<&str> = core.split('.').collect();
        let number = |s: &str| {
            let digits = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
            if digits { s.parse::<u64>().map_err(|_| ()) } else { Err(()) }
        };
        match parts.as_slice() {
            [major, minor, patch] => {
                Ok(Self { major: number(major)?, minor: number(minor)?, patch: number(patch)? })
            }
            _ => Err(()),
        }
    }
}

impl Version {
    /// Reads what is short of a semantic version but can only mean one: `2` and `2.0` are `2.0.0`.
    pub fn completed(text: &str) -> Option<Self> {
        let parts = text.strip_prefix('v').unwrap_or(text).split('.').count();
        let whole = match parts {
            1 => format!("{text}.0.0"),
            2 => format!("{text}.0"),
            _ => return None,
        };
        // A dash begins a pre-release, or separates the parts of a day.
        if text.contains(['-', '+']) { None } else { whole.parse().ok() }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}
