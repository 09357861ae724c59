//! A development daemon that seals, with five approvers and keys of policies.

use std::fs;
use std::time::Duration;

use client::{Client, ClientError};
use ledger::{Code, Digest};
use plugins_host::shipped;
use rcgen::{KeyPair, SigningKey as _};
use verify::approval::{ApprovalSignature, Content, Request};
use verify::policy::{Manifest, PolicyAction, PolicyLimits, SignedManifest};
use verify::{Algorithm, Keyring, Name, Signature, Usage};
use wire::message as m;
use wire::{Blob, Failure, LongBlob};

use crate::harness::Place;
use crate::harness::world::{self, World};
use crate::signers::{Approvers, ed25519, kid, public, request, secret};

pub(super) const HOUR: Duration = Duration::from_secs(3_600);
/// The section that has the daemon seal. It stands behind `[limits]`, which is the last one.
const SIGNING: &str = r#"
[signing]
deployment = "bank"
environment = "test"
keyring = "keyring.json"
approvers = "approvers.json"
anchor = { directory = "anchor" }
[signing.seal]
kid = "seal-1"
algorithm = "ed25519"
local = { key = "seal.pem" }
"#;

/// A world whose policies can change.
pub(super) struct House {
    pub(super) world: World,
    approvers: Approvers,
    policy: KeyPair,
    other: KeyPair,
    seal: KeyPair,
}

/// Whose policies: those of tenant `acme`.
pub(super) fn acme() -> Option<ledger::registry::Name> {
    Some(world::name("acme"))
}

impl House {
    pub(super) async fn new() -> Self {
        Self::with("").await
    }

    /// With further sections of the configuration.
    pub(super) async fn with(sections: &str) -> Self {
        let place = Place::with_limits(&format!("{SIGNING}{sections}"));
        let [seal, policy, other] = [(); 3].map(|()| ed25519());
        let mut approvers = Approvers::make(3, 5).of("bank", "test");
        approvers.register("seal-1", Usage::Seal, &public(&seal));
        approvers.register("policy-1", Usage::Policy, &public(&policy));
        approvers.register("policy-2", Usage::Policy, &public(&other));
        approvers.write(&place.file(""));
        secret(&place.file("seal.pem"), &seal.serialize_pem());
        Self {
            world: World::at(place, 4).await,
            approvers,
            policy,
            other,
            seal,
        }
    }

    /// The same after the daemon was stopped and started.
    pub(super) async fn again(self) -> Self {
        let world = self.world.again(|daemon| daemon.stop(), Place::start);
        Self {
            world: world.await,
            ..self
        }
    }

