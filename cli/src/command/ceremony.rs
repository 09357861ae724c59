//! Keys in files: the first keyring of a deployment, and what is approved where no daemon can sign.

#[cfg(test)]
mod tests;

use std::path::Path;

use verify::approval::{Approval, Content, Expected};
use verify::keyring::NewKey;
use verify::{Approver, ApproverSet, ChainHead, Keyring, SignedKeyring};

use super::signers::{ask, public_key};
use crate::args::{AssembleArgs, CeremonyCommand, InitArgs, PaperArgs};
use crate::exit::Exit;
use crate::fault::{Fault, KeyFault};
use crate::files;
use crate::output::Output;
use crate::trust;
use crate::view::signers::{AssembledView, DraftedView, KeyringView};

/// Longest approval in a file, in bytes.
const APPROVAL_BYTES_MAX: u64 = 1 << 20;

pub(super) fn run(output: Output, command: &CeremonyCommand) -> Result<Exit, Fault> {
    match command {
        CeremonyCommand::Init(args) => init(output, args),
        CeremonyCommand::Draft(args) => draft(output, &args.paper, |keyring| {
            Ok(Content::Keyring {
                keyring: keyring.digest(),
                serial: keyring.serial(),
            })
        }),
        CeremonyCommand::Emergency(args) => draft(output, &args.paper, |_| {
            Ok(Content::Emergency {
                expires_at: ask::after(ask::now()?, args.signs)?,
                kid: args.kid.clone(),
                public_key: public_key(&args.public_key)?.fingerprint(),
            })
        }),
        CeremonyCommand::Recover(args) => draft(output, &args.paper, |_| {
            Ok(Content::Recovery {
                anchor: ChainHead {
                    seq: args.anchor.row,
                    digest: args.anchor.digest,
                },
                epoch: args.epoch,
            })
        }),
        CeremonyCommand::Assemble(args) => assemble(output, args),
    }
}

fn init(output: Output, args: &InitArgs) -> Result<Exit, Fault> {
    let mut approvers = Vec::new();
    for each in &args.approver {
        approvers.push(Approver {
            kid: each.kid.clone(),
            name: each.name.clone(),
            public_key: public_key(&each.file)?,
        });
    }
    let approvers = ApproverSet::new(approvers, args.threshold).map_err(KeyFault::Approvers)?;
    let (deployment, environment) = (args.deployment.clone(), args.environment.clone());
    let mut keyring = Keyring::new(deployment, environment, approvers);
    for each in &args.with {
        let new = NewKey {
            kid: each.kid.clone(),
            public_key: public_key(&each.file)?,
            usage: each.usage,
            deployed_at: ask::now()?,
        };
        let next = keyring.with_key(new).map_err(KeyFault::Change)?;
        keyring = next.with_promoted(&each.kid, 1).map_err(KeyFault::Change)?;
    }
    files::write(&args.out, &keyring.encode())?;
    let view = KeyringView::of(&keyring, None);
    output.show(&view, &view)?;
    Ok(Exit::Success)
}

/// Writes a request that nobody has signed yet.
fn draft(
    output: Output,
    paper: &PaperArgs,
    content: impl FnOnce(&Keyring) -> Result<Content, Fault>,
) -> Result<Exit, Fault> {
    let keyring = trust::keyring(&paper.keyring)?;
    let content = content(&keyring)?;
    let request = ask::request(&keyring, content, &paper.by, paper.within)?;
    let approval = Approval::new(request, keyring.approvers().threshold());
    write(&paper.out, &approval)?;
    output.line(&DraftedView::of(&approval, &paper.out))?;
    Ok(Exit::Success)
}

fn assemble(output: Output, args: &AssembleArgs) -> Result<Exit, Fault> {
    let keyring = trust::keyring(&args.keyring)?;
    let approval = read(&args.approval)?;
    let signed = SignedKeyring {
        keyring,
        approval,
        revocations: Vec::new(),
    };
    let verified = signed.verify(signed.keyring.approvers());
    verified.map_err(|error| KeyFault::Untrusted(args.keyring.clone(), error))?;
    let bytes = signed.encode();
    let bytes = bytes.map_err(|error| KeyFault::Untrusted(args.keyring.clone(), error))?;
    files::write(&args.out, &bytes)?;
    output.line(&AssembledView::of(&signed, &args.out))?;
    Ok(Exit::Success)
}

/// Reads an approval, signed or not.
pub(super) fn read(file: &Path) -> Result<Approval, Fault> {
    let bytes = files::read(file, APPROVAL_BYTES_MAX)?;
    let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let approval = Approval::decode(text);
    approval.map_err(|error| KeyFault::NotAnApproval(file.to_owned(), error).into())
}

/// Writes an approval, signed or not.
pub(super) fn write(file: &Path, approval: &Approval) -> Result<(), Fault> {
    let bytes = approval.encode();
    let mut bytes = bytes.map_err(|error| KeyFault::NotAnApproval(file.to_owned(), error))?;
    bytes.push(b'\n');
    files::write(file, &bytes)
}

/// What an approval must be about while `keyring` is the one that holds.
pub(super) fn expected(keyring: &Keyring) -> Result<Expected<'_>, Fault> {
    Ok(Expected::of(keyring, ask::now()?))
}
