use ledger::{Code, Digest, TenantId, Transfer};
use verify::Name;
use verify::policy::{Manifest, PolicyAction};
use wire::message as m;

use super::guest::Guest;
use super::house::{House, acme, refused};
use crate::harness::until;
use crate::harness::world::{self, BOOK};

/// A policy that breaks off whenever it is asked denies its tenant, first by its own code and then
/// without being asked; nobody else notices, the chain says so, and it can be taken back.
#[tokio::test]
async fn a_policy_that_always_fails_is_not_asked_and_the_chain_says_so() {
    let house = House::new().await;
    let component = Guest::evaluating("unreachable").build();
    let digest = Digest::of(&component);
    let manifest = Manifest {
        cases: "[]".to_owned(),
        component: digest,
        config: "{}".to_owned(),
        name: Name::new("guest").unwrap(),
        ..house.limits(1)
    };
    let signed = house.sign(manifest, "policy-1");
    let name = house.push(&signed).await.unwrap();
    let all = 0..component.len();
    house.push_part(digest, &component, all).await.unwrap();
    house.approved(PolicyAction::Activate, acme(), name).await;
    house.change(PolicyAction::Activate, name).await.unwrap();
    let mut codes = Vec::new();
    for id in 1..8 {
        let transfer = [Transfer::new(id, 1, 2, 10, 1)];
        let posted = house.world.write.post(BOOK, &transfer, &[]).await;
        codes.push(refused(posted).unwrap_err().code);
    }
    let (first, last) = (codes.first(), codes.last());
    assert_eq!(first, Some(&Code::PolicyTrapped), "{codes:?}");
    assert_eq!(last, Some(&Code::PolicyBreakerOpen), "{codes:?}");
    others_notice_nothing(&house).await;
    let auditor = house.world.connect("auditor").await;
    until("a row tells of the breaker", async || {
        let page = m::AuditRows {
            from_seq: 1,
            limit: 1_000,
        };
        let rows = auditor.audit_rows(page).await.unwrap().rows;
        let text = |row: &[u8]| String::from_utf8_lossy(row).into_owned();
        rows.iter()
            .any(|row| text(row).contains("\"policy_breaker\""))
    })
    .await;
    house.approved(PolicyAction::Rollback, acme(), name).await;
    house.change(PolicyAction::Rollback, name).await.unwrap();
    house.world.created(Transfer::new(1, 1, 2, 10, 1)).await;
}

async fn others_notice_nothing(house: &House) {
    let (beta, book) = (TenantId(2), ledger::BookId(9));
    world::create_tenant(&house.world.operator, beta, "beta").await;
    world::create_book(&house.world.operator, book, beta, "main", false).await;
    let betas = house.world.connect("beta-admin").await;
    world::create_accounts(&betas, book, 1..=2).await;
    let transfer = [Transfer::new(1, 1, 2, 10, 1)];
    let posted = betas.post(book, &transfer, &[]).await.unwrap();
    assert_eq!(posted.created, 1);
}
