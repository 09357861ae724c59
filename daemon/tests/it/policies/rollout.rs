use ledger::{Code, Digest, Transfer};
use plugins_host::shipped;
use verify::chain::Start;
use verify::policy::{Manifest, PolicyAction};
use verify::row::AuditRow;
use verify::{ChainVerifier, Name};
use wire::message as m;

use super::house::{House, acme};
use crate::harness::until;
use crate::harness::world::BOOK;

/// What is posted: one transfer within every limit, and one above.
fn batch(id: u128) -> Vec<Transfer> {
    vec![
        Transfer::new(id, 1, 2, 10, 1),
        Transfer::new(id + 1, 1, 2, 5_000, 1),
    ]
}

#[tokio::test]
async fn a_policy_denies_from_its_activation_on_until_it_is_rolled_back() {
    let house = House::new().await;
    let both = [Code::Created, Code::Created];
    let denied = [Code::Created, Code::Denied];
    assert_eq!(house.world.post(&batch(1)).await, both);
    let limits = house.activate(house.limits(1_000)).await;
    assert_eq!(house.world.post(&batch(11)).await, denied);
    // What was posted before stays posted.
    assert_eq!(house.world.post(&batch(1)).await, [Code::Exists; 2]);
    let house = house.again().await;
    assert_eq!(house.world.post(&batch(21)).await, denied);
    assert_eq!(house.standing(m::PolicyStanding::Active).await, [limits]);
    // Rolled back to nothing: everything is allowed again.
    let early = house
        .change(PolicyAction::Rollback, limits)
        .await
        .unwrap_err();
    assert_eq!(early.code, Code::ApprovalInsufficient, "{early}");
    house.approved(PolicyAction::Rollback, acme(), limits).await;
    house.change(PolicyAction::Rollback, limits).await.unwrap();
    assert_eq!(house.world.post(&batch(31)).await, both);
    let house = house.again().await;
    assert_eq!(house.world.post(&batch(41)).await, both);
    assert_eq!(house.standing(m::PolicyStanding::Candidate).await, [limits]);
    verify_rows(&house, limits).await;
}

/// Rows and seals tell of both changes, and verify like all others.
async fn verify_rows(house: &House, limits: Digest) {
    let auditor = house.world.connect("auditor").await;
    let (mut rows, mut from_seq) = (Vec::new(), 1);
    while from_seq != 0 {
        let limit = 1_000;
        let page = auditor.audit_rows(m::AuditRows { from_seq, limit }).await;
        let page = page.unwrap();
        for row in page.rows {
            let line = [&row[..], b"\n"].concat();
            rows.push(AuditRow::decode_line(&line).unwrap());
        }
        from_seq = page.next;
    }
    let keyring = house.keyring().await;
    let mut chain = ChainVerifier::new(&keyring, Start::Genesis, None);
    for row in &rows {
        chain.push(row).unwrap();
    }
    let kinds = rows.iter().map(|row| row.payload().content.kind());
    let told: Vec<_> = kinds.filter(|kind| kind.starts_with("policy")).collect();
    assert_eq!(told, ["policy_activated", "policy_rolled_back"]);
    let sets: Vec<Digest> = rows
        .iter()
        .filter_map(|row| Some(row.seal()?.policy_set))
        .collect();
    let (first, last) = (sets.first().unwrap(), sets.last().unwrap());
    assert_eq!(first, last);
    assert!(sets.iter().any(|set| set != first), "{limits}");
}

#[tokio::test]
async fn versions_follow_each_other_and_lead_back() {
    let house = House::new().await;
    let one = house.activate(house.limits(1_000)).await;
    let two = house.activate(house.limits(100_000)).await;
    assert_eq!(house.world.post(&batch(1)).await, [Code::Created; 2]);
    assert_eq!(house.standing(m::PolicyStanding::Active).await, [two]);
    assert_eq!(house.standing(m::PolicyStanding::Previous).await, [one]);
    let wrong = house.change(PolicyAction::Rollback, one).await.unwrap_err();
    assert_eq!(wrong.code, Code::PolicyStateConflict, "{wrong}");
    house.approved(PolicyAction::Rollback, acme(), two).await;
    house.change(PolicyAction::Rollback, two).await.unwrap();
    assert_eq!(house.standing(m::PolicyStanding::Active).await, [one]);
    let codes = house.world.post(&batch(11)).await;
    assert_eq!(codes, [Code::Created, Code::Denied]);
}

