//! A journal that comes back from an older copy: refused, until approvers let it go on.

use std::fs;
use std::path::Path;
use std::time::Duration;

use verify::ChainHead;
use verify::approval::Content;
use verify::chain::ChainFault;

#[cfg(debug_assertions)]
use super::bank::transfers;
use super::bank::{Bank, SealKey};
#[cfg(debug_assertions)]
use super::proxy::Proxy;
use super::services::token;
#[cfg(debug_assertions)]
use crate::harness::{until, world::BOOK};

/// Copies a folder with all that is in it.
pub(super) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let copy = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &copy);
        } else {
            fs::copy(entry.path(), copy).unwrap();
        }
    }
}

/// Posts, copies, posts more, and puts the copy back. The last head of what is lost.
async fn restore_older_copy(bank: &mut Bank, key: &SealKey, anchor: &str) -> ChainHead {
    bank.seal_with(key, anchor, "");
    let daemon = bank.open().await;
    bank.post_and_verify(&daemon, 1..10).await;
    daemon.stop();
    copy_folder(&bank.file("journal"), &bank.file("older"));
    let daemon = bank.start();
    bank.post_and_verify(&daemon, 10..20).await;
    daemon.stop();
    // What the stop itself sealed counts too.
    let daemon = bank.start();
    let lost = bank.audit(&daemon, None).await.last;
    daemon.stop();
    fs::remove_dir_all(bank.file("journal")).unwrap();
    copy_folder(&bank.file("older"), &bank.file("journal"));
    lost
}

/// Approves the recovery, in a file.
fn approve(bank: &Bank, lost: ChainHead, epoch: u64) {
    let content = Content::Recovery {
        anchor: lost,
        epoch,
    };
    let hour = Duration::from_secs(3_600);
    let approval = bank.approvers().approve(content, hour);
    fs::write(bank.file("recovery.json"), approval.encode().unwrap()).unwrap();
}

/// The daemon refuses its journal and tells `parts`.
fn is_refused(bank: &Bank, parts: &[&str]) {
    let ended = bank.run();
    assert_eq!(ended.code, Some(65), "{}", ended.complaint);
    for part in parts {
        assert!(
            ended.complaint.contains(part),
            "`{part}`: {}",
            ended.complaint
        );
    }
}

/// After the recovery the chain goes on in epoch 2, and a start needs no approval any more.
async fn goes_on(bank: &Bank, lost: ChainHead) {
    let daemon = bank.start();
    bank.post_and_verify(&daemon, 100..110).await;
    let report = bank.audit(&daemon, None).await;
    assert_eq!(report.epoch, 2);
    // Whoever knows the head that was given up is told by which row it was.
    let told = bank.verdict(&daemon, Some(lost)).await.unwrap_err();
    let is_told = matches!(told, ChainFault::Abandoned { known, .. } if known == lost);
    assert!(is_told, "{told}");
    daemon.kill();
    bank.replace("recovery = \"recovery.json\"\n", "");
    let daemon = bank.start();
    bank.post_and_verify(&daemon, 110..120).await;
    assert_eq!(bank.audit(&daemon, Some(report.last)).await.epoch, 2);
    daemon.stop();
}

const RECOVERY: (&str, &str) = (
    "approvers = \"approvers.json\"\n",
    "approvers = \"approvers.json\"\nrecovery = \"recovery.json\"\n",
);

#[tokio::test]
async fn a_directory_of_heads_refuses_it_until_a_recovery_is_approved() {
    let mut bank = Bank::new();
    let key = token(&mut bank, "hsm-1");
    let lost = restore_older_copy(&mut bank, &key, "{ directory = \"anchor\" }").await;
    let named = format!("`{lost}`");
    is_refused(&bank, &["older copy", "anchor in", &named]);
    approve(
        &bank,
        ChainHead {
            seq: lost.seq - 1,
            ..lost
        },
        2,
    );
    bank.replace(RECOVERY.0, RECOVERY.1);
    is_refused(&bank, &["recovery is not approved", &named]);
    approve(&bank, lost, 1);
    is_refused(&bank, &["recovery is not approved", &named]);
    approve(&bank, lost, 2);
    goes_on(&bank, lost).await;
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn a_proxy_refuses_it_until_a_recovery_is_approved_there_and_here() {
    let mut bank = Bank::new();
    let (mut proxy, [key]) = Proxy::start(&bank, ["proxy-1"]);
    let lost = restore_older_copy(&mut bank, &key, "\"proxy\"").await;
    assert_eq!(proxy.anchor().await, lost);
    let named = format!("`{lost}`");
    is_refused(&bank, &["older copy", "proxy", &named]);
    assert_eq!(proxy.anchor().await, lost);
    approve(&bank, lost, 2);
    bank.replace(RECOVERY.0, RECOVERY.1);
    proxy.open_epoch(&bank, 2);
    goes_on(&bank, lost).await;
    Proxy::was_asked_for_one_history(&bank);
}

/// The copy was taken while a row waited for its signature, which the chain that is given up has.
#[cfg(debug_assertions)]
#[tokio::test]
async fn a_copy_with_a_row_in_flight_goes_on_too() {
    let mut bank = Bank::new();
    let (mut proxy, [key]) = Proxy::start(&bank, ["proxy-1"]);
    bank.seal_with(&key, "\"proxy\"", "");
    let daemon = bank.open().await;
    bank.post_and_verify(&daemon, 1..10).await;
    let before = proxy.anchor().await;
    proxy.faults(&["stall=1"]).await;
    let write = bank.connect(&daemon, "acme-write").await;
    write.post(BOOK, &transfers(10..20), &[]).await.unwrap();
    until("a row is asked for", async || {
        proxy.anchor().await.seq > before.seq
    })
    .await;
    daemon.kill();
    copy_folder(&bank.file("journal"), &bank.file("older"));
    proxy.faults(&[]).await;
    let daemon = bank.start();
    bank.post_and_verify(&daemon, 20..30).await;
    daemon.stop();
    fs::remove_dir_all(bank.file("journal")).unwrap();
    copy_folder(&bank.file("older"), &bank.file("journal"));
    let lost = proxy.anchor().await;
    is_refused(&bank, &["older copy", "proxy"]);
    approve(&bank, lost, 2);
    bank.replace(RECOVERY.0, RECOVERY.1);
    proxy.open_epoch(&bank, 2);
    goes_on(&bank, lost).await;
}
