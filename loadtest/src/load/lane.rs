//! One request after the other.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use client::Client;
use wire::message::Outcomes;

use super::feed::{Batch, Feed};
use super::{Posted, Shared};
use crate::outcome::Outcome;
use crate::session::{DEADLINE, retry_after};

/// Sends batches one after the other until there are no more.
pub(super) async fn run(
    shared: Rc<Shared>,
    feed: Rc<RefCell<Feed>>,
    client: Client,
) -> Outcome<()> {
    while let Some(meant) = shared.pace.next().await {
        let count = shared.take();
        if count == 0 {
            return Ok(());
        }
        let batch = feed.borrow_mut().next(count);
        let outcomes = send(&shared, &client, &batch).await?;
        let now = Instant::now();
        shared.latency.borrow_mut().add(now - meant);
        shared.last_answer.set(now);
        shared.observe(&Posted {
            book: shared.books[batch.book],
            transfers: count,
            outcomes: &outcomes,
            meant,
            answered: now,
        });
        feed.borrow_mut().decided(batch.number, &outcomes);
    }
    Ok(())
}

/// Sends the same bytes until there is an answer, for as long as that may change anything.
async fn send(shared: &Shared, client: &Client, batch: &Batch) -> Outcome<Outcomes> {
    let limit = Instant::now() + 2 * DEADLINE;
    let book = shared.books[batch.book];
    loop {
        let error = match client
            .post_encoded(book, batch.body.clone(), DEADLINE)
            .await
        {
            Ok(outcomes) => return Ok(outcomes),
            Err(error) => error,
        };
        match retry_after(&error) {
            Some(after) if Instant::now() + after < limit => {
                *shared.retries.borrow_mut().entry(error.code()).or_default() += 1;
                tokio::time::sleep(after).await;
            }
            _ => return Err(error.into()),
        }
    }
}
