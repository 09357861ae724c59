//! Complaints heard about other ledgers, where the way from client to disk and back matters. Those
//! that the rules alone can earn are tested beside the rules.

use client::{Client, ClientError};
use ledger::event::BookChange;
use ledger::{AccountFlags, Code, Operation, Transfer, TransferFlags as Flags, TransferId};
use tokio::task::JoinSet;
use wire::frame::Header;
use wire::message::{Post, Request};

use crate::harness::until;
use crate::harness::world::{self, BOOK, World, codes};

/// Has `transfers` posted and never reads the answer.
async fn post_and_lose_the_answer(world: &World, transfers: &[Transfer]) {
    let config = world.place.config("acme-write", world.daemon.address());
    let connection = crate::hostile::connect(&config).await;
    let (_reader, mut writer) = connection.open_stream().await.unwrap();
    let header = Header::request(Operation::Post, 1, BOOK);
    let post = Request::Post(Post::new(transfers.to_vec()));
    writer.push(header, |out| post.encode(out));
    writer.flush().await.unwrap();
    let last = transfers.last().unwrap().id.0;
    until("it is posted", async || world.lookup(last).await.is_some()).await;
}

/// "A retry after a rule change answered `denied` though the money had moved."
#[tokio::test]
async fn an_answer_lost_then_asked_for_again_after_freeze_and_halt_is_exists() {
    let world = World::new(2).await;
    let transfers = [Transfer::new(1, 1, 2, 10, 1), Transfer::new(2, 1, 2, 20, 1)];
    post_and_lose_the_answer(&world, &transfers).await;
    let frozen = AccountFlags::FROZEN_DEBITS | AccountFlags::FROZEN_CREDITS;
    world.set_flags(1, frozen).await;
    assert_eq!(world.post(&transfers).await, [Code::Exists; 2]);
    world.change_book(BookChange::Halted).await;
    assert_eq!(world.post(&transfers).await, [Code::Exists; 2]);
    let world = world
        .again(|daemon| daemon.kill(), |place| place.start())
        .await;
    let again = world.write.post(BOOK, &transfers, &[]).await.unwrap();
    assert_eq!(codes(&again), [Code::Exists; 2]);
    assert_eq!(
        (again.seq(0), again.seq(1)),
        (Some(2.into()), Some(3.into()))
    );
    let new = [Transfer::new(3, 1, 2, 10, 1)];
    assert_eq!(world.post(&new).await, [Code::BookHalted]);
    assert_eq!(world.balances(&[2]).await[0].credits_posted, 30);
}

/// "A retried refund answered `conflict` yet moved money; a hold was committed twice."
#[tokio::test]
async fn refunds_and_captures_sent_by_many_at_once_are_done_once() {
    let world = World::new(2).await;
    let mut hold = Transfer::new(1, 1, 2, 50, 1);
    hold.flags = Flags::HOLD;
    assert_eq!(
        world.post(&[hold, Transfer::new(2, 1, 2, 30, 1)]).await,
        [Code::Created; 2]
    );
    let mut capture = Transfer::new(0, 1, 2, 50, 1);
    (capture.flags, capture.target) = (Flags::CAPTURE, TransferId(1));
    let mut refund = Transfer::new(0, 2, 1, 30, 1);
    (refund.flags, refund.target) = (Flags::REVERSAL, TransferId(2));
    let mut senders = JoinSet::new();
    for sender in 0..8 {
        let client = world.connect("acme-write").await;
        // Half of them send the same ids, half their own.
        let id = 100 + if sender % 2 == 0 { 0 } else { sender };
        (capture.id, refund.id) = (TransferId(id), TransferId(id + 100));
        senders.spawn(async move {
            let posted = client.post(BOOK, &[capture, refund], &[]).await;
            codes(&posted.unwrap())
        });
    }
    let mut created = [0; 2];
    while let Some(codes) = senders.join_next().await {
        let codes = codes.unwrap();
        for (count, code) in created.iter_mut().zip(&codes) {
            *count += u32::from(*code == Code::Created);
        }
        let known = [Code::Created, Code::Exists];
        assert!(
            known.contains(&codes[0]) || codes[0] == Code::HoldCaptured,
            "{codes:?}"
        );
        assert!(
            known.contains(&codes[1]) || codes[1] == Code::AlreadyReversed,
            "{codes:?}"
        );
    }
    assert_eq!(created, [1, 1]);
    assert_eq!(world.balances(&[1]).await[0].posted(), -50);
}

/// "Contention was told as insufficient funds."
#[tokio::test]
async fn many_at_one_account_are_never_told_a_business_code_for_it() {
    let world = World::new(1).await;
    let mut hot = world::account(2);
    hot.settings.floor = Some(0);
    let made = world.admin.create_accounts(BOOK, vec![hot]).await.unwrap();
    assert_eq!(made.created, 1);
    let lanes = 16_u128;
    let each = 25_u128;
    world.created(Transfer::new(1, 1, 2, lanes * each, 1)).await;
    let mut senders = JoinSet::new();
    for lane in 0..lanes {
        let client = world.connect("acme-write").await;
        senders.spawn(async move {
            for number in 0..each {
                let id = 1_000 + lane * each + number;
                let transfer = Transfer::new(id, 2, 1, 1, 1);
                assert_eq!(post_patiently(&client, transfer).await, Code::Created);
            }
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender.unwrap();
    }
    assert_eq!(world.balances(&[2]).await[0].posted(), 0);
    let one_more = Transfer::new(5, 2, 1, 1, 1);
    assert_eq!(world.post(&[one_more]).await, [Code::BelowFloor]);
}

/// Posts until it is decided; what is not decided must say that it is not, and to try again.
async fn post_patiently(client: &Client, transfer: Transfer) -> Code {
    loop {
        match client.post(BOOK, &[transfer], &[]).await {
            Ok(outcomes) => return outcomes.code(0),
            Err(ClientError::Refused(failure)) => {
                let code = failure.code;
                assert!(code.number() >= 900 && code.is_retryable(), "{failure}");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// "The same key with another body was silently replayed; duplicates inside a batch crashed."
#[tokio::test]
async fn other_bodies_and_duplicates_are_told_apart_after_a_restart_too() {
    let world = World::new(3).await;
    let first = Transfer::new(1, 1, 2, 10, 1);
    let batch = [
        first,
        first,
        Transfer {
            amount: 11,
            ..first
        },
        Transfer {
            credit: 3.into(),
            ..first
        },
        Transfer { code: 2, ..first },
        Transfer {
            user_data: 5,
            ..first
        },
    ];
    let mut expected = [
        Code::Created,
        Code::Exists,
        Code::ExistsWithDifferentAmount,
        Code::ExistsWithDifferentCredit,
        Code::ExistsWithDifferentCode,
        Code::ExistsWithDifferentUserData,
    ];
    assert_eq!(world.post(&batch).await, expected);
    let world = world
        .again(|daemon| daemon.kill(), |place| place.start())
        .await;
    expected[0] = Code::Exists;
    assert_eq!(world.post(&batch).await, expected);
    assert_eq!(world.balances(&[2]).await[0].credits_posted, 10);
}