/// A candidate that is asked beside others denies nobody; what it would have done is counted.
#[tokio::test]
async fn a_candidate_is_asked_beside_and_only_counted() {
    let house = House::new().await;
    let signed = house.sign(house.limits(1_000), "policy-1");
    let digest = house.push(&signed).await.unwrap();
    let shadow = |action| m::ShadowPolicy {
        tenant: acme(),
        action,
        manifest: digest,
        per_million: 1_000_000,
    };
    let shadow = async |action| {
        let asked = house.world.admin.shadow_policy(shadow(action)).await;
        asked.unwrap().code
    };
    assert_eq!(shadow(m::ShadowAction::Stop).await, Code::NotFound);
    assert_eq!(shadow(m::ShadowAction::Start).await, Code::Created);
    assert_eq!(shadow(m::ShadowAction::Start).await, Code::Exists);
    assert_eq!(house.world.post(&batch(1)).await, [Code::Created; 2]);
    let report = async || {
        let rows = house.list(acme()).await.rows;
        rows[0].shadow.clone()
    };
    until("the candidate is asked", async || {
        report().await.is_some_and(|report| report.asked > 0)
    })
    .await;
    let counted = report().await.unwrap();
    assert_eq!((counted.would_deny, counted.would_allow), (1, 0));
    assert_eq!(&*counted.rules[0].name, "amount-too-large");
    assert_eq!(shadow(m::ShadowAction::Stop).await, Code::Created);
    assert_eq!(report().await, None);
}

/// The platform's policies decide everybody's requests; what comes with the daemon gives way to an
/// approved one of its name, and comes back.
#[tokio::test]
async fn the_platform_has_policies_too() {
    let house = House::new().await;
    let named = |row: &m::PolicyRow| (row.name.to_string(), row.standing);
    let names = |list: &m::PolicyList| list.rows.iter().map(named).collect::<Vec<_>>();
    let shipped = |name: &str| (name.to_owned(), m::PolicyStanding::Shipped);
    let list = house.list(None).await;
    assert_eq!(names(&list), [shipped("isolation"), shipped("rbac")]);
    let rbac = Manifest {
        cases: "[]".to_owned(),
        component: shipped::RBAC.digest(),
        config: "{}".to_owned(),
        name: Name::new("rbac").unwrap(),
        tenant: None,
        ..house.limits(1)
    };
    let digest = house.push(&house.sign(rbac, "policy-2")).await.unwrap();
    house.approved(PolicyAction::Activate, None, digest).await;
    let operator = &house.world.operator;
    let by_admin = house
        .change_as(&house.world.admin, PolicyAction::Activate, None, digest)
        .await;
    assert_eq!(by_admin.unwrap_err().code, Code::Denied);
    let activated = house
        .change_as(operator, PolicyAction::Activate, None, digest)
        .await
        .unwrap();
    assert_ne!(activated.policy_set, list.policy_set);
    let active = ("rbac".to_owned(), m::PolicyStanding::Active);
    assert_eq!(
        names(&house.list(None).await),
        [shipped("isolation"), active]
    );
    assert_eq!(house.world.post(&batch(1)).await, [Code::Created; 2]);
    house.approved(PolicyAction::Rollback, None, digest).await;
    house
        .change_as(&house.world.operator, PolicyAction::Rollback, None, digest)
        .await
        .unwrap();
    let after = house.list(None).await;
    assert_eq!(names(&after)[..2], [shipped("isolation"), shipped("rbac")]);
    assert_eq!(after.policy_set, list.policy_set);
}

