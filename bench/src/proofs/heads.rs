//! The tree of heads: what a seal costs beside its signature.

use ledger::{BookId, Digest, Height};
use loadtest::outcome::Outcome;
use verify::head::{self, HeadLeaf};
use verify::heads::HeadsTree;

use super::Figures;
use crate::ProofsArguments;

/// Seals that are timed.
const SEALS: u32 = 100;

/// Measures a seal when some of many books have moved: salts, leaves and the tree over them.
pub(super) fn run(arguments: &ProofsArguments, figures: &mut Figures) -> Outcome<()> {
    let moving = arguments.moving.min(arguments.books);
    let secret = [7; 32];
    let mut tree = HeadsTree::new();
    let leaf = |book: u32, size: u64| {
        let book = BookId(book);
        let head = HeadLeaf {
            salt: head::salt(&secret, book, size),
            book,
            size,
            height: Height(size),
            root: Digest::ZERO,
            block_hash: Digest::ZERO,
        };
        head.hash()
    };
    for book in 0..arguments.books {
        tree.set(book as usize, leaf(book, 1))?;
    }
    tree.commit();
    let mut random = fastrand::Rng::with_seed(5);
    figures.each("heads: one seal, some of all books moved", SEALS, |seal| {
        for book in random.choose_multiple(0..arguments.books, moving as usize) {
            tree.set(book as usize, leaf(book, 2 + u64::from(seal)))?;
        }
        tree.commit();
        Ok(())
    })
}
