//! Who asks: one identity of one peer, as its certificate and the configuration say.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use ledger::registry::Name;
use ledger::{Digest, Nanos, TenantId};

/// What a principal is trusted with. The first three belong to a tenant, the others to the
/// platform. What each may do is said by the policies.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Reads its tenant's books.
    Read,
    /// Also moves its tenant's money.
    Write,
    /// Also shapes its tenant's accounts and the state of its books.
    Admin,
    /// Shapes the platform and the state of any book; never posts and sees no balance.
    Operator,
    /// Reads and proves, and changes nothing.
    Auditor,
    /// Reconciles and exports for the platform; never posts.
    Billing,
}

/// What a principal of the platform may be given beyond its role, by name and never implied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// What its role reads, it reads of every tenant.
    CrossTenantRead,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[
        Self::Read,
        Self::Write,
        Self::Admin,
        Self::Operator,
        Self::Auditor,
        Self::Billing,
    ];

    /// Name in certificates, configuration and the rules.
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

    /// The role with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == text)
    }

    /// Whether the role belongs to the platform and to no tenant.
    pub fn is_platform(self) -> bool {
        matches!(self, Self::Operator | Self::Auditor | Self::Billing)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] = &[Self::CrossTenantRead];

    /// Name in configuration and for policies.
    pub fn name(self) -> &'static str {
        match self {
            Self::CrossTenantRead => "operator:cross-tenant-read",
        }
    }

    /// The scope with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.name() == text)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who asks. Whoever makes one has validated the certificate that it comes from. It is shared and
/// never copied: when it loses its standing, every permit that it was given is worth nothing more.
#[derive(Debug)]
pub struct Principal {
    tenant: TenantId,
    tenant_name: Option<Name>,
    role: Role,
    scopes: Vec<Scope>,
    attributes: Vec<(Box<str>, Box<str>)>,
    spiffe: Box<str>,
    digest: Digest,
    version: Digest,
    fingerprint: Digest,
    not_after: Nanos,
    stands: AtomicBool,
}

impl Principal {
    /// A principal of a tenant, without attributes. `spiffe` is its SPIFFE ID, `fingerprint` the
    /// SHA-256 of its certificate's DER bytes, which is valid up to and including `not_after`.
    ///
    /// # Errors
    /// The role belongs to the platform, or the tenant is the platform.
    pub fn of_tenant(
        (tenant, name): (TenantId, Name),
        role: Role,
        spiffe: &str,
        fingerprint: Digest,
        not_after: Nanos,
    ) -> Result<Self, RoleElsewhere> {
        if role.is_platform() || tenant == TenantId::PLATFORM {
            return Err(RoleElsewhere(role));
        }
        let owner = (tenant, Some(name));
        Ok(Self::new(owner, role, spiffe, fingerprint, not_after))
    }

    /// A principal of the platform, without scopes and attributes; arguments as in
    /// [`Principal::of_tenant`].
    ///
    /// # Errors
    /// The role belongs to a tenant.
    pub fn of_platform(
        role: Role,
        spiffe: &str,
        fingerprint: Digest,
        not_after: Nanos,
    ) -> Result<Self, RoleElsewhere> {
        if !role.is_platform() {
            return Err(RoleElsewhere(role));
        }
        let owner = (TenantId::PLATFORM, None);
        Ok(Self::new(owner, role, spiffe, fingerprint, not_after))
    }

    /// The same principal with these scopes and no others.
    ///
    /// # Errors
    /// It belongs to a tenant, and the scope is the platform's.
    pub fn with_scopes(mut self, scopes: &[Scope]) -> Result<Self, ScopeElsewhere> {
        if let (false, Some(scope)) = (self.role.is_platform(), scopes.first()) {
            return Err(ScopeElsewhere(*scope));
        }
        self.scopes = scopes.to_vec();
        self.scopes.sort_unstable();
        self.scopes.dedup();
        self.version = self.version_now();
        Ok(self)
    }

