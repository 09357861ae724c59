use ledger::{Code, Digest};
use verify::Name;
use verify::approval::Content;
use verify::policy::{Manifest, PolicyAction};
use wire::message as m;
use wire::{Blob, Text};

use super::house::{HOUR, House, acme, refused};
use crate::signers::{kid, request};

#[tokio::test]
async fn a_manifest_counts_by_a_policy_key_of_this_place_alone() {
    let house = House::new().await;
    let limits = || house.limits(1_000);
    let elsewhere = Manifest {
        environment: Name::new("production").unwrap(),
        ..limits()
    };
    let other_deployment = Manifest {
        deployment: Name::new("shop").unwrap(),
        ..limits()
    };
    for (what, signed, part) in [
        (
            "unknown",
            house.sign(limits(), "mallory"),
            "no key `mallory`",
        ),
        ("usage", house.sign(limits(), "seal-1"), "is for seal"),
        (
            "approver",
            house.sign(limits(), "approver-1"),
            "is for approval",
        ),
        ("place", house.sign(elsewhere, "policy-1"), "`production`"),
        ("ledger", house.sign(other_deployment, "policy-1"), "`shop`"),
    ] {
        let failure = house.push(&signed).await.unwrap_err();
        assert_eq!(failure.code, Code::PolicyRefused, "{what}: {failure}");
        assert!(failure.message.contains(part), "{what}: {failure}");
    }
    let mut forged = house.sign(limits(), "policy-1");
    forged.signature = house.sign(house.limits(2), "policy-1").signature;
    let failure = house.push(&forged).await.unwrap_err();
    assert!(failure.message.contains("does not verify"), "{failure}");
    let good = house.sign(limits(), "policy-2");
    let digest = house.push(&good).await.unwrap();
    revoke(&house, "policy-2").await;
    let failure = house.push(&house.sign(house.limits(3), "policy-2")).await;
    assert!(failure.unwrap_err().message.contains("is revoked"));
    // What was pushed before does not come into force either.
    house.approved(PolicyAction::Activate, acme(), digest).await;
    let failure = house.change(PolicyAction::Activate, digest).await;
    assert!(failure.unwrap_err().message.contains("is revoked"));
    assert!(house.standing(m::PolicyStanding::Active).await.is_empty());
}

/// A rollback brings in force what was before: not if its key is revoked by then.
#[tokio::test]
async fn a_rollback_does_not_lead_back_to_what_a_revoked_key_signed() {
    let house = House::new().await;
    for (most, key) in [(1_000, "policy-2"), (2_000, "policy-1")] {
        let digest = house.push(&house.sign(house.limits(most), key)).await;
        let digest = digest.unwrap();
        house.approved(PolicyAction::Activate, acme(), digest).await;
        house.change(PolicyAction::Activate, digest).await.unwrap();
    }
    let active = house.standing(m::PolicyStanding::Active).await;
    revoke(&house, "policy-2").await;
    let rollback = PolicyAction::Rollback;
    house.approved(rollback, acme(), active[0]).await;
    let failure = house.change(rollback, active[0]).await.unwrap_err();
    assert_eq!(failure.code, Code::PolicyRefused, "{failure}");
    assert!(
        failure.message.contains("`policy-2` is revoked"),
        "{failure}"
    );
    assert_eq!(house.standing(m::PolicyStanding::Active).await, active);
}

async fn revoke(house: &House, key: &str) {
    let text = |text: &str| Text::new(text.to_owned()).unwrap();
    let revoke = m::ChangeSigners {
        action: m::SignerAction::Revoke,
        kid: Text::cut(key),
        usage: None,
        algorithm: None,
        public_key: Blob::default(),
        description: text(""),
        reason: text("lost"),
        ticket: text("OPS-2"),
        approval: Blob::default(),
        from_seq: 0,
        trusted_seq: 0,
        trusted_digest: Digest::ZERO,
    };
    let changed = house.world.operator.change_signers(revoke).await.unwrap();
    assert_eq!(changed.code, Code::Created);
}

/// Neither one key three times, nor what was signed for elsewhere, nor what was signed before
/// another change, is an approval.
#[tokio::test]
async fn an_approval_counts_for_one_change_here_and_now() {
    let house = House::new().await;
    let pushed = house.sign(house.limits(1_000), "policy-1");
    let digest = house.push(&pushed).await.unwrap();
    let wanted = house.request(PolicyAction::Activate, acme(), digest).await;
    let asked = house.ask(&wanted).await.unwrap();
    let signatures = house.signatures(&wanted);
    let first = &signatures[0];
    assert_eq!(house.approve(asked, first).await.unwrap().ok_count, 1);
    for _ in 0..2 {
        let twice = house.approve(asked, first).await.unwrap_err();
        assert!(twice.message.contains("signed already"), "{twice}");
    }
    let few = house
        .change(PolicyAction::Activate, digest)
        .await
        .unwrap_err();
    assert_eq!(few.code, Code::ApprovalInsufficient);
    assert!(
        few.message.contains("`1` approvers signed, it takes 3"),
        "{few}"
    );
    // The same request of another environment cannot even be opened here, nor its signatures used.
    let mut elsewhere = wanted.clone();
    elsewhere.environment = Name::new("production").unwrap();
    let failure = house.ask(&elsewhere).await.unwrap_err();
    assert_eq!(failure.code, Code::ApprovalInsufficient);
    let replayed = &house.signatures(&elsewhere)[1];
    let failure = house.approve(asked, replayed).await.unwrap_err();
    assert!(failure.message.contains("does not verify"), "{failure}");
    // Another change comes first: what was signed for the state before counts no more.
    let other = house.sign(house.limits(2_000), "policy-1");
    let other = house.push(&other).await.unwrap();
    house.approved(PolicyAction::Activate, acme(), other).await;
    for signature in &signatures[1..] {
        house.approve(asked, signature).await.unwrap();
    }
    house.change(PolicyAction::Activate, other).await.unwrap();
    let late = house
        .change(PolicyAction::Activate, digest)
        .await
        .unwrap_err();
    assert_eq!(late.code, Code::ApprovalInsufficient);
    assert!(late.message.contains("request anew"), "{late}");
    assert_eq!(house.standing(m::PolicyStanding::Active).await, [other]);
}

