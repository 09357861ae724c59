//! What a tenant is told, without what two daemons never agree on: times, digests over them, and
//! the heights at which the platform's registry stands.

use client::{Client, ClientError};
use ledger::{BookId, Event, Seq};
use wire::message::{Answer, Request};

use super::request::{Asked, What};
use crate::harness::PATIENCE;

/// Asks, and gives the answer as text, with whether it is a denial.
pub(super) async fn told(client: &Client, asked: &Asked) -> (String, bool) {
    let answered = match &asked.what {
        What::Request(Request::Subscribe(subscribe)) => {
            events(client, asked.book, subscribe.from).await
        }
        What::Request(request) => {
            let answer = client.call(asked.book, request, PATIENCE).await;
            answer.map(|answer| shown(&answer))
        }
        What::Bytes(bytes) => {
            let body = bytes.clone().into();
            let outcomes = client.post_encoded(asked.book, body, PATIENCE).await;
            outcomes.map(|outcomes| format!("{outcomes:?}"))
        }
    };
    match answered {
        Ok(text) => (masked(&text), false),
        Err(ClientError::Refused(failure)) => {
            (masked(&format!("{failure:?}")), failure.code.is_denial())
        }
        Err(error) => panic!("{asked:?}: {error}"),
    }
}

/// The registry is the platform's, and every denial of what is nobody's own is recorded there.
fn shown(answer: &Answer) -> String {
    match answer {
        Answer::ListBooks(list) => format!("{:?} {}", list.rows, list.next),
        Answer::ListAssets(list) => format!("{:?} {}", list.rows, list.next),
        answer => format!("{answer:?}"),
    }
}

async fn events(client: &Client, book: BookId, from: Seq) -> Result<String, ClientError> {
    let mut subscription = client.subscribe(book, from).await?;
    let began = subscription.began_at();
    let mut text = format!("{began:?}");
    while subscription.next_seq().0 < began.events {
        let Some(batch) = subscription.next().await? else {
            break;
        };
        for record in batch.records.iter() {
            text += &format!("{:?}", Event::decode(record).unwrap());
        }
    }
    subscription.cancel().await?;
    Ok(text)
}

/// The text with every time and every digest replaced.
fn masked(text: &str) -> String {
    const DIGEST: usize = 64;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let hex = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if let Some(after) = rest.strip_prefix("Nanos(") {
            out += "Nanos(_";
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        } else if hex >= DIGEST {
            out += "#";
            rest = &rest[hex..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[test]
fn times_and_digests_are_masked_and_nothing_else() {
    let digest = "ab".repeat(32);
    let text = format!("Row {{ at: Nanos(17), id: TransferId(17), of: {digest}, ab: 1 }}");
    let want = "Row { at: Nanos(_), id: TransferId(17), of: #, ab: 1 }";
    assert_eq!(masked(&text), want);
}
