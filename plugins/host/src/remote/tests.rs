use proptest::prelude::*;

use super::answer::{self, Answer};
use super::call::{self, Call};
use crate::contract::{AccountColumns, Context, Needs, PolicyError, ResourceView, TransferColumns};
use crate::fault::{BadOutput, Fault};
use crate::verdict::{MemberDenial, Verdict};

/// What a call is about, owned.
#[derive(Clone, Debug)]
struct Said {
    texts: [String; 6],
    owned: bool,
    roles: Vec<String>,
    scopes: Vec<Box<str>>,
    attributes: Vec<(Box<str>, Box<str>)>,
    numbers: [u64; 3],
    needs: Needs,
    accounts: AccountColumns,
    batch: TransferColumns,
}

impl Said {
    fn encoded(&self) -> Option<Vec<u8>> {
        let roles: Vec<&str> = self.roles.iter().map(String::as_str).collect();
        let mut out = Vec::new();
        let context = self.context(&roles);
        call::encode(self.needs, &context, &self.accounts, &self.batch, &mut out)
            .ok()
            .map(|()| out)
    }

    fn context<'a>(&'a self, roles: &'a [&'a str]) -> Context<'a> {
        Context {
            operation: &self.texts[0],
            resource: ResourceView {
                kind: &self.texts[1],
                id: &self.texts[2],
                owner: &self.texts[3],
                owned: self.owned,
            },
            tenant: &self.texts[4],
            principal: &self.texts[5],
            roles,
            scopes: &self.scopes,
            attributes: &self.attributes,
            now: self.numbers[0],
            request_id_low: self.numbers[1],
            request_id_high: self.numbers[2],
        }
    }

    /// What arrives: what is needed, and no more.
    fn needed(&self) -> Self {
        let mut needed = self.clone();
        let has = |need| self.needs.contains(need);
        if !has(Needs::TIME) {
            needed.numbers[0] = 0;
        }
        if !has(Needs::REQUEST_ID) {
            needed.numbers[1..].fill(0);
        }
        if !has(Needs::ACCOUNTS) {
            needed.accounts.clear();
        }
        let mut batch = TransferColumns::default();
        if has(Needs::TRANSFERS) {
            batch.debit.clone_from(&self.batch.debit);
            batch.credit.clone_from(&self.batch.credit);
            batch.amount_low.clone_from(&self.batch.amount_low);
            batch.amount_high.clone_from(&self.batch.amount_high);
            batch.asset.clone_from(&self.batch.asset);
            batch.code.clone_from(&self.batch.code);
            batch.flag_bits.clone_from(&self.batch.flag_bits);
        }
        if has(Needs::TRANSFER_IDS) {
            batch.id_low.clone_from(&self.batch.id_low);
            batch.id_high.clone_from(&self.batch.id_high);
        }
        if has(Needs::TRANSFER_DETAILS) {
            batch.timeout.clone_from(&self.batch.timeout);
            batch.effective_at.clone_from(&self.batch.effective_at);
            batch.user_data.clone_from(&self.batch.user_data);
        }
        needed.batch = batch;
        needed
    }
}

fn needs() -> impl Strategy<Value = Needs> {
    let all = [
        Needs::TIME,
        Needs::REQUEST_ID,
        Needs::ACCOUNTS,
        Needs::TRANSFERS,
        Needs::TRANSFER_IDS,
        Needs::TRANSFER_DETAILS,
    ];
    prop::sample::subsequence(all.to_vec(), 0..=6).prop_map(|some| {
        some.into_iter()
            .fold(Needs::default(), |all, one| all | one)
    })
}

fn accounts() -> impl Strategy<Value = AccountColumns> {
    type Row = (u64, u64, u16, u32, u16, u64);
    prop::collection::vec(any::<Row>(), 0..20).prop_map(|rows| {
        let mut columns = AccountColumns::default();
        for (low, high, code, asset, state, tags) in rows {
            columns.id_low.push(low);
            columns.id_high.push(high);
            columns.code.push(code);
            columns.asset.push(asset);
            columns.state_bits.push(state);
            columns.tag_bits.push(tags);
        }
        columns
    })
}

