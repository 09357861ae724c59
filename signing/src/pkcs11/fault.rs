//! What the errors of a PKCS#11 module mean for a signer.

use cryptoki::error::{Error, RvError};

use crate::error::Fault;

/// A retryable fault also says that the session is not worth keeping.
pub(super) fn fault(error: &Error) -> Fault {
    let text = || match error {
        Error::Pkcs11(code, function) => Box::from(format!("`{function:?}` gave `{code:?}`")),
        other => Box::from(format!("`{other}`")),
    };
    match error {
        Error::Pkcs11(code, _) if is_passing(code) => Fault::Unavailable(text()),
        Error::Pkcs11(..) => Fault::Refused(text()),
        Error::LibraryLoading(_) | Error::MissingSymbol(_) => Fault::Setting(text()),
        _ => Fault::Garbage(text()),
    }
}

fn is_passing(code: &RvError) -> bool {
    matches!(
        code,
        RvError::SessionHandleInvalid
            | RvError::SessionClosed
            | RvError::SessionCount
            | RvError::UserNotLoggedIn
            | RvError::CryptokiNotInitialized
            | RvError::DeviceError
            | RvError::DeviceMemory
            | RvError::DeviceRemoved
            | RvError::HostMemory
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SlotIdInvalid
            | RvError::KeyHandleInvalid
            | RvError::ObjectHandleInvalid
            | RvError::OperationActive
            | RvError::OperationNotInitialized
            | RvError::GeneralError
            | RvError::FunctionFailed
            | RvError::FunctionCanceled
    )
}

/// Whether the token did not accept the PIN. Trying it again would lock the token.
pub(super) fn refuses_pin(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::PinIncorrect
                | RvError::PinLocked
                | RvError::PinExpired
                | RvError::PinInvalid
                | RvError::PinLenRange,
            _
        )
    )
}
