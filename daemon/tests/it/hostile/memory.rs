//! What peers claim, and what they do not read, takes no memory.

use ledger::{BookId, Operation, Seq, TenantId};
use wire::frame::Header;
use wire::limits::FRAME_BODY_MAX;
use wire::message::{ListRequest, Request, Subscribe};

use super::{Bystander, connect, next_failure};
use crate::harness::Place;
use crate::harness::world::{self, BOOK, World};

const MIB: u64 = 1 << 20;

/// 64 frames of 2 MiB are begun and not sent.
#[tokio::test]
async fn frames_that_are_claimed_and_not_sent_take_no_memory() {
    let world = World::at(Place::with_limits("frame_seconds = 1"), 2).await;
    let bystander = Bystander::of(&world).await;
    let before = world.daemon.peak_memory();
    let config = world.place.config("acme-write", world.daemon.address());
    let mut header = Header::request(Operation::Post, 5, BOOK);
    header.length = u32::try_from(FRAME_BODY_MAX).unwrap();
    let mut streams = Vec::new();
    for _ in 0..4 {
        let connection = connect(&config).await;
        for _ in 0..16 {
            let (reader, mut writer) = connection.open_stream().await.unwrap();
            writer.push_raw(&header.to_bytes());
            writer.push_raw(&[7; 1_000]);
            writer.flush().await.unwrap();
            streams.push((reader, writer, connection.clone()));
        }
    }
    // Each of them is told that it is too slow, so each of them was read.
    for (reader, _, _) in &mut streams {
        assert_eq!(next_failure(reader).await.0, 0);
    }
    // A quarter of what was claimed, most of it buffers of the streams themselves.
    let grown = world.daemon.peak_memory() - before;
    assert!(grown < 32 * MIB, "{grown} bytes more");
    bystander.end().await;
}

/// 800 MiB of answers are asked for and not read.
#[tokio::test]
async fn answers_that_are_not_read_take_bounded_memory() {
    let world = World::new(2).await;
    let (beta, book) = (TenantId(2), BookId(9));
    world::create_tenant(&world.operator, beta, "beta").await;
    world::create_book(&world.operator, book, beta, "main", false).await;
    world::create_accounts(&world.connect("beta-admin").await, book, 1..=8_190).await;
    let bystander = Bystander::of(&world).await;
    let config = world.place.config("beta-read", world.daemon.address());
    let connection = connect(&config).await;
    let (_unread, mut writer) = connection.open_stream().await.unwrap();
    let before = world.daemon.peak_memory();
    for number in 1..=512 {
        let header = Header::request(Operation::ListAccounts, number, book);
        writer.push(header, |out| {
            Request::ListAccounts(ListRequest::default()).encode(out);
        });
    }
    writer.flush().await.unwrap();
    bystander.goes_on().await;
    let betas = world.connect("beta-read").await;
    let list = betas
        .list_accounts(book, ListRequest::default())
        .await
        .unwrap();
    assert_eq!(list.rows.len(), 8_190);
    bystander.goes_on().await;
    let grown = world.daemon.peak_memory() - before;
    assert!(grown < 128 * MIB, "{grown} bytes more");
    bystander.end().await;
}

/// A connection has so many subscriptions and no more.
#[tokio::test]
async fn subscriptions_without_end_are_refused() {
    let world = World::new(2).await;
    let config = world.place.config("acme-read", world.daemon.address());
    let connection = connect(&config).await;
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    for number in 1..=2_000 {
        let header = Header::request(Operation::Subscribe, number, BOOK);
        writer.push(header, |out| {
            Request::Subscribe(Subscribe { from: Seq(1 << 40) }).encode(out);
        });
    }
    writer.flush().await.unwrap();
    let mut begun = 0;
    for _ in 0..2_000 {
        let frame = reader.next().await.unwrap().unwrap();
        match frame.header.kind {
            wire::frame::Kind::Answer => begun += 1,
            _ => {
                let failure: wire::Failure = wire::field::decode(&frame.body).unwrap();
                assert_eq!(failure.code, ledger::Code::Busy);
            }
        }
    }
    assert!(begun <= 16, "{begun} subscriptions");
    // Who ends some may begin others.
    drop((reader, writer));
    let client = world.connect("acme-read").await;
    for _ in 0..100 {
        let mut subscription = client.subscribe(BOOK, Seq(1 << 40)).await.unwrap();
        subscription.cancel().await.unwrap();
        assert!(subscription.next().await.unwrap().is_none());
    }
    world::create_accounts(&world.admin, BOOK, 3..=3).await;
}