fn batch() -> impl Strategy<Value = TransferColumns> {
    type Row = (
        (u32, u32, u64, u64, u32, u16, u16),
        (u64, u64),
        (u32, u64, u64),
    );
    prop::collection::vec(any::<Row>(), 0..20).prop_map(|rows| {
        let mut columns = TransferColumns::default();
        for (amounts, ids, details) in rows {
            columns.debit.push(amounts.0);
            columns.credit.push(amounts.1);
            columns.amount_low.push(amounts.2);
            columns.amount_high.push(amounts.3);
            columns.asset.push(amounts.4);
            columns.code.push(amounts.5);
            columns.flag_bits.push(amounts.6);
            columns.id_low.push(ids.0);
            columns.id_high.push(ids.1);
            columns.timeout.push(details.0);
            columns.effective_at.push(details.1);
            columns.user_data.push(details.2);
        }
        columns
    })
}

fn said() -> impl Strategy<Value = Said> {
    let text = || "[a-zé]{0,9}";
    let boxed = || text().prop_map(String::into_boxed_str);
    let lists = (
        prop::collection::vec(text(), 0..4),
        prop::collection::vec(boxed(), 0..4),
        prop::collection::vec((boxed(), boxed()), 0..4),
    );
    let texts = [text(), text(), text(), text(), text(), text()];
    (
        texts,
        any::<bool>(),
        lists,
        any::<[u64; 3]>(),
        needs(),
        accounts(),
        batch(),
    )
        .prop_map(
            |(texts, owned, (roles, scopes, attributes), numbers, needs, accounts, batch)| Said {
                texts,
                owned,
                roles,
                scopes,
                attributes,
                numbers,
                needs,
                accounts,
                batch,
            },
        )
}

fn answers() -> impl Strategy<Value = Answer> {
    let denial =
        (any::<u32>(), any::<u16>()).prop_map(|(index, rule)| MemberDenial { index, rule });
    let text = "[a-zé]{0,40}";
    prop_oneof![
        Just(Ok(Verdict::Allow)),
        prop::collection::vec(denial, 0..30).prop_map(|list| Ok(Verdict::AllowExcept(list))),
        any::<u16>().prop_map(|rule| Ok(Verdict::Deny(rule))),
        Just(Err(Fault::Trapped)),
        Just(Err(Fault::TimedOut)),
        Just(Err(Fault::OutOfMemory)),
        Just(Err(Fault::BadOutput(BadOutput::Malformed))),
        Just(Err(Fault::BadOutput(BadOutput::Empty))),
        any::<u32>().prop_map(|at| Err(Fault::BadOutput(BadOutput::OutOfRange(at)))),
        any::<u32>().prop_map(|at| Err(Fault::BadOutput(BadOutput::NotRising(at)))),
        any::<u16>().prop_map(|rule| Err(Fault::BadOutput(BadOutput::UnknownRule(rule)))),
        Just(Err(Fault::BreakerOpen)),
        text.prop_map(|text| Err(Fault::Failed(PolicyError::BadConfig(text)))),
        text.prop_map(|text| Err(Fault::Failed(PolicyError::Unsupported(text)))),
        text.prop_map(|text| Err(Fault::Failed(PolicyError::Internal(text)))),
        Just(Err(Fault::Unavailable)),
    ]
}