    /// The same principal with these attributes and no others. Of several with one name the first
    /// counts.
    #[must_use]
    pub fn with_attributes(
        mut self,
        attributes: impl IntoIterator<Item = (Box<str>, Box<str>)>,
    ) -> Self {
        self.attributes = attributes.into_iter().collect();
        self.attributes.sort_by(|a, b| a.0.cmp(&b.0));
        self.attributes.dedup_by(|later, first| later.0 == first.0);
        self.version = self.version_now();
        self
    }

    fn new(
        (tenant, tenant_name): (TenantId, Option<Name>),
        role: Role,
        spiffe: &str,
        fingerprint: Digest,
        not_after: Nanos,
    ) -> Self {
        let mut made = Self {
            tenant,
            tenant_name,
            role,
            scopes: Vec::new(),
            attributes: Vec::new(),
            spiffe: spiffe.into(),
            digest: Digest::of(spiffe.as_bytes()),
            version: Digest::ZERO,
            fingerprint,
            not_after,
            stands: AtomicBool::new(true),
        };
        made.version = made.version_now();
        made
    }

    /// Every part is preceded by its length, so that no two principals are written alike.
    fn version_now(&self) -> Digest {
        let mut text = b"ledgerd principal v1".to_vec();
        let mut add = |part: &str| {
            text.extend_from_slice(&(part.len() as u64).to_le_bytes());
            text.extend_from_slice(part.as_bytes());
        };
        add(self.tenant_name.as_ref().map_or("", Name::as_str));
        add(self.role.name());
        add(&self.spiffe);
        add(&self.scopes.len().to_string());
        self.scopes.iter().for_each(|scope| add(scope.name()));
        for (name, value) in &self.attributes {
            add(name);
            add(value);
        }
        Digest::of(&text)
    }

    /// The tenant, or [`TenantId::PLATFORM`].
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The tenant's name; none for the platform.
    pub fn tenant_name(&self) -> Option<Name> {
        self.tenant_name
    }

    /// What it is trusted with.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What it was given beyond its role, in order.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// Names and values that policies are told of it, in order of name.
    pub fn attributes(&self) -> &[(Box<str>, Box<str>)] {
        &self.attributes
    }

    /// Digest of everything that policies are told of it: tenant, role, SPIFFE ID, scopes and
    /// attributes. Two principals of one version are judged alike.
    pub fn version(&self) -> Digest {
        self.version
    }

    /// Whether it is still who it was. Once false it stays so.
    pub fn stands(&self) -> bool {
        self.stands.load(Ordering::Acquire)
    }

    /// Says that it is no longer who it was: what it asks for from now on is refused, and what it
    /// was permitted before is not applied any more.
    pub fn lose_standing(&self) {
        self.stands.store(false, Ordering::Release);
    }

    /// Its SPIFFE ID.
    pub fn spiffe(&self) -> &str {
        &self.spiffe
    }

    /// SHA-256 of its SPIFFE ID, as blocks commit to it.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// SHA-256 of its certificate's DER bytes.
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// Last moment at which its certificate is valid.
    pub fn not_after(&self) -> Nanos {
        self.not_after
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spiffe)
    }
}

/// A tenant's role was given to the platform, or the platform's to a tenant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoleElsewhere(pub Role);

impl fmt::Display for RoleElsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (here, there) = if self.0.is_platform() {
            ("the platform", "a tenant")
        } else {
            ("a tenant", "the platform")
        };
        write!(
            f,
            "role `{}` belongs to {here} and cannot be given to {there}",
            self.0
        )
    }
}

impl std::error::Error for RoleElsewhere {}

/// A scope of the platform was given to a principal of a tenant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScopeElsewhere(pub Scope);

impl fmt::Display for ScopeElsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "scope `{}` belongs to the platform and cannot be given to a tenant",
            self.0
        )
    }
}

impl std::error::Error for ScopeElsewhere {}

#[cfg(test)]
mod tests;
