//! Requests in flight: sent in order, answers taken in the same order.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Requests that were sent and whose answers were not taken yet, each with what belongs to it.
pub(crate) struct Flight<'a, M, T> {
    waiting: VecDeque<(M, Answer<'a, T>)>,
}

enum Answer<'a, T> {
    Pending(Pin<Box<dyn Future<Output = T> + 'a>>),
    Here(T),
}

impl<'a, M, T> Flight<'a, M, T> {
    /// Nothing in flight.
    pub(crate) fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
        }
    }

    /// How many are in flight.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Sends a request: a client sends when its future is first polled, which happens here and so
    /// in the order of calls.
    pub(crate) async fn push(&mut self, belongings: M, request: impl Future<Output = T> + 'a) {
        let mut request: Pin<Box<dyn Future<Output = T> + 'a>> = Box::pin(request);
        let answer = poll_fn(|context| Poll::Ready(request.as_mut().poll(context))).await;
        let answer = match answer {
            Poll::Ready(answer) => Answer::Here(answer),
            Poll::Pending => Answer::Pending(request),
        };
        self.waiting.push_back((belongings, answer));
    }

    /// Waits for the answer to the oldest request.
    pub(crate) async fn pop(&mut self) -> Option<(M, T)> {
        let (belongings, answer) = self.waiting.pop_front()?;
        let answer = match answer {
            Answer::Here(answer) => answer,
            Answer::Pending(request) => request.await,
        };
        Some((belongings, answer))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn requests_are_sent_and_answered_in_order() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let sent = RefCell::new(Vec::new());
        let request = async |number: u32| {
            sent.borrow_mut().push(number);
            // The later ones are answered first.
            for _ in number..4 {
                tokio::task::yield_now().await;
            }
            number * 10
        };
        runtime.block_on(async {
            let mut flight = Flight::new();
            for number in 1..=4 {
                flight.push(number, request(number)).await;
            }
            assert_eq!(*sent.borrow(), [1, 2, 3, 4]);
            assert_eq!(flight.len(), 4);
            for number in 1..=4 {
                assert_eq!(flight.pop().await, Some((number, number * 10)));
            }
            assert_eq!(flight.pop().await, None);
        });
    }
}
