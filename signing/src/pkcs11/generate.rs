//! A new key pair in a token.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::Attribute;
use cryptoki::session::UserType;

use super::fault::fault;
use super::session::slot_of;
use super::{Pkcs11Config, module, public};
use crate::error::{Fault, SignerError};

/// `PrintableString "edwards25519"`, the name of the curve.
const EDWARDS25519: [u8; 14] = *b"\x13\x0cedwards25519";

/// Kinds of keys that can be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// RSA with this many bits of modulus.
    Rsa(u16),
    /// Ed25519.
    Ed25519,
}

/// Makes the key pair that `config` names and gives its public key, as DER.
///
/// The private key cannot leave the token. It blocks for as long as the token needs.
pub fn generate(config: &Pkcs11Config, kind: KeyKind) -> Result<Vec<u8>, SignerError> {
    let name = format!("pkcs11 token `{}`", config.token);
    make(config, kind).map_err(|fault| SignerError::new(name, fault))
}

fn make(config: &Pkcs11Config, kind: KeyKind) -> Result<Vec<u8>, Fault> {
    let module = module::load(&config.module)?;
    let slot = slot_of(&module, &config.token)?;
    let session = module.open_rw_session(slot).map_err(|e| fault(&e))?;
    match session.login(UserType::User, Some(&config.pin)) {
        Ok(())
        | Err(cryptoki::error::Error::Pkcs11(cryptoki::error::RvError::UserAlreadyLoggedIn, _)) => {
        }
        Err(e) => return Err(fault(&e)),
    }
    let mut named = vec![Attribute::Token(true)];
    if let Some(label) = &config.key.label {
        named.push(Attribute::Label(label.as_bytes().to_vec()));
    }
    if let Some(id) = &config.key.id {
        named.push(Attribute::Id(id.to_vec()));
    }
    let mut public = [
        named.as_slice(),
        &[Attribute::Private(false), Attribute::Verify(true)],
    ]
    .concat();
    let mechanism = match kind {
        KeyKind::Rsa(bits) => {
            public.push(Attribute::ModulusBits(u64::from(bits).into()));
            public.push(Attribute::PublicExponent(vec![1, 0, 1]));
            Mechanism::RsaPkcsKeyPairGen
        }
        KeyKind::Ed25519 => {
            public.push(Attribute::EcParams(EDWARDS25519.to_vec()));
            Mechanism::EccEdwardsKeyPairGen
        }
    };
    let secret = [
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ];
    let private = [named.as_slice(), &secret].concat();
    let (key, _) = session
        .generate_key_pair(&mechanism, &public, &private)
        .map_err(|e| fault(&e))?;
    public::read(&session, key)
}
