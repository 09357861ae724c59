//! What was asked of the daemon, and what it answered.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use client::{Client, ClientError};
use ledger::{BookId, Code, NewAccount, Seq, Transfer, TransferFlags};
use wire::message::{ItemNote, Outcomes, encode_post};

use super::author::Draft;
use crate::outcome::Outcome;
use crate::session::{DEADLINE, retry_after};

/// Requests of one client, in the order in which it made them.
pub(super) type Log = Rc<RefCell<Vec<Request>>>;

/// A request with everything that was answered to it.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// Index of its book.
    pub(super) book: usize,
    /// What it asks for.
    pub(super) body: Body,
    /// The answers, one for each time that it was sent and answered.
    pub(super) answers: Vec<Outcomes>,
    /// It was sent and neither answered nor certainly left undone: it may have been done.
    pub(super) is_open: bool,
    /// It was left open at some time.
    pub(super) was_lost: bool,
}

/// What a request asks for.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// To post transfers.
    Post {
        /// The transfers.
        transfers: Vec<Transfer>,
        /// Their notes.
        notes: Vec<ItemNote>,
        /// Both, encoded.
        encoded: Bytes,
    },
    /// To create accounts.
    Accounts(Vec<NewAccount>),
}

/// How one item of an answer was decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Item {
    pub(super) code: Code,
    /// Of its event, if the item stands.
    pub(super) seq: Option<Seq>,
}

impl Request {
    /// A request that was not sent.
    pub(super) fn new(book: usize, body: Body) -> Self {
        Self {
            book,
            body,
            answers: Vec::new(),
            is_open: false,
            was_lost: false,
        }
    }

    /// The request that posts a draft.
    pub(super) fn post(draft: Draft) -> Self {
        let mut encoded = Vec::new();
        encode_post(&draft.transfers, &draft.notes, &mut encoded);
        let Draft {
            book,
            transfers,
            notes,
        } = draft;
        Self::new(
            book,
            Body::Post {
                transfers,
                notes,
                encoded: encoded.into(),
            },
        )
    }

    /// The transfers it asks for; none if it is about accounts.
    pub(super) fn transfers(&self) -> &[Transfer] {
        match &self.body {
            Body::Post { transfers, .. } => transfers,
            Body::Accounts(_) => &[],
        }
    }

    /// The reference of the transfer at `index`; empty if it has none.
    pub(super) fn reference(&self, index: usize) -> &[u8] {
        let Body::Post { notes, .. } = &self.body else {
            return &[];
        };
        let found = notes.binary_search_by_key(&(index as u32), |note| note.index);
        found.map_or(&[], |at| &notes[at].reference)
    }

    /// Id of the transfer after the one at `index`, if they are linked.
    pub(super) fn next_in_set(&self, index: usize) -> Option<u128> {
        let transfers = self.transfers();
        let linked = transfers.get(index)?.flags.has(TransferFlags::LINKED);
        linked.then(|| transfers.get(index + 1).map(|next| next.id.0))?
    }

    /// How many items it has.
    pub(super) fn len(&self) -> usize {
        match &self.body {
            Body::Post { transfers, .. } => transfers.len(),
            Body::Accounts(accounts) => accounts.len(),
        }
    }

    /// Items of every answer, with their index.
    pub(super) fn items(&self) -> impl Iterator<Item = (usize, Item)> + '_ {
        self.answers.iter().flat_map(|answer| {
            (0..self.len()).map(|index| {
                let at = index as u32;
                (
                    index,
                    Item {
                        code: answer.code(at),
                        seq: answer.seq(at),
                    },
                )
            })
        })
    }
}

/// Sends the request at `at` once and notes what comes of it.
///
/// # Errors
/// There is no answer.
pub(super) async fn send(
    client: &Client,
    books: &[BookId],
    log: &Log,
    at: usize,
) -> Result<(), ClientError> {
    let (book, body) = {
        let request = &mut log.borrow_mut()[at];
        // Whoever is stopped from here on leaves it open.
        request.is_open = true;
        (books[request.book], request.body.clone())
    };
    let answered = match body {
        Body::Post { encoded, .. } => client.post_encoded(book, encoded, DEADLINE).await,
        Body::Accounts(accounts) => client.create_accounts(book, accounts).await,
    };
    let request = &mut log.borrow_mut()[at];
    match answered {
        Ok(outcomes) => {
            request.is_open = false;
            request.answers.push(outcomes);
            Ok(())
        }
        Err(error) => {
            // What is certainly not done is not open; the ledger will be held to it.
            request.is_open = !error.has_no_side_effects();
            Err(error)
        }
    }
}

/// Sends every request of a log once more, in order, until each is answered.
pub(super) async fn send_all_again(client: Client, books: Vec<BookId>, log: Log) -> Outcome<()> {
    let count = log.borrow().len();
    for at in 0..count {
        {
            let request = &mut log.borrow_mut()[at];
            request.was_lost |= request.is_open;
        }
        while let Err(error) = send(&client, &books, &log, at).await {
            match retry_after(&error) {
                Some(after) => tokio::time::sleep(after).await,
                None => return Err(error.into()),
            }
        }
    }
    Ok(())
}
