//! One session, logged in, with the key it signs with.

use std::sync::atomic::{AtomicBool, Ordering};

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;

use super::fault::{fault, refuses_pin};
use super::{Input, KeyName, Pkcs11Config, module, public};
use crate::error::Fault;

/// DER of `DigestInfo` for SHA-256, up to the digest (RFC 8017, section 9.2).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

pub(super) struct Keyed {
    session: Session,
    name: KeyName,
    key: ObjectHandle,
    kind: KeyType,
}

impl Keyed {
    /// Opens a session, logs in and finds the key.
    pub(super) fn open(config: &Pkcs11Config, pin_refused: &AtomicBool) -> Result<Self, Fault> {
        let module = module::load(&config.module)?;
        let slot = slot_of(&module, &config.token)?;
        let session = module.open_ro_session(slot).map_err(|e| fault(&e))?;
        log_in(&session, config, pin_refused)?;
        let key = find(&session, ObjectClass::PRIVATE_KEY, &config.key)?;
        Ok(Self {
            name: config.key.clone(),
            kind: kind(&session, key)?,
            session,
            key,
        })
    }

    pub(super) fn sign(&self, input: &Input) -> Result<Vec<u8>, Fault> {
        let fits = match input {
            Input::RsaDigest(_) => KeyType::RSA,
            Input::Ed25519(_) => KeyType::EC_EDWARDS,
        };
        // Tokens answer to a mechanism of another kind of key with whatever comes to their minds.
        if self.kind != fits {
            let why = format!("its type is `{}`, not `{fits}`", self.kind);
            return Err(Fault::WrongKey(why.into()));
        }
        let result = match input {
            Input::RsaDigest(digest) => {
                let mut info = DIGEST_INFO.to_vec();
                info.extend_from_slice(&digest.0);
                self.session.sign(&Mechanism::RsaPkcs, self.key, &info)
            }
            Input::Ed25519(message) => {
                let pure = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure));
                self.session.sign(&pure, self.key, message)
            }
        };
        result.map_err(|e| fault(&e))
    }

    /// The public key that stands beside the private one, as DER.
    pub(super) fn public_key(&self) -> Result<Vec<u8>, Fault> {
        let key = find(&self.session, ObjectClass::PUBLIC_KEY, &self.name)?;
        public::read(&self.session, key)
    }
}

/// The slot whose token has this label.
pub(super) fn slot_of(module: &Pkcs11, label: &str) -> Result<Slot, Fault> {
    let slots = module.get_slots_with_initialized_token();
    for slot in slots.map_err(|e| fault(&e))? {
        let info = module.get_token_info(slot).map_err(|e| fault(&e))?;
        if info.label().trim_end() == label {
            return Ok(slot);
        }
    }
    let why = format!("there is no token `{label}`");
    Err(Fault::Unavailable(why.into()))
}

/// Logs in, unless this process already is. A PIN that was refused once is not tried again: a token
/// locks itself after a few wrong ones.
fn log_in(session: &Session, config: &Pkcs11Config, pin_refused: &AtomicBool) -> Result<(), Fault> {
    if pin_refused.load(Ordering::Acquire) {
        return Err(Fault::Refused("its PIN was refused before".into()));
    }
    match session.login(UserType::User, Some(&config.pin)) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(e) => {
            if refuses_pin(&e) {
                pin_refused.store(true, Ordering::Release);
            }
            Err(fault(&e))
        }
    }
}

fn kind(session: &Session, key: ObjectHandle) -> Result<KeyType, Fault> {
    let attributes = session.get_attributes(key, &[AttributeType::KeyType]);
    match attributes.map_err(|e| fault(&e))?.as_slice() {
        [Attribute::KeyType(kind)] => Ok(*kind),
        _ => Err(Fault::Garbage("its private key has no type".into())),
    }
}

/// The one object of this class and name.
pub(super) fn find(
    session: &Session,
    class: ObjectClass,
    name: &KeyName,
) -> Result<ObjectHandle, Fault> {
    let mut template = vec![Attribute::Class(class)];
    if let Some(label) = &name.label {
        template.push(Attribute::Label(label.as_bytes().to_vec()));
    }
    if let Some(id) = &name.id {
        template.push(Attribute::Id(id.to_vec()));
    }
    match *session.find_objects(&template).map_err(|e| fault(&e))? {
        [] => Err(Fault::NoSuchKey(format!("{name} ({class})").into())),
        [key] => Ok(key),
        _ => Err(Fault::Setting(
            format!("several keys are called {name}: name one by label and id").into(),
        )),
    }
}