/// Approvers may be shown anything under the name of tenant isolation: what does not keep tenants
/// apart does not take its place.
#[tokio::test]
async fn what_keeps_nobody_apart_does_not_stand_in_for_isolation() {
    let house = House::new().await;
    let before = house.list(None).await.policy_set;
    let loose = Manifest {
        name: Name::new("isolation").unwrap(),
        tenant: None,
        ..house.limits(1_000)
    };
    let digest = house.push(&house.sign(loose, "policy-1")).await.unwrap();
    house.approved(PolicyAction::Activate, None, digest).await;
    let refused = house
        .change_as(&house.world.operator, PolicyAction::Activate, None, digest)
        .await
        .unwrap_err();
    assert_eq!(refused.code, Code::PolicyRefused);
    assert!(
        refused.message.starts_with("below the floor: "),
        "{refused}"
    );
    assert_eq!(house.list(None).await.policy_set, before);
}

/// A component that the daemon does not bring is sent in parts, gone on with where it stopped, and
/// kept only if it is what its manifest names.
#[tokio::test]
async fn a_component_is_sent_in_parts() {
    let house = House::new().await;
    let (manifest, component) = house.own(1_000);
    let digest = manifest.component;
    let unnamed = house.push_part(digest, &component, 0..10).await;
    assert_eq!(unnamed.unwrap_err().code, Code::NotFound);
    let signed = house.sign(manifest, "policy-1");
    let name = house.push(&signed).await.unwrap();
    house.approved(PolicyAction::Activate, acme(), name).await;
    let missing = house
        .change(PolicyAction::Activate, name)
        .await
        .unwrap_err();
    assert_eq!(missing.code, Code::PolicyRefused);
    assert!(missing.message.starts_with("component: "), "{missing}");
    let half = component.len() / 2;
    let first = house.push_part(digest, &component, 0..half).await.unwrap();
    assert_eq!((first.code, first.held), (Code::NotFound, half as u64));
    let house = house.again().await;
    // Sent anew, what is here is not written again.
    let again = house.push_part(digest, &component, 0..half).await.unwrap();
    assert_eq!(again.held, half as u64);
    // Another second half: the whole is not the component, and is dropped.
    let mut forged = component.clone();
    *forged.last_mut().unwrap() ^= 1;
    let wrong = house.push_part(digest, &forged, half..forged.len()).await;
    assert_eq!(wrong.unwrap_err().code, Code::PolicyRefused);
    assert!(
        house
            .files()
            .iter()
            .all(|file| !file.contains(&digest.to_string()))
    );
    let all = 0..component.len();
    let pushed = house.push_part(digest, &component, all).await.unwrap();
    assert_eq!(pushed.code, Code::Created);
    house.change(PolicyAction::Activate, name).await.unwrap();
    let codes = house.world.post(&batch(1)).await;
    assert_eq!(codes, [Code::Created, Code::Denied]);
    broken_after_a_restart(house, digest).await;
}

/// A policy in force that cannot be asked any more denies its tenant, and nobody else.
async fn broken_after_a_restart(house: House, component: Digest) {
    let file = house.file(&format!("journal/policies/{component}.wasm"));
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let house = house.again().await;
    let list = house.list(acme()).await;
    let problem = &*list.rows[0].problem;
    assert!(problem.starts_with("component: "), "{problem}");
    let transfers = batch(21);
    let posted = house.world.write.post(BOOK, &transfers, &[]);
    let refused = super::house::refused(posted.await).unwrap_err();
    assert_eq!(refused.code, Code::PolicyUnavailable, "{refused}");
    assert!(house.world.place.log().contains("cannot be asked"));
    // Whoever belongs to the tenant can still put it right.
    let good = house.activate(house.limits(1_000)).await;
    assert_eq!(house.standing(m::PolicyStanding::Active).await, [good]);
    let codes = house.world.post(&batch(31)).await;
    assert_eq!(codes, [Code::Created, Code::Denied]);
}
