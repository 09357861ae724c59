//! The events of a book as they come.

use ledger::{BookId, Event, Seq};
use wire::message::EventBatch;

use crate::args::TailArgs;
use crate::assets::Assets;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::output::note;
use crate::session::Session;
use crate::view::event::EventView;

pub(super) async fn run(session: &Session, args: &TailArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let from = match args.from {
        Some(seq) => seq,
        None => session.client.totals(book).await?.events,
    };
    let mut tail = Tail {
        session,
        assets: session.assets().await?,
        next: from,
        left: args.count.unwrap_or(u64::MAX),
    };
    let followed = tail.follow(book).await;
    if followed.is_err() {
        note(format_args!("go on with `--from {}`", tail.next));
    }
    followed.map(|()| Exit::Success)
}

struct Tail<'a> {
    session: &'a Session,
    assets: Assets,
    /// Sequence of the first event that was not shown.
    next: u64,
    left: u64,
}

impl Tail<'_> {
    async fn follow(&mut self, book: BookId) -> Result<(), Fault> {
        let client = &self.session.client;
        let mut subscription = client.subscribe(book, Seq(self.next)).await?;
        while self.left > 0 {
            match subscription.next().await? {
                Some(batch) => self.show(&batch).await?,
                None => break,
            }
        }
        Ok(())
    }

    async fn show(&mut self, batch: &EventBatch) -> Result<(), Fault> {
        for record in batch.records.iter() {
            if self.left == 0 {
                break;
            }
            let event = Event::decode(record)
                .map_err(|error| client::ClientError::Unreadable(error.into()))?;
            let height = batch.height.0;
            let view = match EventView::of(&event, height, &self.assets) {
                Ok(view) => view,
                // The asset may have been made since.
                Err(_) => {
                    self.assets = self.session.assets().await?;
                    EventView::of(&event, height, &self.assets)?
                }
            };
            self.session.output.line(&view)?;
            self.next = event.seq().0 + 1;
            self.left -= 1;
        }
        Ok(())
    }
}