proptest! {
    /// What arrives is what is needed, whole and in no other spelling, in a call that was used
    /// before too.
    #[test]
    fn calls_read_back(said in said(), before in said()) {
        let bytes = said.encoded().unwrap();
        let mut call = Call::default();
        call.read(&before.encoded().unwrap()).unwrap();
        call.read(&bytes).unwrap();
        let needed = said.needed();
        let roles: Vec<&str> = needed.roles.iter().map(String::as_str).collect();
        call.pass(|context, accounts, batch| {
            assert_eq!(context, &needed.context(&roles));
            assert_eq!(accounts, &needed.accounts);
            assert_eq!(batch, &needed.batch);
        });
        let longer = [bytes.as_slice(), &[0]].concat();
        prop_assert!(Call::default().read(&longer).is_err());
        for cut in 0..bytes.len() {
            prop_assert!(Call::default().read(&bytes[..cut]).is_err());
        }
    }

    /// A host cannot be broken by a call, whatever is changed in it.
    #[test]
    fn changed_calls_are_refused_or_have_rows_of_one_length(
        said in said(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = said.encoded().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let mut call = Call::default();
        if call.read(&bytes).is_ok() {
            call.pass(|_, accounts, batch| {
                assert!(accounts.is_even());
                let is_of_one_length = |lengths: &[usize]| {
                    lengths.iter().all(|n| *n == 0) || lengths.iter().all(|n| *n == batch.len())
                };
                assert!(is_of_one_length(&[
                    batch.debit.len(),
                    batch.credit.len(),
                    batch.amount_low.len(),
                    batch.amount_high.len(),
                    batch.asset.len(),
                    batch.code.len(),
                    batch.flag_bits.len(),
                ]));
                assert!(is_of_one_length(&[batch.id_low.len(), batch.id_high.len()]));
                let (dates, numbers) = (batch.effective_at.len(), batch.user_data.len());
                assert!(is_of_one_length(&[batch.timeout.len(), dates, numbers]));
            });
        }
    }

    #[test]
    fn answers_read_back(answer in answers(), flip in any::<prop::sample::Index>()) {
        let mut bytes = Vec::new();
        answer::encode(&answer, &mut bytes);
        prop_assert_eq!(answer::decode(&bytes).unwrap(), answer);
        let longer = [bytes.as_slice(), &[0]].concat();
        prop_assert!(answer::decode(&longer).is_err());
        for cut in 0..bytes.len() {
            prop_assert!(answer::decode(&bytes[..cut]).is_err());
        }
        // Whatever is accepted has one encoding.
        let at = flip.index(bytes.len());
        bytes[at] ^= 1 << (at % 8);
        if let Ok(read) = answer::decode(&bytes) {
            let mut again = Vec::new();
            answer::encode(&read, &mut again);
            prop_assert_eq!(again, bytes);
        }
    }
}

#[test]
fn what_is_not_of_one_length_is_not_written() {
    let uneven_accounts = AccountColumns {
        id_low: vec![1],
        ..AccountColumns::default()
    };
    let uneven_batch = TransferColumns {
        amount_low: vec![1],
        ..TransferColumns::default()
    };
    let long = "x".repeat(70_000);
    let context = |operation| Context {
        operation,
        resource: ResourceView {
            kind: "",
            id: "",
            owner: "",
            owned: false,
        },
        tenant: "",
        principal: "",
        roles: &[],
        scopes: &[],
        attributes: &[],
        now: 0,
        request_id_low: 0,
        request_id_high: 0,
    };
    let (no_accounts, no_batch) = (AccountColumns::default(), TransferColumns::default());
    let table = [
        (Needs::ACCOUNTS, "post", &uneven_accounts, &no_batch, false),
        (Needs::TRANSFERS, "post", &no_accounts, &uneven_batch, false),
        (
            Needs::default(),
            "post",
            &uneven_accounts,
            &uneven_batch,
            true,
        ),
        (Needs::default(), &long, &no_accounts, &no_batch, false),
    ];
    for (needs, operation, accounts, batch, is_written) in table {
        let mut out = Vec::new();
        let written = call::encode(needs, &context(operation), accounts, batch, &mut out);
        assert_eq!(written.is_ok(), is_written, "{needs:?}");
    }
}