    /// Limits that deny transfers above `most`, for the tenant.
    pub(super) fn limits(&self, most: u32) -> Manifest {
        let config = format!(r#"{{"amounts":[{{"max":"{most}"}}]}}"#);
        let case = format!(
            r#"[{{"name":"above","batch":[{{"debit":"1","credit":"2","amount":"{}"}}],"#,
            most + 1
        ) + r#""context":{"operation":"post"},"#
            + r#""expect":{"allow_except":[{"index":0,"rule":"amount-too-large"}]}}]"#;
        Manifest {
            cases: case,
            component: shipped::LIMITS.digest(),
            config,
            config_version: 1,
            deployment: Name::new("bank").unwrap(),
            environment: Name::new("test").unwrap(),
            limits: PolicyLimits::default(),
            name: Name::new("limits").unwrap(),
            tenant: Some(Name::new("acme").unwrap()),
        }
    }

    /// Limits by a component that does not come with the daemon.
    pub(super) fn own(&self, most: u32) -> (Manifest, Vec<u8>) {
        // A section that says nothing makes it another component.
        let mut component = shipped::LIMITS.component.to_vec();
        component.extend_from_slice(&[0, 5, 4, b'n', b'o', b't', b'e']);
        let manifest = Manifest {
            component: Digest::of(&component),
            ..self.limits(most)
        };
        (manifest, component)
    }

    /// The manifest signed by the key of this name.
    pub(super) fn sign(&self, manifest: Manifest, key: &str) -> SignedManifest {
        let pair = match key {
            "policy-1" => &self.policy,
            "policy-2" => &self.other,
            _ => &self.seal,
        };
        let signature = pair.sign(&manifest.digest().0).unwrap();
        SignedManifest {
            alg: Algorithm::Ed25519,
            kid: kid(key),
            signature: Signature::new(signature).unwrap(),
            manifest,
        }
    }

    /// Pushes a manifest. Its name, if it was taken.
    pub(super) async fn push(&self, signed: &SignedManifest) -> Result<Digest, Failure> {
        let bytes = signed.encode().unwrap();
        let digest = Digest::of(&bytes);
        let tenant = signed.manifest.tenant.as_ref();
        let push = m::PushPolicy {
            tenant: tenant.map(|name| world::name(name.as_str())),
            file: m::PolicyFile::Manifest,
            digest,
            total: bytes.len() as u64,
            offset: 0,
            bytes: LongBlob::new(bytes).unwrap(),
        };
        let client = match tenant {
            Some(_) => &self.world.admin,
            None => &self.world.operator,
        };
        let pushed = refused(client.push_policy(push).await)?;
        assert!(pushed.code.is_posted());
        Ok(digest)
    }

    /// A part of a component.
    pub(super) async fn push_part(
        &self,
        digest: Digest,
        component: &[u8],
        part: std::ops::Range<usize>,
    ) -> Result<m::PolicyPushed, Failure> {
        let push = m::PushPolicy {
            tenant: acme(),
            file: m::PolicyFile::Component,
            digest,
            total: component.len() as u64,
            offset: part.start as u64,
            bytes: LongBlob::new(component[part].to_vec()).unwrap(),
        };
        refused(self.world.admin.push_policy(push).await)
    }

    pub(super) async fn list(&self, scope: Option<ledger::registry::Name>) -> m::PolicyList {
        let list = m::ListPolicies {
            tenant: scope,
            manifest: Digest::ZERO,
        };
        self.world.operator.list_policies(list).await.unwrap()
    }

    /// Names of the policies of the tenant that stand so.
    pub(super) async fn standing(&self, standing: m::PolicyStanding) -> Vec<Digest> {
        let rows = self.list(acme()).await.rows.into_iter();
        let rows = rows.filter(|row| row.standing == standing);
        rows.map(|row| row.manifest).collect()
    }

    pub(super) async fn keyring(&self) -> Keyring {
        let found = self.world.operator.keyring(m::KeyringRequest {}).await;
        Keyring::decode(&found.unwrap().current).unwrap()
    }

    /// The request for approval of a change, as things stand.
    pub(super) async fn request(
        &self,
        action: PolicyAction,
        scope: Option<ledger::registry::Name>,
        manifest: Digest,
    ) -> Request {
        let content = Content::Policy {
            action,
            manifest,
            replaces: self.list(scope).await.state,
            tenant: scope.map(|name| Name::new(name.as_str()).unwrap()),
        };
        request(&self.keyring().await, content, HOUR)
    }

    pub(super) async fn ask(&self, request: &Request) -> Result<Digest, Failure> {
        let asked = m::RequestApproval {
            request: Blob::new(request.encode()).unwrap(),
        };
        let asked = refused(self.world.operator.request_approval(asked).await)?;
        Ok(asked.digest)
    }

    /// Signatures of as many approvers as are needed.
    pub(super) fn signatures(&self, request: &Request) -> Vec<ApprovalSignature> {
        self.approvers.sign(request)
    }

    pub(super) async fn approve(
        &self,
        request: Digest,
        signature: &ApprovalSignature,
    ) -> Result<m::Approved, Failure> {
        let approve = m::Approve {
            request,
            signature: Blob::new(signature.encode().unwrap()).unwrap(),
        };
        refused(self.world.operator.approve(approve).await)
    }

    /// Asks for an approval of the change, and has three approvers sign it.
    pub(super) async fn approved(
        &self,
        action: PolicyAction,
        scope: Option<ledger::registry::Name>,
        manifest: Digest,
    ) {
        let request = self.request(action, scope, manifest).await;
        let digest = self.ask(&request).await.unwrap();
        for signature in self.signatures(&request) {
            self.approve(digest, &signature).await.unwrap();
        }
    }

    /// Carries a change out as `client`.
    pub(super) async fn change_as(
        &self,
        client: &Client,
        action: PolicyAction,
        scope: Option<ledger::registry::Name>,
        manifest: Digest,
    ) -> Result<m::PolicyActivated, Failure> {
        let change = m::ActivatePolicy {
            tenant: scope,
            action: match action {
                PolicyAction::Activate => m::PolicyChange::Activate,
                PolicyAction::Rollback => m::PolicyChange::Rollback,
            },
            manifest,
        };
        refused(client.activate_policy(change).await)
    }

    /// Carries a change of the tenant's policies out.
    pub(super) async fn change(
        &self,
        action: PolicyAction,
        manifest: Digest,
    ) -> Result<m::PolicyActivated, Failure> {
        let admin = &self.world.admin;
        self.change_as(admin, action, acme(), manifest).await
    }

    /// Pushes, has approved and activates a policy of the tenant. Its name.
    pub(super) async fn activate(&self, manifest: Manifest) -> Digest {
        let signed = self.sign(manifest, "policy-1");
        let digest = self.push(&signed).await.unwrap();
        self.approved(PolicyAction::Activate, acme(), digest).await;
        let changed = self.change(PolicyAction::Activate, digest).await.unwrap();
        assert_eq!(changed.code, Code::Created);
        digest
    }

    /// Where a file of the daemon lies.
    pub(super) fn file(&self, name: &str) -> std::path::PathBuf {
        self.world.place.file(name)
    }

    /// Names of the files that the daemon keeps for policies.
    pub(super) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.file("journal/policies")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

/// What the daemon said, or why it refused.
pub(super) fn refused<T>(said: Result<T, ClientError>) -> Result<T, Failure> {
    match said {
        Ok(said) => Ok(said),
        Err(ClientError::Refused(failure)) => Err(failure),
        Err(error) => panic!("{error}"),
    }
}
