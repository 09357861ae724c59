//! Whoever changes keys: asks, has approvers sign, carries out.

use std::time::Duration;

use client::Client;
use ledger::{Code, Digest};
use verify::Keyring;
use verify::approval::Content;
use verify::keyring::State;
use wire::message as m;
use wire::{Blob, Text};

use super::bank::{Bank, SealKey};
use crate::harness::process::Daemon;
use crate::signers::{kid, request};

const HOUR: Duration = Duration::from_secs(3_600);

/// Whoever changes keys.
pub(super) struct Operator<'a> {
    bank: &'a Bank,
    client: Client,
}

impl<'a> Operator<'a> {
    pub(super) async fn connect(bank: &'a Bank, daemon: &Daemon) -> Self {
        let client = bank.connect(daemon, "operator").await;
        Self { bank, client }
    }

    pub(super) async fn found(&self) -> m::KeyringFound {
        self.client.keyring(m::KeyringRequest {}).await.unwrap()
    }

    /// The keyring that holds now.
    pub(super) async fn current(&self) -> Keyring {
        Keyring::decode(&self.found().await.current).unwrap()
    }

    pub(super) async fn state(&self, name: &str) -> State {
        let keyring = self.current().await;
        keyring.key(&kid(name)).unwrap().state
    }

    pub(super) async fn change(&self, change: m::ChangeSigners) -> m::SignersChanged {
        self.client.change_signers(change).await.unwrap()
    }

    pub(super) async fn add(&self, key: &SealKey) {
        let pem = key.public_key.to_spki_pem().into_bytes();
        let algorithm = m::KeyAlgorithm::parse(key.public_key.algorithm().text());
        let changed = self.change(m::ChangeSigners {
            usage: Some(m::KeyUsage::Seal),
            algorithm,
            public_key: Blob::new(pem).unwrap(),
            description: text("the next key"),
            ..change(m::SignerAction::Add, key.kid)
        });
        assert_eq!(changed.await.code, Code::Created);
    }

    /// Asks for an approval of `content`, and has enough approvers sign it.
    pub(super) async fn approve(&self, content: Content) -> Digest {
        let request = request(&self.current().await, content, HOUR);
        let asked = m::RequestApproval {
            request: Blob::new(request.encode()).unwrap(),
        };
        let asked = self.client.request_approval(asked).await.unwrap();
        assert_eq!(asked.digest, request.digest());
        for (at, signature) in (1..).zip(self.bank.approvers().sign(&request)) {
            let signature = Blob::new(signature.encode().unwrap()).unwrap();
            let approve = m::Approve {
                request: asked.digest,
                signature,
            };
            let approved = self.client.approve(approve).await.unwrap();
            assert_eq!((approved.ok_count, approved.threshold), (at, 3));
        }
        asked.digest
    }

    /// Promotes a candidate by the approval of the threshold. The first row it may sign.
    pub(super) async fn promote(&self, name: &str) -> u64 {
        let from_seq = self.found().await.head_seq + 1;
        let promote = || m::ChangeSigners {
            from_seq,
            ..change(m::SignerAction::Promote, name)
        };
        let refused = self.client.change_signers(promote()).await.unwrap_err();
        assert_eq!(refused.code(), Code::ApprovalInsufficient, "{refused}");
        let after = self.current().await.with_promoted(&kid(name), from_seq);
        let after = after.unwrap();
        let content = Content::Promote {
            keyring: after.digest(),
            kid: kid(name),
            serial: after.serial(),
        };
        self.approve(content).await;
        assert_eq!(self.change(promote()).await.code, Code::Created);
        assert_eq!(self.state(name).await, State::Active);
        from_seq
    }

    pub(super) async fn retire(&self, name: &str) {
        let changed = self.change(change(m::SignerAction::Retire, name)).await;
        assert_eq!(changed.code, Code::Created);
    }

    /// Has the approvers sign the keyring as it stands.
    pub(super) async fn publish(&self) {
        let keyring = self.current().await;
        let content = Content::Keyring {
            keyring: keyring.digest(),
            serial: keyring.serial(),
        };
        self.approve(content).await;
    }
}

pub(super) fn change(action: m::SignerAction, kid: &str) -> m::ChangeSigners {
    m::ChangeSigners {
        action,
        kid: Text::new(kid.to_owned()).unwrap(),
        usage: None,
        algorithm: None,
        public_key: Blob::default(),
        description: text(""),
        reason: text("rotation"),
        ticket: text("OPS-1"),
        approval: Blob::default(),
        from_seq: 0,
        trusted_seq: 0,
        trusted_digest: Digest::ZERO,
    }
}

fn text(text: &str) -> m::KeyText {
    Text::new(text.to_owned()).unwrap()
}
