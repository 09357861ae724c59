//! Seeds of the internal plane of policies.

use ledger::Digest;
use plugins_host::contract::ResourceView;
use plugins_host::remote::{answer, call};
use plugins_host::{AccountColumns, Context, Fault, MemberDenial, Needs, TransferColumns, Verdict};
use wire::field::Field;
use wire::frame::encode_frame;
use wire::policy::{Chunk, Echo, Header, Kind, Load, Loaded, Refused, Rule, Turned, Want};
use wire::{LongBlob, Text};

use super::write;

pub(crate) fn write_all() {
    let mut frames = Vec::new();
    for (kind, body) in [(Kind::Ping, &[][..]), (Kind::Evaluate, &[7; 80])] {
        encode_frame(Header::new(kind, 9), &mut frames, |out| {
            out.extend_from_slice(body);
        });
    }
    seed("frames", 0, &frames);
    let (policy, component) = (Digest([1; 32]), Digest([2; 32]));
    message("load", 1, &load(component));
    let bytes = LongBlob::new(vec![5; 40]).unwrap();
    let (at, part) = (
        40,
        Chunk {
            component,
            at: 40,
            bytes,
        },
    );
    message("chunk", 2, &part);
    message("want", 3, &Want { component, at });
    message("loaded", 4, &loaded(policy));
    let refused = Refused {
        policy,
        is_retryable: true,
        reason: Text::cut("no room"),
    };
    message("refused", 5, &refused);
    let is_open = true;
    message("turned", 6, &Turned { policy, is_open });
    for (name, needs) in [
        ("nothing", Needs::default()),
        ("amounts", Needs::TRANSFERS | Needs::TIME),
        ("accounts", Needs::TRANSFERS | Needs::ACCOUNTS),
        ("ids", Needs::TRANSFER_IDS | Needs::REQUEST_ID),
        ("details", Needs::TRANSFER_DETAILS),
    ] {
        seed(&format!("call-{name}"), 7, &evaluation(needs));
    }
    let denials = [(0, 3), (7, 4)].map(|(index, rule)| MemberDenial { index, rule });
    for (name, answer) in [
        ("allow", Ok(Verdict::Allow)),
        ("except", Ok(Verdict::AllowExcept(denials.to_vec()))),
        ("deny", Ok(Verdict::Deny(2))),
        ("trapped", Err(Fault::Trapped)),
    ] {
        let mut body = echo();
        answer::encode(&answer, &mut body);
        seed(&format!("answer-{name}"), 8, &body);
    }
    // The smallest component.
    seed("component", 9, b"\0asm\x0d\0\x01\0");
}

fn message<T: Field>(name: &str, kind: u8, message: &T) {
    let mut body = Vec::new();
    message.put(&mut body);
    seed(name, kind, &body);
}

fn seed(name: &str, kind: u8, rest: &[u8]) {
    write("policy", name, &[&[kind], rest].concat());
}

fn load(component: Digest) -> Load {
    Load {
        manifest: Digest::ZERO,
        component,
        component_bytes: 80,
        name: Text::cut("limits"),
        config: LongBlob::new(b"{}".to_vec()).unwrap(),
        config_version: Some(1),
        cases: Some(LongBlob::new(b"[]".to_vec()).unwrap()),
        memory_bytes: 1 << 20,
        base_micros: 5_000,
        per_transfer_nanos: 1_000,
    }
}

fn loaded(policy: Digest) -> Loaded {
    Loaded {
        policy,
        needs: 12,
        rules: vec![Rule {
            rule: 3,
            name: Text::cut("amount"),
            doc: Text::cut("an amount is too large"),
        }],
    }
}

fn echo() -> Vec<u8> {
    let mut body = Vec::new();
    let echo = Echo {
        policy: Digest([1; 32]),
        request: Digest([3; 32]),
    };
    echo.put(&mut body);
    body
}

fn evaluation(needs: Needs) -> Vec<u8> {
    let context = Context {
        operation: "post",
        resource: ResourceView {
            kind: "book",
            id: "7",
            owner: "acme",
            owned: true,
        },
        tenant: "acme",
        principal: "spiffe://bank.test/tenant/acme/role/write",
        roles: &["write"],
        scopes: &["operator:cross-tenant-read".into()],
        attributes: &[("plan".into(), "gold".into())],
        now: 1_800_000_000_000_000_000,
        request_id_low: 5,
        request_id_high: 6,
    };
    let accounts = AccountColumns {
        id_low: vec![1, 2],
        id_high: vec![0, 0],
        code: vec![7, 8],
        asset: vec![1, 1],
        state_bits: vec![0, 1],
        tag_bits: vec![0, 9],
    };
    let batch = TransferColumns {
        debit: vec![0, 1],
        credit: vec![1, 0],
        amount_low: vec![10, 20],
        amount_high: vec![0, 0],
        asset: vec![0, 1],
        code: vec![1, 2],
        flag_bits: vec![0, 4],
        id_low: vec![100, 101],
        id_high: vec![0, 1],
        timeout: vec![0, 60],
        effective_at: vec![0, 1],
        user_data: vec![0, 77],
    };
    let mut body = echo();
    call::encode(needs, &context, &accounts, &batch, &mut body).unwrap();
    body
}
