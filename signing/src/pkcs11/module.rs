//! Modules are loaded once per process and stay: a second `C_Initialize` of the same library is an
//! error, and `C_Finalize` would end the sessions of everybody.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use parking_lot::Mutex;

use super::fault::fault;
use crate::error::Fault;

/// Guards the loading of a module; nothing else is locked while it is held.
static LOADED: LazyLock<Mutex<HashMap<PathBuf, Pkcs11>>> = LazyLock::new(Mutex::default);

/// The module at `path`, loaded and initialised.
pub(super) fn load(path: &Path) -> Result<Pkcs11, Fault> {
    let mut loaded = LOADED.lock();
    let module = match loaded.get(path) {
        Some(module) => module.clone(),
        None => {
            let module = Pkcs11::new(path).map_err(|e| {
                let why = format!("module `{}` cannot be loaded: {e}", path.display());
                Fault::Setting(why.into())
            })?;
            loaded.entry(path.to_owned()).or_insert(module).clone()
        }
    };
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module),
        Err(e) => Err(fault(&e)),
    }
}
