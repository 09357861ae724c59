//! Files that are longer than memory should be: fed to a verifier piece by piece.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::fault::Fault;

/// Bytes that are read at once.
const PIECE_BYTES: usize = 1 << 20;

/// Gives a file to `push`, piece by piece, until it refuses one.
pub(super) fn feed<E>(
    file: &Path,
    mut push: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Result<(), E>, Fault> {
    let unreadable = |error| Fault::Unreadable(file.to_owned(), error);
    let mut input = File::open(file).map_err(unreadable)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = input.read(&mut piece).map_err(unreadable)?;
        if read == 0 {
            return Ok(Ok(()));
        }
        if let Err(refused) = push(&piece[..read]) {
            return Ok(Err(refused));
        }
    }
}
