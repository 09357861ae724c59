//! Answers held against records: what was acked stands exactly once, and nothing else does.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use ledger::event::TransferPosted;
use ledger::{Code, Transfer};

use super::request::{Body, Item, Request};
use super::witness::{Violations, Witness};

/// What was asked and answered about one id.
#[derive(Debug, Default)]
struct About {
    /// Requests that asked for it, by place in the log, with the index of the item.
    asked: Vec<(usize, usize)>,
    /// How often it was answered that it was created.
    created: u32,
    /// Whether a request that asked for it was ever left open.
    was_lost: bool,
}

/// Holds every answer of a round against the records of the books.
pub(super) fn check(requests: &[Request], books: &[Witness], violations: &mut Violations) {
    for (at, witness) in books.iter().enumerate() {
        let about = collect(requests, at);
        for record in &witness.new_transfers {
            check_record(
                record,
                about.get(&record.id.0),
                requests,
                witness,
                violations,
            );
        }
        let records: HashMap<u128, &TransferPosted> = witness
            .new_transfers
            .iter()
            .map(|record| (record.id.0, record))
            .collect();
        for request in requests.iter().filter(|request| request.book == at) {
            check_answers(request, &records, witness, violations);
        }
        check_accounts(requests, at, witness, violations);
    }
}

fn collect(requests: &[Request], book: usize) -> HashMap<u128, About> {
    let mut about: HashMap<u128, About> = HashMap::new();
    for (at, request) in requests
        .iter()
        .enumerate()
        .filter(|(_, each)| each.book == book)
    {
        for (index, transfer) in request.transfers().iter().enumerate() {
            let entry = about.entry(transfer.id.0).or_default();
            entry.asked.push((at, index));
            entry.was_lost |= request.was_lost;
        }
        for (index, item) in request.items() {
            if let (Code::Created, Some(transfer)) = (item.code, request.transfers().get(index)) {
                about.entry(transfer.id.0).or_default().created += 1;
            }
        }
    }
    about
}

/// Each new record was asked for, with these very fields, and was created once.
fn check_record(
    record: &TransferPosted,
    about: Option<&About>,
    requests: &[Request],
    witness: &Witness,
    violations: &mut Violations,
) {
    let (book, seq, id) = (witness.book, record.seq, record.id);
    let Some(about) = about else {
        violations.add(|| format!("book {book}, event {seq}: nobody asked for transfer {id}"));
        return;
    };
    let mut fitting = about.asked.iter().filter(|(at, index)| {
        let request = &requests[*at];
        let has_note = !request.reference(*index).is_empty();
        fits(record, &request.transfers()[*index], has_note)
    });
    let Some((at, index)) = fitting.next() else {
        violations.add(|| format!("book {book}, event {seq}: nobody asked for it like this"));
        return;
    };
    if about.created > 1 {
        let times = about.created;
        violations.add(|| format!("book {book}: transfer {id} was created {times} times"));
    }
    if about.created == 0 && !about.was_lost {
        violations.add(|| format!("book {book}: transfer {id} stands though it was refused"));
    }
    // All members of an entry set stand, one after the other.
    if let Some(next) = requests[*at].next_in_set(*index)
        && witness.truth.seq_of(next) != Some(seq.0 + 1)
    {
        violations.add(|| format!("book {book}: the set of transfer {id} stands in part"));
    }
}

fn fits(record: &TransferPosted, asked: &Transfer, has_note: bool) -> bool {
    record.flags == asked.flags
        && record.code == asked.code
        && record.timeout == asked.timeout
        && record.debit == asked.debit
        && record.credit == asked.credit
        && record.requested == asked.amount
        && record.target == asked.target
        && record.user_data == asked.user_data
        && record.commitments.is_some() == has_note
        && record.effective_at == record.posted_at
}

/// Each answer says what the records say.
fn check_answers(
    request: &Request,
    records: &HashMap<u128, &TransferPosted>,
    witness: &Witness,
    violations: &mut Violations,
) {
    let book = witness.book;
    if request.transfers().is_empty() {
        return;
    }
    for answer in &request.answers {
        if answer.count() != request.len() {
            violations.add(|| format!("book {book}: an answer with another number of items"));
        }
    }
    for (index, Item { code, seq }) in request.items() {
        let Some(asked) = request.transfers().get(index) else {
            continue;
        };
        let id = asked.id.0;
        let known = code.number() / 100 == Code::Exists.number() / 100;
        if code != Code::Created && !known {
            continue;
        }
        let stands = witness.truth.seq_of(id);
        if stands.is_none() || stands != seq.map(|seq| seq.0) {
            let stands = stands.map_or("nowhere".to_owned(), |seq| format!("at {seq}"));
            violations.add(|| {
                let seq = seq.map_or(0, |seq| seq.0);
                format!("book {book}: transfer {id} answered `{code}` at {seq} stands {stands}")
            });
        }
        let has_note = !request.reference(index).is_empty();
        let same = records
            .get(&id)
            .is_none_or(|record| fits(record, asked, has_note));
        if same != code.is_posted() && records.contains_key(&id) {
            violations.add(|| format!("book {book}: transfer {id} answered `{code}` wrongly"));
        }
    }
}

/// Every account that was acked stands, and no other.
fn check_accounts(
    requests: &[Request],
    book: usize,
    witness: &Witness,
    violations: &mut Violations,
) {
    let mut asked = std::collections::HashSet::new();
    for request in requests.iter().filter(|request| request.book == book) {
        let Body::Accounts(accounts) = &request.body else {
            continue;
        };
        asked.extend(accounts.iter().map(|account| account.id));
        for (index, item) in request.items() {
            let Some(account) = accounts.get(index) else {
                continue;
            };
            if item.code.is_posted() && !witness.truth.accounts().contains_key(&account.id.0) {
                let (book, id) = (witness.book, account.id);
                violations.add(|| format!("book {book}: account {id} was acked and is gone"));
            }
        }
    }
    for account in witness
        .new_accounts
        .iter()
        .filter(|account| !asked.contains(&account.id))
    {
        let (book, id) = (witness.book, account.id);
        violations.add(|| format!("book {book}: nobody asked for account {id}"));
    }
}
