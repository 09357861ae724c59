//! The events of a book, endlessly.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ledger::{BookId, Operation, Seq};
use wire::endpoint::{FrameReader, FrameWriter, ReadError, WriteError};
use wire::field;
use wire::frame::{Frame, Header, Kind};
use wire::message::{EventBatch, Failure, Request, Subscribe, Subscribed};

use crate::call::{read_answer, unreadable};
use crate::connection::Shared;
use crate::error::ClientError;

/// Events of a book in order and without gap. Not reading holds the server back; dropping it ends
/// the subscription.
#[derive(Debug)]
pub struct Subscription {
    reader: FrameReader,
    writer: FrameWriter,
    header: Header,
    answer: Subscribed,
    next: Seq,
    /// Keeps the connection.
    shared: Arc<Shared>,
}

impl Subscription {
    pub(crate) async fn open(
        shared: &Arc<Shared>,
        book: BookId,
        request: Subscribe,
    ) -> Result<Self, ClientError> {
        let streams = shared.connection.open_stream().await;
        let (mut reader, mut writer) =
            streams.map_err(|error| ClientError::Disconnected(error.to_string()))?;
        let number = shared.next_number.fetch_add(1, Ordering::Relaxed);
        let request_id = u128::from(shared.prefix) << 64 | u128::from(number);
        let header = Header::request(Operation::Subscribe, request_id, book);
        writer.push(header, |out| Request::Subscribe(request).encode(out));
        writer.flush().await.map_err(not_written)?;
        let frame = next_frame(&mut reader, shared).await?;
        let body = read_answer(Operation::Subscribe, frame)?;
        let answer =
            field::decode(&body).map_err(|error| unreadable(Operation::Subscribe, error))?;
        Ok(Self {
            reader,
            writer,
            header,
            answer,
            next: request.from,
            shared: shared.clone(),
        })
    }

    /// How the book stood when the subscription began.
    pub fn began_at(&self) -> Subscribed {
        self.answer
    }

    /// Sequence of the first event that has not been given yet: where to go on after a loss.
    pub fn next_seq(&self) -> Seq {
        self.next
    }

    /// The next events; waits for them. `None` once the subscription has ended: it was cancelled,
    /// or the server stops.
    ///
    /// # Errors
    /// The server ended it, the connection is gone, or events are missing. A new subscription from
    /// [`Subscription::next_seq`] goes on where this one stopped.
    pub async fn next(&mut self) -> Result<Option<EventBatch>, ClientError> {
        let frame = next_frame(&mut self.reader, &self.shared).await?;
        match frame.header.kind {
            Kind::Events => {
                let batch: EventBatch = field::decode(&frame.body)
                    .map_err(|error| unreadable(Operation::Subscribe, error))?;
                if batch.first_seq != self.next {
                    return Err(ClientError::Unexpected("events with a gap before them"));
                }
                self.next = Seq(self.next.0 + batch.records.iter().count() as u64);
                Ok(Some(batch))
            }
            Kind::End => Ok(None),
            Kind::Failure => match field::decode::<Failure>(&frame.body) {
                Ok(failure) => Err(ClientError::Refused(failure)),
                Err(error) => Err(unreadable(Operation::Subscribe, error)),
            },
            _ => Err(ClientError::Unexpected("another frame among events")),
        }
    }

    /// Asks the server to end the subscription: events on their way still come, then `None`.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn cancel(&mut self) -> Result<(), ClientError> {
        let header = Header {
            kind: Kind::Cancel,
            ..self.header
        };
        self.writer.push(header, |_| {});
        self.writer.flush().await.map_err(not_written)?;
        self.writer.finish();
        Ok(())
    }
}

async fn next_frame(reader: &mut FrameReader, shared: &Shared) -> Result<Frame, ClientError> {
    let lost = match reader.next().await {
        Ok(Some(frame)) => return Ok(frame),
        Ok(None) => "server ended the stream".to_owned(),
        Err(ReadError::Lost(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    // Where the connection is lost, who noticed first has kept why.
    let why = shared.pending.reason();
    Err(ClientError::Disconnected(if why.is_empty() {
        lost
    } else {
        why
    }))
}

fn not_written(error: WriteError) -> ClientError {
    ClientError::Disconnected(error.to_string())
}
