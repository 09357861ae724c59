//! One request and its answer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use ledger::{BookId, Code, Operation};
use wire::endpoint::OutgoingFrame;
use wire::field;
use wire::frame::{Frame, Header, Kind};
use wire::limits::FRAME_BODY_MAX;
use wire::message::{Answer, Failure, HelloAnswer, HelloRequest, Outcomes, Request, writes};

use crate::connection::{Client, Shared};
use crate::error::{ClientError, Unknown};

impl Client {
    /// Sends a request about `book`, or [`BookId::SYSTEM`] where it is about none, and waits for
    /// its answer. Requests are sent in the order in which these futures are first polled; those
    /// to one book are decided in that order.
    ///
    /// # Errors
    /// Why there is no answer. After [`ClientError::OutcomeUnknown`] send it again with the same
    /// ids.
    pub async fn call(
        &self,
        book: BookId,
        request: &Request,
        deadline: Duration,
    ) -> Result<Answer, ClientError> {
        let header = Header::request(request.operation(), 0, book);
        self.shared.ask(header, request, deadline).await
    }

    /// As [`Client::call`], but the answer waits until a published seal covers what it says. If the
    /// deadline passes before the seal, the outcome of a write is unknown.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn call_sealed(
        &self,
        book: BookId,
        request: &Request,
        deadline: Duration,
    ) -> Result<Answer, ClientError> {
        let header = Header::request(request.operation(), 0, book);
        self.shared.ask(sealed(header), request, deadline).await
    }

    /// Posts transfers whose body was encoded by [`wire::message::encode_post`]: for callers that
    /// prepare requests ahead, or send the same one again.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn post_encoded(
        &self,
        book: BookId,
        body: Bytes,
        deadline: Duration,
    ) -> Result<Outcomes, ClientError> {
        let header = Header::request(Operation::Post, 0, book);
        self.shared.post(header, body, deadline).await
    }

    /// As [`Client::post_encoded`], but the answer waits until a published seal covers what it
    /// says.
    ///
    /// # Errors
    /// As [`Client::call_sealed`].
    pub async fn post_encoded_sealed(
        &self,
        book: BookId,
        body: Bytes,
        deadline: Duration,
    ) -> Result<Outcomes, ClientError> {
        let header = sealed(Header::request(Operation::Post, 0, book));
        self.shared.post(header, body, deadline).await
    }
}

fn sealed(header: Header) -> Header {
    Header {
        kind: Kind::RequestSealed,
        ..header
    }
}

impl Shared {
    pub(crate) async fn hello(&self, request: HelloRequest) -> Result<HelloAnswer, ClientError> {
        let mut body = Vec::new();
        Request::Hello(request).encode(&mut body);
        let header = Header::request(Operation::Hello, 0, BookId::SYSTEM);
        let frame = self.exchange(header, body.into(), self.deadline).await?;
        field::decode(&frame).map_err(|error| unreadable(header.operation, error))
    }

    async fn ask(
        &self,
        header: Header,
        request: &Request,
        deadline: Duration,
    ) -> Result<Answer, ClientError> {
        let operation = header.operation;
        let mut body = Vec::new();
        request.encode(&mut body);
        let frame = self.exchange(header, body.into(), deadline).await?;
        Answer::decode(operation, &frame).map_err(|error| unreadable(operation, error))
    }

    async fn post(
        &self,
        header: Header,
        body: Bytes,
        deadline: Duration,
    ) -> Result<Outcomes, ClientError> {
        let frame = self.exchange(header, body, deadline).await?;
        field::decode(&frame).map_err(|error| unreadable(Operation::Post, error))
    }

    /// Sends a body and gives the body of the answer. `header` lacks its request id and deadline.
    async fn exchange(
        &self,
        header: Header,
        body: Bytes,
        deadline: Duration,
    ) -> Result<Bytes, ClientError> {
        let operation = header.operation;
        if body.len() > FRAME_BODY_MAX {
            return Err(ClientError::TooLarge(body.len()));
        }
        let mut sent = false;
        let exchange = self.send_and_wait(header, body, deadline, &mut sent);
        let frame = match tokio::time::timeout(deadline, exchange).await {
            Ok(Ok(frame)) => frame,
            Ok(Err(why)) if sent && writes(operation) => {
                return Err(unknown(operation, Unknown::Disconnected(why)));
            }
            Ok(Err(why)) => return Err(ClientError::Disconnected(why)),
            Err(_) if sent && writes(operation) => {
                return Err(unknown(operation, Unknown::DeadlinePassed));
            }
            Err(_) => return Err(ClientError::DeadlinePassed),
        };
        read_answer(operation, frame)
    }

    /// `sent` says whether the server may have the request.
    async fn send_and_wait(
        &self,
        header: Header,
        body: Bytes,
        deadline: Duration,
        sent: &mut bool,
    ) -> Result<Frame, String> {
        let permit = self.in_flight.acquire().await;
        let place = self.queue.reserve().await;
        let (Ok(_permit), Ok(place)) = (permit, place) else {
            return Err(self.pending.reason());
        };
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.pending.wait(number)?;
        let request_id = u128::from(self.prefix) << 64 | u128::from(number);
        let header = Header {
            request_id,
            deadline_ms: told(deadline),
            ..header
        };
        *sent = true;
        place.send(OutgoingFrame::new(header, body));
        (&mut waiting.answer)
            .await
            .map_err(|_| self.pending.reason())
    }
}

/// The server is told a little less than the client waits, so that its word that nothing was done
/// can still arrive.
fn told(deadline: Duration) -> u32 {
    let told = deadline - deadline / 8;
    u32::try_from(told.as_millis()).unwrap_or(u32::MAX).max(1)
}

/// The body of an answer, or the failure that stands in its place.
pub(crate) fn read_answer(operation: Operation, frame: Frame) -> Result<Bytes, ClientError> {
    match frame.header.kind {
        Kind::Answer if frame.header.operation == operation => Ok(frame.body),
        Kind::Failure => match field::decode::<Failure>(&frame.body) {
            Ok(failure) if failure.code == Code::OutcomeUnknown => {
                Err(unknown(operation, Unknown::Server(failure)))
            }
            Ok(failure) => Err(ClientError::Refused(failure)),
            Err(error) => Err(unreadable(operation, error)),
        },
        _ => Err(unreadable(
            operation,
            ledger::fields::DecodeError::BadField("kind").into(),
        )),
    }
}

pub(crate) fn unreadable(operation: Operation, error: wire::MessageError) -> ClientError {
    if writes(operation) {
        unknown(operation, Unknown::Unreadable(error))
    } else {
        ClientError::Unreadable(error)
    }
}

fn unknown(operation: Operation, why: Unknown) -> ClientError {
    ClientError::OutcomeUnknown { operation, why }
}
