//! `ledgerd compile-policy`: compiles one component, within limits of memory and time.

use crate::exit::Exit;

/// Reads a component, writes what it was compiled to, and ends.
pub(super) fn execute() -> Exit {
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    match plugins_host::compile::serve(&mut input, &mut output) {
        Ok(()) => Exit::Success,
        Err(error) => {
            super::complain(&error);
            Exit::Runtime
        }
    }
}
