//! No sequence of requests by one tenant changes or reveals anything of another.
//!
//! Two daemons differ in nothing but the other tenant: one has it, with a book full of transfers,
//! the other has never heard of it. Whatever the first tenant asks for, both tell it the same, and
//! the other's book stays as it was to the last byte. `LEDGERD_SEED` repeats what a failure
//! prints.

mod request;
mod rng;
mod told;

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

use client::Client;
use ledger::{BookId, Code, Transfer, TransferFlags};
use wire::message as m;

use crate::harness::fold::Events;
use crate::harness::world::{self, BOOK, World};
use crate::persona::{BETA, BETAS};
use request::{Asked, What};
use rng::Rng;
use told::told;

/// Requests while the other tenant rests, and as many while it does not.
const REQUESTS: usize = 400;
const ACME: [&str; 3] = ["acme-read", "acme-write", "acme-admin"];

#[tokio::test]
async fn the_same_requests_every_time() {
    run(0x1501a7e).await;
}

#[tokio::test]
async fn other_requests_every_time() {
    run(RandomState::new().hash_one(0)).await;
}

async fn run(seed: u64) {
    let given = std::env::var("LEDGERD_SEED").ok();
    let seed = given.map_or(seed, |text| text.parse().unwrap());
    let mut rng = Rng(seed);
    let (with, without) = (World::new(2).await, World::new(2).await);
    let beta = Other::settle(&with).await;
    let mut clients = Vec::new();
    for who in ACME {
        clients.push((who, with.connect(who).await, without.connect(who).await));
    }
    let before = beta.seen().await;
    let (mut denied, mut answered) = (0, 0);
    for at in 0..2 * REQUESTS {
        let (who, here, there) = &clients[rng.below(3) as usize];
        let asked = Asked::at_random(&mut rng, who, BOOK);
        let is_busy = at >= REQUESTS;
        if at == REQUESTS {
            assert_eq!(
                beta.seen().await,
                before,
                "seed {seed}: the other has changed"
            );
        }
        let moves = async {
            if is_busy {
                beta.moves(at as u128).await;
            }
        };
        let (here, there, ()) = tokio::join!(told(here, &asked), told(there, &asked), moves);
        let named = format!("LEDGERD_SEED={seed} request {at} of {who}: {asked:?}");
        assert_eq!(here, there, "{named}");
        let reveals = |word| here.0.contains(word) && !named.contains(word);
        assert!(!reveals("beta") && !reveals("secret"), "{named}: {here:?}");
        if here.1 { denied += 1 } else { answered += 1 }
    }
    assert!(
        denied > REQUESTS / 4 && answered > REQUESTS / 4,
        "{denied} {answered}"
    );
    let after = beta.seen().await;
    let moved = after.events.len() - before.events.len();
    assert_eq!(moved, REQUESTS, "seed {seed}: its own moves and no others");
    assert_eq!(after.events[..before.events.len()], before.events);
}

/// Who may look across tenants is told different things by the two: the comparison is not blind.
#[tokio::test]
async fn an_auditor_tells_the_two_apart() {
    let (with, without) = (World::new(2).await, World::new(2).await);
    Other::settle(&with).await;
    let (here, there) = (
        with.connect("auditor").await,
        without.connect("auditor").await,
    );
    let mut rng = Rng(1);
    let mut differ = BTreeSet::new();
    for _ in 0..REQUESTS {
        let asked = Asked::at_random(&mut rng, "auditor", BOOK);
        if told(&here, &asked).await != told(&there, &asked).await {
            let What::Request(request) = asked.what else {
                panic!("{asked:?} is no request")
            };
            differ.insert(request.operation().name());
        }
    }
    for operation in [
        "list_books",
        "lookup_accounts",
        "query_transfers",
        "subscribe",
    ] {
        assert!(differ.contains(operation), "{operation}: {differ:?}");
    }
}

/// The other tenant, with a client of its own and one of an auditor.
struct Other {
    admin: Client,
    auditor: Client,
}

/// All that it and an auditor see of it.
#[derive(PartialEq, Debug)]
struct Seen {
    books: Vec<m::BookRow>,
    accounts: Vec<m::AccountList>,
    transfers: Vec<m::TransferList>,
    totals: Vec<m::Totals>,
    events: Vec<ledger::Event>,
}

impl Other {
    async fn settle(world: &World) -> Self {
        world::create_tenant(&world.operator, BETA, "beta").await;
        world::create_book(&world.operator, BETAS, BETA, "secret", false).await;
        let admin = world.connect("beta-admin").await;
        world::create_accounts(&admin, BETAS, [1, 2, 101, 102].into_iter()).await;
        let hold = Transfer {
            flags: TransferFlags::HOLD,
            ..Transfer::new(1_001, 101, 102, 77, 3)
        };
        let transfers = [
            Transfer::new(1, 1, 2, 13, 1),
            Transfer::new(2, 2, 1, 5, 1),
            hold,
        ];
        let note = m::ItemNote {
            index: 0,
            reference: b"order".to_vec(),
            metadata: b"of beta".to_vec(),
        };
        let posted = admin.post(BETAS, &transfers, &[note]).await.unwrap();
        assert_eq!(posted.created, 3);
        let auditor = world.connect("auditor").await;
        Self { admin, auditor }
    }

    /// Posts a transfer, and tries to post it where it may not.
    async fn moves(&self, id: u128) {
        let transfer = Transfer::new(2_000 + id, 101, 102, 1, 1);
        let posted = self.admin.post(BETAS, &[transfer], &[]).await.unwrap();
        assert_eq!(posted.created, 1);
        let denied = self.admin.post(BOOK, &[transfer], &[]).await;
        assert_eq!(denied.unwrap_err().code(), Code::Denied);
    }

    async fn seen(&self) -> Seen {
        let list = m::ListRequest::default();
        let mut seen = Seen {
            books: self.admin.list_books(list).await.unwrap().rows,
            accounts: Vec::new(),
            transfers: Vec::new(),
            totals: Vec::new(),
            events: Events::of(&self.auditor, BETAS).await.0,
        };
        let theirs = |row: &m::BookRow| row.book != BOOK && row.book != BookId::SYSTEM;
        let all = self.auditor.list_books(list).await.unwrap().rows;
        seen.books.extend(all.into_iter().filter(theirs));
        for client in [&self.admin, &self.auditor] {
            let accounts = client.list_accounts(BETAS, list).await.unwrap();
            seen.accounts.push(accounts);
            let all = m::QueryTransfers {
                limit: 100,
                ..m::QueryTransfers::all()
            };
            let transfers = client.query_transfers(BETAS, all).await.unwrap();
            seen.transfers.push(transfers);
            seen.totals.push(client.totals(BETAS).await.unwrap());
        }
        seen
    }
}
