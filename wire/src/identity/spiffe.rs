//! SPIFFE IDs in their one spelling, and what those of ours grant.

use std::fmt;

use ledger::registry::Name;

/// Longest SPIFFE ID that is accepted, in bytes.
pub const ID_BYTES_MAX: usize = 512;
/// Longest trust domain, in bytes.
pub const TRUST_DOMAIN_BYTES_MAX: usize = 255;
const SCHEME: &str = "spiffe://";

/// What a principal may do. Numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Role {
    /// Reads what belongs to its tenant.
    Read = 1,
    /// Reads, and moves money of its tenant.
    Write = 2,
    /// Reads, moves money, and shapes accounts and books of its tenant.
    Admin = 3,
    /// Of the platform: shapes tenants, assets and books, and no tenant's money.
    Operator = 4,
    /// Of the platform: reads and proves.
    Auditor = 5,
    /// Of the platform: reconciles and exports.
    Billing = 6,
}

/// To whom a principal belongs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Owner {
    /// The platform itself.
    Platform,
    /// The tenant of this name.
    Tenant(Name),
}

/// What an identity claims to be allowed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Grant {
    /// To whom it belongs.
    pub owner: Owner,
    /// What it may do there.
    pub role: Role,
}

/// A SPIFFE ID in its one spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpiffeId {
    text: String,
    /// Where the path begins, at its slash.
    path: usize,
}

/// Why text is not a SPIFFE ID in its one spelling.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpiffeError {
    /// Longer than [`ID_BYTES_MAX`].
    TooLong(usize),
    /// It does not begin with `spiffe://`.
    Scheme,
    /// The trust domain is empty, too long or has other bytes than `[a-z0-9.-_]`.
    TrustDomain,
    /// The path is empty or ends with a slash.
    NoPath,
    /// A segment of the path is empty, `.` or `..`, or has other bytes than `[a-z0-9.-_]`.
    Segment,
}

impl Role {
    /// Every role, in order of number.
    pub const ALL: &'static [Self] = &[
        Self::Read,
        Self::Write,
        Self::Admin,
        Self::Operator,
        Self::Auditor,
        Self::Billing,
    ];

    /// The role with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| *role as u8 == number)
    }

    /// The role with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// Its name, as identities spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Billing => "billing",
        }
    }

    /// Whether it is a role of the platform and not of a tenant.
    pub fn is_of_platform(self) -> bool {
        matches!(self, Self::Operator | Self::Auditor | Self::Billing)
    }
}

crate::field::choice! {
    Role(u8), "1 read, 2 write, 3 admin, 4 operator, 5 auditor, 6 billing",
        |v| v as u8, |n| Self::from_number(n);
}

impl SpiffeId {
    /// Parses an ID. Upper case, percent signs, queries and fragments are refused: an identity has
    /// one spelling.
    ///
    /// # Errors
    /// What of it is wrong.
    pub fn parse(text: &str) -> Result<Self, SpiffeError> {
        if text.len() > ID_BYTES_MAX {
            return Err(SpiffeError::TooLong(text.len()));
        }
        let rest = text.strip_prefix(SCHEME).ok_or(SpiffeError::Scheme)?;
        let slash = rest.find('/').unwrap_or(rest.len());
        let (trust_domain, path) = rest.split_at(slash);
        if trust_domain.len() > TRUST_DOMAIN_BYTES_MAX || !is_plain(trust_domain) {
            return Err(SpiffeError::TrustDomain);
        }
        let segments = path.strip_prefix('/').ok_or(SpiffeError::NoPath)?;
        if segments.is_empty() || segments.ends_with('/') {
            return Err(SpiffeError::NoPath);
        }
        if !segments
            .split('/')
            .all(|segment| is_plain(segment) && !matches!(segment, "." | ".."))
        {
            return Err(SpiffeError::Segment);
        }
        Ok(Self {
            text: text.to_owned(),
            path: SCHEME.len() + slash,
        })
    }

    /// The ID of a principal of ours.
    ///
    /// # Errors
    /// The trust domain is not one.
    pub fn of(trust_domain: &str, grant: &Grant) -> Result<Self, SpiffeError> {
        let role = grant.role.name();
        Self::parse(&match grant.owner {
            Owner::Platform => format!("{SCHEME}{trust_domain}/platform/role/{role}"),
            Owner::Tenant(name) => format!("{SCHEME}{trust_domain}/tenant/{name}/role/{role}"),
        })
    }

    /// The ID of one holder among several of the same grant.
    ///
    /// # Errors
    /// The trust domain is not one.
    pub fn of_holder(trust_domain: &str, grant: &Grant, holder: Name) -> Result<Self, SpiffeError> {
        let id = Self::of(trust_domain, grant)?;
        Self::parse(&format!("{id}/holder/{holder}"))
    }

    /// The whole ID.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The trust domain.
    pub fn trust_domain(&self) -> &str {
        &self.text[SCHEME.len()..self.path]
    }

    /// The path, with its first slash.
    pub fn path(&self) -> &str {
        &self.text[self.path..]
    }

    /// What the path claims: `/tenant/<name>/role/<read|write|admin>` or
    /// `/platform/role/<operator|auditor|billing>`, and after it, where several hold the same,
    /// `/holder/<name>`. `None` for every other path, which means something only where a
    /// configuration maps it.
    pub fn grant(&self) -> Option<Grant> {
        let mut segments = self.path().split('/').skip(1);
        let owner = match segments.next()? {
            "platform" => Owner::Platform,
            "tenant" => Owner::Tenant(Name::parse(segments.next()?)?),
            _ => return None,
        };
        if segments.next()? != "role" {
            return None;
        }
        let role = Role::parse(segments.next()?)?;
        match segments.next() {
            None => {}
            Some("holder") => _ = Name::parse(segments.next()?)?,
            Some(_) => return None,
        }
        let fits = role.is_of_platform() == (owner == Owner::Platform);
        (fits && segments.next().is_none()).then_some(Grant { owner, role })
    }
}

fn is_plain(segment: &str) -> bool {
    let plain =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    !segment.is_empty() && segment.bytes().all(plain)
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for SpiffeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => write!(f, "`{bytes}` bytes are above `{ID_BYTES_MAX}`"),
            Self::Scheme => f.write_str("it does not begin with `spiffe://`"),
            Self::TrustDomain => f.write_str("the trust domain is empty or not `[a-z0-9.-_]`"),
            Self::NoPath => f.write_str("the path is empty or ends with a slash"),
            Self::Segment => {
                f.write_str("a segment of the path is empty, `.`, `..` or not `[a-z0-9.-_]`")
            }
        }
    }
}

impl std::error::Error for SpiffeError {}
