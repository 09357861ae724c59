//! All of a simulated disk: files, names, what is armed to fail.

use std::collections::BTreeMap;
use std::io;

use super::file::Node;
use super::random::Random;

/// A change of names that no sync has made durable.
#[derive(Clone, Debug)]
enum NameChange {
    Create { name: String, node: u64 },
    Rename { from: String, to: String },
    Remove { name: String },
}

#[derive(Debug)]
pub(super) struct State {
    random: Random,
    nodes: BTreeMap<u64, Node>,
    next_node: u64,
    view: BTreeMap<String, u64>,
    durable: BTreeMap<String, u64>,
    pending: Vec<NameChange>,
    boot: u64,
    operations: u64,
    power_fails_at: Option<u64>,
    good_syncs: Option<u64>,
    capacity: u64,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            nodes: BTreeMap::new(),
            next_node: 0,
            view: BTreeMap::new(),
            durable: BTreeMap::new(),
            pending: Vec::new(),
            boot: 0,
            operations: 0,
            power_fails_at: None,
            good_syncs: None,
            capacity: u64::MAX,
        }
    }

    pub(super) fn operations(&self) -> u64 {
        self.operations
    }

    pub(super) fn fail_power_at(&mut self, operation: u64) {
        self.power_fails_at = Some(operation);
    }

    pub(super) fn fail_sync_after(&mut self, syncs: u64) {
        self.good_syncs = Some(syncs);
    }

    pub(super) fn set_capacity(&mut self, bytes: u64) {
        self.capacity = bytes;
    }

    pub(super) fn used(&self) -> u64 {
        self.view
            .values()
            .filter_map(|node| self.nodes.get(node))
            .map(Node::len)
            .sum()
    }

    /// # Errors
    /// The handle is of before the last power loss.
    pub(super) fn check_boot(&self, boot: u64) -> io::Result<()> {
        if boot == self.boot {
            Ok(())
        } else {
            Err(io::Error::other("handle of an earlier run"))
        }
    }

    /// Counts an operation that changes something.
    ///
    /// # Errors
    /// Power has failed, or the handle is of before it did.
    pub(super) fn begin(&mut self, boot: u64) -> io::Result<()> {
        self.check_boot(boot)?;
        if self.power_fails_at.is_some_and(|at| self.operations >= at) {
            return Err(io::Error::other("power is off"));
        }
        self.operations += 1;
        Ok(())
    }

    pub(super) fn lose_power(&mut self) -> u64 {
        for node in self.nodes.values_mut() {
            node.lose_power(&mut self.random);
        }
        for change in std::mem::take(&mut self.pending) {
            if self.random.one_in(2) {
                make_durable(&mut self.durable, change);
            }
        }
        self.view.clone_from(&self.durable);
        self.end_process()
    }

    pub(super) fn end_process(&mut self) -> u64 {
        let durable = &self.durable;
        let view = &self.view;
        self.nodes.retain(|id, _| {
            view.values().any(|node| node == id) || durable.values().any(|node| node == id)
        });
        self.power_fails_at = None;
        self.good_syncs = None;
        self.boot += 1;
        self.boot
    }

    pub(super) fn find(&mut self, name: &str) -> io::Result<u64> {
        self.view
            .get(name)
            .copied()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn node(&mut self, node: u64) -> io::Result<&mut Node> {
        self.nodes
            .get_mut(&node)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Takes room so that the file may have `len` bytes.
    ///
    /// # Errors
    /// `StorageFull`; nothing is taken then.
    pub(super) fn reserve(&mut self, node: u64, len: u64) -> io::Result<()> {
        let more = len.saturating_sub(self.node(node)?.len());
        self.check_room(more)
    }

    fn check_room(&self, more: u64) -> io::Result<()> {
        if more > 0 && self.used().saturating_add(more) > self.capacity {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    pub(super) fn create(&mut self, name: &str, len: u64) -> io::Result<u64> {
        if self.view.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.check_room(len)?;
        let node = self.next_node;
        self.next_node += 1;
        self.nodes.insert(node, Node::new(len));
        self.view.insert(name.to_owned(), node);
        self.pending.push(NameChange::Create {
            name: name.to_owned(),
            node,
        });
        Ok(node)
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let node = self.find(from)?;
        self.view.remove(from);
        self.view.insert(to.to_owned(), node);
        self.pending.push(NameChange::Rename {
            from: from.to_owned(),
            to: to.to_owned(),
        });
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) -> io::Result<()> {
        self.find(name)?;
        self.view.remove(name);
        self.pending.push(NameChange::Remove {
            name: name.to_owned(),
        });
        Ok(())
    }

    pub(super) fn list(&self) -> Vec<String> {
        self.view.keys().cloned().collect()
    }

    pub(super) fn sync(&mut self, node: u64) -> io::Result<()> {
        if self.is_sync_failing() {
            let mut random = self.random.clone();
            self.node(node)?.fail_sync(&mut random);
            self.random = random;
            return Err(io::Error::other("sync failed"));
        }
        self.node(node)?.sync();
        Ok(())
    }

    pub(super) fn sync_names(&mut self) -> io::Result<()> {
        if self.is_sync_failing() {
            return Err(io::Error::other("sync failed"));
        }
        for change in std::mem::take(&mut self.pending) {
            make_durable(&mut self.durable, change);
        }
        Ok(())
    }

    fn is_sync_failing(&mut self) -> bool {
        match &mut self.good_syncs {
            Some(0) => {
                self.good_syncs = None;
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    pub(super) fn damage(&mut self, name: &str, how: impl FnOnce(&mut Node)) -> io::Result<()> {
        let node = self.find(name)?;
        how(self.node(node)?);
        Ok(())
    }
}

/// Applies `change`, as far as those before it let it.
fn make_durable(names: &mut BTreeMap<String, u64>, change: NameChange) {
    match change {
        NameChange::Create { name, node } => {
            names.insert(name, node);
        }
        NameChange::Rename { from, to } => {
            if let Some(node) = names.remove(&from) {
                names.insert(to, node);
            }
        }
        NameChange::Remove { name } => {
            names.remove(&name);
        }
    }
}
