//! What is sealed: the newest published seal and the heads that it commits to. The signer
//! publishes, provers and whoever waits for a seal read.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ledger::{BookId, Digest, Height};
use parking_lot::RwLock;
use tokio::sync::Notify;
use verify::head::{self, HeadLeaf};
use verify::heads::{self, HeadsTree};
use verify::row::AuditRow;
use verify::sealed_head::SealedHead;

use crate::moved::BookHead;
use crate::progress::{Ended, Progress};

/// How often the end is looked for.
const END: Duration = Duration::from_millis(100);

/// The newest published seal and its heads. Clones share it.
#[derive(Clone, Debug)]
pub struct Sealed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    secret: HeadSecret,
    /// Guards the heads and the seal that commits to them; no other lock is taken with it.
    state: RwLock<State>,
    /// Number of the newest published seal's row.
    published: Progress,
    /// Whether somebody waits for the next seal.
    is_wanted: AtomicBool,
    /// Tells the signer that somebody does.
    wanted: Notify,
}

#[derive(Clone, Debug, Default)]
struct State {
    tree: HeadsTree,
    heads: HashMap<BookId, Placed>,
    seal: Option<Arc<AuditRow>>,
}

/// A head at its fixed position in the tree of heads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Placed {
    pub(crate) position: u32,
    pub(crate) head: BookHead,
}

/// What salts of heads are drawn from, so that the same head always has the same leaf.
#[derive(Clone)]
pub(crate) struct HeadSecret(pub(crate) [u8; 32]);

impl std::fmt::Debug for HeadSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeadSecret")
    }
}

impl HeadSecret {
    /// The leaf of a head.
    pub(crate) fn leaf(&self, head: &BookHead) -> HeadLeaf {
        HeadLeaf {
            salt: head::salt(&self.0, head.book, head.size),
            book: head.book,
            size: head.size,
            height: head.height,
            root: head.root,
            block_hash: head.block_hash,
        }
    }

    /// Sets the leaves of `heads`, which leave no gap behind the last leaf of `tree`.
    ///
    /// # Errors
    /// They leave one.
    pub(crate) fn set(&self, tree: &mut HeadsTree, heads: &[Placed]) -> Result<Digest, heads::Gap> {
        for placed in heads {
            tree.set(placed.position as usize, self.leaf(&placed.head).hash())?;
        }
        Ok(tree.commit())
    }
}

impl Sealed {
    pub(crate) fn new(secret: HeadSecret) -> Self {
        Self(Arc::new(Shared {
            secret,
            state: RwLock::default(),
            published: Progress::default(),
            is_wanted: AtomicBool::new(false),
            wanted: Notify::new(),
        }))
    }

    /// Shows heads that a published seal commits to, together with those that it repeats.
    ///
    /// # Errors
    /// They leave a gap in the tree of heads: the seal is not of these heads.
    pub(crate) fn publish(
        &self,
        heads: &[Placed],
        seal: Arc<AuditRow>,
    ) -> Result<Digest, heads::Gap> {
        let seq = seal.seq();
        let mut state = self.0.state.write();
        let root = self.0.secret.set(&mut state.tree, heads)?;
        for placed in heads {
            state.heads.insert(placed.head.book, *placed);
        }
        state.seal = Some(seal);
        drop(state);
        self.0.published.advance(seq);
        Ok(root)
    }

    /// The tree of the newest published seal's heads.
    pub(crate) fn tree(&self) -> HeadsTree {
        self.0.state.read().tree.clone()
    }

    /// The newest published seal.
    pub fn seal(&self) -> Option<Arc<AuditRow>> {
        self.0.state.read().seal.clone()
    }

    /// Where the book stands in the newest published seal; `None` if no seal covers it.
    pub fn head(&self, book: BookId) -> Option<BookHead> {
        let state = self.0.state.read();
        state.heads.get(&book).map(|placed| placed.head)
    }

    /// The book's head with its way up to the newest published seal.
    pub fn proven_head(&self, book: BookId) -> Option<SealedHead> {
        let state = self.0.state.read();
        let placed = state.heads.get(&book)?;
        Some(SealedHead {
            head: self.0.secret.leaf(&placed.head),
            position: placed.position,
            path: state.tree.path(placed.position as usize)?,
            row: AuditRow::clone(state.seal.as_ref()?),
        })
    }

    /// Number of the newest published seal's row; 0 before the first.
    pub fn published(&self) -> u64 {
        self.0.published.get()
    }

    /// Waits until a published seal covers `size` events of the book and its block at `height`; a
    /// book without a block has nothing to be covered.
    ///
    /// # Errors
    /// The daemon stops before.
    pub async fn covers(&self, book: BookId, size: u64, height: Height) -> Result<(), Ended> {
        loop {
            let seen = self.published();
            let (sealed, top) = match self.head(book) {
                Some(head) => (head.size, head.height),
                None => (0, Height(0)),
            };
            if sealed >= size && top >= height {
                return Ok(());
            }
            self.want();
            self.0.published.reached(seen + 1).await?;
        }
    }

    /// Asks for a seal soon.
    pub fn want(&self) {
        if !self.0.is_wanted.swap(true, Ordering::AcqRel) {
            self.0.wanted.notify_one();
        }
    }

    /// Whether somebody asked since this was last called.
    pub(crate) fn take_wanted(&self) -> bool {
        self.0.is_wanted.swap(false, Ordering::AcqRel)
    }

    /// Waits until somebody asks.
    pub(crate) async fn wanted(&self) {
        self.0.wanted.notified().await;
    }

    /// Blocks until no seal will follow.
    pub(crate) fn wait_end(&self) {
        let mut seen = self.published();
        while !self.0.published.is_ended() {
            // An error says that it has ended.
            seen = self.0.published.wait_above(seen, END).unwrap_or(seen);
        }
    }

    /// No seal will follow.
    pub(crate) fn end(&self) {
        self.0.published.end();
    }

    pub(crate) fn secret(&self) -> &HeadSecret {
        &self.0.secret
    }
}
