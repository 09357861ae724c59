use std::collections::BTreeSet;

use plugins_host::shipped;
use rcgen::{KeyPair, PKCS_ED25519, SigningKey as _};
use verify::keyring::NewKey;
use verify::policy::{Manifest, PolicyLimits};
use verify::{Algorithm, Approver, ApproverSet, Kid, Micros, Name, PublicKey, Signature, Usage};

use super::*;

/// A store on a folder of its own, and a key that signs policies.
struct World {
    folder: tempfile::TempDir,
    store: PolicyStore,
    key: KeyPair,
    keyring: Keyring,
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn key() -> (KeyPair, PublicKey) {
    let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let public = PublicKey::from_spki_pem(&pair.public_key_pem()).unwrap();
    (pair, public)
}

impl World {
    fn new() -> Self {
        let approver = Approver {
            kid: Kid::new("approver-1").unwrap(),
            name: name("ann"),
            public_key: key().1,
        };
        let approvers = ApproverSet::new(vec![approver], 1).unwrap();
        let kid = Kid::new("policy-1").unwrap();
        let (key, public_key) = key();
        let new = NewKey {
            kid: kid.clone(),
            public_key,
            usage: Usage::Policy,
            deployed_at: Micros::new(0).unwrap(),
        };
        let keyring = Keyring::new(name("bank"), name("test"), approvers);
        let keyring = keyring.with_key(new).unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self {
            store: PolicyStore::open(folder.path()).unwrap(),
            folder,
            key,
            keyring: keyring.with_promoted(&kid, 1).unwrap(),
        }
    }

    fn reopen(&mut self) {
        self.store = PolicyStore::open(self.folder.path()).unwrap();
    }

    /// The bytes of a signed manifest of this version for a component.
    fn signed(&self, scope: &Scope, component: Digest, version: u32) -> Vec<u8> {
        let manifest = Manifest {
            cases: "[]".to_owned(),
            component,
            config: "{}".to_owned(),
            config_version: version,
            deployment: name("bank"),
            environment: name("test"),
            limits: PolicyLimits::default(),
            name: name("limits"),
            tenant: scope.clone(),
        };
        let signature = self.key.sign(&manifest.digest().0).unwrap();
        let signed = SignedManifest {
            alg: Algorithm::Ed25519,
            kid: Kid::new("policy-1").unwrap(),
            signature: Signature::new(signature).unwrap(),
            manifest,
        };
        signed.encode().unwrap()
    }

    fn push(
        &self,
        scope: &Scope,
        bytes: &[u8],
        kept: &BTreeSet<Digest>,
    ) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        let keyring = &self.keyring;
        let pushed = self
            .store
            .push_manifest(scope, digest, bytes, keyring, kept)?;
        assert_eq!(pushed, Pushed::Now(bytes.len() as u64));
        Ok(digest)
    }

    fn part(
        &self,
        scope: &Scope,
        whole: &[u8],
        from: usize,
        to: usize,
    ) -> Result<Pushed, StoreError> {
        let part = Part {
            component: Digest::of(whole),
            total: whole.len() as u64,
            offset: from as u64,
            bytes: &whole[from..to],
        };
        self.store.push_component(scope, part, &BTreeSet::new())
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.folder.path()).unwrap().count()
    }
}

fn acme() -> Scope {
    Some(name("acme"))
}

#[test]
fn a_component_comes_in_parts_and_outlives_the_process() {
    let mut world = World::new();
    let component = vec![7; 1_000];
    let digest = Digest::of(&component);
    let unnamed = world.part(&acme(), &component, 0, 400);
    assert!(matches!(unnamed, Err(StoreError::Unnamed(_))));
    let bytes = world.signed(&acme(), digest, 1);
    let manifest = world.push(&acme(), &bytes, &BTreeSet::new()).unwrap();
    assert_eq!(
        world.part(&acme(), &component, 0, 400).unwrap(),
        Pushed::So(400)
    );
    // What stands elsewhere, and what came before, changes nothing.
    for (from, to) in [(0, 400), (600, 1_000), (400, 400)] {
        let pushed = world.part(&acme(), &component, from, to).unwrap();
        assert_eq!(pushed, Pushed::So(400));
    }
    assert!(matches!(
        world.store.component(digest),
        Err(StoreError::NoComponent(_))
    ));
    world.reopen();
    let pushed = world.part(&acme(), &component, 400, 1_000).unwrap();
    assert_eq!(pushed, Pushed::Now(1_000));
    world.reopen();
    assert_eq!(world.store.component(digest).unwrap(), component);
    let pushed = world.part(&acme(), &component, 0, 400).unwrap();
    assert_eq!(pushed, Pushed::Before(1_000));
    let held = world.store.manifest(manifest).unwrap();
    assert!(held.is_whole && held.held == 1_000);
    // Another scope has to name it too.
    let others = world.part(&Some(name("beta")), &component, 0, 400);
    assert!(matches!(others, Err(StoreError::Unnamed(_))));
}

