//! Why a request went no further.

use std::fmt;

use ledger::{Digest, Operation};

use crate::principal::Role;

/// A refusal. It says nothing about what the resource holds or whether it exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Denied {
    /// What was asked for.
    pub operation: Operation,
    /// Role of who asked.
    pub role: Role,
    /// Why not.
    pub reason: Reason,
    /// Digest of the rules that were asked.
    pub policy_set: Digest,
}

/// Why a request was denied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The principal's certificate is no longer valid.
    Expired,
    /// The operation is not about this kind of resource: a fault of the caller's code.
    ResourceMismatch,
    /// No rule gives the role this operation anywhere.
    RoleLacksPower,
    /// The role has the operation, but not here: it belongs to another, or to nobody.
    OutOfReach,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operation, role) = (self.operation.name(), self.role);
        match self.reason {
            Reason::Expired => write!(f, "`{operation}` denied: the certificate has expired"),
            Reason::ResourceMismatch => {
                write!(
                    f,
                    "`{operation}` denied: it is not about this kind of resource"
                )
            }
            Reason::RoleLacksPower => write!(f, "`{operation}` denied: role `{role}` may not"),
            Reason::OutOfReach => {
                write!(
                    f,
                    "`{operation}` denied: not one of the books that role `{role}` reaches"
                )
            }
        }
    }
}

impl std::error::Error for Denied {}
