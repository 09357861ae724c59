use std::collections::BTreeMap;

use super::ChainFault;
use crate::chain_head::ChainHead;
use crate::key::Kid;
use crate::keyring::Keyring;
use crate::payload::Content;
use crate::row::AuditRow;

/// What a chain has to show about keys that are revoked, by the keyring or by a row of its own.
///
/// The chain links every row to every later one. A row by a revoked key is therefore shown to be an
/// ancestor of the trusted head as soon as the chain has passed through that head.
#[derive(Debug)]
pub(super) struct Revocations {
    /// Trusted heads of revoked keys.
    trusted: BTreeMap<Kid, ChainHead>,
    /// The last head that each key signed.
    signed: BTreeMap<Kid, ChainHead>,
    /// The head before the rows.
    start: ChainHead,
    /// The last head.
    head: ChainHead,
}

impl Revocations {
    pub(super) fn new(keyring: &Keyring, start: ChainHead) -> Self {
        let revoked = keyring.keys().filter_map(|key| {
            let trusted = key.revoked?;
            Some((key.kid.clone(), trusted))
        });
        Self {
            trusted: revoked.collect(),
            signed: BTreeMap::new(),
            start,
            head: start,
        }
    }

    /// Takes a row that counts by the keyring.
    pub(super) fn pass(&mut self, row: &AuditRow) -> Result<(), ChainFault> {
        let (seq, kid) = (row.seq(), row.signer_kid());
        let fault = |kid: &Kid, trusted| ChainFault::Revoked {
            kid: kid.clone(),
            seq,
            trusted,
        };
        if let Some(trusted) = self.trusted.get(kid)
            && seq > trusted.seq
        {
            return Err(fault(kid, *trusted));
        }
        // A chain that has another row in the trusted place leads elsewhere.
        for (revoked, trusted) in &self.trusted {
            let leads_elsewhere = trusted.seq == seq && trusted.digest != row.digest();
            if leads_elsewhere && (self.signed.contains_key(revoked) || revoked == kid) {
                return Err(fault(revoked, *trusted));
            }
        }
        if let Content::KeyRevoked { kid, trusted, .. } = &row.payload().content {
            self.revoke(seq, kid, *trusted)?;
        }
        self.head = row.head();
        match self.signed.get_mut(kid) {
            Some(last) => *last = self.head,
            None => {
                self.signed.insert(kid.clone(), self.head);
            }
        }
        Ok(())
    }

    /// A row of this chain revokes `kid`. What it signed so far must not go beyond.
    fn revoke(&mut self, seq: u64, kid: &Kid, trusted: ChainHead) -> Result<(), ChainFault> {
        let wrong = ChainFault::Revocation { seq };
        let known = [self.head, self.start, ChainHead::NONE];
        let signed = self.signed.get(kid).copied();
        let contradicts =
            |head: &ChainHead| head.seq == trusted.seq && head.digest != trusted.digest;
        if trusted.seq >= seq || known.iter().chain(&signed).any(contradicts) {
            return Err(wrong);
        }
        if let Some(last) = signed
            && last.seq > trusted.seq
        {
            return Err(ChainFault::Revoked {
                kid: kid.clone(),
                seq: last.seq,
                trusted,
            });
        }
        match self.trusted.get(kid) {
            Some(registered) if *registered != trusted => Err(wrong),
            Some(_) => Ok(()),
            None => {
                self.trusted.insert(kid.clone(), trusted);
                Ok(())
            }
        }
    }

    /// Whether every revoked key that signed was shown to count: the trusted head was passed.
    pub(super) fn finish(&self) -> Result<(), ChainFault> {
        for (kid, trusted) in &self.trusted {
            let Some(last) = self.signed.get(kid) else {
                continue;
            };
            if self.head.seq < trusted.seq {
                return Err(ChainFault::Revoked {
                    kid: kid.clone(),
                    seq: last.seq,
                    trusted: *trusted,
                });
            }
        }
        Ok(())
    }
}
