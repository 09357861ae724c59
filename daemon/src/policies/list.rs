//! What policies there are, for whoever asks.

use std::collections::BTreeSet;

use actors::PoliciesFound;
use ledger::Digest;
use verify::policy::{InForce, Scope};
use wire::message as m;
use wire::{LongBlob, Text};

use super::place::Placed;
use super::rollout::Rollout;
use super::store::Held;

/// The policies of a scope in the order in which they are asked, then what was before them, then
/// candidates.
pub(super) fn answer(
    rollout: &Rollout,
    scope: &Scope,
    found: Option<&PoliciesFound>,
    wanted: Digest,
) -> m::PolicyList {
    let mut rows = Vec::new();
    let mut named = BTreeSet::new();
    if scope.is_none() {
        rows.extend(shipped(rollout));
    }
    if let Some(PoliciesFound { book, .. }) = found {
        for in_force in book.in_force(scope) {
            rows.push(active(rollout, scope, in_force));
            named.insert(in_force.digest);
        }
        for in_force in book.in_force(scope) {
            let name = &in_force.signed.manifest.name;
            if let Some(previous) = book.previous(scope, name) {
                rows.push(previous_row(rollout, previous));
                named.insert(previous.digest);
            }
        }
    }
    for held in rollout.store.manifests(scope) {
        if !named.contains(&held.digest) {
            let shadow = rollout.shadow_report(held.digest);
            rows.push(m::PolicyRow {
                shadow,
                ..row(&held, m::PolicyStanding::Candidate)
            });
        }
    }
    rows.truncate(wire::limits::POLICY_ROWS_MAX);
    let manifest = rollout.store.manifest(wanted);
    let manifest = manifest.filter(|held| held.signed.manifest.tenant == *scope);
    let manifest = manifest.and_then(|held| held.signed.encode().ok());
    let state = found.map_or(Digest::ZERO, |found| found.book.state(scope));
    m::PolicyList {
        policy_set: rollout.authority.policy_set(),
        state,
        rows,
        manifest: manifest.and_then(LongBlob::new).unwrap_or_default(),
    }
}

/// What came with the daemon and nothing has taken the place of.
fn shipped(rollout: &Rollout) -> Vec<m::PolicyRow> {
    let active = rollout.active.read();
    let rows = active.all().filter_map(|(scope, name, placed)| {
        let is_shipped = scope.is_none()
            && active.shipped().iter().any(|one| {
                let (one, other) = (&one.seat, &placed.seat);
                std::sync::Arc::ptr_eq(one, other)
            });
        is_shipped.then(|| m::PolicyRow {
            name: Text::cut(name),
            standing: m::PolicyStanding::Shipped,
            manifest: Digest::ZERO,
            component: placed.seat.id().digest,
            signer_kid: Text::default(),
            row: 0,
            held: 0,
            whole: true,
            breaker: breaker(placed),
            problem: Text::default(),
            shadow: None,
        })
    });
    rows.collect()
}

fn active(rollout: &Rollout, scope: &Scope, in_force: &InForce) -> m::PolicyRow {
    let mut row = of_book(rollout, in_force, m::PolicyStanding::Active);
    let active = rollout.active.read();
    if let Some(in_use) = active.get(scope, &in_force.signed.manifest.name) {
        row.breaker = breaker(&in_use.placed);
        row.problem = Text::cut(in_use.problem.as_deref().unwrap_or_default());
    }
    row
}

fn previous_row(rollout: &Rollout, previous: &InForce) -> m::PolicyRow {
    m::PolicyRow {
        shadow: rollout.shadow_report(previous.digest),
        ..of_book(rollout, previous, m::PolicyStanding::Previous)
    }
}

fn of_book(rollout: &Rollout, in_force: &InForce, standing: m::PolicyStanding) -> m::PolicyRow {
    let held = rollout.store.manifest(in_force.digest);
    let held = held.unwrap_or_else(|| Held {
        digest: in_force.digest,
        signed: in_force.signed.clone(),
        held: 0,
        is_whole: false,
    });
    m::PolicyRow {
        row: in_force.row,
        ..row(&held, standing)
    }
}

fn row(held: &Held, standing: m::PolicyStanding) -> m::PolicyRow {
    m::PolicyRow {
        name: Text::cut(held.signed.manifest.name.as_str()),
        standing,
        manifest: held.digest,
        component: held.signed.manifest.component,
        signer_kid: Text::cut(held.signed.kid.as_str()),
        row: 0,
        held: held.held,
        whole: held.is_whole,
        breaker: m::BreakerStanding::Closed,
        problem: Text::default(),
        shadow: None,
    }
}

fn breaker(placed: &Placed) -> m::BreakerStanding {
    if placed.is_breaker_open() {
        m::BreakerStanding::Open
    } else {
        m::BreakerStanding::Closed
    }
}