#[test]
fn a_file_that_holds_something_else_can_be_pushed_again() {
    let mut world = World::new();
    let component = vec![7; 1_000];
    let digest = Digest::of(&component);
    let bytes = world.signed(&acme(), digest, 1);
    world.push(&acme(), &bytes, &BTreeSet::new()).unwrap();
    let pushed = world.part(&acme(), &component, 0, 1_000).unwrap();
    assert_eq!(pushed, Pushed::Now(1_000));
    let file = world.folder.path().join(format!("{digest}.wasm"));
    std::fs::write(&file, vec![8; 1_000]).unwrap();
    world.reopen();
    assert!(matches!(
        world.store.component(digest),
        Err(StoreError::Digest { .. })
    ));
    let pushed = world.part(&acme(), &component, 0, 1_000).unwrap();
    assert_eq!(pushed, Pushed::Now(1_000));
    assert_eq!(world.store.component(digest).unwrap(), component);
}

#[test]
fn only_what_was_named_is_kept() {
    let world = World::new();
    let component = vec![7; 1_000];
    let bytes = world.signed(&acme(), Digest::of(&component), 1);
    world.push(&acme(), &bytes, &BTreeSet::new()).unwrap();
    world.part(&acme(), &component, 0, 500).unwrap();
    let wrong = Part {
        component: Digest::of(&component),
        total: 1_000,
        offset: 500,
        bytes: &[8; 500],
    };
    let wrong = world.store.push_component(&acme(), wrong, &BTreeSet::new());
    assert!(matches!(wrong, Err(StoreError::Digest { .. })));
    assert_eq!(world.files(), 1);
    let long = Part {
        component: Digest::of(&component),
        total: COMPONENT_BYTES_MAX + 1,
        offset: 0,
        bytes: &[8; 500],
    };
    let long = world.store.push_component(&acme(), long, &BTreeSet::new());
    assert!(matches!(long, Err(StoreError::TooLarge(_))));
    let other = Digest::of(b"another");
    let named = world
        .store
        .push_manifest(&acme(), other, &bytes, &world.keyring, &BTreeSet::new());
    assert!(matches!(named, Err(StoreError::Digest { .. })));
    let scope = world.store.push_manifest(
        &None,
        Digest::of(&bytes),
        &bytes,
        &world.keyring,
        &BTreeSet::new(),
    );
    assert!(matches!(scope, Err(StoreError::Scope(_))));
}

#[test]
fn the_oldest_candidates_make_room_and_nothing_that_is_needed() {
    let mut world = World::new();
    let component = shipped::LIMITS.digest();
    let push = |world: &World, version, kept: &BTreeSet<Digest>| {
        let bytes = world.signed(&acme(), component, version);
        world.push(&acme(), &bytes, kept)
    };
    let all: Vec<Digest> = (0..MANIFESTS_MAX as u32)
        .map(|version| push(&world, version, &BTreeSet::new()).unwrap())
        .collect();
    let kept: BTreeSet<Digest> = [all[0]].into();
    let next = push(&world, 1_000, &kept).unwrap();
    let there = |digest| world.store.manifest(digest).is_some();
    assert!(there(all[0]) && !there(all[1]) && there(all[2]) && there(next));
    // Another scope has its own room.
    let beta = Some(name("beta"));
    let bytes = world.signed(&beta, component, 1);
    world.push(&beta, &bytes, &BTreeSet::new()).unwrap();
    let mut needed: BTreeSet<Digest> = all.into_iter().collect();
    needed.insert(next);
    let full = push(&world, 1_001, &needed);
    assert!(matches!(full, Err(StoreError::TooMany)));
    world.reopen();
    assert_eq!(world.store.manifests(&acme()).len(), MANIFESTS_MAX);
    assert!(
        world
            .store
            .manifests(&acme())
            .iter()
            .all(|held| held.is_whole)
    );
}

/// The bound holds for what a component has in the end, not for what its first part said.
#[test]
fn a_scope_is_full_whatever_was_said_first() {
    let mut world = World::new();
    let mut kept = BTreeSet::new();
    for one in 0..5_u32 {
        let component = Digest::of(&one.to_le_bytes());
        let bytes = world.signed(&acme(), component, one);
        kept.insert(world.push(&acme(), &bytes, &kept).unwrap());
        let path = world.folder.path().join(format!("{component}.wasm"));
        let file = std::fs::File::create(path).unwrap();
        file.set_len(COMPONENT_BYTES_MAX).unwrap();
    }
    world.reopen();
    let component = vec![7; 9 << 20];
    let digest = Digest::of(&component);
    let bytes = world.signed(&acme(), digest, 9);
    world.push(&acme(), &bytes, &kept).unwrap();
    let push = |total: usize, from: usize, to: usize| {
        let part = Part {
            component: digest,
            total: total as u64,
            offset: from as u64,
            bytes: &component[from..to],
        };
        world.store.push_component(&acme(), part, &kept)
    };
    assert_eq!(push(2, 0, 1).unwrap(), Pushed::So(1));
    let whole = push(component.len(), 1, component.len());
    assert!(matches!(whole, Err(StoreError::Full)), "{whole:?}");
}

#[test]
fn what_is_no_file_of_a_policy_is_left_alone() {
    let mut world = World::new();
    let folder = world.folder.path();
    let digest = Digest::of(b"nothing");
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    std::fs::write(folder.join(format!("{digest}.json")), "{}").unwrap();
    std::fs::write(folder.join(format!("{digest}.next")), "half").unwrap();
    world.reopen();
    assert!(world.store.manifest(digest).is_none());
    assert!(world.folder.path().join("notes.txt").exists());
    assert_eq!(world.files(), 2);
}
