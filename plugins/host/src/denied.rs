//! Why a request went no further.

use std::fmt;
use std::sync::Arc;

use ledger::batch::Origin;
use ledger::{Code, Digest, Operation};

use crate::authority::Request;
use crate::principal::{Principal, Role};

/// A refusal. It says nothing about what the resource holds or whether it exists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Denied {
    /// What was asked for.
    pub operation: Operation,
    /// Role of who asked.
    pub role: Role,
    /// Why not.
    pub reason: Reason,
    /// Digest of the policies that were asked.
    pub policy_set: Digest,
}

/// Why a request was not permitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The principal's certificate is no longer valid.
    Expired,
    /// The principal is no longer who it was: the configuration has changed.
    StandingLost,
    /// The operation is not about this kind of resource: a fault of the caller's code.
    ResourceMismatch,
    /// A rule of a policy denies it.
    Rule(Arc<Cause>),
    /// A policy gave no verdict. The code says what happened to it.
    NoVerdict(Arc<PolicyId>, Code),
    /// Too much waits to be judged.
    Busy,
    /// What it was judged by changed again and again before it could be applied.
    Restless,
}

/// A policy, as denials name it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PolicyId {
    /// Its name.
    pub name: Box<str>,
    /// SHA-256 of its component.
    pub digest: Digest,
}

/// The rule that denies.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Cause {
    /// The policy that it belongs to.
    pub policy: Arc<PolicyId>,
    /// Its number there.
    pub rule: u16,
    /// Its name there.
    pub rule_name: Box<str>,
}

impl Denied {
    /// The code that the client is told.
    pub fn code(&self) -> Code {
        match &self.reason {
            Reason::Expired | Reason::StandingLost | Reason::ResourceMismatch | Reason::Rule(_) => {
                Code::Denied
            }
            Reason::NoVerdict(_, code) => *code,
            Reason::Busy | Reason::Restless => Code::Busy,
        }
    }

    /// The rule that denies it, if one does.
    pub fn cause(&self) -> Option<&Arc<Cause>> {
        match &self.reason {
            Reason::Rule(cause) => Some(cause),
            _ => None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            policy,
            rule,
            rule_name,
        } = self;
        write!(f, "rule {rule} `{rule_name}` of policy `{}`", policy.name)
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation.name();
        match &self.reason {
            Reason::Expired => write!(f, "`{operation}` denied: the certificate has expired"),
            Reason::StandingLost => write!(
                f,
                "`{operation}` denied: the configuration no longer says so of this certificate; \
                 connect again"
            ),
            Reason::ResourceMismatch => write!(
                f,
                "`{operation}` denied: it is not about this kind of resource"
            ),
            Reason::Rule(cause) => {
                write!(f, "`{operation}` denied to role `{}`: {cause}", self.role)
            }
            Reason::NoVerdict(asked, code) => write!(
                f,
                "`{operation}` not done: policy `{}` gave no verdict: {}",
                asked.name,
                code.doc()
            ),
            Reason::Busy => write!(f, "`{operation}` not done: too much waits to be judged"),
            Reason::Restless => write!(
                f,
                "`{operation}` not done: what it is judged by changes too fast"
            ),
        }
    }
}

impl std::error::Error for Denied {}

/// A request that was not permitted, with what it was and why. Like a permit it is made by
/// [`Authority`](crate::Authority) alone: what is recorded as denied was.
#[derive(Debug)]
pub struct Refused<T>(Box<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    principal: Arc<Principal>,
    request: Request,
    denied: Denied,
    value: T,
}

impl<T> Refused<T> {
    pub(crate) fn new(
        principal: Arc<Principal>,
        request: Request,
        denied: Denied,
        value: T,
    ) -> Self {
        Self(Box::new(Inner {
            principal,
            request,
            denied,
            value,
        }))
    }

    /// Who asked.
    pub fn principal(&self) -> &Arc<Principal> {
        &self.0.principal
    }

    /// What was asked for.
    pub fn request(&self) -> Request {
        self.0.request
    }

    /// Why it was refused.
    pub fn denied(&self) -> &Denied {
        &self.0.denied
    }

    /// Principal, certificate, request id and policy set, as a block's batch list holds them.
    pub fn origin(&self) -> Origin {
        Origin {
            principal: self.0.principal.digest(),
            fingerprint: self.0.principal.fingerprint(),
            request_id: self.0.request.id,
            policy_set: self.0.denied.policy_set,
        }
    }

    /// What may not be done.
    pub fn value(&self) -> &T {
        &self.0.value
    }

    /// What may not be done, given away.
    pub fn into_value(self) -> T {
        self.0.value
    }
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.denied.fmt(f)
    }
}
