//! Positions of books in the tree of heads, as the registry has them.

use std::fmt;

use ledger::BookId;

use crate::directory::Directory;
use crate::moved::{BookHead, Heads};
use crate::sealed::Placed;

/// Books by position. The system book is 0.
pub(crate) struct Positions {
    directory: Directory,
    books: Vec<BookId>,
}

/// A book that moved and that the registry does not know, or a position without a book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Misplaced {
    /// The book.
    Book(BookId),
    /// The position.
    Position(usize),
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Book(book) => write!(f, "book `{book}` has no position in the tree of heads"),
            Self::Position(at) => write!(f, "position `{at}` of the tree of heads has no book"),
        }
    }
}

impl std::error::Error for Misplaced {}

impl Positions {
    pub(crate) fn new(directory: Directory) -> Self {
        Self {
            directory,
            books: vec![BookId::SYSTEM],
        }
    }

    /// Places heads behind a tree of `size` leaves, in order. Books that were created before one of
    /// them and have no block yet are placed too, so that there is no gap.
    ///
    /// # Errors
    /// The registry does not know a book.
    pub(crate) fn place(&mut self, heads: &Heads, size: usize) -> Result<Vec<Placed>, Misplaced> {
        let mut placed = Vec::with_capacity(heads.heads.len());
        for head in heads.heads.values() {
            let position = self.directory.position(head.book);
            placed.push(Placed {
                position: position.ok_or(Misplaced::Book(head.book))?,
                head: *head,
            });
        }
        placed.sort_unstable_by_key(|placed| placed.position);
        let end = placed.last().map_or(0, |last| last.position as usize + 1);
        for position in size..end {
            let found = placed.binary_search_by_key(&position, |placed| placed.position as usize);
            if let Err(at) = found {
                let book = self.book(position)?;
                let filler = Placed {
                    position: position as u32,
                    head: BookHead::empty(book),
                };
                placed.insert(at, filler);
            }
        }
        Ok(placed)
    }

    /// The book at a position.
    pub(crate) fn book(&mut self, position: usize) -> Result<BookId, Misplaced> {
        if position >= self.books.len() {
            self.books = self.directory.in_order();
        }
        let book = self.books.get(position).copied();
        book.ok_or(Misplaced::Position(position))
    }
}
