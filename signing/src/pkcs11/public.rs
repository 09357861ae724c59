//! Public keys of a token, as DER of `SubjectPublicKeyInfo`.

use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectHandle};
use cryptoki::session::Session;
use rsa::pkcs8::EncodePublicKey as _;
use rsa::{BigUint, RsaPublicKey};

use super::fault::fault;
use crate::error::Fault;

/// DER of an Ed25519 `SubjectPublicKeyInfo`, up to the 32 bytes of the key (RFC 8410).
const ED25519_INFO: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The public key at `key`.
pub(super) fn read(session: &Session, key: ObjectHandle) -> Result<Vec<u8>, Fault> {
    let wanted = [
        AttributeType::KeyType,
        AttributeType::Modulus,
        AttributeType::PublicExponent,
        AttributeType::EcPoint,
    ];
    let attributes = session
        .get_attributes(key, &wanted)
        .map_err(|e| fault(&e))?;
    let (mut kind, mut modulus, mut exponent, mut point) = (None, None, None, None);
    for attribute in attributes {
        match attribute {
            Attribute::KeyType(value) => kind = Some(value),
            Attribute::Modulus(value) => modulus = Some(value),
            Attribute::PublicExponent(value) => exponent = Some(value),
            Attribute::EcPoint(value) => point = Some(value),
            _ => {}
        }
    }
    match (kind, modulus, exponent, point) {
        (Some(KeyType::RSA), Some(modulus), Some(exponent), _) => rsa(&modulus, &exponent),
        (Some(KeyType::EC_EDWARDS), _, _, Some(point)) => ed25519(&point),
        (Some(KeyType::RSA | KeyType::EC_EDWARDS), ..) => {
            Err(Fault::Garbage("its public key lacks a part".into()))
        }
        (kind, ..) => {
            let why = format!("`{kind:?}` is neither RSA nor Ed25519");
            Err(Fault::WrongKey(why.into()))
        }
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, Fault> {
    let unfit = |e: String| Fault::Garbage(format!("its public key is unfit: {e}").into());
    let (n, e) = (
        BigUint::from_bytes_be(modulus),
        BigUint::from_bytes_be(exponent),
    );
    let key = RsaPublicKey::new(n, e).map_err(|e| unfit(e.to_string()))?;
    let der = key.to_public_key_der().map_err(|e| unfit(e.to_string()))?;
    Ok(der.as_bytes().to_vec())
}

/// A token gives the point bare, or wrapped in an octet or a bit string.
fn ed25519(point: &[u8]) -> Result<Vec<u8>, Fault> {
    let bare = match point {
        [0x04, 0x20, bare @ ..] | [0x03, 0x21, 0x00, bare @ ..] if bare.len() == 32 => bare,
        bare if bare.len() == 32 => bare,
        _ => return Err(Fault::Garbage("its Ed25519 point is not 32 bytes".into())),
    };
    Ok([&ED25519_INFO, bare].concat())
}
