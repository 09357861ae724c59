//! The files that policies are made of, beside the journal: signed manifests and the components
//! that they name, each under its digest. A manifest comes first, so that nothing is taken that no
//! policy key vouched for.

mod error;
mod files;
mod index;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ledger::Digest;
use parking_lot::Mutex;
use plugins_host::Shipped;
use verify::Keyring;
use verify::policy::{Scope, SignedManifest};

pub(crate) use error::StoreError;
use files::Files;
use index::Index;

/// Most bytes of a component.
pub(crate) const COMPONENT_BYTES_MAX: u64 = plugins_host::limits::COMPONENT_BYTES_MAX as u64;
/// Most manifests of one scope.
pub(crate) const MANIFESTS_MAX: usize = 48;
/// Most bytes of the components of one scope.
pub(crate) const SCOPE_BYTES_MAX: u64 = 128 << 20;
/// Most bytes of all components.
pub(crate) const TOTAL_BYTES_MAX: u64 = 2 << 30;
/// Most manifests in all.
pub(crate) const TOTAL_MANIFESTS_MAX: usize = 16_384;
/// Most components that are on their way at once.
pub(crate) const PARTS_MAX: usize = 8;

const _: () = assert!(COMPONENT_BYTES_MAX * 4 <= SCOPE_BYTES_MAX);

/// The files. Whoever asks waits for the disk.
#[derive(Debug)]
pub(crate) struct PolicyStore {
    files: Files,
    /// Guards the files too, so that no two requests write one; no other lock is taken with it.
    index: Mutex<Index>,
}

/// A manifest that is here.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// Its name.
    pub(crate) digest: Digest,
    /// The manifest.
    pub(crate) signed: Arc<SignedManifest>,
    /// Bytes of its component that are here.
    pub(crate) held: u64,
    /// Whether the component is here whole.
    pub(crate) is_whole: bool,
}

/// How far a file has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pushed {
    /// It was whole before.
    Before(u64),
    /// It is whole now.
    Now(u64),
    /// So many bytes are here: the next part is to stand there.
    So(u64),
}

/// A part of a component.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) component: Digest,
    pub(crate) total: u64,
    pub(crate) offset: u64,
    pub(crate) bytes: &'a [u8],
}

impl PolicyStore {
    /// Opens the files in `directory`, which is made if it is missing. What is no file of a policy
    /// is left alone.
    ///
    /// # Errors
    /// The disk fails.
    pub(crate) fn open(directory: &Path) -> Result<Self, StoreError> {
        let files = Files::open(directory)?;
        let mut index = Index::new();
        for found in files.found()? {
            index.found(&files, found)?;
        }
        let index = Mutex::new(index);
        Ok(Self { files, index })
    }

    /// The manifest of this name, if it is here.
    pub(crate) fn manifest(&self, digest: Digest) -> Option<Held> {
        self.index.lock().held(digest)
    }

    /// Manifests of a scope, in the order in which they came.
    pub(crate) fn manifests(&self, scope: &Scope) -> Vec<Held> {
        self.index.lock().of_scope(scope)
    }

    /// The component of this digest. A file that holds something else counts as none from
    /// then on: it stays, and what is pushed takes its place.
    ///
    /// # Errors
    /// It is not here whole, is another by now, or the disk fails.
    pub(crate) fn component(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        if let Some(shipped) = Shipped::find(digest) {
            return Ok(shipped.component.to_vec());
        }
        if !self.index.lock().is_whole(digest) {
            return Err(StoreError::NoComponent(digest));
        }
        let bytes = self.files.read_component(digest)?;
        let (expected, found) = (digest, Digest::of(&bytes));
        if found == expected {
            return Ok(bytes);
        }
        self.index.lock().remove_whole(digest);
        Err(StoreError::Digest { expected, found })
    }

    /// Takes a manifest that `keyring` vouches for, of this scope. Candidates that nothing in
    /// `kept` names make room for it, the oldest first.
    ///
    /// # Errors
    /// It does not count, is another than named, or there is no room.
    pub(crate) fn push_manifest(
        &self,
        scope: &Scope,
        digest: Digest,
        bytes: &[u8],
        keyring: &Keyring,
        kept: &BTreeSet<Digest>,
    ) -> Result<Pushed, StoreError> {
        let found = Digest::of(bytes);
        if found != digest {
            let expected = digest;
            return Err(StoreError::Digest { expected, found });
        }
        let signed = SignedManifest::decode(bytes).map_err(StoreError::Manifest)?;
        signed.verify(keyring).map_err(StoreError::Fault)?;
        if signed.manifest.tenant != *scope {
            return Err(StoreError::Scope(signed.manifest.tenant));
        }
        let size = bytes.len() as u64;
        let mut index = self.index.lock();
        if index.held(digest).is_some() {
            return Ok(Pushed::Before(size));
        }
        index.make_room_for_manifest(&self.files, scope, kept)?;
        self.files.write_manifest(digest, bytes)?;
        index.add(digest, Arc::new(signed));
        Ok(Pushed::Now(size))
    }

    /// Keeps the manifest that a row of the chain put in force, should its file be gone.
    ///
    /// # Errors
    /// The disk fails.
    pub(crate) fn restore(&self, signed: &Arc<SignedManifest>) -> Result<(), StoreError> {
        let bytes = signed.encode().map_err(StoreError::Manifest)?;
        let digest = Digest::of(&bytes);
        let mut index = self.index.lock();
        if index.held(digest).is_none() {
            self.files.write_manifest(digest, &bytes)?;
            index.add(digest, Arc::clone(signed));
        }
        Ok(())
    }

    /// Takes a part of a component that a manifest of this scope names. Only what is whole and has
    /// the right digest is kept under its name.
    ///
    /// # Errors
    /// No manifest names it, the whole has another digest, or there is no room.
    pub(crate) fn push_component(
        &self,
        scope: &Scope,
        part: Part<'_>,
        kept: &BTreeSet<Digest>,
    ) -> Result<Pushed, StoreError> {
        let Part {
            component,
            total,
            offset,
            bytes,
        } = part;
        let mut index = self.index.lock();
        if !index.is_named(scope, component) {
            return Err(StoreError::Unnamed(component));
        }
        if let Some(size) = index.whole(component) {
            return Ok(Pushed::Before(size));
        }
        if total == 0 || total > COMPONENT_BYTES_MAX {
            return Err(StoreError::TooLarge(total));
        }
        let held = index.part(component);
        if offset != held || bytes.is_empty() {
            return Ok(Pushed::So(held));
        }
        let after = held + bytes.len() as u64;
        if after > total {
            return Err(StoreError::TooLarge(after));
        }
        // What was told of its length first may have been less.
        if held == 0 || after == total {
            index.make_room_for_component(&self.files, scope, component, total, kept)?;
        }
        self.files.append(component, held, bytes)?;
        if after < total {
            index.set_part(component, after);
            return Ok(Pushed::So(after));
        }
        index.remove_part(component);
        self.files.finish(component)?;
        index.set_whole(component, total);
        Ok(Pushed::Now(total))
    }
}
