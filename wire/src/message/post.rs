//! Transfers to be posted. The body is laid out so that the transfers of a full batch stand in one
//! run of 128-byte records at offset 8.

use ledger::Transfer;
use ledger::fields::{DecodeError, Reader, Write};
use ledger::limits::BATCH_TRANSFERS_MAX;

use crate::field::{Field, MessageError, bounded, read_count};
use crate::limits::FRAME_BODY_MAX;

/// Reference and metadata of one transfer of a request. Their limits are the ledger's to check, so
/// that one of them does not refuse the whole request.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ItemNote {
    /// Index of the transfer in the request.
    pub index: u32,
    /// UTF-8; empty if there is none.
    pub reference: Vec<u8>,
    /// Anything; empty if there is none.
    pub metadata: Vec<u8>,
}

/// Transfers to be posted or, as a dry run, to be decided and forgotten.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Post {
    /// At least one transfer.
    pub transfers: Vec<Transfer>,
    /// Notes in order of their index, at most one for each transfer.
    pub notes: Vec<ItemNote>,
}

/// The body of a request to post, checked and not yet decoded.
#[derive(Clone, Copy, Debug)]
pub struct PostView<'a> {
    transfers: &'a [u8],
    notes: &'a [u8],
    notes_count: usize,
}

impl<'a> PostView<'a> {
    /// Reads the counts and checks that the transfers are there; reserved bytes and notes are
    /// checked when they are decoded.
    ///
    /// # Errors
    /// There is no transfer, or there are too many or too few bytes.
    pub fn new(body: &'a [u8]) -> Result<Self, MessageError> {
        let mut r = Reader::new(body);
        let count = read_count(&mut r, BATCH_TRANSFERS_MAX)?;
        let notes_count = read_count(&mut r, count)?;
        if count == 0 {
            return Err(MessageError::bad("count"));
        }
        let transfers = r.take(count * Transfer::BYTES)?;
        if notes_count == 0 && !r.rest().is_empty() {
            return Err(DecodeError::TrailingBytes(r.rest().len()).into());
        }
        Ok(Self {
            transfers,
            notes: r.rest(),
            notes_count,
        })
    }

    /// How many transfers there are.
    pub fn count(&self) -> usize {
        self.transfers.len() / Transfer::BYTES
    }

    /// The transfers, decoded one by one.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Result<Transfer, DecodeError>> + use<'a> {
        self.transfers
            .chunks_exact(Transfer::BYTES)
            .map(|bytes| Transfer::decode(&mut Reader::new(bytes)))
    }

    /// Appends the transfers to `out`, whose memory can so be used again.
    ///
    /// # Errors
    /// Reserved bytes of a transfer are set.
    pub fn transfers_into(&self, out: &mut Vec<Transfer>) -> Result<(), MessageError> {
        out.reserve(self.count());
        for transfer in self.iter() {
            out.push(transfer?);
        }
        Ok(())
    }

    /// The notes.
    ///
    /// # Errors
    /// They are not in order of their index, name no transfer or nothing, or bytes are left.
    pub fn notes(&self) -> Result<Vec<ItemNote>, MessageError> {
        let mut r = Reader::new(self.notes);
        let need = self.notes_count * ItemNote::MIN_BYTES;
        if need > self.notes.len() {
            return Err(DecodeError::Truncated {
                need,
                have: self.notes.len(),
            }
            .into());
        }
        let mut notes = Vec::<ItemNote>::with_capacity(self.notes_count);
        for _ in 0..self.notes_count {
            let note = ItemNote::get(&mut r)?;
            let rises = notes.last().is_none_or(|before| before.index < note.index);
            if !rises || note.index as usize >= self.count() {
                return Err(MessageError::bad("note index"));
            }
            notes.push(note);
        }
        r.end()?;
        Ok(notes)
    }
}

impl Post {
    /// Transfers without notes.
    pub fn new(transfers: Vec<Transfer>) -> Self {
        Self {
            transfers,
            notes: Vec::new(),
        }
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        encode_post(&self.transfers, &self.notes, out);
    }

    pub(crate) fn decode(body: &[u8]) -> Result<Self, MessageError> {
        let view = PostView::new(body)?;
        let mut post = Self {
            transfers: Vec::new(),
            notes: view.notes()?,
        };
        view.transfers_into(&mut post.transfers)?;
        Ok(post)
    }
}

/// Appends the body of a request to post.
pub fn encode_post(transfers: &[Transfer], notes: &[ItemNote], out: &mut Vec<u8>) {
    let bytes = 8 + transfers.len() * Transfer::BYTES;
    out.reserve(bytes.min(FRAME_BODY_MAX));
    out.put_u32(u32::try_from(transfers.len()).unwrap_or(u32::MAX));
    out.put_u32(u32::try_from(notes.len()).unwrap_or(u32::MAX));
    for transfer in transfers {
        transfer.encode(out);
    }
    for note in notes {
        note.put(out);
    }
}

/// Index, then reference and metadata, each after its `u16` length.
impl Field for ItemNote {
    const MIN_BYTES: usize = 8;
    const FIXED: bool = false;

    fn kind() -> String {
        "note".to_owned()
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.put_u32(self.index);
        bounded::put_bytes(&self.reference, out);
        bounded::put_bytes(&self.metadata, out);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        let index = r.u32()?;
        let reference = bounded::get_bytes(r, usize::from(u16::MAX))?.to_vec();
        let metadata = bounded::get_bytes(r, usize::from(u16::MAX))?.to_vec();
        if std::str::from_utf8(&reference).is_err() {
            return Err(MessageError::bad("reference"));
        }
        if reference.is_empty() && metadata.is_empty() {
            return Err(MessageError::bad("note"));
        }
        Ok(Self {
            index,
            reference,
            metadata,
        })
    }
}
