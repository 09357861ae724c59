//! Signing keys.

pub(in crate::command) mod ask;
mod kms;

use std::path::Path;

use ledger::{Code, Digest};
use verify::{Algorithm, ChainHead, Kid, PublicKey, Usage};
use wire::Text;
use wire::message::{
    ApprovalJson, ChangeSigners, KeyAlgorithm, KeyText, KeyUsage, PublicKeyPem, SignerAction,
};

use super::ceremony;
use crate::args::{AddArgs, ExportArgs, Format, PromoteArgs, RevokeArgs, SignersCommand, WhyArgs};
use crate::exit::Exit;
use crate::fault::{Fault, KeyFault};
use crate::files;
use crate::keys::Keys;
use crate::session::Session;
use crate::view::signers::{ChangedView, KeyringView};

/// Longest public key in a file, in bytes.
const PEM_BYTES_MAX: u64 = 16 << 10;

pub(super) async fn run(session: &Session, command: &SignersCommand) -> Result<Exit, Fault> {
    match command {
        SignersCommand::List => list(session).await,
        SignersCommand::Add(args) => add(session, args).await,
        SignersCommand::PublishFromKms(args) => kms::publish(session, args).await,
        SignersCommand::Promote(args) => promote(session, args, SignerAction::Promote).await,
        SignersCommand::Reactivate(args) => promote(session, args, SignerAction::Reactivate).await,
        SignersCommand::Retire(args) => {
            let change = Change::new(SignerAction::Retire, &args.kid, &args.why)?;
            change.send(session).await
        }
        SignersCommand::Revoke(args) => revoke(session, args).await,
        SignersCommand::Approve(args) => ask::for_keyring(session, args).await,
        SignersCommand::Export(args) => export(session, args).await,
        SignersCommand::Ceremony(command) => ceremony::run(session.output, command),
    }
}

async fn list(session: &Session) -> Result<Exit, Fault> {
    let keys = Keys::fetch(session).await?;
    let approved = keys.signed().map(|signed| signed.keyring.serial());
    let view = KeyringView::of(&keys.current, approved);
    session.output.show(&view, &view)?;
    Ok(Exit::Success)
}

async fn add(session: &Session, args: &AddArgs) -> Result<Exit, Fault> {
    let key = public_key(&args.public_key)?;
    let mut change = Change::new(SignerAction::Add, &args.kid, &args.why)?;
    change.with_key(&key, args.usage, &args.description)?;
    change.send(session).await
}

async fn promote(
    session: &Session,
    args: &PromoteArgs,
    action: SignerAction,
) -> Result<Exit, Fault> {
    let Some(digest) = args.approved.request else {
        return ask::for_promotion(session, &args.kid, &args.approved).await;
    };
    let keys = Keys::fetch(session).await?;
    let approval = ask::approved(session, digest).await?;
    let keyring = approval.approval.request().content.keyring();
    let from = keyring.and_then(|(keyring, _)| keys.promoted_from(&args.kid, keyring));
    let mut change = Change::new(action, &args.kid, &args.approved.why())?;
    change.0.from_seq = from.ok_or(KeyFault::AnotherRequest(digest))?;
    change.0.approval = approval.json;
    change.send(session).await
}

async fn revoke(session: &Session, args: &RevokeArgs) -> Result<Exit, Fault> {
    let mut change = Change::new(SignerAction::Revoke, &args.kid, &args.why)?;
    let trusted = args.trusted.0.map_or(ChainHead::NONE, |head| ChainHead {
        seq: head.row,
        digest: head.digest,
    });
    (change.0.trusted_seq, change.0.trusted_digest) = (trusted.seq, trusted.digest);
    change.send(session).await
}

async fn export(session: &Session, args: &ExportArgs) -> Result<Exit, Fault> {
    let keys = Keys::fetch(session).await?;
    let bytes = match args.format {
        Format::Keyring => keys.signed.ok_or(KeyFault::NothingApproved)?,
        Format::Current => keys.current.encode(),
        Format::Signers => keys.signers,
        Format::Pem => {
            let key = args.kid.as_ref().and_then(|kid| keys.current.key(kid));
            let key = key.ok_or_else(|| KeyFault::NoKey(args.kid.clone()))?;
            key.public_key.to_spki_pem().into_bytes()
        }
    };
    files::write(&args.out, &bytes)?;
    Ok(Exit::Success)
}

/// The public key in a file.
pub(super) fn public_key(file: &Path) -> Result<PublicKey, Fault> {
    let bytes = files::read(file, PEM_BYTES_MAX)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Fault::Pem(file.to_owned()))?;
    let key = PublicKey::from_spki_pem(text);
    key.map_err(|error| KeyFault::PublicKey(file.to_owned(), error).into())
}

/// A change on its way.
struct Change(ChangeSigners);

impl Change {
    fn new(action: SignerAction, kid: &Kid, why: &WhyArgs) -> Result<Self, Fault> {
        Ok(Self(ChangeSigners {
            action,
            kid: Text::cut(kid.as_str()),
            usage: None,
            algorithm: None,
            public_key: PublicKeyPem::default(),
            description: KeyText::default(),
            reason: text("--reason", &why.reason)?,
            ticket: text("--ticket", &why.ticket)?,
            approval: ApprovalJson::default(),
            from_seq: 0,
            trusted_seq: 0,
            trusted_digest: Digest::ZERO,
        }))
    }

    fn with_key(&mut self, key: &PublicKey, usage: Usage, description: &str) -> Result<(), Fault> {
        let pem = key.to_spki_pem().into_bytes();
        self.0.usage = KeyUsage::parse(usage.text());
        self.0.algorithm = Some(match key.algorithm() {
            Algorithm::Ed25519 => KeyAlgorithm::Ed25519,
            Algorithm::RsaSha256 => KeyAlgorithm::RsaSha256,
            Algorithm::HmacSha256 => KeyAlgorithm::HmacSha256,
        });
        let most = wire::limits::PUBLIC_KEY_BYTES_MAX;
        let too_long = Fault::TooLong("--public-key", pem.len(), most);
        self.0.public_key = PublicKeyPem::new(pem).ok_or(too_long)?;
        self.0.description = text("--description", description)?;
        Ok(())
    }

    async fn send(self, session: &Session) -> Result<Exit, Fault> {
        let (action, kid) = (self.0.action, self.0.kid.to_string());
        let changed = session.client.change_signers(self.0).await?;
        session
            .output
            .line(&ChangedView::of(action, &kid, &changed))?;
        Ok(match changed.code {
            Code::SignerUnavailable => Exit::Later,
            code => Exit::of_item(code),
        })
    }
}

fn text(name: &'static str, value: &str) -> Result<KeyText, Fault> {
    let too_long = || Fault::TooLong(name, value.len(), wire::limits::KEY_TEXT_BYTES_MAX);
    KeyText::new(value.to_owned()).ok_or_else(too_long)
}