/// A step that fails changes nothing, and says which it was.
#[tokio::test]
async fn a_failing_step_changes_nothing_and_is_named() {
    let house = House::new().await;
    let before = house.list(acme()).await.policy_set;
    let case = r#"[{"name":"never","expect":{"deny":1},"context":{"operation":"post"}}]"#;
    let manifests = [
        (
            "init: ",
            Manifest {
                config: r#"{"no_such_limit":1}"#.to_owned(),
                ..house.limits(1)
            },
        ),
        (
            "describe: ",
            Manifest {
                config_version: 7,
                ..house.limits(2)
            },
        ),
        (
            "cases: ",
            Manifest {
                cases: case.to_owned(),
                ..house.limits(3)
            },
        ),
    ];
    for (step, manifest) in manifests {
        let signed = house.sign(manifest, "policy-1");
        let digest = house.push(&signed).await.unwrap();
        house.approved(PolicyAction::Activate, acme(), digest).await;
        let failure = house.change(PolicyAction::Activate, digest).await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.code, Code::PolicyRefused, "{step}");
        assert!(failure.message.starts_with(step), "{failure}");
    }
    assert_eq!(house.list(acme()).await.policy_set, before);
    assert!(house.standing(m::PolicyStanding::Active).await.is_empty());
}

/// A daemon that runs no code of tenants lets them configure what comes with it.
#[tokio::test]
async fn code_of_tenants_runs_where_the_configuration_says() {
    let house = House::with("[policy]\ntenant_code = \"none\"\n").await;
    let limits = house.activate(house.limits(1_000)).await;
    let (manifest, component) = house.own(2_000);
    let digest = manifest.component;
    let signed = house.sign(manifest, "policy-1");
    let own = house.push(&signed).await.unwrap();
    let all = 0..component.len();
    house.push_part(digest, &component, all).await.unwrap();
    house.approved(PolicyAction::Activate, acme(), own).await;
    let failure = house.change(PolicyAction::Activate, own).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.code, Code::PolicyRefused);
    assert!(
        failure.message.contains("`policy.tenant_code`"),
        "{failure}"
    );
    assert_eq!(house.standing(m::PolicyStanding::Active).await, [limits]);
}

/// A tenant's policies are its own: others neither see nor touch them.
#[tokio::test]
async fn policies_of_others_are_out_of_reach() {
    let house = House::new().await;
    let beta = ledger::TenantId(2);
    crate::harness::world::create_tenant(&house.world.operator, beta, "beta").await;
    let betas = house.world.connect("beta-admin").await;
    let digest = house.activate(house.limits(1_000)).await;
    let change = house.change_as(&betas, PolicyAction::Rollback, acme(), digest);
    assert_eq!(change.await.unwrap_err().code, Code::Denied);
    let list = |tenant| m::ListPolicies {
        tenant,
        manifest: digest,
    };
    let theirs = refused(betas.list_policies(list(acme())).await).unwrap_err();
    let nobodys = refused(
        betas
            .list_policies(list(Some(crate::harness::world::name("nobody"))))
            .await,
    );
    assert_eq!(theirs, nobodys.unwrap_err());
    // A manifest of another tenant is not shown under one's own name.
    let own = list(Some(crate::harness::world::name("beta")));
    let own = betas.list_policies(own).await.unwrap();
    assert!(own.rows.is_empty() && own.manifest.is_empty());
    // Nor does an approval for one tenant count for another.
    let signed = house.sign(house.limits(1_000), "policy-1");
    assert_eq!(signed.digest(), digest);
    let content = Content::Policy {
        action: PolicyAction::Rollback,
        manifest: digest,
        replaces: house.list(acme()).await.state,
        tenant: Some(Name::new("beta").unwrap()),
    };
    let wrong = request(&house.keyring().await, content, HOUR);
    assert_eq!(wrong.requested_by, kid("somebody-else"));
    let failure = house.ask(&wrong).await.unwrap_err();
    assert_eq!(failure.code, Code::PolicyStateConflict, "{failure}");
}
