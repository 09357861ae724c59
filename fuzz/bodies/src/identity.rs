//! Client certificates, and the SPIFFE IDs in them.

use ledger::Digest;
use wire::identity::{PeerCertificate, SpiffeId};

use crate::Verdict;

/// The input is a certificate in DER, and the text of a SPIFFE ID as well.
pub fn body(data: &[u8]) -> Verdict {
    let certificate = PeerCertificate::parse(data);
    match &certificate {
        Ok(peer) => {
            assert_eq!(peer.fingerprint, Digest::of(data));
            assert_eq!(peer.principal(), Digest::of(peer.id.as_str().as_bytes()));
            assert_eq!(SpiffeId::parse(peer.id.as_str()).as_ref(), Ok(&peer.id));
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
    let id = std::str::from_utf8(data).map(SpiffeId::parse);
    match &id {
        Ok(Ok(id)) => {
            assert_eq!(
                id.as_str().as_bytes(),
                data,
                "an identity has two spellings"
            );
            assert_eq!(SpiffeId::parse(id.as_str()).as_ref(), Ok(id));
            let _ = id.grant();
        }
        Ok(Err(error)) => {
            let _ = error.to_string();
        }
        Err(_) => {}
    }
    Verdict::of(certificate.is_ok() || matches!(id, Ok(Ok(_))))
}
