//! The file of rows, checked as it is read.

use sha2::{Digest as _, Sha256};

use super::{LedgerProof, LedgerProofError, RowError, row_record};
use crate::range::RangeVerifier;

/// Longest row with its line feed. A row is about three times its record.
const ROW_BYTES_MAX: usize = 2_048;

/// Checks the lines of a file of rows, chunk by chunk, against a proof that is verified already.
#[derive(Clone, Debug)]
pub struct LedgerRows<'a> {
    proof: &'a LedgerProof,
    events: RangeVerifier<'a>,
    hasher: Sha256,
    lines: u64,
    /// The beginning of a line whose end has not come yet.
    cut: Vec<u8>,
}

impl<'a> LedgerRows<'a> {
    pub(super) fn new(proof: &'a LedgerProof) -> Self {
        Self {
            proof,
            events: RangeVerifier::new(proof.first..proof.end(), &proof.path.inner),
            hasher: Sha256::new(),
            lines: 0,
            cut: Vec::new(),
        }
    }

    /// Checks the next bytes of the file; where they are cut does not matter.
    ///
    /// # Errors
    /// What does not hold. The verifier is then of no more use.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), LedgerProofError> {
        self.hasher.update(chunk);
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            if self.cut.len() + piece.len() > ROW_BYTES_MAX {
                return Err(LedgerProofError::LongLine(self.lines + 1));
            }
            let Some(end) = piece.strip_suffix(b"\n") else {
                self.cut.extend_from_slice(piece);
                continue;
            };
            if self.cut.is_empty() {
                self.line(end)?;
            } else {
                let mut line = std::mem::take(&mut self.cut);
                line.extend_from_slice(end);
                self.line(&line)?;
            }
        }
        Ok(())
    }

    /// Checks that the file is whole, and the one that is signed.
    ///
    /// # Errors
    /// It is not.
    pub fn finish(self) -> Result<(), LedgerProofError> {
        if !self.cut.is_empty() {
            return Err(LedgerProofError::NoLineFeed);
        }
        self.events.finish().map_err(LedgerProofError::Events)?;
        if self.hasher.finalize().as_slice() == self.proof.hash.0 {
            Ok(())
        } else {
            Err(LedgerProofError::Hash)
        }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), LedgerProofError> {
        self.lines += 1;
        let record = std::str::from_utf8(line)
            .map_err(|_| RowError::NoRecord)
            .and_then(row_record)
            .map_err(|error| LedgerProofError::Row {
                line: self.lines,
                error,
            })?;
        let event = self
            .events
            .record(&record)
            .map_err(LedgerProofError::Events)?;
        if self.proof.is_within(&event) {
            Ok(())
        } else {
            Err(LedgerProofError::Outside(event.seq().0))
        }
    }
}
